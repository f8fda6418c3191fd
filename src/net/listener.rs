//! The listening socket: accepts, pauses at a limit, closes when asked to; and
//! what it shares with its connections.

use super::observed;
use super::options::ServerOptions;
use super::registration::{Interest, Registration, Source, WatchRequest};
use super::retry::{LONGEST_PAUSE, Retry};
use super::stop::Stop;
use super::stream::Stream;
use super::system::{
    SHUTDOWN_EMPTIES_BACKLOG, WakeUpCall, end_accepts, is_out_of_descriptors,
    is_passing, reuse_address,
};
use crate::probe::{
    Call, ErrorNumber, Exit, Kind, LISTENER, Limit, Note, Operation, Outcome,
    Phase, Probe, SocketId,
};
use crate::system::{lock, queues};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// A listening socket that reports every call to its probe.
pub struct Listener<P: Probe> {
    socket: Option<Arc<Socket>>,
    registration: Option<Arc<Registration>>,
    /// Whether a stop will wake the thread that sleeps in accept(2).
    is_woken: bool,
    nonblocking: bool,
    /// accept(2) has failed: accepting pauses until this time, or until fewer
    /// connections are open than this.
    pause: Option<(Instant, usize)>,
    retry: Retry,
    /// Connections in a row that could not be set up.
    setting_up: Retry,
    accepted: u32,
    /// Whether any client could be served.
    has_served: bool,
    pub(crate) shared: Arc<ListenerShared<P>>,
}

impl<P: Probe> Listener<P> {
    /// Binds and listens as the options say.
    ///
    /// # Errors
    /// What socket(2), bind(2), listen(2) and setsockopt(2) refuse.
    pub fn bind(
        options: &ServerOptions,
        stop: &Arc<Stop>,
        probe: P,
    ) -> io::Result<Self> {
        let socket = Arc::new(listen(options)?);
        let shared = Arc::new(ListenerShared {
            options: *options,
            stop: stop.clone(),
            probe,
            open: Arc::default(),
            wake_up: WakeUpCall::default(),
        });
        let room = Arc::downgrade(&shared.open);
        stop.on_change(move || {
            if let Some(room) = room.upgrade() {
                room.wake_all();
            }
        });
        shared.probe.note(&Note::Opened { socket: LISTENER, peer: None });
        Ok(Self {
            socket: Some(socket),
            registration: None,
            is_woken: false,
            nonblocking: false,
            pause: None,
            retry: Retry::default(),
            setting_up: Retry::default(),
            accepted: 0,
            has_served: false,
            shared,
        })
    }

