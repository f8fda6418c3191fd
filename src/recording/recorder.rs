//! Records a run while it goes on, in a thread of its own.

use super::header::Header;
use super::work::Work;
use crate::probe::{Clock, Gate, Payloads, Tally, TapReceiver};
use crate::view::Observation;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How many events the recording may lag behind before it misses some.
pub const ROOM: usize = 65_536;

/// Where what is recorded comes from.
pub struct Sources {
    /// The events, of a tap with this room: [`ROOM`].
    pub tap: TapReceiver,
    /// The first bytes of transfers.
    pub payloads: Arc<Payloads>,
    /// The exact counters.
    pub tally: Arc<Tally>,
    /// Where the run is paused and slowed down, if it can be.
    pub gate: Option<Arc<Gate>>,
    /// The clock of the run.
    pub clock: Clock,
}

/// A recording that goes on.
pub struct Recorder {
    messages: Sender<RecorderMessage>,
    thread: JoinHandle<Recorded>,
}

/// How a recording went.
#[derive(Debug, Default)]
pub struct Recorded {
    /// How many bytes the file has.
    pub bytes: u64,
    /// How many of them hold records: not the header, the closing, the index.
    pub bytes_of_records: u64,
    /// How many events are in it.
    pub events: u64,
    /// How many events found no room.
    pub lost: u64,
    /// How many payloads found no room.
    pub payloads_lost: u64,
    /// Why it ends before the run does, and when that was; the file is whole
    /// up to there.
    pub failure: Option<(Duration, io::Error)>,
}

pub(super) enum RecorderMessage {
    Observe(Observation),
    /// Nothing more happens; to be answered when all of it is written.
    Stop(Sender<()>),
    Close(Box<(Option<serde_json::Value>, Option<String>)>),
}

impl Recorder {
    /// Begins to record into an empty file.
    ///
    /// # Errors
    /// If the thread cannot be started. A failure to write the file is reported
    /// at the end, in [`Recorded::failure`].
    pub fn start(
        file: File,
        header: Header,
        sources: Sources,
    ) -> io::Result<Self> {
        let (messages, received) = channel();
        let builder = thread::Builder::new().name("recorder".into());
        let thread = builder.spawn(move || {
            let mut work = Work::new(file, &header, sources);
            work.record(&received)
        })?;
        Ok(Self { messages, thread })
    }

    /// Records what is observed beside events, counters and the gate.
    pub fn observe(&self, observation: Observation) {
        // A recorder that is gone tells why at the end.
        let _ = self.messages.send(RecorderMessage::Observe(observation));
    }

    /// The run is over: waits until all that has happened is written.
    pub fn stop(&self) {
        let (done, is_done) = channel();
        let _ = self.messages.send(RecorderMessage::Stop(done));
        let _ = is_done.recv();
    }

    /// Ends the recording with the run's report, or with why it failed.
    pub fn close(
        self,
        report: Option<serde_json::Value>,
        failure: Option<String>,
    ) -> Recorded {
        let closing = Box::new((report, failure));
        let _ = self.messages.send(RecorderMessage::Close(closing));
        self.thread.join().unwrap_or_else(|_| {
            let error = io::Error::other("its thread panicked");
            let failure = Some((Duration::ZERO, error));
            Recorded { failure, ..Recorded::default() }
        })
    }
}
