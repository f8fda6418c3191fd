//! The sockets' lanes of all modes, on one axis: a socket has the same row in
//! every column.

use super::layout::{ColumnRows, ColumnSplit};
use crate::probe::{LISTENER, SocketId};
use crate::text::{cut, padded};
use crate::tui::context::Track;
use crate::tui::look::{Look, Role};
use crate::tui::panes::lane::Axis;
use crate::tui::panes::{sockets, turns};
use crate::units::show_count;
use crate::view::{Lane, SocketState, SocketView};
use ratatui::text::Line;
use std::collections::BTreeMap;

/// How wide the state is in a column of this width, before its lane: shown in
/// full where there is room for that.
pub(super) const fn state_width(width: u16) -> u16 {
    if width < 56 { 9 } else { 21 }
}

/// The lanes: the loop, then a row a socket, from the first one asked for.
pub(super) fn rows(
    look: &Look,
    columns: &[Track],
    axis: &Axis,
    (first, room): (usize, usize),
    split: &ColumnSplit,
) -> ColumnRows<'static> {
    let (ids, more) = chosen(columns, first, room.saturating_sub(1));
    let presents = columns.iter().any(|it| it.presents);
    let apart = presents && ids.len() * 2 < room;
    let words = state_width(split.width).into();
    let row = |run: &Track, role, text: &str, lane: &Lane| {
        let mut row = Line::from(run.say(role, padded(text, words)));
        row.spans.extend(axis.drawn(look, lane));
        row
    };
    let loop_row = |run: &Track| {
        let known = turns::most(run).filter(|_| run.phase.goes_on());
        let (role, text) = known
            .map_or((Role::Dim, String::new()), |it| (it.role, it.words()));
        let first_word = text.split(' ').next().unwrap_or_default();
        let text = if words < 12 { first_word } else { &text };
        row(run, role, text, &run.view.turns.lane)
    };
    let socket_row = |run: &Track, id| {
        let socket = socket(run, id)?;
        let (role, text) = sockets::short_state(run, socket, words);
        Some(row(run, role, &text, &socket.lane))
    };
    let mut rows = ColumnRows {
        names: vec![look.line(Role::Text, "loop")],
        parts: columns.iter().map(|run| vec![loop_row(run)]).collect(),
    };
    for id in ids {
        if apart {
            rows.names.push(Line::default());
        }
        rows.names.push(name(look, columns, id, split.names.into()));
        for (run, part) in columns.iter().zip(&mut rows.parts) {
            if apart {
                part.push(Line::default());
            }
            part.push(socket_row(run, id).unwrap_or_default());
        }
    }
    if more > 0 {
        let words = format!("{} {} more", look.glyphs.more, show_count(more));
        rows.names.push(look.line(Role::Dim, words));
    }
    rows
}

fn socket<'a>(run: &Track<'a>, id: SocketId) -> Option<&'a SocketView> {
    run.view.sockets.iter().find(|it| it.count.id == id)
}

/// The sockets of all modes that have a row, and how many have none. Where
/// there are too many, those that have ended everywhere go first.
fn chosen(
    columns: &[Track],
    first: usize,
    room: usize,
) -> (Vec<SocketId>, u64) {
    use SocketState::{Closed, ClosedListener, Reset};
    let mut open = BTreeMap::new();
    let mut not_shown = 0;
    for run in columns {
        not_shown = run.view.sockets_not_shown.max(not_shown);
        for it in &run.view.sockets {
            let is_open = !matches!(it.state, Closed | ClosedListener | Reset);
            *open.entry(it.count.id).or_insert(it.count.id == LISTENER) |=
                is_open;
        }
    }
    let fits = open.len() <= room && not_shown == 0;
    let room = if fits { room } else { room.saturating_sub(1) };
    let all = open.len();
    let mut surplus = all.saturating_sub(room);
    open.retain(|_, is_open| {
        let stays = *is_open || surplus == 0;
        surplus -= usize::from(!stays);
        stays
    });
    let beyond = open.len().saturating_sub(room);
    let shown = open.into_keys().skip(first.min(beyond)).take(room);
    let more = all.saturating_sub(room) as u64 + not_shown;
    (shown.collect(), more)
}

/// The number, and who is at the other end if all columns agree on that.
fn name(
    look: &Look,
    columns: &[Track],
    id: SocketId,
    width: usize,
) -> Line<'static> {
    let number = look.say(Role::Text, format!("{id} "));
    let called = |run: &Track| run.scene.name_of(socket(run, id)?.count.peer?);
    let mut called: Vec<_> = columns.iter().filter_map(called).collect();
    called.dedup();
    let called = match called.as_slice() {
        _ if id == LISTENER => "listener",
        [one] => one,
        _ => "",
    };
    let room = width.saturating_sub(number.width() + 1);
    let called = cut(called, room, look.glyphs.more);
    Line::from(vec![number, look.say(Role::Dim, called)])
}
