//! accept, read and write, as futures that pause where a call would block.
//!
//! Each tries the call first, as asyncio's `sock_recv` does, and pauses only
//! if it would block: registration is for one operation, not for the life of
//! a socket. Unlike asyncio's, it then lets the others have their turn after
//! some calls, even if it never had to wait; see `--yield`.

use super::state::WatchChange;
use super::tasks::Tasks;
use crate::net::{Interest, Listener, Source, Stream, WatchRequest};
use crate::probe::{Kind, LISTENER, Probe, Site, SocketId, TaskNow};
use std::io;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

const READABLE: Interest = Interest { readable: true, writable: false };
const WRITABLE: Interest = Interest { readable: false, writable: true };

impl<P: Probe> Tasks<P> {
    /// Accepts the next client, and pauses until there is one. Returns `None`
    /// once the server is asked to stop and the listener is closed.
    ///
    /// # Errors
    /// Lasting errors of accept(2); [`cancelled`](super::cancelled).
    #[track_caller]
    pub fn accept<'a>(
        &'a self,
        listener: &'a mut Listener<P>,
    ) -> Accept<'a, P> {
        let operation = SocketOperation::new(self, Kind::Accept, LISTENER);
        Accept { operation, listener }
    }

    /// Reads what has arrived, and pauses until something has. Returns the
    /// number of bytes, or zero if the client will send no more.
    ///
    /// # Errors
    /// Errors of recv(2); `TimedOut` after the idle time-out;
    /// [`cancelled`](super::cancelled).
    #[track_caller]
    pub fn read<'a>(&'a self, client: &'a mut Stream<P>) -> Transfer<'a, P> {
        let operation = SocketOperation::new(self, Kind::Read, client.id());
        Transfer { operation, client }
    }

    /// Writes pending output, and pauses until there is room for some of it.
    ///
    /// # Errors
    /// Errors of send(2); `TimedOut` after the idle time-out;
    /// [`cancelled`](super::cancelled).
    #[track_caller]
    pub fn write<'a>(&'a self, client: &'a mut Stream<P>) -> Transfer<'a, P> {
        let operation = SocketOperation::new(self, Kind::Write, client.id());
        Transfer { operation, client }
    }
}

/// One operation on one socket, and whether its task is paused on it.
struct SocketOperation<'a, P: Probe> {
    tasks: &'a Tasks<P>,
    kind: Kind,
    socket: SocketId,
    /// The line where the future was made.
    location: &'static Location<'static>,
    is_paused: bool,
}

impl<'a, P: Probe> SocketOperation<'a, P> {
    #[track_caller]
    fn new(tasks: &'a Tasks<P>, kind: Kind, socket: SocketId) -> Self {
        let location = Location::caller();
        Self { tasks, kind, socket, location, is_paused: false }
    }

    /// Checks what must hold before a call is made. Pending: the other tasks
    /// have their turn first.
    fn begin(&mut self) -> Poll<io::Result<()>> {
        self.leave();
        let failure = self.tasks.state().failure(self.socket);
        self.tasks.find_cancelled()?;
        if let Some(error) = failure {
            return Poll::Ready(Err(error));
        }
        if self.tasks.may_go_on() { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Pauses until the socket is ready for the call that would block.
    fn pause<S: Source>(
        &mut self,
        source: &mut S,
        deadline: Option<Instant>,
        interest: Option<Interest>,
    ) {
        let tasks = self.tasks;
        let entry =
            tasks.context.selector.as_ref().and_then(|it| it.entry(source));
        let (kind, socket) = (self.kind, self.socket);
        let site: Site = self.location.into();
        let task = tasks.pauses(TaskNow::Paused { kind, socket, site });
        if let (Some(socket), Some(task)) = (entry, task) {
            let change = WatchChange { socket, interest, deadline };
            tasks.state().pause_on(change, task);
            self.is_paused = true;
        }
    }
}

impl<P: Probe> SocketOperation<'_, P> {
    fn leave(&mut self) {
        if mem::take(&mut self.is_paused) {
            self.tasks.state().leave(self.socket);
        }
    }
}

impl<P: Probe> Drop for SocketOperation<'_, P> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// The future of [`Tasks::accept`].
pub struct Accept<'a, P: Probe> {
    operation: SocketOperation<'a, P>,
    listener: &'a mut Listener<P>,
}

impl<P: Probe> Future for Accept<'_, P> {
    type Output = io::Result<Option<Stream<P>>>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { operation, listener } = self.get_mut();
        let begun = operation.begin();
        if !listener.goes_on(0) {
            return Poll::Ready(Ok(None));
        }
        if begun?.is_pending() {
            return Poll::Pending;
        }
        if let Some(client) = listener.try_accept_at(operation.location)? {
            return Poll::Ready(Ok(Some(client)));
        }
        // At a limit, wait for a connection to end, not for a client.
        let WatchRequest { deadline, interest, .. } = listener.request();
        let has_room = interest.readable;
        operation.pause(*listener, deadline, has_room.then_some(READABLE));
        operation.tasks.wake_at_stop(!has_room);
        Poll::Pending
    }
}

/// The future of [`Tasks::read`] and [`Tasks::write`].
pub struct Transfer<'a, P: Probe> {
    operation: SocketOperation<'a, P>,
    client: &'a mut Stream<P>,
}

impl<P: Probe> Future for Transfer<'_, P> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { operation, client } = self.get_mut();
        if operation.begin()?.is_pending() {
            return Poll::Pending;
        }
        let location = operation.location;
        let (moved, interest) = match operation.kind {
            Kind::Read => (client.try_read_at(location)?, READABLE),
            _ => (client.try_write_at(location)?, WRITABLE),
        };
        if let Some(count) = moved {
            return Poll::Ready(Ok(count));
        }
        let deadline = client.request().deadline;
        operation.pause(*client, deadline, Some(interest));
        Poll::Pending
    }
}
