//! What a recording says of its run before it begins.

use crate::commands::log::introduction;
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::recording::{Header, ScenarioText, Shape, SourceText};
use crate::run::session::SessionRun;
use crate::run::setup::{RunSetup, unhandled};
use crate::units::nanoseconds;

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
    let conditions = run.conditions(command, setup);
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
            text: Some(plan.text.clone()),
        }),
        introduction: plan
            .map(|plan| introduction(plan, mode))
            .unwrap_or_default(),
        options: conditions.options.clone(),
        server: settings.complete(),
        duration_ns: setup.duration.map(nanoseconds),
        clients_apart: setup.apart.is_some(),
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
