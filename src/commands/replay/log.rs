//! `replay --ui log`: what the live log printed, from a recording.

use super::super::output;
use super::ReplayArgs;
use super::unreadable;
use crate::error::Error;
use crate::text::clean;

use crate::probe::Counters;
use crate::recording::{Closing, Ending, Header, Recording};
use crate::report::{AsDocument as _, Medium, Style};
use crate::run::report::RunReport;
use crate::units::{show_count, show_time};
use crate::view::log::log_line;
use crate::view::{Known, LogFold, Observation};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

/// Lines are printed when this many bytes of them have gathered.
const PRINTED: usize = 64 * 1024;

/// Which part of what the run printed is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PrintedPart {
    /// The log and the summary.
    All,
    /// The summary.
    End,
}

/// Prints it, and on standard error what is not there.
pub(super) fn run(
    args: &ReplayArgs,
    recording: &Recording,
    part: PrintedPart,
) -> Result<u8, Error> {
    if part == PrintedPart::All {
        print_log(&args.file, recording, args.from)?;
    }
    if let Some(summary) = recording.closing().and_then(summary) {
        output::print(&summary)?;
    }
    for line in missing(&args.file, recording) {
        // A closed standard error must not fail the command.
        let _ = writeln!(io::stderr(), "sockscope: {line}");
    }
    Ok(0)
}

/// The log from a moment on.
fn print_log(
    path: &Path,
    recording: &Recording,
    from: Duration,
) -> Result<(), Error> {
    let header = recording.header();
    let mut log = Log::new(header, from);
    for place in 0..recording.blocks().len() {
        match recording.block(place) {
            Ok(records) => records.iter().for_each(|it| log.take(it)),
            Err(error) => {
                output::print(&log.text)?;
                return Err(unreadable(path, error));
            }
        }
        log.print_if(PRINTED)?;
    }
    log.fold.finish();
    log.print_if(0)
}

/// The log while it is folded.
struct Log {
    fold: LogFold,
    known: Known,
    from: Duration,
    text: String,
}

impl Log {
    fn new(header: &Header, from: Duration) -> Self {
        let settings = header.settings;
        Self {
            fold: LogFold::new(settings.loop_call, settings.options.grace()),
            known: Known::default(),
            from,
            text: header.introduction.clone(),
        }
    }

    fn take(&mut self, record: &Observation) {
        self.known.take(record);
        match record {
            Observation::Event(event) => {
                self.fold.event(event);
                self.fold.flow();
            }
            Observation::Counters(update) => {
                let counters = &self.known.counters;
                let (at, lost) = (update.at.duration(), update.lost);
                let phases = &counters.phases;
                let counters = || Counters::clone(counters);
                self.fold.counted(at, phases, lost, counters);
            }
            _ => {}
        }
    }

    /// Prints the lines gathered so far if they have at least `bytes` bytes.
    fn print_if(&mut self, bytes: usize) -> Result<(), Error> {
        let entries = self.fold.take();
        for entry in entries.iter().filter(|it| it.at() >= self.from) {
            self.text.push_str(&log_line(entry));
            self.text.push('\n');
        }
        if self.text.len() < bytes {
            return Ok(());
        }
        output::print(&std::mem::take(&mut self.text))
    }
}

/// The summary of the run, as it was printed.
fn summary(closing: &Closing) -> Option<String> {
    let report = RunReport::from_json(closing.report.as_ref()?)?;
    Some(
        "\n".to_owned()
            + &report.document(Medium::Terminal).to_text(Style::Colour),
    )
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
    let lost = match recording.lost() {
        0 => None,
        1 => Some(format!("{path}: 1 event is missing for want of room")),
        lost => {
            let lost = show_count(lost);
            Some(format!("{path}: {lost} events are missing for want of room"))
        }
    };
    ending.into_iter().chain(lost).collect()
}
