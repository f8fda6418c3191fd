//! The figures of a run: those of its report, or what was counted up to the
//! end of a recording without one.

use crate::recording::{Header, Measured, Recording, State};
use crate::report::{
    Conditions, FindingRow, LineRow, MemoryOf, PhaseRow, Report,
    SCHEMA_VERSION, Server, SocketRow, Usage,
};
use crate::units::nanoseconds;
use crate::view::{Counters, Evidence, Finding, Kind, Unhandled, findings};
use serde::Serialize;

/// What is known of a run.
pub(super) struct Facts {
    pub(super) report: Report,
    /// Why the run failed.
    pub(super) failure: Option<String>,
    /// What was known at the end.
    pub(super) state: State,
}

/// How long echoes took.
#[derive(Serialize)]
pub(super) struct Echo {
    p50_ns: u64,
    p99_ns: u64,
    /// When this was measured.
    at_ns: u64,
    /// The lower end of the first class, a power of two; each of the others
    /// begins at twice that of the one before.
    first_ns: u64,
    counts: Vec<u64>,
}

pub(super) fn facts(recording: &Recording) -> Facts {
    let cursor = recording.from_event(u64::MAX);
    let state = cursor.map_or_else(|_| State::new(), |it| it.state().clone());
    let closing = recording.closing();
    let report = closing
        .and_then(|it| it.report.clone())
        .and_then(|it| serde_json::from_value(it).ok())
        .unwrap_or_else(|| counted(recording, &state));
    let failure = closing.and_then(|it| it.failure.clone());
    Facts { report, failure, state }
}

/// The report of a run that has none.
fn counted(recording: &Recording, state: &State) -> Report {
    let header = recording.header();
    let snapshot = state.counters().snapshot();
    let figures = snapshot;
    let (sockets, sockets_not_listed) = SocketRow::list(&figures);
    let found = found(header, &figures, recording.lost());
    Report {
        schema_version: SCHEMA_VERSION,
        conditions: conditions(header),
        outcome: "the recording does not tell".into(),
        interventions: Vec::new(),
        run_time_ns: nanoseconds(recording.duration()),
        phases: PhaseRow::list(&figures.phases),
        deadline_at_ns: None,
        server: Some(Server::new(&figures, loop_call(header), UNKNOWN)),
        sockets,
        sockets_not_listed,
        lines: LineRow::list(&figures, |_| None),
        clients: None,
        checks: Vec::new(),
        findings: found.iter().map(FindingRow::from).collect(),
        events_lost: recording.lost(),
    }
}

const UNKNOWN: Usage = Usage {
    cpu: None,
    context_switches: None,
    threads_peak: None,
    peak_memory_bytes: None,
    peak_memory_of: MemoryOf::ServerAndClients,
};

fn loop_call(header: &Header) -> Kind {
    let named = |kind: &Kind| kind.name() == header.shape.loop_call;
    Kind::ALL.into_iter().find(named).unwrap_or(Kind::Accept)
}

fn found(header: &Header, figures: &Counters, lost: u64) -> Vec<Finding> {
    let fate = header.shape.unhandled.as_deref();
    findings(&Evidence {
        figures,
        options: header.server,
        waiting: None,
        unhandled: Unhandled::ALL
            .into_iter()
            .find(|it| Some(it.name()) == fate),
        events_lost: lost,
    })
}

fn conditions(header: &Header) -> Conditions {
    let known = serde_json::from_value(header.conditions.clone());
    known.unwrap_or_else(|_| Conditions {
        sockscope_version: header.sockscope.clone(),
        os: String::new(),
        kernel: None,
        architecture: String::new(),
        cores: None,
        mechanism: Some(header.mechanism.clone()),
        mode: Some(header.mode.clone()),
        errors: None,
        calls_before_yield: None,
        shutdown: None,
        address: header.address.to_string(),
        scenario: None,
        scenario_title: None,
        options: header.options.clone(),
        started_at: header.started_at.clone(),
    })
}

/// Where the classes begin is known from the one that half of the echoes
/// reach.
pub(super) fn echo(measured: &Measured) -> Option<Echo> {
    let echo = measured.echo.as_ref()?;
    let counts: Vec<_> = echo.histogram.iter().copied().take(64).collect();
    let all = counts.iter().fold(0, |sum: u64, it| sum.saturating_add(*it));
    let mut sum = 0_u64;
    let half = counts.iter().position(|count| {
        sum = sum.saturating_add(*count);
        sum >= all.div_ceil(2)
    })?;
    let first = echo.p50_ns.max(1).ilog2() as usize;
    Some(Echo {
        p50_ns: echo.p50_ns,
        p99_ns: echo.p99_ns,
        at_ns: measured.at_ns,
        first_ns: 1 << first.checked_sub(half)?,
        counts,
    })
}
