//! What the loop knows of its tasks, and its timers: a heap by time.

use super::waker::{Runnable, TaskWaker};
use crate::net::{Interest, Watched};
use crate::probe::{SocketId, TaskId, TaskNow};
use foldhash::fast::FixedState;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, VecDeque};
use std::io;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

/// A task's own code, paused at an `await` or not begun.
pub(super) type Coroutine = Pin<Box<dyn Future<Output = ()>>>;

/// A task that has not ended.
pub(super) struct Task {
    /// Taken out while it runs.
    pub(super) coroutine: Option<Coroutine>,
    pub(super) waker: Arc<TaskWaker>,
    /// Its end was requested, and it has not run since.
    pub(super) is_cancelled: bool,
    /// The task that waits for its end: there is one handle to join it by.
    pub(super) joiner: Option<TaskId>,
}

/// The task that runs right now.
#[derive(Clone, Copy, Default)]
pub(super) struct Current {
    pub(super) task: TaskId,
    /// Calls that it has made since its last pause.
    pub(super) calls: u32,
    /// Its next await reports that it is cancelled.
    pub(super) is_cancelled: bool,
    /// An await has reported so since its last pause.
    pub(super) was_notified: bool,
    /// The part of it that is polled right now has a time-out that is over;
    /// its next await reports that.
    pub(super) is_over: bool,
    /// Why it pauses, if it does.
    pub(super) pause: TaskNow,
}

/// What the selector is to watch a socket for from now on.
pub(super) struct WatchChange {
    pub(super) socket: Watched,
    pub(super) interest: Option<Interest>,
    pub(super) deadline: Option<Instant>,
}

/// A socket that a task has paused on, or has just been woken by.
pub(super) struct PausedSocket {
    pub(super) socket: Watched,
    pub(super) task: Option<TaskId>,
}

/// Sockets are looked up several times an echo. Their numbers are not the
/// clients' choice, so that they need no costly hash.
type SocketMap<T> = HashMap<SocketId, T, FixedState>;

/// Everything that is paused or ready.
#[derive(Default)]
pub(super) struct LoopState {
    /// Every task that has not ended, in the order in which they were spawned.
    pub(super) tasks: BTreeMap<TaskId, Task>,
    /// What the next turn runs, in this order.
    pub(super) ready: VecDeque<Runnable>,
    /// Tasks that are paused on a socket.
    pub(super) paused: SocketMap<PausedSocket>,
    /// Tasks that are paused until a time.
    pub(super) timers: Timers,
    /// Tasks that are paused until the server is to stop.
    pub(super) until_stop: Vec<TaskId>,
    /// Tasks that are paused until any task ends.
    pub(super) until_end: Vec<TaskId>,
    pub(super) current: Option<Current>,
    pub(super) spawned: u32,
    /// The grace period is over, and the remaining tasks were cancelled.
    pub(super) is_cut: bool,
    /// What the next registration changes.
    changes: Vec<WatchChange>,
    /// Sockets whose task was made ready, or does not wait any more.
    left: Vec<SocketId>,
    /// Sockets that could not be watched.
    failed: SocketMap<io::Error>,
}

impl LoopState {
    /// The task pauses until the socket is ready.
    pub(super) fn pause_on(&mut self, change: WatchChange, task: TaskId) {
        let (socket, task) = (change.socket.clone(), Some(task));
        self.paused.insert(socket.id(), PausedSocket { socket, task });
        self.changes.push(change);
    }

    /// The socket is ready: returns the task that was paused on it, if any.
    pub(super) fn wake(&mut self, socket: SocketId) -> Option<TaskId> {
        self.paused.get_mut(&socket)?.task.take()
    }

    /// The task does not wait for the socket any more, or not yet again.
    pub(super) fn leave(&mut self, socket: SocketId) {
        if let Some(wait) = self.paused.get_mut(&socket) {
            wait.task = None;
            self.left.push(socket);
        }
    }

    /// The changes since the last call. A socket that was left, and on which
    /// no task has paused since, is taken out of the selector, which would
    /// otherwise report it again and again.
    pub(super) fn take_changes(&mut self) -> Vec<WatchChange> {
        for id in self.left.drain(..) {
            let is_left =
                self.paused.get(&id).is_some_and(|wait| wait.task.is_none());
            if is_left
                && let Some(PausedSocket { socket, .. }) =
                    self.paused.remove(&id)
            {
                let (interest, deadline) = (None, None);
                self.changes.push(WatchChange { socket, interest, deadline });
            }
        }
        mem::take(&mut self.changes)
    }

    /// Takes back the emptied vector, to reuse its memory.
    pub(super) fn give_back(&mut self, changes: Vec<WatchChange>) {
        self.changes = changes;
    }

    pub(super) fn fail(&mut self, socket: SocketId, error: io::Error) {
        self.failed.insert(socket, error);
    }

    /// Why the socket could not be watched, if it could not.
    pub(super) fn failure(&mut self, socket: SocketId) -> Option<io::Error> {
        if self.failed.is_empty() { None } else { self.failed.remove(&socket) }
    }
}

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
