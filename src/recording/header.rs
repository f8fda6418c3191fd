//! What a recording says of its run, before it and after it.

use crate::run::conditions::Conditions;
use crate::run::report::RunReport;
use crate::view::{Facts, ScopeSettings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is known of a run when it begins, as JSON in the file's first block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// What was run.
    pub facts: Facts,
    /// What a fold must know of the run: the server's options, with the
    /// defaults filled in, and what it needs to show a mode that the reading
    /// program does not have.
    pub settings: ScopeSettings,
    /// What the log prints before the first event; empty without scenario.
    pub introduction: String,
    /// The words of the command line, without the command.
    pub options: Vec<String>,
    /// When the run was to end by itself, in nanoseconds.
    pub duration_ns: Option<u64>,
    /// The conditions of the run, as in a report.
    #[schemars(with = "Conditions")]
    pub conditions: serde_json::Value,
    /// How many bytes of each transfer are stored, at most.
    pub payload_limit: u32,
}

/// What is known of a run when it is over, as JSON in the last block but the
/// index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Closing {
    /// When the recording ended, in nanoseconds of its clock.
    pub at_ns: u64,
    /// How many events it holds.
    pub events: u64,
    /// How many events found no room.
    #[serde(rename = "events_lost")]
    pub lost: u64,
    /// How many payloads found no room.
    pub payloads_lost: u64,
    /// The report of the run, as `--report json` writes it; missing if the
    /// run failed before it had one, or if it is larger than a block may be.
    #[schemars(with = "Option<RunReport>")]
    pub report: Option<serde_json::Value>,
    /// Why the run failed, if it did.
    pub failure: Option<String>,
}
