//! Exact registers of the event loop: what each task and each step does.

use super::clock::Clock;
use super::counters::{Counters, KEPT_TASKS, TaskCount, TurnCount};
use super::event::{End, Kind, SocketId, Step, TaskId, TaskNow};
use super::registers::{Chunks, Count};
use super::source::Site;
use crate::units::Nanos;
use std::io::ErrorKind;
use std::sync::OnceLock;
use std::time::Duration;

/// How many lines with an `await` are distinguished; a mode has about five.
const MAX_SITES: usize = 64;

/// The registers while the loop writes them. One thread writes, others read;
/// neither waits.
pub(super) struct TaskTable {
    clock: Clock,
    tasks: Chunks<TaskSlot>,
    sites: [OnceLock<Site>; MAX_SITES],
    steps: [StepSlot; Step::COUNT],
    /// The number of the current step, from 1; 0 before the first turn.
    step: Count,
    step_since_ns: Count,
    turns: Count,
    ready: Count,
    not_kept: Count,
    pub(super) timers: Count,
    pub(super) never_retrieved: Count,
    pub(super) long_runs: Count,
    pub(super) longest_run_ns: Count,
}

#[derive(Default)]
struct TaskSlot {
    /// What it does, in one word so that it is read whole; 0: no such task.
    now: Count,
    since_ns: Count,
    polls: Count,
    running_ns: Count,
    /// The site's place in the table and the socket, each from 1.
    waited: Count,
    failed: OnceLock<End>,
}

#[derive(Default)]
struct StepSlot {
    last_ns: Count,
    total_ns: Count,
}

/// What a slot's word says, in bits 0 to 7. A kind of call follows, and from
/// bit 16 on a number.
const READY: u64 = 1;
const RUNNING: u64 = 2;
const PAUSED: u64 = 3;
const SLEEPING: u64 = 4;
const JOINING: u64 = 5;
const WAITING: u64 = 6;
const DONE: u64 = 7;
const FAILED: u64 = 8;
const CANCELLED: u64 = 9;

/// The word of a task that waits until it can write, without the socket.
const PAUSED_ON_WRITE: u64 = PAUSED | (Kind::Write as u64) << 8;

