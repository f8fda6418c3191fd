//! Reads a recording once, in a thread of its own.

use super::checkpoints::{Checkpoints, Read};
use super::folded::Folded;
use crate::recording::{Error, Recording};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// After so much work there is a checkpoint: to go to a place takes about as
/// long at most, while there is memory for all of them.
const APART: Duration = Duration::from_millis(25);

/// A thread that reads; it ends with this.
pub(super) struct Reading {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Reading {
    pub(super) fn start(
        recording: Recording,
        folded: Folded,
        checkpoints: Arc<Checkpoints>,
    ) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let builder = thread::Builder::new().name("reader".into());
        let thread = builder.spawn(move || {
            let went = read(&recording, folded, &checkpoints, &stopped);
            let failure = went.err().map(|error| error.to_string());
            let read = Read { is_done: true, failure, ..checkpoints.read() };
            checkpoints.tell(read);
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        // It has told why it ended, if it did.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn read(
    recording: &Recording,
    mut folded: Folded,
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
            checkpoints.keep(block, &folded);
            worked = Instant::now();
        }
        for record in recording.block(block)? {
            folded.take(&record);
        }
        let (event, at) = (folded.event(), folded.at());
        let read = Read { event, at, ..Read::default() };
        checkpoints.tell(read);
        if folded.marks().len() > marks {
            marks = folded.marks().len();
            checkpoints.mark(folded.marks());
        }
    }
    Ok(())
}
