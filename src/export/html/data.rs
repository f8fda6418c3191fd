//! What a page shows, as JSON for its script.

use super::lanes::{Lanes, Names, lanes};
use crate::export::timeline::Timeline;
use crate::export::{ExportSubject, summary};
use crate::probe::LISTENER;
use crate::recording::{Ending, Error};
use crate::run::report::RunReport;
use crate::units::nanoseconds;
use crate::view::{Kind, Measured, Phase, SourceText};
use serde::Serialize;
use std::sync::Arc;

/// Limit on the rows of the table of sockets.
const SOCKETS: usize = 200;

/// Limit on the rows of any other list.
const ROWS: usize = 500;

/// Limit on the characters of a text that is not source.
const CHARACTERS: usize = 600;

/// Limits on the lines of a source text and on the characters of each line.
const LINES: usize = 1_000;
const LINE: usize = 160;

/// All that is in a page. Times are in nanoseconds; those in `report` have
/// the clocks that they have there, all others that of the recording.
#[derive(Serialize)]
pub(super) struct HtmlPage {
    name: String,
    sockscope: String,
    started_at: String,
    mode: String,
    mechanism: String,
    /// Whether it asks each socket in each turn.
    polls: bool,
    address: String,
    scenario: Option<[String; 2]>,
    ending: String,
    is_whole: bool,
    failure: Option<String>,
    events: u64,
    lost: u64,
    duration_ns: u64,
    /// The part of the run that is shown.
    from_ns: u64,
    until_ns: u64,
    is_part: bool,
    report: RunReport,
    sockets_more: u64,
    echo: Option<Echo>,
    sources: Vec<SourceListing>,
    calls: Vec<&'static str>,
    phases: Vec<PhaseAt>,
    listener: u32,
    lanes: Option<Lanes>,
    rates: Option<RateColumns>,
    #[serde(skip)]
    names: Arc<Names>,
}

/// How long echoes took.
#[derive(Serialize)]
struct Echo {
    p50_ns: u64,
    p99_ns: u64,
    /// When this was measured.
    at_ns: u64,
    /// The lower end of the first class, a power of two; each of the others
    /// begins at twice that of the one before.
    first_ns: u64,
    counts: Vec<u64>,
}

#[derive(Serialize)]
struct SourceListing {
    path: String,
    lines: Vec<String>,
    more: usize,
}

#[derive(Serialize)]
struct PhaseAt {
    at: u64,
    name: &'static str,
    words: &'static str,
}

/// Counts by interval, in columns.
#[derive(Serialize)]
struct RateColumns {
    length_ns: u64,
    open: u64,
    echoes: Vec<u64>,
    calls: Vec<u64>,
    would_blocks: Vec<u64>,
    opened: Vec<i64>,
}

impl HtmlPage {
    /// Everything but the timeline.
    pub(super) fn of(subject: &ExportSubject, error: Option<&Error>) -> Self {
        let recording = subject.recording;
        let header = recording.header();
        let state = summary::state_at_end(recording);
        let mut report = summary::report_at_end(recording, &state);
        let failure = recording.closing().and_then(|it| it.failure.clone());
        let echo = echo(&state.measured);
        let sockets_more = limit(&mut report);
        let whole = matches!(recording.ending(), Ending::Complete(_));
        let ending = match error {
            Some(error) => format!("it cannot be read to its end: it {error}"),
            None => recording.ending().to_string(),
        };
        let end = nanoseconds(recording.duration());
        let scenario = header.facts.scenario.as_ref();
        let sources =
            [Some(&header.facts.source), header.facts.loop_source.as_ref()];
        Self {
            name: clipped(subject.name),
            sockscope: clipped(&header.sockscope),
            started_at: clipped(&header.started_at),
            mode: clipped(&header.facts.mode),
            mechanism: clipped(&header.facts.mechanism),
            polls: header.settings.polls,
            address: header.facts.address.to_string(),
            scenario: scenario
                .map(|it| [clipped(&it.name), clipped(&it.title)]),
            ending,
            is_whole: whole && error.is_none(),
            failure: failure.as_deref().map(clipped),
            events: recording.events(),
            lost: recording.lost(),
            duration_ns: end,
            from_ns: 0,
            until_ns: end,
            is_part: nanoseconds(subject.until) < end
                || !subject.from.is_zero(),
            report,
            sockets_more,
            echo,
            sources: sources
                .into_iter()
                .flatten()
                .map(SourceListing::of)
                .collect(),
            calls: Kind::ALL.iter().map(|kind| kind.name()).collect(),
            phases: Vec::new(),
            listener: LISTENER.0,
            lanes: None,
            rates: None,
            names: state.names.clone(),
        }
    }

