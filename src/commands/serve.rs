//! Runs modes: one for a mode's command, several for `compare`. Options on the
//! command line override the scenario's, and these the defaults.

use super::files::{CommandFiles, RecordingFile, ResultFile};
use super::live::LiveRuns;
use super::output::OutputArgs;
use super::record::RecordArgs;
use super::{live, output, record, screen};
use crate::error::Error;
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::probe::Speed;
use crate::run::report::RunReport;
use crate::run::session::{RunState, Session, Taps};
use crate::run::setup::{GateSetup, RunSetup};
use crate::run::watch::WATCH_ROOM;
use crate::scenario::{self, Plan};
use crate::system::descriptors;
use crate::text::clean;
use crate::tui::{Display, ScreenSettings};
use crate::units::parse_time;
use anstyle_query::term_supports_ansi_color;
use clap::{Args, ValueEnum};
use ratatui::crossterm::terminal::size;
use std::io::{IsTerminal as _, stdin, stdout};
use std::time::Duration;

/// The options of every mode.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// End the run after this time
    ///
    /// Our clients are cut off, others have the grace period. Without it, a
    /// scenario ends when its clients have (on the screen of a single mode,
    /// when you quit), and `none` runs until a signal.
    #[arg(long, value_name = "TIME", value_parser = parse_time,
          help_heading = "What runs")]
    pub duration: Option<Duration>,
    /// Slow motion, such as 0.001; `step` begins paused
    ///
    /// Each thread of the server makes at most FACTOR × 1000 calls a second, as
    /// it waits 1 ms / FACTOR before each; 1 is full speed, 0.0005 one call in
    /// 2 s. The run's own clock stands while a thread is held, for the
    /// scenario's clients and for every time-out and limit, so that a scenario
    /// behaves the same at every speed.
    #[arg(long, value_name = "FACTOR|step", value_parser = parse_speed,
          help_heading = "What runs")]
    pub speed: Option<GateSetup>,
    /// What the clients do [default: two-clients]
    ///
    /// A built-in scenario (`sockscope scenario list`), a file, or `none`: no
    /// clients of ours; serve every client that connects.
    #[arg(long, value_name = "NAME|FILE", help_heading = "Clients")]
    pub scenario: Option<String>,
    /// The scenario if it has been read already.
    #[arg(skip)]
    pub plan: Option<Plan>,
    /// How the server treats what it receives, and its limits.
    #[command(flatten)]
    pub server: ServerOptions,
    /// What to show while it runs
    ///
    /// [default: `screen` on a terminal, `none` where standard output takes a
    /// report that is not text, else `log`]
    #[arg(long, value_enum, help_heading = "What is shown")]
    pub ui: Option<Ui>,
    /// Where and in which form the summary is written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Whether the run is recorded.
    #[command(flatten)]
    pub recording: RecordArgs,
}

/// What to show while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ui {
    /// The live screen: code, sockets, loop and events as they happen.
    Screen,
    /// One line per event, one line of counters per second, and a sentence
    /// when clients begin to wait.
    Log,
    /// Only the summary at the end.
    None,
}

impl Ui {
    /// The given one, else the screen if standard output and standard input are
    /// a terminal that can place text (not `TERM=dumb`) and has a size.
    ///
    /// # Errors
    /// If the screen is to be shown where no terminal is.
    pub(super) fn or_suited(given: Option<Self>) -> Result<Self, Error> {
        let is_seen = stdout().is_terminal()
            && stdin().is_terminal()
            && term_supports_ansi_color()
            && size().is_ok_and(|(columns, rows)| columns > 0 && rows > 0);
        if given == Some(Self::Screen) && !stdout().is_terminal() {
            return Err(Error::usage(
                "`--ui screen` needs a terminal as standard output: use \
                 `--ui log`",
            ));
        }
        Ok(given.unwrap_or(if is_seen { Self::Screen } else { Self::Log }))
    }
}

impl RunArgs {
    /// What is shown while it runs. A report for programs has standard output
    /// for itself.
    pub(super) fn ui(&self) -> Result<Ui, Error> {
        let is_free = self.ui.is_some() || !self.output.is_for_programs();
        Ok(match Ui::or_suited(self.ui)? {
            Ui::Log if !is_free => Ui::None,
            ui => ui,
        })
    }

    /// The plan of this scenario, read at most once.
    fn plan(&self, scenario: &str) -> Result<Option<Plan>, Error> {
        match &self.plan {
            Some(plan) => Ok(Some(plan.clone())),
            None if scenario == "none" => Ok(None),
            None => scenario::load(scenario).map(Some),
        }
    }
}

