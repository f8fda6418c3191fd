//! A mode's command: runs its server, and a scenario's clients against it.

use super::args::{RunArgs, Ui};
use super::live::LiveRuns;
use super::output::{self, deliver};
use super::setup::{
    check_errors, check_tasks, gate, place, plan_of, settings, suited_ui,
    warn_of_mode,
};
use super::{log, record, screen};
use crate::error::Error;
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::run::place::ClientPlace;
use crate::run::session::{Session, Taps};
use crate::run::setup::RunSetup;
use crate::run::watch::WATCH_ROOM;
use crate::scenario::Plan;
use crate::system::descriptors;

/// Runs it to its end and prints the summary.
pub(super) fn run(mode: Mode, args: &RunArgs) -> Result<u8, Error> {
    let ui = args.ui.unwrap_or_else(suited_ui);
    let gate = gate(args.speed, ui)?;
    let plan = plan_of(&args.scenario)?;
    let options = args
        .server
        .or(plan.as_ref().map(|plan| plan.server).unwrap_or_default());
    let settings = settings(&options)?;
    check_errors(mode, settings.errors(), args.server.errors)?;
    check_tasks(mode, &args.server)?;
    output::check(&args.output)?;
    let blanks = record::open(&args.recording, &args.output, &[mode])?;
    warn_of_mode(mode, plan.as_ref());
    let setup = RunSetup {
        settings,
        duration: args.duration,
        place: place_within_limits(args, plan.as_ref(), &options)?,
        scenario_text: plan
            .as_ref()
            .and_then(|_| record::scenario_text(&args.scenario)),
        plan,
        gate,
        stay: ui == Ui::Screen,
        in_turn: false,
    };
    let taps = taps(ui, record::tap(&args.recording));
    let session = Session::new(setup, &[mode], taps)?;
    let mut runs = LiveRuns::new(mode.name(), session, blanks);
    runs.run(|runs| match ui {
        Ui::Screen => screen::show(runs),
        Ui::Log => log::follow(runs),
        Ui::None => runs.wait(),
    })?;
    let status = runs.session.exit_status();
    let has_run = runs.session.runs().iter().all(|it| it.outcome().is_some());
    let report = runs.tracks.pop().and_then(|track| track.over);
    if let Some(report) = report.filter(|_| has_run) {
        deliver(&report, &args.output, "\n")?;
    }
    let mut ended = runs.session.into_runs();
    match ended.pop().and_then(|mut run| run.take_error()) {
        Some(error) => Err(error),
        None => Ok(status),
    }
}

/// The streams that runs need for what is shown of them.
pub(super) const fn taps(
    ui: Ui,
    record: Option<crate::run::session::RecordTap>,
) -> Taps {
    match ui {
        Ui::Screen => Taps { watch: Some(WATCH_ROOM), previews: true, record },
        Ui::Log => Taps { watch: Some(log::LOG_ROOM), previews: false, record },
        Ui::None => Taps { watch: None, previews: false, record },
    }
}

/// Where the clients run. The limit of descriptors is raised, and lowered
/// if the scenario says so.
fn place_within_limits(
    args: &RunArgs,
    plan: Option<&Plan>,
    options: &ServerOptions,
) -> Result<ClientPlace, Error> {
    let limit = descriptors::raise_limit();
    let place = place(&args.scenario, plan, 1, options, limit);
    if let Some(limit) = options.descriptors {
        let what = "lower the limit of descriptors";
        descriptors::lower_limit(limit)
            .map_err(|source| Error::System { what, source })?;
    }
    Ok(place)
}
