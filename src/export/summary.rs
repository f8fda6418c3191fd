//! A recording as the report of its run.

use super::calls::{CallResult, CallSpan, OpenCalls};
use super::{Failure, Subject};
use crate::probe::{Counters, Event};
use crate::recording::{
    self, Ending, Header, Measured, Record, Recording, State,
};
use crate::report::{
    self, Conditions, FindingRow, LineRow, MemoryOf, PhaseRow, Report, Server,
    SocketRow, Usage,
};
use crate::units::{nanoseconds, show_time};
use crate::view::{Evidence, Finding, Kind, Site, Unhandled, findings};
use serde::Deserialize as _;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a recording says of its run up to a moment.
pub(super) struct Summary {
    /// The run's own report, or what the counters tell.
    pub(super) report: Report,
    /// Whether it is the run's own.
    pub(super) is_own: bool,
    pub(super) counted: Counters,
    pub(super) asleep: TimeAsleep,
    pub(super) measured: Measured,
    /// Why the recording could not be read to its end.
    pub(super) failure: Option<recording::Error>,
}

/// The report of a recorded run: its own if the recording has it, else what
/// was counted, without what only the clients or the system could tell.
///
/// # Errors
/// [`Failure::Read`] if the recording is damaged.
pub fn report_of(recording: &Recording) -> Result<Report, Failure> {
    if let Some(report) = own(recording) {
        return Ok(report);
    }
    let whole = Subject {
        recording,
        name: "",
        from: Duration::ZERO,
        until: Duration::MAX,
    };
    let summary = Summary::of(&whole);
    match summary.failure {
        Some(failure) => Err(Failure::Read(failure)),
        None => Ok(summary.report),
    }
}

/// The one that was made when the run was over.
fn own(recording: &Recording) -> Option<Report> {
    let report = recording.closing()?.report.as_ref()?;
    report::of_json(report).ok()
}

impl Summary {
    /// Reads as much as there is. The counters tell all from the start of
    /// the run to the end of the window; time asleep is that in the window.
    pub(super) fn of(it: &Subject) -> Self {
        let mut asleep = TimeAsleep::new(it);
        let (known, failure) = known(it, &mut asleep);
        let end = it.recording.duration().min(it.until);
        asleep.finish(end);
        let counted = known.counters().snapshot();
        let is_whole = it.until >= it.recording.duration();
        let own = own(it.recording).filter(|_| is_whole && failure.is_none());
        Self {
            is_own: own.is_some(),
            report: own.unwrap_or_else(|| {
                let outcome = outcome(it, failure.as_ref());
                counted_report(it.recording, &counted, end, outcome)
            }),
            counted,
            asleep,
            measured: known.measured().clone(),
            failure,
        }
    }
}

/// Reads all events, and tells what was known at the end of the window.
fn known(
    it: &Subject,
    asleep: &mut TimeAsleep,
) -> (State, Option<recording::Error>) {
    let mut cursor = it.recording.from_start();
    let mut at_end = None;
    let failure = loop {
        let next = cursor.peek();
        let is_late = match next.map(|next| next.map(|it| it.event())) {
            Err(error) => break Some(error),
            Ok(None) => break None,
            Ok(Some(event)) => {
                event.is_some_and(|event| event.at() > it.until.into())
            }
        };
        if is_late && at_end.is_none() {
            at_end = Some(cursor.state().clone());
        }
        if let Ok(Some(Record::Event(event))) = cursor.step() {
            asleep.take(&event);
        }
    };
    (at_end.unwrap_or_else(|| cursor.state().clone()), failure)
}

/// What is known at the end of a recording, as far as it can be read.
pub(super) fn state_at_end(recording: &Recording) -> State {
    let cursor = recording.from_event(u64::MAX);
    cursor.map_or_else(|_| State::new(), |it| it.state().clone())
}

/// The report of a whole recording: its own, or what had been counted by its
/// end.
pub(super) fn report_at_end(recording: &Recording, state: &State) -> Report {
    own(recording).unwrap_or_else(|| {
        let end = recording.duration();
        let counted = state.counters().snapshot();
        let outcome = "not in the recording".into();
        counted_report(recording, &counted, end, outcome)
    })
}

/// A report of what was counted from the start of the run to a moment.
fn counted_report(
    recording: &Recording,
    counted: &Counters,
    end: Duration,
    outcome: String,
) -> Report {
    let header = recording.header();
    let figures = counted;
    let (sockets, sockets_not_listed) = SocketRow::list(figures);
    let start =
        counted.phases.first().map_or(Duration::ZERO, |it| it.at.duration());
    let found = found(header, figures, recording.lost());
    Report {
        schema_version: report::SCHEMA_VERSION,
        conditions: conditions(header),
        outcome,
        interventions: Vec::new(),
        run_time_ns: nanoseconds(end.saturating_sub(start)),
        phases: PhaseRow::list(&counted.phases),
        deadline_at_ns: None,
        server: Some(Server::new(
            figures,
            loop_call(header),
            unknown(header, counted),
        )),
        sockets,
        sockets_not_listed,
        lines: LineRow::list(figures, |site| source_line(header, site)),
        clients: None,
        checks: Vec::new(),
        findings: found.iter().map(FindingRow::from).collect(),
        events_lost: recording.lost(),
    }
}