fn parse_speed(text: &str) -> Result<GateSetup, String> {
    if text == "step" {
        return Ok(GateSetup::Paused);
    }
    let speed = text.parse().ok().and_then(Speed::of_factor);
    let least = Speed::SMALLEST_FACTOR;
    speed.map(GateSetup::At).ok_or_else(|| {
        format!(
            "expected a number from {least} (one call in 2 s) to 1 (full \
             speed), or `step`"
        )
    })
}

/// The scenario if none is named.
const DEFAULT_SCENARIO: &str = "two-clients";

/// How many descriptors a process needs beside those of its connections.
pub(super) const OWN_DESCRIPTORS: u64 = 64;

/// Runs one mode to its end and prints the summary.
pub(super) fn run(
    mode: Mode,
    args: &RunArgs,
    screen: &ScreenSettings,
    files: CommandFiles,
) -> Result<u8, Error> {
    let (mut runs, file) =
        run_modes(mode.name(), &[mode], args, screen, false, files)?;
    let (status, after) = (runs.session.exit_status(), runs.report_after());
    let report = runs.tracks.pop().and_then(|track| track.over);
    match runs.session.runs.pop().map(|run| run.state) {
        Some(RunState::Over(outcome)) => {
            let trouble = report.as_ref().and_then(RunReport::trouble);
            if let Some(report) = report {
                let form = args.output.report;
                output::deliver(&report, form, file.as_ref(), after)?;
            }
            match (outcome.failure, trouble) {
                (Some(cause), _) => Err(Error::Serve(cause)),
                (None, Some(why)) if status == 0 => Err(Error::Clients(why)),
                _ => Ok(status),
            }
        }
        Some(RunState::Failed(error)) => Err(error),
        _ => Ok(status),
    }
}

/// The streams of events that the run is to have.
fn taps(ui: Ui, args: &RunArgs) -> Taps {
    Taps {
        watch: match ui {
            Ui::Screen => Some(WATCH_ROOM),
            Ui::Log => Some(live::LOG_ROOM),
            Ui::None => None,
        },
        previews: ui == Ui::Screen,
        record: record::tap(&args.recording),
    }
}

/// Runs these modes to their end; if none is named, all that the scenario is
/// meant for and that the options allow.
pub(super) fn run_modes(
    command: &'static str,
    named: &[Mode],
    args: &RunArgs,
    screen: &ScreenSettings,
    in_turn: bool,
    files: CommandFiles,
) -> Result<(LiveRuns, Option<ResultFile>), Error> {
    let ui = args.ui()?;
    let gate = match args.speed {
        // Without a gate the log costs the server less.
        None => (ui == Ui::Screen).then_some(GateSetup::At(Speed::FULL)),
        Some(GateSetup::Paused) if ui != Ui::Screen => {
            return Err(Error::usage(
                "`--speed step` begins paused, and only the screen can let \
                 it go on: give a number, such as `--speed 0.1`",
            ));
        }
        speed => speed,
    };
    let scenario = args.scenario.as_deref().unwrap_or(DEFAULT_SCENARIO);
    let plan = args.plan(scenario)?;
    let of_plan = plan.as_ref().map(|plan| plan.server).unwrap_or_default();
    let settings = args.server.or(of_plan);
    settings.check().map_err(|fault| Error::usage(fault.to_string()))?;
    let meant = plan.as_ref().map_or(&Mode::ALL[..], |plan| &plan.modes);
    let modes = match named {
        [] => suited(scenario, meant, &settings)?,
        named => named.to_vec(),
    };
    check_options(&modes, &settings, &args.server)?;
    let (file, recordings) = outputs(args, ui, scenario, &modes, files)?;
    let together = if in_turn { 1 } else { modes.len() };
    let needed = together as u64 * plan.as_ref().map_or(0, Plan::clients);
    let limit = descriptors::raise_limit();
    if together > 1 {
        check_together(args, scenario, &settings, (together, needed, limit))?;
    }
    for mode in modes.iter().filter(|it| !meant.contains(it)) {
        let mode = mode.name();
        output::note(format_args!(
            "{scenario} is not meant for {mode} and expects nothing of it"
        ));
    }
    // The clients of all servers together need as many descriptors again.
    let is_apart = settings.descriptors.is_some()
        || limit.is_some_and(|it| it < 2 * needed + OWN_DESCRIPTORS);
    let setup = RunSetup {
        settings,
        duration: args.duration,
        plan,
        apart: is_apart,
        gate,
        stay: ui == Ui::Screen,
        in_turn,
    };
    if let Some(limit) = settings.descriptors {
        descriptors::lower_limit(limit)
            .map_err(Error::system("lower the limit of descriptors"))?;
    }
    // Events of several runs in one log could not be attributed to a run.
    let ui = if modes.len() > 1 && ui == Ui::Log { Ui::None } else { ui };
    if ui == Ui::Screen {
        Display::prepare(screen);
    }
    let session = Session::new(setup, &modes, taps(ui, args))?;
    let mut runs = LiveRuns::new(
        command,
        session,
        recordings,
        args.recording.record_limit,
    );
    runs.run(|runs| match ui {
        Ui::Screen => screen::show(runs, screen),
        Ui::Log => live::log(runs, args.output.is_for_programs()),
        Ui::None => runs.wait(),
    })?;
    Ok((runs, file))
}

