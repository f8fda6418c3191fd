//! What the kernel holds for a server: bytes that have arrived and not been
//! read, bytes that have been written and not been received, and clients that
//! are connected and not accepted yet. The server itself cannot know them.
//!
//! Linux reports them in `/proc/net/tcp`, all connections of the machine in
//! one table; see proc(5). Other systems do not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// The queues of one connection of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct KernelQueue {
    /// Bytes that have arrived and that the server has not read (`rx_queue`).
    pub received_bytes: u32,
    /// Bytes that the server has written and that the client's kernel has not
    /// acknowledged (`tx_queue`): they pile up when the client does not read.
    pub unsent_bytes: u32,
    /// Whether the server has accepted the connection.
    pub is_accepted: bool,
}

impl KernelQueue {
    /// An accepted connection with nothing in its queues, which has no row.
    pub const EMPTY: Self =
        Self { received_bytes: 0, unsent_bytes: 0, is_accepted: true };
}

/// The queues of a server's connections by the addresses of their clients,
/// without those that are [empty](KernelQueue::EMPTY).
pub type KernelQueues = BTreeMap<SocketAddr, KernelQueue>;

/// Limit on the rows of [`KernelQueues`]. With this many there may be further
/// connections with something in their queues.
pub const QUEUES_KEPT: usize = 4_096;

/// Clients in the backlog get a row only while there are fewer rows than this,
/// so that there is always room for accepted connections.
#[cfg(target_os = "linux")]
const UNACCEPTED_KEPT: usize = QUEUES_KEPT / 2;

/// What the kernel held for one server when its table was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KernelTable {
    /// How many connections are established and not accepted yet, those without
    /// a row included; `None` if there is no such listener.
    pub backlog: Option<u64>,
    pub queues: KernelQueues,
    /// The CPU time that reading it took.
    pub cost: Duration,
}

/// Reads what the kernel holds for the server that listens, or has listened,
/// at this address. `None` if the system does not report it. The cost grows
/// with the connections of the whole machine: 26 ms for 10,000.
pub fn read(listener: SocketAddr) -> Option<KernelTable> {
    #[cfg(target_os = "linux")]
    return linux::read(listener);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = listener;
        None
    }
}

