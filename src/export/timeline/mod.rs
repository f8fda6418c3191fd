//! A recording as lanes on one axis of time, of bounded size.
//!
//! Each call or note is a [`TimelineMark`] on the lane of its thread and on
//! that of its socket. While there are few, each has a mark of its own. When
//! there are more than [`Bounds::marks`], marks of the same kind that begin
//! within the same [step](Timeline::step) of a lane are merged into one, which
//! counts them, and the step doubles until they fit: where little happens,
//! single calls stay separate.
//!
//! A [detailed](Bounds::detailed) timeline is for traces: it covers the whole
//! recording, and has counters and lanes of tasks and of the gate. There, a
//! call is only on the lane of its thread.

mod gather;
mod mark;

pub(super) use gather::{Gathered, gather};
pub(super) use mark::{MarkKind, MarkSource, TimelineMark, outcome_word};

use super::ExportSubject;
use crate::load::Names;
use crate::probe::{Kind, LISTENER, Phase, Site, SocketId, TaskId, ThreadId};
use crate::units::nanoseconds;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;
use std::net::SocketAddr;

/// Limit on the threads and sockets without a lane that are counted.
const MOST_COUNTED: usize = 65_536;

/// Limit on the values of counters.
const MOST_VALUES: usize = 2_000_000;

/// Limits on the size of a timeline.
#[derive(Clone, Copy, Default)]
pub(super) struct Bounds {
    /// Marks on all lanes together.
    pub(super) marks: usize,
    pub(super) threads: usize,
    /// Lanes of sockets. In a detailed timeline, all sockets from this number
    /// on share one more lane, and tasks from this number on have none.
    pub(super) sockets: u32,
    /// Whether it is for a trace.
    pub(super) detailed: bool,
}

/// The part of a run that is shown. Times are in nanoseconds of the
/// recording's clock.
#[derive(Default)]
pub(super) struct Timeline {
    pub(super) from: u64,
    pub(super) until: u64,
    /// Marks of a kind that begin in the same step of a lane are merged. In
    /// nanoseconds; 0 if none are.
    pub(super) step: u64,
    /// How many events were read.
    pub(super) events: u64,
    pub(super) lanes: BTreeMap<Owner, TimelineLane>,
    /// Threads, sockets and tasks for which there was no room.
    pub(super) without: BTreeSet<Owner>,
    pub(super) rates: TimelineRates,
    /// When each phase began.
    pub(super) phases: Vec<(u64, Phase)>,
    /// How long threads slept in the calls of each line.
    pub(super) asleep: BTreeMap<(Site, Kind), Slept>,
    /// The values of counters, each with the time from which it holds.
    pub(super) counters: BTreeMap<CounterName, Vec<(u64, Value)>>,
    values: usize,
    bounds: Bounds,
    pub(super) marks: usize,
}

/// A counter and its unit.
type CounterName = (&'static str, &'static str);

/// The sleep in the calls of one line, added up over all threads.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slept {
    pub(super) times: u64,
    pub(super) time_ns: u64,
    pub(super) longest_ns: u64,
}

/// What a lane belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Thread(ThreadId),
    Socket(SocketId),
    // The owners below have lanes only in a detailed timeline.
    Task(TaskId),
    /// The times for which the gate held a thread.
    Held(ThreadId),
    Run,
}

/// The marks of one thread or socket.
#[derive(Default)]
pub(super) struct TimelineLane {
    /// The address of a socket's other end.
    pub(super) peer: Option<SocketAddr>,
    /// By kind, in the order in which they were added.
    pub(super) marks: BTreeMap<MarkKind, Vec<TimelineMark>>,
}

impl Timeline {
    fn new(subject: &ExportSubject, bounds: Bounds) -> Self {
        let end = nanoseconds(subject.recording.duration());
        let until = nanoseconds(subject.until).min(end);
        let (from, until) = if bounds.detailed {
            (0, u64::MAX)
        } else {
            (nanoseconds(subject.from).min(until), until)
        };
        let rates = TimelineRates::new(from, until);
        Self { from, until, rates, bounds, ..Self::default() }
    }

