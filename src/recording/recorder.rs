//! Records a run while it goes on, in a thread of its own.

use super::header::{Closing, Header};
use super::writer::Writer;
use crate::probe::{
    Clock, Event, Gate, Payloads, Tally, TapReceiver, Transfers,
};
use crate::system::pipe::PatientFile;
use crate::units::{Nanos, nanoseconds};
use crate::view::{Control, CountersUpdate, Observation};
use serde_json::Value;
use std::fs::File;
use std::io;
use std::mem::take;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError::Timeout, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How many events the recording may lag behind before some are lost.
pub const ROOM: usize = 65_536;

/// How often events are taken.
const TICK: Duration = Duration::from_millis(20);

/// How long a block may wait for more: a kill loses at most this much.
const OPEN: Duration = Duration::from_millis(250);

/// The same for a block without events, of which little would be lost.
const OPEN_QUIET: Duration = Duration::from_secs(5);

/// The interval at which the exact counters are read.
const COUNTED: Duration = Duration::from_millis(100);

/// Reading them takes at most one part in this many of the time.
const COUNTED_PART: u32 = 50;

/// Where what is recorded comes from.
pub struct Sources {
    /// The events; their tap should have the capacity [`ROOM`].
    pub tap: TapReceiver,
    /// The first bytes of transfers.
    pub payloads: Arc<Payloads>,
    /// The exact counters.
    pub tally: Arc<Tally>,
    /// Pauses and slows the run; `None` if it cannot be controlled.
    pub gate: Option<Arc<Gate>>,
    pub clock: Clock,
}

/// The result of a recording.
#[derive(Debug, Default)]
pub struct Recorded {
    /// How many bytes the file has.
    pub bytes: u64,
    /// How many of them hold records: not the header, the closing, the index.
    pub bytes_of_records: u64,
    /// How many events are in it.
    pub events: u64,
    /// How many events were lost for lack of room.
    pub lost: u64,
    /// How many payloads were lost for lack of room.
    pub payloads_lost: u64,
    /// The latest time in the file when recording failed, and why it did; the
    /// file is whole up to there. `None` if it did not fail.
    pub failure: Option<(Duration, io::Error)>,
    /// The latest time in the file if it has reached its limit, and that limit
    /// in bytes. `None` if there was room for all of the run.
    pub limit: Option<(Duration, u64)>,
}

/// A recording in progress.
pub struct Recorder {
    messages: Arc<Sender<RecorderMessage>>,
    thread: JoinHandle<Recorded>,
}

enum RecorderMessage {
    Observe(Observation),
    /// The run is over; answered when everything has been written.
    Stop(Sender<()>),
    Close(Box<(Option<Value>, Option<String>)>),
    /// A signal ends the process: answered when the file is closed.
    Abandon(Sender<()>),
}

/// Why a recording that a signal has ended has no report.
const ABANDONED: &str = "a signal ended the program at once";

impl Recorder {
    /// Begins to record into an empty file, and calls `begun` when its header
    /// is written. The file never has more than `limit` bytes.
    ///
    /// # Errors
    /// If the thread cannot be started. A failure to write the file is reported
    /// at the end, in [`Recorded::failure`].
    pub fn start(
        file: impl Into<PatientFile>,
        limit: u64,
        header: Header,
        sources: Sources,
        begun: impl FnOnce() -> io::Result<()> + Send + 'static,
    ) -> io::Result<Self> {
        let file = file.into();
        let (messages, received) = channel();
        let builder = thread::Builder::new().name("recorder".into());
        let thread = builder.spawn(move || {
            let work = Work::new(file, limit, &header, sources, begun);
            work.record(&received)
        })?;
        Ok(Self { messages: Arc::new(messages), thread })
    }

    /// Returns a function that closes the file before a signal ends the
    /// process, and waits until that is done.
    pub fn abandon(&self) -> impl FnOnce() + Send + use<> {
        let messages = Arc::downgrade(&self.messages);
        move || {
            let Some(messages) = messages.upgrade() else { return };
            let (done, is_done) = channel();
            let _ = messages.send(RecorderMessage::Abandon(done));
            let _ = is_done.recv();
        }
    }

    /// Records what is observed besides events, counters and the gate.
    pub fn observe(&self, observation: Observation) {
        // If the thread has ended, `close` returns the reason.
        let _ = self.messages.send(RecorderMessage::Observe(observation));
    }

    /// Whether nothing more is recorded, after a failure or at the limit.
    pub fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Called when the run is over: waits until all of it is written.
    pub fn stop(&self) {
        let (done, is_done) = channel();
        let _ = self.messages.send(RecorderMessage::Stop(done));
        let _ = is_done.recv();
    }

