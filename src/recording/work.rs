//! The work of a recorder, in its own thread.

use super::header::{Closing, Header};
use super::recorder::{ROOM, Recorded, RecorderMessage, Sources};
use super::writer::Writer;
use crate::probe::{Event, Speed, Transfers};
use crate::view::{Control, CountersUpdate, Observation};
use std::fs::File;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How often events are taken.
const TICK: Duration = Duration::from_millis(20);

/// How many are taken at once: under a flood they come as fast.
const TAKEN: usize = ROOM;

/// How long a block may wait for more: so much is missing after a kill.
const OPEN: Duration = Duration::from_millis(250);

/// The same for one without events: little would be missing.
const OPEN_QUIET: Duration = Duration::from_secs(5);

/// The exact counters are read about so often.
const COUNTED: Duration = Duration::from_millis(100);

/// If that takes long it is done less often: at most this part of the time.
const COUNTED_PART: u32 = 50;

/// The recorder's own thread.
pub(super) struct Work {
    file: Option<File>,
    writer: Result<Writer<File>, Failed>,
    sources: Sources,
    /// An event that was taken and comes after counters yet to be written.
    held_back: Option<Event>,
    /// When the open block began.
    opened: Duration,
    count_due: Duration,
    /// How many events were taken, and how many when a block was written.
    taken: u64,
    put: u64,
    pulse: Pulse,
    /// Whether all of the run is recorded.
    is_over: bool,
    holds: Control,
    payloads: Transfers,
}

/// A recording that has ended early, and what is in it.
struct Failed {
    at: Duration,
    error: io::Error,
    written: Written,
}

/// What is in a file.
#[derive(Clone, Copy, Default)]
struct Written {
    bytes: u64,
    bytes_of_records: u64,
    events: u64,
}

impl Written {
    const fn by(writer: &Writer<File>) -> Self {
        Self {
            bytes: writer.bytes(),
            bytes_of_records: writer.bytes_of_records(),
            events: writer.events_in_file(),
        }
    }
}

impl Work {
    pub(super) fn new(file: File, header: &Header, sources: Sources) -> Self {
        let kept = file.try_clone().ok();
        let mut work = Self {
            file: kept,
            writer: Writer::new(file, header).map_err(|error| Failed {
                at: sources.clock.elapsed(),
                error,
                written: Written::default(),
            }),
            sources,
            held_back: None,
            opened: Duration::ZERO,
            count_due: Duration::ZERO,
            taken: 0,
            put: 0,
            pulse: Pulse::default(),
            is_over: false,
            holds: Control::default(),
            payloads: Transfers::default(),
        };
        work.flush();
        work
    }

    pub(super) fn record(
        &mut self,
        messages: &Receiver<RecorderMessage>,
    ) -> Recorded {
        loop {
            match messages.recv_timeout(TICK) {
                Ok(RecorderMessage::Observe(it)) => {
                    self.write(|writer| writer.add(it));
                }
                Ok(RecorderMessage::Stop(done)) => {
                    self.finish();
                    let _ = done.send(());
                }
                Ok(RecorderMessage::Close(closing)) => {
                    return self.close(closing.0, closing.1);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.finish();
                    return self.close(None, None);
                }
            }
            self.tick();
        }
    }

    fn now(&self) -> Duration {
        self.sources.clock.elapsed()
    }

