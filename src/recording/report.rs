//! The report of a recorded run.

use super::header::Header;
use super::{Ending, Recording};
use crate::probe::{Counters, Phase};
use crate::run::conditions::Conditions;
use crate::run::report::RunReport;
use crate::units::{nanoseconds, show_time};
use crate::view::findings;
use serde::Deserialize as _;
use std::time::Duration;

impl Recording {
    /// The report that was made when the run was over, if it is there and can
    /// be read.
    pub fn own_report(&self) -> Option<RunReport> {
        RunReport::from_json(self.closing()?.report.as_ref()?)
    }

    /// A report of what was counted up to a moment, without what only the
    /// clients or the system could tell.
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

    /// That the recording ends before its run, and `why` if wanted.
    pub fn ended_early(&self, with_cause: bool) -> Option<String> {
        let Ending::Truncated { at, why } = self.ending() else { return None };
        let time = show_time(self.duration());
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
