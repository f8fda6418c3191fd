//! One of the modes that are compared.

use super::course::Course;
use super::launch::{Landed, Launch};
use super::relay::{Clerk, Relay, Wire};
use super::result::{self, Over};
use super::session::{Event, Together};
use super::tape::BlankTape;
use crate::commands::about::About;
use crate::commands::follow::{Follower, Sources};
use crate::commands::record::{Subject, Tape};
use crate::commands::setup::clock_of;
use crate::commands::stream::Stream;
use crate::error::Error;
use crate::run::comparison::Contender;

use crate::modes::Mode;
use crate::probe::{Clock, Gate, Preview, Tally, Tap};
use crate::report::compare::ModeResult;
use crate::run::engine::{CutBy, Mailbox, Wish};
use crate::run::meters::Meters;
use crate::system::ledger::ThreadLedger;
use crate::system::signals::Signal;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, SystemTime};

/// How long the threads of a server that has ended may take to settle their
/// accounts.
const SETTLING: Duration = Duration::from_secs(1);

/// A mode, before, while and after it runs.
pub(in crate::commands) struct Entry {
    pub(in crate::commands) mode: Mode,
    pub(super) stage: Stage,
    /// Where its recording goes, until it begins.
    blank_tape: Option<BlankTape>,
    /// How its recording went.
    recorded: Option<String>,
}

/// How far a mode is.
pub(super) enum Stage {
    /// It waits for its turn, or it never had one.
    Waiting,
    Running(Running),
    Over(Running, Box<Over>),
}

/// What the main thread has of a run.
pub(super) struct Running {
    pub(super) gate: Option<Arc<Gate>>,
    pub(super) tally: Arc<Tally>,
    pub(super) meters: Meters,
    pub(super) started_at: SystemTime,
    /// What follows it, if it is shown while it lasts.
    pub(super) follower: Option<Follower>,
    clock: Clock,
    wire: Arc<Wire>,
    signal: Box<dyn Fn(Signal)>,
}

impl Entry {
    pub(super) const fn new(mode: Mode, tape: Option<BlankTape>) -> Self {
        let stage = Stage::Waiting;
        Self { mode, stage, blank_tape: tape, recorded: None }
    }

    /// The run, if it has begun; it stays when it is over.
    pub(super) const fn running(&self) -> Option<&Running> {
        match &self.stage {
            Stage::Waiting => None,
            Stage::Running(running) | Stage::Over(running, _) => Some(running),
        }
    }

    /// Whether it has been started.
    pub(in crate::commands) const fn has_begun(&self) -> bool {
        self.running().is_some()
    }

