//! What a server has done so far, counted exactly, as plain values.

use super::event::{Class, End, Kind, Phase, SocketId, Step, TaskId, TaskNow};
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
/// default nothing.
///
/// [`apply`](Self::apply) advances it by an event. Rows are in ascending
/// order of their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// A row a call site, in the order of files and lines.
    pub lines: Vec<LineCount>,
    /// A row a socket, the listener first; at most [`KEPT_SOCKETS`].
    pub sockets: Vec<SocketCount>,
    /// A row a task of the event loop; at most [`KEPT_TASKS`].
    pub tasks: Vec<TaskCount>,
    /// Where each thread is or last was.
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
    /// The connections with unsent bytes.
    pub unsent_on: Option<Concerned>,
    /// The most bytes of pending output one connection had.
    pub pending_peak_bytes: u64,
    /// The longest time that a write which may sleep took; `None` without
    /// such a write.
    pub longest_write_ns: Option<Nanos>,
    /// The connections that have ended, by how they ended.
    pub ends: BTreeMap<End, Concerned>,
    /// The connections whose handlers failed and handled that themselves.
    pub errors_handled: Option<Concerned>,
    /// The connections whose handlers failed and passed the error on.
    pub errors_unhandled: Option<Concerned>,
    /// Tasks that failed and whose result was never retrieved.
    pub never_retrieved: u64,
    /// How often a task kept the thread for too long.
    pub long_runs: u64,
    /// The longest of these times.
    pub longest_run: Nanos,
    /// How often accepting paused at the limit of connections.
    pub connection_pauses: u64,
    /// How often accepting paused for lack of descriptors.
    pub descriptor_pauses: u64,
}

/// The connections that something happened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Concerned {
    /// How many there are.
    pub connections: u64,
    /// The one with the lowest number.
    pub first: SocketId,
}

/// The beginning of a phase of a server's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct PhaseMark {
    /// The phase.
    pub phase: Phase,
    /// When it began; in a report, from when the server began to run.
    #[serde(rename = "at_ns")]
    pub at: Nanos,
    /// How many connections were open then.
    #[serde(rename = "connections_left")]
    pub left: u64,
}

/// What one line of source did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCount {
    /// The line.
    pub site: Site,
    /// The call that stands there.
    pub kind: Kind,
    /// How often each [`Class`] of outcome came of it.
    #[serde(with = "ByKey::<Class>")]
    pub counts: [u64; Class::COUNT],
    /// Bytes moved.
    pub bytes: u64,
}

impl LineCount {
    /// A line that has done nothing yet.
    pub const fn new(site: Site, kind: Kind) -> Self {
        Self { site, kind, counts: [0; Class::COUNT], bytes: 0 }
    }

    /// How often the outcome was of this class.
    pub const fn of(&self, class: Class) -> u64 {
        self.counts[class as usize]
    }

    /// How often a thread came by, whether or not it made the call.
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
    /// Its number: the listener is 0.
    pub id: SocketId,
    /// The other end; missing for the listener.
    #[serde(with = "address")]
    #[schemars(with = "Option<SocketAddr>")]
    pub peer: Option<SocketAddr>,
    /// System calls on it by kind, those that were made; the selector's wait
    /// counts as the listener's.
    #[serde(with = "ByKey::<Kind>")]
    #[schemars(with = "BTreeMap<Kind, u64>")]
    pub calls_by_kind: [u64; Kind::COUNT],
    /// Calls that would have blocked.
    pub would_blocks: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Messages that were sent back whole.
    pub echoes: u64,
    /// Bytes of pending output now.
    pub pending_bytes: u32,
    /// Bytes received of a line whose end has not come yet.
    pub unframed_bytes: u32,
    /// The most bytes of pending output there were.
    pub pending_peak_bytes: u64,
    /// The longest time that a write which may sleep took; missing without
    /// such a write.
    pub longest_write_ns: Option<Nanos>,
    /// How it ended; missing for the listener and while it is open.
    #[serde(with = "end_in_words")]
    #[schemars(with = "Option<String>")]
    pub end: Option<End>,
    /// Bytes received and never sent back.
    pub unsent_bytes: u64,
}

impl SocketCount {
    /// A socket on which nothing has happened yet.
    pub fn new(id: SocketId, peer: Option<SocketAddr>) -> Self {
        Self { id, peer, ..Self::default() }
    }

    /// All system calls on it.
    pub fn calls(&self) -> u64 {
        sum(self.calls_by_kind)
    }
}

