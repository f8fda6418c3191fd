//! The timelines of the sockets of all modes, on one axis: a socket has the
//! same row in every column.

use crate::probe::{LISTENER, SocketId};
use crate::text::{cut, padded};
use crate::tui::context::{ScreenContext, Track};
use crate::tui::look::Role;
use crate::tui::paint::TextRows;
use crate::tui::panes::lane::Axis;
use crate::tui::panes::sockets;
use crate::units::show_count;
use crate::view::{SocketState, SocketView};
use ratatui::prelude::{Line, Rect};
use std::collections::BTreeMap;

/// The rows of the sockets' lanes, the same in every column.
pub(super) struct LaneRows {
    /// The socket of each row; `None` is an empty row.
    ids: Vec<Option<SocketId>>,
    /// Number of sockets without a row.
    more: u64,
    pub(super) axis: Axis,
    /// Width of the state before the lane.
    pub(super) words: u16,
}

impl LaneRows {
    /// Rows for the sockets of all modes, from the one scrolled to. If they are
    /// too many, those closed in all modes are left out first. In presenter
    /// mode, each has an empty row above it if there is room.
    pub(super) fn new(cx: &ScreenContext, runs: &[Track], area: Rect) -> Self {
        use SocketState::{Closed, ClosedListener, Reset};
        let room = usize::from(area.height);
        let mut open = BTreeMap::new();
        for it in runs.iter().flat_map(|it| &it.view.sockets) {
            let id = it.count.id;
            *open.entry(id).or_insert(id == LISTENER) |=
                !matches!(it.state, Closed | ClosedListener | Reset);
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
        let first = cx.screen.first_socket.min(open.len().saturating_sub(rows));
        let shown = open.into_keys().skip(first).take(rows);
        let is_loose = cx.screen.presents && shown.len() * 2 <= room;
        let above = is_loose.then_some(None);
        let ids = shown.flat_map(|id| above.into_iter().chain([Some(id)]));
        // The state is shown in full where there is room for that.
        let words = if area.width < 56 { 9 } else { 21 }.min(area.width);
        Self {
            ids: ids.collect(),
            more: all.saturating_sub(rows) as u64 + not_shown,
            axis: Axis::of(runs, (area.width - words).into()),
            words,
        }
    }

    /// The socket's number, and its peer's name if all columns agree on it.
    pub(super) fn names(&self, runs: &[Track], width: u16) -> TextRows {
        let Some(Track { look, .. }) = runs.first() else { return Vec::new() };
        let names = self.ids.iter().map(|id| {
            let Some(id) = *id else { return Line::default() };
            let number = look.say(Role::Text, format!("{id} "));
            let peer = |run| socket(run, Some(id))?.count.peer;
            let called =
                runs.iter().filter_map(|it| it.scene.name_of(peer(it)?));
            let mut called: Vec<_> = called.collect();
            called.dedup();
            let called = match &called[..] {
                _ if id == LISTENER => "listener",
                [one] => one,
                _ => "",
            };
            let room = usize::from(width).saturating_sub(number.width() + 1);
            let called = cut(called, room, look.glyphs.more);
            Line::from(vec![number, look.say(Role::Dim, called)])
        });
        let mut names: TextRows = names.collect();
        if self.more > 0 {
            let (mark, more) = (look.glyphs.more, show_count(self.more));
            names.push(look.line(Role::Dim, format!("{mark} {more} more")));
        }
        names
    }

    /// The state and the lane of each socket.
    pub(super) fn lines(&self, run: &Track) -> TextRows {
        let words = self.words.into();
        let lines = self.ids.iter().map(|id| {
            let Some(it) = socket(run, *id) else { return Line::default() };
            let (role, text) = sockets::state(run, it, words > 12);
            let mut line = Line::from(run.say(role, padded(&text, words)));
            line.extend(self.axis.drawn(run.look, &it.lane));
            line
        });
        lines.collect()
    }
}

fn socket<'a>(run: &Track<'a>, id: Option<SocketId>) -> Option<&'a SocketView> {
    run.view.sockets.iter().find(|it| Some(it.count.id) == id)
}