impl TaskTable {
    /// An empty table whose times are those of the clock.
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            tasks: Chunks::with_limit(KEPT_TASKS),
            sites: [const { OnceLock::new() }; MAX_SITES],
            steps: Default::default(),
            step: Count::default(),
            step_since_ns: Count::default(),
            turns: Count::default(),
            ready: Count::default(),
            not_kept: Count::default(),
            timers: Count::default(),
            never_retrieved: Count::default(),
            long_runs: Count::default(),
            longest_run_ns: Count::default(),
        }
    }

    /// A task has come to do something else. If it could not write to a
    /// socket until now, returns which one, and for how long.
    pub(super) fn set(
        &self,
        task: TaskId,
        now: TaskNow,
    ) -> Option<(SocketId, Nanos)> {
        let Some(slot) = self.tasks.make(task.0 as usize) else {
            self.not_kept.raise(u64::from(task.0) + 1 - KEPT_TASKS as u64);
            return None;
        };
        let at = Nanos::from(self.clock.elapsed());
        let took = at.since(Nanos(slot.since_ns.replace(at.0)));
        let before = slot.now.get();
        match before & 0xff {
            RUNNING => slot.running_ns.add(took.0),
            _ if now == TaskNow::Running => slot.polls.add(1_u32),
            _ => {}
        }
        if now == TaskNow::Ready {
            self.ready.add(1_u32);
        }
        if before == READY {
            self.ready.subtract_one();
        }
        if let TaskNow::Failed(end) = now {
            let _ = slot.failed.set(end);
        }
        if let Some(site) = now.site() {
            let socket = match now {
                TaskNow::Paused { socket, .. } => u64::from(socket.0) + 1,
                _ => 0,
            };
            slot.waited.set(self.site_number(site) << 32 | socket & LOW);
        }
        slot.now.set(word(now));
        (before & 0xffff == PAUSED_ON_WRITE)
            .then(|| (SocketId(low(before >> 16)), took))
    }

    /// The turn has come to this step.
    pub(super) fn step(&self, step: Step) {
        let at = Nanos::from(self.clock.elapsed());
        let took = at.since(Nanos(self.step_since_ns.replace(at.0)));
        let before = self.step.replace(step as u64 + 1);
        if let Some(before) = before.checked_sub(1) {
            let slot = &self.steps[low(before) as usize];
            slot.last_ns.set(took.0);
            slot.total_ns.add(took.0);
        }
        if step == Step::ALL[0] {
            self.turns.add(1_u32);
        }
    }

    /// Writes all but the rows of the tasks into the counters.
    pub(super) fn write_to(&self, counters: &mut Counters) {
        let step = self.step.get().checked_sub(1);
        counters.turns = TurnCount {
            now: step.map(|step| Step::ALL[low(step) as usize]),
            since: self.step_since_ns.nanos(),
            last: self.steps.each_ref().map(|step| step.last_ns.nanos()),
            total: self.steps.each_ref().map(|step| step.total_ns.nanos()),
            turns: self.turns.get(),
            ready: self.ready.get(),
            timers: self.timers.get(),
            not_kept: self.not_kept.get(),
        };
        counters.never_retrieved = self.never_retrieved.get();
        counters.long_runs = self.long_runs.get();
        counters.longest_run = self.longest_run_ns.nanos();
    }

    /// A row a task.
    pub(super) fn counts(&self) -> Vec<TaskCount> {
        let all = self.tasks.iter();
        all.filter_map(|(id, slot)| self.count(TaskId(id), slot)).collect()
    }

    fn count(&self, task: TaskId, slot: &TaskSlot) -> Option<TaskCount> {
        let word = slot.now.get();
        let waited = slot.waited.get();
        let site = waited >> 32;
        let site = site.checked_sub(1).and_then(|place| {
            self.sites.get(low(place) as usize)?.get().copied()
        });
        let failed = slot.failed.get().copied();
        Some(TaskCount {
            task,
            now: meaning(word, site.unwrap_or_default(), failed)?,
            since: slot.since_ns.nanos(),
            polls: slot.polls.get(),
            running: slot.running_ns.nanos(),
            socket: (waited & LOW).checked_sub(1).map(|it| SocketId(low(it))),
            site,
        })
    }

    /// The site's place in the table, from 1; 0 if the table is full.
    fn site_number(&self, site: Site) -> u64 {
        let mut slots = self.sites.iter().zip(1..);
        let own = slots.find(|(slot, _)| *slot.get_or_init(|| site) == site);
        own.map_or(0, |(_, number)| number)
    }
}

const LOW: u64 = u32::MAX as u64;

fn low(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn word(now: TaskNow) -> u64 {
    let (tag, kind, number) = match now {
        TaskNow::Ready => (READY, 0, 0),
        TaskNow::Running => (RUNNING, 0, 0),
        TaskNow::Paused { kind, socket, .. } => {
            (PAUSED, kind as u64, socket.0.into())
        }
        TaskNow::Sleeping { time, .. } => (SLEEPING, 0, time.0 / 1_000_000),
        TaskNow::Joining { task, .. } => (JOINING, 0, task.0.into()),
        TaskNow::Waiting => (WAITING, 0, 0),
        TaskNow::Done => (DONE, 0, 0),
        TaskNow::Failed(_) => (FAILED, 0, 0),
        TaskNow::Cancelled => (CANCELLED, 0, 0),
    };
    tag | kind << 8 | number << 16
}

fn meaning(word: u64, site: Site, failed: Option<End>) -> Option<TaskNow> {
    let number = word >> 16;
    Some(match word & 0xff {
        READY => TaskNow::Ready,
        RUNNING => TaskNow::Running,
        PAUSED => TaskNow::Paused {
            kind: *Kind::ALL.get((word >> 8 & 0xff) as usize)?,
            socket: SocketId(low(number)),
            site,
        },
        SLEEPING => {
            let time = Duration::from_millis(number).into();
            TaskNow::Sleeping { time, site }
        }
        JOINING => TaskNow::Joining { task: TaskId(low(number)), site },
        WAITING => TaskNow::Waiting,
        DONE => TaskNow::Done,
        FAILED => {
            TaskNow::Failed(failed.unwrap_or(End::Failed(ErrorKind::Other)))
        }
        CANCELLED => TaskNow::Cancelled,
        _ => return None,
    })
}
