//! What happened, and who is told.
//!
//! A probe hears *enter* before a system call and *exit* after it; a call
//! that sleeps is an enter whose exit has not come yet. Small probes compose
//! as tuples: `(Arc<Tally>, Arc<Tap>)` counts everything exactly and shows
//! what it can. [`NoProbe`] is told nothing: because [`Probe::ENABLED`] is
//! checked before anything else, the instrumented call compiles to the raw
//! one.

mod chunks;
mod event;
mod gate;
mod preview;
mod snapshot;
mod source;
mod speed;
mod sums;
mod tally;
mod tap;
mod task;
mod task_table;

pub use event::{
    Call, End, Event, Exit, Kind, LISTENER, Limit, Note, Outcome, Phase,
    SocketId,
};
pub use gate::{Before, Gate, Held, held_here};
pub use preview::Preview;
pub use snapshot::{
    Class, LineCount, PhaseMark, SocketCount, TallySnapshot, ThreadNow, Totals,
};
pub use source::{MAX_THREADS, Site, ThreadId};
pub use speed::Speed;
pub use sums::{Concerned, Sums};
pub use tally::{KEPT_SOCKETS, Tally};
pub use tap::{Tap, TapReceiver};
pub use task::{Step, TaskId, TaskNow};
pub use task_table::{KEPT_TASKS, TaskCount, TurnCount};

use std::sync::Arc;

/// Somebody who is told of every instrumented call.
///
/// None of these methods may allocate, wait (a gate aside) or change what
/// the call returns.
pub trait Probe: Clone + Send + Sync + 'static {
    /// Whether this probe wants to be told at all. Checked first, so that
    /// `false` removes the probe at compile time.
    const ENABLED: bool;

    /// What [`enter`](Self::enter) hands to [`exit`](Self::exit).
    type Mark: Copy;

    /// A system call is about to be made.
    fn enter(&self, call: &Call) -> Self::Mark;

    /// The system call has returned.
    fn exit(&self, call: &Call, mark: Self::Mark, exit: Exit);

    /// Something happened that is not a call.
    fn note(&self, note: &Note);

    /// A read has brought these bytes, the last of them if there are many:
    /// at most [`PREVIEWED`].
    fn received(&self, _: SocketId, _: &[u8]) {}
}

/// How many of the bytes that a read brings a probe is shown, at most.
pub const PREVIEWED: usize = 96;

/// The probe that is told nothing and costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProbe;

impl Probe for NoProbe {
    const ENABLED: bool = false;
    type Mark = ();

    fn enter(&self, _: &Call) {}
    fn exit(&self, _: &Call, (): (), _: Exit) {}
    fn note(&self, _: &Note) {}
}

impl<A: Probe, B: Probe> Probe for (A, B) {
    const ENABLED: bool = A::ENABLED || B::ENABLED;
    type Mark = (A::Mark, B::Mark);

    fn enter(&self, call: &Call) -> Self::Mark {
        (self.0.enter(call), self.1.enter(call))
    }

    fn exit(&self, call: &Call, mark: Self::Mark, exit: Exit) {
        self.0.exit(call, mark.0, exit);
        self.1.exit(call, mark.1, exit);
    }

    fn note(&self, note: &Note) {
        self.0.note(note);
        self.1.note(note);
    }

    fn received(&self, socket: SocketId, bytes: &[u8]) {
        self.0.received(socket, bytes);
        self.1.received(socket, bytes);
    }
}

/// A shared probe is a probe.
impl<T: SharedProbe> Probe for Arc<T> {
    const ENABLED: bool = true;
    type Mark = T::Mark;

    fn enter(&self, call: &Call) -> Self::Mark {
        T::enter(self, call)
    }

    fn exit(&self, call: &Call, mark: Self::Mark, exit: Exit) {
        T::exit(self, call, mark, exit);
    }

    fn note(&self, note: &Note) {
        T::note(self, note);
    }

    fn received(&self, socket: SocketId, bytes: &[u8]) {
        T::received(self, socket, bytes);
    }
}

/// A probe with state of its own, used behind an [`Arc`]: the same three
/// methods as [`Probe`].
pub trait SharedProbe: Send + Sync + 'static {
    /// As [`Probe::Mark`].
    type Mark: Copy;
    /// As [`Probe::enter`].
    fn enter(&self, call: &Call) -> Self::Mark;
    /// As [`Probe::exit`].
    fn exit(&self, call: &Call, mark: Self::Mark, exit: Exit);
    /// As [`Probe::note`].
    fn note(&self, note: &Note);
    /// As [`Probe::received`].
    fn received(&self, _: SocketId, _: &[u8]) {}
}
