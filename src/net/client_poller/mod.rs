//! Waits for many clients' sockets at once, with as little of its own as the
//! system allows: a load generator must not be what is measured.
//!
//! Under Linux that is epoll(7) itself, edge-triggered, and a timerfd for times
//! below a millisecond, set only when the time changes: one call a wait, where
//! the portable [`Selector`](super::Selector) needs five. Elsewhere it is that
//! selector. The user must read until a read returns less than it asked for,
//! and write until a write takes less than offered.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod epoll;
#[cfg(any(test, not(any(target_os = "linux", target_os = "android"))))]
#[cfg_attr(
    any(target_os = "linux", target_os = "android"),
    expect(unreachable_pub, reason = "here it is only tested")
)]
mod portable;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub use epoll::ClientPoller;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub use portable::ClientPoller;

use crate::probe::SocketId;

/// How many sockets one wait names at most.
#[cfg(any(target_os = "linux", target_os = "android"))]
const BATCH: usize = 512;

/// A client whose socket has input, room for output, or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyClient {
    /// The number that the client was given when it was created.
    pub id: SocketId,
    /// Whether the connection has ended, as far as the system says so: it will
    /// not be reported again.
    pub ended: bool,
}

#[cfg(test)]
mod tests {
    use super::super::{Client, ClientSetup};
    use super::*;
    use std::io::Write as _;
    use std::net::TcpListener;
    use std::time::{Duration, Instant};

    macro_rules! times {
        ($poller:ty) => {{
            let mut poller = <$poller>::new().unwrap();
            poller.look().unwrap();
            let start = Instant::now();
            for micros in [300, 700, 5_000] {
                let time = start + Duration::from_micros(micros);
                while Instant::now() < time {
                    poller.wait_until(time).unwrap();
                }
                // A time that has come does not come again.
                poller.wait_until(time).unwrap();
                poller.look().unwrap();
            }
        }};
    }

    macro_rules! news {
        ($poller:ty) => {{
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let target = listener.local_addr().unwrap();
            let mut poller = <$poller>::new().unwrap();
            let id = SocketId(7);
            let setup = ClientSetup::default();
            let mut client = Client::connect(id, target, &setup).unwrap();
            poller.add(&mut client).unwrap();
            let limit = Instant::now() + Duration::from_secs(60);
            let wait = |poller: &mut $poller| {
                let mut news = Vec::new();
                while news.is_empty() && Instant::now() < limit {
                    poller.wait_until(limit).unwrap();
                    news.extend(
                        (0..poller.count()).filter_map(|at| poller.news(at)),
                    );
                }
                assert_eq!(news[0].id, id);
            };
            wait(&mut poller);
            client.finish_connecting().unwrap();
            let (mut server, _) = listener.accept().unwrap();
            let mut bytes = [0; 8];
            for word in [b"one", b"two"] {
                server.write_all(word).unwrap();
                while client.read(&mut bytes).unwrap().is_none() {
                    poller.follow(&mut client, false).unwrap();
                    wait(&mut poller);
                }
                assert_eq!(&bytes[..3], word);
            }
            drop(server);
            while client.read(&mut bytes).unwrap().is_none() {
                poller.follow(&mut client, false).unwrap();
                wait(&mut poller);
            }
        }};
    }

    #[test]
    fn a_time_comes_and_not_before() {
        times!(portable::ClientPoller);
        times!(ClientPoller);
    }

    #[test]
    fn what_arrives_after_a_read_is_reported_again() {
        news!(portable::ClientPoller);
        news!(ClientPoller);
    }
}
