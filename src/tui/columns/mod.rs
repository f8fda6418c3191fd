//! Several runs side by side: a row for each, and a column for as many as fit.
//!
//! ```text
//! ┌────────────────────────────────────────────────────────────────┐
//! │header                                                          │
//! │ 1 serial      !! asleep in read      longest echo  in vain  CPU│
//! │   read(2)     talker waits           ▐──────────────────────── │
//! │ 2 nonblocking ▓▓ spinning            longest echo  in vain  CPU│
//! │   nothing     no client waits        ▐▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓ │
//! ├─ source ─────  1 serial ──────────────  2 nonblocking ─────────┤
//! ├─ sockets ──────────────────────────────────────────────────────┤
//! │#1            ───█───█────────    │ ▓▓█▓▓▓█▓▓                   │
//! ├─ findings ─────────────────────────────────────────────────────┤
//! ├─ what differs ─────────────────────────────────────────────────┤
//! ├─ verdict (once all are over) ──────────────────────────────────┤
//! ├─ bar (of recordings) ──────────────────────────────────────────┤
//! │notice                                                          │
//! │footer                                                          │
//! └────────────────────────────────────────────────────────────────┘
//! ```
//! The rows have all runs at every size of the screen, and so has the table of
//! what differs. Source, sockets and findings have those columns that are
//! readable side by side, the selected one among them. A figure stands in one
//! place only.

mod lanes;
mod layout;
mod rows;
mod table;

pub(super) use layout::ColumnRegions;

use super::context::{ScreenContext, Track};
use super::look::{Look, Role};
use super::paint::{
    TextRows, at_both_ends, fitting_rows, lined, put, titled, width as width_of,
};
use super::panes::code;
use super::panes::events::seen;
use super::stage::TrackPhase;
use crate::run::comparison::Comparison;
use crate::text::cut;
use lanes::LaneRows;
use layout::{ColumnSplit, Section};
use ratatui::prelude::{Buffer, Rect, Span, Widget as _};
use ratatui::widgets::Borders;

/// Draws all runs side by side.
pub(super) fn draw(cx: &ScreenContext, area: Rect, buffer: &mut Buffer) {
    let Some(regions) = ColumnRegions::new(cx, area) else { return };
    let none = Comparison::default();
    let comparison = cx.comparison().unwrap_or(&none);
    let mut above = None;
    for (section, area) in &regions.sections {
        match section {
            Section::Rows => regions.rows.draw(cx, comparison, buffer),
            Section::Verdict => {
                let inner = title(cx, *area, "verdict", buffer);
                put(buffer, inner, verdict(cx.look(), &regions, inner));
            }
            section => draw_columns(cx, &regions, *section, *area, buffer),
        }
        // The labels of the rows' axis stand below them, unless there is
        // another text.
        let is_free = *section != Section::Sockets
            && *section != Section::Table
            && regions.texts.parts.len() == 1;
        let axis = regions.rows.axis(cx, Rect { height: 1, ..*area });
        if above == Some(Section::Rows)
            && is_free
            && let Some((place, words)) = axis
        {
            put(buffer, place, cx.look().line(Role::Dim, words));
        }
        above = Some(*section);
    }
}

fn title(
    cx: &ScreenContext,
    area: Rect,
    title: &str,
    buffer: &mut Buffer,
) -> Rect {
    titled(cx.look(), area, title, Role::Title, buffer)
}

/// The lines of the verdict that fit into its area.
fn verdict(look: &Look, regions: &ColumnRegions, area: Rect) -> TextRows {
    let (mut lines, room) = (regions.verdict.clone(), area.height.into());
    if lines.len() > room && room > 0 {
        let more = look.glyphs.more;
        let words = format!("{more} the whole verdict comes at the end");
        lines[room - 1] = look.line(Role::Dim, words);
    }
    lines
}

