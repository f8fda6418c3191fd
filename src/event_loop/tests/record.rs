//! All that happened in a trial, in order.

use super::trial::{instant, now};
use crate::probe::{Moment, Note, SocketId, TaskId, TaskNow};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What the loop reports, and what tasks and the selector say of themselves.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry {
    Note(Note),
    Said(Said),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Said {
    Spawned(TaskId),
    /// Its end was requested.
    Cancelled(TaskId),
    /// Its waker was used.
    Woke(TaskId),
    /// It has made as many calls as it may.
    Yielded(TaskId),
    /// It waits for a time, by a timer with this number.
    Timer(u64, TaskId, Duration),
    TimerGone(u64),
    Paused(SocketId, TaskId),
    Left(SocketId),
    /// The first waits for the end of the second.
    Joins(TaskId, TaskId),
    /// And has got this: whether it was a success, if it had not been
    /// cancelled.
    Joined(TaskId, Option<bool>),
    /// It goes on after a pause that could not be over before this time.
    Resumed(TaskId, Duration),
    /// A part of it has a time-out.
    Limited(TaskId),
    /// It was cancelled, and cleans up.
    CleansUp(TaskId),
    /// To the end.
    Cleaned(TaskId),
    /// The selector was asked to sleep until this time.
    Asked(Option<Duration>),
    /// And has named this socket.
    Named(SocketId),
}

/// Every entry, with its time.
#[derive(Default)]
pub(super) struct Log(Mutex<Vec<(Duration, Entry)>>);

impl Log {
    fn put(&self, entry: Entry) {
        self.0.lock().unwrap().push((now(), entry));
    }

    pub(super) fn say(&self, said: Said) {
        self.put(Entry::Said(said));
    }

    pub(super) fn entries(&self) -> Vec<(Duration, Entry)> {
        self.0.lock().unwrap().clone()
    }

    pub(super) fn notes(&self) -> Vec<(Duration, Note)> {
        let note = |(at, entry)| match entry {
            Entry::Note(note) => Some((at, note)),
            Entry::Said(_) => None,
        };
        self.entries().into_iter().filter_map(note).collect()
    }

    /// How the task has ended.
    pub(super) fn end_of(&self, id: TaskId) -> Option<TaskNow> {
        self.of(id).into_iter().find(TaskNow::has_ended)
    }

    fn of(&self, id: TaskId) -> Vec<TaskNow> {
        let of = |(_, note)| match note {
            Note::Task { task, now } if task == id => Some(now),
            _ => None,
        };
        self.notes().into_iter().filter_map(of).collect()
    }
}

impl crate::probe::Probe for Arc<Log> {
    const HAS_CLOCK: bool = true;
    type Mark = ();

    fn now(&self) -> Instant {
        instant(now())
    }

    fn note_at(&self, note: &Note, _: &Moment) {
        self.put(Entry::Note(*note));
    }
}

pub(super) type Probe = Arc<Log>;
