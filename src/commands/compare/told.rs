//! What the modes that are run are told: by the command line, and for the
//! rest by the recording that they are compared with.

use super::recorded::Recorded;
use crate::cli::CompareArgs;
use crate::commands::record::scenario_text;
use crate::commands::setup::plan_of;
use crate::error::Error;
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::recording::ScenarioText;
use crate::scenario::{self, Plan};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

/// The scenario unless told.
const USUAL: &str = "two-clients";

/// What all modes that are run are told.
pub(super) struct Told {
    /// What another process finds the scenario by, if it can.
    pub(super) scenario: String,
    pub(super) plan: Option<Plan>,
    /// The text of the scenario, if it can be read again.
    pub(super) text: Option<String>,
    /// Whether that text is in a recording alone.
    pub(super) is_recorded: bool,
    pub(super) server: ServerOptions,
    pub(super) duration: Option<Duration>,
}

impl Told {
    /// What the command line says, and otherwise what was recorded. A
    /// scenario that is named comes with its own settings.
    ///
    /// # Errors
    /// If there is no such scenario, or none that makes sense.
    pub(super) fn of(
        args: &CompareArgs,
        recorded: Option<&Recorded>,
    ) -> Result<Self, Error> {
        match recorded.filter(|_| args.scenario.is_none()) {
            Some(recorded) => Self::recorded(args, recorded),
            None => Self::by_name(args),
        }
    }

    fn recorded(
        args: &CompareArgs,
        recorded: &Recorded,
    ) -> Result<Self, Error> {
        let header = recorded.recording.header();
        let file = recorded.file.display().to_string();
        let scenario = header.scenario.as_ref();
        let plan = scenario.map(|it| plan_in(it, &file)).transpose()?;
        let told = args.server.or(header.server);
        let recorded_for = header.duration_ns.map(Duration::from_nanos);
        Ok(Self {
            scenario: scenario.map_or("none".into(), |it| it.name.clone()),
            server: with_plan(told, plan.as_ref()),
            plan,
            text: scenario.and_then(|it| it.text.clone()),
            is_recorded: true,
            duration: args.duration.or(recorded_for),
        })
    }

    fn by_name(args: &CompareArgs) -> Result<Self, Error> {
        let scenario = args.scenario.clone().unwrap_or(USUAL.into());
        let plan = plan_of(&scenario)?;
        let text = plan.is_some().then(|| scenario_text(&scenario)).flatten();
        let told = args.server;
        Ok(Self {
            server: with_plan(told, plan.as_ref()),
            scenario,
            plan,
            text,
            is_recorded: false,
            duration: args.duration,
        })
    }

    /// What errors become where these modes cannot do what was recorded.
    pub(super) fn suit(&mut self, modes: &[Mode], args: &CompareArgs) {
        let recorded = args.server.errors.is_none() && self.is_recorded;
        let errors = self.server.errors();
        if recorded && !modes.iter().all(|it| it.allows(errors)) {
            self.server.errors = None;
        }
    }
}

fn with_plan(told: ServerOptions, plan: Option<&Plan>) -> ServerOptions {
    told.or(plan.map(|plan| plan.server).unwrap_or_default())
}

/// The plan of a scenario that was recorded in this file.
fn plan_in(scenario: &ScenarioText, file: &str) -> Result<Plan, Error> {
    let ScenarioText { name, text, .. } = scenario;
    let text = text.as_ref().ok_or_else(|| {
        Error::Usage(format!(
            "{file} does not have the text of its scenario {name}: name one \
             with `--scenario`"
        ))
    })?;
    scenario::parse(name, &format!("{name} in {file}"), text)
        .map_err(|error| Error::Scenario(error.to_string()))
}

/// A scenario's text in a file, for another process; it goes away with this.
pub(super) struct TextFile(PathBuf);

impl TextFile {
    pub(super) fn new(text: &str) -> Result<Self, Error> {
        let name = format!("sockscope-{}.toml", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut options = OpenOptions::new();
        let opened = options.write(true).create_new(true).open(&path);
        let written = opened.and_then(|mut it| it.write_all(text.as_bytes()));
        match written {
            Ok(()) => Ok(Self(path)),
            Err(source) => Err(Error::Write { path, source }),
        }
    }

    pub(super) fn path(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for TextFile {
    fn drop(&mut self) {
        // Who does not find it any more does not miss it.
        let _ = fs::remove_file(&self.0);
    }
}
