//! A mode's command: runs its server, and a scenario's clients against it.

use super::fit::{check_errors, check_tasks};
use super::output::{self, deliver};
use super::record::{self, Tape};
use super::setup::{
    clock_of, gate, place, plan_of, settings, suited_ui, warn_of_mode,
};
use super::single_run::{SingleRun, Watched};
use super::summary::{self, Facts};
use crate::cli::{RunArgs, Ui};
use crate::error::{Error, causes_in_words};
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::probe::Tally;
use crate::run::engine::{CutBy, Mailbox};
use crate::run::meters::Meters;
use crate::run::place::Place;
use crate::scenario::Plan;
use crate::system::{descriptors, signals};
use std::sync::Arc;
use std::time::SystemTime;

/// Runs it to its end and prints the summary.
pub(super) fn run(mode: Mode, args: &RunArgs) -> Result<u8, Error> {
    let started_at = SystemTime::now();
    let ui = args.ui.unwrap_or_else(suited_ui);
    let gate = gate(args.speed, ui)?;
    let plan = plan_of(&args.scenario)?;
    let told = args
        .server
        .or(plan.as_ref().map(|plan| plan.server).unwrap_or_default());
    let settings = settings(&told)?;
    check_errors(mode, settings.errors(), args.server.errors)?;
    check_tasks(mode, &args.server)?;
    output::check(&args.output)?;
    let file = record::open(&args.recording, &args.output)?;
    warn_of_mode(mode, plan.as_ref());
    let mailbox = mailbox()?;
    let place = place_within_limits(args, plan.as_ref(), &told)?;
    let grace = settings.grace();
    let watched = ui == Ui::Screen || file.is_some();
    let mut single = SingleRun {
        mode,
        settings: &settings,
        grace,
        duration: args.duration,
        plan: plan.as_ref(),
        place,
        mailbox: &mailbox,
        gate,
        stay: ui == Ui::Screen,
        meters: watched.then(Meters::default),
        tape: None,
    };
    let clock = clock_of(single.gate.as_ref());
    let tally = Arc::new(Tally::new(clock.clone()));
    single.tape = file.map(|file| {
        let subject = single.subject(args, &tally, started_at, &clock);
        Tape::new(file, &args.recording, &subject)
    });
    let watched = single.watched(ui, &tally, &clock);
    let (watched, tape) = ended(watched, single.tape.take())?;
    let Watched { outcome, events_lost, seen } = watched;
    let facts = Facts {
        mode,
        command: mode.name(),
        settings: &settings,
        plan: plan.as_ref(),
        tally: tally.snapshot(),
        outcome: &outcome,
        grace,
        clients_apart: single.clients_apart(),
        events_lost,
        seen,
        gate: single.gate.as_deref(),
        started_at,
    };
    let report = summary::report(facts);
    let failure = outcome.failure.as_ref().map(|it| causes_in_words(it));
    if let Some(tape) = tape {
        tape.close(Some(&report), failure);
    }
    deliver(&report, &args.output, "\n")?;
    match outcome.failure {
        Some(cause) => Err(Error::Serve(cause)),
        None => Ok(outcome.cut_short.map_or(0, CutBy::exit_status)),
    }
}

/// Where signals arrive from now on: no other thread may have been started.
fn mailbox() -> Result<Mailbox, Error> {
    let mailbox = Mailbox::new();
    let what = "wait for signals";
    signals::receive(mailbox.for_signals())
        .map_err(|source| Error::System { what, source })?;
    Ok(mailbox)
}

/// Where the clients run. The limit of descriptors is raised, and lowered
/// if that is told.
fn place_within_limits(
    args: &RunArgs,
    plan: Option<&Plan>,
    told: &ServerOptions,
) -> Result<Place, Error> {
    let limit = descriptors::raise_limit();
    let place = place(&args.scenario, plan, 1, told, limit);
    if let Some(limit) = told.descriptors {
        let what = "lower the limit of descriptors";
        descriptors::lower_limit(limit)
            .map_err(|source| Error::System { what, source })?;
    }
    Ok(place)
}

/// The recording of what could not be run has ended with this.
fn ended(
    watched: Result<Watched, Error>,
    tape: Option<Tape>,
) -> Result<(Watched, Option<Tape>), Error> {
    match watched {
        Ok(watched) => Ok((watched, tape)),
        Err(error) => {
            if let Some(tape) = tape {
                tape.close(None, Some(error.chain()));
            }
            Err(error)
        }
    }
}
