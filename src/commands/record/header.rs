//! What a recording says of its run before it begins.

use crate::commands::summary::{self, introduction};
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::recording::{Header, ScenarioText, Shape, SourceText};
use crate::run::session::SessionRun;
use crate::run::setup::{RunSetup, unhandled};
use crate::scenario;
use crate::units::nanoseconds;
use std::fs;

pub(super) fn header(
    command: &str,
    setup: &RunSetup,
    run: &SessionRun,
    payload: usize,
) -> Header {
    let (mode, settings) = (run.mode, &setup.settings);
    let plan = setup.plan.as_ref();
    let text = |(path, text): (&str, &str)| SourceText {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let address = run.address.unwrap_or(settings.listen());
    let started_at = run.started_at;
    let server = Some((mode, settings));
    let conditions =
        summary::conditions(command, server, address, plan, started_at);
    Header {
        sockscope: env!("CARGO_PKG_VERSION").into(),
        started_at: humantime::format_rfc3339_nanos(started_at).to_string(),
        beside: run.beside.iter().map(|it| it.name().to_owned()).collect(),
        mode: mode.name().into(),
        source: text((mode.file(), mode.source())),
        loop_source: mode.loop_source().map(text),
        mechanism: setup.facts(mode).mechanism,
        address,
        scenario: plan.map(|plan| ScenarioText {
            name: plan.name.clone(),
            title: plan.title.clone(),
            text: setup.scenario_text.clone(),
        }),
        introduction: plan
            .map(|plan| introduction(plan, mode))
            .unwrap_or_default(),
        options: conditions.options.clone(),
        server: settings.complete(),
        duration_ns: setup.duration.map(nanoseconds),
        clients_apart: setup.clients_apart(),
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

/// A scenario's file, read again.
pub(in crate::commands) fn scenario_text(name_or_path: &str) -> Option<String> {
    let built_in = scenario::source(name_or_path).map(str::to_owned);
    built_in.or_else(|| {
        let size = fs::metadata(name_or_path).ok()?;
        let fits = size.is_file() && size.len() <= scenario::LARGEST_FILE;
        fits.then(|| fs::read_to_string(name_or_path).ok()).flatten()
    })
}
