//! The clients alone: `load`, against any echo server, `measured-scenario`, for
//! a run in another process, and `measured-load`, led by the process that
//! measures.

use super::files::CommandFiles;
use super::output::{After, OutputArgs, deliver, note, print};
use crate::error::{Error, in_plain_words};
use crate::load::steady::{self, LoadMoment, Workload};
use crate::load::{self, Cancel, ClientTrouble, LoadOptions, LoadResult};
use crate::measure::{bind_to, line_of_trouble};
use crate::net::{ServerOptions, parse_address};
use crate::probe::Clock;
use crate::run::conditions::Conditions;
use crate::run::report::{RunReport, stop_in_words};
use crate::scenario::{self, Plan};
use crate::system::signals::{self, Signal, insist};
use crate::system::{descriptors, outlet, stops};
use crate::units::{parse_time, show_time};
use clap::Args;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::exit;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, SystemTime};

#[derive(Args, Clone, Debug)]
pub struct LoadArgs {
    /// Address of an echo server
    #[arg(value_name = "ADDR", value_parser = parse_address)]
    pub target: SocketAddr,
    /// End the run after this time
    #[arg(long, value_name = "TIME", value_parser = parse_time,
          help_heading = "What runs")]
    pub duration: Option<Duration>,
    /// What the clients do
    ///
    /// A built-in scenario (`sockscope scenario list`) or a file.
    #[arg(
        long,
        value_name = "NAME|FILE",
        default_value = "many-clients",
        help_heading = "Clients"
    )]
    pub scenario: String,
    /// Where and in which form the summary is written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Runs the clients to their end.
fn run_clients(
    args: &LoadArgs,
    plan: &Plan,
    clock: &Clock,
    cancel: &Cancel,
) -> Result<LoadResult, Error> {
    // Without more descriptors fewer clients connect, and the report says so.
    let _ = descriptors::raise_limit();
    let (time_limit, clock) = (time_limit(args, plan), clock.clone());
    let options = LoadOptions { time_limit, live: None, clock };
    load::run(args.target, &plan.groups, &options, cancel).map_err(Error::Load)
}

fn time_limit(args: &LoadArgs, plan: &Plan) -> Duration {
    args.duration.map_or(plan.time_limit, |it| it.min(plan.time_limit))
}

/// Runs the clients to their end, or to the end of standard input, and prints
/// the result for the process that started this one.
pub(super) fn run_apart(args: &LoadArgs) -> Result<(), Error> {
    let plan = scenario::receive(io::stdin().lock())?;
    let cancel = Cancel::new();
    // A Ctrl-C reaches this process, too; what it means is decided in the one
    // that started it, which ends it by closing its standard input.
    receive_signals(|_| {})?;
    let at_end_of_input = cancel.clone();
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        at_end_of_input.cancel();
    });
    watch_for_stops()?;
    let result = run_clients(args, &plan, &Clock::wall(), &cancel)?;
    print(&serde_json::to_string(&result).map_err(Error::HandOver)?)
}

/// Runs the clients to their end and reports what they measured.
pub(super) fn run(
    args: &LoadArgs,
    mut files: CommandFiles,
) -> Result<(), Error> {
    let plan = scenario::load(&args.scenario)?;
    if let Some(path) = scenario::file(&args.scenario) {
        files.read("the scenario", path);
    }
    let file = args.output.file(&mut files)?;
    if plan.server != ServerOptions::default() || !plan.signals.is_empty() {
        note(format_args!(
            "the server's settings and the signals of {} are left out: this \
             server is not ours",
            plan.name
        ));
    }
    let cancel = Cancel::new();
    let first_signal = cancel_on_signal(&cancel)?;
    watch_for_stops()?;
    let (started_at, clock) = (SystemTime::now(), Clock::wall());
    let result = run_clients(args, &plan, &clock, &cancel)?;
    let signal = first_signal.get().copied();
    let conditions = Conditions {
        address: Some(args.target.to_string()),
        clients_apart: true,
        ..Conditions::here("load", started_at, Some(&plan))
    };
    let mut report = RunReport::of_load(conditions, &plan, &result, signal);
    report.interventions.extend(stop_in_words(clock.stopped()));
    let form = args.output.report;
    deliver(&report, form, file.as_ref(), After::Nothing)?;
    let total = &result.total;
    if let Some(trouble) = total.trouble_in_words() {
        return Err(Error::Clients(trouble));
    }
    if total.connected == 0 && signal.is_none() {
        let error = total.first_error.as_deref();
        let no_answer = || {
            format!(
                "no connection within {}",
                show_time(time_limit(args, &plan))
            )
        };
        let cause = error.map_or_else(no_answer, in_plain_words);
        let is_refused = total.refused > 0;
        return Err(Error::Connect { address: args.target, cause, is_refused });
    }
    match (total.ends.mismatch, total.shortfall(signal.is_some())) {
        (0, None) => Ok(()),
        (0, Some(missing)) => Err(Error::Incomplete(missing)),
        (clients, _) => Err(Error::WrongEcho { clients }),
    }
}

