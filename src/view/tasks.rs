//! The tasks of the event loop that have a row, from their exact counters.

use crate::probe::{Site, TaskCount, TaskId, TaskNow};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

/// Limit on the tasks that have a row.
pub const TASKS_SHOWN: usize = 1_000;

/// Limit on the rows of ended tasks: those that ended last are kept.
pub const ENDED_SHOWN: usize = 8;

/// How long an ended task keeps its row. A failed task keeps it until others
/// take its place.
pub const ENDED_SHOWN_FOR: Duration = Duration::from_secs(10);

/// The first task: it runs the server, and spawns the others.
const FIRST: TaskId = TaskId(0);

impl TaskCount {
    /// `serve`, `echo #3`, or `echo` while its client is not known.
    pub fn name(&self) -> String {
        match self.socket {
            _ if self.task == FIRST => "serve".into(),
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
    /// The longest time that one of them has been paused.
    pub longest: Duration,
}

/// The tasks that have a row, by number. If there are too many, paused tasks
/// with the highest numbers have none.
pub(super) fn rows(tasks: &[TaskCount], now: Duration) -> Vec<TaskCount> {
    let (mut ended, mut rows): (Vec<_>, Vec<_>) =
        tasks.iter().copied().partition(|task| task.now.has_ended());
    ended.retain(|task| {
        let failed = matches!(task.now, TaskNow::Failed(_));
        failed || time_since(task, now) < ENDED_SHOWN_FOR
    });
    ended.sort_by_key(|task| Reverse((task.since, task.task)));
    ended.truncate(ENDED_SHOWN);
    rows.sort_by_key(|task| (is_paused(task.now), task.task));
    rows.truncate(TASKS_SHOWN - ENDED_SHOWN);
    rows.extend(ended);
    rows.sort_by_key(|task| task.task);
    for task in rows.iter_mut().filter(|it| it.now == TaskNow::Running) {
        task.running += time_since(task, now).into();
    }
    rows
}

fn time_since(task: &TaskCount, now: Duration) -> Duration {
    now.saturating_sub(task.since.duration())
}

pub(super) const fn is_paused(now: TaskNow) -> bool {
    !now.has_ended() && !matches!(now, TaskNow::Ready | TaskNow::Running)
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
