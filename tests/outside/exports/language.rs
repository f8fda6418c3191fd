//! Record a run, read it in any way, and know what each way has to say.

use crate::support::process::{self, Finished, Folder};
use serde_json::Value;

/// A recorded run in a folder of its own, which goes when it is dropped.
#[track_caller]
pub(crate) fn recorded(
    mode: &str,
    scenario: &str,
    options: &[&str],
) -> (Folder, String) {
    let folder = Folder::new(mode);
    let file = process::record(&folder, mode, scenario, options);
    (folder, file)
}

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

/// A whole recording as lines of JSON.
#[track_caller]
pub(crate) fn exported_lines(file: &str, options: &[&str]) -> Vec<Value> {
    lines(&exported(file, "jsonl", options))
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

/// The command and its options; the file comes in between.
pub(crate) type Way = (&'static str, &'static [&'static str]);

pub(crate) const WAYS: [Way; 8] = [
    ("export", &["--to", "jsonl"]),
    ("export", &["--to", "csv"]),
    ("export", &["--to", "md"]),
    ("export", &["--to", "perfetto"]),
    ("export", &["--to", "svg"]),
    ("export", &["--to", "html"]),
    ("replay", &["--ui", "none"]),
    ("replay", &["--ui", "log"]),
];

pub(crate) fn run_way((command, options): Way, file: &str) -> Finished {
    process::run(&[&[command, file], options].concat())
}

/// It is refused or damaged, and one line says where and why (1), or it can
/// be read, and one line says where it ends unless it is whole (0).
#[track_caller]
pub(crate) fn expect_verdict(run: &Finished, file: &str) {
    let lines: Vec<_> = run.stderr.lines().collect();
    match (run.code(), &lines[..]) {
        (Some(0), []) => {}
        (Some(0), [line]) => {
            assert!(line.starts_with(&format!("sockscope: {file}")), "{line}");
            assert!(line.contains("it ends at byte "), "{line}");
        }
        (Some(1), [line]) => {
            let start = format!("sockscope: cannot read {file}: ");
            assert!(line.starts_with(&start), "{line}");
            assert!(line.contains("at byte "), "{line}");
        }
        _ => panic!("{run:?}"),
    }
}
