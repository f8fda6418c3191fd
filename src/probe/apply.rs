//! What each event adds to the counters, as [`Tally`](super::Tally) counts
//! the calls and notes themselves.

use super::counters::{
    Class, Concerned, Counters, LineCount, PhaseMark, SocketCount, TaskCount,
    ThreadNow,
};
use super::event::{
    End, Event, Kind, LISTENER, Limit, Note, Outcome, SocketId,
};
use super::source::{MAX_THREADS, Site, ThreadId};
use super::tally::KEPT_SOCKETS;
use super::task::{Step, TaskId, TaskNow};
use super::task_table::KEPT_TASKS;
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
        let key = (site, kind);
        let place =
            self.lines.binary_search_by_key(&key, |it| (it.site, it.kind));
        let place = place.unwrap_or_else(|place| {
            self.lines.insert(place, LineCount::new(site, kind));
            place
        });
        &mut self.lines[place]
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
        let place = self.threads.binary_search_by_key(&thread, |it| it.thread);
        let place = place.unwrap_or_else(|place| {
            self.threads.insert(place, ThreadNow { in_call: false, ..now });
            place
        });
        let before = &mut self.threads[place];
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
        let class = Class::of(outcome);
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
        let place = self.threads.binary_search_by_key(&thread, |it| it.thread);
        match place {
            Ok(place) => add(&mut self.threads[place].calls, calls),
            Err(place) if thread.0 < MAX_THREADS => {
                let (kind, socket) = (Kind::Accept, LISTENER);
                let (site, in_call) = (Site::default(), false);
                let row =
                    ThreadNow { thread, site, kind, socket, in_call, calls };
                self.threads.insert(place, row);
            }
            Err(_) => {}
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
                let place =
                    self.sockets.binary_search_by_key(&socket, |it| it.id);
                if let Err(place) = place
                    && (socket.0 as usize) < KEPT_SOCKETS
                {
                    let row = SocketCount::new(socket, peer);
                    self.sockets.insert(place, row);
                }
            }
            Note::Closed { socket, end, unsent } => {
                self.close(socket, end, unsent);
            }
            Note::Handled { socket, .. } => {
                Concerned::add(&mut self.errors_handled, socket);
            }
            Note::Failed { socket, .. } => {
                Concerned::add(&mut self.errors_unhandled, socket);
            }
            Note::Phase(phase) => {
                let left = self.open();
                if self.phases.iter().all(|mark| mark.phase != phase) {
                    self.phases.push(PhaseMark { phase, at, left });
                    self.phases.sort_by_key(|mark| mark.phase);
                }
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
        let mut ended = self.ends.get(&end).copied();
        Concerned::add(&mut ended, socket);
        self.ends.extend(ended.map(|ended| (end, ended)));
        if unsent > 0 {
            add(&mut self.unsent_bytes, unsent.into());
            Concerned::add(&mut self.unsent_on, socket);
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
        let place = self.tasks.binary_search_by_key(&id, |it| it.task);
        let (place, before) = match place {
            Ok(place) => (place, Some(self.tasks[place])),
            Err(place) => (place, None),
        };
        let was = before.map(|before| before.now);
        let mut row = before.unwrap_or(TaskCount {
            task: id,
            now,
            since: at,
            polls: 0,
            running: Nanos::ZERO,
            socket: None,
            site: None,
        });
        let took = at.since(row.since);
        if was == Some(TaskNow::Running) {
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
        match before {
            Some(_) => self.tasks[place] = row,
            None => self.tasks.insert(place, row),
        }
        let ready = u64::from(now == TaskNow::Ready);
        let was_ready = u64::from(was == Some(TaskNow::Ready));
        self.turns.ready = (self.turns.ready + ready).saturating_sub(was_ready);
        if let Some(TaskNow::Paused { kind: Kind::Write, socket, .. }) = was {
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
