//! Exact counters, recorded as what has changed.

use crate::probe::{Counters, KEPT_SOCKETS, KEPT_TASKS, MAX_THREADS};

/// The rows of `now` that differ from those of `before`, and its sums.
pub(super) fn changes(before: &Counters, now: &Counters) -> Counters {
    Counters {
        lines: changed(&before.lines, &now.lines, |it| (it.site, it.kind)),
        sockets: changed(&before.sockets, &now.sockets, |it| it.id),
        tasks: changed(&before.tasks, &now.tasks, |it| it.task),
        threads: changed(&before.threads, &now.threads, |it| it.thread),
        phases: changed(&before.phases, &now.phases, |it| it.phase),
        ..now.without_rows()
    }
}

fn changed<T: Clone + PartialEq, K: Ord>(
    before: &[T],
    now: &[T],
    key: impl Fn(&T) -> K,
) -> Vec<T> {
    let is_new = |row: &&T| {
        let place = before.binary_search_by_key(&key(row), &key);
        place.map_or(true, |place| before[place] != **row)
    };
    now.iter().filter(is_new).cloned().collect()
}

/// Whether there may be such rows: each table in ascending order, and within
/// its limit.
pub(super) fn check_rows(counters: &Counters) -> Result<(), &'static str> {
    let is_ordered = counters.lines.is_sorted_by_key(|it| (it.site, it.kind))
        && counters.sockets.is_sorted_by_key(|it| it.id)
        && counters.tasks.is_sorted_by_key(|it| it.task)
        && counters.threads.is_sorted_by_key(|it| it.thread)
        && counters.phases.is_sorted_by_key(|it| it.phase);
    if !is_ordered {
        return Err("rows of counters are not in their order");
    }
    let (socket, task) = (counters.sockets.last(), counters.tasks.last());
    let is_within = socket.is_none_or(|it| kept(it.id.0, KEPT_SOCKETS))
        && task.is_none_or(|it| kept(it.task.0, KEPT_TASKS))
        && counters.threads.iter().all(|it| it.thread.0 < MAX_THREADS);
    is_within.then_some(()).ok_or("a row of counters beyond its limit")
}

const fn kept(number: u32, limit: usize) -> bool {
    (number as usize) < limit
}
