//! One frame: everything in its place.

use super::glyphs::Glyphs;
use super::layout::{self, Chrome, NEEDED};
use super::look::Look;
use super::screen::{Dialog, Pane, Screen, TrackState};
use super::stage::Picture;
use super::theme::Role;
use super::{columns, panes, travel};
use crate::view::{Scene, View};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::symbols::border;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Borders, Widget as _};
use std::borrow::Cow;

/// What the panes of one run are drawn from.
#[derive(Clone, Copy)]
pub(super) struct TrackView<'a> {
    /// What the screen remembers.
    pub(super) screen: &'a Screen,
    /// What it remembers of this run.
    pub(super) track: &'a TrackState,
    /// What surrounds the program.
    pub(super) scene: &'a Scene,
    /// The program: at present, or as it was when the picture froze.
    pub(super) view: &'a View,
}

impl<'a> TrackView<'a> {
    /// The run at this place, if it is in the picture.
    pub(super) fn new(
        screen: &'a Screen,
        place: usize,
        picture: &'a Picture<'a>,
    ) -> Option<Self> {
        let track = screen.tracks.get(place)?;
        let scene = picture.tracks.get(place)?.scene;
        Some(Self { screen, track, scene, view: screen.view(place, scene) })
    }

    /// Theme, colours and marks.
    pub(super) const fn look(&self) -> &'a Look {
        &self.screen.look
    }

    /// Text in a role.
    pub(super) fn say<'t>(
        &self,
        role: Role,
        text: impl Into<Cow<'t, str>>,
    ) -> Span<'t> {
        self.look().say(role, text)
    }

    /// Whether there are few and large panes.
    pub(super) const fn presents(&self) -> bool {
        self.screen.presents()
    }
}

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
    let area = buffer.area;
    let look = &screen.look;
    buffer.set_style(area, look.theme.ground(look.depth));
    let cursor = paint(screen, picture, area, buffer);
    if look.glyphs == &Glyphs::ASCII {
        only_ascii(buffer);
    }
    cursor
}

fn paint(
    screen: &Screen,
    picture: &Picture,
    whole: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let look = &screen.look;
    let area = match screen.open {
        Some(_) => screen.open_area(whole),
        None => whole,
    };
    let playback = travel::playback(screen, picture);
    let Some(chrome) = Chrome::new(area, screen, playback.is_some()) else {
        too_small(look, whole, buffer);
        return None;
    };
    let mut shows_findings = false;
    if screen.open.is_some() {
        let strip = screen.strip(whole);
        columns::tabs(screen, picture, strip, "esc: all columns", buffer);
    }
    put(
        buffer,
        chrome.header,
        panes::header::line(screen, picture, area.width),
    );
    let open = screen.open.and_then(|it| TrackView::new(screen, it, picture));
    match (&screen.dialog, &open) {
        (Dialog::Help(top), _) => {
            shows_findings = true;
            let title = format!(
                "help {} theme: {}",
                look.glyphs.dot,
                look.theme.name()
            );
            let body = chrome.body.union(chrome.scrubber);
            let inner = titled(look, body, &title, Role::Focus, buffer);
            let lines = panes::help::lines(screen, picture, inner, *top);
            put(buffer, inner, lines);
        }
        (Dialog::Detail(socket, from_end), Some(shown)) => {
            let title = format!("all about {socket}");
            let inner = titled(look, chrome.body, &title, Role::Focus, buffer);
            let lines = panes::detail::lines(shown, inner, *socket, *from_end);
            put(buffer, inner, lines);
        }
        (_, Some(shown)) => shows_findings = draw_panes(shown, area, buffer),
        (_, None) => columns::draw(screen, picture, area, buffer),
    }
    let reads = matches!(screen.dialog, Dialog::Help(_));
    if let Some(playback) = playback.filter(|_| !reads) {
        panes::scrubber::draw(look, playback, chrome.scrubber, buffer);
    }
    let (notice, cursor) =
        panes::notice::line(screen, picture, area.width, shows_findings);
    put(buffer, chrome.notice, notice);
    put(
        buffer,
        chrome.footer,
        panes::help::footer(screen, picture, area.width),
    );
    cursor.map(|x| Position { x, y: chrome.notice.y })
}

/// The panes of a run; says whether its findings are among them.
fn draw_panes(shown: &TrackView, area: Rect, buffer: &mut Buffer) -> bool {
    let TrackView { screen, track, scene, .. } = *shown;
    let Some(regions) = layout::regions(area, screen, track, scene) else {
        return false;
    };
    for wall in &regions.walls {
        draw_wall(shown.look(), *wall, buffer);
    }
    for (pane, area) in &regions.panes {
        let role = if track.focus == *pane { Role::Focus } else { Role::Title };
        let title = panes::title(shown, *pane);
        let inner = titled(shown.look(), *area, &title, role, buffer);
        panes::draw(shown, *pane, inner, buffer);
    }
    regions.of(Pane::Findings).is_some()
}

/// Draws a title with its rule and gives what is left below.
pub(super) fn titled(
    look: &Look,
    area: Rect,
    title: &str,
    role: Role,
    buffer: &mut Buffer,
) -> Rect {
    let title = Line::from(vec![
        look.say(Role::Dim, look.glyphs.rule),
        look.say(role, format!(" {title} ")),
    ]);
    let block = lined(look, Borders::TOP).title(title);
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

/// A block with lines on these sides.
pub(super) fn lined<'a>(look: &Look, sides: Borders) -> Block<'a> {
    let set = border::Set {
        horizontal_top: look.glyphs.rule,
        vertical_left: look.glyphs.wall,
        ..border::PLAIN
    };
    let style = look.style(Role::Dim);
    Block::new().borders(sides).border_set(set).border_style(style)
}

/// The three columns between two panes: a rule beside their titles, and a
/// line below it.
fn draw_wall(look: &Look, area: Rect, buffer: &mut Buffer) {
    lined(look, Borders::TOP).render(area, buffer);
    let line = Rect { x: area.x + 1, width: 1, ..area };
    let below = Rect { y: area.y + 1, height: area.height - 1, ..line };
    lined(look, Borders::LEFT).render(below.intersection(area), buffer);
}

/// Writes lines into an area, as many as fit.
pub(super) fn put<'a>(
    buffer: &mut Buffer,
    area: Rect,
    lines: impl Into<Text<'a>>,
) {
    lines.into().render(area, buffer);
}

fn too_small(look: &Look, area: Rect, buffer: &mut Buffer) {
    let has = format!("{}x{} is too small", area.width, area.height);
    let needs = format!("needs {}x{}", NEEDED.width, NEEDED.height);
    let lines: [Line; 4] = [
        look.say(Role::Focus, "sockscope").into(),
        look.say(Role::Text, has).into(),
        look.say(Role::Text, needs).into(),
        look.say(Role::Dim, "q quits").into(),
    ];
    put(buffer, area, lines.to_vec());
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
