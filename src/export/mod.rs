//! A recording in, something else out; one file a format.
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

/// What is to be made into something else.
#[derive(Clone)]
pub struct ExportSubject<'a> {
    /// The recording.
    pub recording: &'a Recording,
    /// The name of its file.
    pub name: &'a str,
    /// What was over before this moment of the run is left out.
    pub from: Duration,
    /// What began after this moment is left out.
    pub until: Duration,
}

impl ExportSubject<'_> {
    /// The first record that may matter.
    fn cursor(&self) -> Result<Cursor, recording::Error> {
        if self.from.is_zero() {
            return Ok(self.recording.from_start());
        }
        self.recording.from_time(self.from)
    }
}

/// Where it goes.
pub type Out<'a> = &'a mut dyn Write;

/// Why it could not be made.
#[derive(Debug, Error)]
pub enum ExportFailure {
    /// The recording cannot be read on. What came before was written.
    #[error("cannot read on")]
    Read(#[from] recording::Error),
    /// It cannot be written.
    #[error("cannot write")]
    Write(#[from] io::Error),
}

/// What is known at the end of a recording, as far as it can be read.
fn state_at_end(recording: &Recording) -> ObservedState {
    let cursor = recording.from_event(u64::MAX);
    cursor.map_or_else(|_| ObservedState::default(), |it| it.known().clone())
}

/// A text from outside, or the beginning of one with more characters.
fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.into();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
