//! Events folded into a log that people can read.
//!
//! Everything is decided from the times of the events, so that a replay
//! folds them into the same entries as the live run did.

mod book;
mod fold;
mod recent;
mod words;

pub use book::{ASLEEP_AFTER, LogBook};
pub use fold::{LogFold, LogLine};
pub(super) use recent::RecentEntries;
pub use recent::{EVENTS_KEPT, HISTORIES_KEPT, HISTORY_KEPT};
pub use words::{LogWords, outcome_words, phase_status};

use crate::probe::{Event, Kind, Note, Outcome, SocketId};
use std::time::Duration;

/// One entry of the log: an event and those that were merged into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// For equal calls in a row, the first one with the outcome of the last.
    /// For iterations in which every call would have blocked, all in a row. An
    /// [`Event::Enter`] is a call that has put its thread to sleep.
    pub event: Event,
    /// How many equal calls it stands for.
    pub times: u64,
    /// Bytes moved by all of them.
    pub bytes: u64,
    /// The notes that explain a single call: the accepted connection, what the
    /// socket is watched for now, or the first of the sockets that are ready.
    pub notes: Vec<Note>,
}

impl LogEntry {
    /// An entry of a single event.
    pub const fn new(event: Event) -> Self {
        let bytes = match event {
            Event::Exit { outcome: Outcome::Bytes(bytes), .. } => bytes as u64,
            _ => 0,
        };
        Self { event, times: 1, bytes, notes: Vec::new() }
    }

    /// Its time from the start of the run: of a call its return, of a sleep or
    /// a run of idle iterations its beginning.
    pub const fn at(&self) -> Duration {
        match self.event {
            Event::Idle { since, .. } => since.duration(),
            event => event.at().duration(),
        }
    }

    /// How long the thread slept in the call, if it did.
    pub fn slept(&self) -> Option<Duration> {
        let Event::Exit { entered, at, .. } = self.event else { return None };
        let took = at.since(entered).duration();
        (took >= ASLEEP_AFTER).then_some(took)
    }

    /// The sockets that it is about.
    pub fn sockets(&self) -> Vec<SocketId> {
        match self.event {
            Event::Exit {
                socket, outcome: Outcome::Accepted(client), ..
            } => vec![socket, client],
            Event::Enter { kind: Kind::Wait, .. }
            | Event::Exit { kind: Kind::Wait, .. } => {
                self.notes.iter().filter_map(Note::socket).collect()
            }
            Event::Enter { socket, .. } | Event::Exit { socket, .. } => {
                vec![socket]
            }
            Event::Idle { .. } => Vec::new(),
            Event::Note { note, .. } => note.socket().into_iter().collect(),
        }
    }
}
