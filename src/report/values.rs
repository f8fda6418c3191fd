//! What a report holds: plain values, serialized as they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What came out of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of this form.
    pub schema_version: u32,
    /// Under what conditions the figures came about.
    pub conditions: Conditions,
    /// How the run ended, in words: `clients done`, `SIGTERM`.
    pub outcome: String,
    /// What was done to the run that its scenario does not know of, in words:
    /// it was ended before its clients were done, paused, or slowed down.
    #[serde(default)]
    pub interventions: Vec<String>,
    /// How long the run took.
    pub run_time_ns: u64,
    /// The phases of the server's life, in order; none if it is not ours.
    pub phases: Vec<PhaseRow>,
    /// When the grace period was over, for all connections alike, on the
    /// clock of the phases; missing if the server was not asked to stop.
    pub deadline_at_ns: Option<u64>,
    /// What the server did; missing if it is not ours.
    pub server: Option<Server>,
    /// A row a socket, the listener first.
    pub sockets: Vec<SocketRow>,
    /// Connections without a row because there were too many.
    pub sockets_not_listed: u64,
    /// A row a line of the mode's source that makes calls.
    pub lines: Vec<LineRow>,
    /// What the clients saw; missing without clients of ours.
    pub clients: Option<Clients>,
    /// What the scenario expected.
    pub checks: Vec<CheckRow>,
    /// What is worth telling.
    pub findings: Vec<FindingRow>,
    /// Events that a log or recording had no room for.
    pub events_lost: u64,
}

/// The beginning of a phase of the server's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseRow {
    /// running, refusing, finishing, cancelling or ended.
    pub phase: String,
    /// When it began, from when the server began to run.
    pub at_ns: u64,
    /// How many connections were open then.
    pub connections_left: u64,
}

/// Under what conditions a run took place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conditions {
    /// The version of sockscope.
    pub sockscope_version: String,
    /// The operating system.
    pub os: String,
    /// The version of its kernel.
    pub kernel: Option<String>,
    /// The processor's architecture.
    pub architecture: String,
    /// How many processors there are to run on.
    pub cores: Option<u64>,
    /// What the selector is built on: epoll, kqueue, IOCP.
    pub mechanism: Option<String>,
    /// The I/O model; missing if the server is not ours.
    pub mode: Option<String>,
    /// What becomes of errors in connections' handlers; missing if they are
    /// handled there.
    pub errors: Option<String>,
    /// How many calls a task may make before it yields, or "never"; missing
    /// but in `tasks`.
    pub calls_before_yield: Option<String>,
    /// How tasks are ended at a stop; missing but in `tasks`.
    pub shutdown: Option<String>,
    /// Where the server listened, or which server the clients called.
    pub address: String,
    /// The scenario's name; missing without one.
    pub scenario: Option<String>,
    /// The scenario's title: a sentence.
    pub scenario_title: Option<String>,
    /// The options on the command line.
    pub options: Vec<String>,
    /// When the run began, as RFC 3339 has it.
    pub started_at: String,
}

/// What the server did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Server {
    /// Connections accepted.
    pub connections: u64,
    /// Connections still open at the end.
    pub connections_open: u64,
    /// How many connections ended in which way.
    pub ends: BTreeMap<String, u64>,
    /// Errors in connections' handlers that were handled there.
    pub errors_handled: u64,
    /// Errors that left their connection's handler.
    pub errors_unhandled: u64,
    /// Errors of tasks of which the event loop reported that nobody will
    /// see them.
    pub errors_never_retrieved: u64,
    /// How often a task kept the thread for more than 0.1 s, so that all
    /// others had to wait.
    pub long_task_runs: u64,
    /// The longest such time, in nanoseconds.
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
    pub calls_by_kind: Vec<KindRow>,
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
    pub cpu: Option<Cpu>,
    /// Context switches of the server's threads.
    pub context_switches: Option<ContextSwitches>,
    /// Threads that made calls.
    pub threads: u64,
    /// The most threads the server had at once.
    pub threads_peak: Option<u64>,
    /// The most memory the process had resident.
    pub peak_memory_bytes: Option<u64>,
    /// Whose memory that is.
    pub peak_memory_of: MemoryOf,
}

/// The calls of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KindRow {
    /// accept, read, write, wait or watch.
    pub call: String,
    /// How often it was made.
    pub calls: u64,
    /// How often it would have blocked.
    pub would_blocks: u64,
}

/// CPU time.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema,
)]
pub struct Cpu {
    /// In the program.
    pub user_ns: u64,
    /// In the kernel on its behalf.
    pub system_ns: u64,
}

/// How often threads made way for others; see getrusage(2).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema,
)]
pub struct ContextSwitches {
    /// Because they went to sleep.
    pub voluntary: u64,
    /// Because their time was up.
    pub involuntary: u64,
}

