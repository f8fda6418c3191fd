//! `bench`: servers measured alone, again and again, and compared.

mod files;
pub(super) mod plan;
pub(super) mod progress;

use super::load::cancel_on_signal;
use super::output::{print, unwritable};
use crate::cli::{BenchArgs, BenchForm, MeasuredServerArgs};
use crate::error::{Error, cause_in_words, causes_in_words};
use crate::load::Cancel;
use crate::measure::{
    self, Baseline, BenchResult, SubjectResult, parse_baseline,
};
use crate::report::{self, Style};
use files::{Reported, Target};
use progress::Shown;
use std::path::Path;

/// Measures to the end, or to the first signal, and reports.
pub(super) fn run(args: &BenchArgs) -> Result<u8, Error> {
    if args.schema {
        return schema();
    }
    let plan = plan::of(args)?;
    let baseline = args.baseline.as_deref().map(earlier).transpose()?;
    let names = measure::names(&plan.subjects);
    let targets = files::targets(&args.output, args.report, &names)?;
    let cancel = Cancel::new();
    cancel_on_signal(&cancel)?;
    let mut shown = Shown::new(args.how.quiet);
    let result = measure::run(&plan, &cancel, &mut shown);
    drop(shown);
    let baseline = baseline.map(|before| Baseline::new(&result, &before));
    deliver(&Reported { result, baseline }, args, &targets)
}

/// The servers' process: serves until its standard input ends.
pub(super) fn serve(args: &MeasuredServerArgs) -> Result<u8, Error> {
    measure::serve(args.mode, args.count, &args.cores)?;
    Ok(0)
}

fn schema() -> Result<u8, Error> {
    print(&report::bench_schema().map_err(unwritable)?)?;
    Ok(0)
}

/// An earlier result, to compare with.
fn earlier(path: &Path) -> Result<BenchResult, Error> {
    let refused = |why: String| {
        Error::Usage(format!("cannot use {}: {why}", path.display()))
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| refused(cause_in_words(&error)))?;
    parse_baseline(&text).map_err(|error| refused(causes_in_words(&error)))
}

/// Writes all files that it can, whatever becomes of others.
fn deliver(
    reported: &Reported,
    args: &BenchArgs,
    targets: &[Target],
) -> Result<u8, Error> {
    // Whoever asked for files has those, and reads this.
    let form = if targets.is_empty() { args.report } else { BenchForm::Text };
    let printed =
        reported.in_form(form, Style::Colour).and_then(|text| print(&text));
    let write = |target| reported.write(target);
    let written: Vec<_> = targets.iter().map(write).collect();
    written.into_iter().collect::<Result<(), _>>()?;
    printed?;
    let failures: Vec<_> =
        reported.result.subjects.iter().filter_map(failure).collect();
    if failures.is_empty() {
        return Ok(0);
    }
    Err(Error::Unmeasured(failures.join("; ")))
}

fn failure(subject: &SubjectResult) -> Option<String> {
    let why = subject.failure.as_ref()?;
    Some(format!("{}: {why}", subject.name))
}
