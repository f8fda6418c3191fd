//! Isolated, repeated, uninstrumented measurement of echo servers: what
//! `bench` and `sweep` are made of.
//!
//! A *subject* is a server: a mode of ours, or any other one. In each
//! *round* every subject is measured once, in a process of its own, by
//! clients in another process, on other cores where there are any: a
//! *sample*. Rounds of the subjects are interleaved, so that what disturbs
//! the machine disturbs all of them.
//!
//! Nothing in here is instrumented: the servers have
//! [`NoProbe`](crate::probe::NoProbe).

mod baseline;
mod conditions;
mod cores;
mod figure;
mod process;
mod reading;
mod result;
mod sample;
mod sampler;
mod schedule;
mod server;
mod serving;
mod spreads;
mod statistics;
mod subject;
pub mod sweep;
mod verdict;
mod workload;

pub use baseline::{
    Baseline, BaselineError, Change, Condition, SMALL, Shift, parse_baseline,
};
pub use cores::CorePlan;
pub use figure::{Better, ENOUGH_CONNECTIONS, Figure, Unknown};
pub use process::Failed;
pub use reading::{Reading, answer};
pub use result::{
    BenchConditions, BenchResult, CountedCalls, SubjectKind, SubjectResult,
};
pub use sample::{Buckets, LoadUsage, Sample, ServerUsage};
pub use sampler::{Processes, Sampler};
pub use schedule::{Plan, Progress, Step, run, run_with};
pub use serving::{exec, guard, serve};
pub use spreads::UNANSWERED;
pub use statistics::{ENOUGH, Ratio, Spread, Verdict, WIDE};
pub use subject::{Subject, names};
pub use verdict::{
    Against, COST_OF_A_WAIT, Finding, LeftOut, Ranking, findings, is_foreign,
    left_out, not_whole, rankings, rounds_done,
};
pub use workload::{Pacing, Workload};

/// The version of the form of a [`BenchResult`] as JSON. It is raised when a
/// field goes away, changes its name, its unit or its meaning, or may be
/// missing where it never was.
pub const SCHEMA_VERSION: u32 = 1;
