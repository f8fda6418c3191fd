//! The result of a run as a plain value, at its end or at any moment before.
//!
//! The JSON report is this value as serde writes it. Field names end in
//! their unit; a number without one is a count. A figure that is not known is
//! missing (`null`), never zero.

mod build;
mod figures;

pub use build::{server_report, stop_in_words};

use super::conditions::Conditions;
use crate::load::{EchoTime, GroupResult};
use crate::probe::{
    Class, ErrorNumber, Kind, Operation, PhaseMark, SocketCount,
};
use crate::scenario::ExpectationCheck;
use crate::units::ratio;
use crate::view::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The version of the JSON format of a [`RunReport`].
pub const REPORT_VERSION: u32 = 2;

/// The most sockets that a report lists.
pub const SOCKETS_LISTED: usize = 16_384;

/// The result of a run, or the part of it that is known so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunReport {
    /// The version of this format.
    pub schema_version: u32,
    /// What the run is called: its mode, `load`, or in a comparison of
    /// several runs of one mode also a file or a number.
    pub name: String,
    /// The conditions under which the run took place.
    pub conditions: Conditions,
    /// Whether the run is over.
    pub over: bool,
    /// How it ended, in words: `all clients were done`, `SIGTERM`.
    pub outcome: String,
    /// Why it failed; missing if it did not.
    pub failure: Option<String>,
    /// Interventions that its scenario does not plan, in words: the run was
    /// ended before its clients were done, paused, or slowed down.
    pub interventions: Vec<String>,
    /// How long the run took; zero if it was not started.
    pub run_time_ns: u64,
    /// The phases of the server's life, in order; empty if it is not ours.
    pub phases: Vec<PhaseMark>,
    /// The end of the grace period of all connections, on the clock of the
    /// phases; missing if the server was not asked to stop.
    pub deadline_at_ns: Option<u64>,
    /// What the server did; missing if it is not ours.
    pub server: Option<ServerReport>,
    /// One row for each socket, the listener first.
    pub sockets: Vec<SocketReport>,
    /// How many connections have no row because there were too many.
    pub sockets_not_listed: u64,
    /// One row for each line of the mode's source that makes calls.
    pub lines: Vec<LineReport>,
    /// What the clients measured; missing without clients of ours.
    pub clients: Option<ClientsReport>,
    /// The scenario's expectations, and whether they held.
    pub checks: Vec<ExpectationCheck>,
    /// Noteworthy facts about the run, with advice.
    pub findings: Vec<Finding>,
    /// Events that a screen, log or recording had no room or time for.
    pub events_lost: u64,
    /// Why its own recording does not have all of it, in words: the limit of
    /// the size was reached, the disk is full; missing if it has, or if there is
    /// none.
    pub recording_incomplete: Option<String>,
    /// The recording that the report was made from; missing if there is none.
    pub recording: Option<RecordingOrigin>,
}

