//! What `bench` measured, told in every format; one file each.
//!
//! The figures are derived from the samples each time they are told, the
//! same way for every format. Counted calls come from instrumented runs and
//! stand apart from everything measured.

mod baseline;
mod calls;
mod compared;
mod conditions;
mod csv;
mod grid;
mod headline;
mod hgrm;
mod json;
mod markdown;
mod tables;
mod text;

pub(super) use headline::alerts;

pub use csv::csv as bench_csv;
pub use hgrm::hgrm as bench_hgrm;
pub use json::{json as bench_json, schema as bench_schema};
pub use markdown::markdown as bench_markdown;
pub use text::text as bench_text;
