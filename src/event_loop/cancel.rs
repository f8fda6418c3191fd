//! How a task is asked to end, and how it finds out.

use super::tasks::{FIRST, Tasks};
use crate::probe::{Phase, Probe, TaskId};
use std::io;
use std::mem;

impl<P: Probe> Tasks<P> {
    /// Asks for the task's end: at the `await` where it is paused it finds
    /// the error [`cancelled`](super::cancelled), and can still clean up. One
    /// that is paused on something that knows of no cancelling is dropped.
    pub(super) fn cancel(&self, task: TaskId) {
        if let Some(task) = self.state().tasks.get_mut(&task) {
            task.is_cancelled = true;
        }
        self.make_ready(task);
    }

    pub(super) fn cancel_others(&self, than: TaskId) {
        for task in self.others(than) {
            self.cancel(task);
        }
    }

    /// The grace period is over: every task but the first is cancelled. Only
    /// the first time: a second one would find them in their clean-up.
    pub(super) fn cut(&self) {
        if !mem::replace(&mut self.state().is_cut, true) {
            self.cancel_others(FIRST);
        }
    }

    /// The callback of a signal: makes ready the tasks that wait for the stop,
    /// and cancels the rest if the signal ended the grace period.
    pub(super) fn answer_stop(&self) {
        let waiting = mem::take(&mut self.state().until_stop);
        for task in waiting {
            self.make_ready(task);
        }
        if self.is_grace_over() {
            self.cut();
        }
    }

    /// Whether the grace period is over. The loop may not have acted on it yet.
    pub(super) fn is_grace_over(&self) -> bool {
        self.stop().is_some_and(|it| it.phase() > Phase::Finishing)
    }

    /// Reports to the running task, once, that it is cancelled, or to a part
    /// of it that its time is over.
    ///
    /// # Errors
    /// [`cancelled`](super::cancelled).
    pub(super) fn find_cancelled(&self) -> io::Result<()> {
        let was_pending = self.with_current(|current| {
            let is_over = mem::take(&mut current.is_over);
            let is_cancelled = mem::take(&mut current.is_cancelled);
            current.was_notified |= is_cancelled;
            is_cancelled || is_over
        });
        if was_pending == Some(true) { Err(super::cancelled()) } else { Ok(()) }
    }

    /// Whether [`find_cancelled`](Self::find_cancelled) would report
    /// something to the running task, or to a part of it.
    pub(super) fn is_cancel_pending(&self) -> bool {
        let pending = self.with_current(|it| it.is_cancelled || it.is_over);
        pending == Some(true)
    }
}
