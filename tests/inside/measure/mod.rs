//! Measurements on fixed inputs: ranges, order, verdicts, crossings, charts,
//! and every form of their reports.
//!
//! Goal: what a report says is true of its numbers, also at ties, with gaps
//! and with failures. Method: results made by hand, sentences compared word
//! by word, drawings by snapshots.

mod bench;
mod crossings;
mod fixed;
mod order;
mod pictures;
mod ranges;
mod sweep;
mod unmeasured;
mod verdicts;

use sockscope::measure::{Baseline, Figure, SweepResult};
use sockscope::report::{Canvas, MeasureReport, Medium};

fn report(result: &SweepResult, figures: &[Figure]) -> MeasureReport {
    let (result, figures) = (result.clone(), figures.to_vec());
    MeasureReport { result, baseline: None, figures }
}

fn compared(result: &SweepResult, before: &Baseline) -> MeasureReport {
    let baseline = Some(before.clone());
    MeasureReport { baseline, ..report(result, &[]) }
}

fn text(result: &SweepResult, figures: &[Figure]) -> String {
    report(result, figures).to_text(Canvas::PLAIN)
}

fn markdown(report: &MeasureReport) -> String {
    report.document(Medium::Markdown, Canvas::PLAIN).to_markdown()
}

/// Text, Markdown, CSV, percentiles and JSON.
fn forms(report: &MeasureReport) -> [String; 5] {
    [
        report.to_text(Canvas::PLAIN),
        markdown(report),
        report.to_csv().unwrap(),
        report.to_hgrm(0),
        report.to_json().unwrap(),
    ]
}

/// The words without line ends.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// These words stand in the page, and those do not.
#[track_caller]
fn expect_words(page: &str, words: &[&str], missing: &[&str]) {
    for it in words {
        assert!(page.contains(it), "{it}: {page}");
    }
    for it in missing {
        assert!(!page.contains(it), "{it}: {page}");
    }
}
