//! What a server has done so far, counted exactly, as plain values.

use super::event::{Class, End, Kind, Phase, SocketId, Step, TaskId, TaskNow};
use super::failure::FailedCalls;
use super::serialized::{ByKey, address, end_in_words};
use super::source::{Site, ThreadId};
use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// How many sockets of a run have counters of their own, the listener
/// included; further ones count in the lines and totals only.
pub const KEPT_SOCKETS: usize = 131_072;

/// How many tasks of a run have counters of their own.
pub const KEPT_TASKS: usize = 131_072;

/// Everything that a [`Tally`](super::Tally) has counted up to a moment; by
/// default all counts are zero.
///
/// [`apply`](Self::apply) adds an event. Rows are in ascending order of their
/// keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// A row per call site, in the order of files and lines.
    pub lines: Vec<LineCount>,
    /// A row per socket, the listener first; at most [`KEPT_SOCKETS`].
    pub sockets: Vec<SocketCount>,
    /// A row per task of the event loop; at most [`KEPT_TASKS`].
    pub tasks: Vec<TaskCount>,
    /// The current or last call of each thread.
    pub threads: Vec<ThreadNow>,
    /// What the event loop's turns did.
    pub turns: TurnCount,
    /// The phases that the server has entered, in order.
    pub phases: Vec<PhaseMark>,
    /// Connections accepted, also those without a row.
    pub connections: u64,
    /// Messages that were sent back whole; see
    /// [`Exit::echoed`](super::Exit::echoed).
    pub echoes: u64,
    /// Bytes received and never sent back, on connections that have ended.
    pub unsent_bytes: u64,
    /// The connections with unsent bytes; `None` if there are none.
    pub unsent_on: Option<Concerned>,
    /// The most bytes of pending output one connection had.
    pub pending_peak_bytes: u64,
    /// The longest time that a write which may sleep took; `None` if there
    /// was no such write.
    pub longest_write_ns: Option<Nanos>,
    /// The connections that have ended, by how they ended.
    pub ends: BTreeMap<End, Concerned>,
    /// The connections whose handlers failed and handled the error.
    pub errors_handled: Option<Concerned>,
    /// The connections whose handlers failed and passed the error on.
    pub errors_unhandled: Option<Concerned>,
    /// Tasks that failed and whose error was never retrieved.
    pub never_retrieved: u64,
    /// How often a task ran for longer than 100 ms without a pause.
    pub long_runs: u64,
    /// The longest such run; zero if there was none.
    pub longest_run: Nanos,
    /// How often accepting paused at the limit of connections.
    pub connection_pauses: u64,
    /// How often accepting paused for lack of file descriptors.
    pub descriptor_pauses: u64,
    /// Clients that waited to be accepted when the listener closed; zero also
    /// where the system does not report it.
    pub left_waiting: u64,
    /// The system calls that failed, by call and error; at most
    /// [`MOST_FAILED_CALLS`](super::MOST_FAILED_CALLS).
    pub failed_calls: Vec<FailedCalls>,
}

/// The connections that something happened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Concerned {
    /// How many connections are concerned.
    pub connections: u64,
    /// The connection with the lowest number.
    pub first: SocketId,
}

/// The beginning of a phase of a server's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct PhaseMark {
    /// The phase that began.
    pub phase: Phase,
    /// When the phase began; in a report, from when the server began to run.
    #[serde(rename = "at_ns")]
    pub at: Nanos,
    /// How many connections were open at that time.
    #[serde(rename = "connections_left")]
    pub left: u64,
}

/// What one line of source did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCount {
    /// The call site; two kinds of call on one line have a row each.
    pub site: Site,
    /// The kind of call that is made there.
    pub kind: Kind,
    /// How often a call ended in each [`Class`] of outcome.
    #[serde(with = "ByKey::<Class>")]
    pub counts: [u64; Class::COUNT],
    /// Bytes that its calls read or wrote.
    pub bytes: u64,
}

impl LineCount {
    /// A row in which nothing is counted yet.
    pub const fn new(site: Site, kind: Kind) -> Self {
        Self { site, kind, counts: [0; Class::COUNT], bytes: 0 }
    }

    /// How often the outcome was of this class.
    pub const fn of(&self, class: Class) -> u64 {
        self.counts[class as usize]
    }

