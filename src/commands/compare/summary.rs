//! The report of a comparison.

use super::entry::Entry;
use super::session::Session;
use crate::commands::summary::conditions;
use crate::report::compare::{
    CompareConditions, CompareReport, FigureRow, SCHEMA_VERSION,
};
use crate::system::machine;
use std::time::SystemTime;

/// What came of it all.
pub(super) fn report(
    session: &Session,
    started_at: SystemTime,
) -> CompareReport {
    let course = &session.course;
    let (address, plan) = (course.settings.listen, course.plan.as_deref());
    let shared = conditions("compare", None, address, plan, started_at);
    let comparison = session.comparison();
    CompareReport {
        schema_version: SCHEMA_VERSION,
        conditions: CompareConditions::new(shared, course.in_turn),
        modes: session.entries.iter().map(Entry::result).collect(),
        figures: FigureRow::list(&comparison),
        verdict: comparison.verdict,
        notes: notes(course.in_turn),
    }
}

/// What to bear in mind.
fn notes(in_turn: bool) -> Vec<String> {
    let instrumented =
        "instrumented: for figures to quote use `sockscope bench`";
    if in_turn {
        return vec![format!("All is {instrumented}.")];
    }
    let cores = match machine::cores() {
        Some(1) => "one core".into(),
        Some(cores) => format!("{cores} cores"),
        None => "processor".to_owned(),
    };
    vec![format!(
        "All modes and their clients shared this machine's {cores}: \
         differences of some milliseconds prove nothing (`--in-turn`: one \
         mode at a time), and all is {instrumented}."
    )]
}
