//! Plain-words observations, each with advice.

mod words;

use super::Live;
use crate::net::ServerOptions;
use crate::probe::Counters;
use crate::probe::{Concerned, End, Limit, SocketCount, SocketId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Spinning is reported only from this number of calls that would have blocked.
const SPIN_MIN: u64 = 1_000;

/// Spinning is this number of calls that would have blocked for each useful
/// one.
const SPIN_RATIO: u64 = 10;

/// How long a client or a thread must have waited to be worth a word.
const LONG_WAIT: Duration = Duration::from_millis(100);

/// What the checks look at.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// What the server did.
    pub figures: &'a Counters,
    /// The options of the server.
    pub options: ServerOptions,
    /// The longest wait for an echo in a mode that serves one client at a
    /// time; `None` in the other modes or without clients of ours.
    pub waiting: Option<Waiting<'a>>,
    /// What becomes of an error that leaves a handler; `None`: none does.
    pub unhandled: Option<Unhandled>,
    /// Events that the log or the recording had no room for.
    pub events_lost: u64,
}

/// What becomes of an error that leaves a client's handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unhandled {
    /// It ends the server, for everybody.
    EndsServer,
    /// It is dropped with the handle of its thread.
    Dropped,
    /// It is dropped with the handle of its task, and the loop says so.
    Reported,
    /// It is kept, and so is its client, in a handle that is never joined.
    Kept,
}

impl Unhandled {
    /// A name for each, for files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EndsServer => "ends-server",
            Self::Dropped => "dropped",
            Self::Reported => "reported",
            Self::Kept => "kept",
        }
    }
}

/// A wait for an echo.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// The group of the client that waited.
    pub group: &'a str,
    /// How long.
    pub time: Duration,
}

/// Something worth telling about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Almost every call found nothing.
    Spinning {
        /// Calls made.
        asked: u64,
        /// Calls that did something.
        answered: u64,
    },
    /// A client waited while the only thread served another one.
    Starved {
        /// The group of the client.
        group: String,
        /// How long it waited.
        time: Duration,
    },
    /// Pending output reached the high-water mark.
    OutputAtLimit {
        /// The first connection it happened to.
        first: SocketId,
        /// How many connections it happened to.
        connections: u64,
        /// The mark, in bytes.
        limit: usize,
    },
    /// A thread slept in a write, as the client did not read.
    WriteSlept {
        /// The connection with the longest such sleep.
        socket: SocketId,
        /// How long that was.
        time: Duration,
    },
    /// Clients reset their connections.
    Reset {
        /// The first connection it happened to.
        first: SocketId,
        /// How many.
        connections: u64,
    },
    /// Connections on which nothing moved for the idle time-out.
    IdleTimeout {
        /// The first connection it happened to.
        first: SocketId,
        /// How many.
        connections: u64,
    },
    /// Lines longer than the high-water mark.
    LineTooLong {
        /// The first connection it happened to.
        first: SocketId,
        /// How many connections ended so.
        connections: u64,
        /// The mark, in bytes.
        limit: usize,
    },
    /// Handlers that failed on the line `boom`.
    HandlerFailed {
        /// The first connection it happened to.
        first: SocketId,
        /// How many.
        connections: u64,
    },
    /// A task kept the thread for too long.
    LongRun {
        /// How often one did.
        times: u64,
        /// The longest time.
        longest: Duration,
    },
    /// Handlers that failed with an error that was not handled.
    ErrorUnhandled {
        /// The first connection it happened to.
        first: SocketId,
        /// How many.
        connections: u64,
        /// What became of the errors.
        fate: Unhandled,
    },
    /// Accepting paused.
    AcceptPaused {
        /// At which limit.
        at: Limit,
        /// How often.
        times: u64,
    },
    /// Bytes that were received and never sent back.
    NeverEchoed {
        /// How many.
        bytes: u64,
        /// The first connection it happened to.
        first: SocketId,
        /// On how many connections.
        connections: u64,
    },
    /// Events that the log or the recording does not show.
    EventsLost {
        /// How many.
        events: u64,
    },
    /// Something that is so right now.
    Live(Live),
    /// Something that was so, at its worst.
    Seen(Live),
}

type Check = fn(&Evidence) -> Option<Finding>;

/// The checks, in the order in which their findings are reported.
const CHECKS: [Check; 14] = [
    spinning,
    starved,
    output_at_limit,
    write_slept,
    reset,
    idle_timeout,
    line_too_long,
    handler_failed,
    error_unhandled,
    long_run,
    connections_paused,
    descriptors_paused,
    never_echoed,
    events_lost,
];

