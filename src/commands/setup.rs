//! What a run is made from: the command line over the scenario over what is
//! usual.

use super::args::{SpeedArg, Ui};
use crate::error::Error;
use crate::modes::Mode;
use crate::net::{Errors, OptionFault, ServerOptions};
use crate::probe::Speed;
use crate::run::place::ClientPlace;
use crate::run::setup::GateSetup;
use crate::scenario::{self, Plan};
use crate::units::{show_size, show_time};
use std::io::{self, IsTerminal as _, Write as _};

/// How many descriptors a process needs beside those of its connections.
pub(super) const OWN_DESCRIPTORS: u64 = 64;

/// A scenario need not make sense in every mode.
pub(super) fn warn_of_mode(mode: Mode, plan: Option<&Plan>) {
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

/// What suits where the output goes.
pub(super) fn suited_ui() -> Ui {
    let seen = io::stdout().is_terminal() && io::stdin().is_terminal();
    if seen { Ui::Screen } else { Ui::Log }
}

/// The gate that the speed or the screen asks for. Without one the log stays
/// as cheap as it is.
pub(super) fn gate(
    speed: Option<SpeedArg>,
    ui: Ui,
) -> Result<Option<GateSetup>, Error> {
    match speed {
        None if ui == Ui::Screen => Ok(Some(GateSetup::At(Speed::FULL))),
        None => Ok(None),
        Some(SpeedArg::At(speed)) => Ok(Some(GateSetup::At(speed))),
        Some(SpeedArg::Step) if ui == Ui::Screen => Ok(Some(GateSetup::Paused)),
        Some(SpeedArg::Step) => Err(Error::Usage(
            "`--speed step` begins paused, and only the screen can let it go \
             on: give a number, such as `--speed 0.1`"
                .to_owned(),
        )),
    }
}

pub(super) fn plan_of(scenario: &str) -> Result<Option<Plan>, Error> {
    if scenario == "none" {
        return Ok(None);
    }
    let plan = scenario::load(scenario);
    plan.map(Some).map_err(|error| Error::Scenario(error.to_string()))
}

/// The options, if all of them make sense.
pub(super) fn settings(
    options: &ServerOptions,
) -> Result<ServerOptions, Error> {
    let fault = |fault: OptionFault| Error::Usage(fault.to_string());
    options.check().map_err(fault)?;
    Ok(*options)
}

/// What a server that listens beyond loopback says of its limits.
pub(super) fn public_limits(options: &ServerOptions) -> Option<String> {
    let connections = options.max_connections()?;
    let idle = options.idle_timeout()?;
    options.is_public().then(|| {
        format!(
            "sockscope: listening beyond loopback: at most {connections} \
             connections, {} of pending output each, idle time-out {}",
            show_size(options.buffer_limit() as u64),
            show_time(idle),
        )
    })
}

/// The clients get a process of their own where the servers and the clients
/// of each together would need more descriptors than one process has.
pub(super) fn place(
    scenario: &str,
    plan: Option<&Plan>,
    servers: usize,
    options: &ServerOptions,
    limit: Option<u64>,
) -> ClientPlace {
    let here = 2 * descriptors_needed(plan, servers);
    let apart = options.descriptors.is_some()
        || limit.is_some_and(|limit| limit < here + OWN_DESCRIPTORS);
    if apart {
        ClientPlace::Process(scenario.to_owned())
    } else {
        ClientPlace::Thread
    }
}

/// How many descriptors the connections of this many servers need.
pub(super) fn descriptors_needed(plan: Option<&Plan>, servers: usize) -> u64 {
    let clients: usize =
        plan.map_or(0, |plan| plan.groups.iter().map(|it| it.count).sum());
    (servers * clients) as u64
}

/// Only tasks can yield, or be waited for.
pub(super) fn check_tasks(
    mode: Mode,
    server: &ServerOptions,
) -> Result<(), Error> {
    let given = [
        (server.yield_after.is_some(), "--yield"),
        (server.shutdown.is_some(), "--shutdown"),
    ];
    let given = given.iter().find(|(is_given, _)| *is_given);
    match given {
        Some((_, option)) if mode != Mode::Tasks => Err(Error::Usage(format!(
            "`{option}` is for `tasks`: {} has none",
            mode.name()
        ))),
        _ => Ok(()),
    }
}

/// Errors can stay in handles only where there are any.
pub(super) fn check_errors(
    mode: Mode,
    errors: Errors,
    on_the_line: Option<Errors>,
) -> Result<(), Error> {
    if mode.allows(errors) {
        return Ok(());
    }
    let (mode, errors) = (mode.name(), errors.name());
    let option = match on_the_line {
        Some(_) => format!("`--errors {errors}`"),
        None => format!("the scenario's `errors = \"{errors}\"`"),
    };
    Err(Error::Usage(format!(
        "{option}: {mode} has no handles; its one loop handles \
         every client's errors itself"
    )))
}
