//! Runs modes: one for a mode's command, several for `compare`. What they are
//! made from is the command line over the scenario over the defaults.

use super::args::{RunArgs, Ui, load_plan};
use super::live::LiveRuns;
use super::{log, output, record, screen};
use crate::error::Error;
use crate::modes::Mode;
use crate::net::{Errors, ServerOptions};
use crate::probe::Speed;
use crate::run::session::{RunState, Session, Taps};
use crate::run::setup::{GateSetup, RunSetup};
use crate::run::watch::WATCH_ROOM;
use crate::scenario::Plan;
use crate::system::descriptors;
use std::io::{self, Write as _};

/// The scenario if none is named.
const DEFAULT_SCENARIO: &str = "two-clients";

/// How many descriptors a process needs beside those of its connections.
pub(super) const OWN_DESCRIPTORS: u64 = 64;

/// Runs one mode to its end and prints the summary.
pub(super) fn run(mode: Mode, args: &RunArgs) -> Result<u8, Error> {
    let mut runs = run_modes(mode.name(), &[mode], args, false)?;
    let status = runs.session.exit_status();
    let report = runs.tracks.pop().and_then(|track| track.over);
    match runs.session.runs.pop().map(|run| run.state) {
        Some(RunState::Over(outcome)) => {
            if let Some(report) = report {
                output::deliver(&report, &args.output, "\n")?;
            }
            outcome.failure.map_or(Ok(status), |it| Err(Error::Serve(it)))
        }
        Some(RunState::Failed(error)) => Err(error),
        _ => Ok(status),
    }
}

/// Runs these modes to their end; if none is named, all that the scenario is
/// meant for and that the options allow.
pub(super) fn run_modes(
    command: &'static str,
    named: &[Mode],
    args: &RunArgs,
    in_turn: bool,
) -> Result<LiveRuns, Error> {
    let ui = args.ui.unwrap_or_else(Ui::suited);
    let gate = gate(args.speed, ui)?;
    let scenario = args.scenario.as_deref().unwrap_or(DEFAULT_SCENARIO);
    let plan = match scenario {
        "none" => None,
        name => Some(load_plan(name)?),
    };
    let of_plan = plan.as_ref().map(|plan| plan.server).unwrap_or_default();
    let settings = args.server.or(of_plan);
    settings.check().map_err(|fault| Error::Usage(fault.to_string()))?;
    let modes = match named {
        [] => suited(scenario, plan.as_ref(), settings.errors())?,
        named => named.to_vec(),
    };
    check_options(&modes, &settings, &args.server)?;
    output::check(&args.output)?;
    let together = if in_turn { 1 } else { modes.len() };
    let needed = descriptors_needed(plan.as_ref(), together);
    let limit = descriptors::raise_limit();
    if together > 1 {
        check_together(args, scenario, &settings, (together, needed, limit))?;
    }
    for mode in &modes {
        warn_of_mode(*mode, plan.as_ref());
    }
    // The clients of all servers together need as many descriptors again.
    let is_crowded =
        limit.is_some_and(|limit| limit < 2 * needed + OWN_DESCRIPTORS);
    let is_apart = settings.descriptors.is_some() || is_crowded;
    let setup = RunSetup {
        settings,
        duration: args.duration,
        plan,
        apart: is_apart.then(|| scenario.to_owned()),
        gate,
        stay: ui == Ui::Screen,
        in_turn,
    };
    if let Some(limit) = settings.descriptors {
        descriptors::lower_limit(limit)
            .map_err(Error::system("lower the limit of descriptors"))?;
    }
    let blanks = record::open(&args.recording, &args.output, &modes)?;
    // Events of several runs in one log could not be attributed to a run.
    let has_log = ui == Ui::Log && modes.len() == 1;
    let taps = Taps {
        watch: match ui {
            Ui::Screen => Some(WATCH_ROOM),
            Ui::Log if has_log => Some(log::LOG_ROOM),
            Ui::Log | Ui::None => None,
        },
        previews: ui == Ui::Screen,
        record: record::tap(&args.recording),
    };
    let session = Session::new(setup, &modes, taps)?;
    let mut runs = LiveRuns::new(command, session, blanks);
    runs.run(|runs| match ui {
        Ui::Screen => screen::show(runs),
        Ui::Log if has_log => log::follow(runs),
        Ui::Log | Ui::None => runs.wait(),
    })?;
    Ok(runs)
}

