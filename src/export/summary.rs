//! A recording as the report of its run.

use super::calls::{CallResult, CallSpan, OpenCalls};
use super::{ExportFailure, ExportSubject};
use crate::probe::{Counters, Event};
use crate::recording::{self, Ending, Recording};
use crate::run::report::RunReport;
use crate::units::{nanoseconds, show_time};
use crate::view::{Kind, Known, Measured, Observation, Site};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What a recording says of its run up to a moment.
pub(super) struct Summary {
    /// The run's own report, or what the counters tell.
    pub(super) report: RunReport,
    /// Whether it is the run's own.
    pub(super) is_own: bool,
    pub(super) counted: Arc<Counters>,
    pub(super) asleep: TimeAsleep,
    pub(super) measured: Measured,
    /// Why the recording could not be read to its end.
    pub(super) failure: Option<recording::Error>,
}

/// The report of a recorded run: its own if the recording has it, else what
/// was counted, without what only the clients or the system could tell.
///
/// # Errors
/// [`ExportFailure::Read`] if the recording is damaged.
pub fn report_of(recording: &Recording) -> Result<RunReport, ExportFailure> {
    if let Some(report) = recording.own_report() {
        return Ok(report);
    }
    let whole = ExportSubject {
        recording,
        name: "",
        from: Duration::ZERO,
        until: Duration::MAX,
    };
    let summary = Summary::of(&whole);
    match summary.failure {
        Some(failure) => Err(ExportFailure::Read(failure)),
        None => Ok(summary.report),
    }
}

impl Summary {
    /// Reads as much as there is. The counters tell all from the start of
    /// the run to the end of the window; time asleep is that in the window.
    pub(super) fn of(it: &ExportSubject) -> Self {
        let mut asleep = TimeAsleep::new(it);
        let (known, failure) = known(it, &mut asleep);
        let end = it.recording.duration().min(it.until);
        asleep.finish(end);
        let counted = known.counters.clone();
        let is_whole = it.until >= it.recording.duration();
        let own =
            it.recording.own_report().filter(|_| is_whole && failure.is_none());
        Self {
            is_own: own.is_some(),
            report: own.unwrap_or_else(|| {
                let outcome = outcome(it, failure.as_ref());
                counted_report(it.recording, &counted, end, outcome)
            }),
            counted,
            asleep,
            measured: known.measured.clone(),
            failure,
        }
    }
}

/// Reads all events, and tells what was known at the end of the window.
fn known(
    it: &ExportSubject,
    asleep: &mut TimeAsleep,
) -> (Known, Option<recording::Error>) {
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
            at_end = Some(cursor.known().clone());
        }
        if let Ok(Some(Observation::Event(event))) = cursor.step() {
            asleep.take(&event);
        }
    };
    (at_end.unwrap_or_else(|| cursor.known().clone()), failure)
}

/// What is known at the end of a recording, as far as it can be read.
pub(super) fn state_at_end(recording: &Recording) -> Known {
    let cursor = recording.from_event(u64::MAX);
    cursor.map_or_else(|_| Known::default(), |it| it.known().clone())
}

/// The report of a whole recording: its own, or what had been counted by its
/// end.
pub(super) fn report_at_end(recording: &Recording, state: &Known) -> RunReport {
    recording.own_report().unwrap_or_else(|| {
        let end = recording.duration();
        let counted = state.counters.clone();
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
) -> RunReport {
    RunReport { outcome, ..recording.report_of(counted, end) }
}

/// How the run ended, as far as is known.
fn outcome(it: &ExportSubject, failure: Option<&recording::Error>) -> String {
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

/// Limit on the lines of source that are counted separately.
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
    fn new(it: &ExportSubject) -> Self {
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
