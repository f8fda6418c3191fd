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
use super::paint::{
    TextRows, at_both_ends, lined, put, titled, width as width_of,
};
use super::panes::code;
use super::panes::lane::Axis;
use super::stage::TrackPhase;
use crate::run::comparison::Comparison;
use crate::text::{clean, cut, wrap};
use layout::Section;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Borders, Widget as _};

/// Where everything is, if there is room for it.
pub(super) fn regions(cx: &ScreenContext, area: Rect) -> Option<ColumnRegions> {
    let verdict = cx.comparison().map(|it| verdict(cx.look(), it, area.width));
    let rows = verdict.map_or(0, |it| it.len());
    // Its title stands above it.
    ColumnRegions::new(area, cx, if rows > 0 { rows + 1 } else { 0 })
}

/// Draws all sections.
pub(super) fn draw(cx: &ScreenContext, area: Rect, buffer: &mut Buffer) {
    let Some(regions) = regions(cx, area) else { return };
    if let Some(area) = regions.tabs {
        tabs(cx, area, "", buffer);
    }
    for (section, area) in &regions.sections {
        // Unless there is no room for one.
        let title = match (section, area.height) {
            (Section::Source, 4..) => "source",
            (Section::Sockets, 4..) => "sockets",
            (Section::Counters, 3..) => "counters",
            (Section::Findings, 3..) => "findings",
            (Section::Table, _) if regions.tabs.is_some() => "differs",
            (Section::Table, _) => "what differs",
            (Section::Verdict, _) => "verdict",
            _ => "",
        };
        let inner = match title {
            "" => *area,
            title => titled(cx.look(), *area, title, Role::Title, buffer),
        };
        draw_section(cx, &regions, *section, [*area, inner], buffer);
    }
}

fn draw_section(
    cx: &ScreenContext,
    regions: &ColumnRegions,
    section: Section,
    [area, inner]: [Rect; 2],
    buffer: &mut Buffer,
) {
    let (look, none) = (cx.look(), Comparison::default());
    let comparison = cx.comparison().unwrap_or(&none);
    let room = usize::from(inner.height);
    if section == Section::Verdict {
        let mut lines = verdict(look, comparison, inner.width);
        if lines.len() > room && room > 0 {
            let more = look.glyphs.more;
            let words = format!("{more} the whole verdict comes at the end");
            lines[room - 1] = look.line(Role::Dim, words);
        }
        return put(buffer, inner, lines);
    }
    let is_table = section == Section::Table;
    let split = if is_table { &regions.table } else { &regions.columns };
    let runs = split.parts.iter().filter_map(|it| cx.track(it.0));
    let runs: Vec<_> = runs.collect();
    let words = lanes::state_width(split.width).min(split.width);
    let axis = Axis::close_by(cx.moment(), (split.width - words).into());
    let sockets = match section {
        Section::Sockets => lanes::rows(&runs, cx.screen.first_socket, room),
        _ => Default::default(),
    };
    let has_title = inner.y > area.y;
    let names = match section {
        Section::Banner => banner::names(look, room),
        Section::Counters => figures::names(look),
        Section::Findings if !has_title => {
            vec![look.line(Role::Dim, "findings")]
        }
        Section::Sockets => lanes::names(look, &runs, &sockets, split.names),
        Section::Table => figures::titles(look, comparison, split.names),
        _ => Vec::new(),
    };
    put(buffer, Rect { width: split.names, ..inner }, names);
    for ((_, x), run) in split.parts.iter().zip(&runs) {
        let width = usize::from(split.width);
        let lines = match section {
            Section::Head => vec![head(run, width)],
            Section::Banner => banner::lines(run, width, room),
            Section::Source => code::lines(run, (width, room), true),
            Section::Sockets => lanes::lines(run, &axis, &sockets.0, words),
            Section::Counters => figures::counters(run),
            Section::Findings => figures::findings(run, width, room),
            Section::Table => figures::values(run, comparison, width),
            Section::Verdict => Vec::new(),
        };
        let part = |area| Rect { x: *x, width: split.width, ..area };
        put(buffer, part(inner), lines);
        // In the row of the title.
        if section == Section::Sockets && has_title {
            let place = Rect { x: x + words, ..part(area) };
            put(buffer, place, look.say(Role::Dim, axis.heading()));
        } else if is_table && regions.tabs.is_some() {
            let name = cut(run.name, width, look.glyphs.more) + " ";
            put(buffer, part(area), look.say(Role::Text, name));
        }
    }
    for (_, x) in split.parts.iter().skip(1).filter(|_| split.gap > 2) {
        let wall = Rect { x: x - 2, width: 1, ..inner };
        lined(look, Borders::LEFT).render(wall, buffer);
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
    let width = usize::from(area.width);
    let [full, brief] = [true, false].map(|marks| strip(cx, marks));
    let tabs = if width_of(&full) > width { brief } else { full };
    let hint = cx.look().say(Role::Dim, format!("{hint} "));
    let fits = width_of(&tabs) + hint.width() < width;
    let hint = fits.then_some(hint).into_iter().collect();
    put(buffer, area, at_both_ends(tabs, hint, width));
}

fn strip(cx: &ScreenContext, marks: bool) -> Vec<Span<'static>> {
    let tab = |run: Track| {
        let (style, mark, _) = banner::posture(&run);
        let waits = run.phase.goes_on() && banner::waits(&run).is_some();
        let waits = run.say(Role::Bad, if waits { "!" } else { " " });
        let tab = [name(&run, Role::Text), Span::styled(mark, style), waits];
        tab.into_iter().take(if marks { 3 } else { 1 })
    };
    cx.tracks().flat_map(tab).collect()
}

/// The number and the name of a run, in this role if it is not the chosen one.
fn name(run: &Track, role: Role) -> Span<'static> {
    let role = if run.is_chosen { Role::Selected } else { role };
    run.say(role, format!(" {} {} ", run.place + 1, run.name))
}

/// The name of a run and how it waits, and how far it is.
fn head(run: &Track, width: usize) -> Line<'static> {
    let name = name(run, Role::Here);
    let phase = match run.phase {
        TrackPhase::Waiting => "waits",
        TrackPhase::Over => "over",
        TrackPhase::Failed(_) => "failed",
        _ if run.scene.measured.clients_done => "clients done",
        _ => run.view.phase.0.name(),
    };
    let free = width.saturating_sub(name.width() + phase.len() + 1);
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
