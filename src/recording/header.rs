//! The header and the closing of a recording.

use super::{Ending, Recording};
use crate::probe::{Counters, Phase};
use crate::run::conditions::Conditions;
use crate::run::report::RunReport;
use crate::units::{nanoseconds, show_size, show_time};
use crate::view::{Facts, ScopeSettings, findings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

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
    /// The mode, its source text, the server's address and the scenario.
    pub facts: Facts,
    /// What a reader needs to replay the run: the server's options, with the
    /// defaults filled in, and what it takes to show a mode that the reading
    /// program does not have.
    pub settings: ScopeSettings,
    /// What the log prints before the first event; empty without a scenario.
    pub introduction: String,
    /// The words of the command line, without the command.
    pub options: Vec<String>,
    /// After how long the run was to end by itself; null without a limit.
    pub duration_ns: Option<u64>,
    /// The conditions of the run, as in a report.
    #[schemars(with = "Conditions")]
    pub conditions: serde_json::Value,
    /// How many bytes of each transfer are stored, at most.
    pub payload_limit: u32,
}

/// What is known of a run when it is over, as JSON in the last block before
/// the index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Closing {
    /// When the recording ended, in nanoseconds of its clock.
    pub at_ns: u64,
    /// How many events it holds.
    pub events: u64,
    /// How many events were lost for lack of room.
    #[serde(rename = "events_lost")]
    pub lost: u64,
    /// How many payloads were lost for lack of room.
    pub payloads_lost: u64,
    /// The report of the run, as `--report json` writes it; missing if the
    /// run failed before it had one, or if it is larger than a block may be.
    #[schemars(with = "Option<RunReport>")]
    pub report: Option<serde_json::Value>,
    /// Why the run failed, if it did.
    pub failure: Option<String>,
    /// The most bytes that the file was to have, if that ended the recording:
    /// what came later in the run is not in it, nor are its report and failure.
    pub limit_bytes: Option<u64>,
}

impl Recording {
    /// The report that was made when the run was over, if it is there and can
    /// be read.
    pub fn own_report(&self) -> Option<RunReport> {
        RunReport::from_json(self.closing()?.report.as_ref()?)
    }

    /// A report of what was counted up to a moment, without what only the
    /// clients or the system could provide.
    pub fn report_of(&self, counters: &Counters, at: Duration) -> RunReport {
        let header = self.header();
        let source = |site| header.facts.source_line(site);
        let mut report = RunReport::of_counters(
            header.conditions(),
            counters,
            header.settings.loop_call,
            source,
        );
        let mut running = counters.phases.iter();
        let start = running.find(|mark| mark.phase == Phase::Running);
        let start = start.map_or(Duration::ZERO, |mark| mark.at.duration());
        report.name.clone_from(&header.facts.mode);
        report.run_time_ns = nanoseconds(at.saturating_sub(start));
        report.events_lost = self.lost();
        report.findings = findings(&report.evidence(counters, self.lost()));
        report
    }

    /// The report at a moment, to be compared with those of other runs:
    /// `at_end` as soon as the recording has ended, before that what had been
    /// counted.
    pub fn report_at(
        &self,
        at: Duration,
        at_end: &RunReport,
        counters: &Counters,
    ) -> RunReport {
        if at >= self.duration() {
            return at_end.clone();
        }
        let loop_call = self.header().settings.loop_call;
        let conditions = at_end.conditions.clone();
        RunReport {
            name: at_end.name.clone(),
            run_time_ns: nanoseconds(at),
            recording: at_end.recording.clone(),
            ..RunReport::of_counters(conditions, counters, loop_call, |_| None)
        }
    }

    /// Says that the recording ends before its run, if so, and why if wanted.
    pub fn ended_early(&self, with_cause: bool) -> Option<String> {
        let time = show_time(self.duration());
        let (at, why) = match self.ending() {
            Ending::Complete(closing) => {
                let limit = show_size(closing.limit_bytes?);
                return Some(format!(
                    "it ends at {time}, at its limit of {limit}"
                ));
            }
            Ending::Truncated { at, why } => (at, why),
        };
        let cause = with_cause.then(|| format!(" (at byte {at}: {why})"));
        Some(format!(
            "it ends at {time} and was not brought to its end{}",
            cause.unwrap_or_default()
        ))
    }
}

impl Header {
    /// The conditions of the run, as far as they are known.
    pub fn conditions(&self) -> Conditions {
        let known = Conditions::deserialize(&self.conditions);
        known.unwrap_or_else(|_| Conditions {
            sockscope_version: self.sockscope.clone(),
            os: "unknown".into(),
            architecture: "unknown".into(),
            mechanism: Some(self.facts.mechanism.clone()),
            mode: Some(self.facts.mode.clone()),
            server: Some(self.settings.options),
            address: Some(self.facts.address.to_string()),
            options: self.options.clone(),
            started_at: self.started_at.clone(),
            ..Conditions::default()
        })
    }
}
