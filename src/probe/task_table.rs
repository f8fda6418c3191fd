//! Exact registers of the event loop: what each task and each step does.

use super::chunks::Chunks;
use super::clock::Clock;
use super::counters::{Counters, TaskCount, TurnCount};
use super::event::{End, Kind, SocketId};
use super::source::Site;
use super::task::{Step, TaskId, TaskNow};
use crate::units::Nanos;
use std::io::ErrorKind;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// How many tasks of a run have registers of their own.
pub const KEPT_TASKS: usize = 131_072;

/// How many lines with an `await` are distinguished; a mode has about five.
const MAX_SITES: usize = 64;

/// The registers while the loop writes them. One thread writes, others read;
/// neither waits.
pub(super) struct TaskTable {
    clock: Clock,
    tasks: Chunks<TaskSlot>,
    sites: [OnceLock<Site>; MAX_SITES],
    steps: [StepSlot; Step::ALL.len()],
    step: AtomicU8,
    step_since_ns: AtomicU64,
    turns: AtomicU64,
    ready: AtomicU64,
    timers: AtomicU64,
    never_retrieved: AtomicU64,
    long_runs: AtomicU64,
    longest_run_ns: AtomicU64,
    not_kept: AtomicU64,
}

#[derive(Default)]
struct TaskSlot {
    /// What it does, in one word so that it is read whole; 0: no such task.
    now: AtomicU64,
    since_ns: AtomicU64,
    polls: AtomicU64,
    running_ns: AtomicU64,
    /// The site's place in the table and the socket, each from 1.
    waited: AtomicU64,
    failed: OnceLock<End>,
}

#[derive(Default)]
struct StepSlot {
    last_ns: AtomicU64,
    total_ns: AtomicU64,
}

/// What a slot's word says; the rest of the word is a kind and a number.
const READY: u64 = 1;
const RUNNING: u64 = 2;
const PAUSED: u64 = 3;
const SLEEPING: u64 = 4;
const JOINING: u64 = 5;
const WAITING: u64 = 6;
const DONE: u64 = 7;
const FAILED: u64 = 8;
const CANCELLED: u64 = 9;

impl TaskTable {
    /// An empty table whose times are those of the clock.
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            tasks: Chunks::with_limit(KEPT_TASKS),
            sites: [const { OnceLock::new() }; MAX_SITES],
            steps: Default::default(),
            step: AtomicU8::new(0),
            step_since_ns: AtomicU64::new(0),
            turns: AtomicU64::new(0),
            ready: AtomicU64::new(0),
            timers: AtomicU64::new(0),
            never_retrieved: AtomicU64::new(0),
            long_runs: AtomicU64::new(0),
            longest_run_ns: AtomicU64::new(0),
            not_kept: AtomicU64::new(0),
        }
    }
}

impl TaskTable {
    /// A task has come to do something else. Tells whom it could not write
    /// to before, and for how long, if that was so.
    pub(super) fn set(
        &self,
        task: TaskId,
        now: TaskNow,
    ) -> Option<(SocketId, Duration)> {
        let Some(slot) = self.tasks.make(task.0 as usize) else {
            let beyond = u64::from(task.0) + 1 - KEPT_TASKS as u64;
            self.not_kept.fetch_max(beyond, Relaxed);
            return None;
        };
        let at = self.now_ns();
        let since = slot.since_ns.swap(at, Relaxed);
        let before = slot.now.load(Relaxed);
        let was = before & 0xff;
        match (was == RUNNING, now) {
            (true, _) => {
                add(&slot.running_ns, at.saturating_sub(since));
            }
            (false, TaskNow::Running) => add(&slot.polls, 1),
            (false, _) => {}
        }
        if was == READY {
            add(&self.ready, u64::MAX);
        }
        if now == TaskNow::Ready {
            add(&self.ready, 1);
        }
        if let TaskNow::Failed(end) = now {
            let _ = slot.failed.set(end);
        }
        if let Some(waited) = self.waited(now) {
            slot.waited.store(waited, Relaxed);
        }
        slot.now.store(word(now), Relaxed);
        let write = PAUSED | (Kind::Write as u64) << 8;
        let socket = socket_id(before >> 16);
        (before & 0xffff == write)
            .then(|| (socket, Duration::from_nanos(at.saturating_sub(since))))
    }

    /// The turn has come to this step.
    pub(super) fn step(&self, step: Step) {
        let at = self.now_ns();
        let since = self.step_since_ns.swap(at, Relaxed);
        let took = at.saturating_sub(since);
        let before = self.step.swap(step as u8 + 1, Relaxed);
        if let Some(slot) = self.steps.get(usize::from(before.wrapping_sub(1)))
        {
            slot.last_ns.store(took, Relaxed);
            add(&slot.total_ns, took);
        }
        if step == Step::ALL[0] {
            add(&self.turns, 1);
        }
    }

    pub(super) fn count_timers(&self, timers: u32) {
        self.timers.store(timers.into(), Relaxed);
    }

    pub(super) fn count_never_retrieved(&self) {
        add(&self.never_retrieved, 1);
    }

    pub(super) fn count_long_run(&self, time: Duration) {
        add(&self.long_runs, 1);
        let ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.longest_run_ns.fetch_max(ns, Relaxed);
    }

