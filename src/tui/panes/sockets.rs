//! The table of sockets, and the loop's own timeline on the same axis.

use super::lane::Axis;
use super::table::{PaneColumn, PaneTable, RoleWords, counted};
use super::turns;
use crate::probe::LISTENER;
use crate::system::queues::KernelQueue;
use crate::text::cut;
use crate::tui::context::Track;
use crate::tui::look::Role;
use crate::tui::paint::put;
use crate::units::{show_count, show_size};
use crate::view::log::outcome_words;
use crate::view::{BacklogClient, Lane, SocketCount, SocketState, SocketView};
use ratatui::prelude::{Buffer, Line, Rect, Widget as _};
use ratatui::widgets::{Cell, Row};
use std::net::SocketAddr;
use std::time::Duration;
use unicode_width::UnicodeWidthStr as _;

/// Up to this height there is no row for the loop.
const WITHOUT_LOOP: u16 = 4;

/// Widths of a client's name: the longer one has room for an address.
const NAME: [u16; 2] = [10, 17];

/// Widths of the sentence on readiness: the longer, the fewer are shortened.
const SENTENCE: [u16; 3] = [22, 42, 46];

/// In presenter mode there are only the columns of panes of this width.
const PRESENTED: u16 = 100;

/// Headings of the columns that need the kernel's queues.
const TO_READ: &str = "recv queue";
const TO_SEND: &str = "send queue";

/// Of columns with the same heading, the last one that fits is shown.
#[rustfmt::skip]
static COLUMNS: [PaneColumn<SocketView>; 12] = [
    PaneColumn { heading: "", width: 5, from: 0, cell: |_, it| (Role::Text, it.count.id.to_string()) },
    PaneColumn { heading: "client", width: NAME[0], from: 0, cell: |run, it| client(run, it, NAME[0]) },
    PaneColumn { heading: "client", width: NAME[1], from: 130, cell: |run, it| client(run, it, NAME[1]) },
    PaneColumn { heading: "asked for; ready", width: SENTENCE[0], from: 0, cell: |run, it| readiness(run, it, SENTENCE[0]) },
    PaneColumn { heading: "asked for; ready", width: SENTENCE[1], from: 70, cell: |run, it| readiness(run, it, SENTENCE[1]) },
    PaneColumn { heading: "asked for; ready", width: SENTENCE[2], from: 100, cell: |run, it| readiness(run, it, SENTENCE[2]) },
    PaneColumn { heading: TO_READ, width: 11, from: 110, cell: |_, it| in_kernel(it, Role::Read, |it| it.received_bytes) },
    PaneColumn { heading: TO_SEND, width: 11, from: 110, cell: |_, it| in_kernel(it, Role::Written, |it| it.unsent_bytes) },
    PaneColumn { heading: "our buffer", width: 13, from: 100, cell: buffer },
    PaneColumn { heading: "in", width: 9, from: 150, cell: |_, it| (Role::Read, moved(it, it.count.bytes_in)) },
    PaneColumn { heading: "out", width: 9, from: 150, cell: |_, it| (Role::Written, moved(it, it.count.bytes_out)) },
    PaneColumn { heading: "last", width: 19, from: 170, cell: |_, it| (Role::Dim, last(it)) },
];

pub(super) fn title(run: &Track) -> Vec<String> {
    let connections = show_count(run.view.figures.connections);
    let open = show_count(run.view.figures.open());
    let waiting = match in_backlog(run) {
        0 => String::new(),
        n => format!(", {} not accepted yet", show_count(n)),
    };
    let by_activity = run.state.sockets.by_activity;
    let order = if by_activity { ", the most active first" } else { "" };
    vec![
        "sockets".into(),
        format!("{open} open of {connections}{waiting}{order}"),
    ]
}

