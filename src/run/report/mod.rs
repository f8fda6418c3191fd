//! The result of a run as a plain value, at its end or at any moment before.
//!
//! The JSON report is this value as serde writes it. Field names end in
//! their unit; a number without one is a count. A figure that is not known is
//! missing (`null`), never zero.

mod build;
mod figures;

pub use build::server_report;

use super::conditions::Conditions;
use crate::load::{EchoTime, GroupResult};
use crate::probe::{Class, Kind, PhaseMark, SocketCount};
use crate::scenario::ExpectationCheck;
use crate::units::ratio;
use crate::view::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The version of the form of a [`RunReport`] as JSON.
pub const REPORT_VERSION: u32 = 2;

/// How many sockets a report has rows for, at most.
pub const SOCKETS_LISTED: usize = 16_384;

/// What is known of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunReport {
    /// The version of this form.
    pub schema_version: u32,
    /// What the run is called: its mode, `load`, or in a comparison of
    /// several runs of one mode also a file or a number.
    pub name: String,
    /// Under what conditions the figures came about.
    pub conditions: Conditions,
    /// Whether the run is over.
    pub over: bool,
    /// How it ended, in words: `all clients were done`, `SIGTERM`.
    pub outcome: String,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// What was done to the run that its scenario does not know of, in words:
    /// it was ended before its clients were done, paused, or slowed down.
    pub interventions: Vec<String>,
    /// How long the run took; zero if it never began.
    pub run_time_ns: u64,
    /// The phases of the server's life, in order; none if it is not ours.
    pub phases: Vec<PhaseMark>,
    /// When the grace period was over, for all connections alike, on the
    /// clock of the phases; missing if the server was not asked to stop.
    pub deadline_at_ns: Option<u64>,
    /// What the server did; missing if it is not ours.
    pub server: Option<ServerReport>,
    /// A row a socket, the listener first.
    pub sockets: Vec<SocketReport>,
    /// Connections without a row because there were too many.
    pub sockets_not_listed: u64,
    /// A row a line of the mode's source that makes calls.
    pub lines: Vec<LineReport>,
    /// What the clients measured; missing without clients of ours.
    pub clients: Option<ClientsReport>,
    /// What the scenario expected.
    pub checks: Vec<ExpectationCheck>,
    /// What is noteworthy.
    pub findings: Vec<Finding>,
    /// Events that a log or recording had no room for.
    pub events_lost: u64,
    /// The recording that the report was made from, if it was.
    pub recording: Option<RecordingOrigin>,
}

/// What the server did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerReport {
    /// Connections accepted.
    pub connections: u64,
    /// Connections still open.
    pub connections_open: u64,
    /// How many connections ended in which way.
    pub ends: BTreeMap<String, u64>,
    /// Errors in connections' handlers that were handled there.
    pub errors_handled: u64,
    /// Errors that left their connection's handler.
    pub errors_unhandled: u64,
    /// Errors of tasks whose result was never retrieved, as the event loop
    /// reported.
    pub errors_never_retrieved: u64,
    /// How often a task kept the thread for more than 0.1 s, so that all
    /// others had to wait.
    pub long_task_runs: u64,
    /// The longest such time.
    pub longest_task_run_ns: u64,
    /// Turns of the server's loop.
    pub iterations: u64,
    /// Returns of the selector's wait; missing in a mode without one.
    pub wake_ups: Option<u64>,
    /// All calls on sockets and the selector; one wait of the selector is
    /// several system calls.
    pub calls: u64,
    /// Those that would have blocked.
    pub would_blocks: u64,
    /// The calls by kind.
    pub calls_by_kind: BTreeMap<Kind, u64>,
    /// Those that would have blocked, by kind.
    pub would_blocks_by_kind: BTreeMap<Kind, u64>,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Messages that were sent back whole: lines in `lines` framing, what
    /// one read brought in `bytes` framing.
    pub echoes: u64,
    /// Bytes received and never sent back.
    pub unsent_bytes: u64,
    /// The most bytes of pending output one connection had.
    pub pending_peak_bytes: u64,
    /// The longest time that a write took which may sleep; missing without
    /// such a write.
    pub longest_write_ns: Option<u64>,
    /// How often accepting paused at the limit of connections.
    pub connection_pauses: u64,
    /// How often accepting paused for want of file descriptors.
    pub descriptor_pauses: u64,
    /// CPU time of the server's threads.
    pub cpu: Option<CpuTime>,
    /// Context switches of the server's threads.
    pub context_switches: Option<ContextSwitches>,
    /// Threads that made calls.
    pub threads: u64,
    /// The most memory the process had resident.
    pub peak_memory_bytes: Option<u64>,
    /// The part of the program that this memory belongs to.
    pub peak_memory_of: MemoryOf,
}

