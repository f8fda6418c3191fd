//! What a recording is made of.

use super::counting::CountersUpdate;
use crate::probe::{
    Before, Event, Kind, Site, SocketId, Speed, ThreadId, address,
};
use crate::units::Nanos;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::Duration;

/// One thing that a recording holds. All times count from the start of the
/// recording's clock, that of the events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Record<S = Site> {
    /// An event that was reported to the probe. This includes the notes of the
    /// event loop's steps and timers, which the tap of a live screen or log
    /// leaves out: see [`is_for_scope`](Self::is_for_scope).
    Event(Event<S>),
    /// What has changed in the exact counters since the last such record.
    /// Records without any change are written too, twice a second and more
    /// often soon after an event: a reader that waits for events learns from
    /// them that time has passed.
    Counters(CountersUpdate<S>),
    /// The first bytes of a transfer.
    Payload(RecordedPayload),
    /// What was measured beside the probe, if it has changed.
    Measured(Measured),
    /// The threads held at the gate and the gate's settings, if these have
    /// changed.
    Holds(Holds<S>),
    /// What the client at an address is called.
    Named(Named),
}

impl<S> Record<S> {
    /// The same with each call site replaced, and the times of an event.
    pub(super) fn map<T>(
        self,
        mut site: impl FnMut(S) -> T,
        time: impl FnMut(Nanos) -> Nanos,
    ) -> Record<T> {
        match self {
            Self::Event(event) => Record::Event(event.map(site, time)),
            Self::Counters(update) => Record::Counters(update.map(site)),
            Self::Payload(payload) => Record::Payload(payload),
            Self::Measured(measured) => Record::Measured(measured),
            Self::Holds(holds) => Record::Holds(Holds {
                at: holds.at,
                paused: holds.paused,
                speed: holds.speed,
                held: holds
                    .held
                    .into_iter()
                    .map(|held| HeldThread {
                        thread: held.thread,
                        before: held.before.map(&mut site),
                        since: held.since,
                    })
                    .collect(),
            }),
            Self::Named(named) => Record::Named(named),
        }
    }
}

/// An [`address`] that is never missing.
mod known_address {
    use super::address;
    use serde::{Deserializer, Serializer, de::Error};
    use std::net::SocketAddr;

    pub(super) fn serialize<S: Serializer>(
        known: &SocketAddr,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        address::serialize(&Some(*known), to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<SocketAddr, D::Error> {
        let known = address::deserialize(from)?;
        known.ok_or_else(|| D::Error::custom("no address"))
    }
}

impl Record {
    /// When it happened; `None` if the record has no time.
    pub const fn at(&self) -> Option<Duration> {
        match self {
            Self::Event(event) => Some(event.at().duration()),
            Self::Counters(counters) => Some(counters.at.duration()),
            Self::Payload(payload) => Some(payload.at),
            Self::Measured(it) => Some(Duration::from_nanos(it.at_ns)),
            Self::Holds(holds) => Some(holds.at),
            Self::Named(_) => None,
        }
    }

    /// When it happened, if nothing that comes behind it in the file happened
    /// before: what is measured, held or said is written when it is known,
    /// before events that were on their way.
    pub const fn in_order_at(&self) -> Option<Duration> {
        match self {
            Self::Event(_) | Self::Counters(_) => self.at(),
            _ => None,
        }
    }

    /// The event, if the tap of a live screen or log reports it too.
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
    pub const fn event(&self) -> Option<&Event> {
        if let Self::Event(event) = self { Some(event) } else { None }
    }
}

/// The first bytes of a transfer: of a read, the last one of its thread on
/// that socket that returned at this time or before; of a write, the first
/// one that returned at this time or later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedPayload {
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
    pub echo: Option<RecordedEchoTimes>,
}

/// How long echoes took, as the clients saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedEchoTimes {
    /// Half of them took no longer, in nanoseconds.
    pub p50_ns: u64,
    /// 99 in a hundred took no longer, in nanoseconds.
    pub p99_ns: u64,
    /// How many took how long: a class for each doubling, from that of the
    /// shortest on.
    pub histogram: Vec<u64>,
}

/// What the client at an address is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its end of the connection, which the server sees as the peer.
    #[serde(with = "known_address")]
    pub address: SocketAddr,
    /// Its name.
    pub name: String,
}

/// The threads held at the gate, and the gate's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holds<S = Site> {
    /// When this was so.
    pub at: Duration,
    /// Whether the program is paused: an intervention.
    pub paused: bool,
    /// How fast the threads may make calls: slow motion is an intervention.
    pub speed: Speed,
    /// Who is held right now, the longest first.
    pub held: Vec<HeldThread<S>>,
}

/// A thread that is held at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldThread<S = Site> {
    /// Which thread.
    pub thread: ThreadId,
    /// What it will do when it passes.
    pub before: Before<S>,
    /// Since when.
    pub since: Duration,
}
