//! The echo times of each client, for a limited number of clients.

use super::latency::{EchoHistogram, EchoTime};
use crate::probe::SocketId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// How many clients have echo times of their own, at most: the first that
/// have an echo. The others are in the times of their group alone.
pub const CLIENTS_TIMED: usize = 256;

/// The echo times of one client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientResult {
    /// The client's number, from 1, through all groups.
    pub client: u32,
    /// Its end of the connection: what the server sees as its peer.
    pub address: SocketAddr,
    /// How long its echoes took, in a histogram of two significant digits;
    /// the shortest, the mean and the longest are exact.
    pub echo_time: EchoTime,
}

/// Collects the echo times of each client.
#[derive(Debug, Default)]
pub(super) struct Each {
    clients: BTreeMap<u32, Timed>,
}

#[derive(Debug)]
struct Timed {
    address: SocketAddr,
    times: EchoHistogram,
}

impl Each {
    /// Records the times of a client's echoes. `address` is called only for
    /// the first echoes of a client.
    pub(super) fn record(
        &mut self,
        client: SocketId,
        times: impl Iterator<Item = Duration>,
        address: impl FnOnce() -> Option<SocketAddr>,
    ) {
        let mut times = times.peekable();
        if times.peek().is_none() {
            return;
        }
        if !self.clients.contains_key(&client.0) {
            if self.clients.len() == CLIENTS_TIMED {
                return;
            }
            let Some(address) = address() else { return };
            let none = EchoHistogram::small();
            self.clients.insert(client.0, Timed { address, times: none });
        }
        if let Some(timed) = self.clients.get_mut(&client.0) {
            times.for_each(|time| timed.times.record(time));
        }
    }

    /// In the order of the clients' numbers.
    pub(super) fn results(&self) -> Vec<ClientResult> {
        let result = |(client, timed): (&u32, &Timed)| ClientResult {
            client: *client,
            address: timed.address,
            echo_time: timed.times.summary(),
        };
        self.clients.iter().map(result).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(each: &mut Each, client: u32, ms: &[u64]) {
        let address = SocketAddr::from(([127, 0, 0, 1], 50_000));
        let times = ms.iter().map(|ms| Duration::from_millis(*ms));
        each.record(SocketId(client), times, || Some(address));
    }

    #[test]
    fn each_client_has_its_own_times() {
        let mut each = Each::default();
        record(&mut each, 7, &[1, 2]);
        record(&mut each, 3, &[]);
        record(&mut each, 4, &[500]);
        record(&mut each, 7, &[3]);
        let results = each.results();
        let found = results.iter().map(|it| {
            (it.client, it.echo_time.count, it.echo_time.max_ns / 1_000_000)
        });
        assert_eq!(found.collect::<Vec<_>>(), [(4, 1, 500), (7, 3, 3)]);
        let half = results[1].echo_time.p50_ns;
        assert!(half.abs_diff(2_000_000) <= 20_000, "{half}");
    }

    #[test]
    fn no_more_clients_than_there_is_room_for() {
        let mut each = Each::default();
        (1..=1000).for_each(|client| record(&mut each, client, &[1]));
        record(&mut each, 1, &[1]);
        assert_eq!(each.results().len(), CLIENTS_TIMED);
        assert_eq!(each.results()[0].echo_time.count, 2);
    }
}