/// CPU time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CpuTime {
    /// In the program.
    pub user_ns: u64,
    /// In the kernel on its behalf.
    pub system_ns: u64,
}

/// How often threads made way for others; see getrusage(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContextSwitches {
    /// Because they went to sleep.
    pub voluntary: u64,
    /// Because their time was up.
    pub involuntary: u64,
}

/// The part of the program that a figure of memory belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemoryOf {
    /// The server's process, with no clients in it.
    #[default]
    Server,
    /// One process that holds the server and the clients.
    ServerAndClients,
}

/// What happened on one socket.
#[derive(Clone, Debug, Default, PartialEq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct SocketReport {
    /// What the server counted.
    #[serde(flatten)]
    pub count: SocketCount,
    /// System calls on it.
    pub calls: u64,
    /// How long its client's echoes took, as the client measured; missing
    /// without a client of ours, without an echo, and beyond the first 256
    /// clients that had one. Its percentiles are at most 1 % off.
    pub echo_time: Option<EchoTime>,
}

/// What one line of the mode's source did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineReport {
    /// The file, without its folders.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The text of the line, if it is known.
    pub source: Option<String>,
    /// Which call stands there.
    pub call: Kind,
    /// How often the system call was made.
    pub calls: u64,
    /// How often a thread came by, by what came of it; also where no call was
    /// made.
    pub outcomes: BTreeMap<Class, u64>,
    /// Bytes it moved.
    pub bytes: u64,
}

/// What the clients measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientsReport {
    /// All groups together; its percentiles are those of all echoes.
    pub total: GroupResult,
    /// A row a group; none while the run goes on.
    pub groups: Vec<GroupReport>,
    /// Whether they ran in a process of their own.
    pub own_process: bool,
}

/// What a group of clients measured, and what a comparison must know of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupReport {
    /// What the clients measured.
    #[serde(flatten)]
    pub result: GroupResult,
    /// Whether the clock ends what its clients do, so that how much they get
    /// is measured.
    pub is_timed: bool,
    /// Where one client is served at a time: which clients were accepted
    /// before the one with the longest echo.
    pub longest_echo_behind: Option<ClientsBefore>,
}

/// The clients that were accepted before another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClientsBefore {
    /// How many.
    pub clients: u64,
    /// The name of the only one, if it is known.
    pub only: Option<String>,
}

/// The recording that a report was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordingOrigin {
    /// Its file, as on the command line.
    pub file: String,
    /// Where it ends before its run did, and why, if so: its figures are
    /// those up to there.
    pub ended_early: Option<String>,
}

impl RunReport {
    /// The report that was written as JSON, if it is one of this version.
    pub fn from_json(value: &Value) -> Option<Self> {
        let report = Self::deserialize(value).ok()?;
        (report.schema_version == REPORT_VERSION).then_some(report)
    }

    /// A run that has not begun.
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

    /// What the clients of the group with this name measured.
    pub fn group(&self, name: &str) -> Option<&GroupReport> {
        self.groups().iter().find(|it| it.result.name == name)
    }

    /// CPU time of the server.
    pub fn cpu_ns(&self) -> Option<u64> {
        self.server.as_ref()?.cpu.map(CpuTime::total_ns)
    }
}

impl ServerReport {
    /// How often calls of this kind were made.
    pub fn calls_of(&self, kind: Kind) -> u64 {
        self.calls_by_kind.get(&kind).copied().unwrap_or_default()
    }

    /// How many calls would have blocked for each one that did not; `None`
    /// without one.
    pub fn would_blocks_a_useful_call(&self) -> Option<f64> {
        let useful = self.calls.saturating_sub(self.would_blocks);
        (useful > 0).then(|| ratio(self.would_blocks, useful))
    }
}

impl CpuTime {
    /// In the program and in the kernel.
    pub const fn total_ns(self) -> u64 {
        self.user_ns + self.system_ns
    }

    /// The share of one core that it is over some time.
    pub fn share(self, time_ns: u64) -> f64 {
        ratio(self.total_ns(), time_ns.max(1))
    }
}

impl GroupReport {
    /// Messages that did not come back whole, or were never sent.
    pub const fn missing_echoes(&self) -> u64 {
        let GroupResult { missing, unsent, overdue_turns, .. } = self.result;
        missing + unsent + overdue_turns
    }

    /// The longest time that an echo took.
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
