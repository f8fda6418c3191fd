//! Figures of the server's loop.

use super::table::RoleWords;
use crate::text::padded;
use crate::tui::context::Track;
use crate::tui::look::Role;
use crate::tui::paint::{TextRows, filled, fitting};
use crate::units::{
    show_brief, show_count, show_percent, show_short, show_size, show_time,
    show_time_ns,
};
use crate::view::{BRIEF, Shares};
use ratatui::text::{Line, Span};
use std::time::Duration;

/// The width of the labels.
const LABEL: usize = 15;

/// From this share on, a row explains what brief calls are.
const WEIGHS: f32 = 0.05;

/// CPU time is known from here on, if at all: it takes two readings.
const CPU_KNOWN: Duration = Duration::from_secs(2);

/// From this height on there is a row for each figure.
const ROOMY: usize = 10;

/// A figure of a run, in words.
pub(crate) type Figure = fn(&Track) -> String;

/// Two figures a row, the most important first.
const DENSE: [(&str, Figure); 8] = [
    ("iterations/s", |it| show_short(it.view.rates.iterations)),
    ("calls/echo", |it| calls_an_echo(it, "-")),
    ("cpu", cpu),
    ("echo p99", |it| percentiles(it).map_or("-".into(), |[_, p99]| p99)),
    ("wake-ups", |it| it.view.wake_ups.map_or("none".into(), show_short)),
    ("in vain", vain_share),
    ("threads", threads),
    ("in", |it| show_size(it.view.figures.bytes_in())),
];

/// One figure a row; there are bar charts before and after the fifth.
const ROWS: [(&str, Figure); 10] = [
    ("iterations", |it| {
        let rate = show_short(it.view.rates.iterations);
        format!("{}  {rate}/s", show_count(it.view.iterations))
    }),
    ("wake-ups", wake_ups),
    ("calls an echo", |it| calls_an_echo(it, "no echo")),
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
    let row = |label: &str, figure: Vec<Span<'static>>| {
        let label = run.say(Role::Dim, format!("{label:<LABEL$}"));
        [label].into_iter().chain(figure).collect::<Line>()
    };
    let figure = |(label, figure): &(&str, Figure)| {
        row(label, vec![run.say(Role::Text, figure(run))])
    };
    // A bar chart of the last figures, in which any but 0 is visible.
    let levels = |figures: &[u64], room: usize, role| {
        let last = &figures[figures.len().saturating_sub(room)..];
        let most = last.iter().max().map_or(1, |most| u128::from(*most).max(1));
        let drawn = last.iter().map(|figure| {
            let level = (u128::from(*figure) * 8).div_ceil(most);
            run.look.glyphs.levels[usize::try_from(level).unwrap_or(8)]
        });
        run.say(role, drawn.collect::<String>())
    };
    // Echoes in each of the last seconds.
    let echoes = &run.view.turns.echoes_per_s;
    let last = format!(" {}", show_count(echoes.last().copied().unwrap_or(0)));
    let room = width.saturating_sub(LABEL + last.len());
    let echoes = levels(echoes, room, Role::Echoed);
    let echoes = row("echoes/s", vec![echoes, run.say(Role::Text, last)]);
    // No gap is needed behind the last share.
    let words = greatest(run).map(|(role, it)| vec![run.say(role, it + "  ")]);
    let mut lines = vec![bar(run, width), fitting(words, width + 2)];
    if height < ROOMY {
        lines.extend(DENSE.chunks(2).map(|pair| {
            let cells = pair.iter().zip([width - width / 2, width / 2]);
            let spans = cells.flat_map(|((word, figure), width)| {
                let room = width.saturating_sub(word.len() + 1);
                let figure = padded(&figure(run), room);
                let word = run.say(Role::Dim, format!("{word} "));
                [word, run.say(Role::Text, figure)]
            });
            spans.collect()
        }));
        lines.insert(4, echoes);
        return lines;
    }
    if run.view.turns.shares.brief >= WEIGHS {
        let words = format!("brief: under {}, asleep or not", show_time(BRIEF));
        lines.push(run.look.line(Role::Dim, words));
    }
    lines.extend(ROWS[..4].iter().map(figure));
    lines.extend([echoes, figure(&ROWS[4])]);
    lines.extend(run.scene.measured.echoes().map(|echo| {
        let room = width.saturating_sub(LABEL);
        row("", vec![levels(&echo.classes, room, Role::Ready)])
    }));
    lines.extend(ROWS[5..].iter().map(figure));
    lines
}

/// How the last second was spent, in the order of `Glyphs::shares`.
fn shares(run: &Track) -> [(&'static str, Role, f32); 4] {
    let Shares { asleep, brief, working, spinning } = run.view.turns.shares;
    [
        ("asleep", Role::Asleep, asleep),
        ("brief calls", Role::Working, brief),
        ("working", Role::Working, working),
        ("spinning", Role::Spinning, spinning),
    ]
}

/// The shares as text, the greatest first; empty before any is known.
pub(crate) fn greatest(run: &Track) -> impl Iterator<Item = RoleWords> {
    let mut shares = shares(run);
    shares.sort_by(|(.., one), (.., other)| other.total_cmp(one));
    let known = shares.into_iter().filter(|(.., share)| *share > 0.0);
    known.map(|(word, role, share)| {
        (role, format!("{word} {}", show_percent(share.into())))
    })
}

/// How the last second was spent, as a bar.
fn bar(run: &Track, width: usize) -> Line<'static> {
    let (mut sum, mut drawn) = (0.0, 0);
    let shares = shares(run).into_iter().zip(run.look.glyphs.shares);
    let spans = shares.map(|((_, role, share), glyph)| {
        sum += share;
        let cells = filled(sum, width).saturating_sub(drawn);
        drawn += cells;
        run.say(role, glyph.repeat(cells))
    });
    spans.collect()
}

fn calls_an_echo(run: &Track, none: &str) -> String {
    run.view.figures.calls_an_echo().map_or(none.into(), decimal)
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
    let calls = run.view.figures.all_calls().max(1) as f64;
    show_percent(run.view.figures.would_blocks() as f64 / calls)
}

/// Small ratios have two decimals.
fn decimal(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.2}") } else { show_brief(ratio) }
}

/// The number of threads now.
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

fn percentiles(run: &Track) -> Option<[String; 2]> {
    let echo = &run.scene.measured.echoes()?.echo_time;
    Some([echo.p50_ns, echo.p99_ns].map(show_time_ns))
}

pub(crate) fn both_percentiles(run: &Track) -> String {
    match percentiles(run) {
        Some(both) => both.join(", "),
        None if run.scene.facts.clients_apart => "clients apart, later".into(),
        None => "-".into(),
    }
}
