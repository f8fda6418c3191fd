//! `replay`: a recorded run, shown again.

mod log;
mod screen;

use super::setup::suited_ui;
use crate::commands::args::Ui;
use crate::error::Error;
use crate::recording::Recording;
use crate::system::signals;
use crate::units::{parse_time, show_time};
use clap::Args;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{TryRecvError, channel};
use std::time::Duration;

/// The options of `replay`.
#[derive(Args, Clone, Debug)]
pub struct ReplayArgs {
    /// A recording, as `--record` made it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// `screen`: the live screen, forwards and backwards; `log`: what the
    /// live log printed; `none`: the summary alone
    /// [default: `screen` on a terminal, else `log`]
    #[arg(long, value_enum)]
    pub ui: Option<Ui>,
    /// Begin at this moment of the run.
    #[arg(long, value_name = "TIME", value_parser = parse_time,
          default_value = "0s")]
    pub from: Duration,
}

/// Shows it.
pub(super) fn run(args: &ReplayArgs) -> Result<u8, Error> {
    let recording = open(&args.file)?;
    begins_within(&recording, args.from)?;
    match args.ui.unwrap_or_else(suited_ui) {
        Ui::Screen => screen::run(&recording, args),
        Ui::Log => log::run(args, &recording, log::PrintedPart::All),
        Ui::None => log::run(args, &recording, log::PrintedPart::End),
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