    /// How often a thread reached the line, whether or not it made the call.
    pub fn hits(&self) -> u64 {
        sum(self.counts)
    }

    /// How often the system call was made.
    pub fn calls(&self) -> u64 {
        self.hits().saturating_sub(self.of(Class::Paused))
    }
}

/// What one socket did; also its row in the JSON report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct SocketCount {
    /// The socket's number: the listener is 0.
    pub id: SocketId,
    /// The client's address; missing for the listener.
    #[serde(with = "address")]
    #[schemars(with = "Option<SocketAddr>")]
    pub peer: Option<SocketAddr>,
    /// System calls on the socket, by kind; the selector's wait counts as the
    /// listener's.
    #[serde(with = "ByKey::<Kind>")]
    #[schemars(with = "BTreeMap<Kind, u64>")]
    pub calls_by_kind: [u64; Kind::COUNT],
    /// Calls that would have blocked.
    pub would_blocks: u64,
    /// Bytes received from the client.
    pub bytes_in: u64,
    /// Bytes sent to the client.
    pub bytes_out: u64,
    /// Messages that were sent back whole.
    pub echoes: u64,
    /// Bytes of pending output at this moment.
    pub pending_bytes: u32,
    /// Bytes received of a line whose end has not come yet.
    pub unframed_bytes: u32,
    /// The largest number of bytes of pending output.
    pub pending_peak_bytes: u64,
    /// The longest time that a write which may sleep took; missing if there
    /// was no such write.
    pub longest_write_ns: Option<Nanos>,
    /// How the connection ended; missing for the listener and while it is open.
    #[serde(with = "end_in_words")]
    #[schemars(with = "Option<String>")]
    pub end: Option<End>,
    /// Bytes received and never sent back; 0 while the connection is open.
    pub unsent_bytes: u64,
}

impl SocketCount {
    /// A row of a socket on which nothing has happened yet.
    pub fn new(id: SocketId, peer: Option<SocketAddr>) -> Self {
        Self { id, peer, ..Self::default() }
    }

    /// All system calls on it.
    pub fn calls(&self) -> u64 {
        sum(self.calls_by_kind)
    }
}

/// The current or last call of a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize)]
pub struct ThreadNow {
    /// The thread that makes or made the call.
    pub thread: ThreadId,
    /// The line of the call.
    pub site: Site,
    /// The kind of the call.
    pub kind: Kind,
    /// See [`Call::socket`](super::Call::socket).
    pub socket: SocketId,
    /// Whether the call is being made; if not, it has returned.
    pub in_call: bool,
    /// How many calls the thread has made; unchanged means the same call.
    pub calls: u64,
}

/// What one task has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize)]
pub struct TaskCount {
    /// The task that is counted here.
    pub task: TaskId,
    /// The state of the task.
    pub now: TaskNow,
    /// When it came to this state, by the program's clock.
    pub since: Nanos,
    /// How often the loop has polled it.
    pub polls: u64,
    /// How long its runs took in total, without a run that is not over.
    pub running: Nanos,
    /// The socket of its last pause; `None` if it slept or joined a task.
    pub socket: Option<SocketId>,
    /// The line of the `await` at which it last paused, if it is known.
    pub site: Option<Site>,
}

/// What the loop's turns have done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize)]
pub struct TurnCount {
    /// The current step; `None` before the first turn.
    pub now: Option<Step>,
    /// When the current step began, by the program's clock.
    pub since: Nanos,
    /// The duration of each step when it was last made, by [`Step`].
    pub last: [Nanos; Step::COUNT],
    /// The total duration of each step, by [`Step`].
    pub total: [Nanos; Step::COUNT],
    /// How many turns have begun.
    pub turns: u64,
    /// Tasks that are ready right now.
    pub ready: u64,
    /// Timers that are set in the event loop.
    pub timers: u64,
    /// How long the selector may sleep, as last calculated. `None`: without a
    /// limit, or not calculated yet.
    pub timeout: Option<Nanos>,
    /// Tasks without a row because there were too many; they are not counted
    /// in `ready`.
    pub not_kept: u64,
}

