//! What the clients of one group counted, and the result made of it.

use super::each::{ClientResult, Each};
use super::latency::{EchoHistogram, EchoTime};
use super::message::Time;
use super::script::{Group, Pacing, Step};
use crate::units::nanoseconds;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What came out of a run of the clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadResult {
    /// How long the run took, in nanoseconds.
    pub run_time_ns: u64,
    /// What each group did, in the order given.
    pub groups: Vec<GroupResult>,
    /// All groups together; its percentiles are those of all echoes.
    pub total: GroupResult,
    /// The first clients that had an echo, at most [`CLIENTS_TIMED`].
    ///
    /// [`CLIENTS_TIMED`]: super::CLIENTS_TIMED
    pub clients: Vec<ClientResult>,
}

/// What one group of clients did. Times of day count from the start of the
/// run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct GroupResult {
    /// The group's name; `total` for all groups together.
    pub name: String,
    /// How many clients there were.
    pub clients: u64,
    /// How many of them got their connection.
    pub connected: u64,
    /// How many could not connect.
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
    /// Bytes that came back and were not the ones expected; the first one
    /// ends its client.
    pub mismatches: u64,
    /// How the clients ended; adds up to `clients`.
    pub ends: Ends,
    /// When the first echo was complete.
    pub first_echo_at_ns: Option<u64>,
    /// The longest time from a connect to the established connection; missing
    /// without one.
    pub connect_time_max_ns: Option<u64>,
    /// When the first client that had a connection ended.
    pub ended_first_at_ns: Option<u64>,
    /// When the last client that had a connection ended.
    pub ended_last_at_ns: Option<u64>,
    /// How long echoes took, counted as `pacing` says; missing without one.
    pub echo_time: Option<EchoTime>,
    /// How the messages were paced.
    pub pacing: Loop,
    /// The first error that a connect or a connection ended with.
    pub first_error: Option<String>,
    /// The first byte that was not the one expected.
    pub first_mismatch: Option<String>,
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
    /// In words, as reports print it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed loop",
            Self::Open => "open loop",
            Self::Mixed => "mixed",
        }
    }
}

/// How a client ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientEnd {
    Closed,
    InputEnded,
    Reset,
    Mismatch,
    CutOff,
    Refused,
}

/// How many clients ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Ends {
    /// By themselves: their script was done, or told them to close or reset.
    pub closed: u64,
    /// By an end of file from the server.
    pub end_of_file: u64,
    /// By a reset from the server, or another error of the connection.
    pub reset: u64,
    /// By a byte that was not the one expected.
    pub mismatch: u64,
    /// Not before the time limit or the cancellation of the run.
    pub timed_out: u64,
    /// They could not connect.
    pub refused: u64,
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
        ];
        named.into_iter().filter(|(_, clients)| *clients > 0)
    }

    fn of(&mut self, end: ClientEnd) -> &mut u64 {
        match end {
            ClientEnd::Closed => &mut self.closed,
            ClientEnd::InputEnded => &mut self.end_of_file,
            ClientEnd::Reset => &mut self.reset,
            ClientEnd::Mismatch => &mut self.mismatch,
            ClientEnd::CutOff => &mut self.timed_out,
            ClientEnd::Refused => &mut self.refused,
        }
    }

    fn add(&mut self, other: &Self) {
        self.closed += other.closed;
        self.end_of_file += other.end_of_file;
        self.reset += other.reset;
        self.mismatch += other.mismatch;
        self.timed_out += other.timed_out;
        self.refused += other.refused;
    }
}

/// Counts while the run lasts.
#[derive(Debug)]
pub(super) struct GroupCounts {
    pub(super) connected: u64,
    pub(super) bytes_out: u64,
    pub(super) bytes_in: u64,
    pub(super) echoes: u64,
    pub(super) missing: u64,
    pub(super) unsent: u64,
    pub(super) overdue_turns: u64,
    pub(super) mismatches: u64,
    pub(super) ends: Ends,
    pub(super) first_mismatch: Option<String>,
    first_error: Option<String>,
    first_echo_at: Option<Time>,
    connect_time_max: Duration,
    ended_first_at: Option<Time>,
    ended_last_at: Option<Time>,
    echo_times: EchoHistogram,
    /// Echo times that `fresh_times` has not returned yet.
    fresh: Vec<Duration>,
}

impl GroupCounts {
    pub(super) fn new() -> Self {
        Self {
            connected: 0,
            bytes_out: 0,
            bytes_in: 0,
            echoes: 0,
            missing: 0,
            unsent: 0,
            overdue_turns: 0,
            mismatches: 0,
            ends: Ends::default(),
            first_mismatch: None,
            first_error: None,
            first_echo_at: None,
            connect_time_max: Duration::ZERO,
            ended_first_at: None,
            ended_last_at: None,
            echo_times: EchoHistogram::new(),
            fresh: Vec::new(),
        }
    }

