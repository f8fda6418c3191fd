//! `compare`: several modes on the same scenario, or several recordings, side
//! by side.

use super::files::{CommandFiles, ResultFile};
use super::output::{self, After};
use super::record::RecordArgs;
use super::replay::{open_from, players, unreadable, until_signal};
use super::serve::{RunArgs, Ui, run_modes};
use crate::error::{Error, shown};
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::recording::{self, Recording};
use crate::report::CompareReport;
use crate::run::comparison::{Comparison, compare};
use crate::run::conditions::Conditions;
use crate::run::report::{RecordingOrigin, RunReport};
use crate::system::files::FilePlace;
use crate::system::machine;
use crate::tui::{
    Change, Effect, Picture, Players, ScreenSettings, Stage, Target,
    show_recorded,
};
use crate::view::SocketId;
use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Args, Command, ValueEnum as _};
use itertools::{Either, Itertools as _};
use std::ffi::OsStr;
use std::iter::zip;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// More columns than this are too narrow to read on a screen.
pub(super) const MOST: usize = 5;

/// The longest file name that becomes the name of a column, in characters.
const LONGEST_NAME: usize = 12;

/// Why the figures are not for quoting.
const INSTRUMENTED: &str =
    "instrumented: for figures to quote use `sockscope bench`";

#[derive(Args, Clone, Debug)]
#[command(mut_args(for_several))]
pub struct CompareArgs {
    /// Modes to run, or recordings; at most five
    ///
    /// In the order of the columns. Recordings are files that `--record` made:
    /// their names end in `.rec`, or are written with their folder, as in
    /// `./run`. [default: all modes that the scenario is meant for and the
    /// options allow]
    #[arg(value_parser = ContenderParser, value_name = "MODE|FILE")]
    pub contenders: Vec<ContenderArg>,
    /// Run one mode after the other
    ///
    /// Instead of all at once: none takes processor time from another, and
    /// `--listen` may name a port.
    #[arg(long, help_heading = "What runs")]
    pub in_turn: bool,
    /// How every mode is run.
    #[command(flatten)]
    pub run: RunArgs,
}

/// The help of options that mean something else for several runs.
fn for_several(arg: Arg) -> Arg {
    match arg.get_id().as_str() {
        "scenario" => arg.long_help(
            "What each mode's own clients do [default: two-clients]\n\n\
             A built-in scenario (`sockscope scenario list`), a file, or \
             `none`: no clients of ours; serve every client that connects.",
        ),
        "ui" => arg.long_help(
            "What to show while they run\n\n\
             `log` and `none` give the table alone, at the end. [default: \
             `screen` on a terminal, else `log`]",
        ),
        "record" => arg.help("Record every run").long_help(
            "Record every run\n\n\
             Each has a file of its own with the mode's name before its \
             extension: `run.rec` becomes `run.serial.rec`, \
             `run.blocking.rec` and so on.",
        ),
        _ => arg,
    }
}

/// What takes part in a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContenderArg {
    /// A mode, which is run.
    Mode(Mode),
    /// A run that was recorded into this file.
    Recording(PathBuf),
}

/// Distinguishes modes from files.
#[derive(Clone)]
struct ContenderParser;

impl TypedValueParser for ContenderParser {
    type Value = ContenderArg;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<ContenderArg, clap::Error> {
        let path = Path::new(value);
        match EnumValueParser::<Mode>::new().parse_ref(command, arg, value) {
            Ok(mode) => Ok(ContenderArg::Mode(mode)),
            // This is meant as a file, although there may be none.
            Err(_)
                if path.extension().is_some_and(|it| it == "rec")
                    || path.components().count() > 1
                    || path.is_file() =>
            {
                Ok(ContenderArg::Recording(path.into()))
            }
            Err(error) => Err(error),
        }
    }

    fn possible_values(
        &self,
    ) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let modes = Mode::value_variants().iter();
        Some(Box::new(modes.filter_map(Mode::to_possible_value)))
    }
}

