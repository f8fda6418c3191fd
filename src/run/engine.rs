//! Runs a mode's server and a scenario's clients until both have ended.

use super::conductor::Conductor;
use super::meters::Meters;
use super::setup::RunSetup;
use crate::error::Error;
use crate::load::{self, Cancel, LoadOptions, LoadResult};
use crate::modes::Mode;
use crate::net::{Listener, Stop};
use crate::probe::{Clock, Gate, Note, Phase, Probe};
use crate::scenario::{self, Plan};
use crate::system::signals::Signal;
use crate::system::usage::Usage;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, Sender};
use std::thread;
use std::time::Duration;

/// How long to wait for the threads of a server that has ended.
const SETTLING: Duration = Duration::from_secs(1);

/// One server with its clients.
pub struct Run<'a, P: Probe> {
    pub mode: Mode,
    pub setup: &'a RunSetup,
    /// The probe of the server's calls.
    pub probe: P,
    /// The gate within that probe. It is opened permanently when the run is
    /// to end, so that a thread that is held cannot delay the end.
    pub gate: Option<Arc<Gate>>,
    /// The clock of the run: the gate's, if there is one.
    pub clock: Clock,
    /// What can be measured while it runs. Its ledger sums up the server's
    /// threads.
    pub meters: Meters,
}

impl<P: Probe> Run<'_, P> {
    pub(super) fn open_gate(&self) {
        self.gate.iter().for_each(|gate| gate.open_for_good());
    }
}

/// How a user asks a run to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopRequest {
    /// Stop as at a first signal; no effect if the run is ending already.
    Stop,
    /// Stop in the same way, but because the clients have ended.
    Close,
    /// End at once, as at a second signal.
    Cut,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ended {
    /// All clients of the scenario had ended.
    #[default]
    ClientsDone,
    /// The time limit of the run (`--duration`) was reached.
    DurationOver,
    /// A signal, of this process or planned by the scenario.
    Signal(Signal),
    /// The user asked for it on the screen.
    Quit,
    /// The server failed as a whole.
    ServerFailed,
}

/// What cut the grace period short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutBy {
    /// A further signal, after the run had begun to end.
    Signal(Signal),
    /// The user, on the screen.
    User,
}

/// The result of a run, besides what its probe has counted.
#[derive(Debug, Default)]
pub struct RunOutcome {
    pub ended: Ended,
    /// When the run began to end, counted from the server's start.
    pub ended_at: Duration,
    /// Whether clients of the scenario were still running then.
    pub clients_left: bool,
    /// What cut the grace period short, if anything did.
    pub cut_short: Option<CutBy>,
    /// Why the server failed as a whole, if it did.
    pub failure: Option<io::Error>,
    /// How long the server ran, from its start to its end.
    pub run_time: Duration,
    /// How many clients waited to be accepted when the listener closed; `None`
    /// if the system does not report it.
    pub left_waiting: Option<u64>,
    /// What the clients measured; `None` without clients of ours.
    pub load: Option<LoadResult>,
    /// The resource usage of the server's threads; `None` if the system does
    /// not report it or a thread did not end in time.
    pub usage: Option<Usage>,
    /// The peak resident memory of this process, in bytes; `None` if it is not
    /// known, or shared by several runs of a session.
    pub peak_memory: Option<u64>,
}

/// The messages to a run: requests from other threads, and the ends of its
/// server and clients.
#[derive(Debug)]
pub enum RunMessage {
    /// The first signal begins the grace period, the second one ends it.
    Signal(Signal),
    /// The process was stopped for this time, and goes on.
    Stopped(Duration),
    Wish(StopRequest),
    ServerEnded(io::Result<()>),
    ClientsEnded(Box<Result<LoadResult, Error>>),
}

/// The channel of a run's messages. Clones of the sender reach the same run;
/// sending fails once the run is over.
pub type Mailbox = (Sender<RunMessage>, Receiver<RunMessage>);

/// Runs a server and its clients until both have ended. `listening` is called
/// when the server listens, before its clients start.
///
/// # Errors
/// If the server cannot listen, `listening` fails or the clients cannot be run.
/// A server that fails later is reported in the [`RunOutcome`].
pub fn run<P: Probe>(
    run: &Run<'_, P>,
    mailbox: &Mailbox,
    listening: impl FnOnce(SocketAddr) -> io::Result<()>,
) -> Result<RunOutcome, Error> {
    let stop = Stop::new();
    let address = run.setup.settings.listen();
    let bind_error = |source| Error::Bind { address, source };
    let listener =
        Listener::bind(&run.setup.settings, &stop, run.probe.clone());
    let listener = listener.map_err(bind_error)?;
    let address = listener.local_addr().map_err(bind_error)?;
    listening(address).map_err(Error::Output)?;

    run.probe.note(&Note::Phase(Phase::Running));
    let cancel = Cancel::new();
    let (mode, sender) = (run.mode, mailbox.0.clone());
    start_thread("server", move || {
        let served = catch_unwind(AssertUnwindSafe(|| mode.serve(listener)));
        let result = served
            .unwrap_or_else(|_| Err(io::Error::other("its thread panicked")));
        let _ = sender.send(RunMessage::ServerEnded(result));
    })?;
    if let Some(plan) = run.setup.plan.clone() {
        // Clients in this process follow the server's clock and publish
        // intermediate results in the meters; those in another process use the
        // system's clock.
        let (cancel, apart) = (cancel.clone(), run.setup.apart);
        let (meters, clock) = (run.meters.clone(), run.clock.clone());
        let sender = mailbox.0.clone();
        let started = start_thread("clients", move || {
            let result = if apart {
                run_in_own_process(&plan, address, &cancel)
            } else {
                let live = Some(meters.load.clone());
                let options =
                    LoadOptions { time_limit: plan.time_limit, live, clock };
                load::run(address, &plan.groups, &options, &cancel)
                    .map_err(Error::Load)
            };
            meters.clients_done.store(true, Relaxed);
            let _ = sender.send(RunMessage::ClientsEnded(Box::new(result)));
        });
        if started.is_err() {
            // The server's thread must not outlive the run.
            stop.enter(Phase::Cancelling, &run.probe);
            run.open_gate();
        }
        started?;
    }

    let mut conductor = Conductor::new(run, &stop, &cancel);
    let ended = conductor.conduct(&mailbox.1);
    conductor.cut();
    run.open_gate();
    cancel.cancel();
    ended?;
    Ok(conductor.outcome(run.meters.threads.settled(SETTLING)))
}

/// Runs the clients in a child process of this program. The child ends at the
/// end of its standard input, so that it never outlives this process.
fn run_in_own_process(
    plan: &Plan,
    target: SocketAddr,
    cancel: &Cancel,
) -> Result<LoadResult, Error> {
    let program = std::env::current_exe().map_err(Error::Load)?;
    let mut child = Command::new(program)
        .arg("measured-scenario")
        .arg(target.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(Error::Load)?;
    let mut stdin = child.stdin.take();
    if let Some(stdin) = &mut stdin {
        scenario::hand_over(plan, stdin).map_err(Error::Load)?;
    }
    cancel.on_cancel(move || drop(stdin));
    let output = child.wait_with_output().map_err(Error::Load)?;
    serde_json::from_slice(&output.stdout).map_err(Error::HandOver)
}

pub(super) fn start_thread(
    name: &str,
    body: impl FnOnce() + Send + 'static,
) -> Result<(), Error> {
    let started = thread::Builder::new().name(name.into()).spawn(body);
    started.map_err(Error::system("start a thread"))?;
    Ok(())
}
