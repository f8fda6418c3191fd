//! The report of a comparison.

use super::recorded::Recorded;
use super::recordings::Recordings;
use super::result;
use crate::commands::live::{LiveRuns, Track};
use crate::commands::summary::conditions;
use crate::report::compare::{
    CompareConditions, CompareReport, ConditionRow, FigureRow, ModeResult,
    SCHEMA_VERSION,
};
use crate::run::comparison::{Contender, compare};
use crate::run::session::SessionRun;
use crate::system::machine;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::SystemTime;

/// Why a mode whose turn never came has nothing to show.
const NO_TURN: &str = "it was not run, as all was ended before";

/// What there is to compare of runs, while they last or afterwards.
pub(in crate::commands) fn contenders(runs: &LiveRuns) -> Vec<Contender> {
    let contender = |(run, track): (&SessionRun, &Track)| {
        if let Some(over) = &track.over {
            return over.contender.clone();
        }
        let contender = result::so_far(run);
        if run.has_begun() || !runs.session.is_ending() {
            return contender;
        }
        let interventions = vec![NO_TURN.to_owned()];
        Contender { over: true, interventions, ..contender }
    };
    let all = runs.session.runs().iter().zip(&runs.tracks);
    all.map(contender).collect()
}

/// The comparison of runs that are over.
pub(super) fn report(runs: &LiveRuns, started_at: SystemTime) -> CompareReport {
    let setup = runs.session.setup();
    let plan = setup.plan.as_ref();
    let result = |(run, track): (&SessionRun, &Track)| ModeResult {
        name: run.mode.name().into(),
        mode: run.mode.name().into(),
        recording: None,
        failure: track
            .over
            .as_ref()
            .and_then(|it| it.contender.failure.clone()),
        report: track.over.as_ref().and_then(|it| it.report.clone()),
    };
    let all = runs.session.runs().iter().zip(&runs.tracks);
    Compared {
        contenders: contenders(runs),
        results: all.map(result).collect(),
        scenario: plan.map(|it| (it.name.clone(), it.title.clone())),
        in_turn: setup.in_turn,
        warnings: Vec::new(),
        differences: Vec::new(),
        note: note_of_runs(setup.in_turn, runs.tracks.len()),
    }
    .report(started_at)
}

/// The comparison of recordings.
pub(super) fn of_recordings(
    recordings: &Recordings,
    started_at: SystemTime,
) -> CompareReport {
    let (warnings, differences) = recordings.differences();
    let ends = recordings.all.iter().map(Recorded::contender);
    Compared {
        contenders: recordings.contenders(ends),
        results: recordings.results(),
        scenario: recordings.scenario(),
        in_turn: false,
        warnings,
        differences,
        note: format!(
            "All is {INSTRUMENTED}. A recording does not say on which \
             machine it was made, nor what else ran there."
        ),
    }
    .report(started_at)
}

struct Compared {
    contenders: Vec<Contender>,
    results: Vec<ModeResult>,
    /// Its name and its title.
    scenario: Option<(String, String)>,
    in_turn: bool,
    warnings: Vec<String>,
    differences: Vec<ConditionRow>,
    note: String,
}

impl Compared {
    fn report(self, started_at: SystemTime) -> CompareReport {
        let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let shared = conditions("compare", None, nowhere, None, started_at);
        let comparison = compare(&self.contenders);
        let (name, title) = self.scenario.unzip();
        CompareReport {
            schema_version: SCHEMA_VERSION,
            warnings: self.warnings,
            conditions: CompareConditions {
                scenario: name,
                scenario_title: title,
                ..CompareConditions::new(shared, self.in_turn)
            },
            modes: self.results,
            differences: self.differences,
            figures: FigureRow::list(&comparison),
            verdict: comparison.verdict,
            notes: vec![self.note],
        }
    }
}

/// What figures are not for.
const INSTRUMENTED: &str =
    "instrumented: for figures to quote use `sockscope bench`";

/// What to bear in mind of runs.
fn note_of_runs(in_turn: bool, runs: usize) -> String {
    if in_turn || runs < 2 {
        return format!("All is {INSTRUMENTED}.");
    }
    let cores = match machine::cores() {
        Some(1) => "one core".into(),
        Some(cores) => format!("{cores} cores"),
        None => "processor".to_owned(),
    };
    format!(
        "All modes and their clients shared this machine's {cores}: \
         differences of some milliseconds prove nothing (`--in-turn`: one \
         mode at a time), and all is {INSTRUMENTED}."
    )
}
