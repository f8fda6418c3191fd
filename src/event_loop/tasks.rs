//! The tasks of a loop: how they are spawned, run and made ready.

use super::join::{Ending, JoinHandle, Slot};
use super::state::{Coroutine, Current, LoopState, Task};
use super::waker::{Remote, Runnable, TaskWaker};
use crate::net::{SelectorHandle, ServerOptions, Stop};
use crate::probe::{Moment, Note, Probe, SocketId, TaskId, TaskNow};
use std::cell::{Cell, RefCell, RefMut};
use std::io;
use std::mem;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// A task that runs for longer than this without a pause is reported, as by
/// asyncio in its debug mode (`slow_callback_duration`).
const LONG_RUN: Duration = Duration::from_millis(100);

/// The task that [`super::run`] spawns; its end cancels the others.
pub(super) const FIRST: TaskId = TaskId(0);

/// The tasks of one event loop. A coroutine uses this to spawn tasks, and to
/// read and write. asyncio calls it the running loop.
pub struct Tasks<P: Probe> {
    pub(super) context: Rc<LoopContext<P>>,
}

/// What all tasks of a loop share.
pub(super) struct LoopContext<P: Probe> {
    pub(super) state: RefCell<LoopState>,
    pub(super) remote: Arc<Remote>,
    pub(super) selector: Option<SelectorHandle>,
    pub(super) stop: Option<Arc<Stop>>,
    pub(super) options: ServerOptions,
    pub(super) probe: P,
    /// The time of notes that follow each other at once, so that the clock is
    /// read once for all of them; `None` when time may have passed.
    pub(super) moment: Cell<Option<Instant>>,
}

impl<P: Probe> Clone for Tasks<P> {
    fn clone(&self) -> Self {
        Self { context: self.context.clone() }
    }
}

impl<P: Probe> Tasks<P> {
    pub(super) fn new(context: LoopContext<P>) -> Self {
        Self { context: Rc::new(context) }
    }

