//! Counters, findings, and the table of what differs.

use super::{ColumnRows, RunColumn};
use crate::run::comparison::{Cell, Comparison};
use crate::text::cut;
use crate::tui::frame::TrackView;
use crate::tui::look::Look;
use crate::tui::panes::{self, turns};
use crate::tui::stage::TrackPhase;
use crate::tui::theme::Role;
use crate::units::show_count;
use ratatui::text::Line;
use unicode_truncate::UnicodeTruncateStr as _;
use unicode_width::UnicodeWidthStr as _;

/// A value of the table and the gap before its bar.
const VALUE: usize = 10;

/// The least that a bar is worth.
const BAR: usize = 4;

type Counter = (&'static str, fn(&TrackView) -> String);

/// The counters of each mode.
const COUNTERS: [Counter; 7] = [
    ("would block", would_block),
    ("threads, cpu", |it| {
        format!("{}, {}", turns::threads(it), turns::cpu(it))
    }),
    ("wake-ups", turns::wake_ups),
    ("echo p50, p99", turns::both_percentiles),
    ("echoes", |it| show_count(it.view.figures.echoes)),
    ("calls", |it| show_count(it.view.figures.all_calls())),
    ("iterations", |it| show_count(it.view.iterations)),
];

/// How many calls found nothing, and their share.
fn would_block(shown: &TrackView) -> String {
    match shown.view.figures.would_blocks() {
        0 => "never".into(),
        vain => format!("{}, {}", show_count(vain), turns::vain_share(shown)),
    }
}

/// The counters of every column.
pub(super) fn counters<'a>(
    look: &Look,
    columns: &[RunColumn<'a>],
) -> ColumnRows<'a> {
    let mut block = ColumnRows::default();
    for (name, count) in COUNTERS {
        let figures = columns.iter().map(|column| {
            let begun = *column.phase != TrackPhase::Waiting;
            let figure = begun.then(|| count(&column.shown));
            look.say(Role::Text, figure.unwrap_or_default()).into()
        });
        block.row(look.say(Role::Dim, name).into(), figures.collect());
    }
    block
}

/// What is worth telling of every column, as far as there is room; `named`
/// where no title says that.
pub(super) fn findings<'a>(
    look: &Look,
    columns: &[RunColumn<'a>],
    named: bool,
    room: usize,
) -> ColumnRows<'a> {
    let parts = columns.iter().map(|it| findings_of(look, it, room)).collect();
    let name = named.then(|| look.say(Role::Dim, "findings").into());
    ColumnRows { names: name.into_iter().collect(), parts }
}

fn findings_of<'a>(
    look: &Look,
    column: &RunColumn<'a>,
    room: usize,
) -> Vec<Line<'a>> {
    let width = usize::from(column.width);
    let mut lines = Vec::new();
    for finding in &column.shown.view.findings {
        lines.extend(panes::findings::seen(look, finding, width));
    }
    if lines.is_empty() && *column.phase != TrackPhase::Waiting {
        lines.push(look.say(Role::Dim, "no findings yet").into());
    }
    if lines.len() > room {
        lines.truncate(room);
        if let Some(last) = lines.last_mut() {
            let more = look.glyphs.more;
            let (text, _) =
                last.spans[1].content.unicode_truncate(width.saturating_sub(2));
            last.spans[1] = look.say(Role::Text, format!("{text}{more}"));
        }
    }
    lines
}

/// A row a figure that differs, the most telling first.
pub(super) fn table<'a>(
    look: &Look,
    comparison: &Comparison,
    (names, widths): (usize, &[u16]),
    room: usize,
) -> ColumnRows<'a> {
    let mut block = ColumnRows::default();
    if comparison.rows.is_empty() {
        let nothing = look.say(Role::Dim, "nothing so far");
        block.row(nothing.into(), Vec::new());
    }
    for row in comparison.rows.iter().take(room) {
        let name = cut(row.title, names.saturating_sub(1), look.glyphs.more);
        let cells = row.cells.iter().zip(widths);
        let cells = cells.map(|(it, width)| cell(look, it, (*width).into()));
        block.row(look.say(Role::Dim, name).into(), cells.collect());
    }
    block
}

/// The names of the modes above their figures.
pub(super) fn heading<'a>(
    look: &Look,
    names: &[String],
    widths: &[u16],
) -> Vec<Line<'a>> {
    let names = names.iter().zip(widths);
    let heading = names.map(|(name, width)| {
        let name = cut(name, (*width).into(), look.glyphs.more);
        look.say(Role::Text, format!("{name} ")).into()
    });
    heading.collect()
}

/// The value, and a bar where it finds room.
fn cell<'a>(look: &Look, cell: &Cell, width: usize) -> Line<'a> {
    let words = cut(&cell.words, width.saturating_sub(1), look.glyphs.more);
    let most = cell.share.is_some_and(|share| share >= 1.0);
    let (role, of_bar) =
        if most { (Role::Focus, Role::Focus) } else { (Role::Text, Role::Dim) };
    let value = format!("{words:<VALUE$}");
    let room = width.saturating_sub(value.width() + 1);
    let Some(share) = cell.share.filter(|_| room >= BAR) else {
        return look.say(role, words).into();
    };
    let filled = turns::filled(share, room).max((share > 0.0).into());
    let bar = look.glyphs.bar[0].repeat(filled);
    Line::from(vec![look.say(role, value), " ".into(), look.say(of_bar, bar)])
}
