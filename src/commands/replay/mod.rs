//! `replay`: a recorded run, shown again.

mod log;
mod screen;

use super::setup::suited_ui;
use crate::cli::{ReplayArgs, Ui};
use crate::error::Error;
use crate::recording::Recording;
use crate::system::signals;
use crate::units::show_time;
use std::io;
use std::path::Path;
use std::sync::mpsc::{TryRecvError, channel};
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

/// The name of a recording's file, without its folder.
pub(super) fn file_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The failure of a thread that could not be started.
pub(super) fn no_thread(source: io::Error) -> Error {
    Error::System { what: "read the recording ahead", source }
}

/// Whether a signal has come since.
pub(super) fn until_signal() -> Result<impl Fn() -> bool, Error> {
    let (sender, signals) = channel();
    let deliver = move |_| {
        let _ = sender.send(());
    };
    signals::receive(deliver)
        .map_err(|source| Error::System { what: "wait for signals", source })?;
    Ok(move || !matches!(signals.try_recv(), Err(TryRecvError::Empty)))
}
