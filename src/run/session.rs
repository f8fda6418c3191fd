//! One run or several: a mode's command is a session of one run, `compare`
//! one of several.
//!
//! Each run has a server, clients, counters and a thread of its own. The thread
//! that owns the session calls [`attend`](Session::attend): it receives the
//! signals of the process and passes them on to every run, and learns when
//! servers listen and runs are over. A signal that a scenario plans reaches
//! only that scenario's server.

use super::conditions::Conditions;
use super::engine::{
    self, CutBy, Run, RunMessage, RunOutcome, StopRequest, start_thread,
};
use super::meters::{KernelReading, MeterReader, Meters};
use super::setup::{GateSetup, RunSetup};
use crate::error::{Error, causes_in_words};
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::probe::{
    Call, Clock, Gate, Payloads, Preview, Probe, Tally, Tap, TapReceiver,
};
use crate::system::ledger::ThreadLedger;
use crate::system::signals::{self, Signal};
use crate::system::stops;
use crate::units::nanoseconds;
use crate::view::Measured;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

/// How long to wait for runs to end after the session is given up.
const ENDING: Duration = Duration::from_secs(5);

/// The event streams that every run of a session has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taps {
    /// How many events may wait for a watcher; `None` without one.
    pub watch: Option<usize>,
    /// Whether the bytes last read from sockets are kept, for the screen.
    pub previews: bool,
    /// The streams for a recording; `None` without one.
    pub record: Option<RecordTap>,
}

/// The streams of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordTap {
    /// How many events may wait to be recorded.
    pub room: usize,
    /// How many bytes of each transfer are copied.
    pub payload: usize,
}

#[derive(Debug)]
pub enum RunState {
    /// It has not been started; if the session ends first, it never is.
    Waiting,
    Running,
    /// It has ended.
    Over(Box<RunOutcome>),
    /// It could not be run.
    Failed(Error),
}

/// An event of the run with this index in [`Session::runs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEvent {
    /// Its server listens. Its clients start with the next call of
    /// [`Session::attend`].
    Listening(usize),
    /// It has ended, or could not be run.
    Over(usize),
}

/// One run of a session, from before its start until after its end.
pub struct SessionRun {
    pub mode: Mode,
    pub state: RunState,
    /// The address of its server, once that listens.
    pub address: Option<SocketAddr>,
    /// The gate that can hold its threads; `None` without one.
    pub gate: Option<Arc<Gate>>,
    pub tally: Arc<Tally>,
    /// What is measured besides the counters.
    pub meters: Meters,
    /// The bytes that its sockets read last, if these are kept.
    pub previews: Option<Arc<Preview>>,
    /// The events for a watcher; `None` without one.
    pub watch: Option<TapReceiver>,
    /// The events and bytes for its recording, until the recorder takes them.
    pub record: Option<(TapReceiver, Arc<Payloads>)>,
    /// Its clock: the clock of the gate, if there is one.
    pub clock: Clock,
    /// The calendar time at the origin of that clock.
    pub started_at: SystemTime,
    /// The modes that start at the same time, its own included; empty if it
    /// runs alone.
    pub beside: Vec<Mode>,
    reader: MeterReader,
    /// Sends messages to the run while it lasts.
    control: Option<Sender<RunMessage>>,
    /// Lets its clients start. If it is dropped, the run is abandoned.
    go: Option<Sender<()>>,
}

/// The probe of every run; parts that are not used are `None`.
type RunProbe = (HoldProbe, ((Arc<Tally>, CountThread), StreamProbe));
/// The clock comes first: it tells the time with or without a gate.
type HoldProbe = (Clock, Option<Arc<Gate>>);
type StreamProbe = (WatchProbe, RecordProbe);
type WatchProbe = Option<(Arc<Tap>, Option<Arc<Preview>>)>;
type RecordProbe = Option<(Arc<Tap>, Arc<Payloads>)>;

/// Enters every thread that makes a call into a ledger.
#[derive(Clone)]
struct CountThread(ThreadLedger);

impl Probe for CountThread {
    type Mark = ();

    fn enter(&self, _: &Call) {
        self.0.enter_this_thread();
    }
}

impl SessionRun {
    fn new(mode: Mode) -> Self {
        Self {
            mode,
            state: RunState::Waiting,
            address: None,
            gate: None,
            tally: Arc::default(),
            meters: Meters::default(),
            reader: MeterReader::default(),
            previews: None,
            watch: None,
            record: None,
            clock: Clock::wall(),
            started_at: SystemTime::now(),
            beside: Vec::new(),
            control: None,
            go: None,
        }
    }

