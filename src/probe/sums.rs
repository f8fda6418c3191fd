//! Sums over all connections, also over those without counters of their own.

use super::counters::{Concerned, Counters};
use super::event::{End, Exit, SocketId};
use crate::units::Nanos;
use std::io::ErrorKind;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// How many ways to end are distinguished; there are about ten.
const MAX_ENDS: usize = 32;

/// These sums while they are counted.
#[derive(Default)]
pub(super) struct Summing {
    echoes: AtomicU64,
    unsent_bytes: AtomicU64,
    unsent_on: Concern,
    pending_peak: AtomicU32,
    longest_write: Longest,
    ends: [EndSlot; MAX_ENDS],
    handled: Concern,
    failed: Concern,
}

#[derive(Default)]
struct EndSlot {
    end: OnceLock<End>,
    who: Concern,
}

struct Concern {
    connections: AtomicU64,
    first: AtomicU32,
}

impl Default for Concern {
    fn default() -> Self {
        let first = AtomicU32::new(u32::MAX);
        Self { connections: AtomicU64::new(0), first }
    }
}

impl Concern {
    fn add(&self, socket: SocketId) {
        self.connections.fetch_add(1, Relaxed);
        self.first.fetch_min(socket.0, Relaxed);
    }

    fn get(&self) -> Option<Concerned> {
        let connections = self.connections.load(Relaxed);
        let first = SocketId(self.first.load(Relaxed));
        (connections > 0).then_some(Concerned { connections, first })
    }
}

/// The longest of some times: zero for none, else nanoseconds and one.
#[derive(Default)]
pub(super) struct Longest(AtomicU64);

impl Longest {
    pub(super) fn add(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.fetch_max(nanoseconds.saturating_add(1), Relaxed);
    }

    pub(super) fn get(&self) -> Option<Nanos> {
        let nanoseconds = self.0.load(Relaxed).checked_sub(1)?;
        Some(Nanos(nanoseconds))
    }
}

impl Summing {
    pub(super) fn moved(&self, exit: Exit) {
        self.echoes.fetch_add(exit.echoed.into(), Relaxed);
        self.pending_peak.fetch_max(exit.pending, Relaxed);
    }

    pub(super) fn slept(&self, time: Duration) {
        self.longest_write.add(time);
    }

    pub(super) fn closed(&self, socket: SocketId, end: End, unsent: u32) {
        self.end(end).who.add(socket);
        if unsent > 0 {
            self.unsent_bytes.fetch_add(unsent.into(), Relaxed);
            self.unsent_on.add(socket);
        }
    }

    pub(super) fn handled(&self, socket: SocketId) {
        self.handled.add(socket);
    }

    pub(super) fn failed(&self, socket: SocketId) {
        self.failed.add(socket);
    }

    /// How many connections have ended.
    pub(super) fn ended(&self) -> u64 {
        let slots = self.ends.iter();
        slots.map(|slot| slot.who.connections.load(Relaxed)).sum()
    }

    /// The slot of a way to end; what finds none left is another error.
    fn end(&self, end: End) -> &EndSlot {
        let (last, slots) = (&self.ends[MAX_ENDS - 1], &self.ends);
        let mut slots = slots[..MAX_ENDS - 1].iter();
        let own = |slot: &&EndSlot| *slot.end.get_or_init(|| end) == end;
        slots.find(own).unwrap_or_else(|| {
            last.end.get_or_init(|| End::Failed(ErrorKind::Other));
            last
        })
    }

    /// Writes the sums into the counters.
    pub(super) fn write_to(&self, counters: &mut Counters) {
        for slot in &self.ends {
            if let (Some(end), Some(who)) = (slot.end.get(), slot.who.get()) {
                let ends = counters.ends.entry(*end);
                ends.and_modify(|it| *it = it.with(who)).or_insert(who);
            }
        }
        counters.echoes = self.echoes.load(Relaxed);
        counters.unsent_bytes = self.unsent_bytes.load(Relaxed);
        counters.unsent_on = self.unsent_on.get();
        counters.pending_peak_bytes = self.pending_peak.load(Relaxed).into();
        counters.longest_write_ns = self.longest_write.get();
        counters.errors_handled = self.handled.get();
        counters.errors_unhandled = self.failed.get();
    }
}
