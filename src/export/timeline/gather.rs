//! Turns the records of a recording into marks, one by one.

use super::{
    Bounds, MarkKind, MarkSource, Owner, Rate, Timeline, TimelineMark, float,
};
use crate::export::ExportSubject;
use crate::probe::{
    End, Event, Kind, LISTENER, Note, Outcome, Phase, SocketId, Speed, TaskId,
    TaskNow, ThreadId, ThreadNow,
};
use crate::recording::{Cursor, Error};
use crate::system::queues::KernelQueue;
use crate::units::{Nanos, nanoseconds};
use crate::view::{Control, Observation, ObservedState};
use std::collections::BTreeMap;
use std::iter::zip;
use std::net::SocketAddr;

/// A timeline, and how far the recording was read.
pub(in crate::export) struct Gathered {
    pub(in crate::export) timeline: Timeline,
    /// The state where reading ended.
    pub(in crate::export) known: ObservedState,
    /// Why the recording cannot be read further; the timeline ends there.
    pub(in crate::export) error: Option<Error>,
}

/// Reads the part of a recording that is wanted.
pub(in crate::export) fn gather(
    subject: &ExportSubject,
    bounds: Bounds,
) -> Gathered {
    let mut gather = Gather {
        timeline: Timeline::new(subject, bounds),
        now: 0,
        spans: BTreeMap::new(),
        gate: (false, Speed::FULL),
        counted: (0, [0; RATES.len()]),
    };
    let cursor = if bounds.detailed {
        Ok(subject.recording.from_start())
    } else {
        subject.cursor()
    };
    let (known, error) = match cursor {
        Ok(mut cursor) => {
            let error = gather.read(&mut cursor).err();
            (cursor.known().clone(), error)
        }
        Err(error) => (ObservedState::default(), Some(error)),
    };
    gather.end(subject, error.is_some());
    Gathered { timeline: gather.timeline, known, error }
}

/// The figures of the counters that are drawn as rates.
const RATES: [&str; 3] = ["echoes", "calls", "would blocks"];

/// The lane and the kind of something that has begun.
type SpanKey = (Owner, MarkKind);

/// When something began, in nanoseconds, and what shows that.
type Begun = (u64, MarkSource);

/// Builds a timeline.
struct Gather {
    timeline: Timeline,
    /// The latest time so far.
    now: u64,
    /// What has begun and not ended. A call is [`MarkKind::Lost`] until its
    /// return is found.
    spans: BTreeMap<SpanKey, Begun>,
    /// Whether the gate paused the server, and its speed.
    gate: (bool, Speed),
    /// When the counters were read last, and the totals of the [`RATES`].
    counted: (u64, [u64; RATES.len()]),
}

impl Gather {
    fn read(&mut self, cursor: &mut Cursor) -> Result<(), Error> {
        self.begin(cursor.known());
        while let Some(next) = cursor.peek()? {
            let until = Nanos(self.timeline.until);
            if next.event().is_some_and(|event| event.at() > until) {
                break;
            }
            let Some(record) = cursor.step()? else { break };
            match &record {
                Observation::Event(event) => self.event(event),
                Observation::Counters(update) => {
                    self.counters(update.at.0, cursor.known());
                }
                Observation::Measured(it) => {
                    let counters = &mut self.timeline;
                    counters.count(it.at.0, ("processor", "cores"), it.cpu);
                    counters.count(it.at.0, ("backlog", "waiting"), it.waiting);
                }
                Observation::Control(it) => self.control(it),
                Observation::Queues(it) => {
                    self.queues(it.at.0, cursor.known());
                }
                Observation::Payload(_) | Observation::Named(_) => {}
            }
        }
        Ok(())
    }

    /// A window begins with the sockets that are open and the calls that are
    /// in progress at its start.
    fn begin(&mut self, known: &ObservedState) {
        let from = self.timeline.from;
        if from == 0 {
            return;
        }
        self.timeline.rates.open = known.counters.open();
        let sockets = known.counters.sockets.iter();
        for row in sockets.filter(|it| it.end.is_none()) {
            self.opened(row.id, (from, MarkSource::Between), row.peer);
        }
        let threads = known.counters.threads.iter();
        for now in threads.filter(|it| it.in_call) {
            let ThreadNow { thread, kind, socket, site, .. } = *now;
            let at = Nanos(from);
            let enter = Event::Enter { at, thread, kind, socket, site };
            let source = MarkSource::Event(enter);
            self.start((Owner::Thread(thread), MarkKind::Lost), from, source);
        }
    }

