//! What a failed accept(2) means, and how a blocked one is woken.

use super::shared::ListenerShared;
use super::system::{concerns_one_client, end_accepts, is_out_of_descriptors};
use crate::probe::Probe;
use socket2::Socket;
use std::io::{self, ErrorKind};
use std::sync::Arc;

/// The thread that sleeps in accept(2), as a stop finds it.
pub(super) struct AcceptSleeper<P: Probe> {
    pub(super) socket: Arc<Socket>,
    pub(super) shared: Arc<ListenerShared>,
    pub(super) probe: P,
}

impl<P: Probe> AcceptSleeper<P> {
    /// Has it woken when the server is to stop, or now if it is.
    pub(super) fn wake_on_stop(self: &Arc<Self>) {
        let sleeper = Arc::downgrade(self);
        self.shared.stop.on_change(move || {
            if let Some(it) = sleeper.upgrade()
                && end_accepts(&it.socket, &it.shared.wake_up)
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
