//! The last events as entries, of all sockets and of each.

use crate::model::{Entry, LogBook, More, Outcome, SocketId, What};
use crate::probe::Event;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// So many entries are kept of all.
pub const EVENTS_KEPT: usize = 500;

/// So many entries are kept of one socket.
pub const HISTORY_KEPT: usize = 200;

/// So many sockets have a history: those of which was told last.
pub const HISTORIES_KEPT: usize = 64;

/// Folds events into entries, and keeps the last of them.
#[derive(Default)]
pub(super) struct Told {
    book: LogBook,
    entries: VecDeque<Entry>,
    histories: HashMap<SocketId, History>,
    number: u64,
}

#[derive(Default)]
struct History {
    entries: VecDeque<Entry>,
    /// The number of its last entry.
    latest: u64,
}

impl Told {
    pub(super) fn take(&mut self, event: &Event) {
        for entry in self.book.push(event) {
            self.keep(entry);
        }
    }

    /// The last entries, oldest first.
    pub(super) fn view(&mut self, now: Duration) -> Vec<Entry> {
        for entry in self.book.tick(now) {
            self.keep(entry);
        }
        self.entries.iter().cloned().collect()
    }

    /// The last entries of one socket, oldest first.
    pub(super) fn history(&self, socket: SocketId) -> Vec<Entry> {
        let history = self.histories.get(&socket);
        history.map_or_else(Vec::new, |it| it.entries.iter().cloned().collect())
    }

    fn keep(&mut self, entry: Entry) {
        self.number += 1;
        for (socket, part) in parts(&entry) {
            push(&mut self.of(socket).entries, part, HISTORY_KEPT);
        }
        push(&mut self.entries, entry, EVENTS_KEPT);
    }

    /// The socket's history; a new one takes the place of the quietest.
    fn of(&mut self, socket: SocketId) -> &mut History {
        let is_new = !self.histories.contains_key(&socket);
        if is_new && self.histories.len() >= HISTORIES_KEPT {
            let quietest =
                self.histories.iter().min_by_key(|(_, it)| it.latest);
            let quietest = quietest.map(|(socket, _)| *socket);
            quietest.map(|socket| self.histories.remove(&socket));
        }
        let history = self.histories.entry(socket).or_default();
        history.latest = self.number;
        history
    }
}

fn push(entries: &mut VecDeque<Entry>, entry: Entry, most: usize) {
    if entries.len() >= most {
        entries.pop_front();
    }
    entries.push_back(entry);
}

/// The sockets that an entry is about, and what it tells of each.
fn parts(entry: &Entry) -> Vec<(SocketId, Entry)> {
    let (at, thread) = (entry.at, entry.thread);
    if let What::Made(made) = &entry.what
        && let More::Ready(sockets) = &made.more
    {
        let named = sockets.iter().map(|&(socket, ready)| {
            let what = What::Ready { socket, ready };
            (socket, Entry { at, thread, what })
        });
        return named.collect();
    }
    let about = about(&entry.what);
    about.into_iter().flatten().map(|it| (it, entry.clone())).collect()
}

const fn about(what: &What) -> [Option<SocketId>; 2] {
    match what {
        What::Made(made) => match made.outcome {
            Outcome::Accepted(client) => [Some(made.socket), Some(client)],
            Outcome::Ready(_) => [None, None],
            _ => [Some(made.socket), None],
        },
        What::Asleep { kind: crate::model::Kind::Wait, .. }
        | What::FoundNothing(_)
        | What::Listening
        | What::Paused(_)
        | What::Phase(_)
        | What::NotShown { .. } => [None, None],
        What::Asleep { socket, .. }
        | What::Opened { socket, .. }
        | What::Closed { socket, .. }
        | What::Ready { socket, .. }
        | What::Watched { socket, .. } => [Some(*socket), None],
    }
}
