//! What the clients did, counted while they run.

use super::latency::{EchoHistogram, EchoTime};
use super::script::{Group, Repeat, Step};
use super::trouble::{ClientTrouble, Troubles};
use crate::probe::SocketId;
use crate::units::{nanoseconds, plural, show_count};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// How many clients have echo times of their own, at most: the first that
/// have an echo. The others are in the times of their group alone.
pub const CLIENTS_TIMED: usize = 256;

/// The result of a run of the clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadResult {
    /// How long the run took, in nanoseconds.
    pub run_time_ns: u64,
    /// What each group did, in the order given.
    pub groups: Vec<GroupResult>,
    /// All groups together; its percentiles are those of all echoes.
    pub total: GroupResult,
    /// The first clients that had an echo, at most [`CLIENTS_TIMED`].
    pub clients: Vec<ClientResult>,
}

/// What one group of clients did. Fields that end in `_at_ns` count from the
/// start of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct GroupResult {
    /// The group's name; `total` for all groups together.
    pub name: String,
    /// How many clients there were.
    pub clients: u64,
    /// How many of them connected.
    pub connected: u64,
    /// How many could not connect, other than for a trouble of their own side.
    pub refused: u64,
    /// Bytes handed to the kernel.
    pub bytes_out: u64,
    /// Bytes read.
    pub bytes_in: u64,
    /// Messages that came back whole and equal.
    pub echoes: u64,
    /// Messages sent in whole or in part whose echo was never complete.
    pub missing: u64,
    /// Messages that were queued, but of which nothing was sent.
    pub unsent: u64,
    /// Open loop: turns that were due, but never began because the client
    /// was still held up by the ones before.
    pub overdue_turns: u64,
    /// Messages that were lost, as far as can be told: their client's
    /// connection ended without the whole echo, or when the client was cut off
    /// they had waited for 1 s. What was merely under way then is not lost.
    pub lost: u64,
    /// Clients whose connection the server ended before they were done.
    pub cut_short: u64,
    /// Troubles of the clients' own side, and how many clients had each.
    pub troubles: Troubles,
    /// Bytes that came back and were not the ones expected; the first one
    /// ends its client.
    pub mismatches: u64,
    /// How the clients ended; adds up to `clients`.
    pub ends: Ends,
    /// When the first echo was complete.
    pub first_echo_at_ns: Option<u64>,
    /// The longest time from a connect to the established connection; missing
    /// if none was established.
    pub connect_time_max_ns: Option<u64>,
    /// When the first client that had a connection ended.
    pub ended_first_at_ns: Option<u64>,
    /// When the last client that had a connection ended.
    pub ended_last_at_ns: Option<u64>,
    /// The echo times, counted as `pacing` says; missing without an echo.
    pub echo_time: Option<EchoTime>,
    /// How the messages were paced.
    pub pacing: Loop,
    /// The first error that a connect or a connection ended with.
    pub first_error: Option<String>,
    /// The first byte that was not the one expected.
    pub first_mismatch: Option<String>,
}

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

/// What a group's echo times mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub enum Loop {
    /// No group has an open-loop repetition: echo times count from when a
    /// message was queued (service time where each echo is awaited).
    #[default]
    #[serde(rename = "closed loop")]
    Closed,
    /// There is an open-loop repetition, whose echo times count from when a
    /// turn was due (response time).
    #[serde(rename = "open loop")]
    Open,
    /// The total of groups of both kinds.
    #[serde(rename = "mixed")]
    Mixed,
}

impl Loop {
    /// Its name, as reports print it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed loop",
            Self::Open => "open loop",
            Self::Mixed => "mixed",
        }
    }

    fn of_group(group: &Group) -> Self {
        let is_open = |repeat: &Repeat| repeat.every.is_some();
        let open = group.steps.iter().any(
            |step| matches!(step, Step::Repeat(repeat) if is_open(repeat)),
        );
        if open { Self::Open } else { Self::Closed }
    }

    fn of_all(groups: &[Group]) -> Self {
        let mut loops = groups.iter().map(Self::of_group);
        let first = loops.next().unwrap_or_default();
        if loops.all(|other| other == first) { first } else { Self::Mixed }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientEnd {
    Closed,
    InputEnded,
    Reset,
    Mismatch,
    CutOff,
    Refused,
    Troubled,
}

/// The number of clients that ended in each way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Ends {
    /// Closed by the client: its script was done, or had it close or reset.
    pub closed: u64,
    /// Ended by an end of file from the server.
    pub end_of_file: u64,
    /// Ended by a reset from the server, or another connection error.
    pub reset: u64,
    /// Ended by a byte that was not the one expected.
    pub mismatch: u64,
    /// Cut off by the time limit or the cancellation of the run.
    pub timed_out: u64,
    /// Ended because they could not connect.
    pub refused: u64,
    /// Ended by a trouble of the clients' own side.
    pub in_trouble: u64,
}