/// Runs the modes to their end, or reads the recordings, and prints the
/// comparison.
pub(super) fn run(
    args: &CompareArgs,
    screen: &ScreenSettings,
    files: CommandFiles,
) -> Result<u8, Error> {
    let started_at = SystemTime::now();
    let named = &args.contenders;
    if named.len() > MOST {
        let words =
            format!("at most {MOST} can be compared, not {}", named.len());
        return Err(Error::Usage(words));
    }
    let (modes, recorded): (Vec<_>, Vec<_>) =
        named.iter().partition_map(|it| match it {
            ContenderArg::Mode(mode) => Either::Left(*mode),
            ContenderArg::Recording(file) => Either::Right(&**file),
        });
    let deliver = |reports, note: String, file: Option<ResultFile>, after| {
        let conditions = Conditions::here("compare", started_at, None);
        let in_turn = args.in_turn;
        let report =
            CompareReport::new(conditions, in_turn, reports, vec![note]);
        let form = args.run.output.report;
        output::deliver(&report, form, file.as_ref(), after)
    };
    match (&modes[..], &recorded[..]) {
        (_, []) => {
            check_modes(&modes)?;
            let (run, in_turn) = (&args.run, args.in_turn);
            let (runs, file) =
                run_modes("compare", &modes, run, screen, in_turn, files)?;
            let note = note_of_runs(args.in_turn, runs.tracks.len());
            let reports: Vec<RunReport> = runs.reports();
            let unserved = unserved(&reports);
            deliver(reports, note, file, runs.report_after())?;
            match (runs.session.exit_status(), unserved) {
                (0, Some(why)) => Err(Error::Clients(why)),
                (status, _) => Ok(status),
            }
        }
        ([], _) => {
            let file = check_recordings(args, &recorded, files)?;
            let recordings = open(&recorded)?;
            let mut after = After::Nothing;
            if args.run.ui()? == Ui::Screen {
                show(&recordings, screen)?;
                after = After::Screen;
            }
            let note = format!(
                "All is {INSTRUMENTED}. A recording does not say on which \
                 machine it was made, nor what else ran there."
            );
            let reports = recordings.into_iter().map(|it| it.report);
            deliver(reports.collect(), note, file, after)?;
            Ok(0)
        }
        _ => Err(Error::usage(
            "modes are compared with modes, recordings with recordings: \
             record the modes first, with `--record`",
        )),
    }
}

/// Why the comparison says nothing: clients were in trouble, or no mode has
/// served any.
fn unserved(runs: &[RunReport]) -> Option<String> {
    let trouble = runs.iter().find_map(|run| {
        Some(format!("{} is not judged: {}", run.name, run.trouble()?))
    });
    let all = runs.iter().map(RunReport::not_served);
    let none_served = || all.collect::<Option<Vec<_>>>()?.into_iter().next();
    trouble.or_else(none_served)
}

fn check_modes(named: &[Mode]) -> Result<(), Error> {
    if let [only] = named {
        return Err(Error::usage(format!(
            "nothing to compare {0} with: name a second mode, or run \
             `sockscope {0}`",
            only.name()
        )));
    }
    match named.iter().duplicates().next() {
        None => Ok(()),
        Some(mode) => {
            Err(Error::usage(format!("`{}` is named twice", mode.name())))
        }
    }
}

/// The note below a comparison of runs.
fn note_of_runs(in_turn: bool, runs: usize) -> String {
    if in_turn || runs < 2 {
        return format!("All is {INSTRUMENTED}.");
    }
    let cores = match machine::cores() {
        Some(1) => "one core".into(),
        Some(cores) => format!("{cores} cores"),
        None => "processor".to_owned(),
    };
    format!(
        "All modes and their clients shared this machine's {cores}: \
         differences of some milliseconds prove nothing (`--in-turn`: one \
         mode at a time), and all is {INSTRUMENTED}."
    )
}

/// A run that was recorded.
pub(super) struct ComparedRecording<'a> {
    /// The path as given on the command line.
    file: &'a Path,
    pub(super) recording: Recording,
    /// The report of the run at its end.
    pub(super) report: RunReport,
}

