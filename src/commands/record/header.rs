//! What a recording says of its run before it begins.

use crate::commands::about::About;
use crate::commands::summary::{self, introduction, unhandled};
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::probe::{Clock, Gate, Tally};
use crate::recording::{Header, ScenarioText, Shape, SourceText};
use crate::run::meters::Meters;
use crate::scenario::{self, Plan};
use crate::units::nanoseconds;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// What a recording is to know of its run.
pub(in crate::commands) struct Subject<'a> {
    /// The command that runs it.
    pub(in crate::commands) command: &'static str,
    pub(in crate::commands) about: About<'a>,
    pub(in crate::commands) plan: Option<&'a Plan>,
    /// The text of its scenario, if it can be read again.
    pub(in crate::commands) scenario: Option<String>,
    /// The modes that run at the same time; none if it runs alone.
    pub(in crate::commands) beside: Vec<String>,
    pub(in crate::commands) duration: Option<Duration>,
    pub(in crate::commands) started_at: SystemTime,
    pub(in crate::commands) clock: Clock,
    pub(in crate::commands) tally: &'a Arc<Tally>,
    pub(in crate::commands) gate: Option<&'a Arc<Gate>>,
    pub(in crate::commands) meters: Meters,
}

pub(super) fn header(subject: &Subject, payload: usize) -> Header {
    let Subject { about, plan, .. } = subject;
    let (mode, settings) = (about.mode, about.settings);
    let facts = about.facts();
    let text = |(path, text): (&str, &str)| SourceText {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let started_at = subject.started_at;
    let conditions = summary::conditions(
        subject.command,
        Some((mode, settings)),
        settings.listen(),
        *plan,
        started_at,
    );
    Header {
        sockscope: env!("CARGO_PKG_VERSION").into(),
        started_at: humantime::format_rfc3339_nanos(started_at).to_string(),
        beside: subject.beside.clone(),
        mode: mode.name().into(),
        source: text((mode.file(), mode.source())),
        loop_source: mode.loop_source().map(text),
        mechanism: facts.mechanism,
        address: settings.listen(),
        scenario: plan.map(|plan| ScenarioText {
            name: plan.name.clone(),
            title: plan.title.clone(),
            text: subject.scenario.clone(),
        }),
        introduction: introduction_of(*plan, mode),
        options: conditions.options.clone(),
        server: settings.complete(),
        duration_ns: subject.duration.map(nanoseconds),
        clients_apart: about.clients_apart,
        conditions: serde_json::to_value(&conditions).unwrap_or_default(),
        payload_limit: u32::try_from(payload).unwrap_or(u32::MAX),
        shape: shape(mode, settings),
    }
}

fn shape(mode: Mode, settings: &ServerOptions) -> Shape {
    let unhandled = unhandled(mode, settings.errors());
    Shape {
        loop_call: mode.loop_call().name().into(),
        polls: mode == Mode::Nonblocking,
        unhandled: unhandled.map(|it| it.name().into()),
    }
}

fn introduction_of(plan: Option<&Plan>, mode: Mode) -> String {
    plan.map(|plan| introduction(plan, mode)).unwrap_or_default()
}

/// A scenario's file, read again.
pub(in crate::commands) fn scenario_text(name_or_path: &str) -> Option<String> {
    let built_in = scenario::source(name_or_path).map(str::to_owned);
    built_in.or_else(|| {
        let size = fs::metadata(name_or_path).ok()?;
        let fits = size.is_file() && size.len() <= scenario::LARGEST_FILE;
        fits.then(|| fs::read_to_string(name_or_path).ok()).flatten()
    })
}
