//! Several modes on the same scenario, live or recorded, compared.

mod contender;
mod document;

pub use contender::{ConditionRow, ModeResult, RecordingRow};

use super::Conditions;
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
