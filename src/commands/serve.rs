//! A mode's command: runs its server, and a scenario's clients against it.

use super::about::About;
use super::fit::{check_errors, check_tasks};
use super::follow::Sources;
use super::output::{self, deliver};
use super::screen::ScreenWatcher;
use super::stream::Stream;
use super::summary::{self, Facts};
use super::watch::{LogWatcher, QuietWatcher, Telling};
use crate::cli::{
    ErrorsArg, FramingArg, RunArgs, ServerArgs, ShutdownArg, SpeedArg, Ui,
    YieldArg,
};
use crate::error::Error;
use crate::model::Finding;
use crate::modes::Mode;
use crate::net::{Errors, Framing, Settings, Shutdown};
use crate::probe::{Gate, Preview, Probe, Tally, Tap};
use crate::scenario::engine::{self, CutBy, Mailbox, Outcome, Run, Watcher};
use crate::scenario::meters::Meters;
use crate::scenario::place::Place;
use crate::scenario::{self, Overrides, Plan, check_settings};
use crate::system::{descriptors, signals};
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// The grace period unless told.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// Beyond loopback, at most so many connections unless told.
const PUBLIC_CONNECTIONS: usize = 1024;

/// Beyond loopback, the idle time-out unless told.
const PUBLIC_IDLE: Duration = Duration::from_secs(60);

/// How many events the log may lag behind before it misses some.
const LOG_ROOM: usize = 65_536;

/// How many descriptors a process needs beside those of its connections.
const OWN_DESCRIPTORS: u64 = 64;

/// Runs it to its end and prints the summary.
pub(super) fn run(mode: Mode, args: &RunArgs) -> Result<u8, Error> {
    let started_at = SystemTime::now();
    let ui = args.ui.unwrap_or_else(suited_ui);
    let gate = gate(args.speed, ui)?;
    let plan = plan_of(&args.scenario)?;
    let told = overrides(args)
        .or(plan.as_ref().map(|plan| plan.server).unwrap_or_default());
    let settings = settings(&told)?;
    check_errors(mode, settings.errors, args.server.errors)?;
    check_tasks(mode, &args.server)?;
    output::check(&args.output)?;
    warn_of_mode(mode, plan.as_ref());
    let mailbox = Mailbox::new();
    let what = "wait for signals";
    signals::receive(mailbox.for_signals())
        .map_err(|source| Error::System { what, source })?;
    let limit = descriptors::raise_limit();
    let place = place(&args.scenario, plan.as_ref(), told.descriptors, limit);
    if let Some(limit) = told.descriptors {
        let what = "lower the limit of descriptors";
        descriptors::lower_limit(limit)
            .map_err(|source| Error::System { what, source })?;
    }
    let grace = told.grace.unwrap_or(GRACE);
    let session = Session {
        mode,
        settings: &settings,
        grace,
        duration: args.duration,
        plan: plan.as_ref(),
        place,
        mailbox: &mailbox,
        gate,
        stay: ui == Ui::Screen,
        meters: (ui == Ui::Screen).then(Meters::default),
    };
    let origin = Instant::now();
    let tally = Arc::new(Tally::new(origin));
    let Watched { outcome, events_lost, seen } = match ui {
        Ui::Screen => session.shown(&tally, origin)?,
        Ui::Log => session.logged(&tally, origin)?,
        Ui::None => {
            Watched::unseen(session.run(tally.clone(), &mut QuietWatcher)?, 0)
        }
    };
    let facts = Facts {
        mode,
        settings: &settings,
        plan: plan.as_ref(),
        tally: tally.snapshot(),
        outcome: &outcome,
        grace,
        clients_apart: session.clients_apart(),
        events_lost,
        seen,
        gate: session.gate.as_deref(),
        started_at,
    };
    let report = summary::report(facts);
    deliver(&report, &args.output, "\n")?;
    match outcome.failure {
        Some(cause) => Err(Error::Serve(cause)),
        None => Ok(outcome.cut_short.map_or(0, CutBy::exit_status)),
    }
}

/// A scenario need not make sense in every mode.
fn warn_of_mode(mode: Mode, plan: Option<&Plan>) {
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

/// A run that is over, and what whoever looked on tells of it.
struct Watched {
    outcome: Outcome,
    /// Events that were missed.
    events_lost: u64,
    /// What was worth telling while it lasted.
    seen: Vec<Finding>,
}

impl Watched {
    const fn unseen(outcome: Outcome, events_lost: u64) -> Self {
        Self { outcome, events_lost, seen: Vec::new() }
    }
}

/// What is run, whoever looks on.
struct Session<'a> {
    mode: Mode,
    settings: &'a Settings,
    grace: Duration,
    duration: Option<Duration>,
    plan: Option<&'a Plan>,
    place: Place,
    mailbox: &'a Mailbox,
    gate: Option<Arc<Gate>>,
    /// Whether the server goes on when its clients are done.
    stay: bool,
    /// What is measured for the screen, if there is one.
    meters: Option<Meters>,
}

