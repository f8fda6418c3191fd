//! What each event adds to the counters, as [`Tally`](super::Tally) counts
//! the calls and notes themselves.

use super::counters::{
    Concerned, Counters, KEPT_SOCKETS, KEPT_TASKS, LineCount, PhaseMark,
    SocketCount, TaskCount, ThreadNow,
};
use super::event::{
    Class, End, Event, Kind, LISTENER, Limit, Note, Outcome, SocketId, Step,
    TaskId, TaskNow,
};
use super::source::{MAX_THREADS, Site, ThreadId};
use crate::units::Nanos;

impl Counters {
    /// Counts the next event.
    ///
    /// With all events of a [tap with steps](super::Tap::with_steps), in
    /// their order, the result is what a tally has counted, except that
    /// * calls that would have blocked, and iterations that found nothing to
    ///   do, count for their thread, and for the first accept line and the
    ///   first read line, but for no socket: a run of them is one event;
    /// * where a thread is within such a run is not known;
    /// * iterations that did not accept, at a limit, are not counted;
    /// * times are those of the events, which differ from the tally's by the
    ///   microseconds between two looks at the clock.
    pub fn apply(&mut self, event: &Event) {
        match *event {
            Event::Enter { thread, kind, socket, site, .. } => {
                self.line(site, kind);
                self.come_to(thread, (site, kind, socket), true);
            }
            Event::Exit { .. } => self.apply_exit(event),
            Event::Idle { thread, calls, passes, .. } => {
                self.apply_run(thread, calls, passes);
            }
            Event::Note { at, note, .. } => self.apply_note(at, &note),
        }
    }

    /// The row of a call site, made if there is none.
    fn line(&mut self, site: Site, kind: Kind) -> &mut LineCount {
        let none = LineCount::new(site, kind);
        row(&mut self.lines, |it| (it.site, it.kind), none)
    }

    fn socket_mut(&mut self, id: SocketId) -> Option<&mut SocketCount> {
        let place = self.sockets.binary_search_by_key(&id, |it| it.id);
        place.ok().and_then(|place| self.sockets.get_mut(place))
    }

    /// The thread enters a call, or leaves one; a call of which the entry
    /// was not reported begins when it ends.
    fn come_to(
        &mut self,
        thread: ThreadId,
        (site, kind, socket): (Site, Kind, SocketId),
        in_call: bool,
    ) {
        if thread.0 >= MAX_THREADS {
            return;
        }
        let now = ThreadNow { thread, site, kind, socket, in_call, calls: 0 };
        let none = ThreadNow { in_call: false, ..now };
        let before = row(&mut self.threads, |it| it.thread, none);
        let is_new = in_call || !before.in_call;
        let calls = before.calls.saturating_add(is_new.into());
        *before = ThreadNow { calls, ..now };
    }