/// Rejects a single recording, one that is named twice, and options that are
/// for modes. Returns the file of the comparison, if any.
fn check_recordings(
    args: &CompareArgs,
    recorded: &[&Path],
    mut files: CommandFiles,
) -> Result<Option<ResultFile>, Error> {
    if let [only] = recorded {
        let only = shown(only);
        return Err(Error::usage(format!(
            "nothing to compare {only} with: name a second recording, or \
             look at it with `sockscope replay {only}`"
        )));
    }
    for (number, file) in recorded.iter().enumerate() {
        let place = FilePlace::of(file);
        let mut before = recorded[..number].iter();
        if before.any(|it| FilePlace::of(it).is_same(&place)) {
            let file = shown(file);
            return Err(Error::usage(format!("`{file}` is named twice")));
        }
        files.read("the recording", file);
    }
    let is_run = !matches!(&args.run, RunArgs {
        scenario: None,
        duration: None,
        speed: None,
        recording: RecordArgs { record: None, .. },
        server,
        ..
    } if *server == ServerOptions::default());
    if is_run || args.in_turn {
        return Err(Error::usage(
            "options of a run are for modes: only recordings are compared",
        ));
    }
    args.run.output.file(&mut files)
}

/// Opens recordings, in the order of their columns.
pub(super) fn open<'a>(
    files: &[&'a Path],
) -> Result<Vec<ComparedRecording<'a>>, Error> {
    let all = files.iter().map(|&file| {
        let recording = open_from(file, Duration::ZERO)?;
        let report = match recording.own_report() {
            Some(report) => report,
            None => counted_report(&recording)
                .map_err(|source| unreadable(file, &source))?,
        };
        let origin = RecordingOrigin {
            file: file.display().to_string(),
            ended_early: recording.ended_early(true),
        };
        let report = RunReport { recording: Some(origin), ..report };
        Ok(ComparedRecording { file, recording, report })
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
) -> Result<RunReport, recording::Error> {
    let mut cursor = recording.from_event(recording.events())?;
    while cursor.step()?.is_some() {}
    let counters = &cursor.known().counters;
    let early = recording.ended_early(false);
    let early = early.map(|words| format!("of its recording, {words}"));
    let closing = recording.closing();
    Ok(RunReport {
        over: true,
        failure: closing.and_then(|it| it.failure.clone()),
        interventions: vec![
            early.unwrap_or("its recording has no report".into()),
        ],
        ..recording.report_of(counters, recording.duration())
    })
}

/// The names of the columns: the mode where no other is of that mode, else the
/// name of the file, or the mode with a number.
fn names(all: &[ComparedRecording]) -> Vec<String> {
    let modes = all.iter().map(|it| &it.recording.header().facts.mode);
    let files = all.iter().map(|it| {
        it.file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    });
    let (modes, files): (Vec<_>, Vec<_>) = (modes.collect(), files.collect());
    let name = |(place, (&mode, file)): (usize, (&&String, &String))| {
        let fits = (1..=LONGEST_NAME).contains(&file.chars().count());
        if modes.iter().filter(|it| **it == mode).count() == 1 {
            mode.clone()
        } else if fits
            && !modes.contains(&file)
            && files.iter().filter(|it| *it == file).count() == 1
        {
            file.clone()
        } else {
            format!("{mode} {}", place + 1)
        }
    };
    zip(&modes, &files).enumerate().map(name).collect()
}

/// Shows them on the screen until the user quits.
fn show(
    all: &[ComparedRecording],
    screen: &ScreenSettings,
) -> Result<(), Error> {
    let is_ended = until_signal()?;
    let players = players(all.iter().map(|it| (it.file, &it.recording)))?;
    let reports: Vec<_> = all.iter().map(|it| it.report.clone()).collect();
    let comparison = compare(&reports);
    let mut stage = ComparedRecordings { players, all, comparison };
    show_recorded(&mut stage, screen, is_ended).map_err(Error::Output)
}

/// Recordings side by side on the screen.
struct ComparedRecordings<'a> {
    players: Players,
    all: &'a [ComparedRecording<'a>],
    comparison: Comparison,
}

impl Stage for ComparedRecordings<'_> {
    fn picture(&self) -> Picture<'_> {
        let mut picture = self.players.picture();
        for (track, name) in
            picture.tracks.iter_mut().zip(&self.comparison.names)
        {
            track.name = name;
        }
        Picture { comparison: Some(&self.comparison), ..picture }
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
        let Picture { tracks, playback, .. } = self.players.picture();
        let at = playback.map_or(Duration::ZERO, |it| it.at);
        let reports = self.all.iter().zip(&tracks).map(|(it, track)| {
            let counters = &track.scene.view.figures;
            it.recording.report_at(at, &it.report, counters)
        });
        self.comparison = compare(&reports.collect::<Vec<_>>());
    }
}
