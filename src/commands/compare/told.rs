//! What the modes that are run are told: by the command line, and for the
//! rest by the recording that they are compared with.

use super::recorded::Recorded;
use crate::cli::CompareArgs;
use crate::commands::record::scenario_text;
use crate::commands::setup::{overrides, plan_of};
use crate::error::Error;
use crate::modes::Mode;
use crate::net::{Errors, Framing, Shutdown};
use crate::recording::{ScenarioText, Settings};
use crate::scenario::{self, Overrides, Plan};
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
    pub(super) server: Overrides,
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
        let told = overrides(args.listen, &args.server)
            .or(of_settings(&header.settings));
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
        let told = overrides(args.listen, &args.server);
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
        let errors = self.server.errors.unwrap_or_default();
        if recorded && !modes.iter().all(|it| it.allows(errors)) {
            self.server.errors = None;
        }
    }
}

fn with_plan(told: Overrides, plan: Option<&Plan>) -> Overrides {
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

/// The settings of a recorded run; where to listen is not among them.
fn of_settings(it: &Settings) -> Overrides {
    let size = |bytes: u64| usize::try_from(bytes).ok();
    let errors = Errors::ALL.into_iter().find(|all| all.name() == it.errors);
    let shutdown = [Shutdown::Shared, Shutdown::Sequential];
    let shutdown = shutdown.into_iter().find(|all| all.name() == it.shutdown);
    let framing = match it.framing.as_str() {
        "lines" => Framing::Lines,
        _ => Framing::Bytes,
    };
    Overrides {
        listen: None,
        framing: Some(framing),
        boom: Some(it.boom),
        errors,
        recv_size: size(it.recv_size),
        backlog: Some(it.backlog),
        max_connections: it.max_connections.and_then(size),
        buffer_limit: size(it.buffer_limit),
        send_buffer: it.send_buffer.and_then(size),
        receive_buffer: it.receive_buffer.and_then(size),
        idle_timeout: it.idle_timeout_ns.map(Duration::from_nanos),
        calls_before_yield: Some(it.calls_before_yield),
        shutdown,
        grace: Some(Duration::from_nanos(it.grace_ns)),
        descriptors: None,
    }
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
