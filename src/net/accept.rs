//! What a failed accept(2) means, and how a blocked one is woken.

use super::listener::Shared;
use crate::probe::Probe;
use socket2::Socket;
use std::io::{self, ErrorKind};
use std::sync::Arc;

/// Whoever sleeps in accept(2), as a stop finds it.
pub(super) struct Sleeper<P: Probe> {
    pub(super) socket: Arc<Socket>,
    pub(super) shared: Arc<Shared>,
    pub(super) probe: P,
}

impl<P: Probe> Sleeper<P> {
    /// Has it woken when the server is to stop, or now if it is.
    pub(super) fn wake_on_stop(self: &Arc<Self>) {
        let sleeper = Arc::downgrade(self);
        self.shared.stop.on_change(move || {
            if let Some(it) = sleeper.upgrade()
                && end_accepts(&it.socket)
            {
                // Its thread may be asleep elsewhere, with a client.
                it.shared.refuse(&it.probe);
            }
        });
    }
}

/// An error that concerns one client, or that time cures. Linux reports
/// pending network errors of a new connection here, and what a firewall
/// forbids; see accept(2).
pub(super) fn is_passing(error: &io::Error) -> bool {
    let passing = [
        ErrorKind::Interrupted,
        ErrorKind::ConnectionAborted,
        ErrorKind::ConnectionReset,
        ErrorKind::HostUnreachable,
        ErrorKind::NetworkDown,
        ErrorKind::NetworkUnreachable,
        ErrorKind::TimedOut,
    ];
    passing.contains(&error.kind())
        || concerns_one_client(error)
        || is_out_of_descriptors(error)
}

/// Those for which the standard library has no kind.
#[cfg(unix)]
fn concerns_one_client(error: &io::Error) -> bool {
    use rustix::io::Errno;
    #[cfg(target_os = "linux")]
    if Errno::from_io_error(error) == Some(Errno::NONET) {
        return true;
    }
    [
        Errno::PERM,
        Errno::PROTO,
        Errno::NOPROTOOPT,
        Errno::HOSTDOWN,
        Errno::OPNOTSUPP,
    ]
    .into_iter()
    .any(|number| Errno::from_io_error(error) == Some(number))
}

#[cfg(not(unix))]
fn concerns_one_client(_: &io::Error) -> bool {
    false
}

/// EMFILE, ENFILE, ENOBUFS or ENOMEM; see accept(2). The standard library
/// has no kinds for most of them.
#[cfg(unix)]
pub(super) fn is_out_of_descriptors(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let short = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOBUFS];
    Errno::from_io_error(error).is_some_and(|number| short.contains(&number))
}

/// WSAEMFILE or WSAENOBUFS.
#[cfg(not(unix))]
pub(super) fn is_out_of_descriptors(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(10_024 | 10_055))
}

/// Ends a blocked accept(2); tells whether new clients are refused from now
/// on, although the socket is not closed yet: under Linux.
#[cfg(target_os = "linux")]
pub(super) fn end_accepts(socket: &Socket) -> bool {
    socket.shutdown(std::net::Shutdown::Both).is_ok()
}

/// Elsewhere a listening socket cannot be shut down: a connection to
/// ourselves wakes accept(2), which then finds that it is to stop.
#[cfg(not(target_os = "linux"))]
pub(super) fn end_accepts(socket: &Socket) -> bool {
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
    let bound = socket.local_addr().ok().and_then(|a| a.as_socket());
    if let Some(mut address) = bound {
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        let limit = super::listener::RETRY_DELAY;
        let _ = TcpStream::connect_timeout(&address, limit);
    }
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn what_accept_reports_of_one_client_passes() {
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
            Errno::MFILE,
        ];
        for number in of_one {
            assert!(is_passing(&number.into()), "{number:?}");
        }
        for number in [Errno::BADF, Errno::INVAL, Errno::NOTSOCK] {
            assert!(!is_passing(&number.into()), "{number:?}");
        }
    }
}
