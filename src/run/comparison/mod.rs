//! Several runs compared: the figures that differ, and what they mean.

mod answers;
mod figures;
mod standing;
#[cfg(test)]
mod tests;
mod verdict;

use super::report::RunReport;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What differs between runs, and what that means.
#[derive(Clone, Debug, Default, PartialEq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The names of the runs, in the order of all values below.
    pub names: Vec<String>,
    /// Why some of the runs are not compared with each other.
    pub warnings: Vec<String>,
    /// The conditions that were not the same for all.
    pub differences: Vec<DifferingCondition>,
    /// The figures that differ: first what clients feel, then what they got,
    /// what it cost, and why.
    pub figures: Vec<DifferingFigure>,
    /// What it means: a sentence a run; none before all are over.
    pub verdict: Vec<String>,
}

/// A condition that was not the same for all runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DifferingCondition {
    /// What it is about: `cores`, `--max-connections`.
    pub name: String,
    /// Its value in each run.
    pub values: Vec<String>,
}

/// A figure in which runs differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DifferingFigure {
    /// Its name, which ends in its unit; without one it is a count or a
    /// ratio.
    pub name: String,
    /// What it counts, for people.
    pub title: String,
    /// Its value in each run.
    pub values: Vec<FigureValue>,
}

/// A figure of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FigureValue {
    /// The value; missing where there is none, or it is not known.
    pub value: Option<f64>,
    /// The value for people, with its unit.
    pub words: String,
    /// Its part of the largest value, from 0 to 1.
    pub share: Option<f32>,
}

/// Compares runs, while they last or afterwards.
#[must_use]
pub fn compare(runs: &[RunReport]) -> Comparison {
    let standings = standing::standings(runs);
    Comparison {
        names: runs.iter().map(|run| run.name.clone()).collect(),
        warnings: standing::warnings(&standings),
        differences: standing::differences(runs),
        figures: figures::differing(runs),
        verdict: verdict::verdict(&standings),
    }
}
