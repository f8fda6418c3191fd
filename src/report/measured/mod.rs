//! What `bench` or `sweep` measured, in every form.
//!
//! Figures are derived from the samples each time they are reported, in the
//! same way for every form. Counted calls come from instrumented runs and
//! stand apart from everything measured.

mod bench;
mod pictures;
mod programs;
mod sweep;
mod words;

pub use programs::measure_schema;
pub use sweep::SWEEP_FIGURES;

use super::chart::{Canvas, Marks};
use super::document::{Document, Medium};
use crate::measure::{Baseline, Figure, SweepPoint, SweepResult};

/// What was measured, and how it is to be reported.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureReport {
    /// What was measured.
    pub result: SweepResult,
    /// How it differs from an earlier result.
    pub baseline: Option<Baseline>,
    /// The figures of a sweep that were chosen; empty: the usual ones.
    pub figures: Vec<Figure>,
}

impl MeasureReport {
    /// The one point of a bench; `None` in a sweep.
    fn bench(&self) -> Option<&SweepPoint> {
        let point = self.result.points.first()?;
        self.result.axis.is_none().then_some(point)
    }

    /// The report for people.
    pub fn document(&self, medium: Medium, canvas: Canvas) -> Document {
        match self.bench() {
            Some(_) => bench::document(self),
            None => sweep::document(self, medium, canvas),
        }
    }

    /// The report as text.
    pub fn to_text(&self, canvas: Canvas) -> String {
        let text = self.document(Medium::Terminal, canvas);
        let text = text.to_text(canvas.style);
        match canvas.marks {
            Marks::Unicode => text,
            Marks::Ascii => words::ascii(&text),
        }
    }

    /// The servers that failed, in a sweep at which points, and why; each in
    /// words without a full stop.
    pub fn failures(&self) -> Vec<String> {
        words::failures(&self.result)
    }

    /// How much of it there is, if it was interrupted.
    pub fn partial(&self) -> Option<String> {
        let rounds = self.result.rounds;
        self.result.interrupted.then(|| match self.bench() {
            Some(at) => format!("{} of {rounds} rounds", at.rounds_done()),
            None => "the sweep was interrupted".into(),
        })
    }
}
