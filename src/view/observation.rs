//! What can be observed of a run, live or recorded, and the state that follows
//! from it.

use crate::load::{LoadSoFar, Names};
use crate::probe::{
    Before, Counters, Event, Site, Speed, ThreadAtGate, ThreadId, Transfer,
    address,
};
use crate::system::queues::{KernelQueue, KernelQueues, QUEUES_KEPT};
use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// One thing that was observed of a run. All times count from the start of
/// the run's clock, that of the events. A recording is a list of these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Observation {
    /// An event that was reported to the probe. In a recording this includes
    /// the notes of the event loop's steps and timers, which the tap of a
    /// live screen or log leaves out.
    Event(Event),
    /// What has changed in the exact counters since they were last observed.
    /// In a recording there are some without any change, twice a second and
    /// more often soon after an event: a reader that waits for events learns
    /// from them that time has passed.
    Counters(CountersUpdate),
    /// The first bytes of a transfer.
    Payload(Transfer),
    /// What was measured by other means than the probe, if it has changed.
    Measured(Box<Measured>),
    /// The threads held at the gate and the gate's settings, if these have
    /// changed.
    Control(Control),
    /// The name of the client at an address.
    Named(Named),
    /// What has changed in the kernel's queues since they were last observed,
    /// or, without any change, that they were the same after further calls.
    /// There are none if the system does not provide them.
    Queues(QueuesUpdate),
}

impl Observation {
    /// Changes each of its call sites.
    #[inline]
    pub fn change_sites(&mut self, change: impl FnMut(&mut Site)) {
        match self {
            Self::Event(event) => event.site_mut().into_iter().for_each(change),
            Self::Counters(it) => it.counters.sites_mut().for_each(change),
            Self::Control(it) => {
                let held = it.held.iter_mut();
                held.filter_map(|it| it.before.site_mut()).for_each(change);
            }
            Self::Payload(_)
            | Self::Measured(_)
            | Self::Named(_)
            | Self::Queues(_) => {}
        }
    }

    /// When it was observed; `None` if it has no time.
    #[inline]
    pub const fn at(&self) -> Option<Duration> {
        let at = match self {
            Self::Event(event) => event.at(),
            Self::Counters(counters) => counters.at,
            Self::Payload(payload) => payload.at,
            Self::Measured(measured) => measured.at,
            Self::Control(control) => control.at,
            Self::Queues(queues) => queues.at,
            Self::Named(_) => return None,
        };
        Some(at.duration())
    }

    /// The same, if nothing that follows it in a recording happened earlier.
    /// The other observations are written as soon as they are known, and may
    /// precede earlier events that arrive later.
    pub const fn in_order_at(&self) -> Option<Duration> {
        match self {
            Self::Event(_) | Self::Counters(_) => self.at(),
            _ => None,
        }
    }

    /// Its event, if it is one.
    pub const fn event(&self) -> Option<&Event> {
        if let Self::Event(event) = self { Some(event) } else { None }
    }
}

/// What the exact counters had counted at a moment: the rows that differ
/// from those of the update before it, or, if it [is whole](Self::is_whole),
/// all of them. Sums are always those of the moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountersUpdate {
    /// The time just before they were read. They include all earlier events,
    /// and possibly some that were counted while they were read.
    pub at: Nanos,
    /// Whether they are complete without the updates before them.
    pub is_whole: bool,
    /// How many events had been lost by then, for lack of room.
    pub lost: u64,
    /// The rows and the sums.
    pub counters: Box<Counters>,
}

impl CountersUpdate {
    /// An update with everything that had been counted.
    pub fn whole(at: Duration, counters: Counters, lost: u64) -> Self {
        let (at, counters) = (at.into(), Box::new(counters));
        Self { at, is_whole: true, lost, counters }
    }
}

/// What the kernel held for a server's connections at a moment: the rows that
/// differ from those of the update before it, or, if it
/// [is whole](Self::is_whole), all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuesUpdate {
    /// The time just before they were read.
    pub at: Nanos,
    /// Whether they are complete without the updates before them.
    pub is_whole: bool,
    /// The rows. One that is [empty](KernelQueue::EMPTY) is there no more.
    pub rows: KernelQueues,
}

