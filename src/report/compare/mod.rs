//! Several modes on the same scenario: their comparison in every form.
//!
//! [`json`] writes a [`CompareReport`] field by field, with each mode's whole
//! [`Report`] in it. Its JSON Schema is [`schema`], which
//! `tests/reports/compare.schema.json` holds as a file; a test keeps
//! the two equal. `schema_version` is [`SCHEMA_VERSION`], and is raised for
//! the same reasons as that of a [`Report`]. [`text`] and [`markdown`] are
//! for people; [`csv`] has the figures that differ, one a row.

mod csv;
mod markdown;
mod text;

pub use csv::csv;
pub use markdown::markdown;
pub use text::text;

use super::{Conditions, Error, Report};
use crate::model::{Comparison, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the form of a [`CompareReport`] as JSON.
pub const SCHEMA_VERSION: u32 = 1;

/// What came out of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompareReport {
    /// The version of this form.
    pub schema_version: u32,
    /// Under what conditions the figures came about; those of one mode are
    /// in its own report.
    pub conditions: CompareConditions,
    /// The modes, in the order of their columns.
    pub modes: Vec<ModeResult>,
    /// The figures that differ: what clients feel, what they got, what it
    /// cost, and why.
    pub figures: Vec<FigureRow>,
    /// What it means: a sentence a mode.
    pub verdict: Vec<String>,
    /// What to bear in mind.
    pub notes: Vec<String>,
}

/// Under what conditions modes were compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CompareConditions {
    /// The version of sockscope.
    pub sockscope_version: String,
    /// The operating system.
    pub os: String,
    /// The version of its kernel.
    pub kernel: Option<String>,
    /// The processor's architecture.
    pub architecture: String,
    /// How many processors there are to run on.
    pub cores: Option<u64>,
    /// The scenario's name; missing without one.
    pub scenario: Option<String>,
    /// The scenario's title: a sentence.
    pub scenario_title: Option<String>,
    /// Whether the modes ran one after the other, not all at once.
    pub in_turn: bool,
    /// The options on the command line.
    pub options: Vec<String>,
    /// When the first run began, as RFC 3339 has it.
    pub started_at: String,
}

impl CompareConditions {
    /// Those that are the same for every mode.
    #[must_use]
    pub fn new(shared: Conditions, in_turn: bool) -> Self {
        Self {
            sockscope_version: shared.sockscope_version,
            os: shared.os,
            kernel: shared.kernel,
            architecture: shared.architecture,
            cores: shared.cores,
            scenario: shared.scenario,
            scenario_title: shared.scenario_title,
            in_turn,
            options: shared.options,
            started_at: shared.started_at,
        }
    }
}

/// What came of one mode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModeResult {
    /// The mode.
    pub mode: String,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// All that is known of its run; missing if it did not run. Its server's
    /// CPU time is what each of the server's threads read of itself; peak
    /// memory is missing, as several servers share a process.
    pub report: Option<Report>,
}

/// One figure in which modes differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FigureRow {
    /// Its name, which ends in its unit; without one it is a count or a
    /// ratio.
    pub name: String,
    /// What it counts, for people.
    pub title: String,
    /// A value a mode, in the order of the modes.
    pub values: Vec<FigureValue>,
}

/// A figure of one mode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FigureValue {
    /// The mode.
    pub mode: String,
    /// The value; missing where there is none, or it is not known.
    pub value: Option<f64>,
    /// The value for people, with its unit.
    pub words: String,
    /// Its part of the largest in the row, from 0 to 1.
    pub share: Option<f32>,
}

impl FigureRow {
    /// The rows of a comparison.
    #[must_use]
    pub fn list(comparison: &Comparison) -> Vec<Self> {
        let modes = &comparison.modes;
        comparison.rows.iter().map(|row| Self::new(row, modes)).collect()
    }

    fn new(row: &Row, modes: &[&str]) -> Self {
        let values = row.cells.iter().zip(modes).map(|(cell, mode)| {
            let mode = (*mode).to_owned();
            let words = cell.words.clone();
            FigureValue { mode, value: cell.value, words, share: cell.share }
        });
        Self {
            name: row.name.into(),
            title: row.title.into(),
            values: values.collect(),
        }
    }
}

/// The comparison as JSON, indented, with a line end after it.
///
/// # Errors
/// What serialization reports; plain values give it no cause.
pub fn json(report: &CompareReport) -> Result<String, Error> {
    Ok(serde_json::to_string_pretty(report)? + "\n")
}

/// The JSON Schema of [`json`], version [`SCHEMA_VERSION`].
///
/// # Errors
/// As [`json`].
pub fn schema() -> Result<String, Error> {
    let schema = schemars::schema_for!(CompareReport);
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}

/// Several names as part of a sentence: `serial, blocking and tasks`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).into(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// What was compared, in a sentence or two.
fn headline(report: &CompareReport) -> String {
    let modes: Vec<_> = report.modes.iter().map(|it| &*it.mode).collect();
    let how = if report.conditions.in_turn { "in turn" } else { "at once" };
    let on = match &report.conditions.scenario {
        Some(scenario) => format!("on {scenario}, "),
        None => "without clients of ours, ".into(),
    };
    let title = report.conditions.scenario_title.as_deref();
    let title = title.map(|title| format!(" {title}"));
    let title = title.unwrap_or_default();
    format!("{}: {on}{how}.{title}", listed(&modes))
}

/// Those expectations that did not hold, each with its mode.
fn unmet(report: &CompareReport) -> Vec<String> {
    let of_mode = |it: &ModeResult| {
        let checks = it.report.iter().flat_map(|it| &it.checks);
        let unmet = checks.filter(|check| check.held == Some(false));
        let words = |check: &super::CheckRow| {
            format!(
                "{}: {}; wanted {}, found {}",
                it.mode, check.says, check.wanted, check.found
            )
        };
        unmet.map(words).collect::<Vec<_>>()
    };
    report.modes.iter().flat_map(of_mode).collect()
}