    pub const fn has_begun(&self) -> bool {
        !matches!(self.state, RunState::Waiting)
    }

    /// Whether it has ended, or could not be run.
    pub const fn is_over(&self) -> bool {
        matches!(self.state, RunState::Over(_) | RunState::Failed(_))
    }

    /// Its outcome; `None` before it has ended, or if it could not be run.
    pub const fn outcome(&self) -> Option<&RunOutcome> {
        if let RunState::Over(outcome) = &self.state {
            Some(outcome)
        } else {
            None
        }
    }

    /// The error and its causes, if the run or its server failed.
    pub fn failure(&self) -> Option<String> {
        match &self.state {
            RunState::Failed(error) => Some(error.chain()),
            RunState::Over(outcome) => {
                outcome.failure.as_ref().map(|cause| causes_in_words(cause))
            }
            RunState::Waiting | RunState::Running => None,
        }
    }

    /// The time since the origin of the run's clock.
    pub fn now(&self) -> Duration {
        self.clock.elapsed().duration()
    }

    /// The present figures of its meters. This reads what the kernel holds
    /// for the server, too, which takes time: no thread that is studied may
    /// call it.
    pub fn measured(&mut self) -> Measured {
        if self.is_over() {
            self.reader.end_kernel(&self.clock);
        } else if let Some(address) = self.address {
            let runs = u32::try_from(self.beside.len()).unwrap_or(u32::MAX);
            self.reader.read_kernel(address, runs.max(1), &self.clock);
        }
        self.reader.read(&self.meters)
    }

    /// What the kernel held for the server when that was last
    /// [measured](Self::measured); `None` if the system does not provide it.
    pub const fn kernel(&self) -> Option<&KernelReading> {
        self.reader.kernel.as_ref()
    }

    /// The conditions of the run; `command` is the command of this process.
    pub fn conditions(&self, command: &str, setup: &RunSetup) -> Conditions {
        let beside = self.beside.iter().map(|it| it.name().to_owned());
        Conditions {
            mode: Some(self.mode.name().into()),
            mechanism: (self.mode.has_selector())
                .then(|| self.mode.mechanism().to_owned()),
            server: Some(ServerOptions {
                listen: None,
                ..setup.settings.complete()
            }),
            address: self.address.map(|address| address.to_string()),
            duration_ns: setup.duration.map(nanoseconds),
            clients_apart: setup.apart,
            beside: beside.collect(),
            ..Conditions::here(command, self.started_at, setup.plan.as_ref())
        }
    }

    pub fn wish(&self, wish: StopRequest) {
        self.send(RunMessage::Wish(wish));
    }

    fn send(&self, message: RunMessage) {
        if let Some(control) = &self.control {
            // Sending to a run that is over fails.
            let _ = control.send(message);
        }
    }

    /// Creates the gate, counters and streams of the run, and its probe.
    fn prepare(&mut self, setup: &RunSetup, taps: Taps) -> RunProbe {
        self.gate = setup.gate.map(GateSetup::gate);
        let gate = self.gate.as_ref();
        self.clock = gate.map_or_else(Clock::wall, |it| it.clock().clone());
        let clock = &self.clock;
        self.tally = Arc::new(Tally::new(clock.clone()));
        self.previews = taps.previews.then(Arc::default);
        let watch = taps.watch.map(|room| {
            let (tap, receiver) = Tap::new(room, clock.clone(), false);
            self.watch = Some(receiver);
            (tap, self.previews.clone())
        });
        let record = taps.record.map(|it| {
            let (tap, receiver) = Tap::new(it.room, clock.clone(), true);
            let payloads = Arc::new(Payloads::new(it.payload, clock.clone()));
            self.record = Some((receiver, payloads.clone()));
            (tap, payloads)
        });
        let count = CountThread(self.meters.threads.clone());
        let hold = (self.clock.clone(), self.gate.clone());
        (hold, ((self.tally.clone(), count), (watch, record)))
    }
}

/// The runs of a command, from before their start until their end.
pub struct Session {
    /// What all runs have in common.
    pub setup: Arc<RunSetup>,
    pub runs: Vec<SessionRun>,
    taps: Taps,
    messages: (Sender<SessionMessage>, Receiver<SessionMessage>),
    /// Whether a signal or the user has requested the end of all runs: no
    /// further run starts.
    pub is_ending: bool,
}