/// Draws as many rows as fit, around the selected one, and a line that counts
/// the rest.
pub(super) fn draw(run: &Track, area: Rect, buffer: &mut Buffer) {
    let (view, chosen) = (run.view, run.state.sockets.selected);
    let table = PaneTable { run, columns: columns(run, area.width) };
    let width = area.width.saturating_sub(table.width() + 1);
    let axis = Axis::of(&[*run], width.into());
    let (mut rows, mut lanes) = (Vec::new(), Vec::<Option<&Lane>>::new());
    if area.height > WITHOUT_LOOP {
        let (role, words) = turns::greatest(run).next().unwrap_or_default();
        let words = match &*words {
            "" => words,
            words if view.at < Duration::from_secs(1) => {
                format!("{words} of the time so far")
            }
            words => format!("{words} of the last second"),
        };
        let between = u16::try_from(table.columns.len()).unwrap_or(2) - 1;
        let words = Cell::from(run.say(role, words)).column_span(between);
        rows.push(Row::new([run.say(Role::Text, "loop").into(), words]));
        lanes.push(Some(&view.turns.lane));
    }
    let room = self::rows(area);
    let all = lines(run, room);
    let is_waiting = |it: &&SocketLine| matches!(it, SocketLine::Waiting(_));
    let waiting_rows = all.iter().filter(is_waiting).count();
    let hidden = match waiting_rows as u64 {
        0 => 0,
        shown => in_backlog(run).saturating_sub(shown),
    };
    let others = view.sockets_not_shown + hidden;
    let fits = all.len() <= room && others == 0;
    let room = if fits { room } else { room.saturating_sub(1) };
    let is_chosen = |line: &SocketLine| matches!(line, SocketLine::Open(it) if Some(it.count.id) == chosen);
    let place = all.iter().position(is_chosen).unwrap_or(0);
    let first = place.saturating_sub(room / 2);
    let first = first.min(all.len().saturating_sub(room));
    let is_loose = run.presents && all.len() * 2 <= room;
    for line in all.iter().skip(first).take(room) {
        // Only the first cells are marked: the lane keeps its colours.
        let marked = is_chosen(line).then_some(Role::Selected);
        let (row, lane) = match line {
            SocketLine::Open(socket) => {
                (table.row(*socket, marked), Some(&socket.lane))
            }
            SocketLine::Waiting(it) => (waiting(&table, it), None),
        };
        rows.push(row.top_margin(is_loose.into()));
        lanes.extend(is_loose.then_some(None));
        lanes.push(lane);
    }
    table.widget(rows, Some(axis.heading())).render(area, buffer);
    // A lane can have a piece of text for every cell of the screen, which the
    // table would copy and measure.
    let places = Rect { x: area.x + table.width(), width, ..area }.rows();
    for (place, lane) in places.skip(1).zip(lanes) {
        let lane = lane.map(|it| axis.drawn(run.look, it));
        put(buffer, place, Line::from(lane.unwrap_or_default()));
    }
    if !fits {
        let last = Rect { y: area.bottom() - 1, height: 1, ..area };
        let rest = counted([
            (all.len().saturating_sub(first + room) as u64, "below"),
            (first as u64, "above"),
            (hidden, "more not accepted"),
            (view.sockets_not_shown, "without a row"),
        ]);
        let by_activity = run.state.sockets.by_activity;
        let key = if by_activity { "" } else { "; s: the most active first" };
        let rest = format!("{} {rest}{key}", run.look.glyphs.more);
        put(buffer, last, run.say(Role::Dim, rest));
    }
}

/// How many rows of sockets fit below the headings and the row of the loop.
pub(crate) fn rows(area: Rect) -> usize {
    let others = 1 + u16::from(area.height > WITHOUT_LOOP);
    area.height.saturating_sub(others).into()
}

/// How many clients wait to be accepted, at the moment that is drawn.
pub(super) fn in_backlog(run: &Track) -> u64 {
    run.view.in_backlog.unwrap_or_else(|| run.scene.in_backlog())
}

/// A row of the table.
enum SocketLine<'a> {
    Open(&'a SocketView),
    /// A client that waits in the backlog.
    Waiting(&'a BacklogClient),
}

/// All rows: the listener, the clients that wait to be accepted, and the
/// connections. If not all of them fit, a third is for clients that wait.
fn lines<'a>(run: &Track<'a>, room: usize) -> Vec<SocketLine<'a>> {
    let view = run.view;
    let order = run.state.order(view, room);
    let mut lines: Vec<_> =
        order.iter().map(|at| SocketLine::Open(&view.sockets[*at])).collect();
    let is_listener = |it: &SocketLine| matches!(it, SocketLine::Open(it) if it.count.id == LISTENER);
    let below = lines.iter().position(is_listener).map_or(0, |at| at + 1);
    let all_fit = lines.len() + view.backlog.len() <= room;
    let most = if all_fit { room } else { (room / 3).max(1) };
    let waiting = view.backlog.iter().take(most).map(SocketLine::Waiting);
    lines.splice(below..below, waiting);
    lines
}

/// The row of a client that has no socket of the server yet.
fn waiting(table: &PaneTable<SocketView>, it: &BacklogClient) -> Row<'static> {
    let run = table.run;
    let width = table.columns.get(1).map_or(NAME[0], |it| it.width);
    let name = called(run, it.peer, width);
    let name = cut(&name, width.into(), run.look.glyphs.more);
    let words = match it.received_bytes {
        0 => "not accepted yet".into(),
        n => format!("not accepted yet; {} wait", show_size(n.into())),
    };
    Row::new([
        Cell::from(String::new()),
        Cell::from(run.say(Role::Text, name)),
        Cell::from(run.say(Role::Bad, words)),
    ])
}

