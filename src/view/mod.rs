//! Events and counters folded into what can be shown: plain values, the same
//! for a live run and for a recording.
//!
//! [`Scope`] folds; a [`View`] is what it has folded so far. Drawing takes a
//! `&View` and changes nothing.

mod findings;
mod follower;
mod lane;
mod lines;
pub mod log;
mod observation;
mod playback;
mod ring;
mod scene;
mod scope;
mod sockets;
mod tasks;
mod threads;
mod turns;

pub use findings::{Evidence, Finding, Unhandled, findings};
pub use lines::Rates;
pub use log::{
    EVENTS_KEPT, HISTORIES_KEPT, HISTORY_KEPT, LogBook, LogEntry, LogFold,
    LogLine, phase_status,
};
pub use observation::{
    Control, CountersUpdate, Measured, NAMES_KEPT, Named, Observation,
    ObservedState,
};
pub use playback::{Direction, Playback, Seek};
pub use scene::{Facts, ScenarioText, Scene, SourceText};
// The words of the probe that these values are made of.
pub use crate::probe::{
    Class, Concerned, Counters, End, Kind, Limit, LineCount, Outcome, Phase,
    PhaseMark, Site, SocketCount, SocketId, Step, Stride, TaskCount, TaskId,
    TaskNow, TurnCount,
};
pub use follower::{Follower, Mark};
pub use lane::{BUCKET, Cell, LANE_CELLS, Lane};
pub use scope::{Scope, ScopeSettings};
pub use sockets::READY_SHOWN;
pub use tasks::{AwaitView, ENDED_SHOWN, ENDED_SHOWN_FOR, TASKS_SHOWN};
pub use turns::{BRIEF, SECONDS_KEPT};

use crate::probe::ThreadId;
use std::sync::Arc;
use std::time::Duration;

/// Everything a frame shows of the program under study, at one moment. Times
/// count from the start of the run.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The moment.
    pub at: Duration,
    /// The phase of the server's life, and since when.
    pub phase: (Phase, Duration),
    /// When the grace period is over; `None` unless the server was asked to
    /// stop.
    pub deadline: Option<Duration>,
    /// The exact counters.
    pub figures: Arc<Counters>,
    /// Turns of the server's loop, the one whose first call goes on included.
    pub iterations: u64,
    /// Returns of the selector's wait; `None` in a mode without one.
    pub wake_ups: Option<u64>,
    /// The counters over the last second.
    pub rates: Rates,
    /// Where each thread is.
    pub threads: Vec<ThreadView>,
    /// A row a call site, in the order of lines.
    pub lines: Vec<LineView>,
    /// A row a socket, the listener first, then by number; closed ones stay
    /// until there are too many.
    pub sockets: Vec<SocketView>,
    /// Connections without a row because there are too many.
    pub sockets_not_shown: u64,
    /// The server's loop.
    pub turns: LoopView,
    /// The tasks of the event loop, by number; at most [`TASKS_SHOWN`].
    pub tasks: Vec<TaskCount>,
    /// Tasks that are paused, of all.
    pub tasks_paused: u64,
    /// Tasks that have not ended, of all.
    pub tasks_alive: u64,
    /// A row a line at which tasks are paused, in the order of lines.
    pub awaits: Vec<AwaitView>,
    /// The last events, oldest first.
    pub events: Vec<LogEntry>,
    /// Events that found no room on their way here.
    pub events_lost: u64,
    /// The findings so far, those that hold at this moment first.
    pub findings: Vec<Finding>,
}

/// Where a thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadView {
    /// Which thread.
    pub thread: ThreadId,
    /// The line of its current or last call.
    pub site: Site,
    /// That call.
    pub kind: Kind,
    /// The socket of that call.
    pub socket: SocketId,
    /// Whether it is in the call.
    pub in_call: bool,
    /// How long it has been there without another call.
    pub since: Duration,
}

impl ThreadView {
    /// When it got there, as a view of this moment has it.
    const fn begun(&self, now: Duration) -> Duration {
        now.saturating_sub(self.since)
    }
}

/// What one line of the mode's source does.
#[derive(Clone, Debug, PartialEq)]
pub struct LineView {
    /// The line.
    pub site: Site,
    /// The call that stands there.
    pub kind: Kind,
    /// How often a thread came by.
    pub hits: u64,
    /// How often a second, lately.
    pub hits_per_s: u64,
    /// Its share of all recent hits, from 0 to 1.
    pub heat: f32,
    /// Threads that are in this call right now.
    pub threads: usize,
    /// The longest that one of them has been in it.
    pub longest: Duration,
    /// The last outcome that was seen.
    pub last: Option<Outcome>,
}

/// What a socket is doing, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketState {
    /// The listener, open.
    Listening,
    /// The listener, closed.
    ClosedListener,
    /// A thread sleeps in a read of it.
    AsleepInRead,
    /// A thread sleeps in a write to it.
    AsleepInWrite,
    /// A busy loop asks it again and again.
    Polled,
    /// The selector watches it for input.
    WaitingForReadable,
    /// There is output that could not be sent yet.
    OutputPending,
    /// The client has ended its side.
    HalfClosed,
    /// A thread works on it right now.
    Served,
    /// Its handler has failed, and it has not been closed.
    Failed,
    /// It is over, by the client's reset.
    Reset,
    /// It is over.
    Closed,
}

/// For what a socket is ready, or watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// For input.
    pub readable: bool,
    /// For output.
    pub writable: bool,
}

/// What is known of one socket.
#[derive(Clone, Debug, PartialEq)]
pub struct SocketView {
    /// Its exact counters.
    pub count: SocketCount,
    /// What it is doing.
    pub state: SocketState,
    /// What the selector watches it for; `None` in a mode without one.
    pub interest: Option<Readiness>,
    /// What it is ready for: what the selector reported and no call has dealt
    /// with since, while its thread is not asleep in it again.
    pub ready: Option<Readiness>,
    /// What it was reported ready for within [`READY_SHOWN`], if that was
    /// dealt with.
    pub was_ready: Option<Readiness>,
    /// The most bytes of pending output that there may be.
    pub pending_limit: u32,
    /// The last call and how it went.
    pub last: Option<(Kind, Outcome)>,
    /// When something last happened, would-blocks aside.
    pub active_at: Duration,
    /// Its last seconds.
    pub lane: Lane,
}

/// The server's loop.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoopView {
    /// How all threads together spent the last second, each from 0 to 1:
    /// asleep in a call, in brief calls, working, spinning (calls that would
    /// block), held at a gate. Time that no event accounts for, because some
    /// were lost, is left out.
    pub shares: Shares,
    /// Echoes in each of the last [`SECONDS_KEPT`] whole seconds, oldest
    /// first: counted exactly, and put into the second of the next view.
    pub echoes_per_s: Vec<u64>,
    /// Asleep, woken, working; on the axis of the sockets' lanes. Of the
    /// thread that makes the first call of the loop.
    pub lane: Lane,
}

/// How time was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shares {
    /// In calls that took [`BRIEF`] or longer: asleep, as copying takes less.
    pub asleep: f32,
    /// In calls that may sleep and returned sooner than that: such a call may
    /// have copied bytes, or have slept and been woken, and events do not show
    /// which.
    pub brief: f32,
    /// In useful calls and between them.
    pub working: f32,
    /// In calls that would have blocked.
    pub spinning: f32,
}

#[cfg(test)]
mod tests;
