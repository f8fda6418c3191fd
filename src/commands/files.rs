//! Files that a measurement writes, each in the form of its name's end.

use crate::error::Error;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

/// What a name ends in, in small letters.
pub(super) fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

/// Whether it can be written, found out before anything is measured.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    let opened = OpenOptions::new().create(true).append(true).open(path);
    opened.map(drop).map_err(|source| unwritten(path, source))
}

/// Writes a file anew.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|source| unwritten(path, source))
}

fn unwritten(path: &Path, source: std::io::Error) -> Error {
    Error::Write { path: PathBuf::from(path), source }
}
