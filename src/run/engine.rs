//! Runs a mode's server, and a plan's clients against it, to the end.

use super::conductor::Conductor;
use super::meters::Meters;
use super::place::Place;
use crate::error::Error;
use crate::load::{Cancel, LoadResult};
use crate::modes::Mode;
use crate::net::{Listener, ServerOptions, Stop};
use crate::probe::{Clock, Gate, Note, Phase, Probe};
use crate::scenario::Plan;
use crate::system::signals::Signal;
use crate::system::usage::{self, Usage};
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// What is to be run.
pub struct Run<'a, P: Probe> {
    /// The way of waiting.
    pub mode: Mode,
    /// The server's options.
    pub settings: &'a ServerOptions,
    /// How long clients may go on once the server is to stop.
    pub grace: Duration,
    /// When the run ends by itself.
    pub duration: Option<Duration>,
    /// What our clients do; `None`: there are none.
    pub plan: Option<&'a Plan>,
    /// Where our clients run.
    pub place: Place,
    /// Who is told of the server's calls.
    pub probe: P,
    /// The gate among those, if there is one: it is opened for good when the
    /// run is to end, so that nobody who is held there holds up the end.
    pub gate: Option<Arc<Gate>>,
    /// Whether the server goes on when our clients are done.
    pub stay: bool,
    /// What is measured for whoever looks on, if somebody does.
    pub meters: Option<Meters>,
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

/// Who looks on while it runs.
pub trait Watcher {
    /// The server is listening.
    ///
    /// # Errors
    /// If nobody can be told; the run ends.
    fn listening(&mut self, address: SocketAddr) -> io::Result<()>;

    /// How often [`tick`](Self::tick) is to be called; `None`: not at all.
    fn interval(&self) -> Option<Duration>;

    /// Time has passed; tells what is wished.
    ///
    /// # Errors
    /// If nobody can be told; the run ends.
    fn tick(&mut self) -> io::Result<Wish>;
}

/// What somebody who looks on wants to become of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// It is to go on as it does.
    #[default]
    GoOn,
    /// It is to end, as by a first signal; if it does already, nothing.
    Stop,
    /// It is to end because its clients are done; as [`Stop`](Self::Stop).
    Close,
    /// It is to end at once, as by a second signal.
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
    /// Who looked on wished it.
    Quit,
    /// The server failed as a whole.
    ServerFailed,
}

/// Who cut the grace period short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutBy {
    /// The second signal.
    Signal(Signal),
    /// Who looked on.
    User,
}

impl CutBy {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signal(signal) => signal.name(),
            Self::User => "the user",
        }
    }

    /// The exit status of the process: a wish is granted, a signal kills.
    #[must_use]
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Signal(signal) => signal.exit_status(),
            Self::User => 0,
        }
    }
}

/// What is known when a run has ended, beside what the probe knows.
#[derive(Debug)]
pub struct Outcome {
    /// Where the server listened.
    pub address: SocketAddr,
    /// Why it ended.
    pub ended: Ended,
    /// When it began to end, from the start of the server.
    pub ended_at: Duration,
    /// Whether clients of the scenario were still at work then.
    pub clients_left: bool,
    /// Who cut the grace period short.
    pub cut_short: Option<CutBy>,
    /// Why the server failed as a whole, if it did.
    pub failure: Option<io::Error>,
    /// From the start of the server to its end.
    pub run_time: Duration,
    /// What the clients measured.
    pub load: Option<LoadResult>,
    /// What the server's threads used: of one thread, that thread's own; of
    /// several, the process's less that of the clients' thread and of the
    /// one that looks on. Where the process has other runs as well, those of
    /// several threads need a [`ThreadLedger`] instead.
    ///
    /// [`ThreadLedger`]: crate::system::ledger::ThreadLedger
    pub usage: Option<Usage>,
    /// The most memory of this process, in bytes.
    pub peak_memory: Option<u64>,
}

