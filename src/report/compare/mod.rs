//! Several modes on the same scenario, live or recorded: their comparison in
//! every form.
//!
//! [`json`] writes a [`CompareReport`] field by field, with each mode's whole
//! [`Report`](crate::report::Report) in it. Its JSON Schema is [`schema`], which
//! `tests/inside/reports/compare.schema.json` holds as a file; a test keeps
//! the two equal. `schema_version` is [`SCHEMA_VERSION`], and is raised for
//! the same reasons as that of a [`Report`](crate::report::Report). [`text`] and [`markdown`] are
//! for people; [`csv`] has the figures that differ, one a row.

mod contender;
mod csv;
mod markdown;
mod text;

pub use contender::{ConditionRow, ModeResult, RecordingRow};
pub use csv::csv;
pub use markdown::markdown;
pub use text::text;

use super::{Conditions, Error};
use crate::run::comparison::{Comparison, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the form of a [`CompareReport`] as JSON.
pub const SCHEMA_VERSION: u32 = 1;

/// The condition under which different scenarios are told.
pub const SCENARIO: &str = "scenario";

/// What came out of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompareReport {
    /// The version of this form.
    pub schema_version: u32,
    /// What must be known before anything else: why some of the contenders
    /// cannot be held against each other.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Under what conditions the figures came about; those of one mode are
    /// in its own report, those of a recording with it.
    pub conditions: CompareConditions,
    /// The modes, in the order of their columns.
    pub modes: Vec<ModeResult>,
    /// The conditions that were not the same for all; none without a
    /// recording.
    #[serde(default)]
    pub differences: Vec<ConditionRow>,
    /// The figures that differ: what clients feel, what they got, what it
    /// cost, and why.
    pub figures: Vec<FigureRow>,
    /// What it means: a sentence a mode.
    pub verdict: Vec<String>,
    /// What to bear in mind.
    pub notes: Vec<String>,
}

impl CompareReport {
    fn differ_in(&self, condition: &str) -> bool {
        self.differences.iter().any(|it| it.name == condition)
    }
}

/// Under what conditions modes were compared: those of this program, on the
/// machine that has compared them.
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
    /// The scenario's name; missing without one, and if it was not the same
    /// for all.
    pub scenario: Option<String>,
    /// The scenario's title: a sentence.
    pub scenario_title: Option<String>,
    /// Whether the modes that were run for this comparison ran one after the
    /// other, not all at once.
    pub in_turn: bool,
    /// The options on the command line.
    pub options: Vec<String>,
    /// When the first run began, or recordings were compared, as RFC 3339
    /// has it.
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
    /// Whose it is: the name of the mode, or of the recording, as it is called
    /// in this report.
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
        let names = &comparison.names;
        comparison.rows.iter().map(|row| Self::new(row, names)).collect()
    }

    fn new(row: &Row, names: &[String]) -> Self {
        let values = row.cells.iter().zip(names).map(|(cell, name)| {
            let mode = name.clone();
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
    let names: Vec<_> = report.modes.iter().map(|it| &*it.name).collect();
    let how = how(report);
    let on = match &report.conditions.scenario {
        Some(scenario) => format!("on {scenario}, "),
        None if report.differ_in(SCENARIO) => "on different scenarios, ".into(),
        None => "without clients of ours, ".into(),
    };
    let title = report.conditions.scenario_title.as_deref();
    let title = title.map(|title| format!(" {title}"));
    let title = title.unwrap_or_default();
    format!("{}: {on}{how}.{title}", listed(&names))
}

/// `at once`, `from recordings`; of both `selector from a recording, serial
/// and tasks live, at once`.
fn how(report: &CompareReport) -> String {
    let of = |recorded: bool| {
        let modes = report.modes.iter();
        let these = modes.filter(|it| it.recording.is_some() == recorded);
        these.map(|it| &*it.name).collect::<Vec<_>>()
    };
    let (live, recorded) = (of(false), of(true));
    let together = match (live.len(), report.conditions.in_turn) {
        (0, _) => return "from recordings".into(),
        (_, true) => "in turn",
        (_, false) => "at once",
    };
    let from = match recorded.len() {
        0 => return together.into(),
        1 => "a recording",
        _ => "recordings",
    };
    let words =
        format!("{} from {from}, {} live", listed(&recorded), listed(&live));
    if live.len() < 2 { words } else { format!("{words}, {together}") }
}

/// Those expectations that did not hold, each with its mode.
fn unmet(report: &CompareReport) -> Vec<String> {
    let of_mode = |it: &ModeResult| {
        let checks = it.report.iter().flat_map(|it| &it.checks);
        let unmet = checks.filter(|check| check.held == Some(false));
        let words = |check: &super::CheckRow| {
            format!(
                "{}: {}; wanted {}, found {}",
                it.name, check.says, check.wanted, check.found
            )
        };
        unmet.map(words).collect::<Vec<_>>()
    };
    report.modes.iter().flat_map(of_mode).collect()
}
