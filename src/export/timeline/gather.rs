//! Records into marks, one after the other.

use super::{
    Bounds, MarkKind, MarkSource, Owner, Rate, Slept, Timeline, TimelineMark,
};
use crate::export::ExportSubject;
use crate::probe::{
    Counters, End, Event, Kind, LISTENER, Note, Outcome, Phase, Site, SocketId,
    Speed, TaskId, TaskNow, ThreadAtGate, ThreadId,
};
use crate::recording::Error;
use crate::units::{Nanos, nanoseconds};
use crate::view::{Control, Measured, Observation, ObservedState};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Limit on the lines whose sleeping calls are counted.
const MOST_LINES: usize = 4_096;

/// What was read.
pub(in crate::export) struct Gathered {
    pub(in crate::export) timeline: Timeline,
    /// What was known where reading ended.
    pub(in crate::export) known: ObservedState,
    /// Why the recording cannot be read on; the timeline goes as far as it
    /// could be read.
    pub(in crate::export) error: Option<Error>,
}

/// Reads the part of a recording that is wanted.
pub(in crate::export) fn gather(
    subject: &ExportSubject,
    bounds: Bounds,
) -> Gathered {
    let mut gather = Gather {
        timeline: Timeline::new(subject, bounds),
        detailed: bounds.detailed,
        now: 0,
        calls: BTreeMap::new(),
        threads: BTreeMap::new(),
        open: BTreeMap::new(),
        tasks: BTreeMap::new(),
        in_phase: None,
        held: BTreeMap::new(),
        asked: (false, Speed::default()),
        counted: None,
        measured: Measured::default(),
        timers: None,
    };
    let mut known = ObservedState::default();
    let error = gather.read(subject, &mut known).err();
    gather.end(subject, error.is_some());
    Gathered { timeline: gather.timeline, known, error }
}

/// What a thread does outside of calls.
#[derive(Default)]
struct Activity {
    /// Since when the thread has not been asleep, as far as that is known.
    works_since: Option<u64>,
    /// The task that it runs, and the note with which that began.
    runs: Option<(TaskId, Event)>,
    /// The note of the step that it is in.
    step: Option<Event>,
}

