//! The timelines of the sockets of all modes, on one axis: a socket has the
//! same row in every column.

use crate::probe::{LISTENER, SocketId};
use crate::text::{cut, padded};
use crate::tui::context::{ScreenContext, Track};
use crate::tui::look::{Look, Role};
use crate::tui::paint::TextRows;
use crate::tui::panes::lane::Axis;
use crate::tui::panes::sockets;
use crate::units::{show_count, show_size};
use crate::view::{BacklogClient, SocketView};
use itertools::Itertools as _;
use ratatui::prelude::{Line, Rect};
use std::collections::BTreeMap;

/// Widths of the readiness before the lane: in short, and as a sentence.
const WORDS: [u16; 2] = [20, 40];

/// From this width on a column has room for a sentence and a lane.
const ROOMY: u16 = 64;

/// The rows of the sockets' lanes, the same in every column.
pub(super) struct LaneRows {
    /// The socket of each row, and the name of its client if all runs agree on
    /// it; `None` is an empty row.
    rows: Vec<Option<(SocketId, String)>>,
    /// Number of sockets without a row.
    more: u64,
    pub(super) axis: Axis,
    /// Width of the readiness before the lane.
    pub(super) words: u16,
}

impl LaneRows {
    /// Rows for the sockets of all runs, of which these are `shown`, from the
    /// one scrolled to. If they are too many, those closed in all modes are
    /// left out first. In presenter mode, each has an empty row above it if
    /// there is room.
    pub(super) fn new(cx: &ScreenContext, shown: &[Track], area: Rect) -> Self {
        let room = usize::from(area.height);
        let all: Vec<_> = cx.tracks().collect();
        let mut open = BTreeMap::new();
        for it in all.iter().flat_map(|it| &it.view.sockets) {
            let id = it.count.id;
            *open.entry(id).or_insert(id == LISTENER) |= !it.state.is_over();
        }
        let not_shown = all.iter().map(|it| it.view.sockets_not_shown).max();
        let not_shown = not_shown.unwrap_or(0);
        let number = open.len();
        let fits = number <= room && not_shown == 0;
        let rows = if fits { room } else { room.saturating_sub(1) };
        let mut surplus = number.saturating_sub(rows);
        open.retain(|_, is_open| {
            let stays = *is_open || surplus == 0;
            surplus -= usize::from(!stays);
            stays
        });
        let first = cx.screen.first_socket.min(open.len().saturating_sub(rows));
        let ids = open.into_keys().skip(first).take(rows);
        let is_loose = cx.screen.presents && ids.len() * 2 <= room;
        let above = is_loose.then_some(None);
        let named = |id| Some((id, name(&all, id)));
        let ids =
            ids.flat_map(|id| above.clone().into_iter().chain([named(id)]));
        let words = WORDS[usize::from(area.width >= ROOMY)].min(area.width);
        Self {
            rows: ids.collect(),
            more: number.saturating_sub(rows) as u64 + not_shown,
            axis: Axis::of(shown, (area.width - words).into()),
            words,
        }
    }

    /// The number of each socket, and the name of its client.
    pub(super) fn names(&self, look: &Look, width: u16) -> TextRows {
        let names = self.rows.iter().map(|row| {
            let Some((id, name)) = row else { return Line::default() };
            let number = look.say(Role::Text, format!("{id} "));
            let room = usize::from(width).saturating_sub(number.width() + 1);
            let name = cut(name, room, look.glyphs.more);
            Line::from(vec![number, look.say(Role::Dim, name)])
        });
        let mut names: TextRows = names.collect();
        if self.more > 0 {
            let (mark, more) = (look.glyphs.more, show_count(self.more));
            names.push(look.line(Role::Dim, format!("{mark} {more} more")));
        }
        names
    }

    /// The readiness and the lane of each socket. Where a run has no such
    /// socket yet, its client may wait to be accepted.
    pub(super) fn lines(&self, run: &Track) -> TextRows {
        let lines = self.rows.iter().map(|row| {
            let Some((id, name)) = row else { return Line::default() };
            let Some(it) = socket(run, *id) else {
                return waiting(run, name).unwrap_or_default();
            };
            let width = self.words.saturating_sub(1);
            let (role, text) = sockets::readiness(run, it, width);
            let words = padded(&text, self.words.into());
            let mut line = Line::from(run.say(role, words));
            line.extend(self.axis.drawn(run.look, &it.lane));
            line
        });
        lines.collect()
    }
}

/// The name of a socket's client in all runs that have it.
fn name(all: &[Track], id: SocketId) -> String {
    let peer = |run| socket(run, id)?.count.peer;
    let names = all.iter().filter_map(|it| it.scene.name_of(peer(it)?));
    match names.dedup().exactly_one() {
        _ if id == LISTENER => "listener".into(),
        Ok(name) => name,
        Err(_) => String::new(),
    }
}

/// That a client of this name is not accepted yet and, if it is known, what it
/// has sent.
fn waiting(run: &Track, name: &str) -> Option<Line<'static>> {
    let scene = run.scene;
    let mut names = scene.names.values();
    if scene.in_backlog() == 0 || !names.any(|it| it == name) {
        return None;
    }
    let is_it = |it: &&BacklogClient| {
        scene.name_of(it.peer).is_some_and(|it| it == name)
    };
    let sent = run.view.backlog.iter().find(is_it);
    let sent = sent.map_or(String::new(), |it| {
        format!("; {} sent", show_size(it.received_bytes.into()))
    });
    Some(run.look.line(Role::Bad, format!("not accepted{sent}")))
}

fn socket<'a>(run: &Track<'a>, id: SocketId) -> Option<&'a SocketView> {
    run.view.sockets.iter().find(|it| it.count.id == id)
}