/// Where a thread is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize)]
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

/// What one task has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize)]
pub struct TaskCount {
    /// The task.
    pub task: TaskId,
    /// What it does.
    pub now: TaskNow,
    /// Since when it has done that.
    pub since: Nanos,
    /// How often the loop ran it.
    pub polls: u64,
    /// How long the loop ran it in all, without the run that goes on.
    pub running: Nanos,
    /// The socket that it last waited for.
    pub socket: Option<SocketId>,
    /// The line of the `await` at which it last paused.
    pub site: Option<Site>,
}

/// What the loop's turns have done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize)]
pub struct TurnCount {
    /// The step that it is in; `None` before the first turn.
    pub now: Option<Step>,
    /// Since when it is in that step.
    pub since: Nanos,
    /// How long each step took when it was last over.
    pub last: [Nanos; Step::COUNT],
    /// How long each took, all in all.
    pub total: [Nanos; Step::COUNT],
    /// Turns that have begun.
    pub turns: u64,
    /// Tasks that are ready right now.
    pub ready: u64,
    /// Timers that are waiting.
    pub timers: u64,
    /// Tasks without a row because there were too many; they are not among
    /// the ready ones.
    pub not_kept: u64,
}

impl Counters {
    /// The phase of the server's life.
    pub fn phase(&self) -> Phase {
        self.phases.last().map_or(Phase::Running, |mark| mark.phase)
    }

    /// The row of a socket, if it has one.
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

    /// How often a thread came by a call of this kind, whether or not it made
    /// the call.
    pub fn hits(&self, kind: Kind) -> u64 {
        self.over_lines(kind, LineCount::hits)
    }

    /// How often calls of this kind had an outcome of this class.
    pub fn count(&self, kind: Kind, class: Class) -> u64 {
        self.over_lines(kind, |line| line.of(class))
    }

    /// Bytes received.
    pub fn bytes_in(&self) -> u64 {
        self.over_lines(Kind::Read, |line| line.bytes)
    }

    /// Bytes sent.
    pub fn bytes_out(&self) -> u64 {
        self.over_lines(Kind::Write, |line| line.bytes)
    }

    /// Turns of the server's loop that have come past its first call, which
    /// is of this kind.
    pub fn iterations(&self, loop_call: Kind) -> u64 {
        self.hits(loop_call)
    }

    /// Returns of the selector's wait; `None` in a mode without one, whose
    /// loop begins with another call.
    pub fn wake_ups(&self, loop_call: Kind) -> Option<u64> {
        let waits = self.lines.iter().any(|line| line.kind == Kind::Wait);
        (waits || loop_call == Kind::Wait)
            .then(|| self.count(Kind::Wait, Class::Ready))
    }

    /// All calls.
    pub fn all_calls(&self) -> u64 {
        sum(self.lines.iter().map(LineCount::calls))
    }

    /// All calls that would have blocked.
    pub fn would_blocks(&self) -> u64 {
        sum(self.lines.iter().map(|line| line.of(Class::WouldBlock)))
    }

    /// All calls that did not find that they would have to wait.
    pub fn useful_calls(&self) -> u64 {
        self.all_calls().saturating_sub(self.would_blocks())
    }

    /// Connections that have ended.
    pub fn ended(&self) -> u64 {
        sum(self.ends.values().map(|it| it.connections))
    }

    /// Connections that have not ended.
    pub fn open(&self) -> u64 {
        self.connections.saturating_sub(self.ended())
    }

    /// Connections that have no row because there were too many; the
    /// listener has the first row.
    pub const fn sockets_not_kept(&self) -> u64 {
        let rows = self.connections.saturating_add(1);
        rows.saturating_sub(KEPT_SOCKETS as u64)
    }

    /// How many calls would have blocked for each one that did not; `None`
    /// without one.
    pub fn would_blocks_a_useful_call(&self) -> Option<f64> {
        ratio(self.would_blocks(), self.useful_calls())
    }

    /// How many calls were made for each echo; `None` without one.
    pub fn calls_an_echo(&self) -> Option<f64> {
        ratio(self.all_calls(), self.echoes)
    }

    /// The same without rows of sockets, tasks and threads.
    pub fn without_rows(&self) -> Self {
        Self {
            lines: self.lines.clone(),
            sockets: Vec::new(),
            tasks: Vec::new(),
            threads: Vec::new(),
            phases: Vec::new(),
            ends: self.ends.clone(),
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

    /// A busy loop with one client that says two bytes and leaves.
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
