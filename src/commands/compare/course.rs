//! What all modes that are compared have in common.

use crate::cli::{CompareArgs, SpeedArg, Ui};
use crate::commands::fit::check_errors;
use crate::commands::record::scenario_text;
use crate::commands::setup::{
    GRACE, OWN_DESCRIPTORS, descriptors_needed, gate, mode, overrides, place,
    plan_of, settings, suited_ui, warn_of_mode,
};
use crate::error::Error;
use crate::modes::Mode;
use crate::net::Settings;
use crate::probe::Gate;
use crate::scenario::place::Place;
use crate::scenario::{Overrides, Plan};
use crate::system::descriptors;
use std::sync::Arc;
use std::time::Duration;

/// The course that every mode runs.
#[derive(Clone)]
pub(in crate::commands) struct Course {
    pub(in crate::commands) plan: Option<Arc<Plan>>,
    pub(in crate::commands) settings: Arc<Settings>,
    pub(in crate::commands) grace: Duration,
    pub(in crate::commands) duration: Option<Duration>,
    /// The text of the scenario, for recordings.
    pub(super) scenario_text: Option<Arc<str>>,
    pub(in crate::commands) place: Place,
    /// One mode after the other.
    pub(in crate::commands) in_turn: bool,
    pub(in crate::commands) ui: Ui,
    /// Whether it is shown while it lasts.
    pub(in crate::commands) is_shown: bool,
    speed: Option<SpeedArg>,
}

impl Course {
    /// What the options say, and the modes; the limit of descriptors is
    /// lowered if the scenario wants it so.
    pub(super) fn new(args: &CompareArgs) -> Result<(Self, Vec<Mode>), Error> {
        let ui = args.ui.unwrap_or_else(suited_ui);
        gate(args.speed, ui)?;
        let plan = plan_of(&args.scenario)?;
        let told = overrides(args.listen, &args.server)
            .or(plan.as_ref().map(|plan| plan.server).unwrap_or_default());
        let settings = settings(&told)?;
        let modes = modes(args, plan.as_ref(), &settings)?;
        check_tasks(args, &modes)?;
        let together = if args.in_turn { 1 } else { modes.len() };
        check_together(args, &told, together)?;
        for mode in &modes {
            warn_of_mode(*mode, plan.as_ref());
        }
        let limit = descriptors::raise_limit();
        check_descriptors(plan.as_ref(), together, &told, limit)?;
        let place =
            place(&args.scenario, plan.as_ref(), together, &told, limit);
        let course = Self {
            plan: plan.map(Arc::new),
            settings: Arc::new(settings),
            grace: told.grace.unwrap_or(GRACE),
            duration: args.duration,
            scenario_text: args
                .record
                .is_some()
                .then(|| scenario_text(&args.scenario))
                .flatten()
                .map(Arc::from),
            place,
            in_turn: args.in_turn,
            ui,
            is_shown: ui == Ui::Screen,
            speed: args.speed,
        };
        Ok((course, modes))
    }

    pub(super) const fn clients_apart(&self) -> bool {
        matches!(self.place, Place::Process(_))
    }

    pub(in crate::commands) fn scenario_name(&self) -> String {
        self.plan.as_ref().map_or("none".into(), |plan| plan.name.clone())
    }

    /// A gate for one mode's threads, if anybody could want one.
    pub(super) fn gate(&self) -> Option<Arc<Gate>> {
        // That it can be had was found out before.
        gate(self.speed, self.ui).ok().flatten()
    }
}

/// The modes that are named, or all that make sense.
fn modes(
    args: &CompareArgs,
    plan: Option<&Plan>,
    settings: &Settings,
) -> Result<Vec<Mode>, Error> {
    let named: Vec<_> = args.modes.iter().copied().map(mode).collect();
    if named.is_empty() {
        return suited(args, plan, settings);
    }
    for (index, mode) in named.iter().enumerate() {
        if named[..index].contains(mode) {
            let words = format!("`{}` is named twice", mode.name());
            return Err(Error::Usage(words));
        }
        check_errors(*mode, settings.errors, args.server.errors)?;
    }
    if let [only] = named[..] {
        return Err(Error::Usage(format!(
            "nothing to compare {0} with: name a second mode, or run \
             `sockscope {0}`",
            only.name()
        )));
    }
    Ok(named)
}

/// All that the scenario is meant for and that allow what is told.
fn suited(
    args: &CompareArgs,
    plan: Option<&Plan>,
    settings: &Settings,
) -> Result<Vec<Mode>, Error> {
    let meant = plan.map_or(&Mode::ALL[..], |plan| &plan.modes);
    let allowed = meant.iter().filter(|it| it.allows(settings.errors));
    let modes: Vec<_> = allowed.copied().collect();
    if modes.len() > 1 {
        return Ok(modes);
    }
    let names: Vec<_> = modes.iter().map(|it| it.name()).collect();
    Err(Error::Usage(format!(
        "with these options {} is meant for {} alone: name the modes to \
         compare",
        args.scenario,
        names.first().unwrap_or(&"no mode")
    )))
}

/// Only tasks can yield, or be waited for.
fn check_tasks(args: &CompareArgs, modes: &[Mode]) -> Result<(), Error> {
    if modes.contains(&Mode::Tasks) {
        return Ok(());
    }
    let first = modes.first().copied().unwrap_or(Mode::Serial);
    crate::commands::fit::check_tasks(first, &args.server)
}

/// What several servers in one process cannot have at once.
fn check_together(
    args: &CompareArgs,
    told: &Overrides,
    together: usize,
) -> Result<(), Error> {
    if together < 2 {
        return Ok(());
    }
    if args.listen.port() != 0 {
        return Err(Error::Usage(format!(
            "{together} servers cannot all listen on {}: use port 0, or \
             compare them with `--in-turn`",
            args.listen
        )));
    }
    if let Some(limit) = told.descriptors {
        return Err(Error::Usage(format!(
            "{} gives the server's process {limit} descriptors, which \
             {together} servers at once would share: compare them with \
             `--in-turn`",
            args.scenario
        )));
    }
    Ok(())
}

/// Lowers the limit of descriptors if that is told, and makes sure that
/// there are enough of them otherwise.
fn check_descriptors(
    plan: Option<&Plan>,
    together: usize,
    told: &Overrides,
    limit: Option<u64>,
) -> Result<(), Error> {
    if let Some(limit) = told.descriptors {
        let what = "lower the limit of descriptors";
        return descriptors::lower_limit(limit)
            .map_err(|source| Error::System { what, source });
    }
    let needed = descriptors_needed(plan, together) + OWN_DESCRIPTORS;
    match limit {
        Some(limit) if limit < needed && together > 1 => {
            Err(Error::Usage(format!(
                "{together} servers at once need some {needed} descriptors, \
                 and this process may have {limit}: compare them with \
                 `--in-turn`"
            )))
        }
        _ => Ok(()),
    }
}
