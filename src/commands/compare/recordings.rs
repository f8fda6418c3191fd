//! The recordings that are compared.

use super::args::CompareArgs;
use crate::commands::replay;
use crate::error::Error;
use crate::net::ServerOptions;
use crate::recording::Recording;
use crate::run::report::{RecordingOrigin, RunReport};
use crate::system::files::are_one;
use std::path::{Path, PathBuf};

/// A name of a recording may be this long, as may be the name of a mode.
const LONGEST_NAME: usize = 12;

/// The recordings that are compared, in the order of their columns.
pub(super) struct Recordings {
    pub(super) all: Vec<ComparedRecording>,
}

/// A run that was recorded.
pub(super) struct ComparedRecording {
    /// As on the command line.
    pub(super) file: PathBuf,
    pub(super) recording: Recording,
    /// What is known of the run at its end.
    pub(super) report: RunReport,
}

impl Recordings {
    /// Opens them.
    ///
    /// # Errors
    /// If there is one alone or one is named twice, if a recording cannot be
    /// read, or if options are given that are for modes.
    pub(super) fn open(
        args: &CompareArgs,
        files: &[PathBuf],
    ) -> Result<Self, Error> {
        check_files(args, files)?;
        check_nothing_is_run(args)?;
        let all = files.iter().map(|file| ComparedRecording::open(file));
        let mut all = all.collect::<Result<Vec<_>, _>>()?;
        let names = names(&all);
        for (it, name) in all.iter_mut().zip(names) {
            it.report.name = name;
        }
        Ok(Self { all })
    }

    /// What is known of each run.
    pub(super) fn reports(&self) -> Vec<RunReport> {
        self.all.iter().map(|it| it.report.clone()).collect()
    }
}

impl ComparedRecording {
    fn open(file: &Path) -> Result<Self, Error> {
        let recording = replay::open(file)?;
        let report = match recording.own_report() {
            Some(report) => report,
            None => counted_report(&recording).map_err(|source| {
                Error::Recording { path: file.into(), source: source.into() }
            })?,
        };
        let origin = RecordingOrigin {
            file: file.display().to_string(),
            ended_early: recording.ended_early(true),
        };
        let report = RunReport { recording: Some(origin), ..report };
        Ok(Self { file: file.into(), recording, report })
    }

    fn mode(&self) -> &str {
        &self.recording.header().facts.mode
    }
}

/// The report of a run whose recording has none.
fn counted_report(
    recording: &Recording,
) -> Result<RunReport, crate::recording::Error> {
    let mut cursor = recording.from_event(recording.events())?;
    while cursor.step()?.is_some() {}
    let at = recording.duration();
    let counters = cursor.known().counters.clone();
    let early = recording.ended_early(false);
    let early = early.map(|words| format!("of its recording, {words}"));
    let closing = recording.closing();
    Ok(RunReport {
        over: true,
        failure: closing.and_then(|it| it.failure.clone()),
        interventions: vec![
            early.unwrap_or("its recording has no report".into()),
        ],
        ..recording.report_of(&counters, at)
    })
}

/// What each is called: its mode where no other is of that mode, else its
/// file, or its mode with a number.
fn names(all: &[ComparedRecording]) -> Vec<String> {
    let modes: Vec<_> = all.iter().map(|it| it.mode().to_owned()).collect();
    let files: Vec<_> = all.iter().map(file_name).collect();
    let once = |names: &[String], name: &str| {
        names.iter().filter(|other| *other == name).count() == 1
    };
    let name = |place: usize| {
        let (mode, file) = (&modes[place], &files[place]);
        if once(&modes, mode) {
            return mode.clone();
        }
        let length = file.chars().count();
        let fits = (1..=LONGEST_NAME).contains(&length);
        if fits && !modes.contains(file) && once(&files, file) {
            return file.clone();
        }
        format!("{mode} {}", place + 1)
    };
    (0..all.len()).map(name).collect()
}

/// The file of a recording without its folder and its extension.
fn file_name(recorded: &ComparedRecording) -> String {
    let stem = recorded.file.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

fn check_files(args: &CompareArgs, files: &[PathBuf]) -> Result<(), Error> {
    if let [only] = files {
        let only = only.display();
        return Err(Error::Usage(format!(
            "nothing to compare {only} with: name a second recording, or \
             look at it with `sockscope replay {only}`"
        )));
    }
    let output = args.output.output.as_deref();
    for (place, file) in files.iter().enumerate() {
        let shown = file.display();
        let is_same = |it: &PathBuf| it == file || are_one(it, file);
        if files[..place].iter().any(is_same) {
            return Err(Error::Usage(format!("`{shown}` is named twice")));
        }
        if output.is_some_and(|it| it == file || are_one(it, file)) {
            let words = format!("the comparison would be written over {shown}");
            return Err(Error::Usage(words));
        }
    }
    Ok(())
}

/// Options of runs are for modes.
fn check_nothing_is_run(args: &CompareArgs) -> Result<(), Error> {
    let given = [
        (args.scenario.is_some(), "`--scenario` is"),
        (args.duration.is_some(), "`--duration` is"),
        (args.speed.is_some(), "`--speed` is"),
        (args.in_turn, "`--in-turn` is"),
        (args.record.is_some(), "`--record` is"),
        (args.server != ServerOptions::default(), "options of a server are"),
    ];
    let given = given.iter().find(|(is_given, _)| *is_given);
    match given {
        None => Ok(()),
        Some((_, option)) => Err(Error::Usage(format!(
            "{option} for modes that are run: only recordings are compared"
        ))),
    }
}
