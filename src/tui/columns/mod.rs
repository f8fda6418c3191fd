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

use super::frame::{TrackView, lined, put, titled};
use super::look::Look;
use super::panes::code::{self, CodePlace};
use super::screen::Screen;
use super::stage::{Picture, TrackPhase};
use super::theme::Role;
use crate::run::comparison::Comparison;
use crate::text::{clean, cut, wrap};
use banner::Posture;
use layout::{ColumnSplit, Contents, Section};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Borders, Widget as _};

/// One run, as it is drawn.
#[derive(Clone, Copy)]
struct RunColumn<'a> {
    /// Which one, from 0.
    place: usize,
    shown: TrackView<'a>,
    phase: &'a TrackPhase,
    name: &'a str,
    /// It is the chosen one.
    chosen: bool,
    /// Where its part of a row is.
    x: u16,
    width: u16,
}

impl<'a> RunColumn<'a> {
    fn new(
        screen: &'a Screen,
        picture: &'a Picture<'a>,
        (place, x, width): (usize, u16, u16),
    ) -> Option<Self> {
        let track = picture.tracks.get(place)?;
        Some(Self {
            place,
            shown: TrackView::new(screen, place, picture)?,
            phase: &track.phase,
            name: track.name,
            chosen: place == screen.chosen,
            x,
            width,
        })
    }
}

/// The lines of a section: names at the left, and lines for every column.
#[derive(Default)]
struct ColumnRows<'a> {
    names: Vec<Line<'a>>,
    parts: Vec<Vec<Line<'a>>>,
}

impl<'a> ColumnRows<'a> {
    /// Another row: its name, and a line for every column.
    fn row(&mut self, name: Line<'a>, lines: Vec<Line<'a>>) {
        self.names.push(name);
        self.parts.resize_with(lines.len().max(self.parts.len()), Vec::new);
        for (part, line) in self.parts.iter_mut().zip(lines) {
            part.push(line);
        }
    }

    /// Writes them into an area, as much as fits.
    fn put(
        self,
        look: &Look,
        split: &ColumnSplit,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        put(buffer, Rect { width: split.names, ..area }, self.names);
        for ((_, x, width), part) in split.parts.iter().zip(self.parts) {
            put(buffer, Rect { x: *x, width: *width, ..area }, part);
        }
        if split.gap < 3 {
            return;
        }
        for (_, x, _) in split.parts.iter().skip(1) {
            let wall = Rect { x: x - 2, width: 1, ..area };
            lined(look, Borders::LEFT).render(wall, buffer);
        }
    }
}

/// Where everything is, if there is room for it.
pub(super) fn regions(
    screen: &Screen,
    picture: &Picture,
    area: Rect,
) -> Option<ColumnRegions> {
    let comparison = screen.comparison(picture);
    let verdict =
        comparison.map_or(0, |it| verdict(&screen.look, it, area.width).len());
    let contents = Contents {
        runs: picture.tracks.len(),
        verdict: if verdict == 0 { 0 } else { verdict + 1 },
        is_recorded: picture.playback.is_some(),
    };
    layout::regions(area, screen, contents)
}

/// Draws all sections.
pub(super) fn draw(
    screen: &Screen,
    picture: &Picture,
    area: Rect,
    buffer: &mut Buffer,
) {
    let Some(regions) = regions(screen, picture, area) else { return };
    if let Some(area) = regions.tabs {
        tabs(screen, picture, area, "", buffer);
    }
    let parts = regions.columns.parts.iter();
    let columns: Vec<_> = parts
        .filter_map(|part| RunColumn::new(screen, picture, *part))
        .collect();
    let sight = Sections { screen, picture, regions: &regions, columns };
    for (section, area) in &regions.sections {
        sight.draw(*section, *area, buffer);
    }
}

/// All that the sections are drawn from.
struct Sections<'a> {
    screen: &'a Screen,
    picture: &'a Picture<'a>,
    regions: &'a ColumnRegions,
    columns: Vec<RunColumn<'a>>,
}

