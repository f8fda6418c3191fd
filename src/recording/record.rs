//! What a recording is made of.

use super::counters::Counters;
use crate::probe::{Before, Event, Kind, SocketId, Speed, ThreadId};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::Duration;

/// One thing that a recording holds. All times count from the start of the
/// recording's clock, that of the events.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// Something that the probe was told. The notes of the event loop's steps
    /// and timers are among them, which a live screen's or log's tap leaves
    /// out: see [`is_for_scope`](Self::is_for_scope).
    Event(Event),
    /// What the exact counters had counted at a moment, as what has changed
    /// since the last time. They are also there when nothing has, twice a
    /// second and more often soon after an event: whoever waits for events
    /// knows from them that time has passed.
    Counters(Counters),
    /// The first bytes of a transfer.
    Payload(Payload),
    /// What was measured beside the probe, if it has changed.
    Measured(Measured),
    /// Who is held at the gate and what is asked of it, if that has changed.
    Holds(Holds),
    /// What the client at an address is called.
    Named(Named),
}

impl Record {
    /// When it happened, as far as that is told.
    #[must_use]
    pub const fn at(&self) -> Option<Duration> {
        match self {
            Self::Event(event) => Some(event.at().duration()),
            Self::Counters(counters) => Some(counters.at()),
            Self::Payload(payload) => Some(payload.at),
            Self::Measured(it) => Some(Duration::from_nanos(it.at_ns)),
            Self::Holds(holds) => Some(holds.at),
            Self::Named(_) => None,
        }
    }

    /// When it happened, if nothing that comes behind it in the file happened
    /// before: what is measured, held or said is written when it is known,
    /// before events that were on their way.
    #[must_use]
    pub const fn in_order_at(&self) -> Option<Duration> {
        match self {
            Self::Event(_) | Self::Counters(_) => self.at(),
            _ => None,
        }
    }

    /// The event that a live screen or log would have been told, too.
    #[must_use]
    pub const fn is_for_scope(&self) -> Option<&Event> {
        use crate::probe::Note;
        match self {
            Self::Event(Event::Note {
                note: Note::Step(_) | Note::Timers(_),
                ..
            }) => None,
            Self::Event(event) => Some(event),
            _ => None,
        }
    }

    /// Its event, if it is one.
    #[must_use]
    pub const fn event(&self) -> Option<&Event> {
        if let Self::Event(event) = self { Some(event) } else { None }
    }
}

/// The first bytes of a transfer: of a read, the last one of its thread on
/// that socket that returned at this time or before; of a write, the first
/// one that returned at this time or later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// When they were copied.
    pub at: Duration,
    /// The thread that made the call.
    pub thread: ThreadId,
    /// Read or write.
    pub kind: Kind,
    /// The socket.
    pub socket: SocketId,
    /// How many bytes were moved in all.
    pub moved: u32,
    /// The first of them.
    pub bytes: Vec<u8>,
}

/// What is measured beside the probe.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Measured {
    /// When, in nanoseconds.
    pub at_ns: u64,
    /// Processor time a second of run, from 0 to the number of cores;
    /// missing if it is not known.
    pub cpu: Option<f32>,
    /// How many clients of the scenario have had their connection; missing
    /// if it is not known.
    pub connected: Option<u64>,
    /// How many clients wait in the backlog; missing if it is not known.
    pub waiting: Option<u64>,
    /// Whether all clients of the scenario have ended.
    pub clients_done: bool,
    /// How long echoes took so far, as the clients saw it; missing if there
    /// were none or it is not known.
    pub echo: Option<EchoTimes>,
}

/// How long echoes took, as the clients saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EchoTimes {
    /// Half of them took no longer, in nanoseconds.
    pub p50_ns: u64,
    /// 99 in a hundred took no longer, in nanoseconds.
    pub p99_ns: u64,
    /// How many took how long: a class for each doubling, from that of the
    /// shortest on.
    pub histogram: Vec<u64>,
}

/// What the client at an address is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its end of the connection, which the server sees as the peer.
    pub address: SocketAddr,
    /// Its name.
    pub name: String,
}

/// Who is held at the gate, and what is asked of the gate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// When this was so.
    pub at: Duration,
    /// Whether the program is paused: an intervention.
    pub paused: bool,
    /// How fast the threads may make calls: slow motion is an intervention.
    pub speed: Speed,
    /// Who is held right now, the longest first.
    pub held: Vec<HeldThread>,
}

/// A thread that is held at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldThread {
    /// Which thread.
    pub thread: ThreadId,
    /// What it will do when it passes.
    pub before: Before,
    /// Since when.
    pub since: Duration,
}
