//! A row a socket, and the loop's own timeline on the same axis.

use super::code::outcome_role;
use super::lane::Axis;
use super::table::{PaneColumn, PaneRows};
use super::turns;
use crate::tui::frame::{TrackView, put};
use crate::tui::screen::SocketOrder;
use crate::tui::theme::Role;
use crate::units::{show_count, show_size};
use crate::view::log::outcome_words;
use crate::view::{Readiness, SocketState, SocketView};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Row, Widget as _};

/// With so few rows there is none for the loop.
const WITHOUT_LOOP: u16 = 4;

const PENDING: u16 = 11;

#[rustfmt::skip]
static COLUMNS: [PaneColumn<SocketView>; 9] = [
    PaneColumn { heading: "", width: 5, from: 0, cell: |_, it| (Role::Text, it.id.to_string()) },
    PaneColumn { heading: "peer", width: 17, from: 110, cell: |shown, it| (Role::Dim, peer(shown, it)) },
    PaneColumn { heading: "state", width: 20, from: 0, cell: state },
    PaneColumn { heading: WANTS, width: 5, from: 0, cell: |_, it| (Role::Text, letters(it.interest)) },
    PaneColumn { heading: READY, width: 5, from: 0, cell: |_, it| ready(it) },
    PaneColumn { heading: "in", width: 9, from: 80, cell: |_, it| (Role::Read, moved(it, it.bytes_in)) },
    PaneColumn { heading: "out", width: 9, from: 80, cell: |_, it| (Role::Written, moved(it, it.bytes_out)) },
    PaneColumn { heading: "pending", width: PENDING + 1, from: 110, cell: |shown, it| pending(shown, it, PENDING.into()) },
    PaneColumn { heading: "last", width: 19, from: 150, cell: |_, it| last(it) },
];

/// Columns of modes with a selector.
const WANTS: &str = "wants";
const READY: &str = "ready";

pub(super) fn title(shown: &TrackView) -> String {
    let dot = shown.look().glyphs.dot;
    let connections = show_count(shown.view.figures.connections);
    let open = show_count(shown.view.figures.open());
    let sort = match shown.track.sockets.sort {
        SocketOrder::Number => "",
        SocketOrder::Activity => ", the most active first",
    };
    format!("sockets {dot} {open} open of {connections}{sort}")
}

/// As many rows as there is room for, around the chosen one, and a line for
/// the rest.
pub(super) fn draw(shown: &TrackView, area: Rect, buffer: &mut Buffer) {
    let (view, track) = (shown.view, shown.track);
    let pane = PaneRows::new(shown, columns(shown, area.width));
    let free = area.width.saturating_sub(pane.width() + 1);
    let axis = Axis::new(view, free.into());
    let mut rows = Vec::new();
    if area.height > WITHOUT_LOOP {
        rows.push(loop_row(shown, &pane, &axis));
    }
    let order = track.order(view);
    let room = usize::from(area.height).saturating_sub(1 + rows.len());
    let all = order.len() <= room && view.sockets_not_shown == 0;
    let room = if all { room } else { room.saturating_sub(1) };
    let chosen = track.sockets.selected;
    let is_chosen = |at: &usize| Some(view.sockets[*at].id) == chosen;
    let place = order.iter().position(is_chosen).unwrap_or(0);
    let first = place.saturating_sub(room / 2);
    let first = first.min(order.len().saturating_sub(room));
    let apart = shown.presents() && order.len() * 2 <= room;
    for at in order.iter().skip(first).take(room) {
        let socket = &view.sockets[*at];
        let mut cells = pane.cells(socket);
        if is_chosen(at) {
            // The lane keeps its colours.
            let style = shown.look().style(Role::Selected);
            let marked = cells.drain(..2).map(|it| it.style(style));
            cells =
                marked.collect::<Vec<_>>().into_iter().chain(cells).collect();
        }
        let lane = axis.drawn(shown.look(), &socket.lane);
        cells.push(Line::from(lane).into());
        rows.push(Row::new(cells).top_margin(apart.into()));
    }
    pane.table(rows).header(pane.headings(axis.heading())).render(area, buffer);
    if !all {
        let last = Rect { y: area.bottom() - 1, height: 1, ..area };
        let below = order.len().saturating_sub(first + room);
        put(buffer, last, rest(shown, first, below));
    }
}

/// Few in presenter mode; without a selector, nothing is wanted and nothing
/// is reported ready.
fn columns(
    shown: &TrackView,
    width: u16,
) -> impl Iterator<Item = &'static PaneColumn<SocketView>> {
    let mut sockets = shown.view.sockets.iter();
    let selects = sockets.any(|it| it.interest.is_some() || it.ready.is_some());
    let width = if shown.presents() { 0 } else { width };
    let of_selector = |name| matches!(name, WANTS | READY);
    COLUMNS
        .iter()
        .filter(move |it| width >= it.from)
        .filter(move |it| selects || !of_selector(it.heading))
}

