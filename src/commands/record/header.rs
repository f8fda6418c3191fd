//! What a recording says of its run before it begins.

use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::recording::{Header, ScenarioText, Shape, SourceText};
use crate::report::WIDTH;
use crate::run::session::SessionRun;
use crate::run::setup::{RunSetup, unhandled};
use crate::scenario::Plan;
use crate::text::wrap;
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

/// What a scenario is about, before it starts.
pub(in crate::commands) fn introduction(plan: &Plan, mode: Mode) -> String {
    let is_of_other = |sentence: &String| {
        Mode::ALL.iter().any(|other| {
            let start = format!("In `{}`", other.name());
            *other != mode && sentence.contains(&start)
        })
    };
    let title = format!("{}: {}", plan.name, plan.title);
    let watch = plan.watch.iter().filter(|it| !is_of_other(it));
    let paragraphs = watch.map(|it| (it, "  ", "    "));
    let mut text = String::from("\n");
    for (paragraph, first, others) in
        [(&title, "", "  ")].into_iter().chain(paragraphs)
    {
        let lines = wrap(paragraph, WIDTH - others.len());
        for (index, line) in lines.iter().enumerate() {
            text.extend([if index == 0 { first } else { others }, line, "\n"]);
        }
    }
    text.push('\n');
    text
}
