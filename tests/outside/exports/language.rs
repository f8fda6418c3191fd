//! Record a run, export it, read what came out.

use crate::support::process::{self, Finished};
use serde_json::Value;

/// Exports a recording, however that goes.
pub(crate) fn export(file: &str, form: &str, options: &[&str]) -> Finished {
    let args = ["export", file, "--to", form];
    process::run(&[&args[..], options].concat())
}

/// Exports a whole recording.
#[track_caller]
pub(crate) fn exported(file: &str, form: &str, options: &[&str]) -> String {
    let run = export(file, form, options);
    run.expect_success();
    run.stdout
}

/// What each line of JSON holds.
#[track_caller]
pub(crate) fn lines(text: &str) -> Vec<Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap();
    text.lines().map(line).collect()
}

/// Those of a kind.
pub(crate) fn of_kind<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["kind"] == kind).collect()
}

/// The sum of a field over those lines that have it.
pub(crate) fn sum<'a>(
    lines: impl IntoIterator<Item = &'a Value>,
    field: &str,
) -> u64 {
    lines.into_iter().filter_map(|line| line[field].as_u64()).sum()
}
