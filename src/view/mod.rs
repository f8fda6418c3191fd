//! Events and counters folded into what can be shown: plain values, the same
//! for a live run and for a recording.
//!
//! [`Scope`] does the folding; a [`View`] is its result at one moment. Drawing
//! takes a `&View` and changes nothing.

mod findings;
mod follower;
mod lane;
mod lines;
pub mod log;
mod narration;
mod observation;
mod playback;
mod readiness;
mod ring;
mod scene;
mod scope;
mod sockets;
mod steps;
mod tasks;
mod threads;
mod turns;

pub use findings::{Evidence, Finding, Unhandled, findings};
pub use lines::Rates;
pub use log::{
    EVENTS_KEPT, HISTORIES_KEPT, HISTORY_KEPT, LogBook, LogEntry, LogFold,
    LogLine, phase_status,
};
pub use narration::{MomentTone, Narration};
pub use observation::{
    Control, CountersUpdate, Measured, NAMES_KEPT, Named, Observation,
    ObservedState, QueuesUpdate,
};
pub use playback::{Direction, Playback, Seek};
pub use readiness::ReadinessWords;
pub use scene::{Facts, ScenarioText, Scene, SourceText};
// Types of the probe that these values consist of.
pub use crate::probe::{
    Class, Concerned, Counters, End, Kind, Limit, LineCount, Outcome, Phase,
    PhaseMark, ReceivedTail, Site, SocketCount, SocketId, Step, Stride,
    TaskCount, TaskId, TaskNow, TurnCount,
};
pub use follower::{Follower, Mark};
pub use lane::{BUCKET, Cell, LANE_CELLS, Lane};
pub use scope::{Scope, ScopeSettings};
pub use sockets::ROWS_KEPT;
pub use steps::{StepState, StepView};
pub use tasks::{AwaitView, ENDED_SHOWN, ENDED_SHOWN_FOR, TASKS_SHOWN};
pub use turns::{BRIEF, SECONDS_KEPT};

use crate::probe::ThreadId;
use crate::system::queues::KernelQueue;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Everything a frame shows of the program under study, at one moment. Times
/// count from the start of the run.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub at: Duration,
    /// The phase of the server's life, and since when.
    pub phase: (Phase, Duration),
    /// When the grace period is over; `None` unless the server was asked to
    /// stop.
    pub deadline: Option<Duration>,
    /// The exact counters.
    pub figures: Arc<Counters>,
    /// Turns of the server's loop, including one whose first call has not
    /// returned.
    pub iterations: u64,
    /// Whether a call on a single socket may put its thread to sleep in this
    /// mode.
    pub calls_sleep: bool,
    /// Returns of the selector's wait; `None` in a mode without one.
    pub wake_ups: Option<u64>,
    /// Calls, bytes and turns per second, over about the last second.
    pub rates: Rates,
    /// The threads that have made a call and have not ended.
    pub threads: Vec<ThreadView>,
    /// One row for each call site, in the order of lines.
    pub lines: Vec<LineView>,
    /// One row for each socket: the listener, then the others by number. Closed
    /// ones stay until their rows are needed.
    pub sockets: Vec<SocketView>,
    /// Connections without a row because there are too many.
    pub sockets_not_shown: u64,
    /// How many clients are connected and not accepted yet, as the kernel's
    /// queues show; `None` if these are not known, or do not have all of them.
    pub in_backlog: Option<u64>,
    /// Clients that are connected and not accepted yet, by their addresses;
    /// at most [`BACKLOG_SHOWN`], and empty if the system does not provide
    /// them.
    pub backlog: Vec<BacklogClient>,
    pub turns: LoopView,
    /// The steps of the event loop's turn, in their order; empty before the
    /// first turn, and in a mode without an event loop.
    pub steps: Vec<StepView>,
    /// The tasks of the event loop, by number; at most [`TASKS_SHOWN`].
    pub tasks: Vec<TaskCount>,
    /// Tasks that are paused, including those without a row.
    pub tasks_paused: u64,
    /// Tasks that have not ended, including those without a row.
    pub tasks_alive: u64,
    /// One row for each line at which tasks are paused, in the order of lines.
    pub awaits: Vec<AwaitView>,
    /// The last events, oldest first.
    pub events: Vec<LogEntry>,
    /// Events that were lost because there was no room for them.
    pub events_lost: u64,
    /// The findings so far, those that hold at this moment first.
    pub findings: Vec<Finding>,
}