/// How the run ended, as far as is known.
fn outcome(it: &Subject, failure: Option<&recording::Error>) -> String {
    let recording = it.recording;
    if let Some(error) = failure {
        return format!("unknown, as the recording {error}");
    }
    if it.until < recording.duration() {
        return format!("not yet at {}", show_time(it.until));
    }
    match recording.ending() {
        Ending::Complete(closing) => {
            let failure = closing.failure.clone();
            failure.unwrap_or_else(|| "without a report".into())
        }
        Ending::Truncated { at, why } => {
            format!("unknown, as the recording ends at byte {at}: {why}")
        }
    }
}

/// What the system told is in the run's own report alone.
fn unknown(header: &Header, counted: &Counters) -> Usage {
    let here = header.scenario.is_some() && !header.clients_apart;
    Usage {
        cpu: None,
        context_switches: None,
        threads_peak: Some(counted.threads.len() as u64),
        peak_memory_bytes: None,
        peak_memory_of: if here {
            MemoryOf::ServerAndClients
        } else {
            MemoryOf::Server
        },
    }
}

fn found(header: &Header, figures: &Counters, lost: u64) -> Vec<Finding> {
    let unhandled = header.shape.unhandled.as_ref();
    findings(&Evidence {
        figures,
        options: header.server,
        waiting: None,
        unhandled: unhandled.and_then(|name| {
            Unhandled::ALL.into_iter().find(|it| it.name() == name)
        }),
        events_lost: lost,
    })
}

/// The text of a line of the recorded source.
pub(super) fn source_line(header: &Header, site: Site) -> Option<String> {
    let is_one = |path: &str| path == site.file;
    let sources = [Some(&header.source), header.loop_source.as_ref()];
    let mut sources = sources.into_iter().flatten();
    let source = sources.find(|source| is_one(&source.path))?;
    let index = (site.line as usize).checked_sub(1)?;
    source.text.lines().nth(index).map(|it| it.trim().to_owned())
}

/// Those in the header, or so many of them as are known otherwise.
fn conditions(header: &Header) -> Conditions {
    let scenario = header.scenario.as_ref();
    let known = Conditions::deserialize(&header.conditions);
    known.unwrap_or_else(|_| Conditions {
        sockscope_version: header.sockscope.clone(),
        os: "unknown".into(),
        kernel: None,
        architecture: "unknown".into(),
        cores: None,
        mechanism: Some(header.mechanism.clone()),
        mode: Some(header.mode.clone()),
        errors: None,
        calls_before_yield: None,
        shutdown: None,
        address: header.address.to_string(),
        scenario: scenario.map(|it| it.name.clone()),
        scenario_title: scenario.map(|it| it.title.clone()),
        options: header.options.clone(),
        started_at: header.started_at.clone(),
    })
}

/// The first call of the mode's loop.
pub(super) fn loop_call(header: &Header) -> Kind {
    let named = |kind: &Kind| kind.name() == header.shape.loop_call;
    Kind::ALL.into_iter().find(named).unwrap_or(Kind::Accept)
}

/// How many lines of source are told apart.
const MAX_LINES: usize = 4_096;

/// How long threads slept in the calls of each line, within a window.
pub(super) struct TimeAsleep {
    from: u64,
    until: u64,
    calls: OpenCalls,
    lines: BTreeMap<(Site, Kind), Slept>,
}

/// What was slept in one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slept {
    pub(super) times: u64,
    /// The sum over all threads.
    pub(super) time: Duration,
    pub(super) longest: Duration,
}

impl TimeAsleep {
    fn new(it: &Subject) -> Self {
        Self {
            from: nanoseconds(it.from),
            until: nanoseconds(it.until),
            calls: OpenCalls::default(),
            lines: BTreeMap::new(),
        }
    }

    fn take(&mut self, event: &Event) {
        for call in self.calls.take(event) {
            self.add(&call);
        }
    }

    /// A call in progress at the end was slept in up to there.
    fn finish(&mut self, at: Duration) {
        for call in self.calls.finish(nanoseconds(at)) {
            self.add(&call);
        }
    }

    fn add(&mut self, call: &CallSpan) {
        let line = (call.site, call.kind);
        let from = call.since.max(self.from);
        let until = call.until.min(self.until);
        let is_room =
            self.lines.len() < MAX_LINES || self.lines.contains_key(&line);
        if call.result == CallResult::NotRecorded || from >= until || !is_room {
            return;
        }
        let slept = self.lines.entry(line).or_default();
        let time = Duration::from_nanos(until - from);
        slept.times += 1;
        slept.time = slept.time.saturating_add(time);
        slept.longest = slept.longest.max(time);
    }

    /// What was slept in the calls of this kind on this line.
    pub(super) fn on_line(&self, site: Site, kind: Kind) -> Slept {
        self.lines.get(&(site, kind)).copied().unwrap_or_default()
    }
}
