//! Recordings that are compared, and how they stand side by side on the
//! screen.

use super::CompareArgs;
use crate::commands::replay;
use crate::error::Error;
use crate::net::ServerOptions;
use crate::recording::Recording;
use crate::run::comparison::{Comparison, compare};
use crate::run::report::{RecordingOrigin, RunReport};
use crate::system::files::are_one;
use crate::tui::{
    Change, Effect, Picture, Players, Stage, Target, TrackScene, show_recorded,
};
use crate::units::nanoseconds;
use crate::view::SocketId;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A name of a recording may be this long, as may be the name of a mode.
const LONGEST_NAME: usize = 12;

/// A run that was recorded.
pub(super) struct ComparedRecording {
    /// As on the command line.
    file: PathBuf,
    recording: Recording,
    /// What is known of the run at its end.
    pub(super) report: RunReport,
}

/// Opens recordings, in the order of their columns.
///
/// # Errors
/// If there is one alone or one is named twice, if a recording cannot be
/// read, or if options are given that are for modes.
pub(super) fn open(
    args: &CompareArgs,
    files: &[PathBuf],
) -> Result<Vec<ComparedRecording>, Error> {
    check_files(args, files)?;
    check_nothing_is_run(args)?;
    let all = files.iter().map(|file| {
        let recording = replay::open(file)?;
        let report = match recording.own_report() {
            Some(report) => report,
            None => counted_report(&recording)
                .map_err(|source| replay::unreadable(file, source))?,
        };
        let origin = RecordingOrigin {
            file: file.display().to_string(),
            ended_early: recording.ended_early(true),
        };
        let report = RunReport { recording: Some(origin), ..report };
        Ok(ComparedRecording { file: file.into(), recording, report })
    });
    let mut all = all.collect::<Result<Vec<_>, Error>>()?;
    let names = names(&all);
    for (it, name) in all.iter_mut().zip(names) {
        it.report.name = name;
    }
    Ok(all)
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
    let modes = all.iter().map(|it| it.recording.header().facts.mode.clone());
    let modes: Vec<_> = modes.collect();
    let stem = |it: &ComparedRecording| {
        let stem = it.file.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    };
    let files: Vec<_> = all.iter().map(stem).collect();
    let once = |names: &[String], name: &str| {
        names.iter().filter(|other| *other == name).count() == 1
    };
    let names = modes.iter().zip(&files).enumerate();
    let names = names.map(|(place, (mode, file))| {
        let length = file.chars().count();
        let fits = (1..=LONGEST_NAME).contains(&length);
        if once(&modes, mode) {
            mode.clone()
        } else if fits && !modes.contains(file) && once(&files, file) {
            file.clone()
        } else {
            format!("{mode} {}", place + 1)
        }
    });
    names.collect()
}

fn check_files(args: &CompareArgs, files: &[PathBuf]) -> Result<(), Error> {
    if let [only] = files {
        let only = only.display();
        return Err(Error::Usage(format!(
            "nothing to compare {only} with: name a second recording, or \
             look at it with `sockscope replay {only}`"
        )));
    }
    let output = args.run.output.output.as_deref();
    for (place, file) in files.iter().enumerate() {
        let shown = file.display();
        let is_same = |it: &Path| it == file || are_one(it, file);
        if files[..place].iter().any(|it| is_same(it)) {
            return Err(Error::Usage(format!("`{shown}` is named twice")));
        }
        if output.is_some_and(is_same) {
            let words = format!("the comparison would be written over {shown}");
            return Err(Error::Usage(words));
        }
    }
    Ok(())
}

/// Options of runs are for modes.
fn check_nothing_is_run(args: &CompareArgs) -> Result<(), Error> {
    let run = &args.run;
    let given = [
        (run.scenario.is_some(), "`--scenario` is"),
        (run.duration.is_some(), "`--duration` is"),
        (run.speed.is_some(), "`--speed` is"),
        (args.in_turn, "`--in-turn` is"),
        (run.recording.record.is_some(), "`--record` is"),
        (run.server != ServerOptions::default(), "options of a server are"),
    ];
    let given = given.iter().find(|(is_given, _)| *is_given);
    given.map_or(Ok(()), |(_, option)| {
        Err(Error::Usage(format!(
            "{option} for modes that are run: only recordings are compared"
        )))
    })
}

/// Shows them on the screen until the user has seen enough.
pub(super) fn show(all: &[ComparedRecording]) -> Result<(), Error> {
    let is_ended = replay::until_signal()?;
    let files = all.iter().map(|it| (&*it.file, &it.recording));
    let players = replay::players(files)?;
    let reports: Vec<_> = all.iter().map(|it| it.report.clone()).collect();
    let comparison = compare(&reports);
    let mut stage = ComparedRecordings { players, all, comparison };
    show_recorded(&mut stage, is_ended).map_err(Error::Output)
}

struct ComparedRecordings<'a> {
    players: Players,
    all: &'a [ComparedRecording],
    comparison: Comparison,
}

impl Stage for ComparedRecordings<'_> {
    fn picture(&self) -> Picture<'_> {
        let picture = self.players.picture();
        let tracks = picture.tracks.into_iter().zip(&self.comparison.names);
        let tracks = tracks.map(|(it, name)| TrackScene { name, ..it });
        let tracks = tracks.collect();
        Picture { tracks, comparison: Some(&self.comparison), ..picture }
    }

    fn carry_out(&mut self, target: Target, effect: Effect) {
        self.players.carry_out(target, effect);
    }

    fn advance(&mut self, now: Instant, frozen: bool) -> Change {
        self.players.advance(now, frozen)
    }

    /// Compares the runs at the moment that is shown.
    fn show(&mut self, detail: Option<(usize, SocketId)>) {
        self.players.show(detail);
        let picture = self.players.picture();
        let tracks = self.all.iter().zip(&picture.tracks).enumerate();
        let reports = tracks.map(|(place, (it, track))| {
            let at_end = &it.report;
            if self.players.has_ended(place) {
                return at_end.clone();
            }
            let so_far = RunReport::of_counters(
                at_end.conditions.clone(),
                &track.scene.view.figures,
                it.recording.header().settings.loop_call,
                |_| None,
            );
            RunReport {
                name: at_end.name.clone(),
                run_time_ns: nanoseconds(self.players.at()),
                recording: at_end.recording.clone(),
                ..so_far
            }
        });
        self.comparison = compare(&reports.collect::<Vec<_>>());
    }
}
