//! The server's loop in figures.

use crate::load::EchoTime;
use crate::tui::frame::TrackView;
use crate::tui::theme::Role;
use crate::units::{
    show_count, show_percent, show_short, show_size, show_time, show_time_ns,
};
use crate::view::{BRIEF, Shares};
use ratatui::text::{Line, Span};
use std::time::Duration;
use unicode_width::UnicodeWidthStr as _;

/// The width of the labels.
const LABEL: usize = 15;

/// A share that deserves an explanation.
const WEIGHS: f32 = 0.05;

/// When CPU time is known, if it ever is: two readings of a clock.
const CPU_KNOWN: Duration = Duration::from_secs(2);

/// From this height on there is a row for each figure.
const ROOMY: usize = 10;

pub(super) fn lines<'a>(
    shown: &TrackView,
    width: usize,
    height: usize,
) -> Vec<Line<'a>> {
    let mut lines = vec![bar(shown, width), shares(shown, width)];
    if height < ROOMY {
        lines.extend(dense(shown, width));
        return lines;
    }
    if shown.view.turns.shares.brief >= WEIGHS {
        let words = format!("brief: under {}, asleep or not", show_time(BRIEF));
        lines.push(shown.say(Role::Dim, words).into());
    }
    lines.extend(roomy(shown, width));
    lines
}

/// A share of the last second.
pub(in crate::tui) struct Part {
    word: &'static str,
    pub(in crate::tui) role: Role,
    /// From 0 to 1.
    share: f32,
}

impl Part {
    pub(in crate::tui) fn words(&self) -> String {
        format!("{} {}", self.word, show_percent(self.share.into()))
    }
}

/// The greatest share of the last second; `None` before anything is known.
pub(in crate::tui) fn most(shares: &Shares) -> Option<Part> {
    let parts = parts(shares).into_iter();
    let most = parts.max_by(|a, b| a.share.total_cmp(&b.share));
    most.filter(|most| most.share > 0.0)
}

/// All shares, in the order of the glyphs for them.
const fn parts(shares: &Shares) -> [Part; 4] {
    const fn part(word: &'static str, role: Role, share: f32) -> Part {
        Part { word, role, share }
    }
    [
        part("asleep", Role::Asleep, shares.asleep),
        part("brief calls", Role::Working, shares.brief),
        part("working", Role::Working, shares.working),
        part("spinning", Role::Spinning, shares.spinning),
    ]
}

/// How the last second was spent, as a bar.
fn bar<'a>(shown: &TrackView, width: usize) -> Line<'a> {
    let glyphs = shown.look().glyphs.shares;
    let (mut sum, mut drawn) = (0.0, 0);
    let parts = parts(&shown.view.turns.shares);
    let spans = parts.iter().zip(glyphs).map(|(part, glyph)| {
        sum += part.share;
        let cells = filled(sum, width).saturating_sub(drawn);
        drawn += cells;
        shown.say(part.role, glyph.repeat(cells))
    });
    spans.collect()
}

/// This share of a width.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a screen's width"
)]
pub(in crate::tui) fn filled(share: f32, width: usize) -> usize {
    ((share.clamp(0.0, 1.0) * width as f32).round() as usize).min(width)
}

/// The greatest first: what does not fit is of no weight.
fn shares<'a>(shown: &TrackView, width: usize) -> Line<'a> {
    let mut parts = parts(&shown.view.turns.shares);
    parts.sort_by(|a, b| b.share.total_cmp(&a.share));
    let mut line = Line::default();
    for part in parts.iter().filter(|part| part.share > 0.0) {
        let words = part.words();
        if line.width() + words.width() > width {
            break;
        }
        line.push_span(shown.say(part.role, words + "  "));
    }
    line
}

/// Two figures a row, the most important first.
fn dense<'a>(shown: &TrackView, width: usize) -> Vec<Line<'a>> {
    let (figures, rates) = (&shown.view.figures, &shown.view.rates);
    let calls_an_echo = figures.calls_an_echo().map_or("-".into(), decimal);
    let echo = shown.scene.measured.echoes();
    let p99 = echo.map_or("-".into(), |it| show_time_ns(it.echo_time.p99_ns));
    let wake_ups = shown.view.wake_ups.map_or("none".into(), show_short);
    let pair = |pair: [(&str, String); 2]| {
        let half = width / 2;
        let cells = pair.into_iter().zip([width - half, half]);
        let spans = cells.flat_map(|((word, figure), width)| {
            let room = width.saturating_sub(word.len() + 1);
            [
                shown.say(Role::Dim, format!("{word} ")),
                shown.say(Role::Text, crate::text::padded(&figure, room)),
            ]
        });
        spans.collect::<Line>()
    };
    vec![
        pair([
            ("iterations/s", show_short(rates.iterations)),
            ("calls/echo", calls_an_echo),
        ]),
        pair([("cpu", cpu(shown)), ("echo p99", p99)]),
        echoes(shown, width),
        pair([("wake-ups", wake_ups), ("in vain", vain_share(shown))]),
        pair([
            ("threads", threads(shown)),
            ("in", show_size(figures.bytes_in())),
        ]),
    ]
}