    /// Whether it has ended.
    pub(in crate::commands) const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over(..))
    }

    /// Why it failed, if it did.
    pub(in crate::commands) fn failure(&self) -> Option<&str> {
        match &self.stage {
            Stage::Over(_, over) => over.contender.failure.as_deref(),
            _ => None,
        }
    }

    /// What came of it; without a report if it did not run.
    pub(super) fn result(&self) -> ModeResult {
        let over = match &self.stage {
            Stage::Over(_, over) => Some(over),
            _ => None,
        };
        ModeResult {
            name: self.mode.name().into(),
            mode: self.mode.name().into(),
            recording: None,
            failure: over.and_then(|over| over.contender.failure.clone()),
            report: over.and_then(|over| over.report.clone()),
        }
    }

    /// Who cut its grace period short, if somebody did.
    pub(super) fn cut_short(&self) -> Option<CutBy> {
        match &self.stage {
            Stage::Over(_, over) => over.cut_short,
            _ => None,
        }
    }

    /// What follows the run: its scene, its keys; none before it starts, or
    /// if nothing is shown while it lasts.
    pub(in crate::commands) const fn follower(
        &mut self,
    ) -> Option<&mut Follower> {
        match &mut self.stage {
            Stage::Waiting => None,
            Stage::Running(running) | Stage::Over(running, _) => {
                running.follower.as_mut()
            }
        }
    }

    /// What follows the run, to look at.
    pub(super) const fn followed_by(&self) -> Option<&Follower> {
        match self.running() {
            Some(running) => running.follower.as_ref(),
            None => None,
        }
    }

    /// What would follow a run that has not begun.
    pub(super) fn blank(&self, course: &Course) -> Follower {
        let (_, stream) = Stream::new(Clock::wall());
        let sources = Sources {
            stream,
            tally: Arc::default(),
            gate: Arc::default(),
            preview: Arc::default(),
            meters: Meters::default(),
        };
        Follower::new(&self.about(course), sources)
    }

    fn about<'a>(&self, course: &'a Course) -> About<'a> {
        About {
            mode: self.mode,
            settings: &course.settings,
            scenario: course.scenario_name(),
            clients_apart: course.clients_apart(),
        }
    }

    /// Something is wished of its run.
    pub(super) fn wish(&self, wish: Wish) {
        if let Stage::Running(running) = &self.stage {
            running.wire.wish(wish);
        }
    }

    /// Has its run go on for as long as clients by hand are connected.
    pub(super) fn hold(&self) {
        if let Stage::Running(running) = &self.stage {
            let mut follower = running.follower.iter();
            running.wire.hold(follower.any(Follower::has_hand_clients));
        }
    }

    /// A signal for its run.
    pub(super) fn signal(&self, signal: Signal) {
        if let Stage::Running(running) = &self.stage {
            (running.signal)(signal);
        }
    }

    /// Where its server listens or listened.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.running()?.wire.address()
    }

    /// Has it run in a thread of its own, with those that start together;
    /// that it is over is told as its `number`.
    pub(super) fn launch(
        &mut self,
        course: &Course,
        together: &Together,
        (number, events): (usize, Sender<Event>),
    ) -> Result<(), Error> {
        let mailbox = Mailbox::new();
        let ledger = ThreadLedger::default();
        let gate = course.gate();
        let clock = clock_of(gate.as_ref());
        let running = Running {
            tally: Arc::new(Tally::new(clock.clone())),
            gate,
            meters: Meters {
                threads: Some(ledger.clone()),
                ..Meters::default()
            },
            started_at: together.started_at,
            follower: None,
            clock,
            wire: Arc::default(),
            signal: Box::new(mailbox.for_signals()),
        };
        let launch = Launch {
            mode: self.mode,
            course: course.clone(),
            gate: running.gate.clone(),
            meters: running.meters.clone(),
            mailbox,
            relay: Relay::new(
                running.wire.clone(),
                together.start.clone(),
                course.is_shown,
                running.meters.clients_done.clone(),
            ),
            tape: self.tape(&running, course, together),
        };
        let clerk = Arc::new(Clerk(ledger.clone()));
        let end = move |mut landed: Landed| {
            if let Ok(outcome) = &mut landed.result {
                outcome.usage = ledger.settled(SETTLING);
                // It is that of all servers together.
                outcome.peak_memory = None;
            }
            let _ = events.send(Event::Over(number, Box::new(landed)));
        };
        let tally = running.tally.clone();
        self.stage = if course.is_shown {
            let (running, tap, preview) = self.followed(running, course);
            let probe = (tally, (tap, (preview, clerk)));
            launch.start(probe, end)?;
            Stage::Running(running)
        } else {
            launch.start((tally, clerk), end)?;
            Stage::Running(running)
        };
        Ok(())
    }

    /// The recording of a run, if there is to be one.
    fn tape(
        &mut self,
        running: &Running,
        course: &Course,
        together: &Together,
    ) -> Option<Tape> {
        let subject = Subject {
            command: "compare",
            about: self.about(course),
            plan: course.plan.as_deref(),
            scenario: course.scenario_text.as_deref().map(str::to_owned),
            beside: together.beside.clone(),
            duration: course.duration,
            started_at: together.started_at,
            clock: running.clock.clone(),
            tally: &running.tally,
            gate: running.gate.as_ref(),
            meters: running.meters.clone(),
        };
        self.blank_tape.take()?.load(&subject)
    }

    /// How its recording went, or that there is none; nothing if none was
    /// wanted.
    pub(super) fn recorded(&self) -> Option<String> {
        let unused = self.blank_tape.as_ref();
        let unused = || unused.map(|tape| tape.unused(self.mode));
        self.recorded.clone().or_else(unused)
    }

    /// The same run with what follows it.
    fn followed(
        &self,
        running: Running,
        course: &Course,
    ) -> (Running, Arc<Tap>, Arc<Preview>) {
        let (tap, stream) = Stream::new(running.clock.clone());
        let preview = Arc::new(Preview::default());
        let sources = Sources {
            stream,
            tally: running.tally.clone(),
            gate: running.gate.clone().unwrap_or_default(),
            preview: preview.clone(),
            meters: running.meters.clone(),
        };
        let follower = Some(Follower::new(&self.about(course), sources));
        (Running { follower, ..running }, tap, preview)
    }

    /// It is over: what came of it is put together.
    pub(super) fn end(&mut self, course: &Course, landed: Landed) {
        let stage = std::mem::replace(&mut self.stage, Stage::Waiting);
        self.stage = match stage {
            Stage::Running(running) => {
                let Landed { result, tape } = landed;
                let over = result::over(self.mode, course, &running, result);
                let report = over.report.as_ref();
                self.recorded =
                    tape.and_then(|tape| tape.end(report, over.cause.clone()));
                Stage::Over(running, Box::new(over))
            }
            other => other,
        };
    }

    /// What there is to compare, while it runs or afterwards.
    pub(in crate::commands) fn contender(&self) -> Contender {
        match &self.stage {
            Stage::Waiting => result::nothing(self.mode),
            Stage::Running(running) => running.contender(self.mode),
            Stage::Over(_, over) => over.contender.clone(),
        }
    }
}

impl Running {
    fn contender(&self, mode: Mode) -> Contender {
        let echo = self.meters.load.latest().map(|load| load.echo_time);
        Contender {
            run_time: self.clock.elapsed(),
            figures: self.tally.totals(),
            cpu: self
                .meters
                .threads
                .as_ref()
                .and_then(ThreadLedger::cpu_so_far),
            echo: echo.as_ref().and_then(result::echoes),
            ..result::nothing(mode)
        }
    }

    /// The clients by their addresses, as far as they are known.
    pub(super) fn names(&self) -> crate::load::Names {
        self.meters.load.names()
    }
}
