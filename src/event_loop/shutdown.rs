//! How tasks are ended: a single one by cancellation, and all of them when
//! the server stops.

use super::tasks::{FIRST, Tasks};
use crate::net::Shutdown;
use crate::probe::{Phase, Probe, Site, TaskId, TaskNow};
use std::future::poll_fn;
use std::io;
use std::mem;
use std::panic::Location;
use std::task::Poll;
use std::time::Instant;

impl<P: Probe> Tasks<P> {
    /// Lets the other tasks finish within the grace period, then cancels those
    /// that are left and waits for their clean-up.
    ///
    /// # Errors
    /// [`cancelled`](super::cancelled), if the calling task is cancelled.
    #[track_caller]
    pub fn finish(&self) -> impl Future<Output = io::Result<()>> + '_ {
        let site = Location::caller().into();
        async move {
            match self.context.options.shutdown() {
                Shutdown::Shared => self.finish_together(site).await?,
                Shutdown::Sequential => self.finish_one_by_one(site).await?,
            }
            self.join_others(site).await
        }
    }

    /// One deadline for all: with a grace period of 2 s, all end by then.
    async fn finish_together(&self, site: Site) -> io::Result<()> {
        let deadline = self.deadline();
        self.timeout_at(deadline, self.join_others(site)).await?;
        self.enter_cancelling();
        self.cut();
        Ok(())
    }

    /// A well-known mistake, `wait_for` in a loop: each timer starts when the
    /// one before is over, so with a grace period of 2 s idle clients end
    /// after 2, 4, 6 s. The loop never enters the phase *cancelling*, because
    /// each client is cancelled at a time of its own.
    async fn finish_one_by_one(&self, site: Site) -> io::Result<()> {
        let grace = self.deadline() - self.now();
        for task in self.others(FIRST) {
            let joined = self.timeout(grace, self.join_id(task, site)).await?;
            if joined.is_none() {
                self.cancel(task);
                self.join_id(task, site).await?;
            }
        }
        Ok(())
    }

    fn deadline(&self) -> Instant {
        let deadline =
            self.context.stop.as_ref().and_then(|stop| stop.deadline());
        deadline.unwrap_or_else(|| self.now())
    }

    /// Enters the phase *cancelling*, unless every other task has ended.
    pub(super) fn enter_cancelling(&self) {
        let Some(stop) = &self.context.stop else { return };
        if !self.others(FIRST).is_empty() {
            stop.enter(Phase::Cancelling, &self.context.probe);
        }
    }

    /// Waits until every other task has ended.
    async fn join_others(&self, site: Site) -> io::Result<()> {
        self.join_all(site, || self.any_other(FIRST)).await
    }

    /// Waits until this task has ended.
    async fn join_id(&self, id: TaskId, site: Site) -> io::Result<()> {
        self.join_all(site, || self.is_alive(id).then_some(id)).await
    }

    /// Waits until `next` returns no task.
    async fn join_all(
        &self,
        site: Site,
        next: impl Fn() -> Option<TaskId>,
    ) -> io::Result<()> {
        poll_fn(|_| {
            self.find_cancelled()?;
            let Some(task) = next() else { return Poll::Ready(Ok(())) };
            self.pauses(TaskNow::Joining { task, site });
            self.wake_at_stop(true);
            Poll::Pending
        })
        .await
    }
}

impl<P: Probe> Tasks<P> {
    /// Cancels the task: the `await` where it is paused reports the error
    /// [`cancelled`](super::cancelled), and the task can clean up. If it is
    /// paused on a future that does not check for that, it is dropped.
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

    /// Cancels every task but the first, once the grace period is over. This is
    /// done only once: a second time would interrupt their clean-up.
    pub(super) fn cut(&self) {
        if !mem::replace(&mut self.state().is_cut, true) {
            self.cancel_others(FIRST);
        }
    }

    /// The callback of a signal: makes ready the tasks that wait for the stop,
    /// and cancels the rest if the signal ended the grace period.
    pub(super) fn answer_stop(&self) {
        self.time_passes();
        let waiting = mem::take(&mut self.state().until_stop);
        for task in waiting {
            self.make_ready(task);
        }
        if self.is_grace_over() {
            self.cut();
        }
    }

    /// Whether the grace period is over. The loop may not have reacted yet.
    pub(super) fn is_grace_over(&self) -> bool {
        self.context
            .stop
            .as_ref()
            .is_some_and(|it| it.phase() > Phase::Finishing)
    }

    /// Reports to the running task, once, that it was cancelled, or to a
    /// future within it that its time-out has expired.
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

    /// Whether [`find_cancelled`](Self::find_cancelled) would report something
    /// to the running task, or to a future within it.
    pub(super) fn is_cancel_pending(&self) -> bool {
        let pending = self.with_current(|it| it.is_cancelled || it.is_over);
        pending == Some(true)
    }
}
