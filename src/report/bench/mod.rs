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
mod document;
mod grid;
mod headline;
mod hgrm;
mod json;
mod tables;

pub(super) use headline::alerts;

pub use csv::csv as bench_csv;
pub use document::{bench_markdown, bench_text};
pub use hgrm::hgrm as bench_hgrm;
pub use json::{json as bench_json, schema as bench_schema};

use super::document::Table;

/// A table with its heading, and what explains it.
pub(in crate::report) struct Section {
    pub(in crate::report) title: String,
    pub(in crate::report) table: Table,
    pub(in crate::report) note: String,
}