/// What is counted and drawn as a rate.
type Totals = [(&'static str, u64); 3];

/// A timeline in the making.
struct Gather {
    timeline: Timeline,
    detailed: bool,
    /// The latest time so far.
    now: u64,
    /// The beginning of the call that each thread is in.
    calls: BTreeMap<ThreadId, Event>,
    threads: BTreeMap<ThreadId, Activity>,
    /// Since when each socket is open, and how that is known.
    open: BTreeMap<SocketId, (u64, MarkSource)>,
    /// The latest note of each task.
    tasks: BTreeMap<TaskId, Event>,
    in_phase: Option<Event>,
    held: BTreeMap<ThreadId, ThreadAtGate>,
    asked: (bool, Speed),
    /// What had been counted when.
    counted: Option<(u64, Totals)>,
    measured: Measured,
    timers: Option<u32>,
}

impl Gather {
    fn read(
        &mut self,
        subject: &ExportSubject,
        state: &mut ObservedState,
    ) -> Result<(), Error> {
        let mut cursor = if self.detailed {
            subject.recording.from_start()
        } else {
            subject.cursor()?
        };
        self.begin(cursor.known());
        let read = loop {
            match cursor.peek() {
                Err(error) => break Err(error),
                Ok(None) => break Ok(()),
                Ok(Some(Observation::Event(event)))
                    if !self.detailed
                        && event.at().duration() > subject.until =>
                {
                    break Ok(());
                }
                Ok(Some(_)) => {}
            }
            match cursor.step() {
                Ok(Some(record)) => self.take(&record, cursor.known()),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        state.clone_from(cursor.known());
        read
    }

    /// A window begins with the sockets that are open and the calls that are
    /// in progress at its start.
    fn begin(&mut self, state: &ObservedState) {
        let from = self.timeline.from;
        if from == 0 {
            return;
        }
        let known = state.counters.clone();
        for row in known.sockets.iter().filter(|it| it.end.is_none()) {
            self.opened(row.id, (from, MarkSource::Between), row.peer);
        }
        self.timeline.rates.open = known.open();
        for now in known.threads.iter().filter(|it| it.in_call) {
            let enter = Event::Enter {
                at: Nanos(from),
                thread: now.thread,
                kind: now.kind,
                socket: now.socket,
                site: now.site,
            };
            self.calls.insert(now.thread, enter);
        }
    }

    fn take(&mut self, record: &Observation, state: &ObservedState) {
        match record {
            Observation::Event(event) => self.event(event),
            Observation::Counters(update) if self.detailed => {
                self.counters(update.at.0, state);
            }
            Observation::Measured(it) if self.detailed => self.measured(it),
            Observation::Control(holds) if self.detailed => self.holds(holds),
            _ => {}
        }
    }

    fn event(&mut self, event: &Event) {
        self.timeline.events += 1;
        self.now = self.now.max(event.at().0);
        match *event {
            Event::Enter { at, thread, .. } => {
                self.call_is_lost(thread, at.0);
                self.calls.insert(thread, *event);
                self.worked_until(thread, at.0);
            }
            Event::Exit { entered, thread, .. } => {
                let is_this = |enter: &Event| enter.at() == entered;
                if !self.calls.get(&thread).is_some_and(is_this) {
                    self.call_is_lost(thread, entered.0);
                }
                self.calls.remove(&thread);
                self.returned(event);
            }
            Event::Idle { since, at, thread, calls, .. } => {
                let (since, at) = (since.0, at.0);
                self.call_is_lost(thread, since);
                self.timeline.rates.spread_would_blocks(since, at, calls);
                self.worked_until(thread, since);
                let owner = Owner::Thread(thread);
                let source = MarkSource::Event(*event);
                self.mark(owner, MarkKind::Spin, (since, at), source);
                self.activity(thread).works_since = Some(at);
            }
            Event::Note { at, thread, note } => {
                self.note(event, at.0, thread, note);
            }
        }
    }

    fn activity(&mut self, thread: ThreadId) -> &mut Activity {
        self.threads.entry(thread).or_default()
    }

    fn mark(
        &mut self,
        owner: Owner,
        what: MarkKind,
        time: (u64, u64),
        source: MarkSource,
    ) {
        let mark = TimelineMark::new(what, time, source);
        self.timeline.add(owner, mark);
    }

    fn worked_until(&mut self, thread: ThreadId, now: u64) {
        let works_since = self.activity(thread).works_since.take();
        if let Some(since) = works_since.filter(|since| *since < now)
            && !self.detailed
        {
            let owner = Owner::Thread(thread);
            let time = (since, now);
            self.mark(owner, MarkKind::Work, time, MarkSource::Between);
        }
    }

    /// The return of the call that a thread is in was not recorded: it did
    /// something else next.
    fn call_is_lost(&mut self, thread: ThreadId, next: u64) {
        if let Some(enter) = self.calls.remove(&thread)
            && self.detailed
        {
            let owner = Owner::Thread(thread);
            let time = (enter.at().0, next);
            self.mark(owner, MarkKind::Lost, time, MarkSource::Event(enter));
        }
    }

    /// A call is over: a mark on its thread's lane, and on its socket's.
    fn returned(&mut self, event: &Event) {
        let Event::Exit { entered, at, thread, kind, site, outcome, .. } =
            *event
        else {
            return;
        };
        let (since, until) = (entered.0, at.0);
        let source = MarkSource::Event(*event);
        let slept = since < until;
        let what = if slept { MarkKind::Sleep } else { MarkKind::Call };
        let mark = TimelineMark::new(what, (since, until), source);
        let rates = &mut self.timeline.rates;
        if !matches!(outcome, Outcome::Paused) {
            let echoes = i64::try_from(mark.echoes).unwrap_or(i64::MAX);
            rates.add(until, Rate::Calls, 1);
            rates.add(until, Rate::Echoes, echoes);
            let in_vain = i64::from(outcome == Outcome::WouldBlock);
            rates.add(until, Rate::WouldBlocks, in_vain);
        }
        if slept {
            self.worked_until(thread, since);
            self.slept((site, kind), (since, until));
            self.activity(thread).works_since = Some(until);
        } else {
            self.activity(thread).works_since.get_or_insert(since);
        }
        if !self.detailed {
            self.on_socket(event, &mark);
        }
        self.timeline.add(Owner::Thread(thread), mark);
    }

    /// Time asleep is counted for the line that makes the call.
    fn slept(&mut self, line: (Site, Kind), (since, until): (u64, u64)) {
        let Timeline { from, until: end, asleep, .. } = &mut self.timeline;
        let (since, until) = (since.max(*from), until.min(*end));
        let is_room = asleep.len() < MOST_LINES || asleep.contains_key(&line);
        if since < until && is_room {
            let slept: &mut Slept = asleep.entry(line).or_default();
            let time = until - since;
            slept.times += 1;
            slept.time_ns = slept.time_ns.saturating_add(time);
            slept.longest_ns = slept.longest_ns.max(time);
        }
    }

    /// The same call on the lane of its socket; a selector's wait has none.
    fn on_socket(&mut self, event: &Event, mark: &TimelineMark) {
        let Event::Exit { kind, socket, outcome, .. } = *event else { return };
        if kind == Kind::Wait {
            return;
        }
        let owner = Owner::Socket(socket);
        if mark.what == MarkKind::Sleep {
            self.timeline
                .add(owner, TimelineMark { echoes: 0, ..mark.clone() });
        }
        let what = match (kind, outcome) {
            (_, Outcome::WouldBlock) => MarkKind::Block,
            (_, Outcome::Failed(_)) => MarkKind::Fail,
            (Kind::Accept, Outcome::Accepted(_)) => MarkKind::Accept,
            (Kind::Read, Outcome::Bytes(_) | Outcome::EndOfFile) => {
                MarkKind::Read
            }
            (Kind::Write, Outcome::Bytes(_)) if mark.echoes > 0 => {
                MarkKind::Echo
            }
            (Kind::Write, Outcome::Bytes(_)) => MarkKind::Write,
            _ => return,
        };
        self.mark(owner, what, (mark.end, mark.end), mark.source);
    }

    fn note(&mut self, event: &Event, at: u64, thread: ThreadId, note: Note) {
        let by = MarkSource::Event(*event);
        match note {
            Note::Opened { socket, peer } => {
                let counts = i64::from(socket != LISTENER);
                self.timeline.rates.add(at, Rate::Opened, counts);
                self.opened(socket, (at, by), peer);
            }
            Note::Closed { socket, .. } => {
                let counts = i64::from(socket != LISTENER);
                self.timeline.rates.add(at, Rate::Opened, -counts);
                self.worked_until(thread, at);
                self.was_open(socket, at, Some(by));
            }
            Note::Phase(phase) => self.phase(at, phase, event),
            Note::Task { task, now } => {
                self.task_runs(thread, (task, now), event);
                self.task_state(task, now, event);
            }
            Note::Step(_) => {
                self.step_ends(thread, at);
                self.activity(thread).step = Some(*event);
            }
            Note::Timers(timers) if self.timers != Some(timers) => {
                self.timers = Some(timers);
                self.timeline.count(at, "timers", "waiting", timers);
            }
            _ => {}
        }
        let what = match note {
            Note::Ready { .. } => MarkKind::Ready,
            Note::Interest { .. } => MarkKind::Interest,
            Note::Closed { end: End::Reset, .. } => MarkKind::Reset,
            Note::Closed { .. } => MarkKind::Closed,
            Note::Handled { .. } | Note::Failed { .. } => MarkKind::Fail,
            Note::Paused(_) if !self.detailed => MarkKind::Fail,
            Note::Paused(_)
            | Note::LongRun { .. }
            | Note::NeverRetrieved { .. }
                if self.detailed =>
            {
                MarkKind::Finding
            }
            _ => return,
        };
        let owner = match note.socket() {
            Some(socket) if what != MarkKind::Finding => self.lane_of(socket),
            _ => Owner::Thread(thread),
        };
        self.mark(owner, what, (at, at), by);
    }

    /// The lane of a socket, which several share beyond the limit.
    fn lane_of(&self, socket: SocketId) -> Owner {
        let shared = SocketId(self.timeline.bounds.sockets);
        let is_own = !self.detailed || socket < shared;
        Owner::Socket(if is_own { socket } else { shared })
    }

    fn opened(
        &mut self,
        socket: SocketId,
        since: (u64, MarkSource),
        peer: Option<SocketAddr>,
    ) {
        let owner = self.lane_of(socket);
        if owner != Owner::Socket(socket) {
            let (at, source) = since;
            return self.mark(owner, MarkKind::Open, (at, at), source);
        }
        if let Some(lane) = self.timeline.lane(owner) {
            lane.peer = peer.or(lane.peer);
            self.open.entry(socket).or_insert(since);
        }
    }

    /// A socket was open; `by` is the event of its end.
    fn was_open(&mut self, socket: SocketId, at: u64, by: Option<MarkSource>) {
        let since = match self.open.remove(&socket) {
            Some((since, source)) if self.detailed => {
                Some((since, by.unwrap_or(source)))
            }
            Some((since, _)) => Some((since, MarkSource::Between)),
            // Its beginning was lost.
            None if !self.detailed && socket != LISTENER => {
                Some((self.timeline.from, MarkSource::Between))
            }
            None => None,
        };
        if let Some((since, source)) = since {
            let owner = Owner::Socket(socket);
            self.mark(owner, MarkKind::Open, (since, at), source);
        }
    }

    fn phase(&mut self, at: u64, phase: Phase, event: &Event) {
        if self.timeline.phases.len() < Phase::COUNT * 2 {
            self.timeline.phases.push((at, phase));
        }
        if phase == Phase::Ended {
            self.steps_end(at);
        }
        if self.detailed {
            if let Some(before) = self.in_phase.replace(*event) {
                self.state_until(Owner::Run, before, at);
            }
            return;
        }
        // The listener is open until new clients are refused.
        if phase == Phase::Running {
            self.open.remove(&LISTENER);
            self.opened(LISTENER, (at, MarkSource::Between), None);
        } else if phase >= Phase::Finishing {
            self.was_open(LISTENER, at, None);
        }
    }

    /// A task begins to run on a thread, or ran there until now.
    fn task_runs(
        &mut self,
        thread: ThreadId,
        (task, now): (TaskId, TaskNow),
        event: &Event,
    ) {
        let begins = now == TaskNow::Running;
        let runs = self.activity(thread).runs;
        if let Some((running, _)) = runs
            && (begins || running == task)
        {
            let end = (!begins).then_some(*event);
            self.run_ends(thread, event.at().0, end);
        }
        if begins {
            self.activity(thread).runs = Some((task, *event));
        }
    }

    /// The run of a task ends; `by` says what it does then.
    fn run_ends(&mut self, thread: ThreadId, at: u64, by: Option<Event>) {
        if let Some((_, begin)) = self.activity(thread).runs.take() {
            let source = MarkSource::Event(by.unwrap_or(begin));
            let time = (begin.at().0, at);
            self.mark(Owner::Thread(thread), MarkKind::Task, time, source);
        }
    }

    /// The step that a thread is in ends, and what it runs in it.
    fn step_ends(&mut self, thread: ThreadId, at: u64) {
        self.run_ends(thread, at, None);
        if let Some(step) = self.activity(thread).step.take()
            && self.detailed
        {
            let (owner, time) = (Owner::Thread(thread), (step.at().0, at));
            self.mark(owner, MarkKind::Step, time, MarkSource::Event(step));
        }
    }

    /// What a task does from now on, on its own lane.
    fn task_state(&mut self, task: TaskId, now: TaskNow, event: &Event) {
        let (at, owner) = (event.at().0, Owner::Task(task));
        if !self.detailed || self.timeline.lane(owner).is_none() {
            return;
        }
        if let Some(before) = self.tasks.remove(&task) {
            self.state_until(owner, before, at);
        }
        if now.has_ended() {
            let source = MarkSource::Event(*event);
            self.mark(owner, MarkKind::Ended, (at, at), source);
        } else {
            self.tasks.insert(task, *event);
        }
    }

    /// The state that a note began lasts until now.
    fn state_until(&mut self, owner: Owner, since: Event, until: u64) {
        let time = (since.at().0, until);
        self.mark(owner, MarkKind::State, time, MarkSource::Event(since));
    }

    fn steps_end(&mut self, at: u64) {
        let threads: Vec<_> = self.threads.keys().copied().collect();
        for thread in threads {
            self.step_ends(thread, at);
        }
    }

    /// The counters were read. A value of the format holds from its time on,
    /// so the rate of an interval is written at its beginning.
    fn counters(&mut self, at: u64, state: &ObservedState) {
        let now = state.counters.clone();
        let totals = totals(&now);
        let (since, before) =
            self.counted.unwrap_or((0, totals.map(|(name, _)| (name, 0))));
        if at > since {
            for ((name, now), (_, before)) in totals.into_iter().zip(before) {
                let count = float(now.saturating_sub(before));
                let rate = (count * 1e12 / float(at - since)).round() / 1e3;
                self.timeline.count(since, name, "per second", rate);
            }
            self.counted = Some((at, totals));
        }
        let pending = now.sockets.iter().map(|it| u64::from(it.pending_bytes));
        let pending = pending.fold(0, u64::saturating_add);
        let lost = state.lost;
        for (name, unit, value) in [
            ("connections", "open", now.open()),
            ("output", "pending bytes", pending),
            ("events", "lost", lost),
        ] {
            self.timeline.count(at, name, unit, value);
        }
    }

    /// What was measured beside the probe.
    fn measured(&mut self, measured: &Measured) {
        let at = measured.at.0;
        if let Some(cores) = measured.cpu
            && measured.cpu != self.measured.cpu
        {
            self.timeline.count(at, "processor", "cores", cores);
        }
        if let Some(waiting) = measured.waiting
            && measured.waiting != self.measured.waiting
        {
            self.timeline.count(at, "backlog", "waiting", waiting);
        }
        self.measured.clone_from(measured);
    }

    /// These threads are held now, and no others.
    fn holds(&mut self, holds: &Control) {
        let at = holds.at.0;
        let asked = (holds.paused, holds.speed);
        if self.asked != asked {
            self.asked = asked;
            let source = MarkSource::Gate(asked.0, asked.1);
            self.mark(Owner::Run, MarkKind::Gate, (at, at), source);
        }
        let now = holds.held.iter().map(|it| (it.thread, *it)).collect();
        let before = std::mem::replace(&mut self.held, now);
        for held in before.into_values() {
            if self.held.get(&held.thread) != Some(&held) {
                self.was_held(&held, at);
            }
        }
    }

    fn was_held(&mut self, held: &ThreadAtGate, until: u64) {
        let (owner, source) =
            (Owner::Held(held.thread), MarkSource::Held(held.before));
        let time = (held.since.0, until);
        self.mark(owner, MarkKind::Held, time, source);
    }

    /// What is in progress at the end of the window lasts until there.
    fn end(&mut self, subject: &ExportSubject, is_damaged: bool) {
        let whole = nanoseconds(subject.recording.duration());
        let end = match (self.detailed, is_damaged) {
            (true, true) => self.now,
            (true, false) => self.now.max(whole),
            (false, _) => self.timeline.until,
        };
        for thread in self.threads.keys().copied().collect::<Vec<_>>() {
            self.worked_until(thread, end);
        }
        for (thread, enter) in std::mem::take(&mut self.calls) {
            let Event::Enter { at, kind, socket, site, .. } = enter else {
                continue;
            };
            let time = (at.0, end);
            self.slept((site, kind), time);
            let source = MarkSource::Event(enter);
            let mark = TimelineMark::new(MarkKind::Sleep, time, source);
            if kind != Kind::Wait && !self.detailed {
                self.timeline.add(Owner::Socket(socket), mark.clone());
            }
            self.timeline.add(Owner::Thread(thread), mark);
        }
        if self.detailed {
            self.steps_end(end);
        }
        for socket in self.open.keys().copied().collect::<Vec<_>>() {
            self.was_open(socket, end, None);
        }
        for (task, event) in std::mem::take(&mut self.tasks) {
            self.state_until(Owner::Task(task), event, end);
        }
        if let Some(phase) = self.in_phase {
            self.state_until(Owner::Run, phase, end);
        }
        for held in std::mem::take(&mut self.held).into_values() {
            self.was_held(&held, end);
        }
        if let Some((since, totals)) = self.counted {
            for (name, _) in totals {
                self.timeline.count(since, name, "per second", 0);
            }
        }
        if self.detailed {
            self.timeline.until = end;
        }
    }
}

fn totals(now: &Counters) -> Totals {
    [
        ("echoes", now.echoes),
        ("calls", now.all_calls()),
        ("would blocks", now.would_blocks()),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn float(count: u64) -> f64 {
    count as f64
}
