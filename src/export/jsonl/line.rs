//! What the lines hold: plain values, serialized as they are.

use crate::export::EventRow;
use crate::net::ServerOptions;
use crate::probe::Kind;
use crate::report::{Conditions, Report};
use schemars::JsonSchema;
use serde::Serialize;
use std::net::SocketAddr;

/// A line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Line<'a> {
    /// The first line: what was run.
    Recording(Box<Head<'a>>),
    /// Something that happened.
    Event(Box<EventRow<'a>>),
    /// What the exact counters had counted at a moment.
    Counters(Box<Counts>),
    /// What was measured beside the counters, if it has changed.
    Measured(Beside),
    /// Who is held at the gate, and what is asked of it, if that has changed.
    Holds(Gated),
    /// What the client at an address is called.
    Named(Name<'a>),
    /// The first bytes of a transfer.
    Payload(Bytes),
    /// The last line of a recording that has its end.
    Complete(Box<Tail>),
    /// The last line of one that has not.
    Truncated(Cut),
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Head<'a> {
    /// The version of the form of these lines.
    pub schema_version: u32,
    /// The newest format of recordings that the exporting program reads.
    pub recording_version: u16,
    /// The recording's file, without its folders.
    pub file: &'a str,
    /// The version of sockscope that made the recording.
    pub sockscope_version: &'a str,
    /// The mode: `selector`.
    pub mode: &'a str,
    /// What it waits with: `epoll`, `read(2)`, `nothing`.
    pub mechanism: &'a str,
    /// Where the server listened.
    #[schemars(with = "String")]
    pub address: SocketAddr,
    /// When the run began, as RFC 3339 has it.
    pub started_at: &'a str,
    /// The scenario's name; missing without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<&'a str>,
    /// The scenario's title: a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario_title: Option<&'a str>,
    /// The words of the command line, without the mode.
    pub options: &'a [String],
    /// The server's options, with the defaults filled in.
    pub server: ServerOptions,
    /// Under what conditions it ran, as in a report; missing if a program
    /// that knows others made the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Conditions>,
    /// When the run was to end by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_limit_ns: Option<u64>,
    /// Whether the clients ran in a process of their own.
    pub clients_apart: bool,
    /// How many bytes of each transfer were kept, at most.
    pub payload_limit_bytes: u32,
    /// The mode's source file, with its folders.
    pub source_file: &'a str,
    /// Whether the recording has its end.
    pub is_complete: bool,
    /// The latest time in the recording.
    pub duration_ns: u64,
    /// How many events the recording has, also outside of the window.
    pub events: u64,
    /// How many events found no room in it, as far as it tells.
    pub events_lost: u64,
    /// The beginning of the window; missing if it is that of the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_ns: Option<u64>,
    /// The end of the window; missing if it is that of the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_ns: Option<u64>,
}

/// What the exact counters had counted from the start of the run to a
/// moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Counts {
    /// When they were read.
    pub at_ns: u64,
    /// How many events had found no room by then.
    pub events_lost: u64,
    /// Connections accepted.
    pub connections: u64,
    /// Connections that are open.
    pub connections_open: u64,
    /// Turns of the server's loop.
    pub iterations: u64,
    /// Returns of the selector's wait; missing in a mode without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wake_ups: Option<u64>,
    /// All calls on sockets and the selector.
    pub calls: u64,
    /// Those that would have blocked.
    pub would_blocks: u64,
    /// Calls of accept.
    pub accept_calls: u64,
    /// Calls of read.
    pub read_calls: u64,
    /// Calls of write.
    pub write_calls: u64,
    /// Calls of the selector's wait.
    pub wait_calls: u64,
    /// Changes of what the selector watches.
    pub watch_calls: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Messages that were sent back whole.
    pub echoes: u64,
    /// Threads that made calls.
    pub threads: u64,
    /// The most bytes of pending output that one connection had.
    pub pending_peak_bytes: u64,
    /// The longest time that a write took which may sleep; missing without
    /// such a write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_write_ns: Option<u64>,
    /// Bytes received and never sent back, on connections that have ended.
    pub unsent_bytes: u64,
    /// How often accepting paused at the limit of connections.
    pub connection_pauses: u64,
    /// How often accepting paused for want of descriptors.
    pub descriptor_pauses: u64,
    /// How often a task kept the thread for too long.
    pub long_task_runs: u64,
}

/// What was measured beside the counters.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Beside {
    /// When.
    pub at_ns: u64,
    /// Processor time a second of run, from 0 to the number of cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_cores: Option<f32>,
    /// How many clients of the scenario have had their connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connected: Option<u64>,
    /// How many clients wait in the backlog.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<u64>,
    /// Whether all clients of the scenario have ended.
    pub clients_done: bool,
    /// Half of the echoes took no longer, as the clients saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echo_p50_ns: Option<u64>,
    /// 99 in a hundred echoes took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echo_p99_ns: Option<u64>,
    /// How many echoes took how long: a class for each doubling, from that
    /// of the shortest on.
    pub echo_histogram: Vec<u64>,
}

/// Who is held at the gate, and what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Gated {
    /// When this was so.
    pub at_ns: u64,
    /// Whether the server is paused.
    pub paused: bool,
    /// How long each thread waits before each call; missing at full speed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ns: Option<u64>,
    /// Who is held, the longest first.
    pub held: Vec<Held>,
}

/// A thread that is held, and what it will do when it passes: a call, a step
/// of the event loop, or a run of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Held {
    /// Which thread.
    pub thread: u16,
    /// Since when.
    pub since_ns: u64,
    /// The call that it will make.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Kind>,
    /// The socket of that call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket: Option<u32>,
    /// The source file of that call, without its folders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<&'static str>,
    /// The line there, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The step that the event loop will come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<&'static str>,
    /// The task that the event loop will run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<u32>,
}

/// What the client at an address is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Name<'a> {
    /// Its end of the connection: the peer of the server's socket.
    #[schemars(with = "String")]
    pub address: SocketAddr,
    /// Its name.
    pub name: &'a str,
}

/// The first bytes of a transfer: of a read, the last one of its thread on
/// that socket that returned at this time or before; of a write, the first
/// one that returned at this time or later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Bytes {
    /// When they were copied.
    pub at_ns: u64,
    /// The thread that made the call.
    pub thread: u16,
    /// Read or write.
    pub call: Kind,
    /// The socket.
    pub socket: u32,
    /// How many bytes were moved in all.
    pub moved_bytes: u32,
    /// The first of them: printable ASCII as it is, a backslash before `\`,
    /// `'` and `"`, `\t`, `\r`, `\n`, and `\x` with two hexadecimal digits
    /// for every other byte. In Python:
    /// `text.encode().decode("unicode_escape").encode("latin-1")`.
    pub escaped: String,
}

/// How the run ended.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Tail {
    /// When the recording ended.
    pub at_ns: u64,
    /// How many events it holds, also outside of the window.
    pub events: u64,
    /// How many events found no room.
    pub events_lost: u64,
    /// How many payloads found no room.
    pub payloads_lost: u64,
    /// Why the run failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The report of the whole run, as `--report json` writes it; missing if
    /// the run failed before it had one, or if it is in a form that the
    /// exporting program does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
}

/// Where the recording ends, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Cut {
    /// Behind the last byte of the recording that could be used.
    pub at_byte: u64,
    /// What is wrong there.
    pub why: String,
    /// How many events it has up to there, also outside of the window.
    pub events: u64,
    /// How many events found no room, as far as it tells.
    pub events_lost: u64,
}
