//! The state of the loop: its tasks, sockets and timers.

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

/// The code of a task, not begun or paused at an `await`.
pub(super) type Coroutine = Pin<Box<dyn Future<Output = ()>>>;

/// A task that has not ended.
pub(super) struct Task {
    /// `None` while the task runs.
    pub(super) coroutine: Option<Coroutine>,
    pub(super) waker: Arc<TaskWaker>,
    /// The task was cancelled, and has not run since.
    pub(super) is_cancelled: bool,
    /// The task that joins this one: at most one, as there is one handle.
    pub(super) joiner: Option<TaskId>,
}

/// The task that runs at this moment.
#[derive(Clone, Copy, Default)]
pub(super) struct Current {
    pub(super) task: TaskId,
    /// How many calls it has made since its last pause.
    pub(super) calls: u32,
    /// Its next `await` reports the cancellation.
    pub(super) is_cancelled: bool,
    /// An `await` has reported the cancellation since the last pause.
    pub(super) was_notified: bool,
    /// A time-out around the future that is being polled has expired; the
    /// next `await` in it reports that.
    pub(super) is_over: bool,
    /// Why it pauses, or how it has ended.
    pub(super) pause: TaskNow,
}

/// What to watch a socket for; with no interest it leaves the selector.
pub(super) struct WatchChange {
    pub(super) socket: Watched,
    pub(super) interest: Option<Interest>,
    pub(super) deadline: Option<Instant>,
}

/// A socket that a task has paused on; `task` is `None` once it is woken.
pub(super) struct PausedSocket {
    pub(super) socket: Watched,
    pub(super) task: Option<TaskId>,
}

/// Sockets are looked up several times per echo. Clients cannot choose the
/// numbers, so a cheap hash is safe.
type SocketMap<T> = HashMap<SocketId, T, FixedState>;

/// All tasks of a loop, and what they wait for.
#[derive(Default)]
pub(super) struct LoopState {
    /// Every task that has not ended, in the order in which they were spawned.
    pub(super) tasks: BTreeMap<TaskId, Task>,
    /// The tasks and callbacks that the next turn runs, in this order.
    pub(super) ready: VecDeque<Runnable>,
    /// Sockets that tasks have paused on.
    pub(super) paused: SocketMap<PausedSocket>,
    /// The timers of the tasks that are paused until a time.
    pub(super) timers: Timers,
    /// Tasks to be woken when the server is asked to stop.
    pub(super) until_stop: Vec<TaskId>,
    /// Tasks to be woken when any task ends.
    pub(super) until_end: Vec<TaskId>,
    pub(super) current: Option<Current>,
    pub(super) spawned: u32,
    /// The grace period is over, and the remaining tasks have been cancelled.
    pub(super) is_cut: bool,
    /// The changes that the next registration makes.
    changes: Vec<WatchChange>,
    /// Sockets whose task has stopped waiting for them.
    left: Vec<SocketId>,
    /// Sockets that could not be watched, and why.
    failed: SocketMap<io::Error>,
}

impl LoopState {
    /// Pauses the task until the socket is ready.
    pub(super) fn pause_on(&mut self, change: WatchChange, task: TaskId) {
        let (socket, task) = (change.socket.clone(), Some(task));
        self.paused.insert(socket.id(), PausedSocket { socket, task });
        self.changes.push(change);
    }

    /// Returns the task that was paused on the ready socket, if any.
    pub(super) fn wake(&mut self, socket: SocketId) -> Option<TaskId> {
        self.paused.get_mut(&socket)?.task.take()
    }

    /// Ends the task's wait for the socket; it may pause on it again later.
    pub(super) fn leave(&mut self, socket: SocketId) {
        if let Some(wait) = self.paused.get_mut(&socket) {
            wait.task = None;
            self.left.push(socket);
        }
    }

    /// The changes since the last call. A socket that no task waits for any
    /// more is taken out of the selector, which would otherwise report it
    /// again and again.
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

    /// Takes back the emptied vector to reuse its memory.
    pub(super) fn give_back(&mut self, changes: Vec<WatchChange>) {
        self.changes = changes;
    }

    pub(super) fn fail(&mut self, socket: SocketId, error: io::Error) {
        self.failed.insert(socket, error);
    }

    /// Takes out why the socket could not be watched; `None` if it could.
    pub(super) fn failure(&mut self, socket: SocketId) -> Option<io::Error> {
        if self.failed.is_empty() { None } else { self.failed.remove(&socket) }
    }
}

/// A heap of at most this many timers is not cleared of cancelled ones.
const SMALL: usize = 100;

/// Identifies a timer so that it can be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TimerId(u64);

/// The timers of a loop. Timers with the same time are due in the order in
/// which they were set; in asyncio, in the order of the heap.
#[derive(Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, TimerId, TaskId)>>,
    live: HashSet<TimerId>,
    next: u64,
}

impl Timers {
    /// Sets a timer that makes the task ready at this time.
    pub(super) fn set(&mut self, at: Instant, task: TaskId) -> TimerId {
        let id = TimerId(self.next);
        self.next += 1;
        self.live.insert(id);
        self.heap.push(Reverse((at, id, task)));
        id
    }

    /// Cancels the timer, if it is not due yet. As in asyncio it stays in the
    /// heap until it comes to the top, or more than half are cancelled.
    pub(super) fn cancel(&mut self, id: TimerId) {
        let was_live = self.live.remove(&id);
        let cancelled = self.heap.len() - self.live.len();
        if was_live && self.heap.len() > SMALL && cancelled > self.live.len() {
            let live = &self.live;
            self.heap.retain(|Reverse((_, id, _))| live.contains(id));
        }
    }

    /// When the next timer is due; `None` if there is none.
    pub(super) fn next(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, id, _))) = self.heap.peek() {
            if self.live.contains(id) {
                return Some(*at);
            }
            self.heap.pop();
        }
        None
    }

    /// Takes out the next timer if it is due, and returns its task.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<TaskId> {
        self.next().filter(|at| *at <= now)?;
        let Reverse((_, id, task)) = self.heap.pop()?;
        self.live.remove(&id);
        Some(task)
    }

    /// The number of timers that are set.
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
