//! What a run is made from: the command line over the scenario over what is
//! usual.

use crate::cli::{
    ErrorsArg, FramingArg, ModeArg, ServerArgs, ShutdownArg, SpeedArg, Ui,
    YieldArg,
};
use crate::error::Error;
use crate::modes::Mode;
use crate::net::{Errors, Framing, Settings, Shutdown};
use crate::probe::Speed;
use crate::run::place::Place;
use crate::run::setup::GateSetup;
use crate::scenario::{self, Overrides, Plan, check_settings};
use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

/// The grace period unless told.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// Beyond loopback, at most so many connections unless told.
const PUBLIC_CONNECTIONS: usize = 1024;

/// Beyond loopback, the idle time-out unless told.
const PUBLIC_IDLE: Duration = Duration::from_secs(60);

/// How many descriptors a process needs beside those of its connections.
pub(super) const OWN_DESCRIPTORS: u64 = 64;

/// A scenario need not make sense in every mode.
pub(super) fn warn_of_mode(mode: Mode, plan: Option<&Plan>) {
    if let Some(plan) = plan.filter(|plan| !plan.modes.contains(&mode)) {
        let (scenario, mode) = (&plan.name, mode.name());
        // That nobody reads it is no reason to end the run.
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

/// What the command line tells the server.
pub(super) fn overrides(listen: SocketAddr, server: &ServerArgs) -> Overrides {
    let ServerArgs { framing, boom, errors, .. } = *server;
    Overrides {
        listen: Some(listen),
        framing: framing.map(|framing| match framing {
            FramingArg::Bytes => Framing::Bytes,
            FramingArg::Lines => Framing::Lines,
        }),
        boom: boom.then_some(true),
        errors: errors.map(|errors| match errors {
            ErrorsArg::Handled => Errors::Handled,
            ErrorsArg::Dropped => Errors::Dropped,
            ErrorsArg::Kept => Errors::Kept,
        }),
        recv_size: server.recv_size,
        backlog: server.backlog,
        max_connections: server.max_connections,
        buffer_limit: server.buffer_limit,
        send_buffer: server.sndbuf,
        receive_buffer: server.rcvbuf,
        idle_timeout: server.idle_timeout,
        calls_before_yield: server.yield_after.map(|it| match it {
            YieldArg::After(calls) => Some(calls),
            YieldArg::Never => None,
        }),
        shutdown: server.shutdown.map(|it| match it {
            ShutdownArg::Shared => Shutdown::Shared,
            ShutdownArg::Sequential => Shutdown::Sequential,
        }),
        grace: server.grace,
        descriptors: None,
    }
}

pub(super) fn settings(told: &Overrides) -> Result<Settings, Error> {
    let mut settings = Settings::default();
    told.apply(&mut settings);
    if is_public(&settings) {
        settings.max_connections.get_or_insert(PUBLIC_CONNECTIONS);
        settings.idle_timeout.get_or_insert(PUBLIC_IDLE);
    }
    check_settings(&settings)
        .map_err(|conflict| Error::Usage(conflict.to_string()))?;
    Ok(settings)
}

fn is_public(settings: &Settings) -> bool {
    // Canonical: [::ffff:127.0.0.1] is 127.0.0.1.
    !settings.listen.ip().to_canonical().is_loopback()
}

/// Who listens beyond loopback has limits, and is told which.
pub(super) fn public_limits(settings: &Settings) -> Option<String> {
    let connections = settings.max_connections?;
    let idle = settings.idle_timeout?;
    is_public(settings).then(|| {
        format!(
            "sockscope: listening beyond loopback: at most {connections} \
             connections, {} of pending output each, idle time-out {}",
            crate::units::show_size(settings.buffer_limit as u64),
            crate::units::show_time(idle),
        )
    })
}

/// The clients get a process of their own where so many servers and the
/// clients of each together would need more descriptors than one process
/// has.
pub(super) fn place(
    scenario: &str,
    plan: Option<&Plan>,
    servers: usize,
    told: &Overrides,
    limit: Option<u64>,
) -> Place {
    let here = 2 * descriptors_needed(plan, servers);
    let apart = told.descriptors.is_some()
        || limit.is_some_and(|limit| limit < here + OWN_DESCRIPTORS);
    if apart { Place::Process(scenario.to_owned()) } else { Place::Thread }
}

/// How many descriptors the connections of so many servers need.
pub(super) fn descriptors_needed(plan: Option<&Plan>, servers: usize) -> u64 {
    let clients: usize =
        plan.map_or(0, |plan| plan.groups.iter().map(|it| it.count).sum());
    (servers * clients) as u64
}

pub(super) const fn mode(arg: ModeArg) -> Mode {
    match arg {
        ModeArg::Serial => Mode::Serial,
        ModeArg::Blocking => Mode::Blocking,
        ModeArg::Nonblocking => Mode::Nonblocking,
        ModeArg::Selector => Mode::Selector,
        ModeArg::Tasks => Mode::Tasks,
    }
}
