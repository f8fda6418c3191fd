//! Places from which folding can go on.

use crate::view::{Follower, Mark};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How much memory checkpoints take together, at most, in bytes; every second
/// one is given up for later ones.
const MEMORY: usize = 192 << 20;

/// How far a recording has been read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadProgress {
    /// The number of events that have been read.
    pub event: u64,
    /// The time up to which it has been read.
    pub at: Duration,
    /// Whether reading has ended.
    pub is_done: bool,
    /// Why it ended before the whole recording was read.
    pub failure: Option<String>,
}

/// What the read-ahead thread has left behind, from which a player continues
/// to a place.
#[derive(Default)]
pub struct Checkpoints(Mutex<CheckpointStore>);

#[derive(Default)]
struct CheckpointStore {
    kept: Vec<Arc<Checkpoint>>,
    bytes: usize,
    /// One in this number of possible checkpoints is kept.
    one_in: u64,
    seen: u64,
    marks: Arc<Vec<Mark>>,
    read: ReadProgress,
}

/// All before a block, follower.
pub(super) struct Checkpoint {
    pub(super) block: usize,
    pub(super) follower: Follower,
}

impl Checkpoints {
    fn lock(&self) -> MutexGuard<'_, CheckpointStore> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the recording has been read.
    pub fn read(&self) -> ReadProgress {
        self.lock().read.clone()
    }

    /// The first findings of the recording, in order.
    pub fn marks(&self) -> Arc<Vec<Mark>> {
        self.lock().marks.clone()
    }

    pub(super) fn tell(&self, read: ReadProgress) {
        self.lock().read = read;
    }

    pub(super) fn mark(&self, marks: &Arc<Vec<Mark>>) {
        self.lock().marks = marks.clone();
    }

    /// Keeps it, if it is its turn.
    pub(super) fn keep(&self, block: usize, follower: &Follower) {
        let mut inner = self.lock();
        inner.seen += 1;
        if !inner.seen.is_multiple_of(inner.one_in.max(1)) {
            return;
        }
        let follower = follower.clone();
        inner.bytes += follower.memory();
        inner.kept.push(Arc::new(Checkpoint { block, follower }));
        while inner.bytes > MEMORY && inner.kept.len() > 2 {
            inner.give_up();
        }
    }

    /// The last one that is before what is wanted.
    pub(super) fn last(
        &self,
        is_before: impl Fn(&Follower) -> bool,
    ) -> Option<Arc<Checkpoint>> {
        let inner = self.lock();
        let place = inner.kept.partition_point(|it| is_before(&it.follower));
        place.checked_sub(1).map(|last| inner.kept[last].clone())
    }
}

impl CheckpointStore {
    /// Gives up every second one.
    fn give_up(&mut self) {
        let mut place = 0;
        self.kept.retain(|_| {
            place += 1;
            place % 2 == 0
        });
        self.one_in = self.one_in.max(1) * 2;
        self.bytes = self.kept.iter().map(|it| it.follower.memory()).sum();
    }
}