impl QueuesUpdate {
    /// What has changed since the queues were as they were `before`; all of
    /// them, if that is not known.
    pub fn since(
        before: Option<&KernelQueues>,
        at: Nanos,
        now: &KernelQueues,
    ) -> Self {
        let is_new = |(peer, queue): &(&SocketAddr, &KernelQueue)| {
            before.and_then(|it| it.get(*peer)) != Some(*queue)
        };
        let new = now.iter().filter(is_new);
        let gone = before.into_iter().flat_map(BTreeMap::keys);
        let gone = gone.filter(|peer| !now.contains_key(*peer));
        let gone = gone.map(|peer| (*peer, KernelQueue::EMPTY));
        let rows = new.map(|(peer, queue)| (*peer, *queue)).chain(gone);
        Self { at, is_whole: before.is_none(), rows: rows.collect() }
    }
}

/// What is measured by other means than the probe.
#[derive(Clone, Debug, Default, PartialEq)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Measured {
    /// When it was recorded; zero in a live run.
    #[serde(rename = "at_ns")]
    pub at: Nanos,
    /// CPU time of the server's threads per second of real time, from 0 to the
    /// number of cores; `None` if the system does not provide it.
    #[serde(rename = "cpu_cores")]
    pub cpu: Option<f32>,
    /// How many clients wait in the listener's backlog; `None` if the system
    /// does not provide it.
    pub waiting: Option<u64>,
    /// Whether all clients of the scenario have ended; the server goes on.
    pub clients_done: bool,
    /// What the scenario's clients have done so far; `None` if that is not
    /// known, as of clients in a process of their own.
    pub load: Option<LoadSoFar>,
}

impl Measured {
    /// What the clients have done, if there were any echoes.
    pub fn echoes(&self) -> Option<&LoadSoFar> {
        self.load.as_ref().filter(|load| load.echo_time.count > 0)
    }
}

/// How the user controls the program under study.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// When this was recorded; zero in a live run.
    pub at: Nanos,
    /// Whether the program is paused, an intervention: its threads stop at
    /// their next call.
    pub paused: bool,
    /// How fast the threads may make calls: slow motion is an intervention.
    pub speed: Speed,
    /// The threads that are held right now, the longest first.
    pub held: Vec<ThreadAtGate>,
    /// Whether the program's clock is stopped. Not recorded.
    #[serde(skip)]
    pub stands: bool,
}

impl Control {
    /// Whether it is in slow motion.
    pub fn is_slow(&self) -> bool {
        self.speed != Speed::FULL
    }

    /// What the thread that has been held longest is about to do.
    pub fn before(&self) -> Option<Before> {
        self.held.first().map(|held| held.before)
    }

    /// Whether this thread is held.
    pub fn holds(&self, thread: ThreadId) -> bool {
        self.held.iter().any(|held| held.thread == thread)
    }
}

/// The name of the client at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Named {
    /// The client's own address, which the server sees as the peer.
    #[serde(serialize_with = "address::serialize")]
    #[serde(deserialize_with = "known_address")]
    #[schemars(with = "SocketAddr")]
    pub address: SocketAddr,
    /// The name of its group, with a number if the group has several.
    pub name: String,
}

/// Reads an [`address`] that must not be missing.
fn known_address<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<SocketAddr, D::Error> {
    address::deserialize(from)?.ok_or_else(|| D::Error::custom("no address"))
}

/// Limit on the clients whose names are kept.
pub const NAMES_KEPT: usize = 4_096;

