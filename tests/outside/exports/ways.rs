//! The ways to read a recording, and what each of them owes whoever does.

use crate::support::process::{self, Finished};

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
