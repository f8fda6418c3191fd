//! What differs by operating system among sockets: what their errors are
//! called, whether a port may be bound again at once, and how a blocked call
//! is woken.

use socket2::{SockAddr, Socket};
use std::io;
use std::net::SocketAddr;
use std::sync::OnceLock;

/// Lets a server bind the port again that it used a moment ago; see socket(7),
/// `SO_REUSEADDR`.
#[cfg(unix)]
pub(super) fn reuse_address(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_address(true)
}

/// Windows does so anyway. There this option would let another server take
/// the port from one that is running.
#[cfg(not(unix))]
pub(super) fn reuse_address(_: &Socket) -> io::Result<()> {
    Ok(())
}

/// Whether a non-blocking connect(2) has begun to connect, not failed.
#[cfg(unix)]
pub(super) fn is_in_progress(error: &io::Error) -> bool {
    use rustix::io::Errno;
    Errno::from_io_error(error) == Some(Errno::INPROGRESS)
}

/// Windows reports `WouldBlock` instead, for which there is a kind.
#[cfg(not(unix))]
pub(super) fn is_in_progress(_: &io::Error) -> bool {
    false
}

/// Whether an error of accept(2) is transient or concerns one client, so that
/// the next call may well succeed. Linux reports pending network errors of a
/// new connection there, too, and what a firewall forbids; see accept(2).
pub(super) fn is_passing(error: &io::Error) -> bool {
    let passing = [
        io::ErrorKind::Interrupted,
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::HostUnreachable,
        io::ErrorKind::NetworkDown,
        io::ErrorKind::NetworkUnreachable,
        io::ErrorKind::TimedOut,
    ];
    passing.contains(&error.kind()) || concerns_one_client(error)
}

/// Errors of accept(2) that concern one client, and for which the standard
/// library has no kind.
#[cfg(unix)]
fn concerns_one_client(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let number = Errno::from_io_error(error);
    #[cfg(target_os = "linux")]
    if number == Some(Errno::NONET) {
        return true;
    }
    matches!(
        number,
        Some(
            Errno::PERM
                | Errno::PROTO
                | Errno::NOPROTOOPT
                | Errno::HOSTDOWN
                | Errno::OPNOTSUPP
        )
    )
}

/// Windows has kinds for all of them.
#[cfg(not(unix))]
fn concerns_one_client(_: &io::Error) -> bool {
    false
}

/// EMFILE, ENFILE, ENOBUFS or ENOMEM; see accept(2). The standard library
/// has no kinds for most of them.
#[cfg(unix)]
pub fn is_out_of_descriptors(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let short = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOBUFS];
    Errno::from_io_error(error).is_some_and(|number| short.contains(&number))
}

/// WSAEMFILE or WSAENOBUFS.
#[cfg(not(unix))]
pub fn is_out_of_descriptors(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(10_024 | 10_055))
}

/// ENOBUFS or ENOMEM: of those, the ones that more descriptors do not mend.
#[cfg(unix)]
pub fn is_out_of_memory(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let number = Errno::from_io_error(error);
    matches!(number, Some(Errno::NOMEM | Errno::NOBUFS))
}

/// WSAENOBUFS, or not enough memory.
#[cfg(not(unix))]
pub fn is_out_of_memory(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(8 | 10_055))
}

/// Whether a wait reports a socket in one event, whatever it is ready for; see
/// epoll(7), poll(2).
pub(super) const ONE_EVENT_EACH: bool =
    cfg!(any(target_os = "linux", target_os = "android"));

/// Whether shutdown(2) wakes a thread that sleeps in a read or write of the
/// connection. Under Windows it does not, and the thread has to check.
pub(super) const SHUTDOWN_WAKES: bool = cfg!(not(windows));

/// Whether [`end_accepts`] resets the clients that wait in the backlog, as the
/// shutdown(2) of a listening socket does under Linux. Elsewhere they wait on
/// until the socket is closed.
pub(super) const SHUTDOWN_EMPTIES_BACKLOG: bool = cfg!(target_os = "linux");

