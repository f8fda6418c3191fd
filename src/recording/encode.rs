//! Records as bytes.

use super::bytes::Out;
use super::codes::{end_code, error_code};
use super::counters::{Counted, CountersOut};
use super::places::PlacesOut;
use super::record::{HeldThread, Holds, Measured, Named, Payload};
use super::tags as tag;
use crate::probe::{
    Before, Event, Kind, Note, Outcome, Site, SocketId, TaskNow, ThreadId,
};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Writes the records of one block after the other.
#[derive(Default)]
pub(super) struct Encoder {
    pub(super) out: Out,
    places: PlacesOut,
    time: u64,
}

/// Which counters are told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// What has changed, if something has.
    IfChanged,
    /// What has changed, even if nothing has.
    Always,
    /// All of them.
    Whole,
}

pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Encoder {
    /// Gives away what was written; a new block begins.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.places.forget();
        self.time = 0;
        std::mem::take(&mut self.out.0)
    }

    /// The number of a place, which is named before if it was not yet.
    pub(super) fn place(&mut self, site: Site, kind: Option<Kind>) -> u64 {
        let out = &mut self.out;
        let number = self.places.number(site, kind, |number, place| {
            out.byte(tag::PLACE);
            place.write(number, out);
        });
        number.into()
    }

    fn begin(&mut self, tag: u8, at: Duration, thread: ThreadId) {
        self.out.byte(tag);
        self.time(at);
        self.out.uint(thread.0.into());
    }

    fn time(&mut self, at: Duration) {
        let at = nanoseconds(at);
        self.out.step(self.time, at);
        self.time = at;
    }

    /// A time beside the one of the record.
    fn other_time(&mut self, time: Duration) {
        self.out.step(self.time, nanoseconds(time));
    }

    pub(super) fn event(&mut self, event: &Event) {
        match *event {
            Event::Enter { at, thread, kind, socket, site } => {
                let place = self.place(site, Some(kind));
                self.begin(tag::ENTER, at.duration(), thread);
                self.out.uint(place);
                self.out.uint(socket.0.into());
            }
            Event::Exit { .. } => self.exit(event),
            Event::Idle { since, at, thread, calls, passes } => {
                self.begin(tag::IDLE, at.duration(), thread);
                self.other_time(since.duration());
                self.out.uint(calls);
                self.out.uint(passes);
            }
            Event::Note { at, thread, note } => {
                self.note(at.duration(), thread, &note);
            }
        }
    }

    fn exit(&mut self, event: &Event) {
        let Event::Exit {
            entered,
            at,
            thread,
            kind,
            socket,
            site,
            outcome,
            pending,
            unframed,
            echoed,
        } = *event
        else {
            return;
        };
        let place = self.place(site, Some(kind));
        let at_once = entered.0 == at.0;
        let tag = if at_once { tag::EXIT } else { tag::SLEPT };
        self.begin(tag, at.duration(), thread);
        self.out.uint(place);
        self.out.uint(socket.0.into());
        self.outcome(outcome);
        self.out.uint(pending.into());
        self.out.uint(unframed.into());
        self.out.uint(echoed.into());
        if !at_once {
            self.other_time(entered.duration());
        }
    }

    fn outcome(&mut self, outcome: Outcome) {
        use tag::outcome as is;
        let (code, figure) = match outcome {
            Outcome::Bytes(bytes) => (is::BYTES, Some(bytes)),
            Outcome::EndOfFile => (is::END_OF_FILE, None),
            Outcome::WouldBlock => (is::WOULD_BLOCK, None),
            Outcome::Accepted(SocketId(id)) => (is::ACCEPTED, Some(id)),
            Outcome::Ready(sockets) => (is::READY, Some(sockets)),
            Outcome::Done => (is::DONE, None),
            Outcome::Paused => (is::PAUSED, None),
            Outcome::Closed => (is::CLOSED, None),
            Outcome::Failed(kind) => {
                (is::FAILED, Some(error_code(kind).into()))
            }
        };
        self.out.byte(code);
        if let Some(figure) = figure {
            self.out.uint(figure.into());
        }
    }

    fn note(&mut self, at: Duration, thread: ThreadId, note: &Note) {
        match *note {
            Note::Opened { socket, peer } => {
                self.begin(tag::OPENED, at, thread);
                self.out.uint(socket.0.into());
                self.address(peer);
            }
            Note::Closed { socket, end, unsent } => {
                self.begin(tag::CLOSED, at, thread);
                self.numbers([socket.0, end_code(end), unsent]);
            }
            Note::Handled { socket, end } => {
                self.begin(tag::HANDLED, at, thread);
                self.numbers([socket.0, end_code(end)]);
            }
            Note::Failed { socket, end } => {
                self.begin(tag::FAILED, at, thread);
                self.numbers([socket.0, end_code(end)]);
            }
            Note::Ready { socket, readable, writable } => {
                let tag = tag::READY + bits(readable, writable);
                self.begin(tag, at, thread);
                self.numbers([socket.0]);
            }
            Note::Interest { socket, readable, writable } => {
                let tag = tag::INTEREST + bits(readable, writable);
                self.begin(tag, at, thread);
                self.numbers([socket.0]);
            }
            Note::Paused(limit) => {
                self.begin(tag::PAUSED, at, thread);
                self.numbers([limit as u32]);
            }
            Note::Phase(phase) => {
                self.begin(tag::PHASE, at, thread);
                self.numbers([phase as u32]);
            }
            _ => self.note_of_loop(at, thread, note),
        }
    }

    fn note_of_loop(&mut self, at: Duration, thread: ThreadId, note: &Note) {
        match *note {
            Note::Task { task, now } => {
                let place = now.site().map(|site| self.place(site, None));
                self.begin(tag::TASK, at, thread);
                self.numbers([task.0]);
                self.task_now(now, place.unwrap_or_default());
            }
            Note::Step(step) => {
                self.begin(tag::STEP, at, thread);
                self.numbers([step as u32]);
            }
            Note::Timers(timers) => {
                self.begin(tag::TIMERS, at, thread);
                self.numbers([timers]);
            }
            Note::LongRun { task, time } => {
                self.begin(tag::LONG_RUN, at, thread);
                self.numbers([task.0]);
                self.out.uint(time.0);
            }
            Note::NeverRetrieved { task, site, socket, end } => {
                let place = self.place(site, None);
                self.begin(tag::NEVER_RETRIEVED, at, thread);
                self.numbers([task.0, end_code(end)]);
                self.out.uint(place);
                self.out.uint(socket.map_or(0, |it| u64::from(it.0) + 1));
            }
            _ => {}
        }
    }

    fn task_now(&mut self, now: TaskNow, place: u64) {
        use tag::task as is;
        let out = &mut self.out;
        match now {
            TaskNow::Ready => out.byte(is::READY),
            TaskNow::Running => out.byte(is::RUNNING),
            TaskNow::Paused { kind, socket, .. } => {
                out.byte(is::PAUSED);
                out.uint(place);
                out.byte(kind as u8);
                out.uint(socket.0.into());
            }
            TaskNow::Sleeping { time, .. } => {
                out.byte(is::SLEEPING);
                out.uint(place);
                out.uint(time.0);
            }
            TaskNow::Joining { task, .. } => {
                out.byte(is::JOINING);
                out.uint(place);
                out.uint(task.0.into());
            }
            TaskNow::Waiting => out.byte(is::WAITING),
            TaskNow::Done => out.byte(is::DONE),
            TaskNow::Failed(end) => {
                out.byte(is::FAILED);
                out.uint(end_code(end).into());
            }
            TaskNow::Cancelled => out.byte(is::CANCELLED),
        }
    }

    fn numbers<const N: usize>(&mut self, numbers: [u32; N]) {
        for number in numbers {
            self.out.uint(number.into());
        }
    }

    fn address(&mut self, address: Option<SocketAddr>) {
        let Some(address) = address else { return self.out.byte(0) };
        match address.ip() {
            IpAddr::V4(ip) => {
                self.out.byte(4);
                self.out.0.extend(ip.octets());
            }
            IpAddr::V6(ip) => {
                self.out.byte(6);
                self.out.0.extend(ip.octets());
            }
        }
        self.out.uint(address.port().into());
        if let SocketAddr::V6(address) = address {
            self.numbers([address.flowinfo(), address.scope_id()]);
        }
    }

    pub(super) fn payload(&mut self, payload: &Payload) {
        self.begin(tag::PAYLOAD, payload.at, payload.thread);
        self.out.byte(payload.kind as u8);
        self.numbers([payload.socket.0, payload.moved]);
        self.out.bytes(&payload.bytes);
    }

    /// Numbers that are missing in JSON, as NaN, are left out.
    pub(super) fn measured(&mut self, measured: &Measured) {
        let Ok(json) = serde_json::to_string(measured) else { return };
        self.out.byte(tag::MEASURED);
        self.out.text(&json);
    }

    pub(super) fn named(&mut self, named: &Named) {
        self.out.byte(tag::NAMED);
        self.address(Some(named.address));
        self.out.text(&named.name);
    }

    pub(super) fn holds(&mut self, holds: &Holds) {
        for held in &holds.held {
            if let Before::Call { kind, site, .. } = held.before {
                self.place(site, Some(kind));
            }
        }
        self.out.byte(tag::HOLDS);
        self.time(holds.at);
        self.out.byte(holds.paused.into());
        self.out.uint(holds.speed.delay().map_or(0, nanoseconds));
        self.out.uint(holds.held.len() as u64);
        holds.held.iter().for_each(|held| self.held(held));
    }

    fn held(&mut self, held: &HeldThread) {
        self.numbers([held.thread.0.into()]);
        self.other_time(held.since);
        match held.before {
            Before::Call { kind, socket, site } => {
                let place = self.place(site, Some(kind));
                self.out.byte(tag::before::CALL);
                self.out.uint(place);
                self.numbers([socket.0]);
            }
            Before::Step(step) => {
                self.out.byte(tag::before::STEP);
                self.numbers([step as u32]);
            }
            Before::Task(task) => {
                self.out.byte(tag::before::TASK);
                self.numbers([task.0]);
            }
        }
    }

    /// What has changed since the last time, or everything; tells whether
    /// that was told at all.
    pub(super) fn counters(
        &mut self,
        memory: &mut CountersOut,
        counted: &Counted,
        told: Told,
    ) -> bool {
        let whole = told == Told::Whole;
        let (at, mut number) =
            (counted.at, |site, kind| self.place(site, kind));
        let snapshot = &counted.snapshot;
        let rows = memory.changes(snapshot, whole, &mut number);
        if told == Told::IfChanged && rows.0 == [tag::NO_TABLE] {
            return false;
        }
        self.out.byte(tag::COUNTERS);
        self.time(at);
        self.out.byte(whole.into());
        self.out.uint(counted.lost);
        self.out.0.extend(rows.0);
        true
    }
}

fn bits(readable: bool, writable: bool) -> u8 {
    u8::from(readable) | u8::from(writable) << 1
}
