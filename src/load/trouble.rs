//! Troubles of the clients' own side, which say nothing about the server.

use crate::net::{has_route, is_out_of_descriptors, is_out_of_memory};
use crate::units::show_count;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

/// Why clients could not do their part, whatever the server did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientTrouble {
    /// No route leads to the server, or no local address (`ENETUNREACH`,
    /// `EHOSTUNREACH`, `ENETDOWN`).
    NoNetwork,
    /// Every local port to the server is in use (`EADDRNOTAVAIL`).
    NoPorts,
    /// The process or the system has no descriptors left (`EMFILE`, `ENFILE`).
    NoDescriptors,
    /// The system has no memory for the socket (`ENOMEM`, `ENOBUFS`).
    NoMemory,
    /// This machine forbids the connection (`EACCES`, `EPERM`).
    Forbidden,
    /// Open loop: no message was due in the window.
    NothingDue,
    /// The server accepted the connection that checks whether it listens, and
    /// no further one.
    OneConnectionOnly,
    /// They were connected, and no whole message came back in any round.
    NothingBack,
    /// Open loop: they could not send as fast as messages were due.
    Late,
    /// A signal ended their process.
    Killed,
    /// Their process was stopped (SIGSTOP) meanwhile.
    Stopped,
    /// The server's process was stopped (SIGSTOP) meanwhile.
    ServerStopped,
    /// The measuring process was stopped (Ctrl-Z) meanwhile.
    LeaderStopped,
}

/// How many clients met each trouble.
pub type Troubles = BTreeMap<ClientTrouble, u64>;

impl ClientTrouble {
    /// Recognises the error of a client's call on a socket to `target`. `None`:
    /// the server, or the way to it, is as likely the cause.
    pub fn of_error(error: &io::Error, target: SocketAddr) -> Option<Self> {
        Some(match error.kind() {
            // With a route, a router or the server's host may be what is
            // missing. Linux reports the lack of a local address as it does
            // that of ports.
            ErrorKind::NetworkUnreachable
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::AddrNotAvailable
                if !has_route(target) =>
            {
                Self::NoNetwork
            }
            ErrorKind::AddrNotAvailable => Self::NoPorts,
            ErrorKind::PermissionDenied => Self::Forbidden,
            _ if is_out_of_memory(error) => Self::NoMemory,
            _ if is_out_of_descriptors(error) => Self::NoDescriptors,
            _ => return None,
        })
    }

    /// What is wrong, to follow "the clients".
    pub const fn what(self) -> &'static str {
        match self {
            Self::NoNetwork => "found the network unreachable",
            Self::NoPorts => "ran out of local ports",
            Self::NoDescriptors => "ran out of file descriptors",
            Self::NoMemory => "ran out of memory for their sockets",
            Self::Forbidden => "were not permitted to connect",
            Self::NothingDue => "had no message to send in the window",
            Self::OneConnectionOnly => {
                "could not connect: the server accepted the connection that \
                 checks whether it listens, and no further one"
            }
            Self::NothingBack => {
                "were connected, and no whole message came back"
            }
            Self::Late => "fell behind: they could not send what was due",
            Self::Killed => "were killed by a signal",
            Self::Stopped => "were stopped by a signal",
            Self::ServerStopped => {
                "waited for a server that a signal had stopped"
            }
            Self::LeaderStopped => {
                "waited for the measuring process, which a signal had stopped"
            }
        }
    }

    /// What can be done about it.
    pub const fn way_out(self) -> &'static str {
        match self {
            Self::NoNetwork => {
                "bring the interface up (`ip link set lo up` for loopback), or \
                 name an address to which a route leads"
            }
            Self::NoPorts => {
                "use fewer clients, wait a minute for ports in TIME_WAIT, or \
                 widen the range (`net.ipv4.ip_local_port_range`)"
            }
            Self::NoDescriptors => {
                "use fewer clients, or raise the limit (`ulimit -n`)"
            }
            Self::NoMemory => {
                "use fewer clients, or give sockets more memory \
                 (`net.ipv4.tcp_mem`)"
            }
            Self::Forbidden => "see the firewall of this machine",
            Self::NothingDue => {
                "use a higher rate (`--rate`) or a longer window (`--time`)"
            }
            Self::OneConnectionOnly => {
                "have the server accept one connection after another (such as \
                 `fork` of socat or `-k` of nc)"
            }
            Self::NothingBack => {
                "see whether it is an echo server and answers so many clients, \
                 or use a longer window (`--time`)"
            }
            Self::Late => {
                "use a lower rate (`--rate`), or bind the clients to a core of \
                 their own"
            }
            Self::Killed => {
                "see what did it: the kernel does if memory runs out (`dmesg`)"
            }
            Self::Stopped | Self::ServerStopped | Self::LeaderStopped => {
                "measure again, or more rounds (`--rounds`), without stopping \
                 it (Ctrl-Z, SIGSTOP)"
            }
        }
    }

    /// The trouble and the way out in a sentence, without its full stop.
    pub fn words(self) -> String {
        format!("the clients {}; {}", self.what(), self.way_out())
    }

    /// What happened to this many clients of all.
    pub fn observation(self, clients: u64, all: u64) -> String {
        let [clients, all] = [clients, all].map(show_count);
        format!("the clients {}: {clients} of {all}", self.what())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    fn of(kind: ErrorKind, target: SocketAddr) -> Option<ClientTrouble> {
        ClientTrouble::of_error(&io::Error::from(kind), target)
    }

    #[test]
    fn an_error_of_the_clients_side_is_distinguished_from_one_of_the_server() {
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 7));
        for (kind, trouble) in [
            (ErrorKind::NetworkUnreachable, None),
            (ErrorKind::HostUnreachable, None),
            (ErrorKind::AddrNotAvailable, Some(ClientTrouble::NoPorts)),
            (ErrorKind::PermissionDenied, Some(ClientTrouble::Forbidden)),
            (ErrorKind::ConnectionRefused, None),
            (ErrorKind::ConnectionReset, None),
            (ErrorKind::TimedOut, None),
        ] {
            assert_eq!(of(kind, here), trouble, "{kind:?}");
        }
    }

    #[test]
    fn without_a_route_the_network_is_missing() {
        // A link-local address without its interface has no route.
        let ip = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);
        for kind in [
            ErrorKind::NetworkUnreachable,
            ErrorKind::HostUnreachable,
            ErrorKind::AddrNotAvailable,
        ] {
            let found = of(kind, (ip, 7).into());
            assert_eq!(found, Some(ClientTrouble::NoNetwork), "{kind:?}");
        }
    }
}
