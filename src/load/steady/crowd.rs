//! The connections, which are made a few at a time.

use crate::net::{Client, ClientPoller, ClientSetup};
use crate::probe::SocketId;
use crate::system::{descriptors, machine, queues};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

/// How many connections are being made at once, at most.
const AT_ONCE: u32 = 128;

/// While more connections wait in the server's backlog, no others are begun, as
/// long as the server accepts any.
const MOST_WAITING: u64 = 1_024;

/// How many connections are begun between two checks of the backlog.
const LOOK_EVERY: u32 = 512;

/// A server that accepts no connection for this time serves its other clients
/// first, so there is no use in waiting for its backlog to shrink.
const ACCEPTS_WITHIN: Duration = Duration::from_millis(200);

/// After this time without a new connection the attempt fails.
const CONNECTS_WITHIN: Duration = Duration::from_secs(20);

/// The connections from one source address, which has about 28,000 ports to a
/// destination; see ip(7), `ip_local_port_range`.
const A_SOURCE: u32 = 25_000;

/// All connections of a run.
pub(super) struct Crowd {
    pub(super) poller: ClientPoller,
    /// By the client's number; `None` for a connection that is lost.
    pub(super) clients: Vec<Option<Client>>,
    /// Connections whose end the poller has reported already.
    pub(super) ended: Vec<u32>,
}

impl Crowd {
    /// Makes `count` connections, and returns when all are established.
    ///
    /// # Errors
    /// What the first connection that cannot be made fails with; `TimedOut`
    /// if there is no new one for a long time.
    pub(super) fn connect(target: SocketAddr, count: u32) -> io::Result<Self> {
        // If it is not enough, a connection fails with an error that says so.
        let _ = descriptors::raise_limit();
        let mut crowd = Self {
            poller: ClientPoller::new()?,
            clients: Vec::with_capacity(count as usize),
            ended: Vec::new(),
        };
        let mut is_connected = vec![false; count as usize];
        let (mut begun, mut made, mut last) = (0, 0, Instant::now());
        while made < count {
            while begun < count && begun - made < AT_ONCE {
                crowd.begin(target, begun)?;
                begun += 1;
            }
            let limit = last + CONNECTS_WITHIN;
            crowd.poller.wait_until(limit)?;
            let news = crowd.find_connected(&mut is_connected)?;
            if news > 0 {
                made += news;
                last = Instant::now();
            } else if Instant::now() >= limit {
                let words = format!("only {made} of {count} could connect");
                return Err(io::Error::new(ErrorKind::TimedOut, words));
            }
        }
        Ok(crowd)
    }

    fn begin(&mut self, target: SocketAddr, number: u32) -> io::Result<()> {
        if number % LOOK_EVERY == LOOK_EVERY - 1 {
            heed_backlog(target);
        }
        let setup = ClientSetup {
            source: source(target, number),
            leaves_nothing: true,
            ..ClientSetup::default()
        };
        let mut client = Client::connect(SocketId(number), target, &setup)?;
        self.poller.add(&mut client)?;
        self.clients.push(Some(client));
        Ok(())
    }

    /// Handles the poller's events; returns how many connections are new.
    fn find_connected(&mut self, known: &mut [bool]) -> io::Result<u32> {
        let mut new = 0;
        for at in 0..self.poller.count() {
            let Some(news) = self.poller.news(at) else { continue };
            let number = news.id.0 as usize;
            let Some(Some(client)) = self.clients.get_mut(number) else {
                continue;
            };
            if !known[number] {
                client.finish_connecting()?;
                known[number] = true;
                new += 1;
                self.poller.follow(client, false)?;
            }
            if news.ended {
                self.ended.push(news.id.0);
            }
        }
        Ok(new)
    }
}

/// Waits for the server to accept connections, so that its backlog does not
/// overflow: a connection that is dropped there is tried again only a second
/// later; see listen(2).
fn heed_backlog(target: SocketAddr) {
    let mut before = u64::MAX;
    let mut since = Instant::now();
    while let Some(waiting) = queues::backlog(target)
        && waiting > MOST_WAITING
        && since.elapsed() < ACCEPTS_WITHIN
    {
        if waiting < before {
            (before, since) = (waiting, Instant::now());
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Another loopback address for every further [`A_SOURCE`] connections, because
/// each address has its own ports. `None` lets the kernel choose: for the first
/// ones, and elsewhere, where the addresses of the machine are not known.
fn source(target: SocketAddr, number: u32) -> Option<IpAddr> {
    let sources = number / A_SOURCE;
    let last = u8::try_from(sources).ok()?.checked_add(1)?;
    let here = target.is_ipv4() && target.ip().is_loopback();
    let more = sources > 0 && here && machine::LOOPBACK_IS_A_NETWORK;
    more.then(|| Ipv4Addr::new(127, 0, 0, last).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_other_addresses_only_where_ports_run_out() {
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, 7));
        assert_eq!(source(target, A_SOURCE - 1), None);
        let other = SocketAddr::from((Ipv4Addr::new(10, 0, 0, 1), 7));
        assert_eq!(source(other, 99_999), None);
        if machine::LOOPBACK_IS_A_NETWORK {
            let second = Some(Ipv4Addr::new(127, 0, 0, 2).into());
            assert_eq!(source(target, A_SOURCE), second);
            let fourth = Some(Ipv4Addr::new(127, 0, 0, 4).into());
            assert_eq!(source(target, 99_999), fourth);
        }
    }
}
