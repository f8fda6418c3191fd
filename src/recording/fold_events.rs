//! What each event adds to the counters: as [`Tally`](crate::probe::Tally)
//! counts the calls and notes themselves.

use super::codes::end_code;
use super::columns::{line, socket, sum, task, thread, turn};
use super::encode::nanoseconds;
use super::fold::CounterFold;
use super::rows::{self, Row};
use crate::probe::{
    Class, End, Event, Kind, LISTENER, Limit, Note, Outcome, SocketId, Step,
    TaskId, TaskNow, ThreadId,
};
use std::time::Duration;

impl CounterFold {
    pub(super) fn fold(&mut self, event: &Event) {
        match *event {
            Event::Enter { thread, kind, socket, site, .. } => {
                let place = self.number(site, Some(kind));
                self.change(of_thread(thread), |row| {
                    enter(row, place, socket, true);
                    add(&mut row[thread::CALLS], 1);
                });
            }
            Event::Exit { .. } => self.exit(event),
            Event::Idle { .. } => self.idle(event),
            Event::Note { at, note, .. } => self.note(at.0, &note),
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
            ..
        } = *event
        else {
            return;
        };
        let place = self.number(site, Some(kind));
        self.change(of_thread(thread), |row| {
            // A call that did not tell when it was entered counts now.
            let told = row[thread::IN_CALL] != 0;
            enter(row, place, socket, false);
            add(&mut row[thread::CALLS], (!told).into());
        });
        let class = Class::of(outcome);
        self.change((rows::LINES, place), |row| {
            add(&mut row[class as usize], 1);
            if let Outcome::Bytes(bytes) = outcome {
                add(&mut row[line::BYTES], bytes.into());
            }
        });
        if kind == Kind::Write && entered < at {
            self.slept_in_write(socket, at.since(entered).duration());
        }
        self.count_call(event, class);
    }

    fn count_call(&mut self, event: &Event, class: Class) {
        let Event::Exit { kind, socket, outcome, pending, echoed, .. } = *event
        else {
            return;
        };
        let moved = match outcome {
            Outcome::Bytes(bytes) => Some(u64::from(bytes)),
            Outcome::EndOfFile => Some(0),
            _ => None,
        };
        if moved.is_some() {
            self.change((rows::SUMS, 0), |row| {
                add(&mut row[sum::ECHOES], echoed.into());
                raise(&mut row[sum::PENDING_PEAK], pending.into());
            });
        }
        let key = (rows::SOCKETS, socket.0);
        if !self.has(key) {
            return;
        }
        self.change(key, |row| {
            let made = class != Class::Paused;
            add(&mut row[socket::CALLS + kind as usize], made.into());
            let in_vain = class == Class::WouldBlock;
            add(&mut row[socket::WOULD_BLOCKS], in_vain.into());
            let Some(bytes) = moved else { return };
            if kind == Kind::Read {
                add(&mut row[socket::BYTES_IN], bytes);
                raise(&mut row[socket::PENDING_PEAK], pending.into());
            } else {
                add(&mut row[socket::BYTES_OUT], bytes);
                add(&mut row[socket::ECHOES], echoed.into());
            }
            row[socket::PENDING] = pending.into();
        });
    }

    /// A run of calls that would have blocked: which lines and sockets they
    /// were made on is not told, and what of a run was counted exactly
    /// before is not counted again.
    fn idle(&mut self, event: &Event) {
        let Event::Idle { since, at, thread, calls, passes } = *event else {
            return;
        };
        let (since, at) = (since.0, at.0);
        let left = at.saturating_sub(since.max(self.exact_at));
        let part = |calls: u64| match at.saturating_sub(since) {
            0 => calls,
            all => share(calls, left, all),
        };
        let (calls, passes) = (part(calls), part(passes));
        self.change(of_thread(thread), |row| {
            add(&mut row[thread::CALLS], calls);
        });
        let reads = calls.saturating_sub(passes);
        for (kind, calls) in [(Kind::Accept, passes), (Kind::Read, reads)] {
            let mut places = self.places.iter();
            let place = places.find(|(_, it)| it.kind == Some(kind));
            if let Some((number, _)) = place.filter(|_| calls > 0) {
                self.change((rows::LINES, *number), |row| {
                    add(&mut row[Class::WouldBlock as usize], calls);
                });
            }
        }
    }

    fn slept_in_write(&mut self, socket: SocketId, time: Duration) {
        let time = nanoseconds(time).saturating_add(1);
        self.change((rows::SUMS, 0), |row| {
            raise(&mut row[sum::LONGEST_WRITE], time);
        });
        let key = (rows::SOCKETS, socket.0);
        if self.has(key) {
            self.change(key, |row| {
                raise(&mut row[socket::LONGEST_WRITE], time);
            });
        }
    }

