//! Which files may be replaced: only earlier ones of the same kind.

use crate::error::{Error, shown};
use crate::export::COLUMNS;
use crate::recording::is_recording;
use crate::report::{MEASURE_COLUMNS, WRITTEN_BY};
use crate::system::files::FilePlace;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// A kind of file that the program writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    Recording,
    /// A report, an export or a page of the manual, in any form.
    Result,
}

/// How results begin, and what stands in their first bytes, a row for each
/// form. A text is recognised by its last line instead.
const RESULTS: [(&str, &str); 13] = [
    // Reports: JSON, Markdown, CSV, histograms, drawings.
    ("{", "\"sockscope_version\""),
    ("# sockscope: ", ""),
    ("path,value\n", "conditions.sockscope_version,"),
    (MEASURE_COLUMNS, "\n"),
    ("#[sockscope: ", ""),
    ("<svg ", WRITTEN_BY),
    // Exports.
    ("{\"kind\":\"recording\",", "\"sockscope\":"),
    ("{\"displayTimeUnit\":", WRITTEN_BY),
    (COLUMNS, "\r\n"),
    ("<!DOCTYPE html>", "<title>A recording of sockscope</title>"),
    ("{", "\"title\":\"sockscope "),
    // The manual.
    (".TH SOCKSCOPE ", ""),
    (".TH SOCKSCOPE-", ""),
];

/// How much is read of the beginning of a file.
const HEAD: u64 = 64 * 1024;

/// How much is read of its end.
const TAIL: u64 = 64;

impl FileKind {
    /// Refuses to replace a file of another kind, unless it is empty.
    pub(super) fn check_replaced(
        self,
        path: &Path,
        place: &FilePlace,
    ) -> Result<(), Error> {
        if place.known.as_ref().is_none_or(|it| it.len() == 0) {
            return Ok(());
        }
        let is_recording = is_recording(&place.path);
        let (is_same, wanted) = match self {
            Self::Recording => (is_recording, "not a recording"),
            Self::Result if is_recording => (false, "a recording"),
            Self::Result => (is_result(&place.path), "no result of sockscope"),
        };
        if is_same {
            return Ok(());
        }
        Err(Error::usage(format!(
            "{} is {wanted} and would be lost: name another file, or replace \
             it with `--force`",
            shown(path)
        )))
    }
}

/// Whether a file is one that this program wrote, other than a recording. A
/// file that cannot be read is none.
fn is_result(path: &Path) -> bool {
    let Ok(mut file) = File::open(path) else { return false };
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    let read = file.by_ref().take(HEAD).read_to_end(&mut head);
    let length = file.seek(SeekFrom::End(0)).unwrap_or(0);
    let end = file.seek(SeekFrom::Start(length.saturating_sub(TAIL)));
    if read.is_err() || end.is_err() || file.read_to_end(&mut tail).is_err() {
        return false;
    }
    let (head, tail) =
        (String::from_utf8_lossy(&head), String::from_utf8_lossy(&tail));
    let last = tail.lines().next_back();
    RESULTS
        .iter()
        .any(|(start, within)| head.starts_with(start) && head.contains(within))
        || last.is_some_and(|it| it.starts_with(WRITTEN_BY))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_programs_are_no_results() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for text in [
            "notes on sockscope\n",
            "# sockscope\n\nmy own page\n",
            "{\"name\": \"sockscope\", \"version\": 2}\n",
            "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[]}\n",
            "path,value\na,1\n",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>\n",
            "<!DOCTYPE html>\n<title>sockscope</title>\n",
        ] {
            std::fs::write(&path, text).unwrap();
            assert!(!is_result(&path), "{text}");
        }
    }
}
