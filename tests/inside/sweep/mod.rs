//! Sweeps on fixed inputs: ranges, order, crossings, charts, reports.
//!
//! Goal: what a sweep says is true of its numbers, also at ties, with gaps
//! and with failures. Method: results made by hand, sentences compared word
//! by word, drawings by snapshots.

mod crossings;
mod fixed;
mod marks;
mod order;
mod pictures;
mod ranges;
mod reports;
mod rounds;
