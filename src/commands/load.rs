//! `load`: the clients alone, against any echo server.

use super::args::{OutputArgs, load_plan};
use super::output::{self, deliver, print};
use crate::error::{Error, in_plain_words};
use crate::load::{self, Cancel, LoadOptions, LoadResult};
use crate::net::{ServerOptions, parse_address};
use crate::probe::Clock;
use crate::run::conditions::Conditions;
use crate::run::report::RunReport;
use crate::scenario::Plan;
use crate::system::descriptors;
use crate::system::signals::{self, Signal};
use crate::units::{parse_time, show_time};
use clap::Args;
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, SystemTime};

/// The options of `load`.
#[derive(Args, Clone, Debug)]
pub struct LoadArgs {
    /// The address of an echo server.
    #[arg(value_name = "ADDR", value_parser = parse_address)]
    pub target: SocketAddr,
    /// What the clients do: a built-in scenario or a file.
    #[arg(long, value_name = "NAME|FILE", default_value = "many-clients")]
    pub scenario: String,
    /// End the run after this time.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub duration: Option<Duration>,
    /// Where and in which form the summary is written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Print the result for the process that started this one.
    #[arg(long, hide = true)]
    pub hand_over: bool,
}

/// Runs them to their end and reports what they measured.
pub(super) fn run(args: &LoadArgs) -> Result<u8, Error> {
    let plan = load_plan(&args.scenario)?;
    output::check(&args.output)?;
    let limit =
        args.duration.map_or(plan.time_limit, |it| it.min(plan.time_limit));
    let cancel = Cancel::new();
    if args.hand_over {
        return hand_over(args, &plan, limit, &cancel);
    }
    if plan.server != ServerOptions::default() || !plan.signals.is_empty() {
        // A closed standard error is no reason to end the run.
        let _ = writeln!(
            io::stderr(),
            "sockscope: the server's settings and the signals of {} are \
             left out: this server is not ours",
            plan.name
        );
    }
    let first_signal = cancel_on_signal(&cancel)?;
    let started_at = SystemTime::now();
    let result = play(args, &plan, limit, &cancel)?;
    let signal = first_signal.get().copied();
    let conditions = Conditions {
        address: Some(args.target.to_string()),
        clients_apart: true,
        ..Conditions::here("load", started_at, Some(&plan))
    };
    let report = RunReport::of_load(conditions, &plan, &result, signal);
    deliver(&report, &args.output, "")?;
    let total = &result.total;
    if total.connected == 0 && signal.is_none() {
        let error = total.first_error.as_deref();
        let no_answer = || format!("no connection within {}", show_time(limit));
        let cause = error.map_or_else(no_answer, in_plain_words);
        return Err(Error::Connect { address: args.target, cause });
    }
    if total.ends.mismatch > 0 {
        return Err(Error::WrongEcho { clients: total.ends.mismatch });
    }
    Ok(0)
}

fn play(
    args: &LoadArgs,
    plan: &Plan,
    time_limit: Duration,
    cancel: &Cancel,
) -> Result<LoadResult, Error> {
    // Without more descriptors fewer clients connect, and the report says so.
    let _ = descriptors::raise_limit();
    let options = LoadOptions { time_limit, live: None, clock: Clock::wall() };
    load::run(args.target, &plan.groups, &options, cancel).map_err(Error::Load)
}

/// The first signal ends the run, which is then reported; a second one ends
/// the process at once.
pub(super) fn cancel_on_signal(
    cancel: &Cancel,
) -> Result<Arc<OnceLock<Signal>>, Error> {
    let first = Arc::new(OnceLock::new());
    let (cancel, received) = (cancel.clone(), first.clone());
    receive_signals(move |signal| {
        if received.set(signal).is_err() {
            std::process::exit(signal.exit_status().into());
        }
        cancel.cancel();
    })?;
    Ok(first)
}

/// Has signals delivered to a function, in a thread of its own.
pub(super) fn receive_signals(
    deliver: impl Fn(Signal) + Send + 'static,
) -> Result<(), Error> {
    signals::receive(deliver).map_err(Error::system("wait for signals"))
}

/// Plays for the process that started this one, which ends it by closing its
/// standard input. A Ctrl-C reaches both; what it means is decided there.
fn hand_over(
    args: &LoadArgs,
    plan: &Plan,
    limit: Duration,
    cancel: &Cancel,
) -> Result<u8, Error> {
    receive_signals(|_| {})?;
    let at_end_of_input = cancel.clone();
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        at_end_of_input.cancel();
    });
    let result = play(args, plan, limit, cancel)?;
    let text = serde_json::to_string(&result).map_err(Error::HandOver)?;
    print(&text)?;
    Ok(0)
}
