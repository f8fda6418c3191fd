//! The table of sockets, and the loop's own timeline on the same axis.

use super::code::outcome_role;
use super::lane::Axis;
use super::table::{PaneColumn, PaneTable, RoleWords, counted};
use super::turns;
use crate::tui::context::Track;
use crate::tui::look::Role;
use crate::tui::paint::put;
use crate::units::{show_count, show_size};
use crate::view::log::outcome_words;
use crate::view::{Readiness, SocketState, SocketView};
use ratatui::prelude::{Buffer, Line, Rect, Widget as _};
use ratatui::widgets::{Cell, Row};

/// Up to this height there is no row for the loop.
const WITHOUT_LOOP: u16 = 4;

const PENDING: u16 = 11;

/// Headings of the columns that only modes with a selector have.
const WANTS: &str = "wants";
const READY: &str = "ready";

#[rustfmt::skip]
static COLUMNS: [PaneColumn<SocketView>; 9] = [
    PaneColumn { heading: "", width: 5, from: 0, cell: |_, it| (Role::Text, it.count.id.to_string()) },
    PaneColumn { heading: "peer", width: 17, from: 110, cell: |run, it| (Role::Dim, peer(run, it)) },
    PaneColumn { heading: "state", width: 20, from: 0, cell: |run, it| state(run, it, true) },
    PaneColumn { heading: WANTS, width: 5, from: 0, cell: |_, it| (Role::Text, letters(it.interest)) },
    PaneColumn { heading: READY, width: 5, from: 0, cell: |_, it| ready(it) },
    PaneColumn { heading: "in", width: 9, from: 80, cell: |_, it| (Role::Read, moved(it, it.count.bytes_in)) },
    PaneColumn { heading: "out", width: 9, from: 80, cell: |_, it| (Role::Written, moved(it, it.count.bytes_out)) },
    PaneColumn { heading: "pending", width: PENDING + 1, from: 110, cell: |run, it| pending(run, it, PENDING.into()) },
    PaneColumn { heading: "last", width: 19, from: 150, cell: |_, it| last(it) },
];

pub(super) fn title(run: &Track) -> Vec<String> {
    let connections = show_count(run.view.figures.connections);
    let open = show_count(run.view.figures.open());
    let by_activity = run.state.sockets.by_activity;
    let order = if by_activity { ", the most active first" } else { "" };
    vec!["sockets".into(), format!("{open} open of {connections}{order}")]
}

/// Draws as many rows as fit, around the selected one, and a line that counts
/// the rest.
pub(super) fn draw(run: &Track, area: Rect, buffer: &mut Buffer) {
    let (view, chosen) = (run.view, run.state.sockets.selected);
    let table = PaneTable { run, columns: columns(run, area.width) };
    let width = area.width.saturating_sub(table.width() + 1);
    let axis = Axis::of(&[*run], width.into());
    let (mut rows, mut lanes) = (Vec::new(), Vec::new());
    if area.height > WITHOUT_LOOP {
        let (role, words) = turns::greatest(run).next().unwrap_or_default();
        let between = u16::try_from(table.columns.len()).unwrap_or(2) - 1;
        let words = Cell::from(run.say(role, words)).column_span(between);
        rows.push(Row::new([run.say(Role::Text, "loop").into(), words]));
        lanes.push(Some(&view.turns.lane));
    }
    let order = run.state.order(view);
    let room = usize::from(area.height).saturating_sub(1 + rows.len());
    let all = order.len() <= room && view.sockets_not_shown == 0;
    let room = if all { room } else { room.saturating_sub(1) };
    let is_chosen = |at: &usize| Some(view.sockets[*at].count.id) == chosen;
    let place = order.iter().position(is_chosen).unwrap_or(0);
    let first = place.saturating_sub(room / 2);
    let first = first.min(order.len().saturating_sub(room));
    let is_loose = run.presents && order.len() * 2 <= room;
    for at in order.iter().skip(first).take(room) {
        let socket = &view.sockets[*at];
        // Only the first cells are marked: the lane keeps its colours.
        let marked = is_chosen(at).then_some(Role::Selected);
        let row = table.row(socket, marked);
        rows.push(row.top_margin(is_loose.into()));
        lanes.extend(is_loose.then_some(None));
        lanes.push(Some(&socket.lane));
    }
    table.widget(rows, Some(axis.heading())).render(area, buffer);
    // A lane can have a piece of text for every cell of the screen, which the
    // table would copy and measure.
    let places = Rect { x: area.x + table.width(), width, ..area }.rows();
    for (place, lane) in places.skip(1).zip(lanes) {
        let lane = lane.map(|it| axis.drawn(run.look, it));
        put(buffer, place, Line::from(lane.unwrap_or_default()));
    }
    if !all {
        let last = Rect { y: area.bottom() - 1, height: 1, ..area };
        let rest = counted([
            (order.len().saturating_sub(first + room) as u64, "below"),
            (first as u64, "above"),
            (view.sockets_not_shown, "without a row"),
        ]);
        let by_activity = run.state.sockets.by_activity;
        let key = if by_activity { "" } else { "; s: the most active first" };
        let rest = format!("{} {rest}{key}", run.look.glyphs.more);
        put(buffer, last, run.say(Role::Dim, rest));
    }
}

