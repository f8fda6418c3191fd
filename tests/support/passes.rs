//! Counters read at a moment when a busy loop begins a turn.

use sockscope::probe::{Call, Counters, Kind, Probe, Tally};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

/// A probe that takes a snapshot, when asked, in the studied thread itself
/// and between two turns of its loop: all figures are of one moment.
#[derive(Clone)]
pub(crate) struct Passes {
    tally: Arc<Tally>,
    asked: Arc<AtomicBool>,
    taken: SyncSender<Counters>,
    snapshots: Arc<Mutex<Receiver<Counters>>>,
}

impl Passes {
    pub(crate) fn of(tally: &Arc<Tally>) -> Self {
        let (taken, snapshots) = sync_channel(1);
        Self {
            tally: tally.clone(),
            asked: Arc::default(),
            taken,
            snapshots: Arc::new(Mutex::new(snapshots)),
        }
    }

    /// What was counted before the next turn begins.
    pub(crate) fn snapshot(&self) -> Counters {
        self.asked.store(true, SeqCst);
        let snapshots = self.snapshots.lock().unwrap();
        snapshots.recv_timeout(super::patience::LIMIT).expect("the loop turns")
    }
}

impl Probe for Passes {
    type Mark = ();

    fn enter(&self, call: &Call) {
        if call.kind == Kind::Accept && self.asked.swap(false, SeqCst) {
            self.taken.send(self.tally.snapshot()).unwrap();
        }
    }
}
