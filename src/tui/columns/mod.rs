//! Several runs side by side, each with a column of its own.
//!
//! ```text
//! ┌────────────────────────────────────────────────────────────────┐
//! │header                                                          │
//! │              1 serial            │ 2 nonblocking               │
//! │              zZ asleep in read   │ ▓▓ spinning                 │
//! │who waits     1 waits behind #1   │ nobody                      │
//! ├─ source ───────────────────────────────────────────────────────┤
//! ├─ sockets ──────────────────────────────────────────────────────┤
//! │#1            ───█───█────────    │ ▓▓█▓▓▓█▓▓                   │
//! ├─ counters ─────────────────────────────────────────────────────┤
//! ├─ findings ─────────────────────────────────────────────────────┤
//! ├─ what differs ─────────────────────────────────────────────────┤
//! ├─ verdict (once all are over) ──────────────────────────────────┤
//! ├─ bar (of recordings) ──────────────────────────────────────────┤
//! │notice                                                          │
//! │footer                                                          │
//! └────────────────────────────────────────────────────────────────┘
//! ```
//! What all columns have in common stands in one row, its name at the left:
//! the screen is one table. Where the columns find no room beside each other
//! they are a stack: one of them, with tabs above, and the table of what
//! differs of all of them.

mod banner;
mod figures;
mod lanes;
mod layout;

pub(super) use layout::ColumnRegions;

use super::context::{ScreenContext, Track};
use super::look::{Look, Role};
use super::paint::{TextRows, at_both_ends, put, titled, width as width_of};
use super::panes::code;
use super::panes::lane::Axis;
use super::stage::TrackPhase;
use crate::run::comparison::Comparison;
use crate::text::{clean, cut, wrap};
use banner::Posture;
use layout::{ColumnRows, Section};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

/// Where everything is, if there is room for it.
pub(super) fn regions(cx: &ScreenContext, area: Rect) -> Option<ColumnRegions> {
    let verdict = cx
        .comparison()
        .map_or(0, |it| verdict(cx.look(), it, area.width).len());
    // Its title stands above it.
    let rows = if verdict == 0 { 0 } else { verdict + 1 };
    ColumnRegions::new(area, cx, rows)
}

/// Draws all sections.
pub(super) fn draw(cx: &ScreenContext, area: Rect, buffer: &mut Buffer) {
    let Some(regions) = regions(cx, area) else { return };
    if let Some(area) = regions.tabs {
        tabs(cx, area, "", buffer);
    }
    let parts = regions.columns.parts.iter();
    let columns: Vec<_> = parts.filter_map(|it| cx.track(it.0)).collect();
    for (section, area) in &regions.sections {
        draw_section(cx, &regions, &columns, (*section, *area), buffer);
    }
}

fn draw_section(
    cx: &ScreenContext,
    regions: &ColumnRegions,
    columns: &[Track],
    (section, area): (Section, Rect),
    buffer: &mut Buffer,
) {
    let (look, split) = (cx.look(), &regions.columns);
    let inner = match title(section, area.height, regions.tabs.is_some()) {
        Some(title) => titled(look, area, title, Role::Title, buffer),
        None => area,
    };
    let (width, room) = (split.width.into(), inner.height.into());
    let has_title = inner.y > area.y;
    let nameless = |parts| ColumnRows { names: Vec::new(), parts };
    let rows = match section {
        Section::Head => {
            nameless(columns.iter().map(|it| vec![head(it, width)]).collect())
        }
        Section::Banner => banner::rows(look, columns, width, room),
        Section::Source => {
            let lines = |it| code::column_lines(it, width, room);
            nameless(columns.iter().map(lines).collect())
        }
        Section::Sockets => {
            // The axis is in the row of the title.
            let words = lanes::state_width(split.width).min(split.width);
            let axis = usize::from(split.width - words);
            let axis = Axis::close_by(cx.moment(), axis);
            for (_, x) in split.parts.iter().filter(|_| has_title) {
                let width = split.width - words;
                let place = Rect { x: x + words, width, ..area };
                put(buffer, place, look.say(Role::Dim, axis.heading()));
            }
            let first = cx.screen.first_socket;
            lanes::rows(look, columns, &axis, (first, room), split)
        }
        Section::Counters => figures::counters(look, columns),
        Section::Findings => {
            let name = look.line(Role::Dim, "findings");
            let names = if has_title { Vec::new() } else { vec![name] };
            let parts = figures::findings(look, columns, width, room);
            ColumnRows { names, parts }
        }
        Section::Table => {
            let Some(comparison) = cx.comparison() else { return };
            let split = &regions.table;
            let rows = figures::table(look, comparison, split, room);
            rows.put(look, split, inner, buffer);
            let named = split.parts.iter().zip(&comparison.names);
            for ((_, x), name) in named.filter(|_| regions.tabs.is_some()) {
                let name = cut(name, split.width.into(), look.glyphs.more);
                let name = look.say(Role::Text, format!("{name} "));
                put(buffer, split.part(*x, area), name);
            }
            return;
        }
        Section::Verdict => {
            let Some(comparison) = cx.comparison() else { return };
            let mut lines = verdict(look, comparison, inner.width);
            if lines.len() > room && room > 0 {
                lines.truncate(room - 1);
                let more = look.glyphs.more;
                let words =
                    format!("{more} the whole verdict comes at the end");
                lines.push(look.line(Role::Dim, words));
            }
            return put(buffer, inner, lines);
        }
    };
    rows.put(look, split, inner, buffer);
}