    fn apply_exit(&mut self, event: &Event) {
        let Event::Exit {
            at,
            entered,
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
        self.come_to(thread, (site, kind, socket), false);
        let class = Class::from(outcome);
        let (is_transfer, moved) = match outcome {
            Outcome::Bytes(bytes) => (true, u64::from(bytes)),
            // An end of file ends the last line, too.
            Outcome::EndOfFile => (true, 0),
            _ => (false, 0),
        };
        let line = self.line(site, kind);
        add(&mut line.counts[class as usize], 1);
        add(&mut line.bytes, moved);
        if kind == Kind::Write && entered < at {
            self.time_write(socket, at.since(entered));
        }
        if is_transfer {
            add(&mut self.echoes, echoed.into());
            raise(&mut self.pending_peak_bytes, pending.into());
        }
        let Some(row) = self.socket_mut(socket) else { return };
        let is_made = class != Class::Paused;
        add(&mut row.calls_by_kind[kind as usize], is_made.into());
        add(&mut row.would_blocks, (class == Class::WouldBlock).into());
        if !is_transfer {
            return;
        }
        if kind == Kind::Read {
            add(&mut row.bytes_in, moved);
            raise(&mut row.pending_peak_bytes, pending.into());
        } else {
            add(&mut row.bytes_out, moved);
            add(&mut row.echoes, echoed.into());
        }
        (row.pending_bytes, row.unframed_bytes) = (pending, unframed);
    }

    /// A run of calls that would have blocked: of which sockets is unknown.
    fn apply_run(&mut self, thread: ThreadId, calls: u64, passes: u64) {
        if thread.0 < MAX_THREADS {
            let none = ThreadNow {
                thread,
                site: Site::default(),
                kind: Kind::Accept,
                socket: LISTENER,
                in_call: false,
                calls: 0,
            };
            let row = row(&mut self.threads, |it| it.thread, none);
            add(&mut row.calls, calls);
        }
        let reads = calls.saturating_sub(passes);
        for (kind, calls) in [(Kind::Accept, passes), (Kind::Read, reads)] {
            let line = self.lines.iter_mut().find(|line| line.kind == kind);
            if let Some(line) = line.filter(|_| calls > 0) {
                add(&mut line.counts[Class::WouldBlock as usize], calls);
            }
        }
    }

    fn time_write(&mut self, socket: SocketId, time: Nanos) {
        self.longest_write_ns = self.longest_write_ns.max(Some(time));
        if let Some(row) = self.socket_mut(socket) {
            row.longest_write_ns = row.longest_write_ns.max(Some(time));
        }
    }

    fn apply_note(&mut self, at: Nanos, note: &Note) {
        match *note {
            Note::Opened { socket, peer } => {
                add(&mut self.connections, (socket != LISTENER).into());
                if (socket.0 as usize) < KEPT_SOCKETS {
                    let first = SocketCount::new(socket, peer);
                    row(&mut self.sockets, |it| it.id, first);
                }
            }
            Note::Closed { socket, end, unsent } => {
                self.close(socket, end, unsent);
            }
            Note::Handled { socket, .. } => {
                concern(&mut self.errors_handled, socket);
            }
            Note::Failed { socket, .. } => {
                concern(&mut self.errors_unhandled, socket);
            }
            Note::Phase(phase) => {
                let mark = PhaseMark { phase, at, left: self.open() };
                row(&mut self.phases, |it| it.phase, mark);
            }
            Note::Paused(Limit::Connections) => {
                add(&mut self.connection_pauses, 1);
            }
            Note::Paused(Limit::Descriptors) => {
                add(&mut self.descriptor_pauses, 1);
            }
            Note::Task { task, now } => self.apply_task(at, task, now),
            Note::Step(step) => self.apply_step(at, step),
            Note::Timers(timers) => self.turns.timers = timers.into(),
            Note::NeverRetrieved { .. } => add(&mut self.never_retrieved, 1),
            Note::LongRun { time, .. } => {
                add(&mut self.long_runs, 1);
                self.longest_run = self.longest_run.max(time);
            }
            Note::Ready { .. } | Note::Interest { .. } => {}
        }
    }

    fn close(&mut self, socket: SocketId, end: End, unsent: u32) {
        let none = Concerned { connections: 0, first: socket };
        self.ends.entry(end).or_insert(none).add(socket);
        if unsent > 0 {
            add(&mut self.unsent_bytes, unsent.into());
            concern(&mut self.unsent_on, socket);
        }
        let Some(row) = self.socket_mut(socket) else { return };
        if row.end.is_none() {
            (row.end, row.unsent_bytes) = (Some(end), unsent.into());
        }
        (row.pending_bytes, row.unframed_bytes) = (0, 0);
    }

    fn apply_task(&mut self, at: Nanos, id: TaskId, now: TaskNow) {
        if id.0 as usize >= KEPT_TASKS {
            let beyond = u64::from(id.0) + 1 - KEPT_TASKS as u64;
            return raise(&mut self.turns.not_kept, beyond);
        }
        let none = TaskCount {
            task: id,
            now: TaskNow::Waiting,
            since: at,
            polls: 0,
            running: Nanos::ZERO,
            socket: None,
            site: None,
        };
        let row = row(&mut self.tasks, |it| it.task, none);
        let (was, took) = (row.now, at.since(row.since));
        if was == TaskNow::Running {
            row.running += took;
        } else if now == TaskNow::Running {
            add(&mut row.polls, 1);
        }
        if let Some(site) = now.site() {
            (row.site, row.socket) = (Some(site), None);
        }
        if let TaskNow::Paused { socket, .. } = now {
            row.socket = Some(socket);
        }
        (row.now, row.since) = (now, at);
        let ready = u64::from(now == TaskNow::Ready);
        let was_ready = u64::from(was == TaskNow::Ready);
        self.turns.ready = (self.turns.ready + ready).saturating_sub(was_ready);
        if let TaskNow::Paused { kind: Kind::Write, socket, .. } = was {
            self.time_write(socket, took);
        }
    }

    fn apply_step(&mut self, at: Nanos, step: Step) {
        let turns = &mut self.turns;
        if let Some(last) = turns.now {
            let took = at.since(turns.since);
            turns.last[last as usize] = took;
            turns.total[last as usize] += took;
        }
        (turns.now, turns.since) = (Some(step), at);
        add(&mut turns.turns, (step == Step::ALL[0]).into());
    }
}

fn add(to: &mut u64, more: u64) {
    *to = to.saturating_add(more);
}

fn raise(to: &mut u64, least: u64) {
    *to = (*to).max(least);
}

fn concern(on: &mut Option<Concerned>, socket: SocketId) {
    on.get_or_insert(Concerned { connections: 0, first: socket }).add(socket);
}

/// The row with the same key, which is this one if there was none.
fn row<T, K: Ord>(rows: &mut Vec<T>, key: fn(&T) -> K, none: T) -> &mut T {
    let place = rows.binary_search_by_key(&key(&none), key);
    let place = place.unwrap_or_else(|place| {
        rows.insert(place, none);
        place
    });
    &mut rows[place]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::{Call, Clock, Exit, Phase, Probe as _, Tally, Tap};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use std::panic::Location;
    use std::sync::Arc;
    use std::time::Duration;

    const SOCKETS: u32 = 4;
    const TICK: Duration = Duration::from_millis(1);

    #[derive(Clone, Debug)]
    enum Act {
        Call { call: (Kind, SocketId, bool), exit: (Outcome, u32, u32) },
        Note(Note),
    }

    impl Act {
        /// Whether the tap reports it only as part of a run.
        fn is_in_run(&self) -> bool {
            use Outcome::{Paused, WouldBlock};
            let Self::Call { call, exit } = self else { return false };
            !call.2 && matches!(exit.0, WouldBlock | Paused)
        }
    }

    fn sockets() -> impl Strategy<Value = SocketId> {
        (0..SOCKETS).prop_map(SocketId)
    }

    fn outcomes() -> impl Strategy<Value = Outcome> {
        let error = std::io::ErrorKind::ConnectionReset;
        prop_oneof![
            4 => (0..9_u32).prop_map(Outcome::Bytes),
            1 => sockets().prop_map(Outcome::Accepted),
            5 => select(vec![
                Outcome::EndOfFile,
                Outcome::WouldBlock,
                Outcome::Ready(2),
                Outcome::Done,
                Outcome::Paused,
                Outcome::Closed,
                Outcome::Failed(error),
            ]),
        ]
    }

    fn states_of_tasks() -> impl Strategy<Value = TaskNow> {
        let site = Site { file: "tasks.rs", line: 7 };
        let pause = (select(Kind::ALL.to_vec()), sockets());
        prop_oneof![
            pause.prop_map(move |(kind, socket)| {
                TaskNow::Paused { kind, socket, site }
            }),
            select(vec![
                TaskNow::Ready,
                TaskNow::Running,
                TaskNow::Sleeping { time: TICK.into(), site },
                TaskNow::Joining { task: TaskId(1), site },
                TaskNow::Waiting,
                TaskNow::Done,
                TaskNow::Failed(End::Boom),
                TaskNow::Cancelled,
            ]),
        ]
    }

    fn notes() -> impl Strategy<Value = Note> {
        let ends = select(vec![End::EndOfFile, End::Reset, End::Idle]);
        let closed = (sockets(), ends, 0..9_u32);
        let tasks = ((0..3_u32).prop_map(TaskId), states_of_tasks());
        let (task, end) = (TaskId(1), End::Boom);
        prop_oneof![
            closed.prop_map(|(socket, end, unsent)| {
                Note::Closed { socket, end, unsent }
            }),
            tasks.prop_map(|(task, now)| Note::Task { task, now }),
            sockets().prop_map(move |socket| Note::Handled { socket, end }),
            sockets().prop_map(move |socket| Note::Failed { socket, end }),
            select(Step::ALL.to_vec()).prop_map(Note::Step),
            select(Phase::ALL.to_vec()).prop_map(Note::Phase),
            (0..9_u32).prop_map(Note::Timers),
            select(vec![
                Note::Paused(Limit::Connections),
                Note::Paused(Limit::Descriptors),
                Note::LongRun { task, time: TICK.into() },
                Note::NeverRetrieved {
                    task,
                    site: Site::default(),
                    socket: None,
                    end,
                },
            ]),
        ]
    }

    fn acts() -> impl Strategy<Value = Act> {
        let call = (select(Kind::OF_MODES.to_vec()), sockets(), any::<bool>());
        let exit = (outcomes(), 0..9_u32, 0..3_u32);
        prop_oneof![
            (call, exit).prop_map(|(call, exit)| Act::Call { call, exit }),
            notes().prop_map(Act::Note),
        ]
    }

    /// The line of each kind of call.
    fn location(kind: Kind) -> &'static Location<'static> {
        #[track_caller]
        fn here() -> &'static Location<'static> {
            Location::caller()
        }
        let accept = here();
        let read = here();
        let write = here();
        let wait = here();
        let other = here();
        match kind {
            Kind::Accept => accept,
            Kind::Read => read,
            Kind::Write => write,
            Kind::Wait => wait,
            _ => other,
        }
    }

    /// Without what a run of calls that would have blocked does not show.
    fn without_runs(mut counters: Counters) -> Counters {
        for line in &mut counters.lines {
            line.counts[Class::WouldBlock as usize] = 0;
            line.counts[Class::Paused as usize] = 0;
        }
        counters.lines.retain(|line| line.hits() > 0);
        for socket in &mut counters.sockets {
            (socket.calls_by_kind, socket.would_blocks) = Default::default();
        }
        counters.threads.clear();
        counters
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn events_add_up_to_what_the_tally_counts(
            acts in vec(acts(), 0..200),
        ) {
            // It stands, so that both probes see the same times.
            let clock = Clock::steered();
            clock.stand(true);
            let tally = Arc::new(Tally::new(clock.clone()));
            let (tap, events) = Tap::with_steps(1_000, clock.clone());
            let probe = (tally.clone(), tap);
            for socket in (0..SOCKETS).map(SocketId) {
                probe.note(&Note::Opened { socket, peer: None });
            }
            for act in &acts {
                clock.advance(TICK);
                let (call, exit) = match act {
                    Act::Note(note) => {
                        probe.note(note);
                        continue;
                    }
                    Act::Call { call, exit } => (call, exit),
                };
                let (kind, socket, may_sleep) = *call;
                let location = location(kind);
                let call = Call { kind, socket, may_sleep, location };
                let mark = probe.enter(&call);
                clock.advance(TICK);
                let (outcome, pending, echoed) = *exit;
                let exit = Exit { pending, echoed, ..Exit::new(outcome) };
                probe.exit(&call, mark, exit);
            }
            events.finish();
            let mut counters = Counters::default();
            events.drain().for_each(|event| counters.apply(&event));
            let exact = tally.snapshot();
            if acts.iter().any(Act::is_in_run) {
                prop_assert_eq!(without_runs(counters), without_runs(exact));
            } else {
                prop_assert_eq!(counters, exact);
            }
        }
    }
}
