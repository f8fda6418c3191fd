//! The tasks of the event loop and its turn, from their exact registers.

use crate::probe::Counters;
use crate::view::{Site, SocketId, Step, TaskCount, TaskId, TaskNow};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

/// Limit on the tasks that have a row.
pub const TASKS_SHOWN: usize = 1_000;

/// Limit on the rows of ended tasks: the last to end are kept.
pub const ENDED_SHOWN: usize = 8;

/// How long an ended task keeps its row. A failed task keeps it until others
/// take its place.
pub const ENDED_SHOWN_FOR: Duration = Duration::from_secs(10);

/// The first task: it runs the server, and spawns the others.
const FIRST: TaskId = TaskId(0);

/// One task of the event loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskView {
    /// Its number.
    pub id: TaskId,
    /// The client that it serves, as far as that is known: it is when the
    /// task has waited for it.
    pub socket: Option<SocketId>,
    /// What it does.
    pub now: TaskNow,
    /// For how long it has done that.
    pub since: Duration,
    /// How often the loop ran it.
    pub polls: u64,
    /// For how long the loop ran it, all in all.
    pub running: Duration,
    /// The line of the `await` at which it last paused.
    pub site: Option<Site>,
}

impl TaskView {
    /// `serve`, `echo #3`, or `echo` while its client is not known.
    #[must_use]
    pub fn name(&self) -> String {
        match self.socket {
            _ if self.id == FIRST => "serve".into(),
            Some(socket) => format!("echo {socket}"),
            None => "echo".into(),
        }
    }
}

/// A line at which tasks are paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AwaitView {
    /// The line of the `await`.
    pub site: Site,
    /// How many tasks are paused there.
    pub tasks: u64,
    /// The longest that one of them has been.
    pub longest: Duration,
}

/// The event loop's turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TurnView {
    /// The step that it is in; `None` before the first turn, and in a mode
    /// without tasks.
    pub now: Option<Step>,
    /// How long it has been in it.
    pub since: Duration,
    /// How long each of [`Step::ALL`] took when it was last over.
    pub last: [Duration; Step::ALL.len()],
    /// Tasks that are ready.
    pub ready: u64,
    /// Timers that are waiting.
    pub timers: u64,
    /// Tasks that are paused.
    pub paused: u64,
    /// Tasks that have not ended.
    pub alive: u64,
    /// Tasks that are not counted here, as there were too many.
    pub not_kept: u64,
    /// Turns so far.
    pub turns: u64,
    /// Turns a second, lately.
    pub turns_per_s: u64,
}

/// The tasks that have a row, by number. While there are too many, those that
/// are paused have none, the last ones first.
pub(super) fn rows(tasks: &[TaskCount], now: Duration) -> Vec<TaskView> {
    let (ended, mut rows): (Vec<&TaskCount>, Vec<&TaskCount>) =
        tasks.iter().partition(|task| task.now.has_ended());
    rows.sort_by_key(|task| (is_paused(task.now), task.task));
    rows.truncate(TASKS_SHOWN - ENDED_SHOWN);
    rows.extend(last_ended(ended, now));
    rows.sort_by_key(|task| task.task);
    rows.into_iter().map(|task| row(task, now)).collect()
}

fn last_ended(mut ended: Vec<&TaskCount>, now: Duration) -> Vec<&TaskCount> {
    ended.retain(|task| {
        let failed = matches!(task.now, TaskNow::Failed(_));
        failed || time_since(task, now) < ENDED_SHOWN_FOR
    });
    ended.sort_by_key(|task| Reverse((task.since, task.task)));
    ended.truncate(ENDED_SHOWN);
    ended
}

fn time_since(task: &TaskCount, now: Duration) -> Duration {
    now.saturating_sub(task.since.duration())
}

fn row(task: &TaskCount, moment: Duration) -> TaskView {
    let TaskCount { task: id, now, polls, running, socket, site, .. } = *task;
    let (since, mut running) = (time_since(task, moment), running.duration());
    if now == TaskNow::Running {
        running = running.saturating_add(since);
    }
    TaskView { id, socket, now, since, polls, running, site }
}

const fn is_paused(now: TaskNow) -> bool {
    matches!(
        now,
        TaskNow::Paused { .. }
            | TaskNow::Sleeping { .. }
            | TaskNow::Joining { .. }
            | TaskNow::Waiting
    )
}

/// The lines at which tasks are paused, of all tasks.
pub(super) fn awaits(tasks: &[TaskCount], now: Duration) -> Vec<AwaitView> {
    let mut lines = BTreeMap::new();
    for task in tasks {
        let Some(site) = task.now.site() else { continue };
        let none = AwaitView { site, tasks: 0, longest: Duration::ZERO };
        let line = lines.entry(site).or_insert(none);
        line.tasks += 1;
        line.longest = line.longest.max(time_since(task, now));
    }
    lines.into_values().collect()
}

/// The turn, with the tasks by what they do.
pub(super) fn turn(
    counters: &Counters,
    turns_per_s: u64,
    now: Duration,
) -> TurnView {
    let turns = &counters.turns;
    let count = |such: fn(TaskNow) -> bool| {
        counters.tasks.iter().filter(|task| such(task.now)).count() as u64
    };
    TurnView {
        now: turns.now,
        since: now.saturating_sub(turns.since.duration()),
        last: turns.last.map(crate::units::Nanos::duration),
        ready: turns.ready,
        timers: turns.timers,
        paused: count(is_paused),
        alive: count(|now| !now.has_ended()),
        not_kept: turns.not_kept,
        turns: turns.turns,
        turns_per_s,
    }
}