    /// Writes all but the rows of the tasks into the counters.
    pub(super) fn write_to(&self, counters: &mut Counters) {
        let nanos = |from: &AtomicU64| Nanos(from.load(Relaxed));
        let step = self.step.load(Relaxed).checked_sub(1);
        counters.turns = TurnCount {
            now: step.and_then(|it| Step::ALL.get(usize::from(it)).copied()),
            since: nanos(&self.step_since_ns),
            last: self.steps.each_ref().map(|step| nanos(&step.last_ns)),
            total: self.steps.each_ref().map(|step| nanos(&step.total_ns)),
            turns: self.turns.load(Relaxed),
            ready: self.ready.load(Relaxed),
            timers: self.timers.load(Relaxed),
            not_kept: self.not_kept.load(Relaxed),
        };
        counters.never_retrieved = self.never_retrieved.load(Relaxed);
        counters.long_runs = self.long_runs.load(Relaxed);
        counters.longest_run = nanos(&self.longest_run_ns);
    }

    /// A row a task.
    pub(super) fn counts(&self) -> Vec<TaskCount> {
        let all = self.tasks.iter();
        all.filter_map(|(id, slot)| self.count(id, slot)).collect()
    }

    fn count(&self, id: usize, slot: &TaskSlot) -> Option<TaskCount> {
        let word = slot.now.load(Relaxed);
        let waited = slot.waited.load(Relaxed);
        let site = self.site_at(waited >> 32);
        let socket = (waited & 0xffff_ffff).checked_sub(1).map(socket_id);
        Some(TaskCount {
            task: TaskId(u32::try_from(id).ok()?),
            now: meaning(word, site, slot.failed.get().copied())?,
            since: Nanos(slot.since_ns.load(Relaxed)),
            polls: slot.polls.load(Relaxed),
            running: Nanos(slot.running_ns.load(Relaxed)),
            socket,
            site,
        })
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.clock.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Where and for what it waits, packed; `None`: it does not wait.
    fn waited(&self, now: TaskNow) -> Option<u64> {
        let (site, socket) = match now {
            TaskNow::Paused { socket, site, .. } => (site, Some(socket)),
            TaskNow::Sleeping { site, .. } | TaskNow::Joining { site, .. } => {
                (site, None)
            }
            _ => return None,
        };
        let socket = socket.map_or(0, |socket| u64::from(socket.0) + 1);
        Some(self.site_index(site) << 32 | socket & 0xffff_ffff)
    }

    /// The site's place in the table, from 1; 0 if the table is full.
    fn site_index(&self, site: Site) -> u64 {
        let is_it = |slot: &&OnceLock<Site>| *slot.get_or_init(|| site) == site;
        let place = self.sites.iter().take_while(|slot| !is_it(slot)).count();
        if place < MAX_SITES { place as u64 + 1 } else { 0 }
    }

    fn site_at(&self, index: u64) -> Option<Site> {
        let place = usize::try_from(index.checked_sub(1)?).ok()?;
        self.sites.get(place)?.get().copied()
    }
}

fn add(to: &AtomicU64, what: u64) {
    to.fetch_add(what, Relaxed);
}

fn socket_id(number: u64) -> SocketId {
    SocketId(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Packed: what it does, a kind from bit 8, a number from bit 16.
fn word(now: TaskNow) -> u64 {
    let (tag, kind, number) = match now {
        TaskNow::Ready => (READY, 0, 0),
        TaskNow::Running => (RUNNING, 0, 0),
        TaskNow::Paused { kind, socket, .. } => {
            (PAUSED, kind as u64, u64::from(socket.0))
        }
        TaskNow::Sleeping { time, .. } => {
            let millis =
                u64::try_from(time.duration().as_millis()).unwrap_or(u64::MAX);
            (SLEEPING, 0, millis.min(u64::MAX >> 16))
        }
        TaskNow::Joining { task, .. } => (JOINING, 0, u64::from(task.0)),
        TaskNow::Waiting => (WAITING, 0, 0),
        TaskNow::Done => (DONE, 0, 0),
        TaskNow::Failed(_) => (FAILED, 0, 0),
        TaskNow::Cancelled => (CANCELLED, 0, 0),
    };
    tag | kind << 8 | number << 16
}

fn meaning(
    word: u64,
    site: Option<Site>,
    failed: Option<End>,
) -> Option<TaskNow> {
    let number = word >> 16;
    let id = u32::try_from(number).unwrap_or(u32::MAX);
    let site = site.unwrap_or(Site { file: "", line: 0 });
    Some(match word & 0xff {
        READY => TaskNow::Ready,
        RUNNING => TaskNow::Running,
        PAUSED => {
            let kind =
                *Kind::ALL.get(usize::try_from(word >> 8 & 0xff).ok()?)?;
            TaskNow::Paused { kind, socket: SocketId(id), site }
        }
        SLEEPING => TaskNow::Sleeping {
            time: Duration::from_millis(number).into(),
            site,
        },
        JOINING => TaskNow::Joining { task: TaskId(id), site },
        WAITING => TaskNow::Waiting,
        DONE => TaskNow::Done,
        FAILED => {
            TaskNow::Failed(failed.unwrap_or(End::Failed(ErrorKind::Other)))
        }
        CANCELLED => TaskNow::Cancelled,
        _ => return None,
    })
}
