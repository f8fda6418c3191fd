//! The server's loop in figures.

use crate::load::EchoTime;
use crate::text::padded;
use crate::tui::context::Track;
use crate::tui::look::Role;
use crate::tui::paint::{TextRows, filled, fitting};
use crate::units::{
    show_count, show_percent, show_short, show_size, show_time, show_time_ns,
};
use crate::view::{BRIEF, Shares};
use ratatui::text::{Line, Span};
use std::time::Duration;

/// The width of the labels.
const LABEL: usize = 15;

/// A share that deserves an explanation.
const WEIGHS: f32 = 0.05;

/// When CPU time is known, if it ever is: two readings of a clock.
const CPU_KNOWN: Duration = Duration::from_secs(2);

/// From this height on there is a row for each figure.
const ROOMY: usize = 10;

/// A figure of a run, in words.
pub(crate) type Figure = fn(&Track) -> String;

/// Two figures a row, the most important first.
const DENSE: [[(&str, Figure); 2]; 4] = [
    [
        ("iterations/s", iteration_rate),
        ("calls/echo", |it| calls_an_echo(it).unwrap_or("-".into())),
    ],
    [
        ("cpu", cpu),
        ("echo p99", |it| {
            let echo = it.scene.measured.echoes();
            echo.map_or("-".into(), |echo| show_time_ns(echo.echo_time.p99_ns))
        }),
    ],
    [
        ("wake-ups", |it| it.view.wake_ups.map_or("none".into(), show_short)),
        ("in vain", vain_share),
    ],
    [("threads", threads), ("in", |it| show_size(it.view.figures.bytes_in()))],
];

/// A row for each of these; the rows of levels stand between them.
const ROWS: [(&str, Figure); 10] = [
    ("iterations", |it| {
        let all = show_count(it.view.iterations);
        format!("{all}  {}/s", iteration_rate(it))
    }),
    ("wake-ups", wake_ups),
    ("calls an echo", |it| calls_an_echo(it).unwrap_or("no echo".into())),
    ("would block", |it| match it.view.figures.would_blocks_a_useful_call() {
        Some(0.0) => "never".into(),
        Some(ratio) => format!("{} a useful call", decimal(ratio)),
        None => "none".into(),
    }),
    ("echo p50, p99", both_percentiles),
    ("threads", threads),
    ("cpu", cpu),
    ("in", |it| moved(it.view.figures.bytes_in(), it.view.rates.bytes_in)),
    ("out", |it| moved(it.view.figures.bytes_out(), it.view.rates.bytes_out)),
    ("open", |it| show_count(it.view.figures.open())),
];

pub(super) fn lines(run: &Track, width: usize, height: usize) -> TextRows {
    let mut lines = vec![bar(run, width), shares(run, width)];
    if height < ROOMY {
        lines.extend(DENSE.iter().map(|pair| {
            let cells = pair.iter().zip([width - width / 2, width / 2]);
            let spans = cells.flat_map(|((word, figure), width)| {
                let room = width.saturating_sub(word.len() + 1);
                let figure = padded(&figure(run), room);
                let word = run.say(Role::Dim, format!("{word} "));
                [word, run.say(Role::Text, figure)]
            });
            spans.collect()
        }));
        lines.insert(4, echoes(run, width));
        return lines;
    }
    if run.view.turns.shares.brief >= WEIGHS {
        let words = format!("brief: under {}, asleep or not", show_time(BRIEF));
        lines.push(run.look.line(Role::Dim, words));
    }
    for (label, figure) in ROWS {
        if label == "echo p50, p99" {
            lines.push(echoes(run, width));
        }
        let figure = run.say(Role::Text, figure(run));
        lines.push(labelled(run, label, [figure]));
        let echo = run.scene.measured.echoes();
        if label == "echo p50, p99"
            && let Some(echo) = echo
        {
            let room = width.saturating_sub(LABEL);
            let levels = levels(run, &echo.classes, room, Role::Ready);
            lines.push(labelled(run, "", [levels]));
        }
    }
    lines
}

fn labelled<'a>(
    run: &Track,
    label: &str,
    figure: impl IntoIterator<Item = Span<'a>>,
) -> Line<'a> {
    let label = run.say(Role::Dim, format!("{label:<LABEL$}"));
    [label].into_iter().chain(figure).collect()
}

/// A share of the last second.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    word: &'static str,
    pub(crate) role: Role,
    /// From 0 to 1.
    share: f32,
}