/// Whose memory a figure is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MemoryOf {
    /// The server's process, with no clients in it.
    Server,
    /// One process that holds the server and the clients.
    ServerAndClients,
}

/// What happened on one socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SocketRow {
    /// Its number: the listener is 0.
    pub id: u32,
    /// The other end; missing for the listener.
    pub peer: Option<String>,
    /// System calls on it; the selector's wait counts as the listener's.
    pub calls: u64,
    /// The same by kind, those that were made.
    pub calls_by_kind: BTreeMap<String, u64>,
    /// Those that would have blocked.
    pub would_blocks: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Messages that were sent back whole: lines in `lines` framing, what
    /// one read brought in `bytes` framing.
    pub echoes: u64,
    /// The most bytes of pending output there were.
    pub pending_peak_bytes: u64,
    /// The longest time that a write took which may sleep; missing without
    /// such a write.
    pub longest_write_ns: Option<u64>,
    /// Bytes received and never sent back.
    pub unsent_bytes: u64,
    /// How it ended; missing for the listener and while it is open.
    pub end: Option<String>,
    /// How long its client's echoes took, as the client measured; missing
    /// without a client of ours, without an echo, and beyond the first 256
    /// clients that had one. Its percentiles are at most 1 % off.
    pub echo_time: Option<EchoTime>,
}

/// What one line of the mode's source did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineRow {
    /// The file, without its folders.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The text of the line, if it is known.
    pub source: Option<String>,
    /// Which call stands there.
    pub call: String,
    /// How often a thread came by, whether or not it made the call.
    pub hits: u64,
    /// How often the system call was made.
    pub calls: u64,
    /// How often it would have blocked.
    pub would_blocks: u64,
    /// Bytes it moved.
    pub bytes: u64,
}

/// What the clients saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Clients {
    /// All groups together; its percentiles are those of all echoes.
    pub total: GroupRow,
    /// A row a group.
    pub groups: Vec<GroupRow>,
    /// Whether they ran in a process of their own.
    pub own_process: bool,
}

/// What a group of clients saw. Moments count from the clients' start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupRow {
    /// The group's name; `total` for all groups together.
    pub name: String,
    /// How many clients it has.
    pub clients: u64,
    /// How many connected.
    pub connected: u64,
    /// How many could not connect.
    pub refused: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Messages that came back whole.
    pub echoes: u64,
    /// Messages sent, in whole or in part, that did not come back whole.
    pub missing: u64,
    /// Messages that were to be sent, but of which nothing was.
    pub unsent: u64,
    /// Turns of an open loop that were due, but never began.
    pub overdue_turns: u64,
    /// Bytes that came back and differed from those sent; the first one
    /// ends its client.
    pub mismatches: u64,
    /// How many clients ended in which way.
    pub ends: BTreeMap<String, u64>,
    /// The longest time from a connect to the established connection;
    /// missing without one.
    pub connect_time_max_ns: Option<u64>,
    /// When the first echo was complete; missing without one.
    pub first_echo_at_ns: Option<u64>,
    /// When the first client that had a connection ended.
    pub ended_first_at_ns: Option<u64>,
    /// When the last client that had a connection ended.
    pub ended_last_at_ns: Option<u64>,
    /// How long echoes took; missing without one.
    pub echo_time: Option<EchoTime>,
    /// What echo times count from: `closed loop`, from when a message was
    /// queued, which is service time where the script awaits each echo;
    /// `open loop`, from when it was due, response time; `mixed`, some each.
    pub pacing: String,
    /// The first error that a connect or a connection ended with.
    pub first_error: Option<String>,
    /// The first byte that was not the one expected.
    pub first_mismatch: Option<String>,
}

/// How long echoes took.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema,
)]
pub struct EchoTime {
    /// How many were timed.
    pub count: u64,
    /// The shortest.
    pub min_ns: u64,
    /// The mean.
    pub mean_ns: u64,
    /// Half of them took at most this.
    pub p50_ns: u64,
    /// 90 % of them took at most this.
    pub p90_ns: u64,
    /// 99 % of them took at most this.
    pub p99_ns: u64,
    /// 99.9 % of them took at most this.
    pub p99_9_ns: u64,
    /// The longest.
    pub max_ns: u64,
}

/// One expectation of the scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckRow {
    /// What is expected, as a sentence.
    pub says: String,
    /// Whether it held; missing if it could not be told or is not judged.
    pub held: Option<bool>,
    /// Why it is not judged although it did not hold: what was done to the
    /// run; missing if it is.
    #[serde(default)]
    pub not_judged: Option<String>,
    /// What was wanted.
    pub wanted: String,
    /// What was found.
    pub found: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingRow {
    /// What was seen.
    pub observation: String,
    /// What to make of it.
    pub advice: String,
}
