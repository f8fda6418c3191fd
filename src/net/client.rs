//! A client's end of a connection: plain, non-blocking, never instrumented.

use super::registration::{Interest, Registration, Source, WatchRequest};
use super::selector::Selector;
use super::system::is_in_progress;
use crate::probe::{NoProbe, SocketId};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// One client's socket; dropping it closes it.
pub struct Client {
    registration: Option<Arc<Registration>>,
    pub(super) socket: Arc<Socket>,
    pub(super) id: SocketId,
    interest: Interest,
}

/// How a client's socket is set up before it connects.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientSetup {
    /// `SO_SNDBUF` in bytes; `None`: the system's default.
    pub send_buffer: Option<usize>,
    /// `SO_RCVBUF` in bytes, which limits the window; `None`: the default.
    pub receive_buffer: Option<usize>,
    /// The source address; each has its own ports. `None`: the default.
    pub source: Option<IpAddr>,
    /// Reset the connection when the socket is closed, also by the end of this
    /// process, so that none remains in `TIME_WAIT`; see socket(7),
    /// `SO_LINGER`.
    pub leaves_nothing: bool,
}

impl Client {
    /// Begins to connect, and returns before the connection is established.
    ///
    /// What it sends leaves at once (`TCP_NODELAY`, see tcp(7)): a piece of
    /// a message must not wait for the acknowledgement of the one before.
    ///
    /// # Errors
    /// What socket(2), setsockopt(2), bind(2) and connect(2) refuse at once.
    pub fn connect(
        id: SocketId,
        target: SocketAddr,
        setup: &ClientSetup,
    ) -> io::Result<Self> {
        let domain = Domain::for_address(target);
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        if let Some(size) = setup.send_buffer {
            socket.set_send_buffer_size(size)?;
        }
        if let Some(size) = setup.receive_buffer {
            socket.set_recv_buffer_size(size)?;
        }
        if setup.leaves_nothing {
            socket.set_linger(Some(Duration::ZERO))?;
        }
        if let Some(address) = setup.source {
            socket.bind(&SocketAddr::from((address, 0)).into())?;
        }
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

    /// How connecting has ended; to be called when the socket is reported as
    /// ready for the first time. See connect(2), `EINPROGRESS`.
    ///
    /// # Errors
    /// The error with which it failed.
    pub fn finish_connecting(&self) -> io::Result<()> {
        self.socket.take_error()?.map_or(Ok(()), Err)
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

    /// To be called when a client is reported that is watched for nothing:
    /// it was reset, or both sides have ended. The latter would be reported
    /// again and again, so that the socket is taken out of its selector until
    /// it is watched again; see epoll(7), `EPOLLHUP`.
    ///
    /// # Errors
    /// The pending error of the socket, such as a reset, which a client that
    /// neither reads nor writes would not notice.
    pub fn check_hang_up(&mut self) -> io::Result<()> {
        if let Some(error) = self.socket.take_error()? {
            return Err(error);
        }
        self.registration = None;
        Ok(())
    }

    /// Reads what has arrived. `None`: nothing has. Zero: the server will
    /// send no more.
    ///
    /// # Errors
    /// What recv(2) reports.
    pub fn read(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        none_if_would_block(|| self.socket.as_ref().read(buffer))
    }

    /// Writes what there is room for. `None`: there is no room.
    ///
    /// # Errors
    /// What send(2) reports.
    pub fn write(&self, bytes: &[u8]) -> io::Result<Option<usize>> {
        none_if_would_block(|| self.socket.as_ref().write(bytes))
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

    /// Has the selector watch it for this interest. With an empty interest, a
    /// socket that is not watched is not added.
    ///
    /// # Errors
    /// What `epoll_ctl(2)` refuses.
    pub fn watch_for(
        &mut self,
        interest: Interest,
        selector: &mut Selector<NoProbe>,
    ) -> io::Result<()> {
        if interest == Interest::default() && self.registration.is_none() {
            return Ok(());
        }
        self.interest = interest;
        selector.watch(self)
    }
}

impl Source for Client {
    fn request(&mut self) -> WatchRequest<'_> {
        WatchRequest {
            id: self.id,
            interest: self.interest,
            deadline: None,
            socket: Some(&self.socket),
            registration: &mut self.registration,
        }
    }
}

/// Whether the system has a route and a local address for connections to this
/// one. Nothing is sent: see connect(2) of a datagram socket.
pub fn has_route(target: SocketAddr) -> bool {
    let domain = Domain::for_address(target);
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP));
    socket.is_ok_and(|it| it.connect(&SockAddr::from(target)).is_ok())
}

/// A call that does not sleep is hardly ever interrupted: one that always is
/// fails in the end.
const MOST_INTERRUPTS: usize = 16;

fn none_if_would_block(
    mut make: impl FnMut() -> io::Result<usize>,
) -> io::Result<Option<usize>> {
    for _ in 0..MOST_INTERRUPTS {
        match make() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                return Ok(None);
            }
            result => return result.map(Some),
        }
    }
    Err(ErrorKind::Interrupted.into())
}

/// Whether the connection is still being established: a non-blocking connect(2)
/// reports that, and one that a signal interrupted.
fn is_under_way(error: &io::Error) -> bool {
    let kinds = [ErrorKind::WouldBlock, ErrorKind::Interrupted];
    kinds.contains(&error.kind()) || is_in_progress(error)
}