impl Counters {
    /// The phase that the server is in.
    pub fn phase(&self) -> Phase {
        self.phases.last().map_or(Phase::Running, |mark| mark.phase)
    }

    /// The row of a socket; `None` if it has none.
    pub fn socket(&self, id: SocketId) -> Option<&SocketCount> {
        let place = self.sockets.binary_search_by_key(&id, |it| it.id);
        place.ok().and_then(|place| self.sockets.get(place))
    }

    fn over_lines(&self, kind: Kind, of: impl Fn(&LineCount) -> u64) -> u64 {
        let lines = self.lines.iter().filter(|line| line.kind == kind);
        sum(lines.map(of))
    }

    /// How often calls of this kind were made.
    pub fn calls(&self, kind: Kind) -> u64 {
        self.over_lines(kind, LineCount::calls)
    }

    /// How often a thread reached a call of this kind, whether or not it made
    /// the call.
    pub fn hits(&self, kind: Kind) -> u64 {
        self.over_lines(kind, LineCount::hits)
    }

    /// How often calls of this kind had an outcome of this class.
    pub fn count(&self, kind: Kind, class: Class) -> u64 {
        self.over_lines(kind, |line| line.of(class))
    }

    /// Bytes that reads have received.
    pub fn bytes_in(&self) -> u64 {
        self.over_lines(Kind::Read, |line| line.bytes)
    }

    /// Bytes that writes have sent.
    pub fn bytes_out(&self) -> u64 {
        self.over_lines(Kind::Write, |line| line.bytes)
    }

    /// Iterations of the server's loop that have begun, counted at its first
    /// call, which is of this kind and may not have returned.
    pub fn iterations(&self, loop_call: Kind) -> u64 {
        let within = |it: &&ThreadNow| it.in_call && it.kind == loop_call;
        let begun = self.threads.iter().filter(within).count();
        self.hits(loop_call).saturating_add(begun as u64)
    }

    /// Returns of the selector's wait; `None` in a mode without one, whose
    /// loop begins with another call.
    pub fn wake_ups(&self, loop_call: Kind) -> Option<u64> {
        let waits = self.lines.iter().any(|line| line.kind == Kind::Wait);
        (waits || loop_call == Kind::Wait)
            .then(|| self.count(Kind::Wait, Class::Ready))
    }

    /// Calls that were made, of all kinds.
    pub fn all_calls(&self) -> u64 {
        sum(self.lines.iter().map(LineCount::calls))
    }

    /// Calls of all kinds that would have blocked.
    pub fn would_blocks(&self) -> u64 {
        sum(self.lines.iter().map(|line| line.of(Class::WouldBlock)))
    }

    /// Calls of all kinds with any outcome but "would block".
    pub fn useful_calls(&self) -> u64 {
        self.all_calls().saturating_sub(self.would_blocks())
    }

    /// Connections that were closed, for any reason.
    pub fn ended(&self) -> u64 {
        sum(self.ends.values().map(|it| it.connections))
    }

    /// Connections that are open now.
    pub fn open(&self) -> u64 {
        self.connections.saturating_sub(self.ended())
    }

    /// Connections that have no row because there were too many; the
    /// listener has the first row.
    pub const fn sockets_not_kept(&self) -> u64 {
        let rows = self.connections.saturating_add(1);
        rows.saturating_sub(KEPT_SOCKETS as u64)
    }

    /// How many calls would have blocked for each one that did not; `None` if
    /// there was no such call.
    pub fn would_blocks_a_useful_call(&self) -> Option<f64> {
        ratio(self.would_blocks(), self.useful_calls())
    }

    /// How many calls were made per echo; `None` without an echo.
    pub fn calls_an_echo(&self) -> Option<f64> {
        ratio(self.all_calls(), self.echoes)
    }

    /// A copy without the rows of sockets, tasks, threads and phases.
    pub fn without_rows(&self) -> Self {
        Self {
            lines: self.lines.clone(),
            sockets: Vec::new(),
            tasks: Vec::new(),
            threads: Vec::new(),
            phases: Vec::new(),
            ends: self.ends.clone(),
            failed_calls: self.failed_calls.clone(),
            ..*self
        }
    }

