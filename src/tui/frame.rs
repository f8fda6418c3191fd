//! Draws one frame of the whole screen.

use super::columns;
use super::context::{ScreenContext, Track};
use super::glyphs::Glyphs;
use super::layout::{NEEDED, TrackRegions, chrome};
use super::look::Role;
use super::paint::{lined, put, titled};
use super::panes;
use super::screen::{Dialog, Pane, Screen};
use super::stage::Picture;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Borders, Widget as _};

/// Draws a frame, and places the cursor if a line is being typed.
pub fn draw(screen: &Screen, picture: &Picture, frame: &mut Frame) {
    if let Some(cursor) = draw_into(screen, picture, frame.buffer_mut()) {
        frame.set_cursor_position(cursor);
    }
}

/// Draws a frame into a buffer, without a terminal. Returns the position of the
/// cursor if a line is being typed.
pub fn draw_into(
    screen: &Screen,
    picture: &Picture,
    buffer: &mut Buffer,
) -> Option<Position> {
    let look = &screen.look;
    buffer.set_style(buffer.area, look.ground());
    let cx = ScreenContext { screen, picture };
    let mut cursor = None;
    if let Some(chrome) = chrome(buffer.area, &cx) {
        cursor = paint(&cx, chrome, buffer);
    } else {
        let size = buffer.area.as_size();
        let words = format!("{size} is too small\nneeds {NEEDED}");
        let words = format!("sockscope\n{words}\nq quits");
        put(buffer, buffer.area, words);
    }
    if look.glyphs == &Glyphs::ASCII {
        only_ascii(buffer);
    }
    cursor
}

fn paint(
    cx: &ScreenContext,
    [strip, header, narration, middle, bar, below, footer]: [Rect; 7],
    buffer: &mut Buffer,
) -> Option<Position> {
    let (look, width) = (cx.look(), header.width.into());
    columns::tabs(cx, strip, buffer);
    put(buffer, header, panes::header::line(cx, width));
    let is_help =
        matches!(cx.screen.dialog, Dialog::Help(_) | Dialog::Glossary(_));
    if let Some(run) = cx.open().filter(|_| !is_help) {
        let rows = narration.height.into();
        let regions = TrackRegions::new(buffer.area, cx);
        let findings = regions.and_then(|it| it.of(Pane::Findings));
        let introduces = findings.is_none();
        if run.presents {
            panes::large::draw(&run, narration, introduces, buffer);
        } else {
            let size = (width, rows);
            let lines = panes::narration::lines(&run, size, introduces);
            put(buffer, narration, lines);
        }
    }
    let mut body =
        |area, title: &str| titled(look, area, title, Role::Focus, buffer);
    let mut shows_findings = false;
    match (&cx.screen.dialog, cx.open()) {
        (Dialog::Help(top), _) => {
            shows_findings = true;
            let (dot, theme) = (look.glyphs.dot, look.theme);
            let title = format!("help {dot} theme: {theme}");
            let inner = body(narration.union(middle).union(bar), &title);
            put(buffer, inner, panes::help::lines(cx, inner, *top));
        }
        (Dialog::Glossary(top), _) => {
            let area = narration.union(middle).union(bar);
            let inner = body(area, "glossary");
            put(buffer, inner, panes::glossary::lines(look, inner, *top));
        }
        (Dialog::Detail(socket, from_end), Some(run)) => {
            let inner = body(middle, &format!("all about {socket}"));
            let lines = panes::detail::lines(&run, inner, *socket, *from_end);
            put(buffer, inner, lines);
        }
        (_, Some(run)) => shows_findings = draw_panes(cx, &run, buffer),
        (_, None) => columns::draw(cx, buffer.area, buffer),
    }
    if !is_help {
        panes::scrubber::draw(cx, bar, buffer);
    }
    let (notice, cursor) = panes::notice::line(cx, width, !shows_findings);
    put(buffer, below, notice);
    put(buffer, footer, panes::help::footer(cx, width));
    cursor.map(|x| Position { x, y: below.y })
}

/// Draws the panes of the open run; returns whether findings are among them.
fn draw_panes(cx: &ScreenContext, run: &Track, buffer: &mut Buffer) -> bool {
    let Some(regions) = TrackRegions::new(buffer.area, cx) else {
        return false;
    };
    for wall in &regions.walls {
        // A rule beside the titles, and a line below it.
        lined(run.look, Borders::TOP).render(*wall, buffer);
        let line = Rect { x: wall.x + 1, y: wall.y + 1, width: 1, ..*wall };
        let line = line.intersection(*wall);
        lined(run.look, Borders::LEFT).render(line, buffer);
    }
    for (pane, area) in &regions.panes {
        let is_focus = run.state.focus == *pane;
        let role = if is_focus { Role::Focus } else { Role::Title };
        let title = panes::title(run, *pane);
        let inner = titled(run.look, *area, &title, role, buffer);
        panes::draw(run, *pane, inner, buffer);
    }
    regions.of(Pane::Findings).is_some()
}

/// Replaces every symbol that a terminal without Unicode cannot draw.
fn only_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let plain = match cell.symbol() {
            symbol if symbol.is_ascii() => continue,
            "…" => "~",
            "→" => ">",
            "←" => "<",
            "↑" => "^",
            "↓" => "v",
            "µ" => "u",
            "·" | "—" => "-",
            _ => "?",
        };
        cell.set_symbol(plain);
    }
}
