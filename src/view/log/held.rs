//! An entry that is held back, and what may join it.

use super::entry::{Found, LogEntry, Made, More, Readiness, What};
use super::{IDLE_LOGGED, ONE_BY_ONE, TOGETHER};
use crate::probe::{Kind, Note, Outcome, SocketId, TaskNow};
use std::time::Duration;

/// How many of the sockets that a wait names are kept.
const READY_KEPT: usize = 16;

#[derive(Clone)]
pub(super) struct HeldEntry {
    pub(super) entry: LogEntry,
    /// When nothing can join it any more.
    pub(super) until: Duration,
    /// When the last of what it stands for happened.
    latest: Duration,
    /// Its number in a row of equal ones, from 1.
    run: u32,
    /// How many notes are to come.
    notes: u32,
}

impl HeldEntry {
    pub(super) fn new(entry: LogEntry, run: u32) -> Self {
        let notes = expected_notes(&entry.what);
        let latest = entry.at;
        let hold = match entry.what {
            What::FoundNothing(_) => IDLE_LOGGED,
            _ if notes > 0 || run > ONE_BY_ONE => TOGETHER,
            _ => Duration::ZERO,
        };
        Self { until: latest.saturating_add(hold), entry, latest, run, notes }
    }

    /// Nothing may join it any more.
    pub(super) fn closed(mut self) -> Self {
        self.until = Duration::ZERO;
        self
    }

    /// An entry follows: its number in a row of equal ones, or `None` if
    /// this one took it in.
    pub(super) fn follow(&mut self, next: &LogEntry) -> Option<u32> {
        let is_open = self.until > next.at;
        match (&mut self.entry.what, &next.what) {
            // The thread may differ: another thread reports the last run of a
            // server.
            (What::FoundNothing(found), What::FoundNothing(more))
                if is_open =>
            {
                let Found { iterations, calls, .. } = found;
                *iterations = iterations.saturating_add(more.iterations);
                *calls = calls.saturating_add(more.calls);
                found.until = more.until;
                None
            }
            (What::Made(made), What::Made(more))
                if made.is_like(more)
                    && next.at <= self.latest.saturating_add(TOGETHER) =>
            {
                if self.run <= ONE_BY_ONE || !is_open {
                    return Some(self.run + 1);
                }
                made.add(more);
                self.latest = self.latest.max(next.at);
                self.until = self.latest.saturating_add(TOGETHER);
                self.notes = expected_notes(&next.what);
                None
            }
            _ => {
                if self.notes == 0 {
                    self.until = Duration::ZERO;
                }
                Some(1)
            }
        }
    }

    /// Adds a note if it explains this call.
    pub(super) fn join(&mut self, note: &Note) -> bool {
        if self.is_why_it_pauses(note) {
            return true;
        }
        let What::Made(made) = &mut self.entry.what else { return false };
        if self.notes == 0 || !made.is_explained_by(note) {
            return false;
        }
        made.explain(note);
        self.notes -= 1;
        if self.notes == 0 && self.run <= ONE_BY_ONE {
            self.until = Duration::ZERO;
        }
        true
    }
}

impl HeldEntry {
    /// A single call that would have blocked is the reason why its task
    /// pauses: the two become one entry, which reports the pause.
    fn is_why_it_pauses(&mut self, note: &Note) -> bool {
        let What::FoundNothing(found) = &self.entry.what else { return false };
        let pauses =
            matches!(note, Note::Task { now: TaskNow::Paused { .. }, .. });
        let is_why = pauses && found.calls == 1;
        if is_why {
            self.entry.what = What::Note(*note);
            self.until = Duration::ZERO;
        }
        is_why
    }
}

/// How many notes follow a call that went so.
fn expected_notes(what: &What) -> u32 {
    match what {
        What::Made(Made { outcome: Outcome::Ready(count), .. }) => *count,
        What::Made(
            Made { outcome: Outcome::Accepted(_), .. }
            | Made { kind: Kind::Watch, outcome: Outcome::Done, .. },
        ) => 1,
        _ => 0,
    }
}

impl Made {
    fn is_explained_by(&self, note: &Note) -> bool {
        match (*note, self.outcome) {
            (Note::Ready { .. }, Outcome::Ready(_)) => true,
            (Note::Opened { socket, .. }, Outcome::Accepted(id)) => {
                socket == id
            }
            (Note::Interest { socket, .. }, Outcome::Done) => {
                socket == self.socket && self.kind == Kind::Watch
            }
            _ => false,
        }
    }

    /// Of several calls in a row nothing but the numbers is kept.
    fn explain(&mut self, note: &Note) {
        match *note {
            _ if self.times > 1 => {}
            Note::Opened { peer: Some(peer), .. } => {
                self.more = More::Peer(peer);
            }
            Note::Interest { readable, writable, .. } => {
                self.more = More::Interest(Readiness { readable, writable });
            }
            Note::Ready { socket, readable, writable } => {
                self.add_ready(socket, Readiness { readable, writable });
            }
            _ => {}
        }
    }

    fn add_ready(&mut self, socket: SocketId, ready: Readiness) {
        match &mut self.more {
            More::Ready(sockets) if sockets.len() < READY_KEPT => {
                sockets.push((socket, ready));
            }
            More::Ready(_) => {}
            more => *more = More::Ready(vec![(socket, ready)]),
        }
    }
}