/// What is worth telling, most instructive first.
#[must_use]
pub fn findings(evidence: &Evidence) -> Vec<Finding> {
    CHECKS.iter().filter_map(|check| check(evidence)).collect()
}

fn spinning(evidence: &Evidence) -> Option<Finding> {
    let asked = evidence.figures.all_calls();
    let answered = evidence.figures.useful_calls();
    let in_vain = asked.saturating_sub(answered);
    let spins = in_vain >= SPIN_MIN && in_vain / SPIN_RATIO >= answered;
    spins.then_some(Finding::Spinning { asked, answered })
}

fn starved(evidence: &Evidence) -> Option<Finding> {
    let waiting = evidence.waiting.filter(|w| w.time >= LONG_WAIT)?;
    Some(Finding::Starved { group: waiting.group.into(), time: waiting.time })
}

/// A read as large as the limit fills it at once and proves nothing.
fn output_at_limit(evidence: &Evidence) -> Option<Finding> {
    let limit = evidence.options.buffer_limit();
    if evidence.options.recv_size() >= limit {
        return None;
    }
    let at_limit = |row: &&SocketCount| row.pending_peak_bytes >= limit as u64;
    let mut rows = evidence.figures.sockets.iter().filter(at_limit);
    let first = rows.next()?.id;
    let connections = 1 + rows.count() as u64;
    Some(Finding::OutputAtLimit { first, connections, limit })
}

fn write_slept(evidence: &Evidence) -> Option<Finding> {
    let rows = evidence.figures.sockets.iter();
    let times = rows.filter_map(|row| Some((row.longest_write_ns?, row.id)));
    let (time, socket) = times.max_by_key(|(time, _)| *time)?;
    let time = time.duration();
    (time >= LONG_WAIT).then_some(Finding::WriteSlept { socket, time })
}

fn reset(evidence: &Evidence) -> Option<Finding> {
    let (first, connections) = ended(evidence, End::Reset)?;
    Some(Finding::Reset { first, connections })
}

fn idle_timeout(evidence: &Evidence) -> Option<Finding> {
    let (first, connections) = ended(evidence, End::Idle)?;
    Some(Finding::IdleTimeout { first, connections })
}

fn line_too_long(evidence: &Evidence) -> Option<Finding> {
    let (first, connections) = ended(evidence, End::TooLong)?;
    let limit = evidence.options.buffer_limit();
    Some(Finding::LineTooLong { first, connections, limit })
}

/// An error that is not handled is reported by [`Finding::ErrorUnhandled`]
/// instead.
fn handler_failed(evidence: &Evidence) -> Option<Finding> {
    let (first, connections) = ended(evidence, End::Boom)?;
    let handled = evidence.figures.errors_unhandled.is_none();
    handled.then_some(Finding::HandlerFailed { first, connections })
}

fn long_run(evidence: &Evidence) -> Option<Finding> {
    let times = evidence.figures.long_runs;
    let longest = evidence.figures.longest_run.duration();
    (times > 0).then_some(Finding::LongRun { times, longest })
}

fn error_unhandled(evidence: &Evidence) -> Option<Finding> {
    let Concerned { connections, first } = evidence.figures.errors_unhandled?;
    let fate = evidence.unhandled?;
    Some(Finding::ErrorUnhandled { first, connections, fate })
}

/// The first connection that ended so, and how many did.
fn ended(evidence: &Evidence, end: End) -> Option<(SocketId, u64)> {
    let ended = evidence.figures.ends.get(&end)?;
    Some((ended.first, ended.connections))
}

fn connections_paused(evidence: &Evidence) -> Option<Finding> {
    let times = evidence.figures.connection_pauses;
    let at = Limit::Connections;
    (times > 0).then_some(Finding::AcceptPaused { at, times })
}

fn descriptors_paused(evidence: &Evidence) -> Option<Finding> {
    let times = evidence.figures.descriptor_pauses;
    let at = Limit::Descriptors;
    (times > 0).then_some(Finding::AcceptPaused { at, times })
}

fn never_echoed(evidence: &Evidence) -> Option<Finding> {
    let bytes = evidence.figures.unsent_bytes;
    let Concerned { first, connections } = evidence.figures.unsent_on?;
    Some(Finding::NeverEchoed { bytes, first, connections })
}

fn events_lost(evidence: &Evidence) -> Option<Finding> {
    let events = evidence.events_lost;
    (events > 0).then_some(Finding::EventsLost { events })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
