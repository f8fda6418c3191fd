//! How a task is made ready: by the loop itself, or by anybody with a waker.

use super::inbox::Inbox;
use super::sync::{AtomicBool, SeqCst};
use crate::probe::TaskId;
use std::sync::Arc;
use std::task::Wake;

/// What may become ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runnable {
    /// A task.
    Task(TaskId),
    /// The callback of a signal: the server is to stop.
    Stop,
}

/// The way into the loop from outside.
pub(super) struct Remote {
    pub(super) inbox: Inbox<Runnable>,
    /// Ends the selector's sleep, from any thread.
    alarm: Box<dyn Fn() + Send + Sync>,
}

impl Remote {
    pub(super) fn new(alarm: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { inbox: Inbox::new(), alarm: Box::new(alarm) })
    }

    /// Has the loop run it in its next turn, and wakes the loop if it sleeps.
    pub(super) fn send(&self, runnable: Runnable) {
        if self.inbox.put(runnable) {
            (self.alarm)();
        }
    }
}

/// One task's waker; see [`std::task::Wake`].
pub(super) struct TaskWaker {
    task: TaskId,
    /// Whether it is among the ready ones, or on its way there: however
    /// often it is woken, it runs once.
    is_ready: AtomicBool,
    remote: Arc<Remote>,
}

impl TaskWaker {
    pub(super) fn new(task: TaskId, remote: &Arc<Remote>) -> Arc<Self> {
        let (is_ready, remote) = (AtomicBool::new(false), remote.clone());
        Arc::new(Self { task, is_ready, remote })
    }

    /// Whether this call is the one that has to put it among the ready.
    pub(super) fn becomes_ready(&self) -> bool {
        !self.is_ready.swap(true, SeqCst)
    }

    /// Whether it is among the ready ones.
    pub(super) fn is_ready(&self) -> bool {
        self.is_ready.load(SeqCst)
    }

    /// It runs now: from here on it can become ready again.
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
