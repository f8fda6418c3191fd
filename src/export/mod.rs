//! Exports recordings to other formats; one file per format.
//!
//! Each format is a function of the same shape; `cast` also takes the size of
//! its screen. `html`, `svg`, `perfetto` and `md` are made from a `Timeline`,
//! whose size is bounded; the others write as they read.

mod cast;
mod csv;
mod event_row;
mod html;
pub mod jsonl;
mod md;
mod perfetto;
mod svg;
mod timeline;

pub use cast::{CAST_LARGEST, CAST_SIZE, cast};
pub use csv::{COLUMNS, csv};
pub use event_row::EventRow;
pub use html::html;
pub use jsonl::{JSONL_VERSION, jsonl, jsonl_schema};
pub use md::md;
pub use perfetto::perfetto;
pub use svg::svg;

use crate::recording::{self, Cursor, Recording};
use crate::view::ObservedState;
use std::io::{self, Write};
use std::time::Duration;
use thiserror::Error;

/// A recording to be exported, and the part of it that is wanted.
#[derive(Clone)]
pub struct ExportSubject<'a> {
    pub recording: &'a Recording,
    /// The name of its file.
    pub name: &'a str,
    /// What ended before this moment of the run is left out.
    pub from: Duration,
    /// What began after this moment is left out.
    pub until: Duration,
}

impl ExportSubject<'_> {
    /// A cursor before the first record that may be wanted.
    fn cursor(&self) -> Result<Cursor, recording::Error> {
        if self.from.is_zero() {
            return Ok(self.recording.from_start());
        }
        self.recording.from_time(self.from)
    }
}

/// The destination of an export.
pub type Out<'a> = &'a mut dyn Write;

/// Why an export failed.
#[derive(Debug, Error)]
pub enum ExportFailure {
    /// The recording cannot be read further. What came before was written.
    #[error("cannot read on")]
    Read(#[from] recording::Error),
    /// The export cannot be written.
    #[error("cannot write")]
    Write(#[from] io::Error),
}

/// The state at the end of a recording; empty if its last part is damaged.
fn state_at_end(recording: &Recording) -> ObservedState {
    let cursor = recording.from_event(u64::MAX);
    cursor.map_or_else(|_| ObservedState::default(), |it| it.known().clone())
}

/// The text; if it has more than `most` characters, cut, with `…` at the end.
fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.into();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
