//! A sweep told: one file a format.

mod charts;
mod conditions;
mod csv;
mod document;
mod json;
mod tables;
mod words;

pub(super) use charts::{Bands, chart, tick};
pub(super) use conditions::{FinePrint, fine_print};
pub(super) use words::{alerts, crossing_words, crossings_of, headline};

pub use csv::sweep_csv;
pub use document::{SweepView, sweep_markdown, sweep_text};
pub use json::{sweep_json, sweep_schema};
pub use words::sweep_failures;

use crate::measure::Figure;

/// What is told of a sweep if nobody chose.
pub const SWEEP_FIGURES: [Figure; 2] = [Figure::ServerCpu, Figure::EchoesPerS];
