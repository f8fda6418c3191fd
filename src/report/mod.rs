//! A result in; text, Markdown, JSON or CSV out.
//!
//! Every result is a plain value. [`to_json`] writes it as it is, and
//! [`to_csv`] flattens that JSON. For people a result becomes a
//! [`Document`], one file a result, which is rendered for a terminal or as
//! Markdown.
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
//! The schemas are in `tests/inside/reports/*.schema.json`, which a test keeps
//! current.

mod chart;
mod clients;
pub mod compare;
mod document;
mod machine_readable;
mod markdown;
mod measured;
mod rows;
mod run;
mod svg;
mod terminal;
mod values;

pub use chart::{Canvas, Marks};
pub use document::{
    AsDocument, Bullet, Document, ListItem, Medium, NOTHING, Style, Table,
    Tone, WIDTH,
};
pub use machine_readable::{Error, schema_of, to_csv, to_json};
pub use measured::{MeasureReport, SWEEP_FIGURES, measure_schema};
pub use rows::Usage;
pub use run::NOT_AVAILABLE;
pub(crate) use svg::{Anchor, Area, Svg};
pub use values::{
    CheckRow, Clients, Conditions, ContextSwitches, Cpu, EchoTime, FindingRow,
    GroupRow, KindRow, LineRow, MemoryOf, PhaseRow, Report, Server, SocketRow,
};

use serde::Deserialize as _;
use serde_json::Value;

/// The version of the form of a [`Report`] as JSON.
pub const SCHEMA_VERSION: u32 = 1;

/// How many sockets a report has rows for, at most.
pub const SOCKETS_LISTED: usize = 16_384;

/// The report that [`to_json`] wrote.
///
/// # Errors
/// If it is of another version than [`SCHEMA_VERSION`], or is no report.
pub fn of_json(value: &Value) -> Result<Report, Error> {
    let found = value.get("schema_version").and_then(Value::as_u64);
    if let Some(found) = found.filter(|it| *it != u64::from(SCHEMA_VERSION)) {
        return Err(Error::Unknown { found });
    }
    Ok(Report::deserialize(value)?)
}
