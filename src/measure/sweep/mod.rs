//! A sweep: the same measurement at many points of one axis.
//!
//! Rounds are outermost: whoever ends a sweep early has every point of it
//! once rather than half of the points three times.

mod axis;
mod crossing;
mod growth;
mod paired;
mod range;
mod run;
mod schedule;
mod standing;
mod told;

pub use axis::Axis;
pub use crossing::{Crossing, crossings, pairs_compared};
pub use growth::{Growth, growths};
pub use range::{MOST_POINTS, Range, RangeError};
pub use run::{SweepPlan, run_sweep, run_sweep_with};
pub use schedule::{Step, schedule};
pub use standing::{Standing, standing};
pub use told::FEW_ECHOES;

use super::{BenchConditions, SubjectResult, Workload};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the form of a [`SweepResult`] as JSON; it is raised as
/// that of a [`BenchResult`](super::BenchResult) is.
pub const SWEEP_SCHEMA_VERSION: u32 = 1;

/// What came out of `sweep`: samples as measured; whatever is derived from
/// them (medians, crossings, growth) is computed when it is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepResult {
    /// The version of this form.
    pub schema_version: u32,
    /// Under which conditions.
    pub conditions: BenchConditions,
    /// What the clients did; at each point the axis has another value.
    pub workload: Workload,
    /// What differs from point to point.
    pub axis: Axis,
    /// How many rounds were asked for.
    pub rounds: u32,
    /// Whether somebody ended it before all rounds were over.
    pub interrupted: bool,
    /// The points, by rising values.
    pub points: Vec<SweepPoint>,
}

/// One point of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepPoint {
    /// The axis's value: a number of clients or bytes.
    pub value: u32,
    /// What the clients did at this point.
    pub workload: Workload,
    /// The servers, in the order asked for. One that failed at an earlier
    /// point is here with its failure and without samples, or is missing.
    /// Their echo times have no buckets unless the histograms were asked
    /// for.
    pub subjects: Vec<SubjectResult>,
}

impl SweepPoint {
    /// A server at this point, by its name.
    #[must_use]
    pub fn subject(&self, name: &str) -> Option<&SubjectResult> {
        self.subjects.iter().find(|subject| subject.name == name)
    }
}

impl SweepResult {
    /// The names of the servers, in the order in which they first occur.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for subject in self.points.iter().flat_map(|point| &point.subjects) {
            if !names.contains(&subject.name.as_str()) {
                names.push(&subject.name);
            }
        }
        names
    }
}