impl Ends {
    /// The ways in which any client ended, by their names.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let named = [
            ("closed", self.closed),
            ("end of file", self.end_of_file),
            ("reset", self.reset),
            ("mismatch", self.mismatch),
            ("timed out", self.timed_out),
            ("refused", self.refused),
            ("in trouble", self.in_trouble),
        ];
        named.into_iter().filter(|(_, clients)| *clients > 0)
    }

    fn count(&mut self, end: ClientEnd) {
        *match end {
            ClientEnd::Closed => &mut self.closed,
            ClientEnd::InputEnded => &mut self.end_of_file,
            ClientEnd::Reset => &mut self.reset,
            ClientEnd::Mismatch => &mut self.mismatch,
            ClientEnd::CutOff => &mut self.timed_out,
            ClientEnd::Refused => &mut self.refused,
            ClientEnd::Troubled => &mut self.in_trouble,
        } += 1;
    }
}

impl GroupResult {
    /// The troubles of the clients' own side and the ways out, in a sentence;
    /// `None` if there were none.
    pub fn trouble_in_words(&self) -> Option<String> {
        let each = self.troubles.iter().map(|(trouble, clients)| {
            let observed = trouble.observation(*clients, self.clients);
            format!("{observed}; {}", trouble.way_out())
        });
        let all = each.collect::<Vec<_>>().join("; ");
        Some(all).filter(|it| !it.is_empty())
    }

    /// What did not come back, in a clause; `None` if everything did, as far as
    /// the clients had the time. If they were cut off on request, what was under
    /// way is not missed.
    pub fn shortfall(&self, on_request: bool) -> Option<String> {
        let Self { clients, echoes, .. } = *self;
        let all = show_count(clients);
        let of_clients = |n: u64, what: &str| {
            (n > 0)
                .then(|| format!("{} of {all} clients {what}", show_count(n)))
        };
        let silent = self.bytes_out > 0 && echoes == 0 && !on_request;
        let lost = (self.lost > 0).then(|| {
            format!("{} had no whole echo", plural(self.lost, "message"))
        });
        let parts = [
            of_clients(self.refused, "could not connect"),
            of_clients(self.ends.reset, "were reset by the server"),
            of_clients(
                self.cut_short.saturating_sub(self.ends.reset),
                "were ended by the server before they were done",
            ),
            silent.then(|| "not one message came back".to_owned()),
            lost,
        ];
        let words = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        Some(words).filter(|it| !it.is_empty())
    }
}

/// What all clients have counted so far.
#[derive(Debug)]
pub(super) struct LoadTally {
    groups: Vec<GroupTally>,
    pub(super) total: GroupTally,
    clients: BTreeMap<u32, (SocketAddr, EchoHistogram)>,
}

/// What one group of clients has counted so far.
#[derive(Debug)]
pub(super) struct GroupTally {
    /// Without the fields that `finish` computes.
    pub(super) counts: GroupResult,
    pub(super) echo_times: EchoHistogram,
}

impl LoadTally {
    pub(super) fn new(groups: &[Group]) -> Self {
        let all = groups.iter().map(|group| group.count).sum();
        let tally = |group: &Group| {
            GroupTally::new(&group.name, group.count, Loop::of_group(group))
        };
        Self {
            groups: groups.iter().map(tally).collect(),
            total: GroupTally::new("total", all, Loop::of_all(groups)),
            clients: BTreeMap::new(),
        }
    }

