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
//! The screen is one table: a row has the same meaning in every column, with
//! its name at the left. Where columns do not fit side by side they are a
//! stack: only the selected one, with tabs above it, and the table of what
//! differs, which has all runs.

mod banner;
mod lanes;
mod layout;

pub(super) use layout::ColumnRegions;

use super::context::{ScreenContext, Track};
use super::look::{Look, Role};
use super::paint::{
    TextRows, at_both_ends, filled, lined, put, titled, width as width_of,
};
use super::panes::code;
use super::panes::events::seen;
use super::panes::turns::{self, Figure};
use super::stage::TrackPhase;
use crate::run::comparison::{Comparison, FigureValue};
use crate::text::{clean, cut};
use crate::units::show_count;
use lanes::LaneRows;
use layout::Section;
use ratatui::prelude::{Buffer, Line, Rect, Span, Widget as _};
use ratatui::widgets::Borders;

/// Width of a value in the table, without the space before its bar.
const VALUE: usize = 10;

/// The least width at which a bar is drawn.
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

/// Draws all runs side by side.
pub(super) fn draw(cx: &ScreenContext, area: Rect, buffer: &mut Buffer) {
    let Some(regions) = ColumnRegions::new(cx, area) else { return };
    tabs(cx, regions.tabs, buffer);
    for (section, area) in &regions.sections {
        // A section that is too low has no title.
        let title = match (section, area.height) {
            (Section::Source, 4..) => "source",
            (Section::Sockets, 4..) => "sockets",
            (Section::Counters, 3..) => "counters",
            (Section::Findings, 3..) => "findings",
            (Section::Table, _) if !regions.tabs.is_empty() => "differs",
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
        let mut lines = regions.verdict.clone();
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
    let part = |x, area| Rect { x, width: split.width, ..area };
    let sockets = (section == Section::Sockets)
        .then(|| LaneRows::new(cx, &runs, part(0, inner)));
    let has_title = inner.y > area.y;
    let dim = |words: &str| look.line(Role::Dim, words.to_owned());
    let names = match (section, &sockets) {
        (_, Some(it)) => it.names(&runs, split.names),
        (Section::Banner, _) => banner::names(look, room),
        (Section::Counters, _) => COUNTERS.map(|(name, _)| dim(name)).into(),
        (Section::Findings, _) if !has_title => vec![dim("findings")],
        (Section::Table, _) => titles(look, comparison, split.names.into()),
        _ => Vec::new(),
    };
    put(buffer, Rect { width: split.names, ..inner }, names);
    for ((_, x), run) in split.parts.iter().zip(&runs) {
        let width = usize::from(split.width);
        let lines = match (section, &sockets) {
            (_, Some(it)) => it.lines(run),
            (Section::Head, _) => vec![head(run, width)],
            (Section::Banner, _) => banner::lines(run, width, room),
            (Section::Source, _) => code::lines(run, (width, room), true),
            (Section::Counters, _) => counters(run),
            (Section::Findings, _) => findings(run, width, room),
            _ => values(run, comparison, width),
        };
        put(buffer, part(*x, inner), lines);
        // The axis, or the name of the run, goes into the title's row.
        if let Some(LaneRows { axis, words, .. }) = &sockets
            && has_title
        {
            let place = Rect { x: x + words, ..part(*x, area) };
            put(buffer, place, look.say(Role::Dim, axis.heading()));
        } else if is_table && !regions.tabs.is_empty() {
            let name = cut(run.name, width, look.glyphs.more) + " ";
            put(buffer, part(*x, area), look.say(Role::Text, name));
        }
    }
    for (_, x) in split.parts.iter().skip(1).filter(|_| split.gap > 2) {
        let wall = Rect { x: x - 2, width: 1, ..inner };
        lined(look, Borders::LEFT).render(wall, buffer);
    }
}

/// Draws all runs as tabs in a row, with what each is doing.
pub(super) fn tabs(cx: &ScreenContext, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let (look, width) = (cx.look(), usize::from(area.width));
    let [full, brief] = [true, false].map(|marks| strip(cx, marks));
    let tabs = if width_of(&full) > width { brief } else { full };
    let is_open = cx.screen.open.is_some();
    let hint = is_open.then(|| look.say(Role::Dim, "esc: all columns "));
    let hint = hint.filter(|it| width_of(&tabs) + it.width() < width);
    put(buffer, area, at_both_ends(tabs, Vec::from_iter(hint), width));
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

/// The number and the name of a run, in this role if it is not selected.
fn name(run: &Track, role: Role) -> Span<'static> {
    let role = if run.is_chosen { Role::Selected } else { role };
    run.say(role, format!(" {} {} ", run.place + 1, run.name))
}

/// The name, the waiting mechanism and the phase of a run.
fn head(run: &Track, width: usize) -> Line<'static> {
    let name = name(run, Role::Here);
    let phase = match run.phase {
        TrackPhase::Waiting => "waits",
        TrackPhase::Over => "over",
        TrackPhase::Failed(_) => "failed",
        TrackPhase::Running if run.scene.measured.clients_done => {
            "clients done"
        }
        TrackPhase::Running => run.view.phase.0.name(),
    };
    let free = width.saturating_sub(name.width() + phase.len() + 1);
    let waits = format!(" {}", clean(&run.scene.facts.mechanism));
    let waits = cut(&waits, free, run.look.glyphs.more);
    let left = vec![name, run.say(Role::Dim, waits)];
    at_both_ends(left, vec![run.say(Role::Dim, phase)], width)
}

/// The counters of a run; none before it has started.
fn counters(run: &Track) -> TextRows {
    let begun = *run.phase != TrackPhase::Waiting;
    let counters = COUNTERS.iter().filter(|_| begun);
    counters.map(|(_, it)| run.look.line(Role::Text, it(run))).collect()
}

/// The findings of a run; a symbol marks the last row if more do not fit.
fn findings(run: &Track, width: usize, room: usize) -> TextRows {
    let (look, findings) = (run.look, run.view.findings.iter());
    let mut lines: TextRows =
        findings.flat_map(|it| seen(look, it, width)).collect();
    if lines.is_empty() && *run.phase != TrackPhase::Waiting {
        lines.push(look.line(Role::Dim, "no findings yet"));
    }
    let (rows, more) = (lines.len(), look.glyphs.more);
    lines.truncate(room);
    let last = lines.last_mut().filter(|_| rows > room);
    if let Some(words) = last.and_then(|it| it.spans.last_mut()) {
        let text = format!("{}{more}", words.content);
        let text = cut(&text, width.saturating_sub(1), more);
        *words = look.say(Role::Text, text);
    }
    lines
}

/// The titles of the figures that differ, in the order of the comparison.
fn titles(look: &Look, comparison: &Comparison, width: usize) -> TextRows {
    let title = |title: &str| {
        let title = cut(title, width.saturating_sub(1), look.glyphs.more);
        look.line(Role::Dim, title)
    };
    match &comparison.figures[..] {
        [] => vec![title("nothing so far")],
        figures => figures.iter().map(|it| title(&it.title)).collect(),
    }
}

/// The values of a run, each with a bar if that fits.
fn values(run: &Track, comparison: &Comparison, width: usize) -> TextRows {
    let values = comparison.figures.iter();
    let values = values.filter_map(|it| it.values.get(run.place));
    values.map(|it| value(run.look, it, width)).collect()
}

fn value(look: &Look, value: &FigureValue, width: usize) -> Line<'static> {
    let words = cut(&value.words, width.saturating_sub(1), look.glyphs.more);
    let most = value.share.is_some_and(|share| share >= 1.0);
    let plain = [Role::Text, Role::Dim];
    let [role, of_bar] = if most { [Role::Focus; 2] } else { plain };
    let padded = look.say(role, format!("{words:<VALUE$} "));
    let room = width.saturating_sub(padded.width());
    let Some(share) = value.share.filter(|_| room >= BAR) else {
        return look.line(role, words);
    };
    let filled = filled(share, room).max((share > 0.0).into());
    let bar = look.glyphs.bar[0].repeat(filled);
    Line::from(vec![padded, look.say(of_bar, bar)])
}
