//! What all modes that are compared have in common.

use super::circumstances::Circumstances;
use super::lineup::Lineup;
use super::told::{TextFile, Told};
use crate::cli::{CompareArgs, SpeedArg, Ui};
use crate::commands::fit::check_errors;
use crate::commands::setup::{
    OWN_DESCRIPTORS, descriptors_needed, gate, place, settings, warn_of_mode,
};
use crate::commands::summary::conditions;
use crate::error::Error;
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::probe::Gate;
use crate::recording::ScenarioText;
use crate::run::place::Place;
use crate::scenario::{self, Plan};
use crate::system::descriptors;
use crate::units::nanoseconds;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The course that every mode runs.
#[derive(Clone)]
pub(in crate::commands) struct Course {
    pub(in crate::commands) plan: Option<Arc<Plan>>,
    pub(in crate::commands) settings: Arc<ServerOptions>,
    pub(in crate::commands) grace: Duration,
    pub(in crate::commands) duration: Option<Duration>,
    /// The text of the scenario, if it can be read again.
    pub(super) scenario_text: Option<Arc<str>>,
    /// Whether the scenario and the options are those of a recording.
    pub(super) is_recorded: bool,
    /// A file that clients in a process of their own read that from.
    _text_file: Option<Arc<TextFile>>,
    pub(in crate::commands) place: Place,
    /// One mode after the other.
    pub(in crate::commands) in_turn: bool,
    pub(in crate::commands) ui: Ui,
    /// Whether it is shown while it lasts.
    pub(in crate::commands) is_shown: bool,
    speed: Option<SpeedArg>,
}

impl Course {
    /// What the options say, or a recording that the modes are compared with,
    /// and the modes; the limit of descriptors is lowered if the scenario
    /// wants it so.
    pub(super) fn new(
        args: &CompareArgs,
        ui: Ui,
        lineup: &Lineup,
    ) -> Result<(Self, Vec<Mode>), Error> {
        gate(args.speed, ui)?;
        let named = lineup.modes();
        let mut told = Told::of(args, lineup.recordings().next())?;
        told.suit(&named, args);
        let settings = settings(&told.server)?;
        let modes = modes(args, named, &told, &settings)?;
        check_tasks(args, &modes)?;
        let together = if args.in_turn { 1 } else { modes.len() };
        check_together(args, &told, together)?;
        for mode in &modes {
            warn_of_mode(*mode, told.plan.as_ref());
        }
        let limit = descriptors::raise_limit();
        check_descriptors(&told, together, limit)?;
        let (place, file) = place_of(&told, together, limit)?;
        let course = Self {
            plan: told.plan.map(Arc::new),
            settings: Arc::new(settings),
            grace: settings.grace(),
            duration: told.duration,
            scenario_text: told.text.map(Arc::from),
            is_recorded: told.is_recorded,
            _text_file: file.map(Arc::new),
            place,
            in_turn: args.in_turn,
            ui,
            is_shown: ui == Ui::Screen,
            speed: args.speed,
        };
        Ok((course, modes))
    }

    /// Under what circumstances so many modes run.
    pub(super) fn circumstances(&self, modes: usize) -> Circumstances {
        let (address, plan) = (self.settings.listen(), self.plan.as_deref());
        let started_at = SystemTime::now();
        let shared = conditions("compare", None, address, plan, started_at);
        let text = self.scenario_text.as_deref();
        Circumstances {
            live: true,
            conditions: Some(shared),
            scenario: plan.map(|plan| ScenarioText {
                name: plan.name.clone(),
                title: plan.title.clone(),
                text: text.map(str::to_owned),
            }),
            duration_ns: self.duration.map(nanoseconds),
            settings: ServerOptions {
                listen: None,
                ..self.settings.complete()
            },
            clients_apart: self.clients_apart(),
            at_once: if self.in_turn { 1 } else { modes },
        }
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
    named: Vec<Mode>,
    told: &Told,
    settings: &ServerOptions,
) -> Result<Vec<Mode>, Error> {
    if named.is_empty() {
        return suited(told, settings);
    }
    for mode in &named {
        check_errors(*mode, settings.errors(), args.server.errors)?;
    }
    Ok(named)
}

/// All that the scenario is meant for and that allow what is told.
fn suited(told: &Told, settings: &ServerOptions) -> Result<Vec<Mode>, Error> {
    let plan = told.plan.as_ref();
    let meant = plan.map_or(&Mode::ALL[..], |plan| &plan.modes);
    let allowed = meant.iter().filter(|it| it.allows(settings.errors()));
    let modes: Vec<_> = allowed.copied().collect();
    if modes.len() > 1 {
        return Ok(modes);
    }
    let names: Vec<_> = modes.iter().map(|it| it.name()).collect();
    Err(Error::Usage(format!(
        "with these options {} is meant for {} alone: name the modes to \
         compare",
        told.scenario,
        names.first().unwrap_or(&"no mode")
    )))
}

/// Where the clients run, and the file that those in a process of their own
/// find the scenario in, if it was recorded.
fn place_of(
    told: &Told,
    together: usize,
    limit: Option<u64>,
) -> Result<(Place, Option<TextFile>), Error> {
    let plan = told.plan.as_ref();
    let Told { scenario, server, text, .. } = told;
    let found = place(scenario, plan, together, server, limit);
    let built_in = scenario::source(scenario);
    let findable = !told.is_recorded || built_in == text.as_deref();
    match (&found, text) {
        (Place::Process(_), Some(text)) if !findable => {
            let file = TextFile::new(text)?;
            Ok((Place::Process(file.path()), Some(file)))
        }
        _ => Ok((found, None)),
    }
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
    told: &Told,
    together: usize,
) -> Result<(), Error> {
    if together < 2 {
        return Ok(());
    }
    let listen = args.server.listen();
    if listen.port() != 0 {
        return Err(Error::Usage(format!(
            "{together} servers cannot all listen on {listen}: use port 0, or \
             compare them with `--in-turn`"
        )));
    }
    if let Some(limit) = told.server.descriptors {
        return Err(Error::Usage(format!(
            "{} gives the server's process {limit} descriptors, which \
             {together} servers at once would share: compare them with \
             `--in-turn`",
            told.scenario
        )));
    }
    Ok(())
}

/// Lowers the limit of descriptors if that is told, and makes sure that
/// there are enough of them otherwise.
fn check_descriptors(
    told: &Told,
    together: usize,
    limit: Option<u64>,
) -> Result<(), Error> {
    if let Some(limit) = told.server.descriptors {
        let what = "lower the limit of descriptors";
        return descriptors::lower_limit(limit)
            .map_err(|source| Error::System { what, source });
    }
    let plan = told.plan.as_ref();
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