/// Ends a blocked accept(2); returns whether new clients are refused from now
/// on, although the socket is not closed yet, as they are under Linux.
#[cfg(target_os = "linux")]
pub(super) fn end_accepts(socket: &Socket, wake_up: &WakeUpCall) -> bool {
    let is_shut = socket.shutdown(std::net::Shutdown::Both).is_ok();
    if !is_shut {
        // It should never fail, but accept(2) would sleep for ever.
        let _ = wake_up.at(socket);
    }
    is_shut
}

/// Elsewhere a listening socket cannot be shut down.
#[cfg(not(target_os = "linux"))]
pub(super) fn end_accepts(socket: &Socket, wake_up: &WakeUpCall) -> bool {
    // If it fails, the next client that connects wakes accept(2).
    let _ = wake_up.at(socket);
    false
}

/// A connection of the server to itself that wakes accept(2); it is not
/// counted as a client.
#[derive(Debug, Default)]
pub(super) struct WakeUpCall(OnceLock<SocketAddr>);

impl WakeUpCall {
    /// Connects once; the thread that accepts this connection stops accepting.
    fn at(&self, listener: &Socket) -> io::Result<()> {
        use super::retry::LONGEST_PAUSE;
        use socket2::{Domain, Protocol, Type};

        let bound = listener.local_addr()?.as_socket();
        let target = reachable(bound.ok_or(io::ErrorKind::AddrNotAvailable)?);
        let domain = Domain::for_address(target);
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        let mut from = target;
        from.set_port(0);
        socket.bind(&from.into())?;
        // Known before accept(2) can return with it.
        if let Some(own) = socket.local_addr()?.as_socket()
            && self.0.set(own).is_ok()
        {
            socket.connect_timeout(&target.into(), LONGEST_PAUSE)?;
        }
        Ok(())
    }

    /// Returns the connection, unless it is this one: then the error with which
    /// accept(2) ends under Linux when its socket is shut down.
    pub(super) fn heard(
        &self,
        accepted: (Socket, SockAddr),
    ) -> io::Result<(Socket, SockAddr)> {
        match self.0.get() {
            Some(own) if Some(*own) == accepted.1.as_socket() => {
                Err(io::ErrorKind::InvalidInput.into())
            }
            _ => Ok(accepted),
        }
    }
}

/// The address of a listener, or loopback if it listens on all addresses.
fn reachable(mut listener: SocketAddr) -> SocketAddr {
    use std::net::{Ipv4Addr, Ipv6Addr};
    if listener.ip().is_unspecified() {
        listener.set_ip(match listener {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    listener
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    #[cfg(target_os = "linux")]
    fn what_accept_reports_of_one_client_passes() {
        use rustix::io::Errno;
        let of_one = [
            Errno::NETDOWN,
            Errno::PROTO,
            Errno::NOPROTOOPT,
            Errno::HOSTDOWN,
            Errno::NONET,
            Errno::HOSTUNREACH,
            Errno::OPNOTSUPP,
            Errno::NETUNREACH,
            Errno::PERM,
            Errno::TIMEDOUT,
            Errno::CONNABORTED,
        ];
        for number in of_one {
            assert!(is_passing(&number.into()), "{number:?}");
        }
        for number in [Errno::BADF, Errno::INVAL, Errno::MFILE] {
            assert!(!is_passing(&number.into()), "{number:?}");
        }
    }

    #[test]
    fn a_wake_up_call_is_heard_once_and_differs_from_a_client() {
        let listener = Socket::from(TcpListener::bind("0.0.0.0:0").unwrap());
        let bound = listener.local_addr().unwrap().as_socket().unwrap();
        let wake_up = WakeUpCall::default();
        let client = TcpStream::connect(reachable(bound)).unwrap();
        wake_up.at(&listener).unwrap();
        wake_up.at(&listener).unwrap();
        let heard = || wake_up.heard(listener.accept().unwrap());
        let peer = heard().unwrap().1.as_socket();
        assert_eq!(peer, client.local_addr().ok());
        let error = heard().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        listener.set_nonblocking(true).unwrap();
        let second = listener.accept().unwrap_err();
        assert_eq!(second.kind(), io::ErrorKind::WouldBlock);
    }
}