/// What the server did: totals over all connections and threads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerReport {
    /// Connections accepted.
    pub connections: u64,
    /// Connections still open.
    pub connections_open: u64,
    /// How many connections ended in each way: `end of file`, `reset`.
    pub ends: BTreeMap<String, u64>,
    /// Connections whose handler failed and handled the error itself.
    pub errors_handled: u64,
    /// Connections whose handler failed and passed the error on.
    pub errors_unhandled: u64,
    /// Tasks that failed and whose result was never retrieved, as reported by
    /// the event loop.
    pub errors_never_retrieved: u64,
    /// How often a task kept the thread for more than 0.1 s, so that all other
    /// tasks had to wait.
    pub long_task_runs: u64,
    /// The longest of these times; zero if there were none.
    pub longest_task_run_ns: u64,
    /// Turns of the server's loop.
    pub iterations: u64,
    /// Returns of the selector's wait; missing in a mode without one.
    pub wake_ups: Option<u64>,
    /// All calls on sockets and the selector. One wait of the selector counts
    /// once, though it makes several system calls.
    pub calls: u64,
    /// Calls that returned would-block.
    pub would_blocks: u64,
    /// How many of these calls there were of each kind.
    pub calls_by_kind: BTreeMap<Kind, u64>,
    /// Calls that returned would-block, by kind.
    pub would_blocks_by_kind: BTreeMap<Kind, u64>,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Messages that were sent back whole: lines in `lines` framing, what
    /// one read brought in `bytes` framing.
    pub echoes: u64,
    /// Bytes received and never sent back, on connections that have ended.
    pub unsent_bytes: u64,
    /// The most bytes of pending output one connection had.
    pub pending_peak_bytes: u64,
    /// The longest duration of a write that may sleep; missing without such a
    /// write.
    pub longest_write_ns: Option<u64>,
    /// How often accepting paused at the limit of connections.
    pub connection_pauses: u64,
    /// How often accepting paused for lack of file descriptors.
    pub descriptor_pauses: u64,
    /// Clients that waited to be accepted when the server stopped: their
    /// connections were reset. Missing before it stops, and if the system does
    /// not report it.
    pub left_waiting: Option<u64>,
    /// The system calls that failed, by call and error; errors that end a
    /// connection as usual, such as a reset, are in `ends` alone.
    pub failed_calls: Vec<FailedCallsReport>,
    /// CPU time of the server's threads.
    pub cpu: Option<CpuTime>,
    /// Context switches of the server's threads.
    pub context_switches: Option<ContextSwitches>,
    /// How many threads have made calls.
    pub threads: u64,
    /// The peak resident memory; missing for one of several runs.
    pub peak_memory_bytes: Option<u64>,
    /// Whether this memory includes clients in the server's process.
    pub peak_memory_of: MemoryOf,
}

/// How often a system call of the server failed with one error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailedCallsReport {
    /// The call that failed.
    pub call: Operation,
    /// The system's words for the error: `too many open files`.
    pub error: String,
    /// The number of the error; see errno(3).
    pub number: ErrorNumber,
    /// How often that happened.
    pub count: u64,
}

/// CPU time; see getrusage(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CpuTime {
    /// Time in user space; before the run has ended, all of its CPU time.
    pub user_ns: u64,
    /// Time in the kernel on behalf of the program.
    pub system_ns: u64,
}

/// Context switches; see getrusage(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContextSwitches {
    /// Switches because a thread had to wait.
    pub voluntary: u64,
    /// Switches because a thread was preempted.
    pub involuntary: u64,
}

/// The part of the program that a figure of memory includes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemoryOf {
    /// The server's process, without clients in it.
    #[default]
    Server,
    /// One process with the server and the clients.
    ServerAndClients,
}

/// What happened on one socket.
#[derive(Clone, Debug, Default, PartialEq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct SocketReport {
    /// The counters of the server.
    #[serde(flatten)]
    pub count: SocketCount,
    /// System calls on the socket.
    pub calls: u64,
    /// How long its client's echoes took, as the client measured; missing
    /// without a client of ours, without an echo, and beyond the first 256
    /// clients that had one. Its percentiles are at most 1 % off.
    pub echo_time: Option<EchoTime>,
}

/// What one line of the mode's source did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineReport {
    /// The file's name without its folders.
    pub file: String,
    /// The line's number, from 1.
    pub line: u32,
    /// The text of the line, if it is known.
    pub source: Option<String>,
    /// The kind of call on this line.
    pub call: Kind,
    /// How often the system call was made.
    pub calls: u64,
    /// How often a thread reached the line, by the result; this includes the
    /// times when no call was made.
    pub outcomes: BTreeMap<Class, u64>,
    /// Bytes received or sent by these calls.
    pub bytes: u64,
}

/// What the scenario's clients measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientsReport {
    /// All groups together; its percentiles are those of all echoes.
    pub total: GroupResult,
    /// One row for each group; empty before the run is over.
    pub groups: Vec<GroupReport>,
    /// Whether the clients ran in a separate process.
    pub own_process: bool,
}

/// What a group of clients measured, with facts for a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupReport {
    /// The group's figures.
    #[serde(flatten)]
    pub result: GroupResult,
    /// Whether a time limit ends what its clients do, so that the number of
    /// their echoes is a measured figure.
    pub is_timed: bool,
    /// In a mode that serves one client at a time: the clients that were
    /// accepted before the client with the longest echo.
    pub longest_echo_behind: Option<ClientsBefore>,
}