/// A row a figure.
fn roomy<'a>(shown: &TrackView, width: usize) -> Vec<Line<'a>> {
    let (figures, rates) = (&shown.view.figures, &shown.view.rates);
    let row = |label: &str, figure: String| labelled(shown, label, figure);
    let iterations = format!(
        "{}  {}/s",
        show_count(shown.view.iterations),
        show_short(rates.iterations)
    );
    let moved = |all: u64, rate: u64| {
        format!("{}  {}/s", show_size(all), show_size(rate))
    };
    let in_vain = match figures.would_blocks_a_useful_call() {
        Some(0.0) => "never".into(),
        Some(ratio) => format!("{} a useful call", decimal(ratio)),
        None => "none".into(),
    };
    let calls_an_echo = figures.calls_an_echo();
    let calls_an_echo = calls_an_echo.map_or("no echo".into(), decimal);
    let mut lines = vec![
        row("iterations", iterations),
        row("wake-ups", wake_ups(shown)),
        row("calls an echo", calls_an_echo),
        row("would block", in_vain),
        echoes(shown, width),
        row("echo p50, p99", both_percentiles(shown)),
    ];
    if let Some(echo) = shown.scene.measured.echoes() {
        let room = width.saturating_sub(LABEL);
        let mut line = row("", String::new());
        line.push_span(levels(shown, &echo.classes, room, Role::Ready));
        lines.push(line);
    }
    lines.extend([
        row("threads", threads(shown)),
        row("cpu", cpu(shown)),
        row("in", moved(figures.bytes_in(), rates.bytes_in)),
        row("out", moved(figures.bytes_out(), rates.bytes_out)),
        row("open", show_count(figures.open())),
    ]);
    lines
}

fn labelled<'a>(shown: &TrackView, label: &str, figure: String) -> Line<'a> {
    Line::from(vec![
        shown.say(Role::Dim, format!("{label:<LABEL$}")),
        shown.say(Role::Text, figure),
    ])
}

pub(in crate::tui) fn wake_ups(shown: &TrackView) -> String {
    shown.view.wake_ups.map_or("no selector".into(), show_count)
}

/// The share of calls that would have blocked.
#[expect(clippy::cast_precision_loss, reason = "a share for people")]
pub(in crate::tui) fn vain_share(shown: &TrackView) -> String {
    let figures = &shown.view.figures;
    let calls = figures.all_calls().max(1) as f64;
    show_percent(figures.would_blocks() as f64 / calls)
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
        None if shown.view.at < CPU_KNOWN => shown.look().glyphs.more.into(),
        None => "not known".into(),
    }
}

pub(in crate::tui) fn both_percentiles(shown: &TrackView) -> String {
    match shown.scene.measured.echoes() {
        Some(echo) => {
            let EchoTime { p50_ns, p99_ns, .. } = echo.echo_time;
            format!("{}, {}", show_time_ns(p50_ns), show_time_ns(p99_ns))
        }
        None if shown.scene.facts.clients_apart => {
            "clients apart, later".into()
        }
        None => "-".into(),
    }
}

/// Echoes in each of the last seconds.
fn echoes<'a>(shown: &TrackView, width: usize) -> Line<'a> {
    let echoes = &shown.view.turns.echoes_per_s;
    let last = echoes.last().copied().unwrap_or(0);
    let last = format!(" {}", show_count(last));
    let room = width.saturating_sub(LABEL + last.len());
    let mut line = labelled(shown, "echoes/s", String::new());
    line.push_span(levels(shown, echoes, room, Role::Echoed));
    line.push_span(shown.say(Role::Text, last));
    line
}

/// The last figures as levels; what is not nothing shows.
fn levels<'a>(
    shown: &TrackView,
    figures: &[u64],
    room: usize,
    role: Role,
) -> Span<'a> {
    let last = &figures[figures.len().saturating_sub(room)..];
    let most = last.iter().copied().max().unwrap_or(0).max(1);
    let drawn = last.iter().map(|figure| {
        let level = (u128::from(*figure) * 8).div_ceil(u128::from(most));
        let levels = &shown.look().glyphs.levels;
        levels[usize::try_from(level).unwrap_or(8).min(8)]
    });
    shown.say(role, drawn.collect::<String>())
}
