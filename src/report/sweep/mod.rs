//! A sweep told: one file a format.

mod charts;
mod conditions;
mod csv;
mod json;
mod markdown;
mod tables;
mod text;
mod words;

pub(super) use charts::{Bands, chart, tick};
pub(super) use conditions::{FinePrint, fine_print};
pub(super) use words::{alerts, crossing_words, crossings_of, headline};

pub use csv::sweep_csv;
pub use json::{sweep_json, sweep_schema};
pub use markdown::sweep_markdown;
pub use text::{SweepView, sweep_text};
pub use words::sweep_failures;

use crate::measure::Figure;

/// What is told of a sweep if nobody chose.
pub const SWEEP_FIGURES: [Figure; 2] = [Figure::ServerCpu, Figure::EchoesPerS];
