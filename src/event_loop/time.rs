//! Sleeps and time-outs.

use super::state::TimerId;
use super::tasks::Tasks;
use crate::probe::{Probe, Site, TaskNow};
use std::io;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

impl<P: Probe> Tasks<P> {
    /// Pauses the task for this time.
    ///
    /// # Errors
    /// [`cancelled`](super::cancelled).
    #[track_caller]
    pub fn sleep(&self, time: Duration) -> Sleep<P> {
        self.sleep_until(self.now() + time)
    }

    /// Pauses the task until this time.
    ///
    /// # Errors
    /// [`cancelled`](super::cancelled).
    #[track_caller]
    pub fn sleep_until(&self, at: Instant) -> Sleep<P> {
        let (tasks, site) = (self.clone(), Location::caller().into());
        Sleep { tasks, at, site, timer: None }
    }

    /// Returns the output of the future, or `None` if the time expires first.
    /// The future is then cancelled, and its clean-up is waited for, as in
    /// asyncio's `wait_for`: this can take longer than the time.
    ///
    /// # Errors
    /// [`cancelled`](super::cancelled), unless the output reports that.
    #[track_caller]
    pub fn timeout<F: Future>(&self, time: Duration, it: F) -> Timeout<P, F> {
        self.timeout_at(self.now() + time, it)
    }

    /// As [`timeout`](Self::timeout), with a deadline instead of a duration.
    ///
    /// # Errors
    /// As [`timeout`](Self::timeout).
    #[track_caller]
    pub fn timeout_at<F: Future>(&self, at: Instant, it: F) -> Timeout<P, F> {
        let (sleep, is_over) = (self.sleep_until(at), false);
        let inner = Some(Box::pin(it));
        Timeout { inner, sleep, is_over, is_cancelled: false }
    }
}

/// The future of [`Tasks::sleep`] and [`Tasks::sleep_until`].
pub struct Sleep<P: Probe> {
    tasks: Tasks<P>,
    at: Instant,
    site: Site,
    timer: Option<TimerId>,
}

impl<P: Probe> Future for Sleep<P> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { tasks, at, site, timer } = self.get_mut();
        tasks.find_cancelled()?;
        let time = at.saturating_duration_since(tasks.now());
        if time.is_zero() {
            return Poll::Ready(Ok(()));
        }
        let task =
            tasks.pauses(TaskNow::Sleeping { time: time.into(), site: *site });
        if let (None, Some(task)) = (*timer, task) {
            *timer = Some(tasks.state().timers.set(*at, task));
        }
        Poll::Pending
    }
}

impl<P: Probe> Drop for Sleep<P> {
    fn drop(&mut self) {
        if let Some(timer) = self.timer {
            self.tasks.state().timers.cancel(timer);
        }
    }
}

/// The future of [`Tasks::timeout`] and [`Tasks::timeout_at`].
pub struct Timeout<P: Probe, F> {
    inner: Option<Pin<Box<F>>>,
    sleep: Sleep<P>,
    is_over: bool,
    /// The future was cancelled from outside: the task was cancelled, or a
    /// time-out around this one has expired.
    is_cancelled: bool,
}

impl<P: Probe, F: Future> Future for Timeout<P, F> {
    type Output = io::Result<Option<F::Output>>;

    fn poll(
        self: Pin<&mut Self>,
        with: &mut Context<'_>,
    ) -> Poll<Self::Output> {
        let this = self.get_mut();
        let is_pending = this.sleep.tasks.is_cancel_pending();
        let polled = this.poll_inner(with);
        this.is_cancelled |=
            is_pending && !this.sleep.tasks.is_cancel_pending();
        if let Poll::Ready(output) = polled {
            return Poll::Ready(this.outcome(output));
        }
        if this.is_over || this.poll_sleep(with)?.is_pending() {
            return Poll::Pending;
        }
        this.is_over = true;
        this.end_inner(with).map(|()| this.outcome(None))
    }
}

impl<P: Probe, F: Future> Timeout<P, F> {
    fn poll_inner(
        &mut self,
        with: &mut Context<'_>,
    ) -> Poll<Option<F::Output>> {
        let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
        let polled = inner.as_mut().poll(with).map(Some);
        if polled.is_ready() {
            self.inner = None;
        }
        polled
    }

    /// Keeps the inner pause as what the task is reported to wait for.
    fn poll_sleep(&mut self, with: &mut Context<'_>) -> Poll<io::Result<()>> {
        let tasks = self.sleep.tasks.clone();
        let pause = tasks.with_current(|current| current.pause);
        let polled = Pin::new(&mut self.sleep).poll(with);
        tasks.pauses(pause.unwrap_or(TaskNow::Waiting));
        polled
    }

    /// Reports to the future that its time has expired. Ready: it has ended,
    /// or it does not check for cancellation and was dropped.
    fn end_inner(&mut self, with: &mut Context<'_>) -> Poll<()> {
        let tasks = self.sleep.tasks.clone();
        tasks.with_current(|current| current.is_over = true);
        let polled = self.poll_inner(with).map(|_| ());
        let has_seen = tasks.with_current(|it| !mem::take(&mut it.is_over));
        if has_seen == Some(true) {
            return polled;
        }
        self.inner = None;
        Poll::Ready(())
    }

    /// A result that comes too late does not count, and a task that was
    /// cancelled from outside must not go on as if only a time-out had expired.
    fn outcome(
        &self,
        output: Option<F::Output>,
    ) -> io::Result<Option<F::Output>> {
        match (self.is_over, self.is_cancelled) {
            (false, _) => Ok(output),
            (true, false) => Ok(None),
            (true, true) => Err(super::cancelled()),
        }
    }
}