    /// How many threads and how many sockets have no lane.
    pub(super) fn without_lanes(&self) -> (usize, usize) {
        let is_thread = |it: &&Owner| matches!(it, Owner::Thread(_));
        let threads = self.without.iter().filter(is_thread).count();
        (threads, self.without.len() - threads)
    }

    /// The name of a lane: of a socket, its number and its client's name.
    pub(super) fn title(&self, owner: Owner, names: &Names) -> String {
        let peer = self.lanes.get(&owner).and_then(|lane| lane.peer);
        match (owner, peer.and_then(|peer| names.get(&peer))) {
            (Owner::Thread(thread), _) => format!("thread {}", thread.0),
            (Owner::Socket(LISTENER), _) => format!("{LISTENER} listener"),
            (Owner::Socket(socket), Some(name)) => format!("{socket} {name}"),
            (Owner::Socket(socket), None) => socket.to_string(),
            (Owner::Task(task), _) => format!("task {task}"),
            (Owner::Held(thread), _) => format!("thread {}, held", thread.0),
            (Owner::Run, _) => "run".into(),
        }
    }

    /// The owner of the lane that a socket is on: beyond the limit of a
    /// detailed timeline, several sockets share one.
    fn owner_of(&self, socket: SocketId) -> Owner {
        let Bounds { sockets, detailed, .. } = self.bounds;
        let last = if detailed { sockets } else { u32::MAX };
        Owner::Socket(socket.min(SocketId(last)))
    }

    /// The lane of an owner, if there is room for it.
    fn lane(&mut self, owner: Owner) -> Option<&mut TimelineLane> {
        let Bounds { marks, threads, sockets, detailed } = self.bounds;
        if owner >= Owner::Task(TaskId(0)) && !detailed {
            return None;
        }
        let lanes = || {
            let is_alike =
                |it: &&Owner| discriminant(*it) == discriminant(&owner);
            self.lanes.keys().filter(is_alike).count()
        };
        let has_room = self.lanes.contains_key(&owner)
            || marks > 0
                && match owner {
                    Owner::Thread(_) => lanes() < threads,
                    Owner::Socket(_) => detailed || lanes() < sockets as usize,
                    Owner::Task(task) => task.0 < sockets,
                    Owner::Held(_) | Owner::Run => true,
                };
        if !has_room && self.without.len() < MOST_COUNTED {
            self.without.insert(owner);
        }
        has_room.then(|| self.lanes.entry(owner).or_default())
    }

    /// Adds a mark; what lies outside the part that is shown is cut off.
    fn add(&mut self, owner: Owner, mark: TimelineMark) {
        let Some(mark) = mark.within(self.from, self.until) else { return };
        let step = self.step;
        let Some(lane) = self.lane(owner) else { return };
        let marks = lane.marks.entry(mark.what).or_default();
        match marks.last_mut() {
            Some(last) if are_one(last, &mark, step) => last.join(&mark),
            _ => {
                marks.push(mark);
                self.marks += 1;
            }
        }
        while self.marks > self.bounds.marks && self.coarsen() {}
    }

    /// Doubles the step until a quarter of the marks is merged away; false if
    /// none could be merged.
    pub(super) fn coarsen(&mut self) -> bool {
        let before = self.marks;
        let goal = before - before.div_ceil(4);
        while self.marks > goal && self.step <= self.until - self.from {
            self.step = self.step.saturating_mul(2).max(1_000);
            let lists = self.lanes.values_mut();
            let lists = lists.flat_map(|lane| lane.marks.values_mut());
            let counts = lists.map(|marks| {
                marks.dedup_by(|mark, last| {
                    let are_one = are_one(last, mark, self.step);
                    if are_one {
                        last.join(mark);
                    }
                    are_one
                });
                marks.len()
            });
            self.marks = counts.sum();
        }
        self.marks < before
    }