/// The title of a section, unless there is no room for one.
const fn title(
    section: Section,
    height: u16,
    is_stack: bool,
) -> Option<&'static str> {
    match section {
        Section::Source if height > 3 => Some("source"),
        Section::Sockets if height > 3 => Some("sockets"),
        Section::Counters if height > 2 => Some("counters"),
        Section::Findings if height > 2 => Some("findings"),
        Section::Table if is_stack => Some("differs"),
        Section::Table => Some("what differs"),
        Section::Verdict => Some("verdict"),
        _ => None,
    }
}

/// All runs in a row: which one is shown, and what each is doing.
pub(super) fn tabs(
    cx: &ScreenContext,
    area: Rect,
    hint: &'static str,
    buffer: &mut Buffer,
) {
    if area.is_empty() {
        return;
    }
    let (look, width) = (cx.look(), usize::from(area.width));
    let mut tabs = strip(cx, true);
    if width_of(&tabs) > width {
        tabs = strip(cx, false);
    }
    let hint = look.say(Role::Dim, format!("{hint} "));
    let fits = width_of(&tabs) + hint.width() < width;
    let hint = if fits { vec![hint] } else { Vec::new() };
    put(buffer, area, at_both_ends(tabs, hint, width));
}

fn strip(cx: &ScreenContext, marks: bool) -> Vec<Span<'static>> {
    let tab = |run: Track| {
        let role = if run.is_chosen { Role::Selected } else { Role::Text };
        let name = run.say(role, format!(" {} {} ", run.place + 1, run.name));
        if !marks {
            return vec![name];
        }
        let posture = Posture::of(&run);
        let style = posture.style(run.look);
        let waits = run.phase.goes_on() && banner::waits(&run).is_some();
        let waits = run.say(Role::Bad, if waits { "!" } else { " " });
        vec![name, Span::styled(posture.mark, style), waits]
    };
    cx.tracks().flat_map(tab).collect()
}

/// The name of a run and how it waits, and how far it is.
fn head(run: &Track, width: usize) -> Line<'static> {
    let role = if run.is_chosen { Role::Selected } else { Role::Here };
    let name = run.say(role, format!(" {} {} ", run.place + 1, run.name));
    let phase = match run.phase {
        TrackPhase::Waiting => "waits",
        TrackPhase::Over => "over",
        TrackPhase::Failed(_) => "failed",
        _ if run.scene.measured.clients_done => "clients done",
        _ => run.view.phase.0.name(),
    };
    let free = width.saturating_sub(name.width() + phase.width() + 1);
    let waits = format!(" {}", clean(&run.scene.facts.mechanism));
    let waits = cut(&waits, free, run.look.glyphs.more);
    let left = vec![name, run.say(Role::Dim, waits)];
    at_both_ends(left, vec![run.say(Role::Dim, phase)], width)
}

/// The verdict in rows, below its title.
fn verdict(look: &Look, comparison: &Comparison, width: u16) -> TextRows {
    let rows = comparison.verdict.iter().flat_map(|sentence| {
        let rows = wrap(sentence, usize::from(width).saturating_sub(2));
        rows.into_iter().enumerate().map(|(at, text)| {
            let mark = if at == 0 { look.glyphs.tell } else { " " };
            let text = look.say(Role::Text, format!(" {text}"));
            Line::from(vec![look.say(Role::Ready, mark), text])
        })
    });
    rows.collect()
}
