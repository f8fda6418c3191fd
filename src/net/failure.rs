//! How an error in a client's handler is handled, or kept.

use super::listener::Listener;
use super::options::Errors;
use super::stream::Stream;
use crate::probe::{End, Note, Probe, SocketId};
use std::fmt;
use std::io;

/// An error that left a client's handler, with the client it concerns: as
/// in Python, where an exception keeps its traceback, the traceback keeps the
/// frames, and a frame keeps the socket. While it is kept the connection is
/// open; dropping it closes the connection.
pub struct Failure<P: Probe>(Box<FailedHandler<P>>);

struct FailedHandler<P: Probe> {
    client: Stream<P>,
    error: io::Error,
    end: End,
}

impl<P: Probe> Failure<P> {
    /// The result of a client's handler, its error handled where the
    /// options say so; the client is closed then, as it is after success.
    /// What the end of the grace period has cut is no failure.
    ///
    /// # Errors
    /// The failure with the client, still open, if errors are not handled.
    pub fn of(result: io::Result<()>, client: Stream<P>) -> Result<(), Self> {
        let Err(error) = result else { return Ok(()) };
        let mut client = client;
        match client.fail() {
            Some(end) if client.shared.options.errors() != Errors::Handled => {
                Err(Self(Box::new(FailedHandler { client, error, end })))
            }
            _ => Ok(()),
        }
    }

    /// How the connection will have ended.
    pub const fn end(&self) -> End {
        self.0.end
    }

    /// The error.
    pub const fn error(&self) -> &io::Error {
        &self.0.error
    }

    /// The number of the client's connection.
    pub const fn socket(&self) -> SocketId {
        self.0.client.id()
    }
}

/// Closes the connection; what is left is the error with the client's number.
impl<P: Probe> From<Failure<P>> for io::Error {
    fn from(failure: Failure<P>) -> Self {
        let FailedHandler { client, error, .. } = *failure.0;
        let of = OfClient { client: client.id(), error };
        Self::new(of.error.kind(), of)
    }
}

impl<P: Probe> fmt::Debug for Failure<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({}: {})", self.socket(), self.0.error)
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

    /// Its handler has failed: settles how the connection ends, and reports it.
    /// `None`: the grace period is over, which is no failure.
    fn fail(&mut self) -> Option<End> {
        let end = self.settle()?;
        let socket = self.id();
        self.probe.note(&match self.shared.options.errors() {
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
    /// No handle yet, of a server with this listener.
    pub fn new<P: Probe>(listener: &Listener<P>) -> Self {
        let keeps = listener.options().errors() == Errors::Kept;
        Self { kept: keeps.then(Vec::new) }
    }

    /// Keeps the handle, never to be joined, or drops it at once.
    pub fn take(&mut self, handle: H) {
        if let Some(kept) = &mut self.kept {
            kept.push(handle);
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::net::{Framing, ServerOptions, Stop};
    use crate::probe::{Counters, Tally};
    use std::io::{ErrorKind, Read as _, Write as _};
    use std::net::TcpStream;
    use std::sync::Arc;
    use std::time::Duration;

    /// A client whose handler has read `boom`, and our end of it.
    struct Trial {
        tally: Arc<Tally>,
        stop: Arc<Stop>,
        result: io::Result<()>,
        stream: Stream<Arc<Tally>>,
        client: TcpStream,
    }

    fn boom(errors: Errors) -> Trial {
        let (tally, stop) = (Arc::<Tally>::default(), Stop::new());
        let framing = Framing::Lines;
        let options = ServerOptions {
            framing: Some(framing),
            boom: Some(true),
            errors: Some(errors),
            ..ServerOptions::default()
        };
        let mut listener =
            Listener::bind(&options, &stop, tally.clone()).unwrap();
        let address = listener.local_addr().unwrap();
        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(b"boom\n").unwrap();
        let mut stream = listener.accept().unwrap().unwrap();
        stream.read().unwrap();
        let result = stream.has_output().map(|_| ());
        Trial { tally, stop, result, stream, client }
    }

    fn numbers(now: &Counters) -> (u64, u64, Option<End>) {
        let many = |of: Option<crate::probe::Concerned>| {
            of.map_or(0, |it| it.connections)
        };
        let ended = now.sockets.last().unwrap().end;
        (many(now.errors_handled), many(now.errors_unhandled), ended)
    }

    /// Whether the server's side has ended within a moment.
    fn has_ended(mut client: &TcpStream) -> bool {
        let moment = Duration::from_millis(50);
        client.set_read_timeout(Some(moment)).unwrap();
        match client.read(&mut [0; 9]).map_err(|error| error.kind()) {
            Ok(0) => true,
            Err(ErrorKind::WouldBlock | ErrorKind::TimedOut) => false,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_error_that_is_handled_is_reported_and_ends_its_client() {
        let it = boom(Errors::Handled);
        Failure::of(it.result, it.stream).unwrap();
        let ended = Some(End::Boom);
        assert_eq!(numbers(&it.tally.snapshot()), (1, 0, ended));
        assert!(has_ended(&it.client));
    }

    #[test]
    fn a_failure_holds_its_client_open_until_it_is_dropped() {
        for (errors, is_cut) in [
            (Errors::Dropped, false),
            (Errors::Kept, false),
            (Errors::Kept, true),
        ] {
            let it = boom(errors);
            let failure = Failure::of(it.result, it.stream).unwrap_err();
            assert_eq!(failure.end(), End::Boom);
            assert_eq!(failure.socket(), SocketId(1));
            assert_eq!(numbers(&it.tally.snapshot()), (0, 1, None));
            if is_cut {
                it.stop.cut();
            } else {
                assert!(!has_ended(&it.client));
            }
            drop(failure);
            let ended = Some(End::Boom);
            assert_eq!(numbers(&it.tally.snapshot()), (0, 1, ended));
            assert!(has_ended(&it.client));
        }
    }

    #[test]
    fn success_and_the_end_of_the_grace_period_are_no_failures() {
        for errors in Errors::ALL {
            let it = boom(errors);
            it.stop.cut();
            Failure::of(it.result, it.stream).unwrap();
            let ended = Some(End::Stopped);
            assert_eq!(numbers(&it.tally.snapshot()), (0, 0, ended));
        }
        let it = boom(Errors::Kept);
        Failure::of(Ok(()), it.stream).unwrap();
        assert!(has_ended(&it.client));
        let (handled, failed, _) = numbers(&it.tally.snapshot());
        assert_eq!((handled, failed), (0, 0));
    }

    #[test]
    fn as_an_error_it_names_its_client_and_the_cause() {
        let it = boom(Errors::Dropped);
        let failure = Failure::of(it.result, it.stream).unwrap_err();
        let error = io::Error::from(failure);
        assert_eq!(error.to_string(), "the handler of client #1 failed");
        let inner = error.into_inner().unwrap();
        assert_eq!(inner.source().unwrap().to_string(), "boom");
    }

    #[test]
    fn handles_are_kept_only_where_errors_are() {
        for errors in Errors::ALL {
            let options = ServerOptions {
                errors: Some(errors),
                ..ServerOptions::default()
            };
            let listener =
                Listener::bind(&options, &Stop::new(), crate::probe::NoProbe)
                    .unwrap();
            let mut handles = Handles::new(&listener);
            let handle = Arc::new(());
            handles.take(handle.clone());
            let kept = errors == Errors::Kept;
            assert_eq!(Arc::strong_count(&handle), 1 + usize::from(kept));
            drop(handles);
            assert_eq!(Arc::strong_count(&handle), 1);
        }
    }
}