    /// Sets a counter from this time on; a null value leaves it as it is.
    fn count(&mut self, at: u64, name: CounterName, value: impl Into<Value>) {
        let value = value.into();
        if !self.bounds.detailed || self.values == MOST_VALUES {
            return;
        }
        let values = self.counters.entry(name).or_default();
        let is_new = values.last().is_none_or(|(_, last)| *last != value);
        if is_new && !value.is_null() {
            self.values += 1;
            values.push((at, value));
        }
    }

    /// Adds time asleep to the line of the call. A recording has a limited
    /// number of lines, so the map has too.
    fn slept(&mut self, line: (Site, Kind), (since, until): (u64, u64)) {
        let (since, until) = (since.max(self.from), until.min(self.until));
        if since < until {
            let slept = self.asleep.entry(line).or_default();
            let time = until - since;
            slept.times += 1;
            slept.time_ns = slept.time_ns.saturating_add(time);
            slept.longest_ns = slept.longest_ns.max(time);
        }
    }
}

/// Whether marks are to be merged: they begin in the same step, or are work
/// without a gap between.
fn are_one(last: &TimelineMark, next: &TimelineMark, step: u64) -> bool {
    let goes_on = next.what == MarkKind::Work && last.end == next.start;
    goes_on || step > 0 && last.start / step == next.start / step
}

/// Converts a figure for drawing.
#[expect(clippy::cast_precision_loss, reason = "exact enough to be drawn")]
pub(super) const fn float(n: u64) -> f64 {
    n as f64
}

/// How many intervals a timeline has at most.
const INTERVALS: u64 = 1_000;

/// The shortest interval, in nanoseconds.
const SHORTEST: u64 = 10_000;

/// A quantity that is counted by interval.
#[derive(Clone, Copy)]
pub(super) enum Rate {
    Echoes,
    Calls,
    WouldBlocks,
    /// Connections accepted, less those that ended.
    Opened,
}

/// Counts by interval, from events alone: those that were lost for lack of
/// room are missing.
#[derive(Default)]
pub(super) struct TimelineRates {
    from: u64,
    /// How long an interval is, in nanoseconds.
    pub(super) length: u64,
    /// Connections open at the beginning.
    pub(super) open: u64,
    /// The counts of all intervals, indexed by [`Rate`].
    pub(super) columns: [Vec<i64>; 4],
}

impl TimelineRates {
    fn new(from: u64, until: u64) -> Self {
        let time = (until - from).max(1);
        let length = time.div_ceil(INTERVALS).max(SHORTEST);
        let count = usize::try_from(time.div_ceil(length)).unwrap_or(1);
        let columns = std::array::from_fn(|_| vec![0; count]);
        Self { from, length, open: 0, columns }
    }

    /// Adds to the interval of this moment; sums saturate.
    fn add(&mut self, at: u64, rate: Rate, count: i64) {
        let column = &mut self.columns[rate as usize];
        let place = at.saturating_sub(self.from) / self.length;
        let last = column.len() - 1;
        let place = usize::try_from(place).map_or(last, |it| it.min(last));
        column[place] = column[place].saturating_add(count);
    }

    /// Spreads calls that would have blocked evenly over their time.
    fn spread_would_blocks(&mut self, since: u64, at: u64, calls: u64) {
        let first = since.max(self.from);
        let parts = (at.saturating_sub(first) / self.length + 1)
            .min(self.columns[0].len() as u64);
        let mut left = calls;
        for part in 0..parts {
            let count = left / (parts - part);
            left -= count;
            let at = first.saturating_add(part.saturating_mul(self.length));
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.add(at, Rate::Calls, count);
            self.add(at, Rate::WouldBlocks, count);
        }
    }
}