/// The messages to the thread that owns the session.
enum SessionMessage {
    Signal(Signal),
    /// The process was stopped for this time, and goes on.
    Stopped(Duration),
    Listening(usize, SocketAddr),
    Over(usize, Box<Result<RunOutcome, Error>>),
}

impl Session {
    /// Creates a session without starting a run. It receives signals from now
    /// on: no other thread may have been started before.
    ///
    /// # Errors
    /// If signals cannot be received.
    pub fn new(
        setup: RunSetup,
        modes: &[Mode],
        taps: Taps,
    ) -> Result<Self, Error> {
        let messages = channel();
        let sender = messages.0.clone();
        let deliver = signals::insist(move |signal| {
            let _ = sender.send(SessionMessage::Signal(signal));
        });
        signals::receive(deliver).map_err(Error::system("wait for signals"))?;
        let sender = messages.0.clone();
        stops::watch(move |time| {
            let _ = sender.send(SessionMessage::Stopped(time));
        })
        .map_err(Error::system("start a thread"))?;
        Ok(Self {
            setup: Arc::new(setup),
            runs: modes.iter().map(|mode| SessionRun::new(*mode)).collect(),
            taps,
            messages,
            is_ending: false,
        })
    }

    /// Whether a run has started whose server does not listen yet.
    pub fn is_arriving(&self) -> bool {
        self.runs.iter().any(|run| {
            matches!(run.state, RunState::Running) && run.address.is_none()
        })
    }

    /// Starts the runs that are due: all together, or with `in_turn` the next
    /// one if the previous one is over.
    ///
    /// # Errors
    /// If a thread cannot be started; all runs are then ended.
    pub fn start(&mut self) -> Result<(), Error> {
        let is_busy = |it: &SessionRun| it.has_begun() && !it.is_over();
        let next = self.runs.iter().position(|it| !it.has_begun());
        let is_idle = !self.is_ending && !self.runs.iter().any(is_busy);
        let Some(next) = next.filter(|_| is_idle) else { return Ok(()) };
        let runs = if self.setup.in_turn { 1 } else { self.runs.len() };
        let started_at = SystemTime::now();
        let beside = self.runs[next..next + runs].iter().map(|run| run.mode);
        let beside: Vec<_> = beside.filter(|_| runs > 1).collect();
        for number in next..next + runs {
            let run = &mut self.runs[number];
            run.started_at = started_at;
            run.beside.clone_from(&beside);
            if let Err(error) = self.launch(number) {
                self.give_up();
                return Err(error);
            }
        }
        Ok(())
    }

