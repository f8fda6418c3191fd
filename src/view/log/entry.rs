//! What a line of the log stands for.

use crate::probe::{Event, Kind, Note, Outcome, Site, SocketId, ThreadId};
use std::net::SocketAddr;
use std::time::Duration;

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// When, from the start of the run: a call's return, the beginning of
    /// anything that lasts.
    pub at: Duration,
    /// The thread.
    pub thread: ThreadId,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A call returned.
    Made(Made),
    /// A call has put its thread to sleep.
    Asleep {
        /// Which call.
        kind: Kind,
        /// On which socket.
        socket: SocketId,
        /// The line that makes it.
        site: Site,
    },
    /// A busy loop turned and every call would have blocked.
    FoundNothing(Found),
    /// Something that is not a call, and belongs to none.
    Note(Note),
    /// Entries that were left out because there were too many.
    NotShown {
        /// How many.
        entries: u64,
    },
}

/// A call, or equal calls in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Which call.
    pub kind: Kind,
    /// On which socket.
    pub socket: SocketId,
    /// The line that made it.
    pub site: Site,
    /// How it went; the last one, of several.
    pub outcome: Outcome,
    /// How many calls.
    pub times: u64,
    /// Bytes moved by all of them.
    pub bytes: u64,
    /// Bytes of pending output on the socket after the last of them.
    pub pending: u32,
    /// How long the thread slept in it, if it did.
    pub slept: Option<Duration>,
    /// What is known beside.
    pub more: More,
}

/// What notes tell of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum More {
    /// Nothing.
    Nothing,
    /// Who was accepted.
    Peer(SocketAddr),
    /// Which sockets are ready, the first of them.
    Ready(Vec<(SocketId, Readiness)>),
    /// What the socket is watched for now.
    Interest(Readiness),
}

/// For what a socket is ready, or watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// For input.
    pub readable: bool,
    /// For output.
    pub writable: bool,
}

/// A run of iterations in which every call would have blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// How many.
    pub iterations: u64,
    /// Calls.
    pub calls: u64,
    /// When the last of them was made.
    pub until: Duration,
}

impl Made {
    /// The call that an exit tells of; `None` for any other event.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let &Event::Exit {
            entered,
            at,
            kind,
            socket,
            site,
            outcome,
            pending,
            ..
        } = event
        else {
            return None;
        };
        let bytes = match outcome {
            Outcome::Bytes(bytes) => bytes.into(),
            _ => 0,
        };
        let took = at.since(entered).duration();
        let slept = Some(took).filter(|took| *took >= super::ASLEEP_AFTER);
        let (times, more) = (1, More::Nothing);
        Some(Self {
            kind,
            socket,
            site,
            outcome,
            times,
            bytes,
            pending,
            slept,
            more,
        })
    }

    /// Whether the two differ in nothing but amounts.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let same_call = (self.kind, self.socket, self.site)
            == (other.kind, other.socket, other.site);
        let awake = self.slept.is_none() && other.slept.is_none();
        same_call && awake && same_class(self.outcome, other.outcome)
    }

    /// Takes a later one like it in.
    pub(super) fn add(&mut self, later: &Self) {
        self.outcome = later.outcome;
        self.times = self.times.saturating_add(later.times);
        self.bytes = self.bytes.saturating_add(later.bytes);
        self.pending = later.pending;
        self.more = More::Nothing;
    }
}

/// Amounts aside; a wait that names sockets is like no other.
fn same_class(one: Outcome, other: Outcome) -> bool {
    match (one, other) {
        (Outcome::Bytes(_), Outcome::Bytes(_))
        | (Outcome::Accepted(_), Outcome::Accepted(_)) => true,
        (Outcome::Ready(one), Outcome::Ready(other)) => one + other == 0,
        (one, other) => one == other,
    }
}

impl What {
    /// The sockets that it is about.
    pub fn sockets(&self) -> Vec<SocketId> {
        match self {
            Self::Made(made) => match (made.outcome, &made.more) {
                (_, More::Ready(named)) => {
                    named.iter().map(|(socket, _)| *socket).collect()
                }
                (Outcome::Accepted(client), _) => vec![made.socket, client],
                _ if made.kind == Kind::Wait => Vec::new(),
                _ => vec![made.socket],
            },
            Self::Asleep { kind, socket, .. } if *kind != Kind::Wait => {
                vec![*socket]
            }
            Self::Note(note) => note.socket().into_iter().collect(),
            Self::Asleep { .. }
            | Self::FoundNothing(_)
            | Self::NotShown { .. } => Vec::new(),
        }
    }
}
