//! Counters, findings, and the table of what differs.

use super::layout::{ColumnRows, ColumnSplit};
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
use unicode_truncate::UnicodeTruncateStr as _;
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

/// The counters of every column.
pub(super) fn counters(look: &Look, columns: &[Track]) -> ColumnRows<'static> {
    let counters = |run: &Track| -> Vec<_> {
        let begun = *run.phase != TrackPhase::Waiting;
        let counters = COUNTERS.iter().filter(|_| begun);
        counters.map(|(_, it)| look.line(Role::Text, it(run))).collect()
    };
    ColumnRows {
        names: COUNTERS.map(|(name, _)| look.line(Role::Dim, name)).into(),
        parts: columns.iter().map(counters).collect(),
    }
}

/// The findings of every column, as far as there is room.
pub(super) fn findings(
    look: &Look,
    columns: &[Track],
    width: usize,
    room: usize,
) -> Vec<TextRows> {
    let of_column = |run: &Track| {
        let findings = run.view.findings.iter();
        let mut lines: Vec<_> =
            findings.flat_map(|it| seen(look, it, width)).collect();
        if lines.is_empty() && *run.phase != TrackPhase::Waiting {
            lines.push(look.line(Role::Dim, "no findings yet"));
        }
        if lines.len() > room {
            lines.truncate(room);
            if let Some(words) =
                lines.last_mut().and_then(|it| it.spans.last_mut())
            {
                let room = width.saturating_sub(2);
                let (text, _) = words.content.unicode_truncate(room);
                *words =
                    look.say(Role::Text, format!("{text}{}", look.glyphs.more));
            }
        }
        lines
    };
    columns.iter().map(of_column).collect()
}

/// A row a figure that differs, the most telling first.
pub(super) fn table(
    look: &Look,
    comparison: &Comparison,
    split: &ColumnSplit,
    room: usize,
) -> ColumnRows<'static> {
    let rows = || comparison.figures.iter().take(room);
    if rows().next().is_none() {
        let names = vec![look.line(Role::Dim, "nothing so far")];
        return ColumnRows { names, parts: Vec::new() };
    }
    let name = |title: &str| {
        let room = usize::from(split.names).saturating_sub(1);
        look.line(Role::Dim, cut(title, room, look.glyphs.more))
    };
    let width = split.width.into();
    let part = |at| -> Vec<_> {
        let values = rows().filter_map(|it| it.values.get(at));
        values.map(|it| cell(look, it, width)).collect()
    };
    ColumnRows {
        names: rows().map(|it| name(&it.title)).collect(),
        parts: (0..comparison.names.len()).map(part).collect(),
    }
}

/// The value, and a bar where it finds room.
fn cell(look: &Look, cell: &FigureValue, width: usize) -> Line<'static> {
    let words = cut(&cell.words, width.saturating_sub(1), look.glyphs.more);
    let most = cell.share.is_some_and(|share| share >= 1.0);
    let (role, of_bar) =
        if most { (Role::Focus, Role::Focus) } else { (Role::Text, Role::Dim) };
    let value = format!("{words:<VALUE$}");
    let room = width.saturating_sub(value.width() + 1);
    let Some(share) = cell.share.filter(|_| room >= BAR) else {
        return look.line(role, words);
    };
    let filled = filled(share, room).max((share > 0.0).into());
    let bar = look.glyphs.bar[0].repeat(filled);
    Line::from(vec![look.say(role, value), " ".into(), look.say(of_bar, bar)])
}