    fn start(&mut self, span: SpanKey, at: u64, source: MarkSource) {
        self.spans.entry(span).or_insert((at, source));
    }

    /// Ends a span, if it has begun. `by` is the event that ended it, if that
    /// says more than the one that began it.
    fn finish(&mut self, span: SpanKey, at: u64, by: Option<&Event>) {
        if let Some((since, source)) = self.spans.remove(&span) {
            let source = by.map_or(source, |event| MarkSource::Event(*event));
            self.mark(span, (since, at), source);
        }
    }

    fn mark(&mut self, span: SpanKey, time: (u64, u64), source: MarkSource) {
        let (owner, what) = span;
        let is_trace = self.timeline.bounds.detailed;
        let source = match what {
            MarkKind::Work | MarkKind::Lost if time.0 >= time.1 => return,
            MarkKind::Work if is_trace => return,
            MarkKind::Lost | MarkKind::Step | MarkKind::Finding
                if !is_trace =>
            {
                return;
            }
            MarkKind::Open if !is_trace => MarkSource::Between,
            _ => source,
        };
        self.timeline.add(owner, TimelineMark::new(what, time, source));
    }

    fn event(&mut self, event: &Event) {
        self.timeline.events += 1;
        self.now = self.now.max(event.at().0);
        let source = MarkSource::Event(*event);
        match *event {
            Event::Enter { at, thread, .. } => {
                let owner = Owner::Thread(thread);
                self.finish((owner, MarkKind::Lost), at.0, None);
                self.finish((owner, MarkKind::Work), at.0, None);
                self.start((owner, MarkKind::Lost), at.0, source);
            }
            Event::Exit { entered, thread, .. } => {
                // The span of this call is empty and dropped, as it returned.
                let owner = Owner::Thread(thread);
                self.finish((owner, MarkKind::Lost), entered.0, None);
                self.returned(event);
            }
            Event::Idle { since, at, thread, calls, .. } => {
                let (owner, since, at) = (Owner::Thread(thread), since.0, at.0);
                self.finish((owner, MarkKind::Lost), since, None);
                self.finish((owner, MarkKind::Work), since, None);
                self.timeline.rates.spread_would_blocks(since, at, calls);
                self.mark((owner, MarkKind::Spin), (since, at), source);
                self.start((owner, MarkKind::Work), at, MarkSource::Between);
            }
            Event::Note { at, thread, note } => {
                self.note(event, at.0, thread, note);
            }
        }
    }

    /// Adds a call that has returned to the lane of its thread and, unless the
    /// timeline is detailed, of its socket; a selector's wait has none.
    fn returned(&mut self, event: &Event) {
        let Event::Exit {
            entered,
            at,
            thread,
            kind,
            socket,
            site,
            outcome,
            echoed,
            ..
        } = *event
        else {
            return;
        };
        let time @ (since, until) = (entered.0, at.0);
        let source = MarkSource::Event(*event);
        if outcome != Outcome::Paused {
            let in_vain = outcome == Outcome::WouldBlock;
            let rates = &mut self.timeline.rates;
            rates.add(until, Rate::Calls, 1);
            rates.add(until, Rate::Echoes, echoed.into());
            rates.add(until, Rate::WouldBlocks, in_vain.into());
        }
        let (owner, slept) = (Owner::Thread(thread), since < until);
        if slept {
            self.finish((owner, MarkKind::Work), since, None);
            self.timeline.slept((site, kind), time);
            self.mark((owner, MarkKind::Sleep), time, source);
        } else {
            self.mark((owner, MarkKind::Call), time, source);
        }
        // A call that takes no time is part of the work around it.
        self.start((owner, MarkKind::Work), until, MarkSource::Between);
        if kind == Kind::Wait || self.timeline.bounds.detailed {
            return;
        }
        let owner = Owner::Socket(socket);
        if slept {
            let mut sleep = TimelineMark::new(MarkKind::Sleep, time, source);
            sleep.facts.echoes = 0;
            self.timeline.add(owner, sleep);
        }
        let what = match (kind, outcome) {
            (_, Outcome::WouldBlock) => MarkKind::Block,
            (_, Outcome::Failed(_)) => MarkKind::Fail,
            (Kind::Accept, Outcome::Accepted(_)) => MarkKind::Accept,
            (Kind::Read, Outcome::Bytes(_) | Outcome::EndOfFile) => {
                MarkKind::Read
            }
            (Kind::Write, Outcome::Bytes(_)) if echoed > 0 => MarkKind::Echo,
            (Kind::Write, Outcome::Bytes(_)) => MarkKind::Write,
            _ => return,
        };
        self.mark((owner, what), (until, until), source);
    }