/// The columns that fit; in presenter mode, only the most important ones. Modes
/// without a selector have none for interest and readiness.
fn columns(run: &Track, width: u16) -> Vec<&'static PaneColumn<SocketView>> {
    let mut sockets = run.view.sockets.iter();
    let selects = sockets.any(|it| it.interest.is_some() || it.ready.is_some());
    let width = if run.presents { 0 } else { width };
    let fits = |it: &&PaneColumn<SocketView>| {
        width >= it.from && (selects || !matches!(it.heading, WANTS | READY))
    };
    COLUMNS.iter().filter(fits).collect()
}

/// The role of a socket's state, its description, and a short form.
pub(super) const fn state_words(it: SocketState) -> (Role, [&'static str; 2]) {
    use SocketState as S;
    match it {
        S::Listening => (Role::Text, ["listening", "listens"]),
        S::ClosedListener => (Role::Dim, ["closed to new", "closed"]),
        S::AsleepInRead => (Role::Asleep, ["asleep in read", "asleep R"]),
        S::AsleepInWrite => (Role::Asleep, ["asleep in write", "asleep W"]),
        S::Polled => (Role::Spinning, ["polled", "polled"]),
        S::WaitingForReadable => {
            (Role::Asleep, ["waiting for readable", "wants R"])
        }
        S::OutputPending => (Role::Written, ["output pending", "pending"]),
        S::HalfClosed => (Role::Text, ["half-closed", "half"]),
        S::Served => (Role::Working, ["being served", "served"]),
        S::Failed => (Role::Bad, ["failed, still open", "failed"]),
        S::Reset => (Role::Bad, ["reset", "reset"]),
        S::Closed => (Role::Dim, ["closed", "closed"]),
    }
}

/// The state in full or in short; for the listener, clients in the backlog.
pub(crate) fn state(run: &Track, it: &SocketView, in_full: bool) -> RoleWords {
    let (role, [words, short]) = state_words(it.state);
    match (it.state, run.scene.in_backlog()) {
        (SocketState::Listening, clients @ 1..) if in_full => {
            (Role::Bad, format!("{words}, {}", wait(clients)))
        }
        (SocketState::Listening, clients @ 1..) => (Role::Bad, wait(clients)),
        _ if in_full => (role, words.into()),
        _ => (role, short.into()),
    }
}

/// The number of clients in the backlog: `1 waits`, `12 wait`.
pub(crate) fn wait(clients: u64) -> String {
    let wait = if clients == 1 { "waits" } else { "wait" };
    format!("{} {wait}", show_count(clients))
}

fn peer(run: &Track, socket: &SocketView) -> String {
    let name = |it| run.scene.name_of(it).unwrap_or_else(|| it.to_string());
    socket.count.peer.map_or(String::new(), name)
}

fn moved(socket: &SocketView, bytes: u64) -> String {
    socket.count.peer.map_or(String::new(), |_| show_size(bytes))
}

/// What it is ready for or, in small letters, was ready for a moment ago.
fn ready(socket: &SocketView) -> RoleWords {
    match socket.ready {
        Some(_) => (Role::Ready, letters(socket.ready)),
        None => (Role::Dim, letters(socket.was_ready).to_lowercase()),
    }
}

pub(super) fn letters(ready: Option<Readiness>) -> String {
    let letter = |set, letter| if set { letter } else { '-' };
    ready.map_or(String::new(), |Readiness { readable, writable }| {
        [letter(readable, 'R'), letter(writable, 'W')].iter().collect()
    })
}

pub(super) fn last(socket: &SocketView) -> RoleWords {
    let Some((kind, outcome)) = socket.last else { return Default::default() };
    let words = format!("{} {}", kind.name(), outcome_words(outcome));
    (outcome_role(outcome), words)
}

/// Pending output against its limit, as a bar.
pub(super) fn pending(run: &Track, it: &SocketView, room: usize) -> RoleWords {
    let (bytes, limit) = (it.count.pending_bytes, it.pending_limit);
    if bytes == 0 || limit == 0 {
        return Default::default();
    }
    let [full, empty] = run.look.glyphs.bar;
    let filled = (bytes as usize * room).div_ceil(limit as usize).min(room);
    let role = if bytes >= limit { Role::Bad } else { Role::Written };
    (role, full.repeat(filled) + &empty.repeat(room - filled))
}