    /// The call sites of all rows.
    pub fn sites_mut(&mut self) -> impl Iterator<Item = &mut Site> {
        let lines = self.lines.iter_mut().map(|it| &mut it.site);
        let tasks = self.tasks.iter_mut();
        let tasks = tasks
            .flat_map(|it| it.now.site_mut().into_iter().chain(&mut it.site));
        let threads = self.threads.iter_mut().map(|it| &mut it.site);
        lines.chain(tasks).chain(threads)
    }
}

fn sum(counts: impl IntoIterator<Item = u64>) -> u64 {
    counts.into_iter().fold(0, u64::saturating_add)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio for people: 53 bits are more than they can read"
)]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::{Call, Exit, Note, Outcome, Probe as _, Tally};
    use std::panic::Location;
    use std::sync::Arc;

    #[track_caller]
    fn made(
        tally: &Arc<Tally>,
        kind: Kind,
        socket: SocketId,
        outcome: Outcome,
    ) {
        let echoed = u32::from(kind == Kind::Write);
        let location = Location::caller();
        let call = Call { kind, socket, may_sleep: false, location };
        let mark = tally.enter(&call);
        tally.exit(&call, mark, Exit { echoed, ..Exit::new(outcome) });
    }

    /// A busy loop with one client that sends two bytes and resets.
    fn busy_loop() -> Arc<Tally> {
        let tally = Arc::new(Tally::default());
        let (listener, client) = (SocketId(0), SocketId(1));
        tally.note(&Note::Opened { socket: listener, peer: None });
        made(&tally, Kind::Accept, listener, Outcome::Accepted(client));
        tally.note(&Note::Opened { socket: client, peer: None });
        for _ in 0..4 {
            made(&tally, Kind::Accept, listener, Outcome::WouldBlock);
            made(&tally, Kind::Read, client, Outcome::WouldBlock);
        }
        made(&tally, Kind::Accept, listener, Outcome::Paused);
        made(&tally, Kind::Read, client, Outcome::Bytes(2));
        made(&tally, Kind::Write, client, Outcome::Bytes(2));
        let (socket, end) = (client, End::Reset);
        tally.note(&Note::Closed { socket, end, unsent: 3 });
        tally
    }

    #[test]
    fn figures_derive_from_counts() {
        let counters = busy_loop().snapshot();
        assert_eq!(counters.connections, 1);
        let turns = counters.iterations(Kind::Accept);
        assert_eq!(turns, 6, "a paused turn is a turn");
        assert_eq!(counters.calls(Kind::Accept), 5);
        assert_eq!(counters.count(Kind::Accept, Class::WouldBlock), 4);
        assert_eq!((counters.bytes_in(), counters.bytes_out()), (2, 2));
        assert_eq!((counters.echoes, counters.unsent_bytes), (1, 3));
        let once = Concerned { connections: 1, first: SocketId(1) };
        assert_eq!(counters.ends.get(&End::Reset), Some(&once));
        assert_eq!(counters.open(), 0);
        let calls = |it: &SocketCount| it.calls_by_kind[..3].to_vec();
        let calls: Vec<_> = counters.sockets.iter().map(calls).collect();
        assert_eq!(calls, [[5, 0, 0], [0, 5, 1]]);
        assert_eq!(counters.would_blocks_a_useful_call(), Some(8.0 / 3.0));
        assert_eq!(counters.calls_an_echo(), Some(11.0));
        assert_eq!(counters.wake_ups(Kind::Accept), None);
        assert_eq!(counters.wake_ups(Kind::Wait), Some(0));
        assert_eq!(Counters::default().calls_an_echo(), None);
    }

    #[test]
    fn connections_without_a_row_are_in_the_sums() {
        let tally = busy_loop();
        for socket in (0..).skip(KEPT_SOCKETS).take(9).map(SocketId) {
            tally.note(&Note::Opened { socket, peer: None });
            made(&tally, Kind::Write, socket, Outcome::Bytes(2));
            tally.note(&Note::Closed { socket, end: End::Idle, unsent: 5 });
        }
        let counters = tally.totals();
        assert_eq!((counters.echoes, counters.unsent_bytes), (10, 48));
        assert_eq!(counters.ends[&End::Idle].connections, 9);
        assert_eq!(counters.open(), 0);
        assert!(counters.sockets.is_empty());
    }
}
