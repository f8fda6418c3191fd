//! How a task is made ready: by the loop itself, or by a waker, from any
//! thread.
//!
//! Other threads access only this part of the loop, so it stands by itself:
//! `tests/alone/wake_ups.rs` runs it through every order of its steps.

use super::sync::{AtomicBool, Mutex, PoisonError, SeqCst};
use crate::probe::TaskId;
use std::sync::Arc;
use std::task::Wake;

/// What a turn can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runnable {
    /// Polls this task.
    Task(TaskId),
    /// Runs the callback of a signal: the server is asked to stop.
    Stop,
}

/// Lets any thread send a task or a callback to the loop.
pub(super) struct Remote {
    pub(super) inbox: Inbox<Runnable>,
    /// Ends the selector's sleep, from any thread.
    alarm: Box<dyn Fn() + Send + Sync>,
}

impl Remote {
    pub(super) fn new(alarm: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { inbox: Inbox::new(), alarm: Box::new(alarm) })
    }

    /// Has the loop run this in its next turn, and wakes the loop if it sleeps.
    pub(super) fn send(&self, runnable: Runnable) {
        if self.inbox.put(runnable) {
            (self.alarm)();
        }
    }
}

/// One task's waker; see [`std::task::Wake`].
pub(super) struct TaskWaker {
    task: TaskId,
    /// Whether the task is queued, or about to be: however often it is
    /// woken, it runs once.
    is_ready: AtomicBool,
    remote: Arc<Remote>,
}

impl TaskWaker {
    pub(super) fn new(task: TaskId, remote: &Arc<Remote>) -> Arc<Self> {
        let (is_ready, remote) = (AtomicBool::new(false), remote.clone());
        Arc::new(Self { task, is_ready, remote })
    }

    /// Whether the caller of this has to queue the task.
    pub(super) fn becomes_ready(&self) -> bool {
        !self.is_ready.swap(true, SeqCst)
    }

    /// Whether the task is queued to run.
    pub(super) fn is_ready(&self) -> bool {
        self.is_ready.load(SeqCst)
    }

    /// The task begins to run: from now on it can become ready again.
    pub(super) fn runs(&self) {
        // A swap, not a store: it synchronizes with the last wake-up, and so
        // the task sees what was done before that wake-up.
        self.is_ready.swap(false, SeqCst);
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.becomes_ready() {
            self.remote.send(Runnable::Task(self.task));
        }
    }
}

/// The items that were put in since the loop last took them.
pub(super) struct Inbox<T> {
    items: Mutex<Vec<T>>,
    /// The loop sleeps, or is about to, and has not been woken yet. The flag
    /// is only ever swapped, so that each change sees the one before.
    asleep: AtomicBool,
}

impl<T> Inbox<T> {
    pub(super) fn new() -> Self {
        let (items, asleep) = (Mutex::new(Vec::new()), AtomicBool::new(false));
        Self { items, asleep }
    }

    /// Puts the item in. Returns whether the loop must be woken for it: only
    /// the first of several items that arrive during one sleep wakes it.
    pub(super) fn put(&self, item: T) -> bool {
        self.with_items(|items| items.push(item));
        self.asleep.swap(false, SeqCst)
    }

    /// Returns whether the inbox is empty, before a sleep. From now on
    /// [`put`](Self::put) asks its caller to wake the loop.
    pub(super) fn may_sleep(&self) -> bool {
        // The order matters: an item that is put in between the two is found
        // here, or else its sender finds the flag.
        self.asleep.swap(true, SeqCst);
        self.with_items(|items| items.is_empty())
    }

    /// Moves all items into the vector, in the order in which they were put in.
    pub(super) fn take(&self, into: &mut Vec<T>) {
        self.asleep.swap(false, SeqCst);
        self.with_items(|items| into.append(items));
    }

    fn with_items<R>(&self, act: impl FnOnce(&mut Vec<T>) -> R) -> R {
        let items = self.items.lock();
        act(&mut items.unwrap_or_else(PoisonError::into_inner))
    }
}