/// The files that the runs write: that of the summary, if any, and those of
/// their recordings.
fn outputs(
    args: &RunArgs,
    ui: Ui,
    scenario: &str,
    modes: &[Mode],
    mut files: CommandFiles,
) -> Result<(Option<ResultFile>, Vec<RecordingFile>), Error> {
    if let Some(path) = scenario::file(scenario).filter(|_| scenario != "none")
    {
        files.read("the scenario", path);
    }
    let file = args.output.file(&mut files)?;
    if file.is_none() || ui != Ui::None {
        files.standard_output();
    }
    let replace = args.output.replace;
    let recordings =
        record::files(&args.recording, replace, modes, &mut files)?;
    Ok((file, recordings))
}

/// All modes that the scenario is meant for and that allow its errors.
fn suited(
    scenario: &str,
    meant: &[Mode],
    settings: &ServerOptions,
) -> Result<Vec<Mode>, Error> {
    let allowed = meant.iter().filter(|it| it.allows(settings.errors()));
    let modes: Vec<_> = allowed.copied().collect();
    if modes.len() > 1 {
        return Ok(modes);
    }
    let only = modes.first().map_or("no mode", |mode| mode.name());
    Err(Error::usage(format!(
        "with these options {} is meant for {only} alone: name the modes to \
         compare",
        clean(scenario)
    )))
}

/// Checks that the modes suit the options: errors can stay in handles only
/// where there are any, and only tasks can yield, or be awaited.
fn check_options(
    modes: &[Mode],
    settings: &ServerOptions,
    on_the_line: &ServerOptions,
) -> Result<(), Error> {
    let errors = settings.errors();
    if let Some(mode) = modes.iter().find(|mode| !mode.allows(errors)) {
        let (mode, errors) = (mode.name(), errors.name());
        let option = match on_the_line.errors {
            Some(_) => format!("`--errors {errors}`"),
            None => format!("the scenario's `errors = \"{errors}\"`"),
        };
        return Err(Error::usage(format!(
            "{option}: {mode} has no handles; its one loop handles every \
             client's errors itself: use `serial`, `blocking` or `tasks`"
        )));
    }
    let option = match on_the_line {
        ServerOptions { yield_after: Some(_), .. } => "--yield",
        ServerOptions { shutdown: Some(_), .. } => "--shutdown",
        _ => return Ok(()),
    };
    if modes.contains(&Mode::Tasks) {
        return Ok(());
    }
    let mode = modes[0].name();
    Err(Error::usage(format!(
        "`{option}` is for `tasks` and means nothing in `{mode}`: leave it out"
    )))
}

/// Rejects what several servers in one process cannot have at once.
fn check_together(
    args: &RunArgs,
    scenario: &str,
    settings: &ServerOptions,
    (together, needed, limit): (usize, u64, Option<u64>),
) -> Result<(), Error> {
    let listen = args.server.listen();
    let needed = needed + OWN_DESCRIPTORS;
    let problem = match (settings.descriptors, limit) {
        _ if listen.port() != 0 => format!(
            "{together} servers cannot all listen on {listen}: use port 0, \
             or compare them with"
        ),
        (Some(limit), _) => format!(
            "{} gives the server's process {limit} descriptors, which \
             {together} servers at once would share: compare them with",
            clean(scenario)
        ),
        (None, Some(limit)) if limit < needed => format!(
            "{together} servers at once need some {needed} descriptors, and \
             this process may have {limit}: compare them with"
        ),
        _ => return Ok(()),
    };
    Err(Error::usage(problem + " `--in-turn`"))
}
