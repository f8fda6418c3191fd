//! `bench` and `sweep`: servers measured alone, again and again, and
//! compared; a bench is a sweep with one point.

mod args;
mod files;
mod plan;

pub(crate) use args::{
    BenchArgs, MeasureArgs, MeasureForm, MeasuredCommandArgs, MeasuredLoadArgs,
    MeasuredServerArgs, SweepArgs,
};

use super::load::cancel_on_signal;
use super::output::{print, unwritable};
use crate::error::{Error, cause_in_words, causes_in_words};
use crate::load::Cancel;
use crate::measure::{
    self, Baseline, Figure, MeasureStep, Progress, SweepPlan, SweepResult,
    parse_baseline,
};
use crate::report::{self, MeasureReport};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use itertools::Itertools as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

/// Measures to the end, or to the first signal, and reports.
pub(super) fn bench(args: &BenchArgs) -> Result<u8, Error> {
    if args.how.schema {
        return schema();
    }
    let plan = plan::of_bench(args)?;
    let baseline = args.baseline.as_deref().map(earlier).transpose()?;
    measure(&plan, &args.how, baseline, Vec::new())
}

/// The same at many points of one axis.
pub(super) fn sweep(args: &SweepArgs) -> Result<u8, Error> {
    if args.how.schema {
        return schema();
    }
    let plan = plan::of_sweep(args)?;
    let figures = args.figure.iter().copied().unique().collect();
    measure(&plan, &args.how, None, figures)
}

/// The servers' process: serves until its standard input ends.
pub(super) fn serve(args: &MeasuredServerArgs) -> Result<u8, Error> {
    measure::serve(args.mode, args.count, &args.cores)?;
    Ok(0)
}

fn schema() -> Result<u8, Error> {
    let schema = report::measure_schema().map_err(unwritable)?;
    print(&schema)?;
    Ok(0)
}

/// An earlier result, to compare with.
fn earlier(path: &Path) -> Result<SweepResult, Error> {
    let refused = |why: String| {
        Error::Usage(format!("cannot use {}: {why}", path.display()))
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| refused(cause_in_words(&error)))?;
    parse_baseline(&text).map_err(|error| refused(causes_in_words(&error)))
}

fn measure(
    plan: &SweepPlan,
    how: &MeasureArgs,
    before: Option<SweepResult>,
    figures: Vec<Figure>,
) -> Result<u8, Error> {
    let targets = files::targets(how, plan)?;
    let cancel = Cancel::new();
    cancel_on_signal(&cancel)?;
    let mut shown = ProgressLine::new(how.quiet);
    let result = measure::run(plan, &cancel, &mut shown);
    drop(shown);
    let baseline = before.map(|before| Baseline::new(&result, &before));
    let report = MeasureReport { result, baseline, figures };
    // A user who asked for files has those, and reads this.
    let form = if targets.is_empty() { how.report } else { MeasureForm::Text };
    let printed =
        files::for_terminal(&report, form).and_then(|text| print(&text));
    // What becomes of one file does not keep the others from being written.
    let written: Vec<_> = targets.iter().map(|it| it.write(&report)).collect();
    written.into_iter().collect::<Result<(), _>>()?;
    printed?;
    let failures = report.failures();
    if failures.is_empty() {
        return Ok(0);
    }
    Err(Error::Unmeasured(failures.join("; ")))
}

/// Shows how far a measurement is on standard error, until it is dropped:
/// one line on a terminal, a line for each round elsewhere.
struct ProgressLine {
    /// The line; hidden where standard error is no terminal.
    bar: ProgressBar,
    /// Whether each round has a line of its own.
    is_log: bool,
    /// The last round that was shown.
    round: u32,
}

impl ProgressLine {
    fn new(quiet: bool) -> Self {
        let is_terminal = io::stderr().is_terminal();
        let target = if is_terminal && !quiet {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, is_log: !is_terminal && !quiet, round: 0 }
    }

    fn log(&self, line: &str) {
        if self.is_log {
            // That it is not read is no reason to end the measurement.
            let _ = writeln!(anstream::stderr(), "{line}");
        }
    }
}

impl Progress for ProgressLine {
    fn step(&mut self, step: &MeasureStep) {
        let MeasureStep { round, rounds, subject, counting, left } = step;
        let what = if *counting { ", counting its calls" } else { "" };
        let left = format!("about {} left", clock(*left));
        self.bar.set_message(format!(
            "round {round} of {rounds}, {subject}{what} · {left}"
        ));
        self.bar.tick();
        if *round > self.round {
            self.log(&format!("round {round} of {rounds} · {left}"));
            self.round = *round;
        }
    }

    fn failed(&mut self, subject: &str) {
        // The report says why.
        let words = format!("{subject} failed; the others go on");
        self.log(&words);
        self.bar.println(words);
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// `0:21`, `61:05`; a part of a second that is left is a second.
fn clock(left: Duration) -> String {
    let seconds = left.as_millis().div_ceil(1000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
