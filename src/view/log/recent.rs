//! The latest log entries, of all sockets together and of each socket.

use super::{LogBook, LogEntry};
use crate::probe::{Event, Note, SocketId};
use std::collections::VecDeque;
use std::time::Duration;

/// Limit on the latest entries that are kept, of all sockets together.
pub const EVENTS_KEPT: usize = 500;

/// Limit on the latest entries that are kept for one socket.
pub const HISTORY_KEPT: usize = 200;

/// Limit on the sockets that have a history: those with the latest entries.
pub const HISTORIES_KEPT: usize = 64;

/// Folds events into entries, and keeps the latest ones.
#[derive(Clone, Default)]
pub(in crate::view) struct RecentEntries {
    book: LogBook,
    entries: VecDeque<LogEntry>,
    /// The histories of at most [`HISTORIES_KEPT`] sockets, so that a linear
    /// search is fast; the one with the latest entry last.
    histories: Vec<(SocketId, VecDeque<LogEntry>)>,
}

impl RecentEntries {
    pub(in crate::view) fn take(&mut self, event: &Event) {
        let entries = self.book.push(event);
        self.keep(entries);
    }

    /// Adds the entries that are held back.
    pub(in crate::view) fn settle(&mut self, now: Duration) {
        let mut entries = self.book.tick(now);
        entries.extend(self.book.settle());
        self.keep(entries);
    }

    /// The latest entries, oldest first.
    pub(in crate::view) fn view(&mut self, now: Duration) -> Vec<LogEntry> {
        let entries = self.book.tick(now);
        self.keep(entries);
        self.entries.iter().cloned().collect()
    }

    /// How many entries are kept, those of the histories included.
    pub(in crate::view) fn len(&self) -> usize {
        let kept = self.histories.iter().map(|(_, entries)| entries.len());
        kept.sum::<usize>() + self.entries.len()
    }

    /// The latest entries of one socket, oldest first.
    pub(in crate::view) fn history(&self, socket: SocketId) -> Vec<LogEntry> {
        let mut histories = self.histories.iter();
        let history = histories.find(|(it, _)| *it == socket);
        history.map_or_else(Vec::new, |(_, it)| it.iter().cloned().collect())
    }

    fn keep(&mut self, entries: Vec<LogEntry>) {
        for entry in entries {
            for socket in entry.sockets() {
                push(self.of(socket), of_socket(&entry, socket), HISTORY_KEPT);
            }
            push(&mut self.entries, entry, EVENTS_KEPT);
        }
    }

    /// The socket's history; a new one may replace the one changed longest ago.
    fn of(&mut self, socket: SocketId) -> &mut VecDeque<LogEntry> {
        let histories = &mut self.histories;
        let history = match histories.iter().position(|it| it.0 == socket) {
            Some(place) => histories.remove(place),
            None => (socket, VecDeque::new()),
        };
        if histories.len() >= HISTORIES_KEPT {
            histories.remove(0);
        }
        histories.push(history);
        let last = histories.len() - 1;
        &mut histories[last].1
    }
}

/// The entry, or of a wait's entry only the report about this socket.
fn of_socket(entry: &LogEntry, socket: SocketId) -> LogEntry {
    let is_own = |it: &&Note| {
        matches!(it, Note::Ready { .. }) && it.socket() == Some(socket)
    };
    match (entry.event, entry.notes.iter().find(is_own)) {
        (Event::Exit { at, thread, .. }, Some(&note)) => {
            LogEntry::new(Event::Note { at, thread, note })
        }
        _ => entry.clone(),
    }
}

fn push(entries: &mut VecDeque<LogEntry>, entry: LogEntry, most: usize) {
    if entries.len() >= most {
        entries.pop_front();
    }
    entries.push_back(entry);
}