    fn note(&mut self, event: &Event, at: u64, thread: ThreadId, note: Note) {
        let (by, on) = (MarkSource::Event(*event), Owner::Thread(thread));
        let what = match note {
            Note::Opened { socket, peer } => {
                let counts = socket != LISTENER;
                self.timeline.rates.add(at, Rate::Opened, counts.into());
                return self.opened(socket, (at, by), peer);
            }
            Note::Closed { socket, end, .. } => {
                let counts = i64::from(socket != LISTENER);
                self.timeline.rates.add(at, Rate::Opened, -counts);
                self.finish((on, MarkKind::Work), at, None);
                let open = (Owner::Socket(socket), MarkKind::Open);
                if !self.timeline.bounds.detailed && socket != LISTENER {
                    // If its opening was lost, it was open from the start.
                    let from = self.timeline.from;
                    self.start(open, from, MarkSource::Between);
                }
                self.finish(open, at, Some(event));
                let is_reset = end == End::Reset;
                if is_reset { MarkKind::Reset } else { MarkKind::Closed }
            }
            Note::Phase(phase) => return self.phase(at, phase, by),
            Note::Task { task, now } => return self.task(on, task, now, event),
            Note::Step(_) => {
                self.finish((on, MarkKind::Task), at, None);
                self.finish((on, MarkKind::Step), at, None);
                return self.start((on, MarkKind::Step), at, by);
            }
            Note::Timers { set, .. } => {
                return self.timeline.count(at, ("timers", "waiting"), set);
            }
            Note::Ready { .. } => MarkKind::Ready,
            Note::Interest { .. } => MarkKind::Interest,
            Note::Handled { .. }
            | Note::Failed { .. }
            | Note::CallFailed { .. }
            | Note::Paused(_)
            | Note::LeftWaiting { .. }
            | Note::Stopped { .. } => MarkKind::Fail,
            Note::LongRun { .. } | Note::NeverRetrieved { .. } => {
                MarkKind::Finding
            }
        };
        let socket = note.socket().filter(|_| what != MarkKind::Finding);
        let owner = socket.map_or(on, |it| self.timeline.owner_of(it));
        self.mark((owner, what), (at, at), by);
    }

    fn opened(&mut self, id: SocketId, since: Begun, peer: Option<SocketAddr>) {
        let (at, source) = since;
        let owner = self.timeline.owner_of(id);
        if owner != Owner::Socket(id) {
            self.mark((owner, MarkKind::Open), (at, at), source);
        } else if let Some(lane) = self.timeline.lane(owner) {
            lane.peer = peer.or(lane.peer);
            self.start((owner, MarkKind::Open), at, source);
        }
    }

    fn phase(&mut self, at: u64, phase: Phase, source: MarkSource) {
        if self.timeline.phases.len() < Phase::COUNT * 2 {
            self.timeline.phases.push((at, phase));
        }
        if phase == Phase::Ended {
            let of_loop =
                |it: &&SpanKey| matches!(it.1, MarkKind::Task | MarkKind::Step);
            let begun = self.spans.keys().filter(of_loop).copied();
            for span in begun.collect::<Vec<_>>() {
                self.finish(span, at, None);
            }
        }
        self.finish((Owner::Run, MarkKind::State), at, None);
        self.start((Owner::Run, MarkKind::State), at, source);
        if self.timeline.bounds.detailed {
            return;
        }
        // The listener is open until new clients are refused.
        if phase == Phase::Running {
            self.opened(LISTENER, (at, MarkSource::Between), None);
        } else if phase >= Phase::Finishing {
            self.finish((Owner::Socket(LISTENER), MarkKind::Open), at, None);
        }
    }

