//! One run of a mode, whoever looks on.

use super::about::About;
use super::follow::Sources;
use super::record::{self, Recording, Subject, Tape};
use super::recorded_log::RecordedLog;
use super::screen::ScreenWatcher;
use super::setup::public_limits;
use super::stream::Stream;
use super::summary;
use super::watch::{LogWatcher, QuietWatcher, Telling};
use crate::cli::{RunArgs, Ui};
use crate::error::Error;
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::probe::{Clock, Gate, Preview, Probe, Tally, Tap};
use crate::run::engine::{self, Mailbox, Outcome, Run, Watcher};
use crate::run::meters::Meters;
use crate::run::place::Place;
use crate::scenario::Plan;
use crate::view::{Finding, LogFold};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How many events the log may lag behind before it misses some.
const LOG_ROOM: usize = 65_536;

/// A run that is over, and what whoever looked on tells of it.
pub(super) struct Watched {
    pub(super) outcome: Outcome,
    /// Events that were missed.
    pub(super) events_lost: u64,
    /// What was worth telling while it lasted.
    pub(super) seen: Vec<Finding>,
}

impl Watched {
    const fn unseen(outcome: Outcome, events_lost: u64) -> Self {
        Self { outcome, events_lost, seen: Vec::new() }
    }
}

/// What is run, whoever looks on.
pub(super) struct SingleRun<'a> {
    pub(super) mode: Mode,
    pub(super) settings: &'a ServerOptions,
    pub(super) grace: Duration,
    pub(super) duration: Option<Duration>,
    pub(super) plan: Option<&'a Plan>,
    pub(super) place: Place,
    pub(super) mailbox: &'a Mailbox,
    pub(super) gate: Option<Arc<Gate>>,
    /// Whether the server goes on when its clients are done.
    pub(super) stay: bool,
    /// What is measured for the screen or a recording, if there is one.
    pub(super) meters: Option<Meters>,
    /// The recording, if there is to be one.
    pub(super) tape: Option<Tape>,
}

impl SingleRun<'_> {
    pub(super) const fn clients_apart(&self) -> bool {
        matches!(self.place, Place::Process(_))
    }

    /// Whatever is shown of it.
    pub(super) fn watched(
        &mut self,
        ui: Ui,
        tally: &Arc<Tally>,
        clock: &Clock,
    ) -> Result<Watched, Error> {
        match ui {
            Ui::Screen => self.shown(tally, clock),
            Ui::Log => self.logged(tally, clock),
            Ui::None => {
                let outcome =
                    self.tell_and_run(tally.clone(), &mut QuietWatcher)?;
                Ok(Watched::unseen(outcome, 0))
            }
        }
    }

    fn about(&self) -> About<'_> {
        About {
            mode: self.mode,
            settings: self.settings,
            scenario: self
                .plan
                .map_or("none".to_owned(), |plan| plan.name.clone()),
            clients_apart: self.clients_apart(),
        }
    }

    /// What a recording is to know of it.
    pub(super) fn subject<'s>(
        &'s self,
        args: &'s RunArgs,
        tally: &'s Arc<Tally>,
        started_at: SystemTime,
        clock: &Clock,
    ) -> Subject<'s> {
        Subject {
            command: self.mode.name(),
            about: self.about(),
            plan: self.plan,
            scenario: record::scenario_text(&args.scenario),
            beside: Vec::new(),
            duration: self.duration,
            started_at,
            clock: clock.clone(),
            tally,
            gate: self.gate.as_ref(),
            meters: self.meters.clone().unwrap_or_default(),
        }
    }

    /// Runs it; the gate, if there is one, stands before the other probes.
    pub(super) fn run<P: Probe>(
        &mut self,
        probe: P,
        watcher: &mut impl Watcher,
    ) -> Result<Outcome, Error> {
        let probe = (probe, self.tape.as_ref().map(Tape::probe));
        match self.gate.clone() {
            None => self.run_with(probe, watcher),
            Some(gate) => self.run_with((gate, probe), watcher),
        }
    }

    fn run_with<P: Probe>(
        &mut self,
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
        let tape = self.tape.as_mut();
        let mut watcher = Recording { tape, watcher };
        let outcome = engine::run(&run, self.mailbox, &mut watcher);
        // Nothing more happens.
        self.tape.iter_mut().for_each(Tape::stop);
        outcome
    }

    /// Runs it after telling its limits.
    fn tell_and_run<P: Probe>(
        &mut self,
        probe: P,
        watcher: &mut impl Watcher,
    ) -> Result<Outcome, Error> {
        let limits = public_limits(self.settings);
        self.run(probe, &mut Telling { limits, watcher })
    }

    /// On the live screen.
    fn shown(
        &mut self,
        tally: &Arc<Tally>,
        clock: &Clock,
    ) -> Result<Watched, Error> {
        let (tap, stream) = Stream::new(clock.clone());
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
        let mut watcher = ScreenWatcher::new(&self.about(), sources);
        let outcome = self.tell_and_run((tally, (tap, preview)), &mut watcher);
        let seen = watcher.seen();
        let events_lost = watcher.finish().map_err(Error::Output)?;
        Ok(Watched { outcome: outcome?, events_lost, seen })
    }

    /// With a live log: of what is recorded, if that is.
    fn logged(
        &mut self,
        tally: &Arc<Tally>,
        clock: &Clock,
    ) -> Result<Watched, Error> {
        let introduction = self
            .plan
            .map(|plan| summary::introduction(plan, self.mode))
            .unwrap_or_default();
        let fold = LogFold::new(self.mode.loop_call(), self.grace);
        let tally = tally.clone();
        let (outcome, lost) = if let Some(tape) = &mut self.tape {
            let used = self.meters.clone().unwrap_or_default().log;
            let (mut watcher, listener) =
                RecordedLog::start(introduction, fold, used)?;
            tape.tell(listener);
            let outcome = self.tell_and_run(tally, &mut watcher)?;
            (outcome, watcher.finish())
        } else {
            let (tap, events) = Tap::new(LOG_ROOM, clock.clone());
            let counted = tally.clone();
            let mut watcher = LogWatcher::new(
                introduction,
                events,
                counted,
                clock.clone(),
                fold,
            );
            let outcome = self.tell_and_run((tally, tap), &mut watcher)?;
            (outcome, watcher.finish())
        };
        Ok(Watched::unseen(outcome, lost.map_err(Error::Output)?))
    }
}
