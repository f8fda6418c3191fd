//! `bench`: servers measured alone, again and again, and compared.

mod files;
mod plan;
mod progress;
mod table;

use super::check::mode;
use super::load::cancel_on_signal;
use super::output::print;
use crate::cli::{BenchArgs, BenchForm, MeasuredServerArgs};
use crate::error::Error;
use crate::load::Cancel;
use crate::measure::{self, BenchResult, SCHEMA_VERSION, SubjectResult};
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
    deliver(&Reported { result, baseline }, args, &targets)
}

/// The servers' process: serves until its standard input ends.
pub(super) fn serve(args: &MeasuredServerArgs) -> Result<u8, Error> {
    measure::serve(mode(args.mode), args.count, &args.cores)?;
    Ok(0)
}

fn schema() -> Result<u8, Error> {
    let schema = schemars::schema_for!(BenchResult);
    let text = serde_json::to_string_pretty(&schema)
        .map_err(|error| Error::Report(Box::new(error)))?;
    print(&(text + "\n"))?;
    Ok(0)
}

/// An earlier result, to compare with.
fn earlier(path: &Path) -> Result<BenchResult, Error> {
    let refused = |why: String| {
        Error::Usage(format!("cannot use {}: {why}", path.display()))
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| refused(crate::error::cause_in_words(&error)))?;
    let result: BenchResult = serde_json::from_str(&text).map_err(|error| {
        refused(format!("it is no result of `bench` in JSON: {error}"))
    })?;
    match result.schema_version {
        SCHEMA_VERSION => Ok(result),
        other => Err(refused(format!(
            "its form has version {other}, this program reads \
             {SCHEMA_VERSION}"
        ))),
    }
}

/// Writes all files that it can, whatever becomes of others.
fn deliver(
    reported: &Reported,
    args: &BenchArgs,
    targets: &[Target],
) -> Result<u8, Error> {
    // Whoever asked for files has those, and reads this.
    let form = if targets.is_empty() { args.report } else { BenchForm::Text };
    let printed = reported.in_form(form).and_then(|text| print(&text));
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