    /// Adds what a task does from now on, on the lane of the thread that runs
    /// it and on its own.
    fn task(&mut self, on: Owner, task: TaskId, now: TaskNow, event: &Event) {
        let (at, owner) = (event.at().0, Owner::Task(task));
        let source = MarkSource::Event(*event);
        let running = self.spans.get(&(on, MarkKind::Task));
        let is_running = running.is_some_and(|(_, since)| {
            matches!(since, MarkSource::Event(Event::Note {
                note: Note::Task { task: it, .. }, ..
            }) if *it == task)
        });
        if now == TaskNow::Running {
            self.finish((on, MarkKind::Task), at, None);
            self.start((on, MarkKind::Task), at, source);
        } else if is_running {
            self.finish((on, MarkKind::Task), at, Some(event));
        }
        if self.timeline.lane(owner).is_none() {
            return;
        }
        self.finish((owner, MarkKind::State), at, None);
        if now.has_ended() {
            self.mark((owner, MarkKind::Ended), (at, at), source);
        } else {
            self.start((owner, MarkKind::State), at, source);
        }
    }

    /// Counts what the kernel holds for all connections together.
    fn queues(&mut self, at: u64, known: &ObservedState) {
        let Some(queues) = &known.queues else { return };
        let sum = |bytes: fn(&KernelQueue) -> u32| {
            queues.values().map(|it| u64::from(bytes(it))).sum::<u64>()
        };
        let received = sum(|it| it.received_bytes);
        let unsent = sum(|it| it.unsent_bytes);
        let counters = &mut self.timeline;
        counters.count(at, ("kernel: received, not read", "bytes"), received);
        counters.count(at, ("kernel: written, not received", "bytes"), unsent);
    }

    /// Adds counters. In the trace format a value holds from its time on, so
    /// the rate of an interval is written at its beginning.
    fn counters(&mut self, at: u64, known: &ObservedState) {
        let now = &known.counters;
        let totals = [now.echoes, now.all_calls(), now.would_blocks()];
        let (since, before) = self.counted;
        if at > since {
            for (name, (now, before)) in zip(RATES, zip(totals, before)) {
                let count = float(now.saturating_sub(before));
                let rate = (count * 1e12 / float(at - since)).round() / 1e3;
                self.timeline.count(since, (name, "per second"), rate);
            }
            self.counted = (at, totals);
        }
        let pending = now.sockets.iter().map(|it| u64::from(it.pending_bytes));
        let pending = pending.fold(0, u64::saturating_add);
        let counters = &mut self.timeline;
        counters.count(at, ("connections", "open"), now.open());
        counters.count(at, ("output", "pending bytes"), pending);
        counters.count(at, ("events", "lost"), known.lost);
    }

    /// Begins spans of the threads that are held now, and ends all others.
    fn control(&mut self, it: &Control) {
        let (at, gate) = (it.at.0, (it.paused, it.speed));
        if self.gate != gate {
            self.gate = gate;
            let source = MarkSource::Gate(gate.0, gate.1);
            self.mark((Owner::Run, MarkKind::Gate), (at, at), source);
        }
        let held = it.held.iter().map(|it| {
            let source = MarkSource::Held(it.before);
            (Owner::Held(it.thread), (it.since.0, source))
        });
        let held: BTreeMap<_, _> = held.collect();
        let before = self.spans.iter().filter(|((owner, _), span)| {
            matches!(owner, Owner::Held(_)) && held.get(owner) != Some(span)
        });
        let over: Vec<_> = before.map(|((owner, _), _)| *owner).collect();
        for owner in over {
            self.finish((owner, MarkKind::Held), at, None);
        }
        for (owner, (since, source)) in held {
            self.start((owner, MarkKind::Held), since, source);
        }
    }

    /// What is in progress at the end of the window lasts until there.
    fn end(&mut self, subject: &ExportSubject, is_damaged: bool) {
        let whole = nanoseconds(subject.recording.duration());
        let is_picture = !self.timeline.bounds.detailed;
        let end = match (is_picture, is_damaged) {
            (true, _) => self.timeline.until,
            (false, true) => self.now,
            (false, false) => self.now.max(whole),
        };
        for (span, (since, source)) in std::mem::take(&mut self.spans) {
            let time = (since, end);
            if span.1 == MarkKind::Lost
                && let MarkSource::Event(Event::Enter {
                    kind,
                    socket,
                    site,
                    ..
                }) = source
            {
                self.timeline.slept((site, kind), time);
                self.mark((span.0, MarkKind::Sleep), time, source);
                if kind != Kind::Wait && is_picture {
                    let owner = Owner::Socket(socket);
                    self.mark((owner, MarkKind::Sleep), time, source);
                }
            } else {
                self.mark(span, time, source);
            }
        }
        if self.counted.0 > 0 {
            for name in RATES {
                let since = self.counted.0;
                self.timeline.count(since, (name, "per second"), 0);
            }
        }
        self.timeline.until = end;
    }
}
