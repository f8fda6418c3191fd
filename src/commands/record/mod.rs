//! Runs on their way into recordings.

mod header;

use super::args::{OutputArgs, RecordArgs};
use super::output;
use crate::error::{Error, cause_in_words};
use crate::modes::Mode;
use crate::recording::{self, Recorded, Recorder, Sources};
use crate::run::report::RunReport;
use crate::run::session::{RecordTap, SessionRun};
use crate::run::setup::RunSetup;
use crate::units::{show_count, show_size, show_time};
use crate::view::{Measured, Named, Observation};
use header::header;
pub(super) use header::introduction;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A file for the recording of a run that has not begun. What is in it stays
/// until then; a file that was made for it goes away with this.
pub(super) struct Blank {
    path: PathBuf,
    file: Option<File>,
    payload: usize,
}

/// A recording that goes on.
pub(super) struct RunRecording {
    path: PathBuf,
    /// The recorder, or why there is none.
    recorder: Result<Recorder, io::Error>,
    measured: Measured,
    named: HashSet<SocketAddr>,
}

/// The streams that a recording needs, if one is wanted.
pub(super) fn tap(args: &RecordArgs) -> Option<RecordTap> {
    let room = recording::ROOM;
    args.record.as_ref().map(|_| RecordTap { room, payload: args.payload })
}

/// The files for the recordings of these modes: of a single one the file that
/// is named, of several a file each with the mode's name in it.
///
/// # Errors
/// If a file cannot be written, or is where the report goes.
pub(super) fn open(
    args: &RecordArgs,
    output: &OutputArgs,
    modes: &[Mode],
) -> Result<Vec<Blank>, Error> {
    let Some(file) = &args.record else { return Ok(Vec::new()) };
    let open = |mode: &Mode| {
        let path = match modes {
            [_] => file.clone(),
            _ => path_of(file, *mode),
        };
        if output.output.as_deref() == Some(&*path) {
            let words = "the recording and the summary need a file each";
            return Err(Error::Usage(words.to_owned()));
        }
        let file = Some(output::open(&path)?);
        Ok(Blank { path, file, payload: args.payload })
    };
    modes.iter().map(open).collect()
}

/// The file with the mode's name before its extension.
fn path_of(file: &Path, mode: Mode) -> PathBuf {
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(".");
    name.push(mode.name());
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    file.with_file_name(name)
}

impl Blank {
    /// Begins the recording of a run whose server listens. That it cannot
    /// begin is reported at its end: the run goes on.
    pub(super) fn begin(
        mut self,
        command: &'static str,
        setup: &RunSetup,
        run: &mut SessionRun,
    ) -> Option<RunRecording> {
        let file = self.file.take()?;
        let (tap, payloads) = run.record.take()?;
        let sources = Sources {
            tap,
            payloads,
            tally: run.tally.clone(),
            gate: run.gate.clone(),
            clock: run.clock.clone(),
        };
        let header = header(command, setup, run, self.payload);
        let start = || {
            // A device has no length.
            if file.metadata()?.is_file() {
                file.set_len(0)?;
            }
            Recorder::start(file, header, sources)
        };
        Some(RunRecording {
            path: std::mem::take(&mut self.path),
            recorder: start(),
            measured: Measured::default(),
            named: HashSet::new(),
        })
    }

    /// That its run never began.
    pub(super) fn unused(&self, mode: Mode) -> String {
        let path = self.path.display();
        format!("nothing recorded in {path}: {} was not run", mode.name())
    }
}

impl Drop for Blank {
    fn drop(&mut self) {
        if self.file.take().is_none() {
            return;
        }
        let made = fs::metadata(&self.path);
        if made.is_ok_and(|it| it.is_file() && it.len() == 0) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl RunRecording {
    /// Records what is measured now, if it has changed.
    pub(super) fn measure(&mut self, run: &mut SessionRun) {
        let Ok(recorder) = &self.recorder else { return };
        let now = run.now();
        for (address, name) in run.meters.load.names().iter() {
            if self.named.insert(*address) {
                let (address, name) = (*address, name.clone());
                let named = Named { address, name };
                recorder.observe(Observation::Named(named));
            }
        }
        let at = self.measured.at;
        let measured = Measured { at, ..run.measured() };
        if measured != self.measured {
            self.measured = Measured { at: now.into(), ..measured };
            let measured = self.measured.clone();
            recorder.observe(Observation::Measured(measured));
        }
    }

    /// Waits until everything that has happened in a run that is over is
    /// written.
    pub(super) fn stop(&mut self, run: &mut SessionRun) {
        self.measure(run);
        if let Ok(recorder) = &self.recorder {
            recorder.stop();
        }
    }

    /// Ends the recording with the report of its run, or with why there is
    /// none, and says how it went.
    pub(super) fn close(
        self,
        report: Option<&RunReport>,
        failure: Option<String>,
    ) -> String {
        let json = report.and_then(|it| serde_json::to_value(it).ok());
        let went = match self.recorder {
            Ok(recorder) => recorder.close(json, failure),
            Err(error) => Recorded {
                failure: Some((Duration::ZERO, error)),
                ..Recorded::default()
            },
        };
        in_words(&self.path.display().to_string(), &went)
    }
}

/// `recorded run.rec: 1.20 MiB, 123,456 events, 6.1 bytes each, none lost`
fn in_words(path: &str, went: &Recorded) -> String {
    let start = match &went.failure {
        None => format!("recorded {path}:"),
        Some((at, error)) => format!(
            "the recording {path} ends {} after the start: {}; it has",
            show_time(*at),
            cause_in_words(error)
        ),
    };
    let (size, events) = (show_size(went.bytes), show_count(went.events));
    let each = match went.events {
        0 => String::new(),
        events => {
            format!(", {} bytes each", tenths(went.bytes_of_records, events))
        }
    };
    let lost = match went.lost {
        0 if went.failure.is_some() => "nothing of what came later".to_owned(),
        0 => "none lost".to_owned(),
        lost => format!("{} lost for want of room", show_count(lost)),
    };
    let payloads = match went.payloads_lost {
        0 => String::new(),
        lost => format!(", {} payloads lost", show_count(lost)),
    };
    format!("{start} {size}, {events} events{each}, {lost}{payloads}")
}

/// A ratio with one digit behind the point.
fn tenths(part: u64, whole: u64) -> String {
    let tenths = part.saturating_mul(10) / whole;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_mode_stands_before_the_extension() {
        let name = |file: &str| path_of(Path::new(file), Mode::Tasks);
        assert_eq!(name("run.rec"), Path::new("run.tasks.rec"));
        assert_eq!(name("a.b/run"), Path::new("a.b/run.tasks"));
        assert_eq!(name("/x/run.1.rec"), Path::new("/x/run.1.tasks.rec"));
        assert_eq!(name(".rec"), Path::new(".rec.tasks"));
    }
}