/// The gate that the speed or the screen asks for. Without one the log stays
/// as cheap as it is.
fn gate(speed: Option<GateSetup>, ui: Ui) -> Result<Option<GateSetup>, Error> {
    match speed {
        None => Ok((ui == Ui::Screen).then_some(GateSetup::At(Speed::FULL))),
        Some(GateSetup::Paused) if ui != Ui::Screen => Err(Error::Usage(
            "`--speed step` begins paused, and only the screen can let it go \
             on: give a number, such as `--speed 0.1`"
                .to_owned(),
        )),
        Some(gate) => Ok(Some(gate)),
    }
}

/// All modes that the scenario is meant for and that allow these errors.
fn suited(
    scenario: &str,
    plan: Option<&Plan>,
    errors: Errors,
) -> Result<Vec<Mode>, Error> {
    let meant = plan.map_or(&Mode::ALL[..], |plan| &plan.modes);
    let allowed = meant.iter().filter(|it| it.allows(errors));
    let modes: Vec<_> = allowed.copied().collect();
    if modes.len() > 1 {
        return Ok(modes);
    }
    let only = modes.first().map_or("no mode", |mode| mode.name());
    Err(Error::Usage(format!(
        "with these options {scenario} is meant for {only} alone: name the \
         modes to compare"
    )))
}

/// Errors can stay in handles only where there are any, and only tasks can
/// yield, or be awaited.
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
        return Err(Error::Usage(format!(
            "{option}: {mode} has no handles; its one loop handles \
             every client's errors itself"
        )));
    }
    let given = [
        (on_the_line.yield_after.is_some(), "--yield"),
        (on_the_line.shutdown.is_some(), "--shutdown"),
    ];
    let given = given.iter().find(|(is_given, _)| *is_given);
    match given {
        Some((_, option)) if !modes.contains(&Mode::Tasks) => {
            let mode = modes[0].name();
            Err(Error::Usage(format!(
                "`{option}` is for `tasks`: {mode} has none"
            )))
        }
        _ => Ok(()),
    }
}

/// What several servers in one process cannot have at once.
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
             or compare them with `--in-turn`"
        ),
        (Some(limit), _) => format!(
            "{scenario} gives the server's process {limit} descriptors, \
             which {together} servers at once would share: compare them with \
             `--in-turn`"
        ),
        (None, Some(limit)) if limit < needed => format!(
            "{together} servers at once need some {needed} descriptors, \
             and this process may have {limit}: compare them with \
             `--in-turn`"
        ),
        _ => return Ok(()),
    };
    Err(Error::Usage(problem))
}

/// How many descriptors the connections of this many servers need.
fn descriptors_needed(plan: Option<&Plan>, servers: usize) -> u64 {
    let clients: usize =
        plan.map_or(0, |plan| plan.groups.iter().map(|it| it.count).sum());
    (servers * clients) as u64
}

/// A scenario need not make sense in every mode.
fn warn_of_mode(mode: Mode, plan: Option<&Plan>) {
    if let Some(plan) = plan.filter(|plan| !plan.modes.contains(&mode)) {
        let (scenario, mode) = (&plan.name, mode.name());
        // A closed standard error is no reason to end the run.
        let _ = writeln!(
            io::stderr(),
            "sockscope: {scenario} is not meant for {mode} and expects \
             nothing of it"
        );
    }
}
