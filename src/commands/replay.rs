//! `replay`: a recorded run, shown again.

use super::replay_log;
use super::setup::suited_ui;
use crate::cli::{ReplayArgs, Ui};
use crate::error::Error;
use crate::recording::Recording;
use std::path::Path;

/// Shows it.
pub(super) fn run(args: &ReplayArgs) -> Result<u8, Error> {
    let recording = open(&args.file)?;
    match args.ui.unwrap_or_else(suited_ui) {
        Ui::Screen => Ok(0),
        Ui::Log => replay_log::run(args, &recording, replay_log::Part::All),
        Ui::None => replay_log::run(args, &recording, replay_log::Part::End),
    }
}

/// Opens a recording.
pub(super) fn open(path: &Path) -> Result<Recording, Error> {
    Recording::open(path).map_err(|source| Error::Recording {
        path: path.into(),
        source: source.into(),
    })
}
