//! How an error in a client's handler is handled, or kept.

use super::listener::Listener;
use super::options::Errors;
use super::stream::Stream;
use crate::probe::{End, Note, Probe, SocketId};
use std::io;

/// An error that left a client's handler, with the client it concerns: as
/// in Python, where an exception keeps its traceback, the traceback keeps the
/// frames, and a frame keeps the socket. While it is kept the connection is
/// open; dropping it closes the connection.
pub struct Failure<P: Probe> {
    /// The client, still connected.
    pub client: Box<Stream<P>>,
    /// The error that the handler returned.
    pub error: io::Error,
    /// How the connection ends; settled when the handler failed.
    pub end: End,
}

impl<P: Probe> Failure<P> {
    /// Passes on the result of a client's handler. Where the options say that
    /// errors are handled, one is reported and the client closed, as after
    /// success. An error caused by the end of the grace period is no failure.
    ///
    /// # Errors
    /// The failure with the client, still open, if errors are not handled.
    pub fn of(
        result: io::Result<()>,
        mut client: Stream<P>,
    ) -> Result<(), Self> {
        let Err(error) = result else { return Ok(()) };
        match client.fail() {
            Some(end) if client.shared.options.errors() != Errors::Handled => {
                Err(Self { client: Box::new(client), error, end })
            }
            _ => Ok(()),
        }
    }
}

/// Closes the connection, and keeps the error with the client's number.
impl<P: Probe> From<Failure<P>> for io::Error {
    fn from(failure: Failure<P>) -> Self {
        let Failure { client, error, .. } = failure;
        Self::new(error.kind(), OfClient { client: client.id(), error })
    }
}

/// An error of one client that has become one of the whole server.
#[derive(Debug, thiserror::Error)]
#[error("the handler of client {client} failed")]
struct OfClient {
    client: SocketId,
    #[source]
    error: io::Error,
}

impl<P: Probe> Stream<P> {
    /// Whether the server goes on with this client after a step of its
    /// handler: not once it is done, and not after an error, which is
    /// handled here: it is reported, and ends this client alone.
    pub fn goes_on(&mut self, step: io::Result<()>) -> bool {
        let went = step.map_err(|_| self.fail());
        went.is_ok() && !self.is_done()
    }

    /// Settles how the connection ends after its handler has failed, and
    /// reports it. `None`: the grace period is over, which is no failure.
    fn fail(&mut self) -> Option<End> {
        let end = self.settle()?;
        let socket = self.id();
        self.shared.probe.note(&match self.shared.options.errors() {
            Errors::Handled => Note::Handled { socket, end },
            Errors::Dropped | Errors::Kept => Note::Failed { socket, end },
        });
        Some(end)
    }
}

/// The handles of threads or tasks, one a client, whose results are
/// never asked for.
///
/// Where errors are [kept](Errors::Kept) so are the handles, and with each
/// what its thread or task has left behind: a [`Failure`] with its open
/// connection. Nothing is freed before the server stops and these are
/// dropped, however many there are: that is the mistake which this shows.
pub struct Handles<H> {
    kept: Option<Vec<H>>,
}

impl<H> Handles<H> {
    /// Creates an empty collection for the server of this listener.
    pub fn new<P: Probe>(listener: &Listener<P>) -> Self {
        let keeps = listener.shared.options.errors() == Errors::Kept;
        Self { kept: keeps.then(Vec::new) }
    }

    /// Keeps the handle, never to be joined, or drops it at once.
    pub fn take(&mut self, handle: H) {
        if let Some(kept) = &mut self.kept {
            kept.push(handle);
        }
    }
}