/// Draws a section that has a column for each run that is shown.
fn draw_columns(
    cx: &ScreenContext,
    regions: &ColumnRegions,
    section: Section,
    area: Rect,
    buffer: &mut Buffer,
) {
    let (look, none) = (cx.look(), Comparison::default());
    let comparison = cx.comparison().unwrap_or(&none);
    let (split, words) = match section {
        Section::Sockets => (&regions.columns, "sockets"),
        Section::Table => (&regions.table, "what differs"),
        Section::Source => (&regions.texts, "source"),
        _ => (&regions.texts, "findings"),
    };
    let runs: Vec<_> =
        split.parts.iter().filter_map(|it| cx.track(it.0)).collect();
    // Without a column of names the first run's name joins the title.
    let has_names = split.names > 0;
    let words = match &runs[..] {
        [first, ..] if runs.len() == 1 || !has_names => {
            format!("{words} of {}", first.name)
        }
        _ if split.names < 20 => words.trim_start_matches("what ").into(),
        _ => words.to_owned(),
    };
    let inner = title(cx, area, &words, buffer);
    let (width, room) = (usize::from(split.width), usize::from(inner.height));
    let part = |x, area| Rect { x, width: split.width, ..area };
    let sockets = (section == Section::Sockets)
        .then(|| LaneRows::new(cx, &runs, part(0, inner)));
    let names = match (section, &sockets) {
        (_, Some(it)) => it.names(look, split.names),
        (Section::Table, _) => {
            table::titles(look, comparison, split.names.into())
        }
        _ => Vec::new(),
    };
    put(buffer, Rect { width: split.names, ..inner }, names);
    let titled = runs.len().min((!has_names || runs.len() == 1).into());
    for (at, ((_, x), run)) in split.parts.iter().zip(&runs).enumerate() {
        let lines = match (section, &sockets) {
            (_, Some(it)) => it.lines(run),
            (Section::Source, _) => code::lines(run, (width, room), true),
            (Section::Findings, _) => findings(run, width, room),
            _ => table::values(run, comparison, width),
        };
        put(buffer, part(*x, inner), lines);
        let room = match &sockets {
            Some(it) => usize::from(it.words),
            None => width,
        };
        if at >= titled {
            let name = cut(run.name, room.saturating_sub(1), look.glyphs.more);
            let role = if run.is_chosen { Role::Focus } else { Role::Text };
            put(buffer, part(*x, area), look.say(role, name + " "));
        }
        if let Some(LaneRows { axis, words, .. }) = &sockets {
            let place = Rect { x: x + words, ..part(*x, area) };
            put(buffer, place, look.say(Role::Dim, axis.heading()));
        }
    }
    draw_walls(look, split, inner, buffer);
}

/// Draws a line between two columns where there is room for it.
fn draw_walls(
    look: &Look,
    split: &ColumnSplit,
    area: Rect,
    buffer: &mut Buffer,
) {
    for (_, x) in split.parts.iter().skip(1).filter(|_| split.gap > 2) {
        let wall = Rect { x: x - 2, width: 1, ..area };
        lined(look, Borders::LEFT).render(wall, buffer);
    }
}

/// Draws all runs as tabs in a row, with what each is doing.
pub(super) fn tabs(cx: &ScreenContext, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let (look, width) = (cx.look(), usize::from(area.width));
    let [full, brief] = [3, 2].map(|spans| strip(cx, spans));
    let tabs = if width_of(&full) > width { brief } else { full };
    let hint = look.say(Role::Dim, cx.keys().words("{back}: all columns "));
    let hint = (width_of(&tabs) + hint.width() < width).then_some(hint);
    put(buffer, area, at_both_ends(tabs, Vec::from_iter(hint), width));
}

fn strip(cx: &ScreenContext, spans: usize) -> Vec<Span<'static>> {
    let tab = |run: Track| {
        let tab = [rows::name(&run, Role::Text), " ".into(), rows::sign(&run)];
        tab.into_iter().take(spans)
    };
    cx.tracks().flat_map(tab).collect()
}

/// The findings of a run; a symbol marks the last row if more do not fit.
fn findings(run: &Track, width: usize, room: usize) -> TextRows {
    let (look, findings) = (run.look, run.view.findings.iter());
    let mut lines: TextRows =
        findings.flat_map(|it| seen(look, it, width)).collect();
    if lines.is_empty() && *run.phase != TrackPhase::Waiting {
        lines.push(look.line(Role::Dim, "no findings yet"));
    }
    fitting_rows(look, lines, (width, room))
}
