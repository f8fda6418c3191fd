//! Runs a mode's server, and a plan's clients against it, to the end.

use super::place::Place;
use super::plan::Plan;
use crate::error::Error;
use crate::load::{Cancel, LoadResult};
use crate::modes::Mode;
use crate::net::{Listener, Settings, Stop};
use crate::probe::{Note, Phase, Probe};
use crate::system::signals::{self, Signal};
use crate::system::usage::{self, Usage};
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long after the server's end its clients may take to notice it.
const CLIENTS_NOTICE: Duration = Duration::from_millis(500);

/// What is to be run.
pub struct Run<'a, P: Probe> {
    /// The way of waiting.
    pub mode: Mode,
    /// The server's settings.
    pub settings: &'a Settings,
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

    /// Time has passed.
    ///
    /// # Errors
    /// If nobody can be told; the run ends.
    fn tick(&mut self) -> io::Result<()>;
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
}

/// What is known when a run has ended, beside what the probe knows.
#[derive(Debug)]
pub struct Outcome {
    /// Where the server listened.
    pub address: SocketAddr,
    /// Why it ended.
    pub ended: Ended,
    /// The second signal, which cut the grace period short.
    pub cut_short: Option<Signal>,
    /// From the start of the server to its end.
    pub run_time: Duration,
    /// What the clients measured.
    pub load: Option<LoadResult>,
    /// What the server's threads used: of one thread, that thread's own; of
    /// several, the process's less that of the clients' thread and of the
    /// one that looks on.
    pub usage: Option<Usage>,
    /// The most memory of this process, in bytes.
    pub peak_memory: Option<u64>,
}

/// What the running parts tell the one that waits for them.
enum Happening {
    Signal(Signal),
    ServerEnded(io::Result<()>, Option<Usage>),
    ClientsEnded(Box<Result<LoadResult, Error>>, Option<Usage>),
}

