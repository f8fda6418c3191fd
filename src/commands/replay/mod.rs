//! `replay`: a recorded run, shown again.

mod log;
mod pace;
mod reel;
mod screen;

use super::setup::suited_ui;
use crate::cli::{ReplayArgs, Ui};
use crate::error::Error;
use crate::recording::Recording;
use crate::units::show_time;
pub(in crate::commands) use pace::Pace;
pub(in crate::commands) use reel::{Reel, no_thread};
use std::path::Path;
use std::time::Duration;

/// Shows it.
pub(super) fn run(args: &ReplayArgs) -> Result<u8, Error> {
    let recording = open(&args.file)?;
    begins_within(&recording, args.from)?;
    match args.ui.unwrap_or_else(suited_ui) {
        Ui::Screen => screen::run(&recording, args),
        Ui::Log => log::run(args, &recording, log::Part::All),
        Ui::None => log::run(args, &recording, log::Part::End),
    }
}

/// Opens a recording.
pub(super) fn open(path: &Path) -> Result<Recording, Error> {
    Recording::open(path).map_err(|source| unreadable(path, source))
}

/// Whether there is anything of it from this moment on.
pub(super) fn begins_within(
    recording: &Recording,
    from: Duration,
) -> Result<(), Error> {
    let length = recording.duration();
    if from <= length {
        return Ok(());
    }
    let (from, length) = (show_time(from), show_time(length));
    Err(Error::Usage(format!("--from {from}: the recording has {length}")))
}

/// A recording that cannot be read, or not any further.
pub(super) fn unreadable(
    path: &Path,
    source: crate::recording::Error,
) -> Error {
    Error::Recording { path: path.into(), source: source.into() }
}
