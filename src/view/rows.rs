//! The sockets that have a row: not more than there is room for.

use super::sockets::Row;
use super::{Cell, LANE_CELLS};
use crate::probe::{Counters, Event, LISTENER, Note};
use crate::view::{Kind, Outcome, Phase, Readiness, SocketId};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// Rows by socket number, at most `kept` besides the listener's.
///
/// A closed one makes room for a new one, the first closed first; while all
/// are open, further sockets have none.
#[derive(Clone)]
pub(super) struct Rows {
    kept: usize,
    by_id: BTreeMap<SocketId, Row>,
    closed: VecDeque<SocketId>,
    refuses: bool,
    /// How often the selector's wait has returned, as far as events tell.
    round: u64,
}

impl Rows {
    pub(super) const fn new(kept: usize) -> Self {
        Self {
            kept,
            by_id: BTreeMap::new(),
            closed: VecDeque::new(),
            refuses: false,
            round: 0,
        }
    }

    /// The round of the selector: what was reported in an earlier one is not
    /// so any more unless it was reported again.
    pub(super) const fn round(&self) -> u64 {
        self.round
    }

    pub(super) fn take(&mut self, event: &Event) {
        match *event {
            Event::Exit { kind: Kind::Wait, .. } => self.round += 1,
            Event::Exit { entered, at, kind, socket, outcome, .. } => {
                if let Some(row) = self.row(socket, at.duration()) {
                    row.called(
                        (entered.duration(), at.duration()),
                        kind,
                        outcome,
                    );
                }
                if let Outcome::Accepted(client) = outcome
                    && let Some(row) = self.row(client, at.duration())
                {
                    row.track.put(at.duration(), Cell::Accepted);
                }
            }
            Event::Note { at, note, .. } => {
                self.take_note(at.duration(), &note);
            }
            _ => {}
        }
    }

    fn take_note(&mut self, at: Duration, note: &Note) {
        match *note {
            Note::Opened { socket, peer } => {
                if let Some(row) = self.row(socket, at) {
                    row.peer = peer;
                }
            }
            Note::Closed { socket, end, .. } => {
                if let Some(row) = self.row(socket, at) {
                    let is_news = row.end.is_none() && socket != LISTENER;
                    row.ended(at, end);
                    self.closed.extend(is_news.then_some(socket));
                }
            }
            Note::Ready { socket, readable, writable } => {
                let round = self.round;
                if let Some(row) = self.row(socket, at) {
                    let ready = Readiness { readable, writable };
                    row.report(at, ready, round);
                }
            }
            Note::Interest { socket, readable, writable } => {
                if let Some(row) = self.row(socket, at) {
                    row.watched(at, Readiness { readable, writable });
                }
            }
            Note::Phase(phase) => self.enter(phase, at),
            Note::Failed { socket, .. } => {
                if let Some(row) = self.row(socket, at) {
                    row.failed = true;
                }
            }
            _ => {}
        }
    }

    /// The listener ends with the first phase in which it is closed.
    fn enter(&mut self, phase: Phase, at: Duration) {
        let ends = phase >= Phase::Finishing && !self.refuses;
        self.refuses |= ends;
        if let Some(row) = self.row(LISTENER, at).filter(|_| ends) {
            row.track.put(at, Cell::Ended);
            row.track.end();
        }
    }

    /// The socket's row, made if there is room for it.
    fn row(&mut self, socket: SocketId, at: Duration) -> Option<&mut Row> {
        if !self.by_id.contains_key(&socket) {
            if !self.has_room_for(socket) {
                return None;
            }
            self.by_id.insert(socket, Row::new(socket, at));
        }
        self.by_id.get_mut(&socket)
    }

    fn has_room_for(&mut self, socket: SocketId) -> bool {
        if socket == LISTENER || self.connections() < self.kept {
            return true;
        }
        let oldest = self.closed.pop_front();
        oldest.is_some_and(|oldest| self.by_id.remove(&oldest).is_some())
    }

    fn connections(&self) -> usize {
        self.by_id.len() - usize::from(self.by_id.contains_key(&LISTENER))
    }

    /// Gives rows to open sockets whose events were lost.
    pub(super) fn find_lost(&mut self, now: &Counters, at: Duration) {
        for count in now.sockets.iter().filter(|count| count.end.is_none()) {
            let _ = self.row(count.id, at);
        }
    }

    /// Lets the counters tell what events did not.
    pub(super) fn count(&mut self, snapshot: &Counters, now: Duration) {
        let counts = &snapshot.sockets;
        for (id, row) in &mut self.by_id {
            let place = counts.binary_search_by_key(id, |count| count.id);
            if let Ok(place) = place {
                let was_open = row.end.is_none();
                row.count(&counts[place], now);
                let is_over = row.end.is_some() && *id != LISTENER;
                let is_news = was_open && is_over;
                self.closed.extend(is_news.then_some(*id));
            }
        }
    }

    /// About how many bytes of memory they take.
    pub(super) fn memory(&self) -> usize {
        let row = size_of::<Row>() + LANE_CELLS * size_of::<Cell>();
        self.by_id.len() * row
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (SocketId, &Row)> {
        self.by_id.iter().map(|(id, row)| (*id, row))
    }
}