impl Session<'_> {
    const fn clients_apart(&self) -> bool {
        matches!(self.place, Place::Process(_))
    }

    /// The gate, if there is one, stands before the other probes.
    fn run<P: Probe>(
        &self,
        probe: P,
        watcher: &mut impl Watcher,
    ) -> Result<Outcome, Error> {
        match self.gate.clone() {
            None => self.run_with(probe, watcher),
            Some(gate) => self.run_with((gate, probe), watcher),
        }
    }

    fn run_with<P: Probe>(
        &self,
        probe: P,
        watcher: &mut impl Watcher,
    ) -> Result<Outcome, Error> {
        let run = Run {
            mode: self.mode,
            settings: self.settings,
            grace: self.grace,
            duration: self.duration,
            plan: self.plan,
            place: self.place.clone(),
            probe,
            gate: self.gate.clone(),
            stay: self.stay,
            meters: self.meters.clone(),
        };
        let limits = public_limits(self.settings);
        let mut watcher = Telling { limits, watcher };
        engine::run(&run, self.mailbox, &mut watcher)
    }

    /// On the live screen.
    fn shown(
        &self,
        tally: &Arc<Tally>,
        origin: Instant,
    ) -> Result<Watched, Error> {
        let (tap, stream) = Stream::new(origin);
        let scenario =
            self.plan.map_or("none".to_owned(), |plan| plan.name.clone());
        let about = About {
            mode: self.mode,
            settings: self.settings,
            scenario,
            clients_apart: self.clients_apart(),
            grace: self.grace,
        };
        let gate = self.gate.clone().unwrap_or_default();
        let tally = tally.clone();
        let meters = self.meters.clone().unwrap_or_default();
        let preview = Arc::new(Preview::default());
        let sources = Sources {
            stream,
            tally: tally.clone(),
            gate,
            preview: preview.clone(),
            meters,
        };
        let mut watcher = ScreenWatcher::new(&about, sources);
        let outcome = self.run((tally, (tap, preview)), &mut watcher);
        let seen = watcher.seen();
        let events_lost = watcher.finish().map_err(Error::Output)?;
        Ok(Watched { outcome: outcome?, events_lost, seen })
    }

    /// With a live log.
    fn logged(
        &self,
        tally: &Arc<Tally>,
        origin: Instant,
    ) -> Result<Watched, Error> {
        let introduction = self
            .plan
            .map(|plan| summary::introduction(plan, self.mode))
            .unwrap_or_default();
        let (tap, receiver) = Tap::new(LOG_ROOM, origin);
        let loop_call = self.mode.loop_call();
        let mut watcher = LogWatcher::new(
            introduction,
            receiver,
            origin,
            tally.clone(),
            loop_call,
            self.grace,
        );
        let outcome = self.run((tally.clone(), tap), &mut watcher)?;
        let lost = watcher.finish().map_err(Error::Output)?;
        Ok(Watched::unseen(outcome, lost))
    }
}

/// What suits where the output goes.
fn suited_ui() -> Ui {
    let seen = io::stdout().is_terminal() && io::stdin().is_terminal();
    if seen { Ui::Screen } else { Ui::Log }
}

/// The gate that the speed or the screen asks for. Without one the calls are
/// not even checked: the plain log stays as cheap as it is.
fn gate(speed: Option<SpeedArg>, ui: Ui) -> Result<Option<Arc<Gate>>, Error> {
    match speed {
        None if ui == Ui::Screen => Ok(Some(Arc::default())),
        None => Ok(None),
        Some(SpeedArg::At(speed)) => Ok(Some(Arc::new(Gate::new(speed)))),
        Some(SpeedArg::Step) if ui == Ui::Screen => {
            let gate = Gate::default();
            gate.pause();
            Ok(Some(Arc::new(gate)))
        }
        Some(SpeedArg::Step) => Err(Error::Usage(
            "`--speed step` begins paused, and only the screen can let it go \
             on: give a number, such as `--speed 0.1`"
                .to_owned(),
        )),
    }
}

fn plan_of(scenario: &str) -> Result<Option<Plan>, Error> {
    if scenario == "none" {
        return Ok(None);
    }
    let plan = scenario::load(scenario);
    plan.map(Some).map_err(|error| Error::Scenario(error.to_string()))
}

/// What the command line tells the server.
fn overrides(args: &RunArgs) -> Overrides {
    let ServerArgs { framing, boom, errors, .. } = args.server;
    let server = args.server.clone();
    Overrides {
        listen: Some(args.listen),
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

fn settings(told: &Overrides) -> Result<Settings, Error> {
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
fn public_limits(settings: &Settings) -> Option<String> {
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

/// The clients get a process of their own where both sides together would
/// need more descriptors than one process has.
fn place(
    scenario: &str,
    plan: Option<&Plan>,
    lowered: Option<u64>,
    limit: Option<u64>,
) -> Place {
    let clients: usize =
        plan.map_or(0, |plan| plan.groups.iter().map(|it| it.count).sum());
    let needed = 2 * clients as u64 + OWN_DESCRIPTORS;
    let apart = lowered.is_some() || limit.is_some_and(|limit| limit < needed);
    if apart { Place::Process(scenario.to_owned()) } else { Place::Thread }
}
