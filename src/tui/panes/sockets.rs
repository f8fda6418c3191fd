//! A row a socket, and the loop's own timeline on the same axis.

use super::code::outcome_role;
use super::lane::Axis;
use super::turns;
use crate::text::padded;
use crate::tui::frame::TrackView;
use crate::tui::screen::SocketOrder;
use crate::tui::theme::Role;
use crate::tui::words::state_words;
use crate::units::{show_count, show_size};
use crate::view::Readiness;
use crate::view::log::outcome_words;
use crate::view::{SocketState, SocketView};
use ratatui::text::{Line, Span};

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Id,
    Peer,
    State,
    Wants,
    Ready,
    In,
    Out,
    Pending,
    Last,
}

use Column::{Id, In, Last, Out, Peer, Pending, Ready, State, Wants};

/// The columns that find room; the timeline takes the rest.
const COLUMNS: [(usize, &[Column]); 4] = [
    (150, &[Id, Peer, State, Wants, Ready, In, Out, Pending, Last]),
    (110, &[Id, Peer, State, Wants, Ready, In, Out, Pending]),
    (80, &[Id, State, Wants, Ready, In, Out]),
    (0, &[Id, State, Wants, Ready]),
];

/// Few and large.
const PRESENTED: &[Column] = &[Id, State, Wants, Ready];

impl Column {
    const fn width(self) -> usize {
        match self {
            Id | Wants | Ready => 6,
            Peer => 18,
            Last => 20,
            State => 21,
            In | Out => 10,
            Pending => 13,
        }
    }

    const fn heading(self) -> &'static str {
        match self {
            Id => "",
            Peer => "peer",
            State => "state",
            Wants => "wants",
            Ready => "ready",
            In => "in",
            Out => "out",
            Pending => "pending",
            Last => "last",
        }
    }
}

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

pub(super) fn lines<'a>(
    shown: &TrackView<'a>,
    width: usize,
    height: usize,
) -> Vec<Line<'a>> {
    let columns = columns(shown, width);
    let taken: usize = columns.iter().map(|it| it.width()).sum();
    let axis = Axis::new(shown.view, width.saturating_sub(taken + 1));
    let mut lines = vec![heading(shown, &columns, &axis)];
    if height > 4 {
        lines.push(loop_row(shown, taken, &axis));
    }
    let room = height.saturating_sub(lines.len());
    rows(shown, &columns, &axis, room, &mut lines);
    lines
}

/// Without a selector, nothing is wanted and nothing is reported ready.
fn columns(shown: &TrackView, width: usize) -> Vec<Column> {
    let fits = COLUMNS.iter().find(|(from, _)| width >= *from);
    let columns = match fits {
        Some((_, columns)) if !shown.presents() => columns,
        _ => PRESENTED,
    };
    let sockets = &shown.view.sockets;
    let selects =
        sockets.iter().any(|it| it.interest.is_some() || it.ready.is_some());
    let kept = columns.iter().copied();
    kept.filter(|it| selects || !matches!(it, Wants | Ready)).collect()
}

fn heading<'a>(
    shown: &TrackView<'a>,
    columns: &[Column],
    axis: &Axis,
) -> Line<'a> {
    let mut text: String =
        columns.iter().map(|it| padded(it.heading(), it.width())).collect();
    text.push_str(&axis.heading());
    shown.say(Role::Dim, text).into()
}

/// The loop, on the axis of the sockets.
fn loop_row<'a>(shown: &TrackView<'a>, taken: usize, axis: &Axis) -> Line<'a> {
    let parts = turns::parts(&shown.view.turns.shares).into_iter();
    let most = parts.max_by(|a, b| a.share.total_cmp(&b.share));
    let known = most.filter(|most| most.share > 0.0);
    let (role, words) = match known {
        Some(most) => (most.role, most.words()),
        None => (Role::Dim, String::new()),
    };
    let mut spans = vec![
        shown.say(Role::Text, padded("loop", Id.width())),
        shown.say(role, padded(&words, taken - Id.width())),
    ];
    spans.extend(axis.drawn(shown.look(), &shown.view.turns.lane));
    Line::from(spans)
}

/// As many rows as there is room for, around the chosen one, and a line for
/// the rest.
fn rows<'a>(
    shown: &TrackView<'a>,
    columns: &[Column],
    axis: &Axis,
    room: usize,
    lines: &mut Vec<Line<'a>>,
) {
    let view = shown.view;
    let order = shown.track.order(view);
    let chosen = shown.track.sockets.selected;
    let all = order.len() <= room && view.sockets_not_shown == 0;
    let room = if all { room } else { room.saturating_sub(1) };
    let place =
        order.iter().position(|at| Some(view.sockets[*at].id) == chosen);
    let first = place.unwrap_or(0).saturating_sub(room / 2);
    let first = first.min(order.len().saturating_sub(room));
    let visible = order.iter().skip(first).take(room);
    let apart = shown.presents() && order.len() * 2 <= room;
    for at in visible {
        let socket = &view.sockets[*at];
        let line = row(shown, columns, socket, axis);
        let selected = Some(socket.id) == chosen;
        let line = if selected { inverted(shown, line) } else { line };
        if apart {
            lines.push(Line::default());
        }
        lines.push(line);
    }
    if !all {
        let below = order.len().saturating_sub(first + room);
        lines.push(rest(shown, first, below));
    }
}

