//! What a recording is made of.

use super::counting::CountersUpdate;
use crate::probe::{Before, Event, Site, Speed, ThreadId, Transfer, address};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::Duration;

/// One thing that a recording holds. All times count from the start of the
/// recording's clock, that of the events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Record {
    /// An event that was reported to the probe. This includes the notes of the
    /// event loop's steps and timers, which the tap of a live screen or log
    /// leaves out: see [`is_for_scope`](Self::is_for_scope).
    Event(Event),
    /// What has changed in the exact counters since the last such record.
    /// Records without any change are written too, twice a second and more
    /// often soon after an event: a reader that waits for events learns from
    /// them that time has passed.
    Counters(CountersUpdate),
    /// The first bytes of a transfer.
    Payload(Transfer),
    /// What was measured beside the probe, if it has changed.
    Measured(Measured),
    /// The threads held at the gate and the gate's settings, if these have
    /// changed.
    Holds(Holds),
    /// What the client at an address is called.
    Named(Named),
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
    /// Changes each of its call sites.
    pub(super) fn change_sites(&mut self, change: impl FnMut(&mut Site)) {
        match self {
            Self::Event(event) => event.site_mut().into_iter().for_each(change),
            Self::Counters(it) => it.counters.sites_mut().for_each(change),
            Self::Holds(it) => {
                let held = it.held.iter_mut();
                held.filter_map(|it| it.before.site_mut()).for_each(change);
            }
            Self::Payload(_) | Self::Measured(_) | Self::Named(_) => {}
        }
    }

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldThread {
    /// Which thread.
    pub thread: ThreadId,
    /// What it will do when it passes.
    pub before: Before,
    /// Since when.
    pub since: Duration,
}