/// Has the time for which this process is stopped not count.
fn watch_for_stops() -> Result<(), Error> {
    stops::watch(|_| {}).map_err(Error::system("start a thread"))
}

/// The first signal ends the run, which is then reported; a second one ends
/// the process at once.
pub(super) fn cancel_on_signal(
    cancel: &Cancel,
) -> Result<Arc<OnceLock<Signal>>, Error> {
    let first = Arc::new(OnceLock::new());
    let (cancel, received) = (cancel.clone(), first.clone());
    receive_signals(insist(move |signal| {
        let _ = received.set(signal);
        cancel.cancel();
    }))?;
    Ok(first)
}

/// Has signals delivered to a function, in a thread of its own.
pub(super) fn receive_signals(
    deliver: impl Fn(Signal) + Send + 'static,
) -> Result<(), Error> {
    signals::receive(deliver).map_err(Error::system("wait for signals"))
}

/// Runs the clients of a measurement: prints `connected`, waits for a line on
/// standard input, sends, prints `begin` and `end` around the window, then the
/// result as a line of JSON. If the clients cannot do their part, the last line
/// names their trouble. The connections stay open until standard input
/// ends; if that is early, the process exits at once. A Ctrl-C reaches all
/// processes of a terminal; the process that measures decides what it means.
pub(super) fn run_measured(
    target: SocketAddr,
    workload: &Workload,
    cores: &[u32],
) -> Result<(), Error> {
    steady::check(workload)
        .map_err(|fault| Error::usage(format!("measured-load: {fault}")))?;
    bind_to(cores)?;
    receive_signals(|signal| {
        if signal != Signal::Interrupt {
            signals::exit(signal);
        }
    })?;
    let go = listen_to_the_leader()?;
    let mut on = |moment| match moment {
        LoadMoment::Connected => {
            outlet::print("connected\n")?;
            // The thread at the other end does not end before the process.
            go.recv().map_err(io::Error::other)
        }
        LoadMoment::Begun => outlet::print("begin\n"),
        LoadMoment::Ended => outlet::print("end\n"),
    };
    let result = steady::run(target, workload, &mut on);
    let (result, _connections) = result.map_err(|error| {
        if let Some(trouble) = ClientTrouble::of_error(&error, target) {
            // If this has no reader, nothing else has one.
            let _ = outlet::print(&line_of_trouble(trouble));
        }
        Error::Load(error)
    })?;
    let line = match result.trouble {
        Some(trouble) => line_of_trouble(trouble),
        None => serde_json::to_string(&result).map_err(Error::HandOver)? + "\n",
    };
    print(&line)?;
    // Until standard input ends, and the process with it.
    loop {
        thread::park();
    }
}

/// Waits in a thread for a line on standard input, which it passes on, and then
/// for the end of input, where it exits the process: whatever is open is reset
/// by that.
fn listen_to_the_leader() -> Result<Receiver<()>, Error> {
    let (sender, go) = channel();
    let listen = move || {
        let mut input = BufReader::new(io::stdin());
        if input.read_line(&mut String::new()).is_ok_and(|bytes| bytes > 0) {
            let _ = sender.send(());
            let _ = io::copy(&mut input, &mut io::sink());
        }
        exit(0);
    };
    let thread = thread::Builder::new().name("leader".into()).spawn(listen);
    thread.map_err(Error::system("read from the leading process"))?;
    Ok(go)
}
