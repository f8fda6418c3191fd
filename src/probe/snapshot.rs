//! What a tally had counted at a moment, as plain values.

use super::event::{End, Kind, Outcome, Phase, SocketId};
use super::source::{Site, ThreadId};
use super::sums::Sums;
use super::task::TaskNow;
use super::task_table::{TaskCount, TurnCount};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::Duration;

/// Outcomes, as far as counters tell them apart.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Bytes were moved.
    Bytes,
    /// The end of file was read.
    EndOfFile,
    /// The call would have had to wait.
    WouldBlock,
    /// A connection was accepted.
    Accepted,
    /// The selector returned.
    Ready,
    /// A change was made.
    Done,
    /// No call was made, at a limit.
    Paused,
    /// The server closed the socket itself.
    Closed,
    /// The call failed.
    Failed,
}

impl Class {
    pub(super) const COUNT: usize = 9;

    /// That of an outcome.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Bytes(_) => Self::Bytes,
            Outcome::EndOfFile => Self::EndOfFile,
            Outcome::WouldBlock => Self::WouldBlock,
            Outcome::Accepted(_) => Self::Accepted,
            Outcome::Ready(_) => Self::Ready,
            Outcome::Done => Self::Done,
            Outcome::Paused => Self::Paused,
            Outcome::Closed => Self::Closed,
            Outcome::Failed(_) => Self::Failed,
        }
    }
}

/// What a [`Tally`](super::Tally) had counted at a moment; by default nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TallySnapshot {
    /// A row a call site, in the order of files and lines.
    pub lines: Vec<LineCount>,
    /// A row a socket, the listener first; at most
    /// [`KEPT_SOCKETS`](super::KEPT_SOCKETS).
    pub sockets: Vec<SocketCount>,
    /// A row a task of the event loop; at most
    /// [`KEPT_TASKS`](super::KEPT_TASKS).
    pub tasks: Vec<TaskCount>,
    /// What the event loop's turns did.
    pub turns: TurnCount,
    /// Tasks that failed and were never asked how they ended.
    pub never_retrieved: u64,
    /// How often a task kept the thread for too long, and the longest time.
    pub long_runs: (u64, Duration),
    /// Where each thread is or last was.
    pub threads: Vec<ThreadNow>,
    /// Connections accepted, also those without a row.
    pub connections: u64,
    /// Sums over all connections, also over those without a row.
    pub sums: Sums,
    /// How often accepting paused at the limit of connections.
    pub connection_pauses: u64,
    /// How often accepting paused for want of descriptors.
    pub descriptor_pauses: u64,
    /// The phases that the server has entered, in order.
    pub phases: Vec<PhaseMark>,
}

/// The beginning of a phase of a server's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseMark {
    /// The phase.
    pub phase: Phase,
    /// When it began, from the tally's origin.
    pub at: Duration,
    /// How many connections were open then.
    pub left: u64,
}

/// What one line of source did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineCount {
    /// The line.
    pub site: Site,
    /// The call that stands there.
    pub kind: Kind,
    /// How often each [`Class`] of outcome came of it.
    pub counts: [u64; Class::COUNT],
    /// Bytes moved.
    pub bytes: u64,
}

impl LineCount {
    /// How often the outcome was of this class.
    #[must_use]
    pub const fn of(&self, class: Class) -> u64 {
        self.counts[class as usize]
    }

    /// How often a thread came by, whether or not it made the call.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.counts.iter().copied().fold(0, u64::saturating_add)
    }

    /// How often the system call was made.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.hits().saturating_sub(self.of(Class::Paused))
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine = mine.saturating_add(theirs);
        }
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// What one socket did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketCount {
    /// Its number.
    pub socket: SocketId,
    /// The other end; `None` for the listener.
    pub peer: Option<SocketAddr>,
    /// System calls on it.
    pub calls: u64,
    /// The same by kind, in the order of [`Kind::ALL`].
    pub calls_by_kind: [u64; Kind::COUNT],
    /// Those that would have blocked.
    pub would_blocks: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Messages that were sent back whole; see
    /// [`Exit::echoed`](super::Exit::echoed).
    pub echoes: u64,
    /// Bytes of pending output now.
    pub pending: u32,
    /// The most bytes of pending output there were.
    pub pending_peak: u32,
    /// The longest time that a write which may sleep took; `None` without
    /// such a write.
    pub longest_write: Option<Duration>,
    /// How it ended, if it has.
    pub ended: Option<End>,
    /// Bytes received that were never sent back.
    pub unsent: u32,
}

impl SocketCount {
    /// A socket on which nothing has happened yet.
    #[must_use]
    pub const fn new(socket: SocketId, peer: Option<SocketAddr>) -> Self {
        Self {
            socket,
            peer,
            calls: 0,
            calls_by_kind: [0; Kind::COUNT],
            would_blocks: 0,
            bytes_in: 0,
            bytes_out: 0,
            echoes: 0,
            pending: 0,
            pending_peak: 0,
            longest_write: None,
            ended: None,
            unsent: 0,
        }
    }
}

/// Where a thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadNow {
    /// The thread.
    pub thread: ThreadId,
    /// The line of its current or last call.
    pub site: Site,
    /// That call.
    pub kind: Kind,
    /// The socket of that call.
    pub socket: SocketId,
    /// Whether the thread is in the call; if not, it is past it.
    pub in_call: bool,
    /// How many calls it has made; unchanged means the same call.
    pub calls: u64,
}

/// Sums over the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// System calls.
    pub calls: u64,
    /// Calls that would have blocked.
    pub would_blocks: u64,
    /// Times a thread came by, whether or not it made the call.
    pub hits: u64,
    /// Bytes moved.
    pub bytes: u64,
}

impl TallySnapshot {
    /// The same as it was so long before, if nothing has happened since.
    #[must_use]
    pub fn before(mut self, time: Duration) -> Self {
        for task in &mut self.tasks {
            task.since = task.since.saturating_sub(time);
            if task.now == TaskNow::Running {
                task.running = task.running.saturating_sub(time);
            }
        }
        self.turns.since = self.turns.since.saturating_sub(time);
        self
    }

    /// The phase of the server's life.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phases.last().map_or(Phase::Running, |mark| mark.phase)
    }

    /// Sums over all lines with this kind of call.
    #[must_use]
    pub fn total(&self, kind: Kind) -> Totals {
        let lines = self.lines.iter().filter(|line| line.kind == kind);
        lines.fold(Totals::default(), |sum, line| Totals {
            calls: sum.calls.saturating_add(line.calls()),
            would_blocks: sum
                .would_blocks
                .saturating_add(line.of(Class::WouldBlock)),
            hits: sum.hits.saturating_add(line.hits()),
            bytes: sum.bytes.saturating_add(line.bytes),
        })
    }

    /// How often calls of this kind had an outcome of this class.
    #[must_use]
    pub fn count(&self, kind: Kind, class: Class) -> u64 {
        let lines = self.lines.iter().filter(|line| line.kind == kind);
        let counts = lines.map(|line| line.of(class));
        counts.fold(0, u64::saturating_add)
    }
}
