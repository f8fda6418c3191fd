//! Reads a recording once, in a thread of its own.

use super::checkpoints::{Checkpoints, ReadProgress};
use crate::recording::{Error, Recording};
use crate::view::Follower;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The work between two checkpoints. Going to a place takes about as long at
/// most, while there is memory for all checkpoints.
const APART: Duration = Duration::from_millis(25);

/// The thread that reads; dropping this value ends it.
pub(super) struct ReadAhead {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl ReadAhead {
    pub(super) fn start(
        recording: Recording,
        follower: Follower,
        checkpoints: Arc<Checkpoints>,
    ) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let builder = thread::Builder::new().name("reader".into());
        let thread = builder.spawn(move || {
            let went = read(&recording, follower, &checkpoints, &stopped);
            let failure = went.err().map(|error| error.to_string());
            let read =
                ReadProgress { is_done: true, failure, ..checkpoints.read() };
            checkpoints.tell(read);
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
    mut follower: Follower,
    checkpoints: &Checkpoints,
    stop: &AtomicBool,
) -> Result<(), Error> {
    let mut marks = 0;
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
        let read = ReadProgress { event, at, ..ReadProgress::default() };
        checkpoints.tell(read);
        if follower.marks.len() > marks {
            marks = follower.marks.len();
            checkpoints.mark(&follower.marks);
        }
    }
    Ok(())
}