    /// Where to count what a client of this group does: both in its group
    /// and in the total.
    pub(super) fn of(&mut self, group: usize) -> [&mut GroupTally; 2] {
        [&mut self.groups[group], &mut self.total]
    }

    /// Records the echo times of one client. `address` is called only for
    /// the first echoes of a client.
    pub(super) fn time_client(
        &mut self,
        client: SocketId,
        echo_times: &[Duration],
        address: impl FnOnce() -> Option<SocketAddr>,
    ) {
        let has_room = self.clients.len() < CLIENTS_TIMED;
        let timed = match self.clients.entry(client.0) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let first = has_room && !echo_times.is_empty();
                let address = first.then(address).flatten();
                let Some(address) = address else { return };
                entry.insert((address, EchoHistogram::new(2)))
            }
        };
        for time in echo_times {
            timed.1.record_ns(nanoseconds(*time));
        }
    }

    pub(super) fn finish(self, run_time: Duration) -> LoadResult {
        let client = |(client, (address, times)): (u32, (_, EchoHistogram))| {
            let echo_time = times.summary().unwrap_or_default();
            ClientResult { client, address, echo_time }
        };
        LoadResult {
            run_time_ns: nanoseconds(run_time),
            groups: self.groups.into_iter().map(GroupTally::finish).collect(),
            total: self.total.finish(),
            clients: self.clients.into_iter().map(client).collect(),
        }
    }
}

impl GroupTally {
    pub(super) fn new(name: &str, clients: usize, pacing: Loop) -> Self {
        let (name, clients) = (name.to_owned(), clients as u64);
        let counts =
            GroupResult { name, clients, pacing, ..GroupResult::default() };
        Self { counts, echo_times: EchoHistogram::new(3) }
    }

    pub(super) fn connected(&mut self, time: Duration) {
        self.counts.connected += 1;
        let longest = self.counts.connect_time_max_ns;
        self.counts.connect_time_max_ns = longest.max(Some(nanoseconds(time)));
    }

    /// Records echoes that were complete at `now`, by how long they took.
    pub(super) fn echoed(&mut self, now: Duration, echo_times: &[Duration]) {
        for time in echo_times {
            self.counts.echoes += 1;
            self.counts.first_echo_at_ns.get_or_insert(nanoseconds(now));
            self.echo_times.record_ns(nanoseconds(*time));
        }
    }

    pub(super) fn error(
        &mut self,
        error: &io::Error,
        trouble: Option<ClientTrouble>,
    ) {
        self.counts.first_error.get_or_insert_with(|| error.to_string());
        if let Some(trouble) = trouble {
            *self.counts.troubles.entry(trouble).or_default() += 1;
        }
    }

    pub(super) fn ended(
        &mut self,
        end: ClientEnd,
        now: Duration,
        was_connected: bool,
    ) {
        self.counts.ends.count(end);
        if was_connected {
            let now_ns = nanoseconds(now);
            self.counts.ended_first_at_ns.get_or_insert(now_ns);
            self.counts.ended_last_at_ns = Some(now_ns);
        }
    }

    fn finish(self) -> GroupResult {
        GroupResult {
            refused: self.counts.ends.refused,
            echo_time: self.echo_times.summary(),
            ..self.counts
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(tally: &mut LoadTally, client: u32, ms: &[u64]) {
        let address = SocketAddr::from(([127, 0, 0, 1], 50_000));
        let times: Vec<_> =
            ms.iter().map(|ms| Duration::from_millis(*ms)).collect();
        tally.time_client(SocketId(client), &times, || Some(address));
    }

    #[test]
    fn each_of_the_first_clients_has_its_own_times() {
        let mut tally = LoadTally::new(&[]);
        record(&mut tally, 7, &[1, 2]);
        record(&mut tally, 3, &[]);
        (8..=1000).for_each(|client| record(&mut tally, client, &[1]));
        record(&mut tally, 7, &[3]);
        let clients = tally.finish(Duration::ZERO).clients;
        assert_eq!(clients.len(), CLIENTS_TIMED);
        let (first, time) = (clients[0].client, clients[0].echo_time);
        assert_eq!((first, time.count, time.max_ns), (7, 3, 3_000_000));
        let half = time.p50_ns;
        assert!(half.abs_diff(2_000_000) <= 20_000, "{half}");
    }
}