    /// The address it is bound to, with the port that the system chose.
    ///
    /// # Errors
    /// `NotConnected` after it was closed.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        let socket = self.socket.as_ref().ok_or(ErrorKind::NotConnected)?;
        let address = socket.local_addr()?.as_socket();
        address.ok_or_else(|| ErrorKind::AddrNotAvailable.into())
    }

    /// Makes it and every connection it accepts non-blocking; see fcntl(2),
    /// `O_NONBLOCK`. accept(2) does not pass that on under Linux, but does
    /// under BSD and macOS, so that each connection is set either way.
    ///
    /// # Errors
    /// What fcntl(2) refuses.
    pub fn set_nonblocking(&mut self) -> io::Result<()> {
        self.nonblocking = true;
        let socket = self.socket.as_ref();
        let set = socket.map_or(Ok(()), |it| it.set_nonblocking(true));
        set.inspect_err(|error| {
            self.shared.note_failed(Operation::SetOption, LISTENER, error);
        })
    }

    /// Accepts the next client, asleep until there is one. `None`: the
    /// server is to stop, and the listener is closed. If accept(2) fails, that
    /// is noted, and it is called again after a pause.
    ///
    /// # Errors
    /// Never at present.
    #[track_caller]
    pub fn accept(&mut self) -> io::Result<Option<Stream<P>>> {
        let call = accept_call(true, Location::caller());
        self.wake_accept_on_stop();
        loop {
            self.sleep_while_paused(&call);
            // A stop was requested while we waited: leave queued clients
            // unaccepted.
            if !self.is_running() {
                break;
            }
            if let Ok(client) = self.accept_once(&call) {
                return Ok(Some(client));
            }
        }
        self.close();
        Ok(None)
    }

    /// Accepts the next client if there is one. `None`: there is none, or
    /// accepting pauses at a limit or because accept(2) has failed, or the
    /// server is to stop.
    ///
    /// # Errors
    /// Never at present.
    #[track_caller]
    pub fn try_accept(&mut self) -> io::Result<Option<Stream<P>>> {
        self.try_accept_at(Location::caller())
    }

    /// As [`try_accept`](Self::try_accept), reported as made by this line: a
    /// future passes the line that created it, not the one that polls it.
    ///
    /// # Errors
    /// As [`try_accept`](Self::try_accept).
    pub fn try_accept_at(
        &mut self,
        location: &'static Location<'static>,
    ) -> io::Result<Option<Stream<P>>> {
        let call = accept_call(false, location);
        if self.socket.is_none() || self.is_paused() {
            self.report_pause(&call, || ());
            return Ok(None);
        }
        Ok(self.accept_once(&call).ok())
    }

    /// Whether the server goes on: until it is asked to stop, and then
    /// while clients are left and the grace period lasts. Closes the
    /// listener, so that new clients are refused, once it is asked to stop.
    pub fn goes_on(&mut self, clients: usize) -> bool {
        let phase = self.shared.stop.phase();
        if phase > Phase::Running {
            self.close();
        }
        match phase {
            Phase::Running => true,
            Phase::Refusing | Phase::Finishing => clients > 0,
            Phase::Cancelling | Phase::Ended => false,
        }
    }

    fn is_running(&self) -> bool {
        self.shared.stop.phase() == Phase::Running
    }

    fn close(&mut self) {
        self.registration = None;
        if let Some(socket) = self.socket.take() {
            self.shared.count_waiting(&socket);
        }
        self.shared.refuse();
    }

    /// Makes one accept(2), and pauses accepting if descriptors have run out.
    fn accept_once(&mut self, call: &Call) -> io::Result<Stream<P>> {
        let socket = self.socket.as_ref().ok_or(ErrorKind::NotConnected)?;
        let id = SocketId(self.accepted.saturating_add(1));
        let shared = &self.shared;
        let accepted = observed(
            &shared.probe,
            call,
            &mut (),
            |()| shared.wake_up.heard(socket.accept()?),
            |(), result| Exit::new(accept_outcome(result, id)),
        );
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                self.accept_failed(&error);
                return Err(error);
            }
        };
        self.accepted = id.0;
        let (peer, nonblocking) = (peer.as_socket(), self.nonblocking);
        // A client that is gone again can make any of this fail.
        let stream = Stream::new(id, socket, peer, nonblocking, shared)
            .inspect_err(|error| {
                self.setting_up.failed();
                if !self.has_served || self.setting_up.keeps_failing() {
                    let number = ErrorNumber::of(error);
                    shared.stop.set_outage(Operation::SetOption, number);
                }
            })?;
        self.has_served = true;
        self.has_succeeded();
        if self.setting_up.is_failing() {
            self.setting_up.succeeded();
            self.shared.stop.set_outage(Operation::SetOption, None);
        }
        if self.is_full() {
            self.shared.probe.note(&Note::Paused(Limit::Connections));
        }
        Ok(stream)
    }

    /// Pauses accepting after an error, unless that concerns one client alone
    /// and does not come again and again.
    fn accept_failed(&mut self, error: &io::Error) {
        if self.nonblocking && error.kind() == ErrorKind::WouldBlock {
            return self.has_succeeded();
        }
        let is_running = self.is_running();
        // A stop makes accept(2) fail so.
        if is_running || error.kind() != ErrorKind::InvalidInput {
            self.shared.note_failed(Operation::Accept, LISTENER, error);
        }
        if !is_running {
            return;
        }
        let is_short = is_out_of_descriptors(error);
        let is_lasting = !is_passing(error);
        let pause = self.count_failure(is_lasting, is_short, error);
        if !is_lasting && !self.retry.keeps_failing() {
            return;
        }
        // The descriptor of a connection that ends may be what is missing.
        let (pause, open) = if is_short {
            (LONGEST_PAUSE, self.shared.open.count())
        } else {
            (pause, 0)
        };
        self.pause = Some((self.shared.probe.now() + pause, open));
        if is_short {
            self.shared.probe.note(&Note::Paused(Limit::Descriptors));
        }
    }

    /// Counts a failure to accept, and returns how long to pause. It is an
    /// outage if no client could be served so far, or if it has happened several
    /// times in a row. A server that has clients and no room for more has none.
    fn count_failure(
        &mut self,
        is_lasting: bool,
        is_short: bool,
        error: &io::Error,
    ) -> Duration {
        let pause = self.retry.failed();
        let is_outage = if self.has_served {
            !is_short && self.retry.keeps_failing()
        } else {
            is_lasting || self.retry.keeps_failing()
        };
        if let Some(error) = ErrorNumber::of(error).filter(|_| is_outage) {
            self.shared.stop.set_outage(Operation::Accept, Some(error));
        }
        pause
    }

    fn has_succeeded(&mut self) {
        if self.retry.is_failing() {
            self.retry.succeeded();
            self.shared.stop.set_outage(Operation::Accept, None);
        }
    }

    /// Whether accepting pauses right now, at a limit or after an error.
    fn is_paused(&self) -> bool {
        self.is_full() || self.failed_until().is_some()
    }

    fn is_full(&self) -> bool {
        let most = self.shared.options.max_connections();
        most.is_some_and(|most| self.shared.open.count() >= most)
    }

    /// When the pause after an error ends, if it still applies.
    fn failed_until(&self) -> Option<Instant> {
        let (until, open) = self.pause?;
        let is_paused =
            self.shared.open.count() >= open && self.shared.probe.now() < until;
        is_paused.then_some(until)
    }

    /// At a limit or after an error, sleeps until a connection ends, the pause
    /// is over or the server is to stop.
    fn sleep_while_paused(&self, call: &Call) {
        let paused = || self.is_paused() && self.is_running();
        if paused() {
            self.report_pause(call, || {
                while paused() {
                    let now = self.shared.probe.now();
                    let until = self.failed_until();
                    let left =
                        until.map(|it| it.saturating_duration_since(now));
                    let most = left.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE);
                    self.shared.open.sleep_while(paused, most);
                }
            });
        }
    }

    fn report_pause(&self, call: &Call, pause: impl FnOnce()) {
        let exit = |(): &(), (): &()| Exit::new(Outcome::Paused);
        observed(&self.shared.probe, call, &mut (), |()| pause(), exit);
    }

    /// Has a stop end a sleep in accept(2); called before the first one.
    fn wake_accept_on_stop(&mut self) {
        let Some(socket) = self.socket.as_ref().filter(|_| !self.is_woken)
        else {
            return;
        };
        let (asleep, shared) =
            (Arc::downgrade(socket), Arc::downgrade(&self.shared));
        self.shared.stop.on_change(move || {
            let (Some(socket), Some(shared)) =
                (asleep.upgrade(), shared.upgrade())
            else {
                return;
            };
            if SHUTDOWN_EMPTIES_BACKLOG {
                shared.count_waiting(&socket);
            }
            if end_accepts(&socket, &shared.wake_up) {
                // Its thread may be asleep elsewhere, with a client.
                shared.refuse();
            }
        });
        self.is_woken = true;
    }
}

