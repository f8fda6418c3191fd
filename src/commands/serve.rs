//! A mode's command: runs its server, and a scenario's clients against it.

use super::about::About;
use super::fit::{check_errors, check_tasks};
use super::follow::Sources;
use super::output::{self, deliver};
use super::screen::ScreenWatcher;
use super::setup::{
    GRACE, gate, overrides, place, plan_of, public_limits, settings, suited_ui,
    warn_of_mode,
};
use super::stream::Stream;
use super::summary::{self, Facts};
use super::watch::{LogWatcher, QuietWatcher, Telling};
use crate::cli::{RunArgs, Ui};
use crate::error::Error;
use crate::model::Finding;
use crate::modes::Mode;
use crate::net::Settings;
use crate::probe::{Gate, Preview, Probe, Tally, Tap};
use crate::scenario::Plan;
use crate::scenario::engine::{self, CutBy, Mailbox, Outcome, Run, Watcher};
use crate::scenario::meters::Meters;
use crate::scenario::place::Place;
use crate::system::{descriptors, signals};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// How many events the log may lag behind before it misses some.
const LOG_ROOM: usize = 65_536;

/// Runs it to its end and prints the summary.
pub(super) fn run(mode: Mode, args: &RunArgs) -> Result<u8, Error> {
    let started_at = SystemTime::now();
    let ui = args.ui.unwrap_or_else(suited_ui);
    let gate = gate(args.speed, ui)?;
    let plan = plan_of(&args.scenario)?;
    let told = overrides(args.listen, &args.server)
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
    let place = place(&args.scenario, plan.as_ref(), 1, &told, limit);
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
        command: mode.name(),
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