/// What the running parts tell the one that waits for them.
pub(super) enum Happening {
    Signal(Signal),
    ServerEnded(io::Result<()>, Option<Usage>),
    ClientsEnded(Box<Result<LoadResult, Error>>, Option<Usage>),
}

/// Where everything that happens arrives.
pub struct Mailbox {
    sender: Sender<Happening>,
    pub(super) receiver: Receiver<Happening>,
}

impl Mailbox {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        let (sender, receiver) = channel();
        Self { sender, receiver }
    }

    /// The way in which signals get here.
    pub fn for_signals(&self) -> impl Fn(Signal) + Send + use<> {
        let sender = self.sender.clone();
        move |signal| {
            let _ = sender.send(Happening::Signal(signal));
        }
    }
}

impl Default for Mailbox {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs it to its end.
///
/// # Errors
/// If the server cannot listen, if the clients cannot be run, or if the
/// watcher fails. That the server fails later is an outcome.
pub fn run<P: Probe>(
    run: &Run<'_, P>,
    mailbox: &Mailbox,
    watcher: &mut impl Watcher,
) -> Result<Outcome, Error> {
    let before = own_usage();
    let stop = Stop::new();
    let address = run.settings.listen();
    let listener = Listener::bind(run.settings, &stop, run.probe.clone())
        .map_err(|source| Error::Bind { address, source })?;
    let address = listener
        .local_addr()
        .map_err(|source| Error::Bind { address, source })?;
    watcher.listening(address).map_err(Error::Output)?;

    run.probe.note(&Note::Phase(Phase::Running));
    let cancel = Cancel::new();
    start_server(run, listener, mailbox.sender.clone())?;
    start_clients(run, address, &cancel, mailbox.sender.clone())?;

    let mut conductor = Conductor::new(run, &stop, &cancel);
    let ended = conductor.conduct(mailbox, watcher);
    conductor.cut();
    run.open_gate();
    cancel.cancel();
    ended?;
    Ok(conductor.outcome(address, before))
}

/// What this process and this thread have used.
fn own_usage() -> Option<(Usage, Usage)> {
    Some((usage::of_process()?, usage::of_thread()?))
}

fn start_server<P: Probe>(
    run: &Run<'_, P>,
    listener: Listener<P>,
    sender: Sender<Happening>,
) -> Result<(), Error> {
    let (mode, meters) = (run.mode, run.meters.clone());
    let serve = move || {
        if let Some(it) = &meters {
            it.server.show_this_thread();
        }
        let served = catch_unwind(AssertUnwindSafe(|| mode.serve(listener)));
        let result = served
            .unwrap_or_else(|_| Err(io::Error::other("its thread panicked")));
        let used = usage::of_thread();
        let _ = sender.send(Happening::ServerEnded(result, used));
    };
    start_thread("server", serve)
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
    let body = move || {
        if let Some(it) = &meters {
            it.clients.show_this_thread();
        }
        let live = meters.as_ref().map(|it| it.load.clone());
        let result = place.play(&plan, target, live, clock, &cancel);
        if let Some(it) = &meters {
            it.clients_done.store(true, Relaxed);
        }
        let used = usage::of_thread();
        let _ = sender.send(Happening::ClientsEnded(Box::new(result), used));
    };
    start_thread("clients", body)
}

fn start_thread(
    name: &str,
    body: impl FnOnce() + Send + 'static,
) -> Result<(), Error> {
    let builder = thread::Builder::new().name(name.into());
    let what = "start a thread";
    let started = builder.spawn(body);
    started.map_err(|source| Error::System { what, source })?;
    Ok(())
}

/// The process's usage less that of the threads that are not the server's.
pub(super) fn servers_usage(
    before: Option<(Usage, Usage)>,
    clients: Option<Usage>,
) -> Option<Usage> {
    let (process_before, thread_before) = before?;
    let (process, thread) = own_usage()?;
    Some(process - process_before - (thread - thread_before) - clients?)
}