/// What is known of a run after some observations, except its single events,
/// which [`Scope`](super::Scope) folds. Clones share what is large until it
/// changes.
#[derive(Clone, Default)]
pub struct ObservedState {
    /// The exact counters that were observed last, and what the events since
    /// then [add](Counters::apply) to them. In a live run they are exact, and
    /// set before each view.
    ///
    /// Recorded ones are exact about ten times a second and at the end. What
    /// happened while they were read, which is not one moment, may be in
    /// them already and count twice until the next ones.
    pub counters: Arc<Counters>,
    /// How many events had been lost when the counters were read.
    pub lost: u64,
    /// The latest measurements.
    pub measured: Measured,
    /// The threads that are held, and the gate's settings.
    pub control: Control,
    /// The clients' names by their addresses.
    pub names: Names,
    /// The kernel's queues; `None` if the system does not provide them.
    pub queues: Option<Arc<KernelQueues>>,
    /// When they were read: what happened later is not in them.
    pub queues_at: Nanos,
    exact: Arc<Counters>,
    exact_at: Nanos,
}

impl ObservedState {
    /// Updates what is known with the next observation.
    pub fn take(&mut self, observation: &Observation) {
        match observation {
            Observation::Event(event) => self.count(event),
            Observation::Counters(update) => {
                // Without this clone, the rows can be changed in place.
                self.counters = Arc::default();
                if update.is_whole {
                    self.exact = Arc::new((*update.counters).clone());
                } else {
                    merge(Arc::make_mut(&mut self.exact), &update.counters);
                }
                self.counters = self.exact.clone();
                (self.exact_at, self.lost) = (update.at, update.lost);
            }
            Observation::Measured(it) => self.measured.clone_from(it),
            Observation::Control(it) => self.control.clone_from(it),
            Observation::Named(it) if self.names.len() < NAMES_KEPT => {
                let names = Arc::make_mut(&mut self.names);
                names.insert(it.address, it.name.clone());
            }
            Observation::Queues(it) => self.take_queues(it),
            Observation::Named(_) | Observation::Payload(_) => {}
        }
    }

    fn take_queues(&mut self, update: &QueuesUpdate) {
        self.queues_at = update.at;
        if update.is_whole {
            self.queues = None;
        }
        let queues = Arc::make_mut(self.queues.get_or_insert_default());
        for (peer, queue) in &update.rows {
            if *queue == KernelQueue::EMPTY {
                queues.remove(peer);
            } else if queues.len() < QUEUES_KEPT || queues.contains_key(peer) {
                queues.insert(*peer, *queue);
            }
        }
    }

    fn count(&mut self, event: &Event) {
        if event.at() < self.exact_at {
            return;
        }
        let mut event = *event;
        if let Event::Idle { at, since, calls, passes, .. } = &mut event {
            // Leave out the part of the run that the counters include.
            let all = at.since(*since).0;
            *since = self.exact_at.max(*since);
            let left = at.since(*since).0;
            for calls in [calls, passes] {
                let part = u128::from(*calls) * u128::from(left);
                let part = part.checked_div(all.into());
                let part = part.and_then(|it| u64::try_from(it).ok());
                *calls = part.unwrap_or(*calls);
            }
        }
        Arc::make_mut(&mut self.counters).apply(&event);
    }
}

fn merge(counters: &mut Counters, update: &Counters) {
    let mut rows = std::mem::take(counters);
    put(&mut rows.lines, &update.lines, |it| (it.site, it.kind));
    put(&mut rows.sockets, &update.sockets, |it| it.id);
    put(&mut rows.tasks, &update.tasks, |it| it.task);
    put(&mut rows.threads, &update.threads, |it| it.thread);
    put(&mut rows.phases, &update.phases, |it| it.phase);
    let Counters { lines, sockets, tasks, threads, phases, .. } = rows;
    let sums = update.without_rows();
    *counters = Counters { lines, sockets, tasks, threads, phases, ..sums };
}

/// Replaces rows by new ones with the same key, and adds those that are not
/// there yet.
fn put<T: Clone, K: Ord>(rows: &mut Vec<T>, new: &[T], key: impl Fn(&T) -> K) {
    for row in new {
        match rows.binary_search_by_key(&key(row), &key) {
            Ok(place) => rows[place].clone_from(row),
            Err(place) => rows.insert(place, row.clone()),
        }
    }
}