impl<P: Probe> Source for Listener<P> {
    fn request(&mut self) -> WatchRequest<'_> {
        // Read first: if the delay ends in between, the socket is watched.
        let deadline = self.failed_until();
        let interest =
            Interest { readable: !self.is_paused(), writable: false };
        WatchRequest {
            id: LISTENER,
            interest,
            deadline,
            socket: self.socket.as_ref(),
            registration: &mut self.registration,
        }
    }
}

/// What a listener shares with its connections.
pub(crate) struct ListenerShared<P> {
    pub(crate) options: ServerOptions,
    pub(crate) stop: Arc<Stop>,
    pub(crate) probe: P,
    pub(super) open: Arc<OpenConnections>,
    pub(super) wake_up: WakeUpCall,
}

impl<P: Probe> ListenerShared<P> {
    /// Whether the grace period is over.
    pub(super) fn is_cut(&self) -> bool {
        self.stop.phase() >= Phase::Cancelling
    }

    /// Counts the clients in the backlog, whose connections the kernel resets
    /// when the listener closes. Only the first call counts: it comes before
    /// anything that empties the backlog.
    fn count_waiting(&self, listener: &Socket) {
        if !P::ENABLED {
            return;
        }
        let address = listener.local_addr().ok();
        let waiting = self
            .stop
            .set_left_waiting(|| queues::backlog(address?.as_socket()?));
        if let Some(clients @ 1..) = waiting {
            let clients = u32::try_from(clients).unwrap_or(u32::MAX);
            self.probe.note(&Note::LeftWaiting { clients });
        }
    }

