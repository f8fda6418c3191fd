//! What each event adds to the counters. [`Tally`](super::Tally) counts calls
//! in the same way in atomics of its own, and shares what notes add.

use super::counters::{
    Concerned, Counters, KEPT_SOCKETS, KEPT_TASKS, LineCount, PhaseMark,
    SocketCount, TaskCount, ThreadNow, TurnCount,
};
use super::event::{
    Class, Event, Exit, Kind, LISTENER, Limit, Note, SocketId, Step, TaskId,
    TaskNow,
};
use super::failure::{ErrorNumber, FailedCalls, MOST_FAILED_CALLS, Operation};
use super::source::{MAX_THREADS, Site, ThreadId};
use crate::units::Nanos;

impl Counters {
    /// Counts the next event.
    ///
    /// With all events of a [tap](super::Tap) with steps, in their order, the
    /// result is what a tally has counted, except that
    /// * a run of calls that would have blocked is one event, unless it is a
    ///   single call: the calls count for their thread, for the first accept
    ///   line and for the first read line, but for no socket, and the place of
    ///   the thread is not known;
    /// * an iteration that pauses at a limit counts as an accept call in place
    ///   of a read in such a run, and outside of a run not at all;
    /// * times are those of the events, which differ from the tally's by the
    ///   microseconds between two reads of the clock.
    pub fn apply(&mut self, event: &Event) {
        match *event {
            Event::Enter { thread, kind, socket, site, .. } => {
                self.line(site, kind);
                self.come_to(thread, (site, kind, socket), true);
            }
            Event::Exit {
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
            } => {
                let exit = Exit { outcome, pending, unframed, echoed };
                self.come_to(thread, (site, kind, socket), false);
                if kind == Kind::Write && entered < at {
                    self.time_write(socket, at.since(entered));
                }
                self.apply_exit(site, kind, socket, exit);
            }
            Event::Idle { thread, calls, passes, .. } => {
                self.apply_run(thread, calls, passes);
            }
            Event::Note { at, note, .. } => self.apply_note(at, &note),
        }
    }

    /// The row of a call site, added if there is none.
    pub(super) fn line(&mut self, site: Site, kind: Kind) -> &mut LineCount {
        let none = LineCount::new(site, kind);
        row(&mut self.lines, |it| (it.site, it.kind), none)
    }

    fn socket_mut(&mut self, id: SocketId) -> Option<&mut SocketCount> {
        let place = self.sockets.binary_search_by_key(&id, |it| it.id);
        place.ok().and_then(|place| self.sockets.get_mut(place))
    }

    /// The thread enters a call, or leaves one. A call whose entry was not
    /// reported is counted when it ends.
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

    fn apply_exit(&mut self, site: Site, kind: Kind, id: SocketId, exit: Exit) {
        let class = Class::from(exit.outcome);
        let moved = exit.outcome.transferred().map(u64::from);
        let line = self.line(site, kind);
        add(&mut line.counts[class as usize], 1);
        add(&mut line.bytes, moved.unwrap_or(0));
        if moved.is_some() {
            add(&mut self.echoes, exit.echoed.into());
            raise(&mut self.pending_peak_bytes, exit.pending.into());
        }
        let Some(row) = self.socket_mut(id) else { return };
        add(
            &mut row.calls_by_kind[kind as usize],
            (class != Class::Paused).into(),
        );
        add(&mut row.would_blocks, (class == Class::WouldBlock).into());
        let Some(moved) = moved else { return };
        if kind == Kind::Read {
            add(&mut row.bytes_in, moved);
            raise(&mut row.pending_peak_bytes, exit.pending.into());
        } else {
            add(&mut row.bytes_out, moved);
            add(&mut row.echoes, exit.echoed.into());
        }
        (row.pending_bytes, row.unframed_bytes) = (exit.pending, exit.unframed);
    }

    /// Counts a run of would-block calls; their sockets are not known.
    fn apply_run(&mut self, thread: ThreadId, calls: u64, passes: u64) {
        if thread.0 < MAX_THREADS {
            let none = ThreadNow { thread, ..ThreadNow::default() };
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
            Note::Opened { socket, peer }
                if (socket.0 as usize) < KEPT_SOCKETS =>
            {
                let first = SocketCount::new(socket, peer);
                row(&mut self.sockets, |it| it.id, first);
            }
            Note::Closed { socket, end, unsent } => {
                if let Some(row) = self.socket_mut(socket) {
                    if row.end.is_none() {
                        (row.end, row.unsent_bytes) =
                            (Some(end), unsent.into());
                    }
                    (row.pending_bytes, row.unframed_bytes) = (0, 0);
                }
            }
            Note::Task { task, now } => self.apply_task(at, task, now),
            Note::Step(step) => self.turns.come_to(step, at),
            Note::Timers { set, wait } => self.turns.count_timers(set, wait),
            _ => {}
        }
        self.sum_up(at, note);
    }

    fn apply_task(&mut self, at: Nanos, id: TaskId, now: TaskNow) {
        if id.0 as usize >= KEPT_TASKS {
            return self.turns.leave_out(id);
        }
        let none = TaskCount::new(id, at);
        let row = row(&mut self.tasks, |it| it.task, none);
        let (was, took) = row.come_to(now, at);
        let ready = &mut self.turns.ready;
        add(ready, (now == TaskNow::Ready).into());
        *ready = ready.saturating_sub((was == TaskNow::Ready).into());
        if let TaskNow::Paused { kind: Kind::Write, socket, .. } = was {
            self.time_write(socket, took);
        }
    }