impl Sections<'_> {
    fn draw(&self, section: Section, area: Rect, buffer: &mut Buffer) {
        let (look, columns) = (&self.screen.look, &*self.columns);
        let inner = match self.title(section, area) {
            Some(title) => titled(look, area, title, Role::Title, buffer),
            None => area,
        };
        let room = usize::from(inner.height);
        let rows = match section {
            Section::Head => heads(look, columns),
            Section::Banner => banner::block(look, columns, area.height),
            Section::Source => source(columns, room),
            Section::Sockets => self.sockets(area, inner, buffer),
            Section::Counters => figures::counters(look, columns),
            Section::Findings => {
                let named = inner.y == area.y;
                figures::findings(look, columns, named, room)
            }
            Section::Table => return self.table(area, inner, buffer),
            Section::Verdict => return self.verdict(inner, buffer),
        };
        rows.put(look, &self.regions.columns, inner, buffer);
    }

    /// The title, unless there is no room for one.
    fn title(&self, section: Section, area: Rect) -> Option<&'static str> {
        Some(match section {
            Section::Head | Section::Banner => return None,
            Section::Source | Section::Sockets if area.height < 4 => {
                return None;
            }
            Section::Counters | Section::Findings if area.height < 3 => {
                return None;
            }
            Section::Source => "source",
            Section::Sockets => "sockets",
            Section::Counters => "counters",
            Section::Findings => "findings",
            Section::Table if self.regions.tabs.is_some() => "differs",
            Section::Table => "what differs",
            Section::Verdict => "verdict",
        })
    }

    /// The lanes, with the axis in the row of the title.
    fn sockets(
        &self,
        area: Rect,
        inner: Rect,
        buffer: &mut Buffer,
    ) -> ColumnRows<'_> {
        let (screen, split) = (self.screen, &self.regions.columns);
        let width = self.columns.first().map_or(0, |it| it.width.into());
        let axis = lanes::axis(self.picture.moment(screen), width);
        if inner.y > area.y {
            for RunColumn { x, width, .. } in &self.columns {
                let words = lanes::state_width((*width).into());
                let words = u16::try_from(words).unwrap_or(0).min(*width);
                let place = Rect { x: x + words, width: width - words, ..area };
                let heading = screen.look.say(Role::Dim, axis.heading());
                put(buffer, place, heading);
            }
        }
        let from = (screen.first_socket, usize::from(split.names));
        let room = inner.height.into();
        lanes::block(&screen.look, &self.columns, &axis, room, from)
    }

    fn table(&self, area: Rect, inner: Rect, buffer: &mut Buffer) {
        let (look, split) = (&self.screen.look, &self.regions.table);
        let Some(comparison) = self.screen.comparison(self.picture) else {
            return;
        };
        let widths: Vec<_> = split.parts.iter().map(|it| it.2).collect();
        let sizes = (split.names.into(), widths.as_slice());
        let room = inner.height.into();
        let rows = figures::table(look, comparison, sizes, room);
        rows.put(look, split, inner, buffer);
        if self.regions.tabs.is_some() {
            let heading = figures::heading(look, &comparison.names, &widths);
            for ((_, x, width), name) in split.parts.iter().zip(heading) {
                let place = Rect { x: *x, width: *width, ..area };
                put(buffer, place, name);
            }
        }
    }

    fn verdict(&self, inner: Rect, buffer: &mut Buffer) {
        let look = &self.screen.look;
        let Some(comparison) = self.screen.comparison(self.picture) else {
            return;
        };
        let mut lines = verdict(look, comparison, inner.width);
        let room = usize::from(inner.height);
        if lines.len() > room && room > 0 {
            lines.truncate(room - 1);
            let words = format!(
                "{} the whole verdict comes at the end",
                look.glyphs.more
            );
            lines.push(look.say(Role::Dim, words).into());
        }
        put(buffer, inner, lines);
    }
}

