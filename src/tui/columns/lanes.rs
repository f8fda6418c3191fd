//! The sockets' lanes of all modes, on one axis: a socket has the same row in
//! every column.

use crate::probe::{LISTENER, SocketId};
use crate::text::{cut, padded};
use crate::tui::context::Track;
use crate::tui::look::{Look, Role};
use crate::tui::paint::TextRows;
use crate::tui::panes::lane::Axis;
use crate::tui::panes::{sockets, turns};
use crate::units::show_count;
use crate::view::{Lane, SocketState, SocketView};
use itertools::Itertools as _;
use ratatui::text::Line;
use std::collections::BTreeMap;

/// How wide the state is in a column of this width, before its lane: shown in
/// full where there is room for that.
pub(super) const fn state_width(width: u16) -> u16 {
    if width < 56 { 9 } else { 21 }
}

/// The lanes of a run: the loop, then those of these sockets.
pub(super) fn lines(
    run: &Track,
    axis: &Axis,
    rows: &[Option<SocketId>],
    words: u16,
) -> TextRows {
    let words = words.into();
    let line = |(role, text): (Role, String), lane: &Lane| {
        let mut line = Line::from(run.say(role, padded(&text, words)));
        line.extend(axis.drawn(run.look, lane));
        line
    };
    let in_full = words > 12;
    let known = turns::greatest(run).next().filter(|_| run.phase.goes_on());
    let (role, mut text) = known.unwrap_or_default();
    if !in_full {
        text.truncate(text.find(' ').unwrap_or(text.len()));
    }
    let mut lines = vec![line((role, text), &run.view.turns.lane)];
    lines.extend(rows.iter().map(|id| match socket(run, *id) {
        Some(it) => line(sockets::state(run, it, in_full), &it.lane),
        None => Line::default(),
    }));
    lines
}

fn socket<'a>(run: &Track<'a>, id: Option<SocketId>) -> Option<&'a SocketView> {
    run.view.sockets.iter().find(|it| Some(it.count.id) == id)
}

/// The sockets of all modes that have a row, from the first one asked for,
/// and how many have none. Where there are too many, those that have ended
/// everywhere go first; where there is room, an empty row is above each.
pub(super) fn rows(
    runs: &[Track],
    first: usize,
    room: usize,
) -> (Vec<Option<SocketId>>, u64) {
    use SocketState::{Closed, ClosedListener, Reset};
    let room = room.saturating_sub(1);
    let mut open = BTreeMap::new();
    for SocketView { count, state, .. } in
        runs.iter().flat_map(|it| &it.view.sockets)
    {
        *open.entry(count.id).or_insert(count.id == LISTENER) |=
            !matches!(state, Closed | ClosedListener | Reset);
    }
    let not_shown = runs.iter().map(|it| it.view.sockets_not_shown).max();
    let not_shown = not_shown.unwrap_or(0);
    let all = open.len();
    let fits = all <= room && not_shown == 0;
    let rows = if fits { room } else { room.saturating_sub(1) };
    let mut surplus = all.saturating_sub(rows);
    open.retain(|_, is_open| {
        let stays = *is_open || surplus == 0;
        surplus -= usize::from(!stays);
        stays
    });
    let beyond = open.len().saturating_sub(rows);
    let shown = open.into_keys().skip(first.min(beyond)).take(rows);
    let more = all.saturating_sub(rows) as u64 + not_shown;
    let is_loose = runs.iter().any(|it| it.presents) && shown.len() * 2 <= room;
    let above = is_loose.then_some(None);
    (shown.flat_map(|id| above.into_iter().chain([Some(id)])).collect(), more)
}

/// The names of these rows: the number, and who is at the other end if all
/// columns agree on that.
pub(super) fn names(
    look: &Look,
    runs: &[Track],
    (rows, more): &(Vec<Option<SocketId>>, u64),
    width: u16,
) -> TextRows {
    let mut names = vec![look.line(Role::Text, "loop")];
    names.extend(rows.iter().map(|id| {
        let Some(id) = *id else { return Line::default() };
        let number = look.say(Role::Text, format!("{id} "));
        let peer = |run| socket(run, Some(id))?.count.peer;
        let called = runs.iter().filter_map(|it| it.scene.name_of(peer(it)?));
        let called: Vec<_> = called.dedup().collect();
        let called = match &called[..] {
            _ if id == LISTENER => "listener",
            [one] => one,
            _ => "",
        };
        let room = usize::from(width).saturating_sub(number.width() + 1);
        let called = cut(called, room, look.glyphs.more);
        Line::from(vec![number, look.say(Role::Dim, called)])
    }));
    if *more > 0 {
        let words = format!("{} {} more", look.glyphs.more, show_count(*more));
        names.push(look.line(Role::Dim, words));
    }
    names
}
