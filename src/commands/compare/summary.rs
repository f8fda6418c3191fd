//! The report of a comparison.

use super::course::Course;
use super::entry::Entry;
use super::lineup::Lineup;
use super::session::Session;
use crate::commands::summary::conditions;
use crate::report::compare::{
    CompareConditions, CompareReport, FigureRow, ModeResult, SCHEMA_VERSION,
};
use crate::run::comparison::{Contender, compare};
use crate::system::machine;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::SystemTime;

/// What came of it all.
pub(super) fn report(
    session: &Session,
    lineup: &Lineup,
    started_at: SystemTime,
) -> CompareReport {
    let course = &session.course;
    let results = session.entries.iter().map(Entry::result).collect();
    let mut notes = notes_of_runs(course.in_turn, session.entries.len());
    notes.extend(note_of_recordings(lineup, Some(course)));
    let live = (session.contenders(), results);
    of_all(lineup, Some(course), live, (notes, started_at))
}

/// The same where nothing was run.
pub(super) fn of_recordings(
    lineup: &Lineup,
    started_at: SystemTime,
) -> CompareReport {
    let instrumented = format!("All is {INSTRUMENTED}.");
    let note = note_of_recordings(lineup, None);
    let notes = [instrumented].into_iter().chain(note).collect();
    of_all(lineup, None, Default::default(), (notes, started_at))
}

fn of_all(
    lineup: &Lineup,
    course: Option<&Course>,
    (contenders, results): (Vec<Contender>, Vec<ModeResult>),
    (notes, started_at): (Vec<String>, SystemTime),
) -> CompareReport {
    let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let shared = conditions("compare", None, nowhere, None, started_at);
    let scenario = lineup.scenario(course);
    let comparison = compare(&lineup.contenders(contenders, course));
    let (warnings, differences) = lineup.differences(course);
    let in_turn = course.is_some_and(|it| it.in_turn);
    CompareReport {
        schema_version: SCHEMA_VERSION,
        warnings,
        conditions: CompareConditions {
            scenario: scenario.as_ref().map(|(name, _)| name.clone()),
            scenario_title: scenario.map(|(_, title)| title),
            ..CompareConditions::new(shared, in_turn)
        },
        modes: lineup.results(results),
        differences,
        figures: FigureRow::list(&comparison),
        verdict: comparison.verdict,
        notes,
    }
}

/// What figures are not for.
const INSTRUMENTED: &str =
    "instrumented: for figures to quote use `sockscope bench`";

/// What to bear in mind of those that were run.
fn notes_of_runs(in_turn: bool, runs: usize) -> Vec<String> {
    if in_turn || runs < 2 {
        return vec![format!("All is {INSTRUMENTED}.")];
    }
    let cores = match machine::cores() {
        Some(1) => "one core".into(),
        Some(cores) => format!("{cores} cores"),
        None => "processor".to_owned(),
    };
    vec![format!(
        "All modes and their clients shared this machine's {cores}: \
         differences of some milliseconds prove nothing (`--in-turn`: one \
         mode at a time), and all is {INSTRUMENTED}."
    )]
}

/// What to bear in mind of recordings, if there are any.
fn note_of_recordings(
    lineup: &Lineup,
    course: Option<&Course>,
) -> Option<String> {
    let first = lineup.recordings().next()?.file.display();
    let told = course.filter(|course| course.is_recorded).map(|_| {
        format!(" What was run had the scenario and the options of {first}.")
    });
    Some(format!(
        "A recording does not say on which machine it was made, nor what \
         else ran there.{}",
        told.unwrap_or_default()
    ))
}
