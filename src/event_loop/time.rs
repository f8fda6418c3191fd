//! Pauses until a time, and time-outs.

use super::tasks::Tasks;
use super::timers::TimerId;
use crate::probe::{Probe, Site, TaskNow};
use std::io;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

impl<P: Probe> Tasks<P> {
    /// Paused for so long.
    ///
    /// # Errors
    /// [`cancelled`](super::cancelled).
    #[track_caller]
    pub fn sleep(&self, time: Duration) -> Sleep<P> {
        self.sleep_until(self.now() + time)
    }

    /// Paused until then.
    ///
    /// # Errors
    /// [`cancelled`](super::cancelled).
    #[track_caller]
    pub fn sleep_until(&self, at: Instant) -> Sleep<P> {
        let (tasks, site) = (self.clone(), Location::caller().into());
        Sleep { tasks, at, site, timer: None }
    }

    /// What the future has come to by then; `None` if it had not, was
    /// cancelled for it, and has cleaned up. As in asyncio (`wait_for`) that
    /// can be later than the time: the clean-up is waited for.
    ///
    /// # Errors
    /// [`cancelled`](super::cancelled), if the future does not find that.
    #[track_caller]
    pub fn timeout<F: Future>(&self, time: Duration, it: F) -> Timeout<P, F> {
        self.timeout_at(self.now() + time, it)
    }

    /// The same with the time by the clock.
    ///
    /// # Errors
    /// As [`timeout`](Self::timeout).
    #[track_caller]
    pub fn timeout_at<F: Future>(&self, at: Instant, it: F) -> Timeout<P, F> {
        let (sleep, is_over) = (self.sleep_until(at), false);
        Timeout { inner: Some(Box::pin(it)), sleep, is_over }
    }
}

/// See [`Tasks::sleep`].
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
        let task = tasks.pauses(TaskNow::Sleeping { time, site: *site });
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

/// See [`Tasks::timeout`].
pub struct Timeout<P: Probe, F> {
    inner: Option<Pin<Box<F>>>,
    sleep: Sleep<P>,
    is_over: bool,
}

impl<P: Probe, F: Future> Future for Timeout<P, F> {
    type Output = io::Result<Option<F::Output>>;

    fn poll(
        self: Pin<&mut Self>,
        with: &mut Context<'_>,
    ) -> Poll<Self::Output> {
        let this = self.get_mut();
        let polled = this.poll_inner(with);
        if polled.is_ready() || this.is_over {
            return polled;
        }
        let tasks = this.sleep.tasks.clone();
        let pause = tasks.with_current(|current| current.pause);
        if Pin::new(&mut this.sleep).poll(with)?.is_pending() {
            // It is the inner pause that tells what it waits for.
            tasks.pauses(pause.unwrap_or(TaskNow::Waiting));
            return Poll::Pending;
        }
        this.is_over = true;
        tasks.with_current(|current| current.is_cancelled = true);
        let polled = this.poll_inner(with);
        let ignored = tasks.with_current(|it| mem::take(&mut it.is_cancelled));
        if ignored == Some(true) {
            this.inner = None;
            return Poll::Ready(Ok(None));
        }
        polled
    }
}

impl<P: Probe, F: Future> Timeout<P, F> {
    fn poll_inner(
        &mut self,
        with: &mut Context<'_>,
    ) -> Poll<io::Result<Option<F::Output>>> {
        let Some(inner) = &mut self.inner else { return Poll::Pending };
        let Poll::Ready(output) = inner.as_mut().poll(with) else {
            return Poll::Pending;
        };
        self.inner = None;
        if !self.is_over {
            return Poll::Ready(Ok(Some(output)));
        }
        // It was told for this reason only; its task goes on.
        let tasks = &self.sleep.tasks;
        tasks.with_current(|current| current.was_told = false);
        Poll::Ready(Ok(None))
    }
}