/// The chosen row, marked from its beginning to its timeline.
fn inverted<'a>(shown: &TrackView, mut line: Line<'a>) -> Line<'a> {
    let style = shown.look().style(Role::Selected);
    for span in line.spans.iter_mut().take(2) {
        span.style = style;
    }
    line
}

fn rest<'a>(shown: &TrackView<'a>, above: usize, below: usize) -> Line<'a> {
    let more = [
        (below as u64, "below"),
        (above as u64, "above"),
        (shown.view.sockets_not_shown, "without a row"),
    ];
    let told = more.into_iter().filter(|(sockets, _)| *sockets > 0);
    let told: Vec<_> = told
        .map(|(sockets, place)| format!("{} {place}", show_count(sockets)))
        .collect();
    let sort = match shown.track.sockets.sort {
        SocketOrder::Number => "; s: the most active first",
        SocketOrder::Activity => "",
    };
    let mark = shown.look().glyphs.more;
    let words = format!("{mark} {}{sort}", told.join(", "));
    shown.say(Role::Dim, words).into()
}

fn row<'a>(
    shown: &TrackView<'a>,
    columns: &[Column],
    socket: &SocketView,
    axis: &Axis,
) -> Line<'a> {
    let mut spans = Vec::with_capacity(16);
    for column in columns {
        cell(shown, *column, socket, &mut spans);
    }
    spans.extend(axis.drawn(shown.look(), &socket.lane));
    Line::from(spans)
}

fn cell<'a>(
    shown: &TrackView<'a>,
    column: Column,
    socket: &SocketView,
    spans: &mut Vec<Span<'a>>,
) {
    let (role, text) = match column {
        Id => (Role::Text, socket.id.to_string()),
        Peer => (Role::Dim, peer(shown, socket)),
        State => state(shown, socket),
        Wants => (Role::Text, asked(socket.interest)),
        Ready => ready(socket),
        In | Out if socket.peer.is_none() => (Role::Dim, String::new()),
        In => (Role::Read, show_size(socket.bytes_in)),
        Out => (Role::Written, show_size(socket.bytes_out)),
        Pending => {
            spans.extend(pending(shown, socket, column.width()));
            return;
        }
        Last => {
            let (role, words) = last(socket);
            (role, words)
        }
    };
    spans.push(shown.say(role, padded(&text, column.width())));
}

/// The state, and at the listener how many wait for it.
fn state(shown: &TrackView, socket: &SocketView) -> (Role, String) {
    let waiting = shown.scene.in_backlog();
    let words = state_words(socket.state);
    match socket.state {
        SocketState::Listening if waiting > 0 => {
            let wait = if waiting == 1 { "waits" } else { "wait" };
            let waiting = show_count(waiting);
            (Role::Bad, format!("{words}, {waiting} {wait}"))
        }
        state => (state_role(state), words.into()),
    }
}

fn peer(shown: &TrackView, socket: &SocketView) -> String {
    let Some(peer) = socket.peer else { return String::new() };
    shown.scene.name_of(peer).unwrap_or_else(|| peer.to_string())
}

/// What it is ready for; small, what it was a moment ago.
fn ready(socket: &SocketView) -> (Role, String) {
    match socket.ready {
        Some(_) => (Role::Ready, asked(socket.ready)),
        None => (Role::Dim, asked(socket.was_ready).to_lowercase()),
    }
}

pub(super) fn asked(ready: Option<Readiness>) -> String {
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

/// Pending output against its limit.
pub(super) fn pending<'a>(
    shown: &TrackView<'a>,
    socket: &SocketView,
    width: usize,
) -> Vec<Span<'a>> {
    let glyphs = shown.look().glyphs;
    let room = width - 2;
    if socket.pending == 0 || socket.pending_limit == 0 {
        return vec![" ".repeat(width).into()];
    }
    let limit = socket.pending_limit as usize;
    let filled = (socket.pending as usize * room).div_ceil(limit).min(room);
    let full = socket.pending >= socket.pending_limit;
    let role = if full { Role::Bad } else { Role::Written };
    vec![
        shown.say(role, glyphs.bar[0].repeat(filled)),
        shown.say(Role::Dim, glyphs.bar[1].repeat(room - filled)),
        "  ".into(),
    ]
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
