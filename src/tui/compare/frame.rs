//! One frame: every column in its place.

use super::super::frame::{draw_in, finish, put, too_small};
use super::super::panes::{help, scrubber};
use super::super::theme::Role;
use super::app::{CompareApp, CompareDialog};
use super::layout::{self, Asked, Regions, Section};
use super::lines::{Column, columns as drawn, rule};
use super::{Columns, banner, figures, sockets, source, words};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

/// Draws everything; changes nothing.
pub fn draw_columns(app: &CompareApp, columns: &Columns, frame: &mut Frame) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    buffer.set_style(area, app.look.theme.ground(app.look.depth));
    let cursor = if app.opened {
        opened(app, columns, area, buffer)
    } else {
        side_by_side(app, columns, area, buffer)
    };
    finish(&app.look, buffer);
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

/// One mode's whole screen, below a row that tells of the others.
fn opened(
    app: &CompareApp,
    columns: &Columns,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let own = app.apps.get(app.chosen)?;
    let scene = columns.scenes.get(app.chosen)?;
    let strip = Rect { height: app.strip().min(area.height), ..area };
    let tabs = words::tabs(
        &app.look,
        &drawn(app, columns),
        area.width,
        "esc: all columns",
    );
    put(buffer, strip, &[tabs]);
    let (y, height) = (area.y + strip.height, area.height - strip.height);
    draw_in(own, scene, Rect { y, height, ..area }, buffer)
}

/// Where everything is.
pub(super) fn regions(
    app: &CompareApp,
    columns: &Columns,
    area: Rect,
) -> Option<Regions> {
    let comparison = app.comparison(columns);
    let verdict = words::verdict(&app.look, comparison, area.width).len();
    let asked = Asked {
        modes: columns.scenes.len(),
        chosen: app.chosen,
        presents: app.presents(),
        verdict: if verdict == 0 { 0 } else { verdict + 1 },
        bar: match columns.playback {
            Some(_) => scrubber::rows(area.height, app.presents()),
            None => 0,
        },
    };
    layout::regions(area, asked)
}

fn side_by_side(
    app: &CompareApp,
    columns: &Columns,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let look = &app.look;
    let Some(regions) = regions(app, columns, area) else {
        too_small(look, area, buffer);
        return None;
    };
    let width = area.width;
    put(buffer, regions.header, &[words::header(app, columns, width)]);
    if let CompareDialog::Help(top) = app.dialog {
        let body = regions.body();
        put(buffer, body, &[rule(look, "help", width)]);
        let inner = below(body, true);
        put(buffer, inner, &help::lines(look, app.keys(), inner, top));
    } else {
        let all = drawn(app, columns);
        if let Some(tabs) = regions.tabs {
            put(buffer, tabs, &[words::tabs(look, &all, width, "")]);
        }
        for (section, area) in &regions.sections {
            let shown = Sight { app, columns, regions: &regions, all: &all };
            shown.section(*section, *area, buffer);
        }
    }
    if let Some(playback) = columns.playback {
        scrubber::draw(look, playback, regions.bar, buffer);
    }
    let (notice, x) = words::notice(app, columns, width);
    put(buffer, regions.notice, &[notice]);
    put(buffer, regions.footer, &[words::footer(app, columns, width)]);
    x.map(|x| Position { x, y: regions.notice.y })
}

/// What is left below a title, if there is one.
fn below(area: Rect, titled: bool) -> Rect {
    let rows = u16::from(titled).min(area.height);
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}

/// All that the sections are drawn from.
struct Sight<'a> {
    app: &'a CompareApp,
    columns: &'a Columns<'a>,
    regions: &'a Regions,
    all: &'a [Column<'a>],
}

