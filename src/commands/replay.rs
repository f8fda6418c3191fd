//! `replay`: a recorded run, shown again.

use super::args::Ui;
use super::load::receive_signals;
use super::{log, output};
use crate::error::Error;
use crate::recording::{Ending, Recording};
use crate::report::{AsDocument as _, Medium, Style};
use crate::text::clean;
use crate::tui::{Players, show_recorded};
use crate::units::{parse_time, show_count, show_time};
use crate::view::Seek;
use clap::Args;
use std::io::{self, Write as _};
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
    let ui = args.ui.unwrap_or_else(Ui::suited);
    if ui == Ui::Screen {
        let is_ended = until_signal()?;
        let mut players = players([(&*args.file, &recording)])?;
        if !args.from.is_zero() {
            players.seek(None, Seek::To(args.from));
        }
        show_recorded(&mut players, is_ended).map_err(Error::Output)?;
        return Ok(0);
    }
    if ui == Ui::Log {
        log::print_recorded(&args.file, &recording, args.from)?;
    }
    if let Some(report) = recording.own_report() {
        let summary = report.document(Medium::Terminal).to_text(Style::Colour);
        output::print(&format!("\n{summary}"))?;
    }
    report_missing(&args.file, &recording);
    Ok(0)
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

/// What plays these recordings on the screen.
pub(super) fn players<'a>(
    recordings: impl IntoIterator<Item = (&'a Path, &'a Recording)>,
) -> Result<Players, Error> {
    let named = recordings.into_iter().map(|(file, recording)| {
        let name = file.file_name().unwrap_or_default();
        (recording, name.to_string_lossy().into_owned())
    });
    Players::new(&named.collect::<Vec<_>>())
        .map_err(Error::system("read the recording ahead"))
}

/// Whether a signal has come since.
pub(super) fn until_signal() -> Result<impl Fn() -> bool, Error> {
    let (sender, signals) = channel();
    let deliver = move |_| {
        let _ = sender.send(());
    };
    receive_signals(deliver)?;
    Ok(move || !matches!(signals.try_recv(), Err(TryRecvError::Empty)))
}

/// Says on standard error what of the run is not in the recording.
pub(super) fn report_missing(path: &Path, recording: &Recording) {
    for line in missing(path, recording) {
        // A closed standard error must not fail the command.
        let _ = writeln!(io::stderr(), "sockscope: {line}");
    }
}

/// What of the run is not in the recording.
fn missing(path: &Path, recording: &Recording) -> Vec<String> {
    let path = clean(&path.display().to_string());
    let ending = match recording.ending() {
        Ending::Complete(_) => None,
        ending @ Ending::Truncated { .. } => Some(format!(
            "{path} is not complete, its last moment is {}: {ending}",
            show_time(recording.duration())
        )),
    };
    let lost = recording.lost();
    let events = match lost {
        1 => "1 event is".into(),
        lost => format!("{} events are", show_count(lost)),
    };
    let lost = (lost > 0)
        .then(|| format!("{path}: {events} missing for want of room"));
    ending.into_iter().chain(lost).collect()
}
