//! Isolated, repeated, uninstrumented measurement of echo servers: `bench`
//! and `sweep`. A bench is a sweep with one point.
//!
//! A *subject* is a server that is measured: a mode of ours, or any other
//! server. In each *round* every subject is measured once at every *point*, in
//! a separate process, by clients in another process, on other cores if there
//! are any: this is a *sample*. Rounds are interleaved, so that what disturbs
//! the machine disturbs all subjects.
//!
//! `runner` follows a plan and requests samples from `sampler`; `process` and
//! `serving` are the two sides of the processes that this starts. `axis` is the
//! quantity that differs between the points of a sweep. `result` holds what was
//! measured and nothing derived; `figure` derives figures from it, `statistics`
//! medians and intervals, and `verdict`, `ranking`, `comparison` and `baseline`
//! interpret them.
//!
//! A server is not instrumented while it is measured: it has
//! [`NoProbe`](crate::probe::NoProbe). Its calls are counted in a separate
//! short run, whose times are not used.

mod axis;
mod baseline;
mod comparison;
mod figure;
mod process;
mod ranking;
mod result;
mod runner;
mod sampler;
mod serving;
mod statistics;
mod verdict;

pub use crate::load::steady::{Rhythm, Workload};
pub use axis::{MOST_POINTS, Range, SweepAxis};
pub use baseline::{
    Baseline, BaselineChange, BaselineError, Condition, SMALL, parse_baseline,
};
pub use comparison::{
    Crossing, Growth, Standing, crossings, growths, pairs_compared, standing,
};
pub use figure::{Better, ENOUGH_CONNECTIONS, Figure};
pub use process::{NoSample, line_of_trouble};
pub use ranking::{Against, LeftOut, Ranking, left_out, rankings};
pub use result::{
    CorePlan, CountedCalls, Sample, Subject, SubjectResult, SweepConditions,
    SweepPoint, SweepResult, TroubledRound, names,
};
pub use runner::{MeasureStep, Progress, SweepPlan, run, run_with};
pub use sampler::{Processes, Sampler};
pub use serving::{answer, bind_to, guard, serve};
pub use statistics::{ENOUGH, RatioVerdict, Shift, Spread, WIDE};
pub use verdict::{COST_OF_A_WAIT, Caution, CautionKind, cautions, not_whole};

/// The version of the JSON format of a [`SweepResult`]. It is raised when a
/// field is removed, when its name, unit or meaning changes, or when a field
/// that was always present may be missing.
pub const SCHEMA_VERSION: u32 = 2;