impl Part {
    pub(crate) fn words(&self) -> String {
        format!("{} {}", self.word, show_percent(self.share.into()))
    }
}

/// All shares, in the order of the glyphs for them.
fn parts(shares: &Shares) -> [Part; 4] {
    [
        ("asleep", Role::Asleep, shares.asleep),
        ("brief calls", Role::Working, shares.brief),
        ("working", Role::Working, shares.working),
        ("spinning", Role::Spinning, shares.spinning),
    ]
    .map(|(word, role, share)| Part { word, role, share })
}

/// The greatest share of the last second; `None` before anything is known.
pub(crate) fn most(run: &Track) -> Option<Part> {
    let parts = parts(&run.view.turns.shares).into_iter();
    let most = parts.max_by(|a, b| a.share.total_cmp(&b.share));
    most.filter(|most| most.share > 0.0)
}

/// How the last second was spent, as a bar.
fn bar(run: &Track, width: usize) -> Line<'static> {
    let (mut sum, mut drawn) = (0.0, 0);
    let parts = parts(&run.view.turns.shares).into_iter();
    let spans = parts.zip(run.look.glyphs.shares).map(|(part, glyph)| {
        sum += part.share;
        let cells = filled(sum, width).saturating_sub(drawn);
        drawn += cells;
        run.say(part.role, glyph.repeat(cells))
    });
    spans.collect()
}

/// The greatest first: what does not fit is of no weight.
fn shares(run: &Track, width: usize) -> Line<'static> {
    let mut parts = parts(&run.view.turns.shares);
    parts.sort_by(|a, b| b.share.total_cmp(&a.share));
    let parts = parts.iter().filter(|part| part.share > 0.0);
    // The last one needs no gap behind it.
    let words = parts.map(|it| vec![run.say(it.role, it.words() + "  ")]);
    fitting(words, width + 2)
}

fn iteration_rate(run: &Track) -> String {
    show_short(run.view.rates.iterations)
}

fn calls_an_echo(run: &Track) -> Option<String> {
    run.view.figures.calls_an_echo().map(decimal)
}

fn moved(all: u64, rate: u64) -> String {
    format!("{}  {}/s", show_size(all), show_size(rate))
}

pub(crate) fn wake_ups(run: &Track) -> String {
    run.view.wake_ups.map_or("no selector".into(), show_count)
}

/// The share of calls that would have blocked.
#[expect(clippy::cast_precision_loss, reason = "a share for people")]
pub(crate) fn vain_share(run: &Track) -> String {
    let figures = &run.view.figures;
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
pub(crate) fn threads(run: &Track) -> String {
    show_count(run.view.threads.len() as u64)
}

pub(crate) fn cpu(run: &Track) -> String {
    match run.scene.measured.cpu {
        Some(share) => show_percent(share.into()),
        None if run.view.at < CPU_KNOWN => run.look.glyphs.more.into(),
        None => "not known".into(),
    }
}

pub(crate) fn both_percentiles(run: &Track) -> String {
    match run.scene.measured.echoes() {
        Some(it) => {
            let EchoTime { p50_ns, p99_ns, .. } = it.echo_time;
            format!("{}, {}", show_time_ns(p50_ns), show_time_ns(p99_ns))
        }
        None if run.scene.facts.clients_apart => "clients apart, later".into(),
        None => "-".into(),
    }
}

/// Echoes in each of the last seconds.
fn echoes(run: &Track, width: usize) -> Line<'static> {
    let echoes = &run.view.turns.echoes_per_s;
    let last = show_count(echoes.last().copied().unwrap_or(0));
    let room = width.saturating_sub(LABEL + 1 + last.len());
    let levels = levels(run, echoes, room, Role::Echoed);
    let last = run.say(Role::Text, format!(" {last}"));
    labelled(run, "echoes/s", [levels, last])
}

/// The last figures as levels; what is not nothing shows.
fn levels(
    run: &Track,
    figures: &[u64],
    room: usize,
    role: Role,
) -> Span<'static> {
    let last = &figures[figures.len().saturating_sub(room)..];
    let most = last.iter().copied().max().unwrap_or(0).max(1);
    let drawn = last.iter().map(|figure| {
        let level = (u128::from(*figure) * 8).div_ceil(u128::from(most));
        run.look.glyphs.levels[usize::try_from(level).unwrap_or(8)]
    });
    run.say(role, drawn.collect::<String>())
}
