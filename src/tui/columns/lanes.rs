//! The sockets' lanes of all modes, on one axis: a socket has the same row in
//! every column.

use super::{ColumnRows, RunColumn};
use crate::probe::{LISTENER, SocketId};
use crate::text::cut;
use crate::text::padded;
use crate::tui::look::Look;
use crate::tui::panes::lane::Axis;
use crate::tui::panes::sockets;
use crate::tui::panes::turns;
use crate::tui::theme::Role;
use crate::units::show_count;
use crate::view::{SocketState, SocketView};
use ratatui::text::{Line, Span};
use std::collections::BTreeMap;
use std::time::Duration;

/// From this width on, states are shown in full.
const ROOMY: usize = 56;

/// How wide the state is in a column, before its lane.
pub(super) const fn state_width(width: usize) -> usize {
    if width < ROOMY { 9 } else { 21 }
}

/// The axis of columns of this width that ends at this moment.
pub(super) fn axis(moment: Duration, width: usize) -> Axis {
    Axis::close_by(moment, width.saturating_sub(state_width(width)))
}

/// The lanes: the loop, then a row a socket, from the first one asked for.
pub(super) fn block<'a>(
    look: &Look,
    columns: &[RunColumn<'a>],
    axis: &Axis,
    room: usize,
    (first, names): (usize, usize),
) -> ColumnRows<'a> {
    let mut block = ColumnRows::default();
    let loops = columns
        .iter()
        .map(|column| loop_row(column, axis, state_width(column.width.into())));
    block.row(look.say(Role::Text, "loop").into(), loops.collect());
    let ids = Ids::of(columns, first, room.saturating_sub(1));
    let apart = columns.iter().any(|it| it.shown.presents())
        && ids.shown.len() * 2 < room;
    for id in &ids.shown {
        if apart {
            let empty = vec![Line::default(); columns.len()];
            block.row(Line::default(), empty);
        }
        let lines = columns.iter().map(|column| {
            let words = state_width(column.width.into());
            socket_row(column, *id, axis, words).unwrap_or_default()
        });
        block.row(name(look, columns, *id, names), lines.collect());
    }
    if let Some(words) = ids.rest() {
        let words = format!("{} {words}", look.glyphs.more);
        block.row(look.say(Role::Dim, words).into(), Vec::new());
    }
    block
}

/// Which sockets have a row, and how many have none.
struct Ids {
    shown: Vec<SocketId>,
    more: u64,
}

impl Ids {
    /// Of all sockets of all modes. Where there are too many, those that have
    /// ended everywhere go first.
    fn of(columns: &[RunColumn], first: usize, room: usize) -> Self {
        let mut open = BTreeMap::new();
        let mut not_shown = 0;
        for column in columns {
            let view = column.shown.view;
            not_shown = view.sockets_not_shown.max(not_shown);
            for socket in &view.sockets {
                *open.entry(socket.id).or_insert(false) |= is_open(socket);
            }
        }
        let fits = open.len() <= room && not_shown == 0;
        let room = if fits { room } else { room.saturating_sub(1) };
        let surplus = open.len().saturating_sub(room);
        let ended =
            open.iter().filter(|(id, open)| !**open && **id != LISTENER);
        let ended: Vec<_> = ended.map(|(id, _)| *id).take(surplus).collect();
        for id in &ended {
            open.remove(id);
        }
        let beyond = open.len().saturating_sub(room);
        let shown = open.into_keys().skip(first.min(beyond)).take(room);
        let more = (beyond + ended.len()) as u64 + not_shown;
        Self { shown: shown.collect(), more }
    }

    fn rest(&self) -> Option<String> {
        let more = show_count(self.more);
        (self.more > 0).then(|| format!("{more} more"))
    }
}

const fn is_open(socket: &SocketView) -> bool {
    !matches!(
        socket.state,
        SocketState::Closed | SocketState::ClosedListener | SocketState::Reset
    )
}

/// The number, and who is at the other end if all columns agree on that.
fn name<'a>(
    look: &Look,
    columns: &[RunColumn<'a>],
    id: SocketId,
    width: usize,
) -> Line<'a> {
    let number = look.say(Role::Text, format!("{id} "));
    if id == LISTENER {
        let words = look.say(Role::Dim, "listener");
        return Line::from(vec![number, words]);
    }
    let called = |column: &RunColumn| {
        let sockets = &column.shown.view.sockets;
        let socket = sockets.iter().find(|it| it.id == id)?;
        column.shown.scene.name_of(socket.peer?)
    };
    let mut called: Vec<_> = columns.iter().filter_map(called).collect();
    called.dedup();
    let Some(one) = called.pop().filter(|_| called.is_empty()) else {
        return number.into();
    };
    let room = width.saturating_sub(number.width() + 1);
    let one = cut(&one, room, look.glyphs.more);
    Line::from(vec![number, look.say(Role::Dim, one)])
}

fn loop_row<'a>(column: &RunColumn<'a>, axis: &Axis, words: usize) -> Line<'a> {
    let shown = &column.shown;
    let known = turns::most(&shown.view.turns.shares);
    let (role, text) = match known.filter(|_| column.phase.goes_on()) {
        Some(most) => (most.role, most.words()),
        None => (Role::Dim, String::new()),
    };
    let text = if words < 12 { first_word(&text) } else { &text };
    let mut spans = vec![shown.say(role, padded(text, words))];
    spans.extend(axis.drawn(shown.look(), &shown.view.turns.lane));
    Line::from(spans)
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

fn socket_row<'a>(
    column: &RunColumn<'a>,
    id: SocketId,
    axis: &Axis,
    words: usize,
) -> Option<Line<'a>> {
    let shown = &column.shown;
    let mut sockets = shown.view.sockets.iter();
    let socket = sockets.find(|it| it.id == id)?;
    let lane = axis.drawn(shown.look(), &socket.lane);
    let mut spans = vec![state(column, socket, words)];
    spans.extend(lane);
    Some(Line::from(spans))
}

/// The state, in a word where there is little room.
fn state<'a>(
    column: &RunColumn<'a>,
    socket: &SocketView,
    width: usize,
) -> Span<'a> {
    let shown = &column.shown;
    let (role, words) = sockets::state(shown, socket);
    let words = match shown.scene.in_backlog() {
        _ if width > 12 => words,
        waiting @ 1.. if socket.state == SocketState::Listening => {
            sockets::wait(waiting)
        }
        _ => short(socket.state).into(),
    };
    shown.say(role, padded(&words, width))
}

/// What a socket is doing, in a word.
const fn short(state: SocketState) -> &'static str {
    match state {
        SocketState::Listening => "listens",
        SocketState::ClosedListener | SocketState::Closed => "closed",
        SocketState::AsleepInRead => "asleep R",
        SocketState::AsleepInWrite => "asleep W",
        SocketState::Polled => "polled",
        SocketState::WaitingForReadable => "wants R",
        SocketState::OutputPending => "pending",
        SocketState::HalfClosed => "half",
        SocketState::Served => "served",
        SocketState::Failed => "failed",
        SocketState::Reset => "reset",
    }
}
