//! `replay`: a recorded run, shown again.

use crate::cli::ReplayArgs;
use crate::error::Error;
use crate::recording::Recording;
use std::path::Path;

/// Shows it.
pub(super) fn run(args: &ReplayArgs) -> Result<u8, Error> {
    let _ = open(&args.file)?;
    Ok(0)
}

/// Opens a recording.
pub(super) fn open(path: &Path) -> Result<Recording, Error> {
    Recording::open(path).map_err(|source| Error::Recording {
        path: path.into(),
        source: source.into(),
    })
}