    /// Ends the recording with the run's report, or with why it failed.
    pub fn close(
        self,
        report: Option<Value>,
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

/// The state of the recorder's own thread.
struct Work {
    file: Option<File>,
    /// `None` after a failure or at the limit, as `recorded` says.
    writer: Option<Writer<PatientFile>>,
    recorded: Recorded,
    sources: Sources,
    /// An event that was taken and comes after counters yet to be written.
    held_back: Option<Event>,
    /// When the open block began.
    opened: Duration,
    count_due: Duration,
    /// How many events were taken, in all and when a block was last written.
    taken: u64,
    put: u64,
    pulse: Pulse,
    /// Whether all of the run is recorded.
    is_over: bool,
    control: Control,
    payloads: Transfers,
    /// The time of the latest event.
    event_at: Nanos,
    /// When the queues that were recorded last had been read.
    queues_at: Nanos,
}

impl Work {
    fn new(
        file: PatientFile,
        limit: u64,
        header: &Header,
        sources: Sources,
        begun: impl FnOnce() -> io::Result<()>,
    ) -> Self {
        let mut work = Self {
            file: file.try_clone().ok(),
            writer: None,
            recorded: Recorded::default(),
            sources,
            held_back: None,
            opened: Duration::ZERO,
            count_due: Duration::ZERO,
            taken: 0,
            put: 0,
            pulse: Pulse::default(),
            is_over: false,
            control: Control::default(),
            payloads: Transfers::default(),
            event_at: Nanos::ZERO,
            queues_at: Nanos::ZERO,
        };
        let writer = Writer::with_limit(file, header, limit);
        match writer.and_then(|it| begun().map(|()| it)) {
            Ok(writer) => work.writer = Some(writer),
            Err(error) => {
                work.recorded.failure = Some((Duration::ZERO, error));
            }
        }
        work.flush();
        work
    }

    fn record(mut self, messages: &Receiver<RecorderMessage>) -> Recorded {
        let mut abandoned = None;
        let (report, failure) = loop {
            match messages.recv_timeout(TICK) {
                Ok(RecorderMessage::Observe(it)) => self.observe(it),
                Ok(RecorderMessage::Stop(done)) => {
                    self.finish();
                    let _ = done.send(());
                }
                Ok(RecorderMessage::Close(closing)) => break *closing,
                Ok(RecorderMessage::Abandon(done)) => {
                    self.finish();
                    abandoned = Some(done);
                    break (None, Some(ABANDONED.to_owned()));
                }
                Err(Timeout) => {}
                Err(_) => {
                    self.finish();
                    break (None, None);
                }
            }
            if self.writer.is_none() {
                break (None, None);
            }
            if !self.is_over {
                self.tick();
            }
        };
        self.put();
        self.close(report, failure);
        if let Some(done) = abandoned {
            let _ = done.send(());
        }
        self.recorded
    }

    /// Writes the closing, unless the recording has ended before.
    fn close(&mut self, report: Option<Value>, failure: Option<String>) {
        let at = self.now();
        let Some(writer) = self.writer.take() else { return };
        let until = writer.until;
        let recorded = &mut self.recorded;
        recorded.lost = self.sources.tap.lost();
        recorded.payloads_lost = self.sources.payloads.lost();
        let mut closing = Closing {
            at_ns: nanoseconds(at),
            events: recorded.events,
            lost: recorded.lost,
            payloads_lost: recorded.payloads_lost,
            report,
            failure,
            limit_bytes: None,
        };
        match writer.close(&mut closing) {
            Ok((_, bytes)) => recorded.bytes = bytes,
            Err(error) => recorded.failure = Some((until, error)),
        }
        recorded.limit = closing.limit_bytes.map(|limit| (until, limit));
    }

    fn now(&self) -> Duration {
        self.sources.clock.elapsed().duration()
    }

    /// Adds what has happened since the last tick.
    fn tick(&mut self) {
        let now = self.now();
        // At every tick, as the run's clock stops while a thread is held.
        self.hold(now);
        self.take(Duration::MAX);
        self.take_payloads();
        if now >= self.count_due {
            self.count();
        }
        let open = self.now().saturating_sub(self.opened);
        let limit = if self.taken > self.put { OPEN } else { OPEN_QUIET };
        if open >= limit {
            self.flush();
        }
    }

    /// Adds what the owner of the recorder has observed. Unchanged queues are
    /// recorded only if an event came since the last record of them: a reader
    /// then knows that the queues were filled again after that event.
    fn observe(&mut self, record: Observation) {
        if let Observation::Queues(update) = &record {
            let is_news = update.is_whole || !update.rows.is_empty();
            if !is_news && self.event_at <= self.queues_at {
                return;
            }
            self.queues_at = update.at;
        }
        self.add(record);
    }

    /// Adds a record, as long as there is a writer.
    fn add(&mut self, record: Observation) {
        if let Some(writer) = &mut self.writer {
            writer.add(record);
            self.put_if_full();
        }
    }

    fn put_if_full(&mut self) {
        if self.writer.as_ref().is_some_and(Writer::is_full) {
            self.put();
        }
    }

    /// Adds events that were complete before a time: at most [`ROOM`] at once,
    /// as they may arrive as fast as they are added.
    fn take(&mut self, before: Duration) {
        for _ in 0..ROOM {
            let next = self.held_back.take();
            let Some(event) = next.or_else(|| self.sources.tap.drain().next())
            else {
                return;
            };
            if event.at() >= before.into() {
                self.held_back = Some(event);
                return;
            }
            self.taken += 1;
            self.event_at = self.event_at.max(event.at());
            self.add(Observation::Event(event));
        }
    }

    fn take_payloads(&mut self) {
        let mut taken = take(&mut self.payloads);
        self.sources.payloads.take(&mut taken);
        for payload in taken.iter() {
            self.add(Observation::Payload(payload));
        }
        self.payloads = taken;
    }

    /// Reads the exact counters, and adds the events from before that.
    fn read_counters(&mut self) -> CountersUpdate {
        let at = self.now();
        let snapshot = self.sources.tally.snapshot();
        let now = self.now();
        let cost = now.saturating_sub(at);
        self.count_due = now + COUNTED.max(cost * COUNTED_PART);
        self.take(at);
        CountersUpdate::whole(at, snapshot, self.sources.tap.lost())
    }

    /// Adds the counters if they have changed or are due.
    fn count(&mut self) {
        let counted = self.read_counters();
        let is_due = self.pulse.is_due(counted.at.duration(), self.taken);
        if let Some(writer) = &mut self.writer
            && writer.counted(&counted, is_due)
        {
            self.pulse.written_at = counted.at.duration();
        }
        self.put_if_full();
    }

    /// Adds the state of the gate, if it has changed.
    fn hold(&mut self, at: Duration) {
        let Some(gate) = &self.sources.gate else { return };
        let control = Control {
            at: self.control.at,
            held: gate.held(),
            paused: gate.is_paused(),
            speed: gate.speed(),
            stands: false,
        };
        // A held thread cannot report its run of would-block calls itself.
        if !control.held.is_empty() {
            self.sources.tap.finish();
        }
        if control != self.control {
            self.control = Control { at: at.into(), ..control };
            self.add(Observation::Control(self.control.clone()));
        }
    }

    /// Writes the open block; a failure ends the recording, and so does the
    /// limit of its size.
    fn put(&mut self) {
        let lost = self.sources.tap.lost();
        (self.opened, self.put) = (self.now(), self.taken);
        let Some(writer) = &mut self.writer else { return };
        let flushed = writer.flush(lost);
        self.recorded.bytes = writer.bytes;
        self.recorded.bytes_of_records = writer.bytes_of_records;
        self.recorded.events = writer.events_in_file();
        if let Err(error) = flushed {
            // Cut off a block that is half written. If that fails, readers
            // ignore it.
            let whole = self.recorded.bytes;
            let _ = self.file.take().map(|file| file.set_len(whole));
            self.recorded.failure = Some((writer.until, error));
            self.recorded.lost = self.sources.tap.lost();
            self.writer = None;
        } else if writer.is_at_limit {
            self.close(None, None);
        }
    }

    /// Writes the open block, and begins a key block if one is due.
    fn flush(&mut self) {
        self.put();
        if self.writer.as_ref().is_some_and(Writer::wants_key) {
            let counted = self.read_counters();
            self.put();
            if let Some(writer) = &mut self.writer {
                writer.begin_anew(&counted);
            }
            self.pulse.written_at = counted.at.duration();
        }
    }

    /// Writes all that is left.
    fn finish(&mut self) {
        self.sources.tap.finish();
        while let Some(event) =
            self.held_back.take().or_else(|| self.sources.tap.drain().next())
        {
            self.held_back = Some(event);
            self.take(Duration::MAX);
        }
        self.take_payloads();
        self.hold(self.now());
        self.count();
        self.put();
        self.is_over = true;
    }
}

/// How long after the last event unchanged counters are written each time: a
/// reader then knows that no further event has followed.
const SETTLES: Duration = Duration::from_millis(500);

/// The interval between unchanged counters after that.
const QUIET: Duration = Duration::from_millis(500);

/// Decides whether counters that have not changed are written.
#[derive(Default)]
struct Pulse {
    events: u64,
    settled_at: Duration,
    written_at: Duration,
}

impl Pulse {
    /// Whether they are written at this moment, after `events` events.
    fn is_due(&mut self, at: Duration, events: u64) -> bool {
        if events > self.events {
            self.events = events;
            self.settled_at = at.saturating_add(SETTLES);
        }
        at < self.settled_at || at >= self.written_at.saturating_add(QUIET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_often_after_an_event_and_seldom_later() {
        let mut pulse = Pulse::default();
        let mut written = Vec::new();
        for tenth in 0..30 {
            let at = Duration::from_millis(100 * tenth);
            if pulse.is_due(at, u64::from(tenth >= 10)) {
                pulse.written_at = at;
                written.push(tenth);
            }
        }
        assert_eq!(written, [5, 10, 11, 12, 13, 14, 19, 24, 29]);
    }
}
