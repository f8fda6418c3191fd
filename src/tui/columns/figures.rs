//! Counters, findings, and the table of what differs.

use crate::run::comparison::{Comparison, FigureValue};
use crate::text::cut;
use crate::tui::context::Track;
use crate::tui::look::{Look, Role};
use crate::tui::paint::{TextRows, filled};
use crate::tui::panes::findings::seen;
use crate::tui::panes::turns::{self, Figure};
use crate::tui::stage::TrackPhase;
use crate::units::show_count;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr as _;

/// A value of the table and the gap before its bar.
const VALUE: usize = 10;

/// The least that a bar is worth.
const BAR: usize = 4;

/// The counters of each mode.
const COUNTERS: [(&str, Figure); 7] = [
    ("would block", |it| match it.view.figures.would_blocks() {
        0 => "never".into(),
        vain => format!("{}, {}", show_count(vain), turns::vain_share(it)),
    }),
    ("threads, cpu", |it| {
        format!("{}, {}", turns::threads(it), turns::cpu(it))
    }),
    ("wake-ups", turns::wake_ups),
    ("echo p50, p99", turns::both_percentiles),
    ("echoes", |it| show_count(it.view.figures.echoes)),
    ("calls", |it| show_count(it.view.figures.all_calls())),
    ("iterations", |it| show_count(it.view.iterations)),
];

/// The names of the counters.
pub(super) fn names(look: &Look) -> TextRows {
    COUNTERS.map(|(name, _)| look.line(Role::Dim, name)).into()
}

/// The counters of a run.
pub(super) fn counters(run: &Track) -> TextRows {
    let begun = *run.phase != TrackPhase::Waiting;
    let counters = COUNTERS.iter().filter(|_| begun);
    counters.map(|(_, it)| run.look.line(Role::Text, it(run))).collect()
}

/// The findings of a run; that there is no room for all of them shows.
pub(super) fn findings(run: &Track, width: usize, room: usize) -> TextRows {
    let (look, findings) = (run.look, run.view.findings.iter());
    let mut lines: TextRows =
        findings.flat_map(|it| seen(look, it, width)).collect();
    if lines.is_empty() && *run.phase != TrackPhase::Waiting {
        lines.push(look.line(Role::Dim, "no findings yet"));
    }
    if lines.len() > room
        && let Some(last) = lines[..room].last_mut()
        && let Some(words) = last.spans.last_mut()
    {
        let more = look.glyphs.more;
        let text = format!("{}{more}", words.content);
        *words =
            look.say(Role::Text, cut(&text, width.saturating_sub(1), more));
    }
    lines
}

/// The names of the figures that differ, the most telling first.
pub(super) fn titles(
    look: &Look,
    comparison: &Comparison,
    width: u16,
) -> TextRows {
    let width = usize::from(width).saturating_sub(1);
    let titles = comparison.figures.iter().map(|it| &*it.title);
    let titles: Vec<_> = titles.collect();
    let titles =
        if titles.is_empty() { vec!["nothing so far"] } else { titles };
    let title = |it| look.line(Role::Dim, cut(it, width, look.glyphs.more));
    titles.into_iter().map(title).collect()
}

/// The values of a run, each with a bar where that finds room.
pub(super) fn values(
    run: &Track,
    comparison: &Comparison,
    width: usize,
) -> TextRows {
    let values = comparison.figures.iter();
    let values = values.filter_map(|it| it.values.get(run.place));
    values.map(|it| value(run.look, it, width)).collect()
}

fn value(look: &Look, value: &FigureValue, width: usize) -> Line<'static> {
    let words = cut(&value.words, width.saturating_sub(1), look.glyphs.more);
    let most = value.share.is_some_and(|share| share >= 1.0);
    let (role, of_bar) =
        if most { (Role::Focus, Role::Focus) } else { (Role::Text, Role::Dim) };
    let padded = format!("{words:<VALUE$}");
    let room = width.saturating_sub(padded.width() + 1);
    let Some(share) = value.share.filter(|_| room >= BAR) else {
        return look.line(role, words);
    };
    let filled = filled(share, room).max((share > 0.0).into());
    let bar = look.glyphs.bar[0].repeat(filled);
    Line::from(vec![look.say(role, padded + " "), look.say(of_bar, bar)])
}