impl<'a> Sight<'a> {
    fn section(&self, section: Section, area: Rect, buffer: &mut Buffer) {
        let title = self.title(section, area);
        if let Some(title) = &title {
            let rule = rule(&self.app.look, title, area.width);
            put(buffer, area, &[rule]);
        }
        let inner = below(area, title.is_some());
        match section {
            Section::Table => self.table(area, inner, buffer),
            Section::Verdict => self.verdict(inner, buffer),
            _ => self.of_columns(section, area, inner, buffer),
        }
    }

    /// The title, unless there is no room for one.
    fn title(&self, section: Section, area: Rect) -> Option<String> {
        let words = match section {
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
        };
        Some(words.into())
    }

    /// The columns that are shown, each with its width.
    fn parts(&self) -> Vec<(Column<'a>, u16)> {
        let parts = self.regions.columns.parts.iter();
        let parts = parts.filter_map(|(mode, _, width)| {
            self.all.get(*mode).map(|column| (*column, *width))
        });
        parts.collect()
    }

    fn of_columns(
        &self,
        section: Section,
        area: Rect,
        inner: Rect,
        buffer: &mut Buffer,
    ) {
        let (look, columns) = (&self.app.look, self.parts());
        let (columns, split) = (columns.as_slice(), &self.regions.columns);
        let room = usize::from(inner.height);
        let block = match section {
            Section::Head => words::heads(look, columns),
            Section::Banner => banner::block(look, columns, area.height),
            Section::Source => source::block(columns, room),
            Section::Counters => figures::counters(look, columns),
            Section::Findings => {
                let named = inner.y == area.y;
                figures::findings(look, columns, named, room)
            }
            _ => return self.sockets(columns, area, inner, buffer),
        };
        block.put(look, split, inner, buffer);
    }

    /// The lanes, with the axis in the row of the title.
    fn sockets(
        &self,
        columns: &[(Column<'a>, u16)],
        area: Rect,
        inner: Rect,
        buffer: &mut Buffer,
    ) {
        let (app, split) = (self.app, &self.regions.columns);
        let width = split.parts.first().map_or(0, |it| it.2.into());
        let axis = sockets::axis(self.columns.moment(app), width);
        if inner.y > area.y {
            for (_, x, width) in &split.parts {
                let words = sockets::state_width((*width).into());
                let words = u16::try_from(words).unwrap_or(0).min(*width);
                let place = Rect { x: x + words, width: width - words, ..area };
                let heading = app.look.say(Role::Dim, axis.heading());
                put(buffer, place, &[Line::from(heading)]);
            }
        }
        let room = inner.height.into();
        let from = (app.first_socket, usize::from(split.names));
        let block = sockets::block(&app.look, columns, &axis, room, from);
        block.put(&app.look, split, inner, buffer);
    }

    fn table(&self, area: Rect, inner: Rect, buffer: &mut Buffer) {
        let (app, split) = (self.app, &self.regions.table);
        let comparison = app.comparison(self.columns);
        let widths: Vec<_> = split.parts.iter().map(|it| it.2).collect();
        let sizes = (split.names.into(), widths.as_slice());
        let room = inner.height.into();
        let block = figures::table(&app.look, comparison, sizes, room);
        block.put(&app.look, split, inner, buffer);
        if self.regions.tabs.is_some() {
            let heading =
                figures::heading(&app.look, &comparison.names, &widths);
            for ((_, x, width), name) in split.parts.iter().zip(heading) {
                let place = Rect { x: *x, width: *width, ..area };
                put(buffer, place, &[name]);
            }
        }
    }

    fn verdict(&self, inner: Rect, buffer: &mut Buffer) {
        let comparison = self.app.comparison(self.columns);
        let look = &self.app.look;
        let mut lines = words::verdict(look, comparison, inner.width);
        let room = usize::from(inner.height);
        if lines.len() > room && room > 0 {
            lines.truncate(room - 1);
            let words =
                format!("{} all of it is told at the end", look.glyphs.more);
            lines.push(look.say(Role::Dim, words).into());
        }
        put(buffer, inner, &lines);
    }
}
