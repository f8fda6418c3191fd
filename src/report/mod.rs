//! Renders results as text, Markdown, JSON or CSV.
//!
//! Every result is a plain value. [`to_json`] writes it as it is, and
//! [`to_csv`] flattens that JSON; the CSV of a measurement has one row per
//! sample and figure instead. For people, a file or folder per kind of result
//! builds a [`Document`], which is rendered for a terminal or as Markdown.
//!
//! A figure that the system does not provide is `None` and is reported as
//! missing, never as zero. Field names end in their unit; a number without
//! one is a count.
//!
//! # The version of a report
//!
//! `schema_version` is raised when a field goes away, or when its name, its
//! unit or its meaning changes. A new field does not raise it: readers skip
//! fields that they do not know, and refuse versions that they do not know.
//! `sockscope schema` prints the schemas; they are also in
//! `tests/inside/reports/*.schema.json`, which a test keeps current.

/// What marks the forms of results that would not show by themselves who wrote
/// them: only such files are replaced by later results.
pub const WRITTEN_BY: &str = "written by sockscope";

mod chart;
mod compare;
mod document;
mod excerpt;
mod from_markdown;
mod machine_readable;
mod markdown;
mod measured;
mod run;
mod svg;
mod terminal;

pub use chart::{Canvas, Marks};
pub use compare::CompareReport;
pub use document::{
    AsDocument, Bullet, Document, ListItem, Medium, NOTHING, Style, Table,
    Tone, WIDTH,
};
pub use machine_readable::{ReportError, schema_of, to_csv, to_json};
pub use measured::{
    MEASURE_COLUMNS, MeasureReport, SWEEP_FIGURES, measure_schema,
};
pub use run::NOT_AVAILABLE;
pub(crate) use svg::{Anchor, Area, Svg};