/// The clients that were accepted before another client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClientsBefore {
    /// How many clients there were.
    pub clients: u64,
    /// The name of this client if there was only one, if it is known.
    pub only: Option<String>,
}

/// The recording that a report was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordingOrigin {
    /// Its file, as given on the command line.
    pub file: String,
    /// Where and why it ends, if that is before the end of the run: the figures
    /// are those up to there.
    pub ended_early: Option<String>,
}

impl RunReport {
    /// Reads a report from JSON; `None` if invalid or of another version.
    pub fn from_json(value: &Value) -> Option<Self> {
        let report = Self::deserialize(value).ok()?;
        (report.schema_version == REPORT_VERSION).then_some(report)
    }

    /// The report of a run that has not begun.
    pub fn new(name: &str, conditions: Conditions) -> Self {
        Self {
            schema_version: REPORT_VERSION,
            name: name.into(),
            conditions,
            outcome: "it goes on".into(),
            ..Self::default()
        }
    }

    /// What each group of clients measured; none without clients of ours.
    pub fn groups(&self) -> &[GroupReport] {
        self.clients.as_ref().map_or(&[], |it| &it.groups)
    }

    /// What the group of clients with this name measured.
    pub fn group(&self, name: &str) -> Option<&GroupReport> {
        self.groups().iter().find(|it| it.result.name == name)
    }

    /// The troubles of its clients' own side and the ways out; `None` if there
    /// were none.
    pub fn trouble(&self) -> Option<String> {
        self.clients.as_ref()?.total.trouble_in_words()
    }

    /// Why the run says nothing about its server: its clients were in trouble,
    /// or not one of them was served. `None` if some were, or without clients of
    /// ours.
    pub fn not_served(&self) -> Option<String> {
        let total = &self.clients.as_ref()?.total;
        let is_silent = total.echoes == 0 && total.missing > 0;
        let why = if total.clients > 0 && total.connected == 0 {
            "not one client could connect"
        } else {
            "nothing came back to its clients"
        };
        self.trouble().or_else(|| {
            (total.connected == 0 || is_silent).then(|| why.to_owned())
        })
    }

    /// CPU time of the server, in user space and in the kernel.
    pub fn cpu_ns(&self) -> Option<u64> {
        self.server.as_ref()?.cpu.map(CpuTime::total_ns)
    }
}

impl ServerReport {
    /// How often calls of this kind were made.
    pub fn calls_of(&self, kind: Kind) -> u64 {
        self.calls_by_kind.get(&kind).copied().unwrap_or_default()
    }

    /// How many calls would have blocked for each call that did not; `None` if
    /// all would have.
    pub fn would_blocks_a_useful_call(&self) -> Option<f64> {
        let useful = self.calls.saturating_sub(self.would_blocks);
        (useful > 0).then(|| ratio(self.would_blocks, useful))
    }
}

impl CpuTime {
    /// Time in user space and in the kernel.
    pub const fn total_ns(self) -> u64 {
        self.user_ns + self.system_ns
    }

    /// The CPU time as a share of one core during `time_ns`.
    pub fn share(self, time_ns: u64) -> f64 {
        ratio(self.total_ns(), time_ns.max(1))
    }
}

impl GroupReport {
    /// Messages whose echo was not complete, and messages never sent.
    pub const fn missing_echoes(&self) -> u64 {
        let GroupResult { missing, unsent, overdue_turns, .. } = self.result;
        missing + unsent + overdue_turns
    }

    /// The longest echo time; `None` without an echo.
    pub fn longest_echo_ns(&self) -> Option<u64> {
        self.result.echo_time.map(|it| it.max_ns)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_another_version_is_not_read() {
        let mut report = RunReport::new("load", Conditions::default());
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(RunReport::from_json(&json), Some(report.clone()));
        report.schema_version += 1;
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(RunReport::from_json(&json), None);
    }
}
