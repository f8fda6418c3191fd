//! What a recording says of its run, before it and after it.

use crate::net::ServerOptions;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// What is known of a run when it begins, as JSON in the file's first block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The version of sockscope that has written it.
    pub sockscope: String,
    /// When the run began, RFC 3339 with nanoseconds.
    pub started_at: String,
    /// The modes that ran at the same time in the same process, this one
    /// among them, in the order of their columns; none if it ran alone. Their
    /// recordings have the same `started_at`, and one clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
    /// The mode's name, such as `selector`.
    pub mode: String,
    /// The mode's source text as it ran.
    pub source: SourceText,
    /// That of the event loop that the mode runs on; missing if the loop is
    /// the mode's own.
    pub loop_source: Option<SourceText>,
    /// What the mode waits with: `epoll`, `read(2)`, `nothing`.
    pub mechanism: String,
    /// Where the server listened.
    pub address: SocketAddr,
    /// The scenario; missing if there were no clients of ours.
    pub scenario: Option<ScenarioText>,
    /// What the log prints before the first event; empty without scenario.
    pub introduction: String,
    /// The words of the command line, without the command.
    pub options: Vec<String>,
    /// The server's options, with the defaults filled in.
    pub server: ServerOptions,
    /// When the run was to end by itself, in nanoseconds.
    pub duration_ns: Option<u64>,
    /// Whether the clients ran in a process of their own, so that nothing is
    /// known of them before their end.
    pub clients_apart: bool,
    /// The conditions of the run, as in a report.
    pub conditions: serde_json::Value,
    /// How many bytes of each transfer are stored, at most.
    pub payload_limit: u32,
    /// What the model must know of the mode.
    pub shape: Shape,
}

/// What the model must know of a mode, so that it can show one that the
/// reading program does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// The first call of its loop: `accept`, `read`, `wait`.
    pub loop_call: String,
    /// Whether that loop is a busy one, asking each socket in each turn.
    pub polls: bool,
    /// What became of an error that left a handler: `ends-server`,
    /// `dropped`, `reported`, `kept`; missing if none did.
    pub unhandled: Option<String>,
}

/// A file of source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceText {
    /// Its path, as call sites name it.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioText {
    /// Its name.
    pub name: String,
    /// One sentence that says what is to be seen.
    pub title: String,
    /// Its file, as it was run; missing if it cannot be read again.
    pub text: Option<String>,
}

/// What is known of a run when it is over, as JSON in the last block but the
/// index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Closing {
    /// When the recording ended, in nanoseconds of its clock.
    pub at_ns: u64,
    /// How many events it holds.
    pub events: u64,
    /// How many events found no room.
    pub lost: u64,
    /// How many payloads found no room.
    pub payloads_lost: u64,
    /// The report of the run, as `--report json` writes it; missing if the
    /// run failed before it had one, or if it is larger than a block may be.
    pub report: Option<serde_json::Value>,
    /// Why the run failed, if it did.
    pub failure: Option<String>,
}
