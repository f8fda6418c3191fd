//! What a recording says of its run before it begins.

use crate::commands::summary::introduction;
use crate::recording::Header;
use crate::run::session::SessionRun;
use crate::run::setup::RunSetup;
use crate::scenario;
use crate::units::nanoseconds;
use crate::view::{Facts, ScopeSettings};
use std::fs;

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

/// A scenario's file, read again.
pub(in crate::commands) fn scenario_text(name_or_path: &str) -> Option<String> {
    let built_in = scenario::source(name_or_path).map(str::to_owned);
    built_in.or_else(|| {
        let size = fs::metadata(name_or_path).ok()?;
        let fits = size.is_file() && size.len() <= scenario::LARGEST_FILE;
        fits.then(|| fs::read_to_string(name_or_path).ok()).flatten()
    })
}
