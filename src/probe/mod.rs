//! Observers of the instrumented calls.
//!
//! A probe is called before each instrumented system call (*enter*) and after
//! it (*exit*); a call that sleeps is an enter without an exit so far. Small
//! probes compose as tuples: `(Arc<Tally>, Arc<Tap>)` counts everything exactly
//! and sends events while there is room. [`NoProbe`] observes nothing: because
//! [`Probe::ENABLED`] is checked before anything else, the instrumented call
//! compiles to the raw one.

#![warn(missing_docs)]

mod apply;
mod clock;
mod counters;
mod event;
mod failure;
mod gate;
mod payloads;
mod registers;
mod serialized;
mod source;
mod tally;
mod tap;

pub use clock::{Clock, Moment};
pub use counters::{
    Concerned, Counters, KEPT_SOCKETS, KEPT_TASKS, LineCount, PhaseMark,
    SocketCount, TaskCount, ThreadNow, TurnCount,
};
pub use event::{
    Call, Class, End, Event, Exit, Kind, LISTENER, Limit, Note, Outcome, Phase,
    SocketId, Step, TaskId, TaskNow,
};
pub use failure::{ErrorNumber, FailedCalls, MOST_FAILED_CALLS, Operation};
pub use gate::{Before, Gate, Speed, Stride, ThreadAtGate};
pub use payloads::{Payloads, Preview, ReceivedTail, Transfer, Transfers};
pub use serialized::{address, error_kind};
pub use source::{MAX_THREADS, Site, ThreadId};
pub use tally::Tally;
pub use tap::{Tap, TapReceiver};

use std::time::Instant;

/// An observer of every instrumented call.
///
/// A probe adds to a call only the time of counting it: [`enter`](Self::enter),
/// [`exit`](Self::exit) and [`moved`](Self::moved) neither allocate nor wait
/// (except in a gate), and no probe changes what the call returns. A note that
/// a connection begins or ends may take a lock briefly, and allocate the rows
/// of further connections.
pub trait Probe: Clone + Send + Sync + 'static {
    /// Whether this probe observes anything at all. Checked first, so that
    /// `false` removes the probe at compile time.
    const ENABLED: bool = true;

    /// Whether this probe knows the program's [`Clock`], which may differ from
    /// the system's.
    const HAS_CLOCK: bool = false;

    /// What [`enter`](Self::enter) passes to [`exit`](Self::exit).
    type Mark: Copy + Default;

    /// The current time of the program, by which a server measures its
    /// time-outs and limits.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// A system call is about to be made.
    #[inline]
    fn enter(&self, _: &Call) -> Self::Mark {
        Self::Mark::default()
    }

    /// The system call has returned.
    #[inline]
    fn exit(&self, _: &Call, _: Self::Mark, _: Exit) {}

    /// Something happened that is not a call. A note that costs nothing to
    /// make is passed without a check of [`ENABLED`](Self::ENABLED): a probe
    /// that observes nothing must ignore it at no cost.
    #[inline]
    fn note(&self, note: &Note) {
        self.note_at(note, &Moment::default());
    }

    /// Takes a [`note`](Self::note): a probe implements this one, so that all
    /// probes of a pair give a note the same time.
    #[inline]
    fn note_at(&self, _: &Note, _: &Moment) {}

    /// A read has received these bytes, or a write has sent them; called
    /// after the exit of a read and before that of a write.
    #[inline]
    fn moved(&self, _: Kind, _: SocketId, _: &[u8]) {}
}

/// The probe that observes nothing and costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProbe;

impl Probe for NoProbe {
    const ENABLED: bool = false;
    type Mark = ();
}

impl<A: Probe, B: Probe> Probe for (A, B) {
    const ENABLED: bool = A::ENABLED || B::ENABLED;
    const HAS_CLOCK: bool = A::HAS_CLOCK || B::HAS_CLOCK;
    type Mark = (A::Mark, B::Mark);

    #[inline]
    fn now(&self) -> Instant {
        if A::HAS_CLOCK { self.0.now() } else { self.1.now() }
    }

    #[inline]
    fn enter(&self, call: &Call) -> Self::Mark {
        (self.0.enter(call), self.1.enter(call))
    }

    #[inline]
    fn exit(&self, call: &Call, mark: Self::Mark, exit: Exit) {
        self.0.exit(call, mark.0, exit);
        self.1.exit(call, mark.1, exit);
    }

    #[inline]
    fn note_at(&self, note: &Note, moment: &Moment) {
        self.0.note_at(note, moment);
        self.1.note_at(note, moment);
    }

    #[inline]
    fn moved(&self, kind: Kind, socket: SocketId, bytes: &[u8]) {
        self.0.moved(kind, socket, bytes);
        self.1.moved(kind, socket, bytes);
    }
}

/// A probe that may be absent; each call checks whether it is.
impl<P: Probe> Probe for Option<P> {
    const ENABLED: bool = P::ENABLED;
    const HAS_CLOCK: bool = P::HAS_CLOCK;
    type Mark = P::Mark;

    #[inline]
    fn now(&self) -> Instant {
        self.as_ref().map_or_else(Instant::now, P::now)
    }

    #[inline]
    fn enter(&self, call: &Call) -> P::Mark {
        self.as_ref().map_or_else(P::Mark::default, |it| it.enter(call))
    }

    #[inline]
    fn exit(&self, call: &Call, mark: P::Mark, exit: Exit) {
        if let Some(probe) = self {
            probe.exit(call, mark, exit);
        }
    }

    #[inline]
    fn note_at(&self, note: &Note, moment: &Moment) {
        if let Some(probe) = self {
            probe.note_at(note, moment);
        }
    }

    #[inline]
    fn moved(&self, kind: Kind, socket: SocketId, bytes: &[u8]) {
        if let Some(probe) = self {
            probe.moved(kind, socket, bytes);
        }
    }
}
