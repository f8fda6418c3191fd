//! `bench` and `sweep`: servers measured alone, again and again, and
//! compared; a bench is a sweep with one point.

mod args;
mod files;
mod plan;
mod progress;

pub(crate) use args::{
    BenchArgs, MeasureArgs, MeasureForm, MeasuredCommandArgs, MeasuredLoadArgs,
    MeasuredServerArgs, SweepArgs,
};

use super::load::cancel_on_signal;
use super::output::{print, unwritable};
use crate::error::{Error, cause_in_words, causes_in_words};
use crate::load::Cancel;
use crate::measure::{
    self, Baseline, Figure, SweepPlan, SweepResult, parse_baseline,
};
use crate::report::{self, MeasureReport};
use progress::ProgressLine;
use std::path::Path;

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
    let mut figures = args.figure.clone();
    let mut seen = Vec::new();
    figures.retain(|it| {
        let is_new = !seen.contains(it);
        seen.push(*it);
        is_new
    });
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
    match report.failures() {
        none if none.is_empty() => Ok(0),
        failures => Err(Error::Unmeasured(failures.join("; "))),
    }
}
