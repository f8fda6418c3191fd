//! The last events as entries, of all sockets and of each.

use crate::probe::{Event, Note};
use crate::view::{LogBook, LogEntry, Made, More, Readiness, SocketId, What};
use std::collections::VecDeque;
use std::time::Duration;

/// Limit on the latest entries that are kept, of all sockets together.
pub const EVENTS_KEPT: usize = 500;

/// Limit on the latest entries that are kept for one socket.
pub const HISTORY_KEPT: usize = 200;

/// Limit on the sockets that have a history: those with the latest entries.
pub const HISTORIES_KEPT: usize = 64;

/// Folds events into entries, and keeps the last of them.
#[derive(Clone, Default)]
pub(super) struct RecentEntries {
    book: LogBook,
    entries: VecDeque<LogEntry>,
    /// At most [`HISTORIES_KEPT`], so that a linear search is fast.
    histories: Vec<History>,
    number: u64,
}

#[derive(Clone)]
struct History {
    socket: SocketId,
    /// The number of its last entry.
    latest: u64,
    entries: VecDeque<LogEntry>,
}

impl RecentEntries {
    pub(super) fn take(&mut self, event: &Event) {
        for entry in self.book.push(event) {
            self.keep(entry);
        }
    }

    /// Adds the entries that are held back.
    pub(super) fn settle(&mut self, now: Duration) {
        let due = self.book.tick(now);
        for entry in due.into_iter().chain(self.book.finish()) {
            self.keep(entry);
        }
    }

    /// The last entries, oldest first.
    pub(super) fn view(&mut self, now: Duration) -> Vec<LogEntry> {
        for entry in self.book.tick(now) {
            self.keep(entry);
        }
        self.entries.iter().cloned().collect()
    }

    /// About how many bytes of memory they take.
    pub(super) fn memory(&self) -> usize {
        let kept = self.histories.iter().map(|it| it.entries.len());
        (kept.sum::<usize>() + self.entries.len()) * size_of::<LogEntry>()
    }

    /// The last entries of one socket, oldest first.
    pub(super) fn history(&self, socket: SocketId) -> Vec<LogEntry> {
        let history = self.histories.iter().find(|it| it.socket == socket);
        history.map_or_else(Vec::new, |it| it.entries.iter().cloned().collect())
    }

    fn keep(&mut self, entry: LogEntry) {
        self.number += 1;
        let (at, thread) = (entry.at, entry.thread);
        if let What::Made(Made { more: More::Ready(named), .. }) = &entry.what {
            for &(socket, Readiness { readable, writable }) in named {
                let note = Note::Ready { socket, readable, writable };
                let entry = LogEntry { at, thread, what: What::Note(note) };
                push(self.of(socket), entry, HISTORY_KEPT);
            }
        } else {
            for socket in entry.what.sockets() {
                push(self.of(socket), entry.clone(), HISTORY_KEPT);
            }
        }
        push(&mut self.entries, entry, EVENTS_KEPT);
    }

    /// The socket's entries; a new one takes the place of the quietest.
    fn of(&mut self, socket: SocketId) -> &mut VecDeque<LogEntry> {
        let place = self.place(socket);
        let history = &mut self.histories[place];
        if history.socket != socket {
            history.socket = socket;
            history.entries.clear();
        }
        history.latest = self.number;
        &mut history.entries
    }

    fn place(&mut self, socket: SocketId) -> usize {
        let histories = &mut self.histories;
        let own = histories.iter().position(|it| it.socket == socket);
        if own.is_none() && histories.len() < HISTORIES_KEPT {
            let (latest, entries) = (0, VecDeque::new());
            histories.push(History { socket, latest, entries });
            return histories.len() - 1;
        }
        let all = histories.iter().enumerate();
        let quietest = || all.min_by_key(|(_, it)| it.latest);
        own.or_else(|| quietest().map(|(place, _)| place)).unwrap_or(0)
    }
}

fn push(entries: &mut VecDeque<LogEntry>, entry: LogEntry, most: usize) {
    if entries.len() >= most {
        entries.pop_front();
    }
    entries.push_back(entry);
}