    fn note(&mut self, at: u64, note: &Note) {
        match *note {
            Note::Opened { socket, peer } => {
                if socket != LISTENER {
                    self.add_sum(sum::CONNECTIONS, 1);
                }
                if !self.has((rows::SOCKETS, socket.0)) {
                    let row = rows::of_peer(peer);
                    self.change((rows::SOCKETS, socket.0), |it| *it = row);
                }
            }
            Note::Closed { socket, end, unsent } => {
                self.closed(socket, end, unsent);
            }
            Note::Handled { socket, .. } => self.concern(sum::HANDLED, socket),
            Note::Failed { socket, .. } => self.concern(sum::FAILED, socket),
            Note::Phase(phase) => {
                let opened = self.row((rows::SUMS, 0))[sum::CONNECTIONS];
                let left = opened.saturating_sub(self.ended());
                let key = (rows::PHASES, phase as u32);
                if !self.has(key) {
                    self.change(key, |row| (row[0], row[1]) = (at, left));
                }
            }
            Note::Paused(Limit::Connections) => {
                self.add_sum(sum::CONNECTION_PAUSES, 1);
            }
            Note::Paused(Limit::Descriptors) => {
                self.add_sum(sum::DESCRIPTOR_PAUSES, 1);
            }
            Note::Task { task, now } => self.task(at, task, now),
            Note::Step(step) => self.step(at, step),
            Note::Timers(timers) => self.change((rows::TURNS, 0), |row| {
                row[turn::TIMERS] = timers.into();
            }),
            Note::NeverRetrieved { .. } => {
                self.add_sum(sum::NEVER_RETRIEVED, 1);
            }
            Note::LongRun { time, .. } => self.change((rows::SUMS, 0), |row| {
                add(&mut row[sum::LONG_RUNS], 1);
                raise(&mut row[sum::LONGEST_RUN], time.0);
            }),
            Note::Ready { .. } | Note::Interest { .. } => {}
        }
    }

    fn add_sum(&mut self, column: usize, more: u64) {
        self.change((rows::SUMS, 0), |row| add(&mut row[column], more));
    }

    fn concern(&mut self, column: usize, socket: SocketId) {
        self.change((rows::SUMS, 0), |row| concern(row, column, socket));
    }

    fn closed(&mut self, socket: SocketId, end: End, unsent: u32) {
        let code = end_code(end);
        self.change((rows::ENDS, code), |row| concern(row, 0, socket));
        if unsent > 0 {
            self.add_sum(sum::UNSENT, unsent.into());
            self.concern(sum::UNSENT_ON, socket);
        }
        let key = (rows::SOCKETS, socket.0);
        if self.has(key) {
            self.change(key, |row| {
                if row[socket::ENDED] == 0 {
                    row[socket::ENDED] = u64::from(code) + 1;
                    row[socket::UNSENT] = unsent.into();
                }
                row[socket::PENDING] = 0;
            });
        }
    }

    fn task(&mut self, at: u64, id: TaskId, now: TaskNow) {
        let place = now.site().map_or(0, |site| self.number(site, None));
        let key = (rows::TASKS, id.0);
        if !rows::may_be(key) {
            let limit = crate::probe::KEPT_TASKS as u64;
            let beyond = u64::from(id.0) + 1 - limit;
            return self.change((rows::TURNS, 0), |row| {
                raise(&mut row[turn::NOT_KEPT], beyond);
            });
        }
        let before = self.row(key);
        self.change(key, |row| task_goes_on(row, at, now, place));
        let ready = u64::from(now == TaskNow::Ready);
        let was_ready = u64::from(before[task::NOW] == READY);
        self.change((rows::TURNS, 0), |row| {
            row[turn::READY] =
                (row[turn::READY] + ready).saturating_sub(was_ready);
        });
        if before[task::NOW] == PAUSED
            && before[task::KIND] == Kind::Write as u64
        {
            let socket = u32::try_from(before[task::NUMBER]);
            let time = at.saturating_sub(before[task::SINCE]);
            let socket = SocketId(socket.unwrap_or(u32::MAX));
            self.slept_in_write(socket, Duration::from_nanos(time));
        }
    }

    fn step(&mut self, at: u64, step: Step) {
        self.change((rows::TURNS, 0), |row| {
            let took = at.saturating_sub(row[turn::SINCE]);
            if let Some(last) = row[turn::NOW].checked_sub(1)
                && let Ok(last) = usize::try_from(last)
                && last < Step::ALL.len()
            {
                row[turn::LAST + last] = took;
                add(&mut row[turn::TOTAL + last], took);
            }
            row[turn::NOW] = step as u64 + 1;
            row[turn::SINCE] = at;
            add(&mut row[turn::TURNS], u64::from(step == Step::ALL[0]));
        });
    }
}

/// Numbers of what a task does, in its row.
const READY: u64 = 1;
const RUNNING: u64 = 2;
const PAUSED: u64 = 3;

fn task_goes_on(row: &mut Row, at: u64, now: TaskNow, place: u32) {
    let since = row[task::SINCE];
    if row[task::NOW] == RUNNING {
        add(&mut row[task::RUNNING], at.saturating_sub(since));
    } else if now == TaskNow::Running {
        add(&mut row[task::POLLS], 1);
    }
    row[task::SINCE] = at;
    rows::set_task(row, now, place.into());
}

fn of_thread(thread: ThreadId) -> rows::Key {
    (rows::THREADS, thread.0.into())
}

fn enter(row: &mut Row, place: u32, socket: SocketId, in_call: bool) {
    row[thread::PLACE] = place.into();
    row[thread::SOCKET] = socket.0.into();
    row[thread::IN_CALL] = in_call.into();
}

fn add(to: &mut u64, more: u64) {
    *to = to.saturating_add(more);
}

fn raise(to: &mut u64, least: u64) {
    *to = (*to).max(least);
}

fn concern(row: &mut Row, column: usize, socket: SocketId) {
    let first = u64::from(socket.0);
    let none = row[column] == 0;
    row[column + 1] = if none { first } else { first.min(row[column + 1]) };
    add(&mut row[column], 1);
}

fn share(calls: u64, part: u64, all: u64) -> u64 {
    let share = u128::from(calls) * u128::from(part) / u128::from(all);
    u64::try_from(share).unwrap_or(u64::MAX)
}
