//! Runs a mode's server, and a scenario's clients against it, to the end.

use super::conductor::Conductor;
use super::meters::Meters;
use super::place::ClientPlace;
use crate::error::Error;
use crate::load::{Cancel, LoadResult};
use crate::modes::Mode;
use crate::net::{Listener, ServerOptions, Stop};
use crate::probe::{Clock, Gate, Note, Phase, Probe};
use crate::scenario::Plan;
use crate::system::signals::Signal;
use crate::system::usage::Usage;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// How long the threads of a server that has ended may take to end, too.
const SETTLING: Duration = Duration::from_secs(1);

/// One server with its clients.
pub struct Run<'a, P: Probe> {
    /// The I/O model.
    pub mode: Mode,
    /// The server's options.
    pub settings: &'a ServerOptions,
    /// How long clients may go on once the server is to stop.
    pub grace: Duration,
    /// When the run ends by itself.
    pub duration: Option<Duration>,
    /// What our clients do; `None` without clients of ours.
    pub plan: Option<&'a Plan>,
    /// Where our clients run.
    pub place: ClientPlace,
    /// The probe of the server's calls.
    pub probe: P,
    /// The gate within that probe. It is opened permanently when the run is
    /// to end, so that a thread that is held cannot delay the end.
    pub gate: Option<Arc<Gate>>,
    /// Whether the server goes on when our clients are done.
    pub stay: bool,
    /// What can be measured while it runs. The threads that its ledger knows
    /// are the server's.
    pub meters: Meters,
}

impl<P: Probe> Run<'_, P> {
    /// The clock of the run: the gate's, if there is one.
    pub(super) fn clock(&self) -> Clock {
        self.gate.as_ref().map_or_else(Clock::wall, |it| it.clock().clone())
    }

    pub(super) fn open_gate(&self) {
        self.gate.iter().for_each(|gate| gate.open_for_good());
    }
}

/// How a user asks a run to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopRequest {
    /// As a first signal does; nothing if the run is ending already.
    Stop,
    /// The same, because its clients are done.
    Close,
    /// At once, as a second signal does.
    Cut,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All clients of the scenario had ended.
    ClientsDone,
    /// Its time was over.
    DurationOver,
    /// A signal asked for it.
    Signal(Signal),
    /// The user asked for it.
    Quit,
    /// The server failed as a whole.
    ServerFailed,
}

/// What cut the grace period short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutBy {
    /// The second signal.
    Signal(Signal),
    /// The user, on the screen.
    User,
}

impl CutBy {
    /// Its name in an outcome.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signal(signal) => signal.name(),
            Self::User => "the user",
        }
    }

    /// The exit status of the process: 0 for the user's wish, 128 and the
    /// signal's number for a signal.
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Signal(signal) => signal.exit_status(),
            Self::User => 0,
        }
    }
}

/// What is known when a run has ended, beside what its probe has counted.
#[derive(Debug)]
pub struct RunOutcome {
    /// Where the server listened.
    pub address: SocketAddr,
    /// Why it ended.
    pub ended: Ended,
    /// When it began to end, from the start of the server.
    pub ended_at: Duration,
    /// Whether clients of the scenario were still at work then.
    pub clients_left: bool,
    /// What cut the grace period short, if anything did.
    pub cut_short: Option<CutBy>,
    /// Why the server failed as a whole, if it did.
    pub failure: Option<io::Error>,
    /// From the start of the server to its end.
    pub run_time: Duration,
    /// What the clients measured.
    pub load: Option<LoadResult>,
    /// What the server's threads used, as far as the run's ledger knows them;
    /// `None` if the system does not tell.
    pub usage: Option<Usage>,
    /// The most memory of this process, in bytes.
    pub peak_memory: Option<u64>,
}

/// What the conductor of a run waits for.
pub(super) enum Happening {
    Signal(Signal),
    Wish(StopRequest),
    ServerEnded(io::Result<()>),
    ClientsEnded(Box<Result<LoadResult, Error>>),
}

