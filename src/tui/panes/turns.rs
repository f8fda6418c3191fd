//! The server's loop in figures.

use crate::tui::frame::TrackView;
use crate::tui::theme::Role;
use crate::units::{
    show_count, show_percent, show_short, show_size, show_time,
};
use crate::view::{BRIEF, Shares};
use ratatui::text::{Line, Span};
use std::time::Duration;

/// The label's column.
const LABEL: usize = 15;

/// A share that deserves an explanation.
const WEIGHS: f32 = 0.05;
/// When CPU time is known, if it ever is.
const CPU_KNOWN: Duration = Duration::from_secs(2);

/// With so many rows there is one for each figure.
const ROOMY: usize = 10;

pub(super) fn lines<'a>(
    shown: &TrackView<'a>,
    width: usize,
    height: usize,
) -> Vec<Line<'a>> {
    let mut lines = vec![bar(shown, width), shares(shown, width)];
    if height < ROOMY {
        lines.extend(dense(shown, width));
    } else {
        lines.extend(brief(shown));
        lines.extend(roomy(shown, width));
    }
    lines
}

/// A share of the last second.
pub(in crate::tui) struct Part {
    word: &'static str,
    pub(in crate::tui) role: Role,
    /// From 0 to 1.
    pub(in crate::tui) share: f32,
}

impl Part {
    pub(in crate::tui) fn words(&self) -> String {
        format!("{} {}", self.word, show_percent(self.share.into()))
    }
}

/// All shares, in the order of the glyphs for them.
pub(in crate::tui) const fn parts(shares: &Shares) -> [Part; 5] {
    const fn part(word: &'static str, role: Role, share: f32) -> Part {
        Part { word, role, share }
    }
    [
        part("asleep", Role::Asleep, shares.asleep),
        part("brief calls", Role::Working, shares.brief),
        part("working", Role::Working, shares.working),
        part("spinning", Role::Spinning, shares.spinning),
        part("paused", Role::Badge, shares.paused),
    ]
}

/// How the last second was spent, as a bar.
fn bar<'a>(shown: &TrackView<'a>, width: usize) -> Line<'a> {
    let glyphs = shown.look().glyphs.shares;
    let mut spans = Vec::new();
    let (mut sum, mut drawn) = (0.0, 0);
    for (part, glyph) in parts(&shown.view.turns.shares).iter().zip(glyphs) {
        sum += part.share;
        let end = cells(sum, width);
        let cells = end.saturating_sub(drawn);
        spans.push(shown.say(part.role, glyph.repeat(cells)));
        drawn += cells;
    }
    Line::from(spans)
}

/// So much of a width.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a screen's width"
)]
fn cells(share: f32, width: usize) -> usize {
    ((share.clamp(0.0, 1.0) * width as f32).round() as usize).min(width)
}

fn shares<'a>(shown: &TrackView<'a>, width: usize) -> Line<'a> {
    let mut parts = parts(&shown.view.turns.shares);
    // The greatest first: what does not fit is of no weight.
    parts.sort_by(|a, b| b.share.total_cmp(&a.share));
    let told = parts.iter().filter(|part| part.share > 0.0);
    let mut line = Line::default();
    for part in told {
        let words = part.words();
        if line.width() + words.chars().count() > width {
            break;
        }
        line.push_span(shown.say(part.role, words + "  "));
    }
    line
}

/// What brief calls are, where they weigh.
fn brief<'a>(shown: &TrackView<'a>) -> Option<Line<'a>> {
    let words = format!("brief: under {}, asleep or not", show_time(BRIEF));
    let weighs = shown.view.turns.shares.brief >= WEIGHS;
    weighs.then(|| shown.say(Role::Dim, words).into())
}

/// Two figures a row, the most telling first.
fn dense<'a>(shown: &TrackView<'a>, width: usize) -> Vec<Line<'a>> {
    let figures = &shown.view.figures;
    let wakes = shown.view.wake_ups.map_or("none".into(), show_short);
    let pair = |one: (&str, String), other: (&str, String)| {
        let half = width / 2;
        let cell = |(word, figure): (&str, String), width: usize| {
            let room = width.saturating_sub(word.len() + 2);
            let figure: String = figure.chars().take(room).collect();
            let free = width.saturating_sub(word.len() + 1);
            [
                shown.say(Role::Dim, format!("{word} ")),
                shown.say(Role::Text, format!("{figure:<free$}")),
            ]
        };
        Line::from([cell(one, width - half), cell(other, half)].concat())
    };
    let calls_an_echo = figures.calls_an_echo();
    vec![
        pair(
            ("iterations/s", show_short(shown.view.rates.iterations)),
            ("calls/echo", calls_an_echo.map_or("-".into(), decimal)),
        ),
        pair(("cpu", cpu(shown)), ("echo p99", p99(shown))),
        echoes(shown, width),
        pair(("wake-ups", wakes), ("in vain", vain(shown))),
        pair(
            ("threads", threads(shown)),
            ("in", show_size(figures.bytes_in())),
        ),
    ]
}