/// The loop, on the axis of the sockets.
fn loop_row<'a>(
    shown: &TrackView,
    pane: &PaneRows<'a, SocketView>,
    axis: &Axis,
) -> Row<'a> {
    let (role, words) = turns::most(&shown.view.turns.shares)
        .map_or((Role::Dim, String::new()), |most| (most.role, most.words()));
    let lane = axis.drawn(shown.look(), &shown.view.turns.lane);
    let name = shown.say(Role::Text, "loop");
    pane.row_of(name, shown.say(role, words), lane)
}

fn rest<'a>(shown: &TrackView, above: usize, below: usize) -> Line<'a> {
    let more = [
        (below as u64, "below"),
        (above as u64, "above"),
        (shown.view.sockets_not_shown, "without a row"),
    ];
    let parts = more.into_iter().filter(|(sockets, _)| *sockets > 0);
    let parts: Vec<_> = parts
        .map(|(sockets, place)| format!("{} {place}", show_count(sockets)))
        .collect();
    let sort = match shown.track.sockets.sort {
        SocketOrder::Number => "; s: the most active first",
        SocketOrder::Activity => "",
    };
    let mark = shown.look().glyphs.more;
    let words = format!("{mark} {}{sort}", parts.join(", "));
    shown.say(Role::Dim, words).into()
}

/// The state, and at the listener how many wait for it.
pub(in crate::tui) fn state(
    shown: &TrackView,
    socket: &SocketView,
) -> (Role, String) {
    let words = state_words(socket.state);
    match shown.scene.in_backlog() {
        waiting @ 1.. if socket.state == SocketState::Listening => {
            (Role::Bad, format!("{words}, {}", wait(waiting)))
        }
        _ => (state_role(socket.state), words.into()),
    }
}

/// `1 waits`, `12 wait`.
pub(in crate::tui) fn wait(clients: u64) -> String {
    let wait = if clients == 1 { "waits" } else { "wait" };
    format!("{} {wait}", show_count(clients))
}

/// What a socket is doing, in words.
pub(super) const fn state_words(state: SocketState) -> &'static str {
    match state {
        SocketState::Listening => "listening",
        SocketState::ClosedListener => "closed to new",
        SocketState::AsleepInRead => "asleep in read",
        SocketState::AsleepInWrite => "asleep in write",
        SocketState::Polled => "polled",
        SocketState::WaitingForReadable => "waiting for readable",
        SocketState::OutputPending => "output pending",
        SocketState::HalfClosed => "half-closed",
        SocketState::Served => "being served",
        SocketState::Failed => "failed, still open",
        SocketState::Reset => "reset",
        SocketState::Closed => "closed",
    }
}

fn peer(shown: &TrackView, socket: &SocketView) -> String {
    let Some(peer) = socket.peer else { return String::new() };
    shown.scene.name_of(peer).unwrap_or_else(|| peer.to_string())
}

fn moved(socket: &SocketView, bytes: u64) -> String {
    socket.peer.map_or(String::new(), |_| show_size(bytes))
}

/// What it is ready for; small, what it was a moment ago.
fn ready(socket: &SocketView) -> (Role, String) {
    match socket.ready {
        Some(_) => (Role::Ready, letters(socket.ready)),
        None => (Role::Dim, letters(socket.was_ready).to_lowercase()),
    }
}

pub(super) fn letters(ready: Option<Readiness>) -> String {
    let Some(ready) = ready else { return String::new() };
    let letter = |set, letter| if set { letter } else { '-' };
    let letters = [letter(ready.readable, 'R'), letter(ready.writable, 'W')];
    letters.iter().collect()
}

fn last(socket: &SocketView) -> (Role, String) {
    match socket.last {
        Some((kind, outcome)) => {
            let words = format!("{} {}", kind.name(), outcome_words(outcome));
            (outcome_role(outcome), words)
        }
        None => (Role::Dim, String::new()),
    }
}

/// Pending output against its limit, as a bar.
pub(super) fn pending(
    shown: &TrackView,
    socket: &SocketView,
    room: usize,
) -> (Role, String) {
    if socket.pending == 0 || socket.pending_limit == 0 {
        return (Role::Dim, String::new());
    }
    let [full, empty] = shown.look().glyphs.bar;
    let limit = socket.pending_limit as usize;
    let filled = (socket.pending as usize * room).div_ceil(limit).min(room);
    let is_full = socket.pending >= socket.pending_limit;
    let role = if is_full { Role::Bad } else { Role::Written };
    (role, full.repeat(filled) + &empty.repeat(room - filled))
}

pub(in crate::tui) const fn state_role(state: SocketState) -> Role {
    match state {
        SocketState::AsleepInRead
        | SocketState::AsleepInWrite
        | SocketState::WaitingForReadable => Role::Asleep,
        SocketState::Polled => Role::Spinning,
        SocketState::Served => Role::Working,
        SocketState::OutputPending => Role::Written,
        SocketState::Reset | SocketState::Failed => Role::Bad,
        SocketState::Listening | SocketState::HalfClosed => Role::Text,
        SocketState::Closed | SocketState::ClosedListener => Role::Dim,
    }
}