    /// The timeline, in the place of the one before.
    pub(super) fn draw(&mut self, timeline: &Timeline) {
        (self.from_ns, self.until_ns) = (timeline.from, timeline.until);
        let phase = |(at, phase): &(u64, Phase)| PhaseAt {
            at: *at,
            name: phase.name(),
            words: phase.words(),
        };
        self.phases = timeline.phases.iter().map(phase).collect();
        let all = &timeline.rates.intervals;
        self.rates = Some(RateColumns {
            length_ns: timeline.rates.length,
            open: timeline.rates.open,
            echoes: all.iter().map(|it| it.echoes).collect(),
            calls: all.iter().map(|it| it.calls).collect(),
            would_blocks: all.iter().map(|it| it.would_blocks).collect(),
            opened: all.iter().map(|it| it.opened).collect(),
        });
        self.lanes = Some(lanes(timeline, &self.names));
    }
}

impl SourceListing {
    fn of(source: &SourceText) -> Self {
        let all = source.text.lines();
        let line = |text: &str| text.chars().take(LINE).collect();
        let lines: Vec<String> = all.clone().take(LINES).map(line).collect();
        let more = all.count() - lines.len();
        Self { path: clipped(&source.path), lines, more }
    }
}

/// The beginning of a text.
pub(super) fn clipped(text: &str) -> String {
    let mut clipped: String = text.chars().take(CHARACTERS).collect();
    if clipped.len() < text.len() {
        clipped.push('…');
    }
    clipped
}

/// Leaves out what is too much for a page; returns how many sockets.
fn limit(report: &mut RunReport) -> u64 {
    let more = report.sockets.len().saturating_sub(SOCKETS) as u64;
    report.sockets.truncate(SOCKETS);
    report.lines.truncate(ROWS);
    report.findings.truncate(ROWS);
    report.checks.truncate(ROWS);
    report.phases.truncate(ROWS);
    report.interventions.truncate(ROWS);
    if let Some(clients) = &mut report.clients {
        clients.groups.truncate(ROWS);
    }
    if serde_json::to_vec(report).map_or(0, |it| it.len()) > LARGEST_REPORT {
        report.checks.clear();
        report.clients = None;
        report.findings.truncate(20);
        report.conditions.options.clear();
    }
    more + report.sockets_not_listed
}

/// Limit on the bytes of a report that is included unchanged. The number of
/// its rows is bounded, so only a forged recording can exceed it.
const LARGEST_REPORT: usize = 1 << 20;

/// Where the classes begin is known from the one that half of the echoes
/// reach.
fn echo(measured: &Measured) -> Option<Echo> {
    let load = measured.echoes()?;
    let counts: Vec<_> = load.classes.iter().copied().take(64).collect();
    let all = counts.iter().fold(0, |sum: u64, it| sum.saturating_add(*it));
    let mut sum = 0_u64;
    let half = counts.iter().position(|count| {
        sum = sum.saturating_add(*count);
        sum >= all.div_ceil(2)
    })?;
    let first = load.echo_time.p50_ns.max(1).ilog2() as usize;
    Some(Echo {
        p50_ns: load.echo_time.p50_ns,
        p99_ns: load.echo_time.p99_ns,
        at_ns: measured.at.0,
        first_ns: 1 << first.checked_sub(half)?,
        counts,
    })
}
