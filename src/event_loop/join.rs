//! The result of a task: how another task gets it, and how the loop reports
//! an error that no task can get any more.

use super::tasks::Tasks;
use crate::net::Failure;
use crate::probe::{End, Note, Probe, Site, SocketId, TaskId, TaskNow};
use std::cell::{Cell, RefCell};
use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::panic::Location;
use std::rc::Rc;
use std::task::Poll;

/// The result of a task, which may be an error.
pub trait Ending {
    /// The error, and the socket that it concerns, if any; `None` on success.
    fn failure(&self) -> Option<(Option<SocketId>, End)>;

    /// Whether that error is [`cancelled`] itself, as the task received it.
    fn is_cancelled(&self) -> bool {
        false
    }
}

impl Ending for () {
    fn failure(&self) -> Option<(Option<SocketId>, End)> {
        None
    }
}

impl Ending for io::Result<()> {
    fn failure(&self) -> Option<(Option<SocketId>, End)> {
        let error = self.as_ref().err()?;
        Some((None, End::Failed(error.kind())))
    }

    fn is_cancelled(&self) -> bool {
        self.as_ref().is_err_and(is_cancelled)
    }
}

impl<P: Probe> Ending for Result<(), Failure<P>> {
    fn failure(&self) -> Option<(Option<SocketId>, End)> {
        let failure = self.as_ref().err()?;
        Some((Some(failure.client.id()), failure.end))
    }

    fn is_cancelled(&self) -> bool {
        self.as_ref().is_err_and(|it| is_cancelled(&it.error))
    }
}

/// Keeps the result of a task until its handle takes it.
pub(super) struct Slot<T: Ending, P: Probe> {
    task: TaskId,
    site: Site,
    result: RefCell<Option<T>>,
    has_ended: Cell<bool>,
    probe: P,
}

impl<T: Ending, P: Probe> Slot<T, P> {
    pub(super) fn new(task: TaskId, site: Site, probe: P) -> Rc<Self> {
        let (result, has_ended) = (RefCell::default(), Cell::new(false));
        Rc::new(Self { task, site, result, has_ended, probe })
    }

    pub(super) fn set(&self, result: T) {
        self.has_ended.set(true);
        *self.result.borrow_mut() = Some(result);
    }
}

impl<T: Ending, P: Probe> Drop for Slot<T, P> {
    /// The last handle was dropped before the result was retrieved. asyncio
    /// reports this in the same words when the garbage collector finds the
    /// task.
    fn drop(&mut self) {
        let left = self.result.get_mut().as_ref();
        if let Some((socket, end)) = left.and_then(Ending::failure) {
            let (task, site) = (self.task, self.site);
            self.probe.note(&Note::NeverRetrieved { task, site, socket, end });
        }
    }
}

/// Gives the result of a task. The task continues if its handle is dropped;
/// asyncio could collect a paused task that has no other reference.
pub struct JoinHandle<T: Ending, P: Probe> {
    slot: Rc<Slot<T, P>>,
    tasks: Tasks<P>,
}

impl<T: Ending, P: Probe> JoinHandle<T, P> {
    pub(super) fn new(slot: Rc<Slot<T, P>>, tasks: Tasks<P>) -> Self {
        Self { slot, tasks }
    }

    /// The number of the task in this run.
    pub fn id(&self) -> TaskId {
        self.slot.task
    }

    /// Whether the task has ended, so that joining it does not pause.
    pub fn is_finished(&self) -> bool {
        self.slot.has_ended.get() || !self.tasks.is_alive(self.id())
    }

    /// Cancels the task: its `await` reports [`cancelled`]. It has not ended
    /// when this returns: join it to wait for its clean-up.
    pub fn cancel(&self) {
        self.tasks.cancel(self.id());
    }

    /// The result; `None` if the task has not ended or was cancelled.
    pub fn into_result(self) -> Option<T> {
        self.slot.result.take()
    }

    /// Waits for the task to end. Returns its result, or `None` if it was
    /// cancelled before it could end by itself.
    ///
    /// # Errors
    /// [`cancelled`], if the joining task is cancelled.
    #[track_caller]
    pub fn join(self) -> impl Future<Output = io::Result<Option<T>>> {
        let site = Location::caller().into();
        poll_fn(move |_| {
            self.tasks.find_cancelled()?;
            if self.is_finished() {
                return Poll::Ready(Ok(self.slot.result.take()));
            }
            let task = self.id();
            let joiner = self.tasks.pauses(TaskNow::Joining { task, site });
            if let Some(task) = self.tasks.state().tasks.get_mut(&task) {
                task.joiner = joiner;
            }
            Poll::Pending
        })
    }
}

/// The error that an `await` of a cancelled task reports.
pub fn cancelled() -> io::Error {
    io::Error::other(Cancelled)
}

/// Whether this is the error [`cancelled`].
pub fn is_cancelled(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<Cancelled>)
}

/// The source of the error [`cancelled`], by which it is recognized.
#[derive(Debug, thiserror::Error)]
#[error("the task was cancelled")]
struct Cancelled;
