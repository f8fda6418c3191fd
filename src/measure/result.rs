//! What a whole measurement tells.

use super::sample::{Buckets, Sample};
use super::workload::Workload;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What came out of `bench`: samples as measured; whatever is derived from
/// them (medians, ratios, verdicts) is computed when it is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BenchResult {
    /// The version of this form.
    pub schema_version: u32,
    /// Under which conditions.
    pub conditions: BenchConditions,
    /// What the clients did.
    pub workload: Workload,
    /// How many rounds were asked for.
    pub rounds: u32,
    /// Whether somebody ended it before all rounds were over.
    pub interrupted: bool,
    /// The servers, in the order asked for.
    pub subjects: Vec<SubjectResult>,
}

/// The conditions of a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BenchConditions {
    /// The version of sockscope.
    pub version: String,
    /// When it began; RFC 3339, UTC.
    pub started_at: String,
    /// The operating system.
    pub system: String,
    /// The kernel's release.
    pub kernel: Option<String>,
    /// How many threads can run at once.
    pub cores: Option<u32>,
    /// The cores that the servers were bound to; missing if they were not.
    pub server_cores: Option<Vec<u32>>,
    /// The cores that the clients were bound to; missing if they were not.
    pub load_cores: Option<Vec<u32>>,
    /// What the selector of `selector` and `tasks` is built on.
    pub mechanism: String,
    /// Whether this program was built with optimisations.
    pub optimized: bool,
    /// How busy the machine was before: the load average of the last minute.
    pub load_average: Option<f64>,
    /// The command line, without the program.
    pub command_line: Vec<String>,
}

/// What is known of one server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubjectResult {
    /// Its name, different from those of the others.
    pub name: String,
    /// What it is.
    pub kind: SubjectKind,
    /// A sample a round; fewer if it failed or was interrupted.
    pub samples: Vec<Sample>,
    /// The echo times of all rounds together.
    pub echo_times: Buckets,
    /// Why it was not measured to the end, if it was not.
    pub failure: Option<String>,
    /// How many calls it makes, from a run of its own that was counted and
    /// not measured; missing for servers that are not ours.
    pub calls: Option<CountedCalls>,
}

/// What a server is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A mode of this program.
    Mode,
    /// A command that was started for each sample.
    Command(String),
    /// A server that somebody else has started.
    Address(String),
}

/// The calls of a run that was counted, not measured: an instrumented one,
/// from which no time is taken.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema,
)]
pub struct CountedCalls {
    /// Echoes in that run.
    pub echoes: u64,
    /// Calls of the mode's source; one wait of the selector counts as one.
    pub calls: u64,
    /// Those that found nothing and returned.
    pub would_blocks: u64,
    /// Returns of the selector's wait; missing in a mode without one.
    pub wake_ups: Option<u64>,
}
