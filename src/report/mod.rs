//! A result value in, text out; one file a format.
//!
//! A [`Report`] is plain values and the same for every format. A figure
//! that the system cannot tell is `None` and is reported as missing, never
//! as zero. Field names end in their unit; a number without one is a count.
//!
//! # The JSON and its version
//!
//! [`json`] writes a [`Report`] field by field. Its JSON Schema is
//! [`schema`], which `tests/inside/reports/report.schema.json` holds as a file for
//! whoever reads reports with other programs; a test keeps the two equal.
//!
//! `schema_version` is [`SCHEMA_VERSION`]. It is raised when a field goes
//! away, changes its name, its unit or its meaning, or may be missing where
//! it never was. A new field does not raise it: readers pass over fields
//! that they do not know. A reader that finds a higher version than it knows
//! should refuse the report rather than guess.
//!
//! # The other formats
//!
//! [`text`] is for people at a terminal of 80 columns and [`markdown`] for
//! documents: both leave out what says nothing and round. [`csv`] has every
//! figure of the JSON, one a row, under the same names.

mod bench;
mod chart;
mod clients;
pub mod compare;
mod csv;
mod error;
mod headline;
mod json;
mod markdown;
mod rows;
mod sections;
mod svg;
mod sweep;
mod table;
mod text;
mod values;

pub use bench::{
    bench_csv, bench_hgrm, bench_json, bench_markdown, bench_schema, bench_text,
};
pub use csv::csv;
pub use error::Error;
pub use json::{json, of_json, schema};
pub use markdown::{markdown, markdown_table};
pub use rows::Usage;
pub use sections::NOT_AVAILABLE;
pub(crate) use svg::{Anchor, Area, Svg};
pub use svg::{bench_svg, sweep_svg};
pub use sweep::{
    SWEEP_FIGURES, SweepView, sweep_csv, sweep_failures, sweep_json,
    sweep_markdown, sweep_schema, sweep_text,
};
pub use table::wrapped;
pub use text::text;
pub use values::{
    CheckRow, Clients, Conditions, ContextSwitches, Cpu, EchoTime, FindingRow,
    GroupRow, KindRow, LineRow, MemoryOf, PhaseRow, Report, Server, SocketRow,
};

/// The version of the form of a [`Report`] as JSON; see above for when it
/// changes.
pub const SCHEMA_VERSION: u32 = 1;

/// How many sockets a report has rows for, at most.
pub const SOCKETS_LISTED: usize = 16_384;

/// How wide text for a terminal is, in columns.
pub const WIDTH: usize = 80;

/// Which characters a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Marks {
    /// All of Unicode.
    #[default]
    Unicode,
    /// ASCII alone: no UTF-8 in the locale.
    Ascii,
}

/// Whether text may be coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Style {
    /// Characters alone.
    #[default]
    Plain,
    /// With ANSI colours.
    Colour,
}
