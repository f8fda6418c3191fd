//! Reports the results of `bench` and `sweep` in every format.
//!
//! Figures are derived from the samples each time they are reported, in the
//! same way for every format. Call counts come from instrumented runs and are
//! reported apart from everything measured.

mod bench;
mod pictures;
mod programs;
mod sweep;
mod words;

pub use programs::{MEASURE_COLUMNS, measure_schema};
pub use sweep::SWEEP_FIGURES;

use super::chart::{Canvas, Marks};
use super::document::{Document, Medium};
use crate::measure::{Baseline, Figure, SweepPoint, SweepResult};

/// A measurement, and how it is to be reported.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureReport {
    pub result: SweepResult,
    /// The comparison with an earlier result; `None` without one.
    pub baseline: Option<Baseline>,
    /// The figures chosen for a sweep; if empty, the default ones.
    pub figures: Vec<Figure>,
}

impl MeasureReport {
    /// The one point of a bench; `None` in a sweep.
    fn bench(&self) -> Option<&SweepPoint> {
        let point = self.result.points.first()?;
        self.result.axis.is_none().then_some(point)
    }

    /// Builds the report that people read.
    pub fn document(&self, medium: Medium, canvas: Canvas) -> Document {
        match self.bench() {
            Some(_) => bench::document(self),
            None => sweep::document(self, medium, canvas),
        }
    }

    /// Renders the report with the colours and characters of the canvas.
    pub fn to_text(&self, canvas: Canvas) -> String {
        let text = self.document(Medium::Terminal, canvas);
        let text = text.to_text(canvas.style);
        match canvas.marks {
            Marks::Unicode => text,
            Marks::Ascii => words::ascii(&text),
        }
    }

    /// One text for each server that failed and for each trouble of its clients,
    /// without a full stop: why it was not measured, and in a sweep at which
    /// points.
    pub fn gaps(&self) -> Vec<String> {
        words::gaps(&self.result)
    }

    /// How much was measured, if the measurement was interrupted.
    pub fn partial(&self) -> Option<String> {
        let rounds = self.result.rounds;
        self.result.interrupted.then(|| match self.bench() {
            Some(at) => format!("{} of {rounds} rounds", at.rounds_done()),
            None => "the sweep was interrupted".into(),
        })
    }
}