    /// Adds a note to the sums over all connections, including those without
    /// a row, and to the phases.
    pub(super) fn sum_up(&mut self, at: Nanos, note: &Note) {
        let concern = |on: &mut Option<Concerned>, socket| {
            let on =
                on.get_or_insert(Concerned { connections: 0, first: socket });
            add(&mut on.connections, 1);
            on.first = on.first.min(socket);
        };
        match *note {
            Note::Opened { socket, .. } => {
                add(&mut self.connections, (socket != LISTENER).into());
            }
            Note::Closed { socket, end, unsent } => {
                let mut on = self.ends.remove(&end);
                concern(&mut on, socket);
                self.ends.extend(on.map(|on| (end, on)));
                if unsent > 0 {
                    add(&mut self.unsent_bytes, unsent.into());
                    concern(&mut self.unsent_on, socket);
                }
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
            Note::LeftWaiting { clients } => {
                add(&mut self.left_waiting, clients.into());
            }
            Note::CallFailed { operation, error, .. } => {
                self.count_failure(operation, error);
            }
            Note::NeverRetrieved { .. } => add(&mut self.never_retrieved, 1),
            Note::LongRun { time, .. } => {
                add(&mut self.long_runs, 1);
                self.longest_run = self.longest_run.max(time);
            }
            _ => {}
        }
    }
}

impl Counters {
    fn count_failure(&mut self, operation: Operation, error: ErrorNumber) {
        let first = FailedCalls { operation, error, count: 0 };
        let key = |it: &FailedCalls| (it.operation, it.error);
        let calls = &mut self.failed_calls;
        let is_known = calls.binary_search_by_key(&key(&first), key).is_ok();
        if is_known || calls.len() < MOST_FAILED_CALLS {
            add(&mut row(calls, key, first).count, 1);
        }
    }
}

impl TaskCount {
    pub(super) fn new(task: TaskId, since: Nanos) -> Self {
        Self { task, since, ..Self::default() }
    }

    /// Changes the state of the task. Returns the state until now, and how
    /// long it lasted.
    pub(super) fn come_to(
        &mut self,
        now: TaskNow,
        at: Nanos,
    ) -> (TaskNow, Nanos) {
        let (was, took) = (self.now, at.since(self.since));
        if was == TaskNow::Running {
            self.running += took;
        } else if now == TaskNow::Running {
            add(&mut self.polls, 1);
        }
        if let Some(site) = now.site() {
            (self.site, self.socket) = (Some(site), None);
        }
        if let TaskNow::Paused { socket, .. } = now {
            self.socket = Some(socket);
        }
        (self.now, self.since) = (now, at);
        (was, took)
    }
}

impl TurnCount {
    /// Ends the current step and begins this one.
    pub(super) fn come_to(&mut self, step: Step, at: Nanos) {
        if let Some(last) = self.now {
            let took = at.since(self.since);
            self.last[last as usize] = took;
            self.total[last as usize] += took;
        }
        (self.now, self.since) = (Some(step), at);
        add(&mut self.turns, (step == Step::ALL[0]).into());
    }

    /// Takes the timers, and if the step that calculates it has just been made,
    /// the time-out of the selector.
    pub(super) fn count_timers(&mut self, set: u32, wait: Option<Nanos>) {
        self.timers = set.into();
        if self.now == Some(Step::CalculateTimeout) {
            self.timeout = wait;
        }
    }

    /// Counts a task that is beyond those that have a row.
    pub(super) fn leave_out(&mut self, id: TaskId) {
        let beyond = u64::from(id.0) + 1 - KEPT_TASKS as u64;
        raise(&mut self.not_kept, beyond);
    }
}

fn add(to: &mut u64, more: u64) {
    *to = to.saturating_add(more);
}

fn raise(to: &mut u64, least: u64) {
    *to = (*to).max(least);
}

/// The row with the key of `none`, which is inserted if there is no such row.
fn row<T, K: Ord>(rows: &mut Vec<T>, key: fn(&T) -> K, none: T) -> &mut T {
    let place = rows.binary_search_by_key(&key(&none), key);
    let place = place.unwrap_or_else(|place| {
        rows.insert(place, none);
        place
    });
    &mut rows[place]
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::any_event::{notes, outcomes};
    use crate::probe::{Call, Clock, Outcome, Probe as _, Tally, Tap};
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
        Call { call: (Kind, u32, bool), exit: (Outcome, u32, u32) },
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

    fn acts() -> impl Strategy<Value = Act> {
        let kinds = select(Kind::OF_MODES.to_vec());
        let call = (kinds, 0..SOCKETS, any::<bool>());
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
        let all = [here(), here(), here(), here(), here()];
        let mut calls = Kind::OF_MODES.into_iter().zip(all);
        calls.find(|(it, _)| *it == kind).unwrap().1
    }

    /// Removes what a run of calls that would have blocked does not show.
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

    #[test]
    fn the_calls_of_a_run_count_for_their_thread() {
        let (since, at, thread) = (Nanos(1), Nanos(2), ThreadId(3));
        let (calls, passes) = (9, 3);
        let mut it = Counters::default();
        it.apply(&Event::Idle { since, at, thread, calls, passes });
        assert_eq!((it.threads[0].thread, it.threads[0].calls), (thread, 9));
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
            // The clock stands, so that both probes see the same times.
            let clock = Clock::steered();
            clock.stand(true);
            let tally = Arc::new(Tally::new(clock.clone()));
            let (tap, events) = Tap::new(1_000, clock.clone(), true);
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
                let socket = SocketId(socket);
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