/// What a thread is doing or did last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadView {
    pub thread: ThreadId,
    /// The line of its current or last call; while it is held at the gate, of
    /// the call that it is about to make.
    pub site: Site,
    /// The kind of that call.
    pub kind: Kind,
    /// The socket of that call.
    pub socket: SocketId,
    /// Whether the call has begun and not returned.
    pub in_call: bool,
    /// Whether it is held at the gate: what waits for it waits for the user,
    /// in slow motion for the delay before its next call.
    pub is_held: bool,
    /// How long it has been in the call, or has not begun another one.
    pub since: Duration,
}

impl ThreadView {
    /// The time at which `since` began, if the view is of this moment.
    const fn begun(&self, now: Duration) -> Duration {
        now.saturating_sub(self.since)
    }
}

/// What one call site of the mode's source does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineView {
    pub site: Site,
    pub kind: Kind,
    /// How often a thread reached it, whether or not it made the call; calls
    /// that have not returned are included.
    pub hits: u64,
    /// How many of them ended per second, over about the last second.
    pub hits_per_s: u64,
    /// The last outcome; `None` if none has been seen.
    pub last: Option<Outcome>,
}

/// What a socket is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketState {
    Listening,
    ClosedListener,
    /// A thread sleeps in a read of it.
    AsleepInRead,
    /// A thread sleeps in a write to it.
    AsleepInWrite,
    /// A busy loop tries calls on it again and again.
    Polled,
    /// The selector watches it for input, and none has arrived.
    WaitingForReadable,
    /// Input has arrived, or the selector has reported it, and no call has
    /// dealt with it: it does not wait for the client.
    Ready,
    /// There is output that could not be sent yet.
    OutputPending,
    /// The client has ended its side: end of file was read.
    HalfClosed,
    /// A thread works on it right now.
    Served,
    /// Its handler has failed, and it has not been closed.
    Failed,
    /// The client has reset the connection.
    Reset,
    /// The connection has ended in another way.
    Closed,
}

/// What a socket is ready for, or watched for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    pub readable: bool,
    pub writable: bool,
}

/// What is known of one socket.
#[derive(Clone, Debug, PartialEq)]
pub struct SocketView {
    /// Its exact counters.
    pub count: SocketCount,
    pub state: SocketState,
    /// The call on it that a thread is in; `None` if there is none.
    pub call: Option<Kind>,
    /// The call on it that a thread is held before; `None` if there is none.
    pub next: Option<Kind>,
    /// What the selector watches it for; `None` in a mode without one, and
    /// once it is closed.
    pub interest: Option<Readiness>,
    /// What it is ready for: what the selector reported and no call has dealt
    /// with since; `None` if nothing, and while the selector sleeps again.
    pub ready: Option<Readiness>,
    /// The most bytes of pending output that there may be.
    pub pending_limit: u32,
    /// What the kernel holds for it; `None` for a listener, for a connection
    /// that has ended, and if the system does not provide it.
    pub queue: Option<KernelQueue>,
    /// The end of what was received of a line that is not whole yet, at most
    /// [`ReceivedTail::MOST`] bytes of the [`SocketCount::unframed_bytes`];
    /// empty if it is not known, as in a recording without payloads.
    pub partial: Vec<u8>,
    /// The last call and its outcome; `None` before the first.
    pub last: Option<(Kind, Outcome)>,
    /// When a read or an accept of it last returned; zero before the first.
    pub read_at: Duration,
    /// When something last happened, apart from calls that would block.
    pub active_at: Duration,
    /// What happened on it in the last 20 seconds.
    pub lane: Lane,
}

/// A client that is connected and that the server has not accepted yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BacklogClient {
    /// The client's own address.
    pub peer: SocketAddr,
    /// Bytes that it has sent: they wait in the kernel.
    pub received_bytes: u32,
}

/// Limit on the clients in the backlog that are shown.
pub const BACKLOG_SHOWN: usize = 64;

/// What the server's loop and its threads do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoopView {
    /// How all threads together spent the last second. Time that no event
    /// accounts for, because some were lost, is left out.
    pub shares: Shares,
    /// Echoes in each of the last [`SECONDS_KEPT`] whole seconds, oldest first:
    /// counted exactly, and spread evenly over the time between two views.
    pub echoes_per_s: Vec<u64>,
    /// What the thread that makes the first call of the loop did: it was
    /// asleep, woken or working. Its time axis is that of the sockets' lanes.
    pub lane: Lane,
}

/// How time was spent, as shares from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shares {
    /// In calls that took [`BRIEF`] or longer, so that they must have slept.
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