/// Reads only how many connections are established and not accepted yet, which
/// is cheap with any number of connections. `None` if there is no such
/// listener, or if the system does not report it.
pub fn backlog(listener: SocketAddr) -> Option<u64> {
    #[cfg(target_os = "linux")]
    return linux::backlog(listener);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = listener;
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use super::{
        KernelQueue, KernelQueues, KernelTable, QUEUES_KEPT, UNACCEPTED_KEPT,
    };
    use rustix::time::{ClockId, clock_gettime};
    use std::fmt::Write as _;
    use std::fs::File;
    use std::io::{BufRead as _, BufReader};
    use std::net::{IpAddr, SocketAddr};
    use std::str::SplitAsciiWhitespace;
    use std::time::Duration;

    // The states of `include/net/tcp_states.h` that matter here.
    const ESTABLISHED: &str = "01";
    const FIN_WAIT1: &str = "04";
    const CLOSE_WAIT: &str = "08";
    const LAST_ACK: &str = "09";
    const LISTEN: &str = "0A";
    const CLOSING: &str = "0B";

    /// The kernel's table of sockets, row by row: the listeners come first.
    struct TcpTable {
        table: BufReader<File>,
        line: String,
    }

    /// The columns of a row that matter here, as they are written.
    struct TcpRow<'a> {
        local: &'a str,
        peer: &'a str,
        state: &'a str,
        /// Bytes to be sent and bytes received, with a colon between them. Of a
        /// listener the second is the number of clients in its backlog.
        queues: &'a str,
        rest: SplitAsciiWhitespace<'a>,
    }

    impl TcpTable {
        fn open(listener: SocketAddr) -> Option<Self> {
            // The second one also has the IPv4 clients of an IPv6 listener, by
            // the mapped addresses by which the server knows them.
            let table = File::open(match listener {
                SocketAddr::V4(_) => "/proc/net/tcp",
                SocketAddr::V6(_) => "/proc/net/tcp6",
            });
            let (table, line) = (BufReader::new(table.ok()?), String::new());
            let mut table = Self { table, line };
            // The first row has the names of the columns.
            table.next_row()?;
            Some(table)
        }

        /// The next row; `None` at the end.
        fn next_row(&mut self) -> Option<TcpRow<'_>> {
            self.line.clear();
            self.table.read_line(&mut self.line).ok()?;
            let mut words = self.line.split_ascii_whitespace();
            words.next()?;
            Some(TcpRow {
                local: words.next()?,
                peer: words.next()?,
                state: words.next()?,
                queues: words.next()?,
                rest: words,
            })
        }
    }

    impl TcpRow<'_> {
        /// The sizes of the queues for sending and for receiving.
        fn sizes(&self) -> Option<[u32; 2]> {
            let (unsent, received) = self.queues.split_once(':')?;
            let size = |hex| u32::from_str_radix(hex, 16).ok();
            Some([size(unsent)?, size(received)?])
        }

        /// A connection that the server holds, or that waits for it.
        fn connection(mut self) -> Option<(SocketAddr, KernelQueue)> {
            let [unsent, received] = self.sizes()?;
            // A socket without an inode is not open in any process. It has not
            // been accepted, or it has been closed.
            let is_accepted = self.rest.nth(4)? != "0";
            let state = self.state;
            if !is_accepted && !matches!(state, ESTABLISHED | CLOSE_WAIT) {
                return None;
            }
            // An end of the stream that has not been read, or not been
            // acknowledged, counts as a byte: it has a sequence number.
            let is_half_closed =
                matches!(state, CLOSE_WAIT | LAST_ACK | CLOSING);
            let is_ending = matches!(state, FIN_WAIT1 | LAST_ACK | CLOSING);
            let queue = KernelQueue {
                received_bytes: received.saturating_sub(is_half_closed.into()),
                unsent_bytes: unsent.saturating_sub(is_ending.into()),
                is_accepted,
            };
            Some((parsed(self.peer)?, queue))
        }
    }

    pub(super) fn read(listener: SocketAddr) -> Option<KernelTable> {
        let begun = cpu_time();
        let mut table = TcpTable::open(listener)?;
        let [address, port] = written(listener);
        let own = address + &port;
        let (mut is_listening, mut backlog) = (false, 0);
        let mut queues = KernelQueues::new();
        while let Some(row) = table.next_row() {
            // The connections of a listener on all addresses have one each.
            let is_own = row.local == own
                || listener.ip().is_unspecified() && row.local.ends_with(&port);
            if row.state == LISTEN {
                is_listening |= row.local == own;
            } else if is_own
                && let Some((peer, queue)) = row.connection()
                && queue != KernelQueue::EMPTY
            {
                backlog += u64::from(!queue.is_accepted);
                let is_kept = queues.len() < UNACCEPTED_KEPT
                    || queue.is_accepted && queues.len() < QUEUES_KEPT;
                if is_kept {
                    queues.insert(peer, queue);
                }
            }
        }
        let backlog = is_listening.then_some(backlog);
        let cost = cpu_time().saturating_sub(begun);
        Some(KernelTable { backlog, queues, cost })
    }

    /// The CPU time of this thread so far.
    fn cpu_time() -> Duration {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::try_from(time).unwrap_or_default()
    }

    pub(super) fn backlog(listener: SocketAddr) -> Option<u64> {
        let mut table = TcpTable::open(listener)?;
        let own = written(listener).concat();
        while let Some(row) = table.next_row()
            && row.state == LISTEN
        {
            if row.local == own {
                return row.sizes().map(|[_, waiting]| waiting.into());
            }
        }
        None
    }

    /// An address as the table has it: words of 32 bits in the host's byte
    /// order, and the port after a colon.
    fn written(address: SocketAddr) -> [String; 2] {
        let octets = match address.ip() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let (words, _) = octets.as_chunks::<4>();
        let mut written = String::new();
        for word in words {
            let _ = write!(written, "{:08X}", u32::from_ne_bytes(*word));
        }
        [written, format!(":{:04X}", address.port())]
    }

    /// Reads such an address.
    fn parsed(text: &str) -> Option<SocketAddr> {
        let (ip, port) = text.split_once(':')?;
        let (words, _) = ip.as_bytes().as_chunks::<8>();
        let mut octets = [0; 16];
        for (word, octets) in words.iter().zip(octets.as_chunks_mut().0) {
            let word = u32::from_str_radix(str::from_utf8(word).ok()?, 16);
            *octets = word.ok()?.to_ne_bytes();
        }
        let ip = match words.len() {
            1 => IpAddr::from(*octets.first_chunk::<4>()?),
            4 => IpAddr::from(octets),
            _ => return None,
        };
        let port = u16::from_str_radix(port, 16).ok()?;
        Some(SocketAddr::new(ip, port))
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

    use super::{KernelQueue, KernelTable, backlog, read};
    use std::io::{Read as _, Write as _};
    use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
    use std::time::{Duration, Instant};

    /// Reads until the table is as expected.
    fn until(listener: SocketAddr, holds: impl Fn(&KernelTable) -> bool) {
        let start = Instant::now();
        loop {
            let table = read(listener).unwrap();
            if holds(&table) {
                return assert_eq!(backlog(listener), table.backlog);
            }
            assert!(start.elapsed() < Duration::from_secs(30), "{table:?}");
            std::thread::yield_now();
        }
    }

    fn queue(received: u32, is_accepted: bool) -> KernelQueue {
        let (received_bytes, unsent_bytes) = (received, 0);
        KernelQueue { received_bytes, unsent_bytes, is_accepted }
    }

    /// Follows two clients from their connection to the listener's end.
    /// `seen` makes the address of a client what the server sees.
    fn follow(at: &str, to: Ipv4Addr, seen: fn(SocketAddr) -> SocketAddr) {
        let Ok(listener) = TcpListener::bind(at) else { return };
        let address = listener.local_addr().unwrap();
        let target = match address {
            SocketAddr::V6(it) if !it.ip().is_unspecified() => address,
            _ => SocketAddr::from((to, address.port())),
        };
        let mut first = TcpStream::connect(target).unwrap();
        let second = TcpStream::connect(target).unwrap();
        let [one, other] =
            [&first, &second].map(|it| seen(it.local_addr().unwrap()));
        first.write_all(b"hello\n").unwrap();
        until(address, |it| {
            let rows = [(one, queue(6, false)), (other, queue(0, false))];
            it.backlog == Some(2) && it.queues == rows.into()
        });

        let (mut accepted, peer) = listener.accept().unwrap();
        assert_eq!(peer, one);
        until(address, |it| {
            let rows = [(one, queue(6, true)), (other, queue(0, false))];
            it.backlog == Some(1) && it.queues == rows.into()
        });
        // An end of the stream is not a byte.
        first.shutdown(Shutdown::Write).unwrap();
        accepted.read_exact(&mut [0; 2]).unwrap();
        until(address, |it| it.queues[&one] == queue(4, true));
        accepted.read_to_end(&mut Vec::new()).unwrap();
        until(address, |it| !it.queues.contains_key(&one));

        // The client does not read.
        accepted.set_nonblocking(true).unwrap();
        while accepted.write(&[0; 8_192]).is_ok() {}
        let filled = |it: &KernelTable| {
            it.queues.get(&one).is_some_and(|it| it.unsent_bytes > 65_536)
        };
        until(address, filled);
        // What the server has closed is not its connection any more, and not
        // one that waits to be accepted.
        drop(accepted);
        until(address, |it| it.queues.len() == 1);
        drop((listener, first, second));
        until(address, |it| it.backlog.is_none() && it.queues.is_empty());
    }

    #[test]
    fn queues_of_clients_and_the_backlog_are_read() {
        let localhost = Ipv4Addr::LOCALHOST;
        follow("127.0.0.1:0", localhost, |it| it);
        follow("0.0.0.0:0", Ipv4Addr::new(127, 0, 0, 9), |it| it);
        follow("[::1]:0", localhost, |it| it);
        // A client of an IPv6 listener that comes by IPv4.
        follow("[::]:0", localhost, |it| match it {
            SocketAddr::V4(v4) => (v4.ip().to_ipv6_mapped(), v4.port()).into(),
            SocketAddr::V6(_) => it,
        });
    }
}