    /// Notes that a call has failed with an error of the system.
    pub(super) fn note_failed(
        &self,
        operation: Operation,
        socket: SocketId,
        error: &io::Error,
    ) {
        if let Some(error) = ErrorNumber::of(error) {
            self.probe.note(&Note::CallFailed { operation, socket, error });
        }
    }

    /// Enters [`Phase::Finishing`]: new clients are refused from now on.
    pub(super) fn refuse(&self) {
        self.stop.enter(Phase::Finishing, &self.probe);
    }
}

/// Counts open connections; a paused `accept` waits here until one closes.
#[derive(Default)]
pub(super) struct OpenConnections {
    open: AtomicUsize,
    waiting: Mutex<()>,
    changed: Condvar,
}

/// One connection's place among those that are open. Drop it after the
/// socket is closed: a paused `accept` needs the descriptor too.
pub(super) struct ConnectionPlace(Arc<OpenConnections>);

impl OpenConnections {
    pub(super) fn count(&self) -> usize {
        self.open.load(SeqCst)
    }

    pub(super) fn enter(self: &Arc<Self>) -> ConnectionPlace {
        self.open.fetch_add(1, SeqCst);
        ConnectionPlace(self.clone())
    }

    pub(super) fn wake_all(&self) {
        drop(lock(&self.waiting));
        self.changed.notify_all();
    }

    /// Sleeps until a change after which the condition is false, but not
    /// for longer than `most`.
    pub(super) fn sleep_while(
        &self,
        condition: impl Fn() -> bool,
        most: Duration,
    ) {
        let waiting = lock(&self.waiting);
        let waited =
            self.changed.wait_timeout_while(waiting, most, |()| condition());
        drop(waited);
    }
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, SeqCst);
        self.0.wake_all();
    }
}

const fn accept_call(
    may_sleep: bool,
    location: &'static Location<'static>,
) -> Call {
    Call { kind: Kind::Accept, socket: LISTENER, may_sleep, location }
}

fn accept_outcome<T>(result: &io::Result<T>, id: SocketId) -> Outcome {
    match result.as_ref().map_err(io::Error::kind) {
        Ok(_) => Outcome::Accepted(id),
        Err(ErrorKind::WouldBlock) => Outcome::WouldBlock,
        // accept(2) fails like this after a shutdown(2) of its socket.
        Err(ErrorKind::InvalidInput) => Outcome::Closed,
        Err(kind) => Outcome::Failed(kind),
    }
}

/// A socket that listens as the options say.
fn listen(options: &ServerOptions) -> io::Result<Socket> {
    let address = SockAddr::from(options.listen());
    let domain = Domain::for_address(options.listen());
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    reuse_address(&socket)?;
    // Before listen(2): the window is agreed upon with the first packet.
    if let Some(size) = options.sndbuf {
        socket.set_send_buffer_size(size.bytes())?;
    }
    if let Some(size) = options.rcvbuf {
        socket.set_recv_buffer_size(size.bytes())?;
    }
    socket.bind(&address)?;
    socket.listen(i32::try_from(options.backlog()).unwrap_or(i32::MAX))?;
    Ok(socket)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::net::{Errors, Handles};
    use crate::probe::NoProbe;

    #[test]
    fn an_accept_that_keeps_failing_is_an_outage_and_ends_with_a_stop() {
        let stop = Stop::new();
        let options = ServerOptions::default();
        let mut listener = Listener::bind(&options, &stop, NoProbe).unwrap();
        listener.set_nonblocking().unwrap();
        listener.nonblocking = false;
        let stopping = stop.clone();
        let ends = std::thread::spawn(move || {
            while stopping.outage().is_none() {
                std::thread::yield_now();
            }
            stopping.request(Duration::ZERO);
        });
        assert!(listener.accept().unwrap().is_none());
        ends.join().unwrap();
        let outage = stop.outage().unwrap();
        assert_eq!(outage.operation, Operation::Accept);
    }

    #[test]
    fn handles_are_kept_only_where_errors_are() {
        for errors in Errors::ALL {
            let rest = ServerOptions::default();
            let options = ServerOptions { errors: Some(errors), ..rest };
            let it = Listener::bind(&options, &Stop::new(), NoProbe).unwrap();
            let (mut handles, handle) = (Handles::new(&it), Arc::new(()));
            handles.take(handle.clone());
            let kept = Arc::strong_count(&handle) == 2;
            assert_eq!(kept, errors == Errors::Kept);
        }
    }
}