/// Where the threads of every run are, in its source.
fn source<'a>(columns: &[RunColumn<'a>], height: usize) -> ColumnRows<'a> {
    let parts = columns.iter().map(|column| {
        let place = CodePlace::Column { goes_on: column.phase.goes_on() };
        code::lines(&column.shown, place, column.width.into(), height)
    });
    ColumnRows { names: Vec::new(), parts: parts.collect() }
}

/// All runs in a row: which one is shown, and what each is doing.
pub(super) fn tabs(
    screen: &Screen,
    picture: &Picture,
    area: Rect,
    hint: &'static str,
    buffer: &mut Buffer,
) {
    let look = &screen.look;
    let parts = (0..picture.tracks.len()).map(|place| (place, 0, 0));
    let columns: Vec<_> = parts
        .filter_map(|part| RunColumn::new(screen, picture, part))
        .collect();
    let marked = strip(look, &columns, true);
    let mut spans = if width_of(&marked) > area.width.into() {
        strip(look, &columns, false)
    } else {
        marked
    };
    let room = usize::from(area.width).saturating_sub(width_of(&spans));
    if hint.len() + 2 <= room {
        spans.push(" ".repeat(room - hint.len() - 1).into());
        spans.push(look.say(Role::Dim, hint));
    }
    put(buffer, area, Line::from(spans));
}

fn strip<'a>(
    look: &Look,
    columns: &[RunColumn<'a>],
    marks: bool,
) -> Vec<Span<'a>> {
    let tab = |column: &RunColumn| {
        let name = format!(" {} {} ", column.place + 1, column.name);
        let role = if column.chosen { Role::Selected } else { Role::Text };
        let posture = Posture::of(column);
        let waits =
            column.phase.goes_on() && banner::waits(&column.shown).is_some();
        let waits = if waits { "!" } else { " " };
        let mark = if marks { posture.mark.clone() } else { String::new() };
        let waits = look.say(Role::Bad, if marks { waits } else { "" });
        [look.say(role, name), Span::styled(mark, posture.style(look)), waits]
    };
    columns.iter().flat_map(tab).collect()
}

/// The names of the runs and how they wait, and how far they are.
fn heads<'a>(look: &Look, columns: &[RunColumn<'a>]) -> ColumnRows<'a> {
    let mut rows = ColumnRows::default();
    let heads = columns.iter().map(|it| head(look, it)).collect();
    rows.row(Line::default(), heads);
    rows
}

fn head<'a>(look: &Look, column: &RunColumn<'a>) -> Line<'a> {
    let (shown, width) = (&column.shown, usize::from(column.width));
    let role = if column.chosen { Role::Selected } else { Role::Here };
    let name = format!(" {} {} ", column.place + 1, column.name);
    let name = look.say(role, name);
    let phase = match column.phase {
        TrackPhase::Waiting => "waits",
        TrackPhase::Over => "over",
        TrackPhase::Failed(_) => "failed",
        _ if shown.scene.measured.clients_done => "clients done",
        _ => shown.view.phase.0.name(),
    };
    let phase = look.say(Role::Dim, phase);
    let free = width.saturating_sub(name.width() + phase.width());
    let waits = format!(" {}", clean(&shown.scene.facts.mechanism));
    let waits = cut(&waits, free.saturating_sub(1), look.glyphs.more);
    let waits = look.say(Role::Dim, waits);
    let free = " ".repeat(free.saturating_sub(waits.width()));
    Line::from(vec![name, waits, free.into(), phase])
}

/// The verdict in rows, below its title.
fn verdict<'a>(
    look: &Look,
    comparison: &Comparison,
    width: u16,
) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for sentence in &comparison.verdict {
        let rows = wrap(sentence, usize::from(width).saturating_sub(2));
        for (at, text) in rows.into_iter().enumerate() {
            let mark = if at == 0 { look.glyphs.tell } else { " " };
            lines.push(Line::from(vec![
                look.say(Role::Ready, mark),
                look.say(Role::Text, format!(" {text}")),
            ]));
        }
    }
    lines
}

/// The columns of the terminal that these take.
fn width_of(spans: &[Span]) -> usize {
    spans.iter().map(Span::width).sum()
}
