//! How many clients wait in a listener's backlog, which the server itself
//! cannot know.

use std::net::SocketAddr;

/// How many connections are established and not accepted yet at the listener
/// of this address. `None` where there is no such listener, or where the
/// system does not report it; see proc(5).
#[cfg(target_os = "linux")]
pub fn waiting(listener: SocketAddr) -> Option<u64> {
    let table = std::fs::File::open(match listener {
        SocketAddr::V4(_) => "/proc/net/tcp",
        SocketAddr::V6(_) => "/proc/net/tcp6",
    });
    linux::waiting(std::io::BufReader::new(table.ok()?), listener)
}

/// Always `None`: this system does not report it.
#[cfg(not(target_os = "linux"))]
pub fn waiting(_: SocketAddr) -> Option<u64> {
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fmt::Write as _;
    use std::io::BufRead;
    use std::net::{IpAddr, SocketAddr};

    /// The state of a listening socket in `/proc/net/tcp`.
    const LISTEN: &str = "0A";

    /// Reads `rx_queue`, which for a listening socket is the number of
    /// connections in its backlog. Listeners come first, so that even with ten
    /// thousand connections only the beginning is read.
    pub(super) fn waiting(
        table: impl BufRead,
        listener: SocketAddr,
    ) -> Option<u64> {
        let address = written(listener);
        for line in table.lines().skip(1) {
            let line = line.ok()?;
            let mut words = line.split_whitespace().skip(1);
            let (local, state) = (words.next()?, words.nth(1)?);
            if state != LISTEN {
                return None;
            }
            if local == address {
                let (_, received) = words.next()?.split_once(':')?;
                return u64::from_str_radix(received, 16).ok();
            }
        }
        None
    }

    /// An address as `/proc/net/tcp` has it: words of 32 bits in the host's
    /// byte order, and the port.
    fn written(address: SocketAddr) -> String {
        let octets = match address.ip() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let (words, _) = octets.as_chunks::<4>();
        let mut written = String::new();
        for word in words {
            let _ = write!(written, "{:08X}", u32::from_ne_bytes(*word));
        }
        let _ = write!(written, ":{:04X}", address.port());
        written
    }

    #[cfg(test)]
    mod tests {
        use super::super::waiting;
        use std::net::{TcpListener, TcpStream};
        use std::time::{Duration, Instant};

        fn until(listener: &TcpListener, clients: u64) {
            let start = Instant::now();
            let address = listener.local_addr().ok();
            while address.and_then(waiting) != Some(clients) {
                assert!(start.elapsed() < Duration::from_secs(30));
                std::thread::yield_now();
            }
        }

        fn counts_at(address: &str) {
            let Ok(listener) = TcpListener::bind(address) else { return };
            let Ok(address) = listener.local_addr() else { return };
            until(&listener, 0);
            let clients = [(); 2].map(|()| TcpStream::connect(address));
            assert!(clients.iter().all(Result::is_ok));
            until(&listener, 2);
            let accepted = listener.accept();
            assert!(accepted.is_ok());
            until(&listener, 1);
            drop(listener);
            assert_eq!(waiting(address), None, "no listener");
        }

        #[test]
        fn clients_in_the_backlog_are_counted() {
            counts_at("127.0.0.1:0");
            counts_at("[::1]:0");
        }
    }
}