    /// Starts the clients of servers that were reported to listen. Then waits
    /// up to `patience` for messages and handles all that have arrived:
    /// signals, servers that listen and runs that are over. Starts the next run
    /// if it is due.
    ///
    /// Servers that start together are reported together, when all listen.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn attend(
        &mut self,
        patience: Duration,
    ) -> Result<Vec<RunEvent>, Error> {
        if !self.is_arriving() {
            for go in self.runs.iter_mut().filter_map(|run| run.go.take()) {
                // A run that has failed does not receive it.
                let _ = go.send(());
            }
        }
        let mut events = Vec::new();
        let mut next = self.messages.1.recv_timeout(patience).ok();
        while let Some(message) = next {
            self.take(message, &mut events);
            next = self.messages.1.try_recv().ok();
        }
        self.start()?;
        Ok(events)
    }

    /// Whether all runs are over and no other one will start.
    pub fn is_over(&self) -> bool {
        let left = |run: &SessionRun| {
            if run.has_begun() { !run.is_over() } else { !self.is_ending }
        };
        !self.runs.iter().any(left)
    }

    /// Requests the end of all runs. After [`StopRequest::Close`] further runs
    /// may still start, otherwise none.
    pub fn wish(&mut self, wish: StopRequest) {
        if matches!(wish, StopRequest::Stop | StopRequest::Cut) {
            self.is_ending = true;
            signals::request_stop();
        }
        self.runs.iter().for_each(|run| run.wish(wish));
    }

    /// The exit status of a process with these runs: 128 plus the number of a
    /// signal that cut a run short, else 1 if a run failed, else 0.
    pub fn exit_status(&self) -> u8 {
        let outcomes = self.runs.iter().filter_map(SessionRun::outcome);
        let status = outcomes.filter_map(|outcome| match outcome.cut_short? {
            CutBy::Signal(signal) => Some(signal.exit_status()),
            CutBy::User => None,
        });
        let failed = self.runs.iter().any(|run| run.failure().is_some());
        status.max().unwrap_or(failed.into())
    }

    /// Cuts all runs short, and waits up to `ENDING` for their end.
    pub fn give_up(&mut self) {
        self.wish(StopRequest::Cut);
        // Without this sender, a run whose clients have not started ends.
        self.runs.iter_mut().for_each(|run| run.go = None);
        let until = Instant::now() + ENDING;
        while !self.is_over() {
            let left = until.saturating_duration_since(Instant::now());
            match self.messages.1.recv_timeout(left) {
                Ok(message) => self.take(message, &mut Vec::new()),
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, message: SessionMessage, events: &mut Vec<RunEvent>) {
        let several = self.runs.len() > 1;
        let was_arriving = self.is_arriving();
        match message {
            SessionMessage::Signal(signal) => {
                self.is_ending = true;
                for run in &self.runs {
                    run.send(RunMessage::Signal(signal));
                }
            }
            SessionMessage::Stopped(time) => {
                for run in &self.runs {
                    run.send(RunMessage::Stopped(time));
                }
            }
            SessionMessage::Listening(number, address) => {
                self.runs[number].address = Some(address);
            }
            SessionMessage::Over(number, result) => {
                let run = &mut self.runs[number];
                (run.control, run.go) = (None, None);
                run.state = match *result {
                    Ok(mut outcome) => {
                        if several {
                            // The figure covers the whole process, so it cannot
                            // be attributed to one of several servers.
                            outcome.peak_memory = None;
                        }
                        RunState::Over(Box::new(outcome))
                    }
                    Err(error) => RunState::Failed(error),
                };
                events.push(RunEvent::Over(number));
            }
        }
        if was_arriving && !self.is_arriving() {
            let runs = self.runs.iter().enumerate();
            let waits = runs.filter(|(_, run)| run.go.is_some());
            events.extend(waits.map(|(it, _)| RunEvent::Listening(it)));
        }
    }

    fn launch(&mut self, number: usize) -> Result<(), Error> {
        let setup = self.setup.clone();
        let run = &mut self.runs[number];
        let probe = run.prepare(&setup, self.taps);
        let (go, gone) = channel();
        let mailbox = channel();
        (run.control, run.go) = (Some(mailbox.0.clone()), Some(go));
        let (mode, gate) = (run.mode, run.gate.clone());
        let (meters, clock) = (run.meters.clone(), run.clock.clone());
        let messages = self.messages.0.clone();
        start_thread("run", move || {
            let run = Run { mode, setup: &setup, probe, gate, clock, meters };
            let listening = |address| {
                let message = SessionMessage::Listening(number, address);
                let _ = messages.send(message);
                let off = |_| io::Error::from(ErrorKind::Interrupted);
                gone.recv().map_err(off)
            };
            let result = catch_unwind(AssertUnwindSafe(|| {
                engine::run(&run, &mailbox, listening)
            }));
            let result = result.unwrap_or_else(|_| {
                Err(Error::Serve(io::Error::other("its thread panicked")))
            });
            let message = SessionMessage::Over(number, Box::new(result));
            let _ = messages.send(message);
        })?;
        self.runs[number].state = RunState::Running;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_start_once_every_server_listens_or_has_failed() {
        let runs = [Mode::Serial, Mode::Tasks].map(|mode| {
            let (state, go) = (RunState::Running, Some(channel().0));
            SessionRun { state, go, ..SessionRun::new(mode) }
        });
        let (setup, taps, is_ending) = (Arc::default(), Taps::default(), false);
        let (runs, messages) = (runs.into(), channel());
        let mut it = Session { setup, runs, taps, messages, is_ending };
        let mut events = Vec::new();
        let listens = SessionMessage::Listening(0, ([127, 0, 0, 1], 7).into());
        it.take(listens, &mut events);
        assert_eq!(events, []);
        let failed = Err(Error::Serve(ErrorKind::AddrInUse.into()));
        it.take(SessionMessage::Over(1, Box::new(failed)), &mut events);
        assert_eq!(events, [RunEvent::Over(1), RunEvent::Listening(0)]);
        it.runs[0].state = RunState::Waiting;
    }
}