/// The columns that fit; in presenter mode, only the most important ones. What
/// the kernel holds has columns only if the system provides it.
fn columns(run: &Track, width: u16) -> Vec<&'static PaneColumn<SocketView>> {
    let is_known = run.view.sockets.iter().any(|it| it.queue.is_some());
    let width = if run.presents { width.min(PRESENTED) } else { width };
    let mut columns: Vec<&'static PaneColumn<SocketView>> = Vec::new();
    for column in COLUMNS.iter().filter(|it| width >= it.from) {
        if columns.last().is_some_and(|it| it.heading == column.heading) {
            columns.pop();
        }
        if is_known || !matches!(column.heading, TO_READ | TO_SEND) {
            columns.push(column);
        }
    }
    columns
}

/// The role of a socket's state, and its description.
pub(super) const fn state_words(it: SocketState) -> (Role, &'static str) {
    use SocketState as S;
    match it {
        S::Listening => (Role::Text, "listening"),
        S::ClosedListener => (Role::Dim, "closed to new"),
        S::AsleepInRead => (Role::Asleep, "asleep in read"),
        S::AsleepInWrite => (Role::Asleep, "asleep in write"),
        S::Polled => (Role::Spinning, "polled"),
        S::WaitingForReadable => (Role::Asleep, "waiting for readable"),
        S::Ready => (Role::Ready, "ready"),
        S::OutputPending => (Role::Written, "output pending"),
        S::HalfClosed => (Role::Text, "half-closed"),
        S::Served => (Role::Working, "being served"),
        S::Failed => (Role::Bad, "failed, still open"),
        S::Reset => (Role::Bad, "reset"),
        S::Closed => (Role::Dim, "closed"),
    }
}

/// The client's name, or else its address; if that is too long, its port.
fn called(run: &Track, peer: SocketAddr, width: u16) -> String {
    let address = || {
        let address = peer.to_string();
        let fits = address.len() <= width.into();
        if fits { address } else { format!("port {}", peer.port()) }
    };
    run.scene.name_of(peer).unwrap_or_else(address)
}

fn client(run: &Track, socket: &SocketView, width: u16) -> RoleWords {
    let name = match socket.count.peer {
        Some(peer) => called(run, peer, width),
        None if socket.count.id == LISTENER => "listener".into(),
        None => String::new(),
    };
    let role = if socket.state.is_over() { Role::Dim } else { Role::Text };
    (role, name)
}

/// What the program asked for and what is ready, in short if there is too
/// little room.
pub(crate) fn readiness(run: &Track, it: &SocketView, width: u16) -> RoleWords {
    let waiting = in_backlog(run);
    let words = it.readiness(waiting);
    let (role, _) = state_words(it.state);
    let is_full = it.count.pending_bytes >= it.pending_limit;
    let role = match it.state {
        SocketState::Listening if waiting > 0 => Role::Bad,
        SocketState::OutputPending if is_full => Role::Bad,
        _ => role,
    };
    let fits = words.full.width() <= usize::from(width);
    (role, if fits { words.full } else { words.short })
}

fn moved(socket: &SocketView, bytes: u64) -> String {
    socket.count.peer.map_or(String::new(), |_| show_size(bytes))
}

/// Bytes in a queue of the kernel.
fn in_kernel(
    it: &SocketView,
    role: Role,
    bytes: fn(&KernelQueue) -> u32,
) -> RoleWords {
    match it.queue.as_ref().map(bytes) {
        None => RoleWords::default(),
        Some(0) => (Role::Dim, "0 B".into()),
        Some(bytes) => (role, show_size(bytes.into())),
    }
}

/// What is in the program's own buffer: output that is pending, or the
/// beginning of a line whose end has not come.
fn buffer(_: &Track, it: &SocketView) -> RoleWords {
    let SocketCount { pending_bytes, unframed_bytes, .. } = it.count;
    let is_full = pending_bytes >= it.pending_limit;
    let size = show_size(pending_bytes.max(unframed_bytes).into());
    match (pending_bytes, unframed_bytes) {
        (0, 0) => RoleWords::default(),
        (0, _) => (Role::Quote, it.part_of_line().unwrap_or(size)),
        _ if is_full => (Role::Bad, format!("{size} full")),
        _ => (Role::Written, size),
    }
}

pub(super) fn last(socket: &SocketView) -> String {
    let Some((kind, outcome)) = socket.last else { return String::new() };
    format!("{} {}", kind.name(), outcome_words(outcome))
}

/// Pending output against its limit, as a bar.
pub(super) fn pending(run: &Track, it: &SocketView, room: usize) -> RoleWords {
    let (bytes, limit) = (it.count.pending_bytes, it.pending_limit);
    if bytes == 0 || limit == 0 {
        return RoleWords::default();
    }
    let [full, empty] = run.look.glyphs.bar;
    let filled = (bytes as usize * room).div_ceil(limit as usize).min(room);
    let role = if bytes >= limit { Role::Bad } else { Role::Written };
    (role, full.repeat(filled) + &empty.repeat(room - filled))
}
