//! What a line of the log stands for.

use crate::probe::{
    End, Event, Kind, LISTENER, Limit, Note, Outcome, Phase, Site, SocketId,
    TaskId, TaskNow, ThreadId,
};
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
    /// The server listens.
    Listening,
    /// A connection began.
    Opened {
        /// Its number.
        socket: SocketId,
        /// The other end.
        peer: Option<SocketAddr>,
    },
    /// A connection ended.
    Closed {
        /// Its number.
        socket: SocketId,
        /// How.
        end: End,
        /// Bytes received and never sent back.
        unsent: u32,
    },
    /// A connection's handler failed and has handled that itself.
    Handled {
        /// Its number.
        socket: SocketId,
        /// How it ends.
        end: End,
    },
    /// The selector reported a socket ready.
    Ready {
        /// Its number.
        socket: SocketId,
        /// For what.
        ready: Readiness,
    },
    /// A socket is watched for something else.
    Watched {
        /// Its number.
        socket: SocketId,
        /// For what.
        interest: Readiness,
    },
    /// Accepting pauses until a connection ends, at this limit.
    Paused(Limit),
    /// The server's life entered a phase.
    Phase(Phase),
    /// A task has come to do something else.
    Task {
        /// Its number.
        task: TaskId,
        /// What it does from now on.
        now: TaskNow,
    },
    /// A task kept the thread long enough to make all others wait.
    LongRun {
        /// Which task.
        task: TaskId,
        /// How long.
        time: Duration,
    },
    /// A task failed and its result can no longer be retrieved.
    NeverRetrieved {
        /// Which task.
        task: TaskId,
        /// The line where it was spawned.
        site: Site,
        /// The socket that it served, if it did.
        socket: Option<SocketId>,
        /// How it failed.
        end: End,
    },
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
        let Event::Exit {
            entered,
            at,
            thread: _,
            kind,
            socket,
            site,
            outcome,
            pending,
            unframed: _,
            echoed: _,
        } = *event
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
    /// Converts a note that belongs to no call; `None` for one that makes no
    /// entry, such as an error that is not handled.
    pub(super) fn of(note: Note) -> Option<Self> {
        Some(match note {
            Note::Handled { socket, end } => Self::Handled { socket, end },
            Note::Opened { socket: LISTENER, .. } => Self::Listening,
            Note::Opened { socket, peer } => Self::Opened { socket, peer },
            Note::Closed { socket, end, unsent } => {
                Self::Closed { socket, end, unsent }
            }
            Note::Ready { socket, readable, writable } => {
                let ready = Readiness { readable, writable };
                Self::Ready { socket, ready }
            }
            Note::Interest { socket, readable, writable } => {
                let interest = Readiness { readable, writable };
                Self::Watched { socket, interest }
            }
            Note::Paused(limit) => Self::Paused(limit),
            Note::Phase(phase) => Self::Phase(phase),
            Note::Task { task, now } => Self::Task { task, now },
            Note::LongRun { task, time } => {
                Self::LongRun { task, time: time.duration() }
            }
            Note::NeverRetrieved { task, site, socket, end } => {
                Self::NeverRetrieved { task, site, socket, end }
            }
            Note::Failed { .. } | Note::Step(_) | Note::Timers(_) => {
                return None;
            }
        })
    }
}
