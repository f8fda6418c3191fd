//! What a recording says of its run before it begins.

use crate::modes::Mode;
use crate::recording::Header;
use crate::report::WIDTH;
use crate::run::session::SessionRun;
use crate::run::setup::RunSetup;
use crate::scenario::Plan;
use crate::text::wrap;
use crate::units::nanoseconds;
use crate::view::{Facts, ScopeSettings};

pub(super) fn header(
    command: &str,
    setup: &RunSetup,
    run: &SessionRun,
    payload: usize,
) -> Header {
    let mode = run.mode;
    let started_at = run.started_at;
    let conditions = run.conditions(command, setup);
    let facts = setup.facts(mode);
    let address = run.address.unwrap_or(facts.address);
    let introduction = setup.plan.as_ref().map(|it| introduction(it, mode));
    Header {
        sockscope: env!("CARGO_PKG_VERSION").into(),
        started_at: humantime::format_rfc3339_nanos(started_at).to_string(),
        beside: run.beside.iter().map(|it| it.name().to_owned()).collect(),
        facts: Facts { address, ..facts },
        settings: ScopeSettings {
            options: setup.settings.complete(),
            ..setup.scope(mode)
        },
        introduction: introduction.unwrap_or_default(),
        options: conditions.options.clone(),
        duration_ns: setup.duration.map(nanoseconds),
        conditions: serde_json::to_value(&conditions).unwrap_or_default(),
        payload_limit: u32::try_from(payload).unwrap_or(u32::MAX),
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
