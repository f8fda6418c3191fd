//! Timers: a heap by time.

use crate::probe::TaskId;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::time::Instant;

/// Cancelled timers may make up half of a heap of this size.
const SMALL: usize = 100;

/// One timer, so that it can be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TimerId(u64);

/// The timers of a loop. Those of the same time are due in the order in
/// which they were set; in asyncio they come in the heap's order.
#[derive(Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, TimerId, TaskId)>>,
    live: HashSet<TimerId>,
    next: u64,
}

impl Timers {
    /// Has the task made ready at that time.
    pub(super) fn set(&mut self, at: Instant, task: TaskId) -> TimerId {
        let id = TimerId(self.next);
        self.next += 1;
        self.live.insert(id);
        self.heap.push(Reverse((at, id, task)));
        id
    }

    /// Forgets it, if it was not due before. As in asyncio it stays in the
    /// heap until it comes to the top, or until there are many of its kind.
    pub(super) fn cancel(&mut self, id: TimerId) {
        let was_live = self.live.remove(&id);
        let cancelled = self.heap.len() - self.live.len();
        if was_live && self.heap.len() > SMALL && cancelled > self.live.len() {
            let live = &self.live;
            self.heap.retain(|Reverse((_, id, _))| live.contains(id));
        }
    }

    /// When the next one is due.
    pub(super) fn next(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, id, _))) = self.heap.peek() {
            if self.live.contains(id) {
                return Some(*at);
            }
            self.heap.pop();
        }
        None
    }

    /// Takes out one that is due.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<TaskId> {
        self.next().filter(|at| *at <= now)?;
        let Reverse((_, id, task)) = self.heap.pop()?;
        self.live.remove(&id);
        Some(task)
    }

    /// How many are waiting.
    pub(super) fn len(&self) -> usize {
        self.live.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn due(timers: &mut Timers, now: Instant) -> Vec<u32> {
        std::iter::from_fn(|| timers.take_due(now)).map(|task| task.0).collect()
    }

    #[test]
    fn they_are_due_by_time_and_then_in_the_order_in_which_they_were_set() {
        let (mut timers, start) = (Timers::default(), Instant::now());
        let second = Duration::from_secs(1);
        for (task, seconds) in [(1, 2), (2, 1), (3, 2), (4, 3), (5, 1)] {
            timers.set(start + second * seconds, TaskId(task));
        }
        assert_eq!(timers.next(), Some(start + second));
        assert_eq!(due(&mut timers, start + second * 2), [2, 5, 1, 3]);
        assert!(due(&mut timers, start + second * 2).is_empty());
        assert_eq!(timers.len(), 1);
    }

    #[test]
    fn cancelled_ones_are_never_due_and_do_not_pile_up() {
        let (mut timers, now) = (Timers::default(), Instant::now());
        let first = timers.set(now, TaskId(0));
        timers.cancel(first);
        timers.cancel(first);
        assert_eq!((timers.next(), timers.len()), (None, 0));
        for n in 0..10_000 {
            let id = timers.set(now + Duration::from_secs(60), TaskId(n));
            timers.cancel(id);
        }
        assert!(timers.heap.len() <= SMALL + 1, "{}", timers.heap.len());
    }
}
