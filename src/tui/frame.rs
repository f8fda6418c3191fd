//! One frame: everything in its place.

use super::columns;
use super::context::ScreenContext;
use super::glyphs::Glyphs;
use super::layout::{Chrome, NEEDED, TrackRegions, strip_and_rest};
use super::look::{Look, Role};
use super::paint::{lined, put, titled};
use super::panes;
use super::screen::{Dialog, Pane, Screen};
use super::stage::Picture;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Borders, Widget as _};

/// Draws everything; changes nothing.
pub fn draw(screen: &Screen, picture: &Picture, frame: &mut Frame) {
    if let Some(cursor) = draw_into(screen, picture, frame.buffer_mut()) {
        frame.set_cursor_position(cursor);
    }
}

/// The same for a screen that is no terminal; gives the place of the cursor,
/// if something is being typed.
pub fn draw_into(
    screen: &Screen,
    picture: &Picture,
    buffer: &mut Buffer,
) -> Option<Position> {
    let look = &screen.look;
    buffer.set_style(buffer.area, look.ground());
    let cx = ScreenContext::new(screen, picture);
    let cursor = paint(&cx, buffer.area, buffer);
    if look.glyphs == &Glyphs::ASCII {
        only_ascii(buffer);
    }
    cursor
}

fn paint(
    cx: &ScreenContext,
    whole: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let look = cx.look();
    let [strip, area] = strip_and_rest(cx.screen, whole);
    let Some(chrome) = Chrome::new(area, cx) else {
        too_small(look, whole, buffer);
        return None;
    };
    if cx.screen.open.is_some() {
        columns::tabs(cx, strip, "esc: all columns", buffer);
    }
    put(buffer, chrome.header, panes::header::line(cx, area.width.into()));
    let mut body =
        |area, title: &str| titled(look, area, title, Role::Focus, buffer);
    let mut shows_findings = false;
    let mut reads = false;
    match (&cx.screen.dialog, cx.open()) {
        (Dialog::Help(top), _) => {
            (shows_findings, reads) = (true, true);
            let theme = look.theme.name();
            let title = format!("help {} theme: {theme}", look.glyphs.dot);
            let inner = body(chrome.body.union(chrome.scrubber), &title);
            put(buffer, inner, panes::help::lines(cx, inner, *top));
        }
        (Dialog::Detail(socket, from_end), Some(run)) => {
            let inner = body(chrome.body, &format!("all about {socket}"));
            let lines = panes::detail::lines(&run, inner, *socket, *from_end);
            put(buffer, inner, lines);
        }
        (_, Some(_)) => shows_findings = draw_panes(cx, whole, buffer),
        (_, None) => columns::draw(cx, area, buffer),
    }
    if !reads {
        panes::scrubber::draw(cx, chrome.scrubber, buffer);
    }
    let width = area.width.into();
    let (notice, cursor) = panes::notice::line(cx, width, shows_findings);
    put(buffer, chrome.notice, notice);
    put(buffer, chrome.footer, panes::help::footer(cx, width));
    cursor.map(|x| Position { x, y: chrome.notice.y })
}

/// The panes of the open run; says whether its findings are among them.
fn draw_panes(cx: &ScreenContext, whole: Rect, buffer: &mut Buffer) -> bool {
    let regions = TrackRegions::new(whole, cx);
    let (Some(regions), Some(run)) = (regions, cx.open()) else { return false };
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
        let title = panes::title(&run, *pane);
        let inner = titled(run.look, *area, &title, role, buffer);
        panes::draw(&run, *pane, inner, buffer);
    }
    regions.of(Pane::Findings).is_some()
}

fn too_small(look: &Look, area: Rect, buffer: &mut Buffer) {
    let lines = vec![
        look.line(Role::Focus, "sockscope"),
        look.line(
            Role::Text,
            format!("{}x{} is too small", area.width, area.height),
        ),
        look.line(
            Role::Text,
            format!("needs {}x{}", NEEDED.width, NEEDED.height),
        ),
        look.line(Role::Dim, "q quits"),
    ];
    put(buffer, area, lines);
}

/// Leaves nothing that a terminal without Unicode cannot draw.
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