    pub(super) fn connected(&mut self, time: Duration) {
        self.connected += 1;
        self.connect_time_max = self.connect_time_max.max(time);
    }

    /// Records an echo that was complete at `now`, `time` after its message was
    /// due.
    pub(super) fn echo(&mut self, now: Time, time: Duration) {
        self.echoes += 1;
        self.first_echo_at.get_or_insert(now);
        self.echo_times.record(time);
        self.fresh.push(time);
    }

    /// The times of the echoes since the last call.
    pub(super) fn fresh_times(&mut self) -> impl Iterator<Item = Duration> {
        self.fresh.drain(..)
    }

    pub(super) const fn echo_times(&self) -> &EchoHistogram {
        &self.echo_times
    }

    #[cfg(test)]
    pub(super) fn echo_time(&self) -> EchoTime {
        self.echo_times.summary()
    }

    pub(super) fn error(&mut self, error: &std::io::Error) {
        self.first_error.get_or_insert_with(|| error.to_string());
    }

    pub(super) fn ended(&mut self, end: ClientEnd, now: Time, connected: bool) {
        *self.ends.of(end) += 1;
        if connected {
            self.ended_first_at.get_or_insert(now);
            self.ended_last_at = Some(now);
        }
    }

    /// Adds what another group counted.
    fn merge(&mut self, other: &Self) {
        self.connected += other.connected;
        self.bytes_out += other.bytes_out;
        self.bytes_in += other.bytes_in;
        self.echoes += other.echoes;
        self.missing += other.missing;
        self.unsent += other.unsent;
        self.overdue_turns += other.overdue_turns;
        self.mismatches += other.mismatches;
        self.ends.add(&other.ends);
        self.merge_firsts(other);
        self.connect_time_max =
            self.connect_time_max.max(other.connect_time_max);
        self.ended_last_at = self.ended_last_at.max(other.ended_last_at);
        self.echo_times.merge(&other.echo_times);
    }

    fn merge_firsts(&mut self, other: &Self) {
        let earlier =
            |a: Option<Time>, b: Option<Time>| a.into_iter().chain(b).min();
        self.first_echo_at = earlier(self.first_echo_at, other.first_echo_at);
        self.ended_first_at =
            earlier(self.ended_first_at, other.ended_first_at);
        let or = |a: &mut Option<String>, b: &Option<String>| {
            *a = a.take().or_else(|| b.clone());
        };
        or(&mut self.first_error, &other.first_error);
        or(&mut self.first_mismatch, &other.first_mismatch);
    }

    fn result(&self, name: &str, clients: usize, pacing: Loop) -> GroupResult {
        GroupResult {
            name: name.to_owned(),
            clients: clients as u64,
            connected: self.connected,
            refused: self.ends.refused,
            bytes_out: self.bytes_out,
            bytes_in: self.bytes_in,
            echoes: self.echoes,
            missing: self.missing,
            unsent: self.unsent,
            overdue_turns: self.overdue_turns,
            mismatches: self.mismatches,
            ends: self.ends,
            first_echo_at_ns: self.first_echo_at.map(nanoseconds),
            connect_time_max_ns: (self.connected > 0)
                .then(|| nanoseconds(self.connect_time_max)),
            ended_first_at_ns: self.ended_first_at.map(nanoseconds),
            ended_last_at_ns: self.ended_last_at.map(nanoseconds),
            echo_time: self.echo_times.some_summary(),
            pacing,
            first_error: self.first_error.clone(),
            first_mismatch: self.first_mismatch.clone(),
        }
    }
}

impl LoadResult {
    pub(super) fn new(
        groups: &[Group],
        tallies: &[GroupCounts],
        each: &Each,
        run_time: Duration,
    ) -> Self {
        let mut all = GroupCounts::new();
        for counts in tallies {
            all.merge(counts);
        }
        let clients = groups.iter().map(|group| group.count).sum();
        let results = groups.iter().zip(tallies).map(|(group, counts)| {
            counts.result(&group.name, group.count, Loop::of_group(group))
        });
        Self {
            run_time_ns: nanoseconds(run_time),
            groups: results.collect(),
            total: all.result("total", clients, Loop::of_all(groups)),
            clients: each.results(),
        }
    }
}

impl Loop {
    fn of_group(group: &Group) -> Self {
        let open = group.steps.iter().any(|step| {
            let Step::Repeat { pacing, .. } = step else { return false };
            *pacing != Pacing::Closed
        });
        if open { Self::Open } else { Self::Closed }
    }

    fn of_all(groups: &[Group]) -> Self {
        let mut loops = groups.iter().map(Self::of_group);
        let first = loops.next().unwrap_or(Self::Closed);
        if loops.all(|other| other == first) { first } else { Self::Mixed }
    }
}
