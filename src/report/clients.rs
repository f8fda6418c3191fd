//! What the clients measured as rows of a report.

use super::{Clients, EchoTime, GroupRow};
use crate::load::{self, Ends, GroupResult, LoadResult};
use std::collections::BTreeMap;

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
    let named = [
        ("closed", ends.closed),
        ("end of file", ends.end_of_file),
        ("reset", ends.reset),
        ("mismatch", ends.mismatch),
        ("timed out", ends.timed_out),
        ("refused", ends.refused),
    ];
    let happened = named.into_iter().filter(|(_, count)| *count > 0);
    happened.map(|(name, count)| (name.to_owned(), count)).collect()
}