/// Where everything that happens arrives.
pub struct Mailbox {
    sender: Sender<Happening>,
    receiver: Receiver<Happening>,
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
/// If the server cannot listen or fails as a whole, if the clients cannot be
/// run, or if the watcher fails.
pub fn run<P: Probe>(
    run: &Run<'_, P>,
    mailbox: &Mailbox,
    watcher: &mut impl Watcher,
) -> Result<Outcome, Error> {
    let before = own_usage();
    let stop = Stop::new();
    let address = run.settings.listen;
    let listener = Listener::bind(run.settings, &stop, run.probe.clone())
        .map_err(|source| Error::Bind { address, source })?;
    let address = listener
        .local_addr()
        .map_err(|source| Error::Bind { address, source })?;
    watcher.listening(address).map_err(Error::Output)?;

    run.probe.note(&Note::Phase(Phase::Running));
    let start = Instant::now();
    let cancel = Cancel::new();
    start_server(run.mode, listener, mailbox.sender.clone())?;
    start_clients(run, address, &cancel, mailbox.sender.clone())?;

    let mut conductor = Conductor::new(run, &stop, &cancel, start);
    let ended = conductor.conduct(mailbox, watcher);
    stop.cut();
    cancel.cancel();
    ended?;
    Ok(conductor.outcome(address, before))
}

/// What this process and this thread have used.
fn own_usage() -> Option<(Usage, Usage)> {
    Some((usage::of_process()?, usage::of_thread()?))
}

fn start_server<P: Probe>(
    mode: Mode,
    listener: Listener<P>,
    sender: Sender<Happening>,
) -> Result<(), Error> {
    let serve = move || {
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
    let body = move || {
        let result = place.play(&plan, target, &cancel);
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

/// Keeps the time of one run and stops it when it is to end.
struct Conductor<'a, P: Probe> {
    run: &'a Run<'a, P>,
    stop: &'a Arc<Stop>,
    cancel: &'a Cancel,
    start: Instant,
    signals_due: Vec<(Instant, Signal)>,
    deadline: Option<Instant>,
    ended: Option<Ended>,
    cut_short: Option<Signal>,
    server_ended: Option<Instant>,
    server_usage: Option<Usage>,
    notice: Option<Instant>,
    clients: Option<(LoadResult, Option<Usage>)>,
}

impl<'a, P: Probe> Conductor<'a, P> {
    fn new(
        run: &'a Run<'a, P>,
        stop: &'a Arc<Stop>,
        cancel: &'a Cancel,
        start: Instant,
    ) -> Self {
        let planned = run.plan.map_or(&[][..], |plan| &plan.signals);
        let due = |it: &super::plan::TimedSignal| (start + it.at, it.signal);
        Self {
            run,
            stop,
            cancel,
            start,
            signals_due: planned.iter().map(due).collect(),
            deadline: run.duration.map(|duration| start + duration),
            ended: None,
            cut_short: None,
            server_ended: None,
            server_usage: None,
            notice: None,
            clients: None,
        }
    }

    fn conduct(
        &mut self,
        mailbox: &Mailbox,
        watcher: &mut impl Watcher,
    ) -> Result<(), Error> {
        while !self.is_over() {
            self.keep_time();
            match mailbox.receiver.recv_timeout(self.patience(watcher)) {
                Ok(happening) => self.take(happening)?,
                Err(RecvTimeoutError::Timeout) => {}
                // The mailbox itself holds a sender.
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if watcher.interval().is_some() {
                watcher.tick().map_err(Error::Output)?;
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        let waits_for_clients = self.run.plan.is_some();
        self.server_ended.is_some()
            && (self.clients.is_some() || !waits_for_clients)
    }

    /// How long nothing is to be done.
    fn patience(&self, watcher: &impl Watcher) -> Duration {
        const LONG: Duration = Duration::from_secs(3600);
        let due = self.signals_due.iter().map(|(at, _)| *at);
        let next = due.chain(self.deadline).chain(self.notice).min();
        let until_next = next
            .map_or(LONG, |at| at.saturating_duration_since(Instant::now()));
        watcher.interval().map_or(until_next, |tick| tick.min(until_next))
    }

    /// Does what is due.
    fn keep_time(&mut self) {
        let now = Instant::now();
        self.signals_due.retain(|(at, signal)| {
            let due = *at <= now;
            if due {
                // Where there are no signals the run ends by its clients.
                let _ = signals::raise(*signal);
            }
            !due
        });
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            match self.ended {
                None => self.begin_to_end(Ended::DurationOver),
                Some(_) => self.cut(),
            }
        }
        if self.notice.is_some_and(|notice| notice <= now) {
            self.notice = None;
            self.cancel.cancel();
        }
    }

    fn take(&mut self, happening: Happening) -> Result<(), Error> {
        match happening {
            Happening::Signal(signal) if self.ended.is_none() => {
                self.begin_to_end(Ended::Signal(signal));
            }
            Happening::Signal(signal) => {
                self.cut_short.get_or_insert(signal);
                self.cut();
            }
            Happening::ServerEnded(result, used) => {
                self.server_usage = used;
                result.map_err(Error::Serve)?;
                let now = Instant::now();
                self.server_ended = Some(now);
                self.notice = Some(now + CLIENTS_NOTICE);
            }
            Happening::ClientsEnded(result, used) => {
                self.clients = Some(((*result)?, used));
                if self.ended.is_none() {
                    self.begin_to_end(Ended::ClientsDone);
                }
            }
        }
        Ok(())
    }

    /// The listener closes, clients may finish within the grace period.
    fn begin_to_end(&mut self, ended: Ended) {
        self.ended = Some(ended);
        self.deadline = Some(Instant::now() + self.run.grace);
        self.run.probe.note(&Note::Phase(Phase::Finishing));
        self.stop.request();
    }

    /// The grace period is over.
    fn cut(&mut self) {
        self.run.probe.note(&Note::Phase(Phase::Over));
        self.stop.cut();
    }

    fn outcome(
        self,
        address: SocketAddr,
        before: Option<(Usage, Usage)>,
    ) -> Outcome {
        let (load, load_usage) = match self.clients {
            Some((load, usage)) => (Some(load), usage),
            None => (None, Some(Usage::default())),
        };
        let run_time = self
            .server_ended
            .map_or_else(|| self.start.elapsed(), |end| end - self.start);
        Outcome {
            address,
            ended: self.ended.unwrap_or(Ended::ClientsDone),
            cut_short: self.cut_short,
            run_time,
            load,
            usage: if self.run.mode.has_one_thread() {
                self.server_usage
            } else {
                servers_usage(before, load_usage)
            },
            peak_memory: usage::peak_memory(),
        }
    }
}

/// The process's usage less that of the threads that are not the server's.
fn servers_usage(
    before: Option<(Usage, Usage)>,
    clients: Option<Usage>,
) -> Option<Usage> {
    let (process_before, thread_before) = before?;
    let (process, thread) = own_usage()?;
    Some(process - process_before - (thread - thread_before) - clients?)
}
