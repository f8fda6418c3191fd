//! A recording in, something else out; one file a format.
//!
//! Each format is a function of the same shape: it reads the recording from
//! its start in bounded memory and writes as it goes.

mod calls;
mod cast;
mod csv;
mod event_row;
mod html;
pub mod jsonl;
mod md;
mod perfetto;
mod summary;
mod svg;
mod timeline;
mod window;

pub use cast::{CAST_LARGEST, CAST_SIZE, cast};
pub use csv::{COLUMNS, csv};
pub use event_row::EventRow;
pub use html::html;
pub use jsonl::{JSONL_VERSION, jsonl, jsonl_schema};
pub use md::md;
pub use perfetto::perfetto;
pub use summary::report_of;
pub use svg::svg;

use crate::recording::{self, Recording};
use std::io::{self, Write};
use std::time::Duration;
use thiserror::Error;

/// What is to be made into something else.
#[derive(Clone)]
pub struct ExportSubject<'a> {
    /// The recording.
    pub recording: &'a Recording,
    /// What it is called.
    pub name: &'a str,
    /// What was over before this moment of the run is left out.
    pub from: Duration,
    /// What began after this moment is left out.
    pub until: Duration,
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
