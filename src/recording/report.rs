//! The report of a recorded run.

use super::header::Header;
use super::{Ending, Recording};
use crate::probe::{Counters, Kind, Phase, Site};
use crate::run::conditions::Conditions;
use crate::run::report::{FindingReport, RunReport};
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
        let source = |site| header.source_line(site);
        let mut report = RunReport::of_counters(
            header.conditions(),
            counters,
            header.loop_call(),
            source,
        );
        let mut running = counters.phases.iter();
        let start = running.find(|mark| mark.phase == Phase::Running);
        let start = start.map_or(Duration::ZERO, |mark| mark.at.duration());
        report.name.clone_from(&header.mode);
        report.run_time_ns = nanoseconds(at.saturating_sub(start));
        report.events_lost = self.lost();
        let found = findings(&report.evidence(counters, self.lost()));
        report.findings = found.iter().map(FindingReport::from).collect();
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
    /// The first call of the mode's loop.
    pub fn loop_call(&self) -> Kind {
        let is_it = |kind: &Kind| kind.name() == self.shape.loop_call;
        Kind::ALL.into_iter().find(is_it).unwrap_or(Kind::Accept)
    }

    /// The conditions of the run, as far as they are known.
    pub fn conditions(&self) -> Conditions {
        let known = Conditions::deserialize(&self.conditions);
        known.unwrap_or_else(|_| Conditions {
            sockscope_version: self.sockscope.clone(),
            os: "unknown".into(),
            architecture: "unknown".into(),
            mechanism: Some(self.mechanism.clone()),
            mode: Some(self.mode.clone()),
            server: Some(self.server),
            address: Some(self.address.to_string()),
            options: self.options.clone(),
            started_at: self.started_at.clone(),
            ..Conditions::default()
        })
    }

    /// The text of a line of the recorded source.
    pub fn source_line(&self, site: Site) -> Option<String> {
        let sources = [Some(&self.source), self.loop_source.as_ref()];
        let mut sources = sources.into_iter().flatten();
        let source = sources.find(|source| source.path == site.file)?;
        let index = (site.line as usize).checked_sub(1)?;
        source.text.lines().nth(index).map(|it| it.trim().to_owned())
    }
}