    /// Takes what has happened.
    fn tick(&mut self) {
        if self.is_over || self.writer.is_err() {
            return;
        }
        let now = self.now();
        // With each tick, as the run's clock stands while a thread is held.
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

    /// Does something with the writer, as long as there is one.
    fn write(&mut self, write: impl FnOnce(&mut Writer<File>)) {
        if let Ok(writer) = &mut self.writer {
            write(writer);
        }
    }

    /// Writes events that were complete before a time.
    fn take(&mut self, before: Duration) {
        for _ in 0..TAKEN {
            let next = self.held_back.take();
            let Some(event) = next.or_else(|| self.sources.tap.drain().next())
            else {
                return;
            };
            if event.at() >= before.into() {
                self.held_back = Some(event);
                return;
            }
            self.write(|writer| writer.add(Observation::Event(event)));
            self.taken += 1;
            if self.is_full() {
                self.put();
            }
        }
    }

    fn is_full(&self) -> bool {
        self.writer.as_ref().is_ok_and(Writer::is_full)
    }

    fn take_payloads(&mut self) {
        let mut taken = std::mem::take(&mut self.payloads);
        self.sources.payloads.take(&mut taken);
        for payload in taken.iter() {
            self.write(|writer| writer.add(Observation::Payload(payload)));
            if self.is_full() {
                self.put();
            }
        }
        self.payloads = taken;
    }

    /// Reads the exact counters; what was complete before comes first.
    fn read_counters(&mut self) -> CountersUpdate {
        let at = self.now();
        let snapshot = self.sources.tally.snapshot();
        let now = self.now();
        let cost = now.saturating_sub(at);
        self.count_due = now + COUNTED.max(cost * COUNTED_PART);
        self.take(at);
        CountersUpdate::whole(at, snapshot, self.sources.tap.lost())
    }

    /// Writes the counters, unless nothing has happened for long.
    fn count(&mut self) {
        let counted = self.read_counters();
        let is_due = self.pulse.is_due(counted.at.duration(), self.taken);
        if let Ok(writer) = &mut self.writer
            && writer.counted(&counted, is_due)
        {
            self.pulse.written(counted.at.duration());
        }
        if self.is_full() {
            self.put();
        }
    }

    /// Writes who is held, if that has changed.
    fn hold(&mut self, at: Duration) {
        let Some(gate) = &self.sources.gate else { return };
        let held = gate.held();
        let is_paused = gate.is_paused();
        // A thread that is held does not report its run itself.
        if is_paused && !held.is_empty() {
            self.sources.tap.finish();
        } else if gate.speed() != Speed::FULL {
            self.sources.tap.report_long_run();
        }
        let holds = Control {
            at: self.holds.at,
            paused: is_paused,
            speed: gate.speed(),
            held,
            stands: false,
        };
        if holds != self.holds {
            self.holds = Control { at: at.into(), ..holds };
            let holds = self.holds.clone();
            self.write(|writer| writer.add(Observation::Control(holds)));
        }
    }

    /// Writes the open block; a failure ends the recording.
    fn put(&mut self) {
        let lost = self.sources.tap.lost();
        (self.opened, self.put) = (self.now(), self.taken);
        let Ok(writer) = &mut self.writer else { return };
        let Err(error) = writer.flush(lost) else { return };
        let written = Written::by(writer);
        // What is half written is of no use. Where it cannot be cut off, a
        // reader does not mind it.
        let _ = self.file.take().map(|file| file.set_len(written.bytes));
        let at = self.sources.clock.elapsed();
        self.writer = Err(Failed { at, error, written });
    }

    /// The same, and begins anew if that is due.
    fn flush(&mut self) {
        self.put();
        if self.writer.as_ref().is_ok_and(Writer::wants_key) {
            let counted = self.read_counters();
            self.put();
            self.write(|writer| writer.begin_anew(&counted));
            self.pulse.written(counted.at.duration());
        }
    }

    /// Writes all that is left.
    fn finish(&mut self) {
        self.sources.tap.finish();
        while self.held_back.is_some() || self.has_more() {
            self.take(Duration::MAX);
        }
        self.take_payloads();
        let now = self.now();
        self.hold(now);
        self.count();
        self.put();
        self.is_over = true;
    }

    fn has_more(&mut self) -> bool {
        self.held_back = self.sources.tap.drain().next();
        self.held_back.is_some()
    }

    fn close(
        &mut self,
        report: Option<serde_json::Value>,
        failure: Option<String>,
    ) -> Recorded {
        let lost = self.sources.tap.lost();
        let payloads_lost = self.sources.payloads.lost();
        let at_ns = crate::units::nanoseconds(self.now());
        let gone = Failed {
            at: Duration::ZERO,
            error: io::Error::other("it is closed"),
            written: Written::default(),
        };
        let writer = std::mem::replace(&mut self.writer, Err(gone));
        let closed = writer.and_then(|writer| {
            let (at, written) = (self.now(), Written::by(&writer));
            let events = written.events;
            let closing =
                Closing { at_ns, events, lost, payloads_lost, report, failure };
            let closed = writer.close(closing);
            let closed = closed.map(|(_, bytes)| Written { bytes, ..written });
            closed.map_err(|error| Failed { at, error, written })
        });
        let (written, failure) = match closed {
            Ok(written) => (written, None),
            Err(it) => (it.written, Some((it.at, it.error))),
        };
        let Written { bytes, bytes_of_records, events } = written;
        Recorded {
            bytes,
            bytes_of_records,
            events,
            lost,
            payloads_lost,
            failure,
        }
    }
}

/// How long after the last event unchanged counters are written each time: a
/// reader then knows that no further event has followed.
const SETTLES: Duration = Duration::from_millis(500);

/// The interval between unchanged counters after that.
const QUIET: Duration = Duration::from_millis(500);

/// Decides whether counters that have not changed are written.
#[derive(Default)]
pub(super) struct Pulse {
    events: u64,
    settled_at: Duration,
    written_at: Duration,
}

impl Pulse {
    /// Whether they are written at this moment, after `events` events.
    pub(super) fn is_due(&mut self, at: Duration, events: u64) -> bool {
        if events > self.events {
            self.events = events;
            self.settled_at = at.saturating_add(SETTLES);
        }
        at < self.settled_at || at >= self.written_at.saturating_add(QUIET)
    }

    /// Records that counters were written at this moment.
    pub(super) const fn written(&mut self, at: Duration) {
        self.written_at = at;
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
                pulse.written(at);
                written.push(tenth);
            }
        }
        assert_eq!(written, [5, 10, 11, 12, 13, 14, 19, 24, 29]);
    }
}
