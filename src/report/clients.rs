//! What the clients measured as rows of a report.

use super::{Clients, EchoTime, GroupRow, SocketRow};
use crate::load::{self, ClientResult, Ends, GroupResult, LoadResult};
use std::collections::{BTreeMap, HashMap};

impl Clients {
    /// What the clients measured.
    #[must_use]
    pub fn new(load: &LoadResult, own_process: bool) -> Self {
        Self {
            total: GroupRow::from(&load.total),
            groups: load.groups.iter().map(GroupRow::from).collect(),
            own_process,
        }
    }
}

impl SocketRow {
    /// Gives each socket the echo times that its client measured; they are
    /// known to belong together by the address of the client's end. Where an
    /// address came up twice, neither has them.
    pub fn add_echo_times(rows: &mut [Self], clients: &[ClientResult]) {
        let peers = rows.iter().filter_map(|row| row.peer.clone());
        let sockets = occurrences(peers);
        let addresses = clients.iter().map(|it| it.address.to_string());
        let ends = occurrences(addresses);
        let is_clear = |peer: &str| {
            (sockets.get(peer), ends.get(peer)) == (Some(&1), Some(&1))
        };
        let time = |it: &ClientResult| (it.address.to_string(), it.echo_time);
        let times: HashMap<_, _> = clients.iter().map(time).collect();
        for row in rows {
            let peer = row.peer.as_ref().filter(|peer| is_clear(peer));
            let time = peer.and_then(|peer| times.get(peer));
            row.echo_time = time.and_then(EchoTime::of);
        }
    }
}

fn occurrences(words: impl Iterator<Item = String>) -> HashMap<String, u32> {
    let mut counts = HashMap::new();
    words.for_each(|word| *counts.entry(word).or_default() += 1);
    counts
}

impl From<&GroupResult> for GroupRow {
    fn from(group: &GroupResult) -> Self {
        let connected = group.connected > 0;
        Self {
            name: group.name.clone(),
            clients: group.clients,
            connected: group.connected,
            refused: group.refused,
            bytes_out: group.bytes_out,
            bytes_in: group.bytes_in,
            echoes: group.echoes,
            missing: group.missing,
            unsent: group.unsent,
            overdue_turns: group.overdue_turns,
            mismatches: group.mismatches,
            ends: ends(&group.ends),
            connect_time_max_ns: connected.then_some(group.connect_time_max_ns),
            first_echo_at_ns: group.first_echo_at_ns,
            ended_first_at_ns: group.ended_first_at_ns,
            ended_last_at_ns: group.ended_last_at_ns,
            echo_time: EchoTime::of(&group.echo_time),
            pacing: group.pacing.name().into(),
            first_error: group.first_error.clone(),
            first_mismatch: group.first_mismatch.clone(),
        }
    }
}

impl EchoTime {
    fn of(times: &load::EchoTime) -> Option<Self> {
        (times.count > 0).then_some(Self {
            count: times.count,
            min_ns: times.min_ns,
            mean_ns: times.mean_ns,
            p50_ns: times.p50_ns,
            p90_ns: times.p90_ns,
            p99_ns: times.p99_ns,
            p99_9_ns: times.p99_9_ns,
            max_ns: times.max_ns,
        })
    }
}

/// Those ways in which a client ended, by their names.
fn ends(ends: &Ends) -> BTreeMap<String, u64> {
    ends.named().map(|(name, count)| (name.to_owned(), count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u32, port: Option<u16>) -> SocketRow {
        SocketRow {
            id,
            peer: port.map(|port| format!("127.0.0.1:{port}")),
            calls: 1,
            calls_by_kind: BTreeMap::new(),
            longest_write_ns: None,
            would_blocks: 0,
            bytes_in: 1,
            bytes_out: 1,
            echoes: 1,
            pending_peak_bytes: 1,
            unsent_bytes: 0,
            end: None,
            echo_time: None,
        }
    }

    fn client(client: u32, port: u16) -> ClientResult {
        let echo_time =
            load::EchoTime { count: client.into(), ..Default::default() };
        let address = ([127, 0, 0, 1], port).into();
        ClientResult { client, address, echo_time }
    }

    #[test]
    fn echo_times_stand_with_the_socket_of_their_client() {
        let ports = [None, Some(51), Some(52), Some(53), Some(54), Some(54)];
        let mut rows: Vec<_> =
            (0..).zip(ports).map(|(id, port)| row(id, port)).collect();
        let clients = [
            client(7, 53),
            client(8, 51),
            client(9, 54),
            client(1, 52),
            client(2, 52),
        ];
        SocketRow::add_echo_times(&mut rows, &clients);
        let counts = rows.iter().map(|row| row.echo_time.map(|it| it.count));
        let expected = [None, Some(8), None, Some(7), None, None];
        assert_eq!(counts.collect::<Vec<_>>(), expected);
    }
}
