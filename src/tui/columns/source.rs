//! Where each mode's threads are: its own lines, the calls before all others.

use super::{ColumnRows, RunColumn, width_of};
use crate::tui::frame::TrackView;
use crate::tui::panes::{code, source};
use crate::tui::theme::Role;
use crate::units::show_short;
use ratatui::text::{Line, Span};

/// From this width on, hits stand before the lines.
const ROOMY: usize = 48;

/// The lines of every column.
pub(super) fn block<'a>(
    columns: &[RunColumn<'a>],
    height: usize,
) -> ColumnRows<'a> {
    let parts = columns.iter().map(|column| lines(column, height));
    ColumnRows { names: Vec::new(), parts: parts.collect() }
}

fn lines<'a>(column: &RunColumn<'a>, height: usize) -> Vec<Line<'a>> {
    let width = usize::from(column.width);
    let shown = &column.shown;
    let text = &*shown.scene.facts.source;
    let places = if shown.presents() {
        code::spaced(text, height)
    } else {
        source::chosen(text, height)
    };
    let all: Vec<_> = text.lines().collect();
    let mut rows = Vec::with_capacity(height);
    let mut before = None;
    for at in places {
        let gap = before.is_some_and(|before: usize| before + 1 < at);
        before = Some(at);
        if gap && shown.presents() {
            rows.push(Line::default());
        }
        let Some(text) = all.get(at) else { break };
        rows.push(row(column, at, text, gap, width));
    }
    rows
}

fn row<'a>(
    column: &RunColumn<'a>,
    at: usize,
    text: &'a str,
    gap: bool,
    width: usize,
) -> Line<'a> {
    let shown = &column.shown;
    let known = code::known(shown, at);
    let runs = column.phase.goes_on();
    let mut line = Line::from(gutter(shown, at, gap, &known, width, runs));
    let room = width.saturating_sub(line.width());
    let note = if !runs {
        Vec::new()
    } else if width >= ROOMY {
        code::note(shown, &known, room / 2)
    } else {
        threads(shown, &known).into_iter().collect()
    };
    let taken = match width_of(&note) {
        0 => 0,
        taken => taken + 1,
    };
    let room = room.saturating_sub(taken);
    let text = code::indented(text, width);
    let (cut, text) = from_call(text, room);
    if cut {
        line.push_span(shown.say(Role::Dim, shown.look().glyphs.more));
    }
    line.spans.extend(code::text(shown, text, room - usize::from(cut)));
    if taken > 0 {
        let free = width.saturating_sub(line.width() + taken - 1);
        line.push_span(" ".repeat(free));
        line.spans.extend(note);
    }
    if known.inside && runs {
        return line.style(shown.look().style(Role::Here));
    }
    line
}

/// The text, without what stands before its call if that would be cut off:
/// `let x = a.accept()` as `a.accept()`.
fn from_call(text: &str, room: usize) -> (bool, &str) {
    const CALLS: [&str; 4] = ["accept(", "read(", "write(", "wait("];
    let ends = CALLS.iter().filter_map(|it| Some(text.find(it)? + it.len()));
    let is_cut = ends.max().is_some_and(|end| end > room) && room > 1;
    match text.split_once("= ").filter(|_| is_cut) {
        Some((_, call)) => (true, call),
        None => (false, text),
    }
}

/// Who is in the line; one needs no number.
fn threads<'a>(shown: &TrackView<'a>, known: &code::Known) -> Option<Span<'a>> {
    let mut span = code::threads(shown, known)?;
    if let Some(one) = span.content.strip_prefix("1 ") {
        span.content = one.to_owned().into();
    }
    Some(span)
}

fn gutter<'a>(
    shown: &TrackView<'a>,
    at: usize,
    gap: bool,
    known: &code::Known,
    width: usize,
    runs: bool,
) -> Vec<Span<'a>> {
    let mut spans = Vec::new();
    if width >= ROOMY {
        let hits = known.counted.map(|line| show_short(line.hits));
        let hits = format!("{:>5} ", hits.unwrap_or_default());
        spans.push(shown.say(Role::Dim, hits));
    }
    let (role, mark) =
        if runs { code::mark(shown, known) } else { (Role::Dim, " ") };
    let gap = if gap { shown.look().glyphs.gap } else { " " };
    spans.push(shown.say(role, mark));
    spans.push(shown.say(Role::Dim, format!("{:>2}{gap}", at + 1)));
    spans
}