/// A row a figure.
fn roomy<'a>(shown: &TrackView<'a>, width: usize) -> Vec<Line<'a>> {
    let (figures, rates) = (&shown.view.figures, &shown.view.rates);
    let row = |label: &str, figure: String| labelled(shown, label, figure);
    let iterations = format!(
        "{}  {}/s",
        show_count(shown.view.iterations),
        show_short(rates.iterations)
    );
    let rate = |all: u64, rate: u64| {
        format!("{}  {}/s", show_size(all), show_size(rate))
    };
    let mut lines = vec![
        row("iterations", iterations),
        row("wake-ups", wake_ups(shown)),
        row("calls an echo", ratio(figures.calls_an_echo())),
        row("would block", in_vain(shown)),
        echoes(shown, width),
        row("echo p50, p99", both_percentiles(shown)),
    ];
    lines.extend(histogram(shown, width));
    lines.extend([
        row("threads", threads(shown)),
        row("cpu", cpu(shown)),
        row("in", rate(figures.bytes_in(), rates.bytes_in)),
        row("out", rate(figures.bytes_out(), rates.bytes_out)),
        row("open", show_count(figures.open())),
    ]);
    lines
}

fn labelled<'a>(
    shown: &TrackView<'a>,
    label: &str,
    figure: String,
) -> Line<'a> {
    Line::from(vec![
        shown.say(Role::Dim, format!("{label:<LABEL$}")),
        shown.say(Role::Text, figure),
    ])
}

pub(in crate::tui) fn wake_ups(shown: &TrackView) -> String {
    shown.view.wake_ups.map_or("no selector".into(), show_count)
}

fn in_vain(shown: &TrackView) -> String {
    match shown.view.figures.would_blocks_a_useful_call() {
        Some(0.0) => "never".into(),
        Some(ratio) => format!("{} a useful call", decimal(ratio)),
        None => "none".into(),
    }
}

/// The share of calls that would have blocked.
#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn vain(shown: &TrackView) -> String {
    let figures = &shown.view.figures;
    let calls = figures.all_calls().max(1) as f64;
    show_percent(figures.would_blocks() as f64 / calls)
}

fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or("no echo".into(), decimal)
}

/// Two places where they matter, thousands short.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a ratio of counts, too large for places"
)]
fn decimal(ratio: f64) -> String {
    match ratio {
        ..10.0 => format!("{ratio:.2}"),
        ..1000.0 => format!("{ratio:.0}"),
        _ => show_short(ratio as u64),
    }
}

/// How many there are now.
pub(in crate::tui) fn threads(shown: &TrackView) -> String {
    show_count(shown.view.threads.len() as u64)
}

pub(in crate::tui) fn cpu(shown: &TrackView) -> String {
    match shown.scene.measured.cpu {
        Some(share) => show_percent(share.into()),
        // It takes two looks at a clock.
        None if shown.view.at < CPU_KNOWN => shown.look().glyphs.more.into(),
        None => "not known".into(),
    }
}

fn p99(shown: &TrackView) -> String {
    let echo = shown.scene.measured.echo.as_ref();
    echo.map_or("-".into(), |echo| show_time(echo.p99))
}

pub(in crate::tui) fn both_percentiles(shown: &TrackView) -> String {
    match &shown.scene.measured.echo {
        Some(echo) => {
            format!("{}, {}", show_time(echo.p50), show_time(echo.p99))
        }
        None if shown.scene.facts.clients_apart => {
            "clients apart, later".into()
        }
        None => "-".into(),
    }
}

/// Echoes in each of the last seconds.
fn echoes<'a>(shown: &TrackView<'a>, width: usize) -> Line<'a> {
    let echoes = &shown.view.turns.echoes_per_s;
    let last = echoes.last().copied().unwrap_or(0);
    let last = format!(" {}", show_count(last));
    let room = width.saturating_sub(LABEL + last.len());
    let mut line = labelled(shown, "echoes/s", String::new());
    line.push_span(levels(shown, echoes, room, Role::Echoed));
    line.push_span(shown.say(Role::Text, last));
    line
}

/// How many echoes took how long, from the shortest on.
fn histogram<'a>(shown: &TrackView<'a>, width: usize) -> Option<Line<'a>> {
    let echo = shown.scene.measured.echo.as_ref()?;
    let mut line = labelled(shown, "", String::new());
    let room = width.saturating_sub(LABEL);
    line.push_span(levels(shown, &echo.histogram, room, Role::Ready));
    Some(line)
}

/// The last figures as levels; what is not nothing shows.
fn levels<'a>(
    shown: &TrackView<'a>,
    figures: &[u64],
    room: usize,
    role: Role,
) -> Span<'a> {
    let last = &figures[figures.len().saturating_sub(room)..];
    let most = last.iter().copied().max().unwrap_or(0).max(1);
    let levels = &shown.look().glyphs.levels;
    let drawn = last.iter().map(|figure| {
        let level = u128::from(*figure) * 8;
        let level = level.div_ceil(u128::from(most));
        levels[usize::try_from(level).unwrap_or(8).min(8)]
    });
    shown.say(role, drawn.collect::<String>())
}
