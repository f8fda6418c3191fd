//! The report of a comparison.

use super::recordings::Recordings;
use crate::commands::live::LiveRuns;
use crate::report::CompareReport;
use crate::run::conditions::Conditions;
use crate::run::report::RunReport;
use crate::system::machine;
use std::time::SystemTime;

/// Why a mode whose turn never came has nothing to show.
const NO_TURN: &str = "it was not run, as all was ended before";

/// What is known of each run, while they last or afterwards.
pub(in crate::commands) fn reports(runs: &LiveRuns) -> Vec<RunReport> {
    let mut reports = runs.reports();
    if runs.session.is_ending() {
        for (report, run) in reports.iter_mut().zip(runs.session.runs()) {
            if !run.has_begun() {
                report.over = true;
                report.interventions = vec![NO_TURN.to_owned()];
            }
        }
    }
    reports
}

/// The comparison of runs that are over.
pub(super) fn of_runs(
    runs: &LiveRuns,
    started_at: SystemTime,
) -> CompareReport {
    let in_turn = runs.session.setup().in_turn;
    let reports = reports(runs);
    let note = note_of_runs(in_turn, reports.len());
    let conditions = Conditions::here("compare", started_at);
    CompareReport::new(conditions, in_turn, reports, vec![note])
}

/// The comparison of recordings.
pub(super) fn of_recordings(
    recordings: &Recordings,
    started_at: SystemTime,
) -> CompareReport {
    let note = format!(
        "All is {INSTRUMENTED}. A recording does not say on which machine it \
         was made, nor what else ran there."
    );
    let conditions = Conditions::here("compare", started_at);
    let reports = recordings.reports();
    CompareReport::new(conditions, false, reports, vec![note])
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
