//! Record a run, read it in any way, and know what each way has to say.

use super::trace_event::Trace;
use crate::support::process::{self, Finished, Folder};
use serde_json::Value;
use sockscope::recording::Recording;
use std::path::Path;

/// A recording in a folder of its own, which goes when it is dropped.
pub(crate) struct Recorded {
    pub(crate) folder: Folder,
    pub(crate) file: String,
}

impl Recorded {
    /// Records a run of a scenario.
    pub(crate) fn new(mode: &str, scenario: &str, options: &[&str]) -> Self {
        let folder = Folder::new(mode);
        let file = process::record(&folder, mode, scenario, options);
        Self { folder, file }
    }

    /// A recording that was made up.
    pub(crate) fn of_bytes(name: &str, bytes: &[u8]) -> Self {
        let folder = Folder::new("made");
        let file = folder.write(name, bytes);
        Self { folder, file }
    }

    pub(crate) fn open(&self) -> Recording {
        Recording::open(Path::new(&self.file)).unwrap()
    }

    /// Exports it, however that goes.
    pub(crate) fn export(&self, form: &str, options: &[&str]) -> Finished {
        let args = ["export", &self.file, "--to", form];
        process::run(&[&args[..], options].concat())
    }

    /// Exports it whole.
    pub(crate) fn text(&self, form: &str, options: &[&str]) -> String {
        let run = self.export(form, options);
        run.expect_success();
        run.stdout
    }

    /// As lines of JSON.
    pub(crate) fn lines(&self, options: &[&str]) -> Vec<Value> {
        lines(&self.text("jsonl", options))
    }

    pub(crate) fn trace(&self, options: &[&str]) -> Trace {
        Trace::read(&self.text("perfetto", options))
    }
}

/// What each line of JSON holds.
pub(crate) fn lines(text: &str) -> Vec<Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap();
    text.lines().map(line).collect()
}

/// The data of a page.
pub(crate) fn data(page: &str) -> Value {
    let start = "<script type=\"application/json\" id=\"data\">";
    let (_, rest) = page.split_once(start).unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
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

/// A number that has to be there.
pub(crate) fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_else(|| panic!("no {name}: {value}"))
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
