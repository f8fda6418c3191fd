//! Several modes are run on the same scenario.

use super::args::CompareArgs;
use super::summary;
use crate::commands::args::{OutputArgs, RecordArgs, Ui};
use crate::commands::live::LiveRuns;
use crate::commands::output;
use crate::commands::serve::taps;
use crate::commands::setup::{
    OWN_DESCRIPTORS, check_errors, check_tasks, descriptors_needed, gate,
    place, plan_of, settings, warn_of_mode,
};
use crate::commands::{record, screen};
use crate::error::Error;
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::run::session::Session;
use crate::run::setup::RunSetup;
use crate::scenario::Plan;
use crate::system::descriptors;
use std::time::SystemTime;

/// The scenario if none is named.
const DEFAULT_SCENARIO: &str = "two-clients";

/// Runs the modes that are named, or all that the scenario is meant for.
pub(super) fn run(
    args: &CompareArgs,
    named: &[Mode],
    ui: Ui,
    started_at: SystemTime,
) -> Result<u8, Error> {
    check_named(named)?;
    let scenario = args.scenario.as_deref().unwrap_or(DEFAULT_SCENARIO);
    let gate = gate(args.speed, ui)?;
    let plan = plan_of(scenario)?;
    let options = args
        .server
        .or(plan.as_ref().map(|plan| plan.server).unwrap_or_default());
    let settings = settings(&options)?;
    let modes = match named {
        [] => suited(scenario, plan.as_ref(), &settings)?,
        named => named.to_vec(),
    };
    for mode in named {
        check_errors(*mode, settings.errors(), args.server.errors)?;
    }
    if !modes.contains(&Mode::Tasks) {
        check_tasks(modes[0], &args.server)?;
    }
    let together = if args.in_turn { 1 } else { modes.len() };
    check_together(args, scenario, &options, together)?;
    for mode in &modes {
        warn_of_mode(*mode, plan.as_ref());
    }
    let limit = descriptors::raise_limit();
    check_descriptors(plan.as_ref(), &options, together, limit)?;
    let setup = RunSetup {
        settings,
        duration: args.duration,
        place: place(scenario, plan.as_ref(), together, &options, limit),
        scenario_text: plan
            .as_ref()
            .and_then(|_| record::scenario_text(scenario)),
        plan,
        gate,
        stay: ui == Ui::Screen,
        in_turn: args.in_turn,
    };
    let recording =
        RecordArgs { record: args.record.clone(), payload: args.payload };
    let blanks = record::open(&recording, &args.output, &modes)?;
    // Events of several runs in one log could not be attributed to a run.
    let watched = if ui == Ui::Screen { ui } else { Ui::None };
    let taps = taps(watched, record::tap(&recording));
    let session = Session::new(setup, &modes, taps)?;
    let mut runs = LiveRuns::new("compare", session, blanks);
    runs.run(|runs| match ui {
        Ui::Screen => screen::show(runs),
        Ui::Log | Ui::None => runs.wait(),
    })?;
    finish(&runs, &args.output, started_at)
}

fn finish(
    runs: &LiveRuns,
    output: &OutputArgs,
    started_at: SystemTime,
) -> Result<u8, Error> {
    let report = summary::of_runs(runs, started_at);
    output::deliver(&report, output, "\n")?;
    Ok(runs.session.exit_status())
}

fn check_named(named: &[Mode]) -> Result<(), Error> {
    if let [only] = named {
        return Err(Error::Usage(format!(
            "nothing to compare {0} with: name a second mode, or run \
             `sockscope {0}`",
            only.name()
        )));
    }
    for (place, mode) in named.iter().enumerate() {
        if named[..place].contains(mode) {
            let words = format!("`{}` is named twice", mode.name());
            return Err(Error::Usage(words));
        }
    }
    Ok(())
}

/// All modes that the scenario is meant for and that allow the settings.
fn suited(
    scenario: &str,
    plan: Option<&Plan>,
    settings: &ServerOptions,
) -> Result<Vec<Mode>, Error> {
    let meant = plan.map_or(&Mode::ALL[..], |plan| &plan.modes);
    let allowed = meant.iter().filter(|it| it.allows(settings.errors()));
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

/// What several servers in one process cannot have at once.
fn check_together(
    args: &CompareArgs,
    scenario: &str,
    options: &ServerOptions,
    together: usize,
) -> Result<(), Error> {
    if together < 2 {
        return Ok(());
    }
    let listen = args.server.listen();
    if listen.port() != 0 {
        return Err(Error::Usage(format!(
            "{together} servers cannot all listen on {listen}: use port 0, \
             or compare them with `--in-turn`"
        )));
    }
    if let Some(limit) = options.descriptors {
        return Err(Error::Usage(format!(
            "{scenario} gives the server's process {limit} descriptors, \
             which {together} servers at once would share: compare them with \
             `--in-turn`"
        )));
    }
    Ok(())
}

/// Lowers the limit of descriptors if the scenario says so, and makes sure
/// that there are enough for the servers that run at the same time.
fn check_descriptors(
    plan: Option<&Plan>,
    options: &ServerOptions,
    together: usize,
    limit: Option<u64>,
) -> Result<(), Error> {
    if let Some(limit) = options.descriptors {
        let what = "lower the limit of descriptors";
        return descriptors::lower_limit(limit)
            .map_err(|source| Error::System { what, source });
    }
    let needed = descriptors_needed(plan, together) + OWN_DESCRIPTORS;
    match limit {
        Some(limit) if limit < needed && together > 1 => {
            Err(Error::Usage(format!(
                "{together} servers at once need some {needed} descriptors, \
                 and this process may have {limit}: compare them with \
                 `--in-turn`"
            )))
        }
        _ => Ok(()),
    }
}
