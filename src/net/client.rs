//! A client's end of a connection: plain, non-blocking, never instrumented.

use super::registration::Registration;
use super::registration::{Interest, Source};
use super::system::is_in_progress;
use crate::probe::SocketId;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One client's socket; dropping it closes it. Its owner says what it is to
/// be watched for.
pub struct Client {
    registration: Option<Registration>,
    socket: Arc<Socket>,
    id: SocketId,
    interest: Interest,
}

impl Client {
    /// Begins to connect, and returns before the connection is there. The
    /// buffer sizes are set before, as they decide about the window.
    ///
    /// What it sends leaves at once (`TCP_NODELAY`, see tcp(7)): a piece of
    /// a message must not wait for the acknowledgement of the one before.
    ///
    /// # Errors
    /// What socket(2), setsockopt(2) and connect(2) refuse at once.
    pub fn connect(
        id: SocketId,
        target: SocketAddr,
        send_buffer: Option<usize>,
        receive_buffer: Option<usize>,
    ) -> io::Result<Self> {
        let socket = socket_for(target)?;
        if let Some(size) = send_buffer {
            socket.set_send_buffer_size(size)?;
        }
        if let Some(size) = receive_buffer {
            socket.set_recv_buffer_size(size)?;
        }
        Self::begin(id, socket, target)
    }

    /// As [`connect`](Self::connect), with buffers of the system's sizes,
    /// from this source address if one is given: ports are counted for each.
    /// Whenever it is closed, and be it by the end of this process, the
    /// connection is reset, so that nothing of it remains; see tcp(7),
    /// `TIME_WAIT`.
    ///
    /// # Errors
    /// What socket(2), setsockopt(2), bind(2) and connect(2) refuse at once.
    pub fn connect_briefly(
        id: SocketId,
        target: SocketAddr,
        source: Option<IpAddr>,
    ) -> io::Result<Self> {
        let socket = socket_for(target)?;
        socket.set_linger(Some(Duration::ZERO))?;
        if let Some(address) = source {
            socket.bind(&SocketAddr::from((address, 0)).into())?;
        }
        Self::begin(id, socket, target)
    }

    fn begin(
        id: SocketId,
        socket: Socket,
        target: SocketAddr,
    ) -> io::Result<Self> {
        socket.set_tcp_nodelay(true)?;
        socket.set_nonblocking(true)?;
        match socket.connect(&SockAddr::from(target)) {
            Err(error) if !is_under_way(&error) => return Err(error),
            _ => {}
        }
        let interest = Interest { readable: false, writable: true };
        let socket = Arc::new(socket);
        Ok(Self { registration: None, socket, id, interest })
    }

    /// Whether the connection is there; see connect(2), `EINPROGRESS`. To
    /// be asked when the socket is reported as ready.
    ///
    /// # Errors
    /// Why it could not be made.
    pub fn connected(&self) -> io::Result<bool> {
        if let Some(error) = self.socket.take_error()? {
            return Err(error);
        }
        match self.socket.peer_addr() {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Its own address, which is the peer's address at the server; known as
    /// soon as it begins to connect.
    ///
    /// # Errors
    /// What getsockname(2) reports.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        let address = self.socket.local_addr()?.as_socket();
        address.ok_or_else(|| ErrorKind::AddrNotAvailable.into())
    }

    /// The error that waits on the socket, a reset for instance, which a
    /// client that neither reads nor writes would not hear of.
    pub fn failure(&self) -> Option<io::Error> {
        self.socket.take_error().unwrap_or_else(Some)
    }

    /// Reads what has arrived. `None`: nothing has. Zero: the server will
    /// send no more.
    ///
    /// # Errors
    /// What recv(2) reports.
    pub fn read(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        none_if_would_block(self.socket.as_ref().read(buffer))
    }

    /// Writes what there is room for. `None`: for nothing.
    ///
    /// # Errors
    /// What send(2) reports.
    pub fn write(&self, bytes: &[u8]) -> io::Result<Option<usize>> {
        none_if_would_block(self.socket.as_ref().write(bytes))
    }

    /// Ends the sending side; what the server sends can still be read.
    ///
    /// # Errors
    /// What shutdown(2) reports: the connection may be gone.
    pub fn half_close(&self) -> io::Result<()> {
        self.socket.shutdown(Shutdown::Write)
    }

    /// Closes with a reset: output that is not sent yet is thrown away. See
    /// socket(7), `SO_LINGER`.
    ///
    /// # Errors
    /// What setsockopt(2) reports; it is closed all the same.
    pub fn reset(self) -> io::Result<()> {
        self.socket.set_linger(Some(Duration::ZERO))
    }

    /// Says what it is to be watched for; [`Selector::watch`] does it.
    ///
    /// [`Selector::watch`]: super::Selector::watch
    pub fn set_interest(&mut self, interest: Interest) {
        self.interest = interest;
    }

    /// Takes it out of its selector until it is watched again. A socket that
    /// is watched for nothing is still reported, again and again, once both
    /// sides have ended it; see epoll(7), `EPOLLHUP`.
    pub fn unwatch(&mut self) {
        self.registration = None;
    }

    /// Whether a selector has it.
    pub const fn is_watched(&self) -> bool {
        self.registration.is_some()
    }
}

impl Source for Client {
    fn id(&self) -> SocketId {
        self.id
    }

    fn interest(&self) -> Interest {
        self.interest
    }

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn socket(&self) -> Option<&Arc<Socket>> {
        Some(&self.socket)
    }

    fn registration(&mut self) -> &mut Option<Registration> {
        &mut self.registration
    }
}

fn socket_for(target: SocketAddr) -> io::Result<Socket> {
    let domain = Domain::for_address(target);
    Socket::new(domain, Type::STREAM, Some(Protocol::TCP))
}

fn none_if_would_block(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result.as_ref().map_err(io::Error::kind) {
        Err(ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(None),
        _ => result.map(Some),
    }
}

/// Whether the connection is being made: what a non-blocking connect(2)
/// says, and one that a signal interrupted.
fn is_under_way(error: &io::Error) -> bool {
    let kinds = [ErrorKind::WouldBlock, ErrorKind::Interrupted];
    kinds.contains(&error.kind()) || is_in_progress(error)
}