/// Directs a run from other threads. Its clones direct the same run.
#[derive(Clone, Debug)]
pub struct RunControl(Sender<Happening>);

impl RunControl {
    /// Delivers a signal: the first one begins the grace period, the second
    /// one ends it.
    pub fn signal(&self, signal: Signal) {
        // A run that is over has dropped its mailbox.
        let _ = self.0.send(Happening::Signal(signal));
    }

    /// Asks the run to stop; [`StopRequest`] says how.
    pub fn wish(&self, wish: StopRequest) {
        let _ = self.0.send(Happening::Wish(wish));
    }
}

/// Where a run receives what its parts and its [`RunControl`]s send.
#[derive(Debug)]
pub struct Mailbox {
    sender: Sender<Happening>,
    pub(super) receiver: Receiver<Happening>,
}

impl Mailbox {
    /// An empty mailbox.
    pub fn new() -> Self {
        let (sender, receiver) = channel();
        Self { sender, receiver }
    }

    /// A control of the run that will use this mailbox.
    pub fn control(&self) -> RunControl {
        RunControl(self.sender.clone())
    }
}

impl Default for Mailbox {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs a server and its clients to their end. `listening` is called once
/// the server listens, before any client is started.
///
/// # Errors
/// If the server cannot listen, if `listening` calls the run off, or if the
/// clients cannot be run. A server that fails later is a [`RunOutcome`].
pub fn run<P: Probe>(
    run: &Run<'_, P>,
    mailbox: &Mailbox,
    listening: impl FnOnce(SocketAddr) -> io::Result<()>,
) -> Result<RunOutcome, Error> {
    let stop = Stop::new();
    let address = run.settings.listen();
    let listener = Listener::bind(run.settings, &stop, run.probe.clone())
        .map_err(|source| Error::Bind { address, source })?;
    let address = listener
        .local_addr()
        .map_err(|source| Error::Bind { address, source })?;
    listening(address).map_err(Error::Output)?;

    run.probe.note(&Note::Phase(Phase::Running));
    let cancel = Cancel::new();
    start_server(run.mode, listener, mailbox.sender.clone())?;
    start_clients(run, address, &cancel, mailbox.sender.clone())?;

    let mut conductor = Conductor::new(run, &stop, &cancel);
    let ended = conductor.conduct(mailbox);
    conductor.cut();
    run.open_gate();
    cancel.cancel();
    ended?;
    let usage = run.meters.threads.settled(SETTLING);
    Ok(conductor.outcome(address, usage))
}

fn start_server<P: Probe>(
    mode: Mode,
    listener: Listener<P>,
    sender: Sender<Happening>,
) -> Result<(), Error> {
    start_thread("server", move || {
        let served = catch_unwind(AssertUnwindSafe(|| mode.serve(listener)));
        let result = served
            .unwrap_or_else(|_| Err(io::Error::other("its thread panicked")));
        let _ = sender.send(Happening::ServerEnded(result));
    })
}

fn start_clients<P: Probe>(
    run: &Run<'_, P>,
    target: SocketAddr,
    cancel: &Cancel,
    sender: Sender<Happening>,
) -> Result<(), Error> {
    let Some(plan) = run.plan.cloned() else { return Ok(()) };
    let (cancel, place) = (cancel.clone(), run.place.clone());
    let (meters, clock) = (run.meters.clone(), run.clock());
    start_thread("clients", move || {
        let live = Some(meters.load.clone());
        let result = place.play(&plan, target, live, clock, &cancel);
        meters.clients_done.store(true, Relaxed);
        let _ = sender.send(Happening::ClientsEnded(Box::new(result)));
    })
}

pub(super) fn start_thread(
    name: &str,
    body: impl FnOnce() + Send + 'static,
) -> Result<(), Error> {
    let builder = thread::Builder::new().name(name.into());
    let what = "start a thread";
    let started = builder.spawn(body);
    started.map_err(|source| Error::System { what, source })?;
    Ok(())
}