    /// Runs the coroutine as a task of its own, from the next turn on.
    ///
    /// As in asyncio, a task continues if its handle is dropped; if it then
    /// fails, the loop reports that its error was never retrieved.
    #[track_caller]
    pub fn spawn<T: Ending + 'static>(
        &self,
        coroutine: impl Future<Output = T> + 'static,
    ) -> JoinHandle<T, P> {
        let task = self.next_id();
        let site = Location::caller().into();
        let slot = Slot::new(task, site, self.context.probe.clone());
        let (result, tasks) = (slot.clone(), self.clone());
        let coroutine = async move {
            let ended = coroutine.await;
            if tasks.ends_with(&ended) {
                result.set(ended);
            }
        };
        self.add(task, Box::pin(coroutine));
        JoinHandle::new(slot, self.clone())
    }

    fn next_id(&self) -> TaskId {
        let mut state = self.state();
        state.spawned += 1;
        TaskId(state.spawned - 1)
    }

    fn add(&self, id: TaskId, coroutine: Coroutine) {
        let task = Task {
            coroutine: Some(coroutine),
            waker: TaskWaker::new(id, &self.context.remote),
            is_cancelled: false,
            joiner: None,
        };
        self.state().tasks.insert(id, task);
        self.make_ready(id);
    }

    /// Runs the task until it ends, or until its next `await` that pauses it;
    /// then the loop runs the next task.
    pub(super) fn run(&self, id: TaskId) {
        let Some((mut coroutine, waker)) = self.begin(id) else { return };
        let began = P::ENABLED.then(|| self.moment());
        self.report(id, TaskNow::Running);
        self.time_passes();
        let waker = Waker::from(waker);
        let polled = coroutine.as_mut().poll(&mut Context::from_waker(&waker));
        if let Some(began) = began {
            self.report_if_long(id, began);
        }
        let Some(current) = self.state().current.take() else { return };
        match polled {
            Poll::Pending if !current.is_cancelled => {
                self.pause(coroutine, current);
            }
            // It paused on a future that does not check for cancellation.
            Poll::Pending => {
                drop(coroutine);
                self.end(id, TaskNow::Cancelled);
            }
            Poll::Ready(()) => self.end(id, current.pause),
        }
    }

    fn begin(&self, id: TaskId) -> Option<(Coroutine, Arc<TaskWaker>)> {
        let mut state = self.state();
        let task = state.tasks.get_mut(&id)?;
        task.waker.runs();
        let is_cancelled = mem::take(&mut task.is_cancelled);
        let taken = (task.coroutine.take()?, task.waker.clone());
        state.current =
            Some(Current { task: id, is_cancelled, ..Current::default() });
        Some(taken)
    }

    fn report_if_long(&self, task: TaskId, began: Instant) {
        let time = self.moment().saturating_duration_since(began);
        if time > LONG_RUN {
            self.note(&Note::LongRun { task, time: time.into() });
        }
    }

    fn pause(&self, coroutine: Coroutine, current: Current) {
        let mut state = self.state();
        let Some(task) = state.tasks.get_mut(&current.task) else { return };
        task.coroutine = Some(coroutine);
        let is_ready = task.waker.is_ready();
        drop(state);
        // The waker of a task that was woken while it ran reports it as ready.
        if !is_ready {
            self.report(current.task, current.pause);
        }
    }

    /// Sets how the running task has ended. Returns whether to keep the result
    /// for a joining task, which is not so if the task was cancelled. A task
    /// also counts as cancelled if it ends without an error right after an
    /// `await` has reported the cancellation.
    fn ends_with<T: Ending>(&self, ended: &T) -> bool {
        let is_news = !ended.is_cancelled();
        self.with_current(|current| {
            current.pause = match ended.failure() {
                Some((_, end)) if is_news => TaskNow::Failed(end),
                None if !current.was_notified => TaskNow::Done,
                _ => TaskNow::Cancelled,
            };
        });
        is_news
    }

    fn end(&self, id: TaskId, how: TaskNow) {
        self.time_passes();
        let ended = self.state().tasks.remove(&id);
        self.report(id, how);
        let waiting = mem::take(&mut self.state().until_end);
        let joiner = ended.and_then(|task| task.joiner);
        for task in joiner.into_iter().chain(waiting) {
            self.make_ready(task);
        }
        if id == FIRST {
            // The wake-up for that phase must not cancel them a second time.
            self.state().is_cut = true;
            self.enter_cancelling();
            self.cancel_others(FIRST);
        }
    }

    /// Drops every task, because each holds a reference to the loop.
    pub(super) fn drop_all(&self) {
        let tasks = mem::take(&mut self.state().tasks);
        drop(tasks);
    }

    /// Queues the task for the next turn, unless it is queued already.
    #[inline]
    pub(super) fn make_ready(&self, id: TaskId) {
        let mut state = self.state();
        let Some(task) = state.tasks.get(&id) else { return };
        if task.waker.becomes_ready() {
            state.ready.push_back(Runnable::Task(id));
            drop(state);
            self.report(id, TaskNow::Ready);
        }
    }

    /// The selector reported the socket: it is ready, or its deadline is over.
    pub(super) fn socket_is_ready(&self, socket: SocketId) {
        let task = self.state().wake(socket);
        if let Some(task) = task {
            self.make_ready(task);
        }
    }

    /// The socket cannot be watched: its task is woken and gets the error.
    pub(super) fn fail_wait(&self, socket: SocketId, error: io::Error) {
        self.state().fail(socket, error);
        self.socket_is_ready(socket);
    }

    pub(super) fn make_due_ready(&self) {
        let now = self.now();
        loop {
            let due = self.state().timers.take_due(now);
            let Some(task) = due else { break };
            self.make_ready(task);
        }
    }

    /// Reports to the probe how many timers are set, as tasks and events change
    /// them, and until when the selector may sleep.
    pub(super) fn report_timers(&self, until: Option<Instant>) {
        if !P::ENABLED {
            return;
        }
        let set = self.state().timers.len();
        let set = u32::try_from(set).unwrap_or(u32::MAX);
        let wait =
            until.map(|at| at.saturating_duration_since(self.now()).into());
        self.context.probe.note(&Note::Timers { set, wait });
    }

    /// Queues what wakers have sent, from this thread or others.
    pub(super) fn take_woken(&self) {
        let mut woken = Vec::new();
        self.context.remote.inbox.take(&mut woken);
        for runnable in woken {
            self.state().ready.push_back(runnable);
            if let Runnable::Task(task) = runnable
                && self.is_alive(task)
            {
                self.report(task, TaskNow::Ready);
            }
        }
    }

    /// All tasks that have not ended except `than`, in the order in which they
    /// were spawned.
    pub(super) fn others(&self, than: TaskId) -> Vec<TaskId> {
        let state = self.state();
        state.tasks.keys().copied().filter(|id| *id != than).collect()
    }

    /// The first of the [`others`](Self::others); `None` if there are none.
    pub(super) fn any_other(&self, than: TaskId) -> Option<TaskId> {
        let state = self.state();
        state.tasks.keys().copied().find(|id| *id != than)
    }

    /// Whether any task has not ended.
    pub(super) fn any_is_alive(&self) -> bool {
        !self.state().tasks.is_empty()
    }

    pub(super) fn is_alive(&self, task: TaskId) -> bool {
        self.state().tasks.contains_key(&task)
    }

    /// Whether nothing is ready. If so, every wake-up from now on also wakes
    /// the selector.
    pub(super) fn may_sleep(&self) -> bool {
        let state = self.state();
        let is_idle = state.ready.is_empty() && !state.tasks.is_empty();
        is_idle && self.context.remote.inbox.may_sleep()
    }

    /// Whether no task can become ready any more: no timer is set, no task is
    /// paused on a socket, no signal can come, and no other reference to a
    /// waker exists.
    pub(super) fn is_stuck(&self) -> bool {
        let state = &mut *self.state();
        // `get_mut` synchronizes with the threads that have dropped their
        // wakers: what they woke before is visible here.
        state.timers.next().is_none()
            && state.paused.is_empty()
            && self.context.stop.is_none()
            && state
                .tasks
                .values_mut()
                .all(|task| Arc::get_mut(&mut task.waker).is_some())
    }

    /// Whether the running task may make another call before the other tasks
    /// have their turn; if not, it is queued again and has to pause.
    #[inline]
    pub(super) fn may_go_on(&self) -> bool {
        let most = self.context.options.calls_before_yield();
        // A task that never yields still has to react to a second signal.
        let most = most.or_else(|| self.is_grace_over().then_some(1));
        let task = self.with_current(|current| {
            current.calls += 1;
            let tired = most.is_some_and(|most| current.calls > most);
            // If the call is made, the task no longer waits for anything.
            current.pause = TaskNow::Waiting;
            tired.then_some(current.task)
        });
        let Some(Some(task)) = task else { return true };
        self.make_ready(task);
        false
    }

    /// Has the running task woken when the server is asked to stop, and, if
    /// `or_at_an_end` is set, when any task has ended.
    pub(super) fn wake_at_stop(&self, or_at_an_end: bool) {
        let state = &mut *self.state();
        let Some(Current { task, .. }) = state.current else { return };
        if !state.until_stop.contains(&task) {
            state.until_stop.push(task);
        }
        if or_at_an_end && !state.until_end.contains(&task) {
            state.until_end.push(task);
        }
    }

    #[inline]
    pub(super) fn with_current<R>(
        &self,
        act: impl FnOnce(&mut Current) -> R,
    ) -> Option<R> {
        self.state().current.as_mut().map(act)
    }

    /// Notes why the running task pauses, and returns its number.
    #[inline]
    pub(super) fn pauses(&self, pause: TaskNow) -> Option<TaskId> {
        self.with_current(|current| {
            current.pause = pause;
            current.task
        })
    }

    #[inline]
    pub(super) fn state(&self) -> RefMut<'_, LoopState> {
        self.context.state.borrow_mut()
    }

    pub(super) fn now(&self) -> Instant {
        self.context.probe.now()
    }

    /// The time of the notes that follow until [`time_passes`].
    ///
    /// [`time_passes`]: Self::time_passes
    pub(super) fn moment(&self) -> Instant {
        let moment = &self.context.moment;
        let now = moment.get().unwrap_or_else(|| self.now());
        moment.set(Some(now));
        now
    }

    /// The next notes have times of their own.
    pub(super) fn time_passes(&self) {
        self.context.moment.set(None);
    }

    #[inline]
    fn report(&self, task: TaskId, now: TaskNow) {
        if P::ENABLED {
            self.note(&Note::Task { task, now });
        }
    }

    fn note(&self, note: &Note) {
        let moment = Moment::from(self.context.moment.get());
        self.context.probe.note_at(note, &moment);
    }
}
