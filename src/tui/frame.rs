//! One frame: every pane in its place.

use super::app::{App, Arrangement, Dialog, Pane};
use super::glyphs::Glyphs;
use super::layout::{self, NEEDED, Present};
use super::look::Look;
use super::panes;
use super::theme::Role;
use crate::view::Scene;
use crate::view::View;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

/// What a pane is drawn from.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    /// What the screen remembers.
    pub(super) app: &'a App,
    /// What surrounds the program.
    pub(super) scene: &'a Scene<'a>,
    /// The program: at present, or as it was when the picture froze.
    pub(super) view: &'a View,
}

impl<'a> Shown<'a> {
    /// How it looks.
    pub(super) const fn look(&self) -> &'a Look {
        &self.app.look
    }

    /// Text in a role.
    pub(super) fn say<'t>(
        &self,
        role: Role,
        text: impl Into<std::borrow::Cow<'t, str>>,
    ) -> Span<'t> {
        self.look().say(role, text)
    }

    /// Whether there are few and large panes.
    pub(super) const fn presents(&self) -> bool {
        matches!(self.app.arrangement, Arrangement::Presenter)
    }
}

/// Draws everything; changes nothing.
pub fn draw(app: &App, scene: &Scene, frame: &mut Frame) {
    if let Some(cursor) = draw_into(app, scene, frame.buffer_mut()) {
        frame.set_cursor_position(cursor);
    }
}

/// The same for a screen that is no terminal; tells where the cursor stands,
/// if something is being typed.
pub fn draw_into(
    app: &App,
    scene: &Scene,
    buffer: &mut Buffer,
) -> Option<Position> {
    let area = buffer.area;
    let ground = app.look.theme.ground(app.look.depth);
    buffer.set_style(area, ground);
    let cursor = draw_in(app, scene, area, buffer);
    finish(&app.look, buffer);
    cursor
}

/// Draws everything into this area; tells where the cursor stands.
pub(super) fn draw_in(
    app: &App,
    scene: &Scene,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let shown = Shown { app, scene, view: app.shown(scene) };
    paint(&shown, area, buffer)
}

/// Leaves nothing that the terminal cannot draw.
pub(super) fn finish(look: &Look, buffer: &mut Buffer) {
    if look.glyphs == &Glyphs::ASCII {
        only_ascii(buffer);
    }
}

/// Where the cursor stands, if something is being typed.
fn paint(shown: &Shown, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let present = Present::of(shown.scene);
    let Some(regions) = layout::regions(area, shown.app, present) else {
        too_small(shown.look(), area, buffer);
        return None;
    };
    let header = panes::header::line(shown, area.width);
    put(buffer, regions.header, &[header]);
    let top = regions.header.bottom();
    let body = |bottom: u16| Rect { y: top, height: bottom - top, ..area };
    match shown.app.dialog {
        Dialog::Help(top) => {
            let (dot, theme) = (shown.look().glyphs.dot, shown.look().theme);
            let title = format!("help {dot} theme: {}", theme.name());
            let body = body(regions.notice.y);
            let inner = titled(shown, body, &title, Role::Focus, buffer);
            let keys = shown.app.keys();
            let lines = panes::help::lines(shown.look(), keys, inner, top);
            put(buffer, inner, &lines);
        }
        Dialog::Detail(socket, from_end) => {
            let title = format!("all about {socket}");
            let body = body(regions.scrubber.y);
            let inner = titled(shown, body, &title, Role::Focus, buffer);
            let lines = panes::detail::lines(shown, inner, socket, from_end);
            put(buffer, inner, &lines);
        }
        Dialog::None | Dialog::Prompt(_) => {
            for wall in &regions.walls {
                draw_wall(shown, *wall, buffer);
            }
            for (pane, area) in &regions.panes {
                draw_pane(shown, *pane, *area, buffer);
            }
        }
    }
    let read = matches!(shown.app.dialog, Dialog::Help(_));
    if let Some(playback) = shown.scene.playback.filter(|_| !read) {
        let area = regions.scrubber;
        panes::scrubber::draw(shown.look(), playback, area, buffer);
    }
    let told = read || regions.of(Pane::Findings).is_some();
    let (notice, cursor) = panes::notice::line(shown, area.width, told);
    put(buffer, regions.notice, &[notice]);
    put(buffer, regions.footer, &[panes::footer::line(shown, area.width)]);
    cursor.map(|x| Position { x, y: regions.notice.y })
}

fn draw_pane(shown: &Shown, pane: Pane, area: Rect, buffer: &mut Buffer) {
    let focused = shown.app.focus == pane;
    let role = if focused { Role::Focus } else { Role::Title };
    let title = panes::title(shown, pane);
    let inner = titled(shown, area, &title, role, buffer);
    put(buffer, inner, &panes::lines(shown, pane, inner));
}

/// Draws a title with its rule and gives what is left below.
fn titled(
    shown: &Shown,
    area: Rect,
    title: &str,
    role: Role,
    buffer: &mut Buffer,
) -> Rect {
    let rules = shown.look().glyphs.rule;
    let title = shown.say(role, format!(" {title} "));
    let rest = usize::from(area.width).saturating_sub(title.width() + 1);
    let top = Line::from(vec![
        shown.say(Role::Dim, rules),
        title,
        shown.say(Role::Dim, rules.repeat(rest)),
    ]);
    put(buffer, area, &[top]);
    let below = area.height.saturating_sub(1);
    Rect { y: area.y + 1, height: below, ..area }
}

fn draw_wall(shown: &Shown, area: Rect, buffer: &mut Buffer) {
    let glyphs = shown.look().glyphs;
    let wall = shown.say(Role::Dim, format!(" {} ", glyphs.wall));
    let corner = shown.say(Role::Dim, glyphs.rule.repeat(area.width.into()));
    let mut rows = vec![Line::from(wall); area.height.into()];
    if let Some(first) = rows.first_mut() {
        *first = corner.into();
    }
    put(buffer, area, &rows);
}

/// Writes rows into an area, as many as fit.
pub(super) fn put(buffer: &mut Buffer, area: Rect, lines: &[Line]) {
    for (row, line) in area.rows().zip(lines) {
        buffer.set_style(row, line.style);
        buffer.set_line(row.x, row.y, line, row.width);
    }
}

pub(super) fn too_small(look: &Look, area: Rect, buffer: &mut Buffer) {
    let has = format!("{}x{} is too small", area.width, area.height);
    let needs = format!("needs {}x{}", NEEDED.width, NEEDED.height);
    let lines = [
        look.say(Role::Focus, "sockscope").into(),
        look.say(Role::Text, has).into(),
        look.say(Role::Text, needs).into(),
        look.say(Role::Dim, "q quits").into(),
    ];
    put(buffer, area, &lines);
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
