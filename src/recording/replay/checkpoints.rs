//! Reads a recording once, in a thread of its own, and keeps places from which
//! a replay can continue.

use super::player::Walk;
use crate::probe::PhaseMark;
use crate::recording::{Error, Recording};
use crate::system::lock;
use crate::view::{Follower, Mark};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Limit on the memory of all checkpoints, in bytes. Beyond it, every second
/// one is dropped.
const MEMORY: usize = 192 << 20;

/// The time to read from one checkpoint to the next. While all checkpoints are
/// kept, moving to a place takes about as long at most.
const APART: Duration = Duration::from_millis(25);

/// How far a recording has been read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadProgress {
    /// The number of events that have been read.
    pub event: u64,
    /// The time up to which it has been read.
    pub at: Duration,
    /// Where the first findings up to there began, in order.
    pub marks: Arc<Vec<Mark>>,
    /// The phases that the server had entered up to there.
    pub phases: Vec<PhaseMark>,
    /// Whether reading has ended, successfully or not.
    pub is_done: bool,
    /// Why it ended before the whole recording was read.
    pub failure: Option<String>,
}

/// Places that the reading thread keeps, from which a player continues.
#[derive(Default)]
pub struct Checkpoints(Mutex<CheckpointStore>);

#[derive(Default)]
struct CheckpointStore {
    kept: Vec<Arc<Walk>>,
    bytes: usize,
    /// How many possible checkpoints are skipped between two that are kept.
    skipped: u64,
    seen: u64,
    read: ReadProgress,
}

impl Checkpoints {
    /// How far the recording has been read.
    pub fn read(&self) -> ReadProgress {
        lock(&self.0).read.clone()
    }

    /// Keeps a place before a block, unless it is one that is skipped.
    fn keep(&self, block: usize, follower: &Follower) {
        let store = &mut *lock(&self.0);
        store.seen += 1;
        if !store.seen.is_multiple_of(store.skipped + 1) {
            return;
        }
        store.bytes += follower.memory();
        store.kept.push(Arc::new(Walk::new(follower.clone(), block)));
        while store.bytes > MEMORY && store.kept.len() > 2 {
            let mut is_second = [false, true].into_iter().cycle();
            store.kept.retain(|_| is_second.next() == Some(true));
            store.skipped = 2 * store.skipped + 1;
            let each = store.kept.iter().map(|it| it.follower.memory());
            store.bytes = each.sum();
        }
    }

    /// The last checkpoint for which `is_before` holds.
    pub(super) fn last(
        &self,
        is_before: impl Fn(&Walk) -> bool,
    ) -> Option<Arc<Walk>> {
        let kept = &lock(&self.0).kept;
        let place = kept.partition_point(|it| is_before(it));
        place.checked_sub(1).map(|last| kept[last].clone())
    }
}

/// The thread that reads; dropping this value ends it.
pub(super) struct ReadAhead {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl ReadAhead {
    pub(super) fn start(
        recording: Recording,
        checkpoints: Arc<Checkpoints>,
    ) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let builder = thread::Builder::new().name("reader".into());
        let thread = builder.spawn(move || {
            let went = read(&recording, &checkpoints, &stopped);
            let read = &mut lock(&checkpoints.0).read;
            read.failure = went.err().map(|error| error.to_string());
            read.is_done = true;
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for ReadAhead {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        // If the thread failed, `ReadProgress::failure` has the reason.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn read(
    recording: &Recording,
    checkpoints: &Checkpoints,
    stop: &AtomicBool,
) -> Result<(), Error> {
    let mut follower = Follower::new(recording.header().settings);
    let mut worked = Instant::now();
    for block in 0..recording.blocks().len() {
        if stop.load(Relaxed) {
            return Ok(());
        }
        if worked.elapsed() >= APART {
            checkpoints.keep(block, &follower);
            worked = Instant::now();
        }
        for record in recording.block(block)? {
            follower.take(&record);
        }
        let (event, at) = (follower.event, follower.at);
        let marks = follower.marks.clone();
        let phases = follower.known.counters.phases.clone();
        let (is_done, failure) = (false, None);
        lock(&checkpoints.0).read =
            ReadProgress { event, at, marks, phases, is_done, failure };
    }
    Ok(())
}
