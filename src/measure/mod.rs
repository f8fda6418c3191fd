//! Isolated, repeated, uninstrumented measurement of echo servers: `bench`
//! and `sweep`. A bench is a sweep with one point.
//!
//! A *subject* is a server that is measured: a mode of ours, or any other
//! one. In each *round* every subject is measured once at every *point*, in
//! a process of its own, by clients in another process, on other cores where
//! there are any: a *sample*. Rounds are interleaved, so that what disturbs
//! the machine disturbs all subjects.
//!
//! `runner` follows a plan and asks `sampler` for samples; `process` and
//! `serving` are the two sides of the processes that this takes. `axis` is
//! what differs from point to point of a sweep. `result`
//! holds what was measured and nothing derived; `figure` derives figures from
//! it, `statistics` their medians and intervals, `verdict`, `ranking`,
//! `comparison` and `baseline` what they mean.
//!
//! No server is instrumented while it is measured: it has
//! [`NoProbe`](crate::probe::NoProbe). Its calls are counted in a short run
//! of their own, whose times are not used.

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
pub use process::NoSample;
pub use ranking::{Against, LeftOut, Ranking, left_out, rankings};
pub use result::{
    CorePlan, CountedCalls, Sample, Subject, SubjectResult, SweepConditions,
    SweepPoint, SweepResult, names,
};
pub use runner::{MeasureStep, Progress, SweepPlan, run, run_with};
pub use sampler::{Processes, Sampler};
pub use serving::{answer, bind_to, guard, serve};
pub use statistics::{ENOUGH, RatioVerdict, Shift, Spread, WIDE};
pub use verdict::{COST_OF_A_WAIT, Caution, CautionKind, cautions, not_whole};

/// The version of the form of a [`SweepResult`] as JSON. It is raised when a
/// field goes away, changes its name, its unit or its meaning, or may be
/// missing where it never was.
pub const SCHEMA_VERSION: u32 = 2;
