//! What a page shows, as JSON for its script: of the timeline columns of
//! numbers, as short as they can be.

use crate::export::ExportSubject;
use crate::export::timeline::{
    Gathered, MarkFacts, Owner, Timeline, TimelineLane, TimelineMark,
};
use crate::probe::{Kind, LISTENER, Site};
use crate::recording::Ending;
use crate::run::report::RunReport;
use crate::units::nanoseconds;
use crate::view::{Measured, ObservedState, SourceText};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::net::SocketAddr;

/// Limit on the rows of the table of sockets.
const SOCKETS: usize = 200;

/// Limit on the rows of any other list.
const ROWS: usize = 500;

/// Limit on the characters of a text that is not source.
const CHARACTERS: usize = 600;

/// Limits on the lines of a source text and on the characters of each line.
const LINES: usize = 1_000;
const LINE: usize = 160;

/// Limit on the bytes of a report that is included unchanged. The number of
/// its rows is bounded, so only a forged recording can exceed it.
const LARGEST_REPORT: usize = 1 << 20;

/// Everything but the timeline. Times are in nanoseconds; those in `report`
/// have the clocks that they have there, all others that of the recording.
/// `state` is what is known at its end.
pub(super) fn page(
    subject: &ExportSubject,
    gathered: &Gathered,
    state: &ObservedState,
) -> Value {
    let recording = subject.recording;
    let header = recording.header();
    let mut report = recording.own_report().unwrap_or_else(|| {
        let counted = state.counters.clone();
        let outcome = "not in the recording".into();
        let report = recording.report_of(&counted, recording.duration());
        RunReport { outcome, ..report }
    });
    let sockets_more = limit(&mut report);
    let failure = recording.closing().and_then(|it| it.failure.clone());
    let ending = match &gathered.error {
        Some(error) => format!("it cannot be read to its end: it {error}"),
        None => recording.ending().to_string(),
    };
    let is_whole = matches!(recording.ending(), Ending::Complete(_))
        && gathered.error.is_none();
    let scenario = header.facts.scenario.as_ref();
    let sources =
        [Some(&header.facts.source), header.facts.loop_source.as_ref()];
    let end = nanoseconds(recording.duration());
    json!({
        "name": clipped(subject.name),
        "sockscope": clipped(&header.sockscope),
        "started_at": clipped(&header.started_at),
        "mode": clipped(&header.facts.mode),
        "mechanism": clipped(&header.facts.mechanism),
        "polls": header.settings.polls,
        "address": header.facts.address.to_string(),
        "scenario": scenario.map(|it| [clipped(&it.name), clipped(&it.title)]),
        "ending": ending,
        "is_whole": is_whole,
        "failure": failure.as_deref().map(clipped),
        "events": recording.events(),
        "lost": recording.lost(),
        "duration_ns": end,
        "is_part": nanoseconds(subject.until) < end || !subject.from.is_zero(),
        "report": report,
        "sockets_more": sockets_more,
        "echo": echo(&state.measured),
        "sources": sources.into_iter().flatten().map(source).collect::<Vec<_>>(),
        "calls": Kind::ALL.map(Kind::name),
        "listener": LISTENER.0,
    })
}

/// Draws the timeline on a page, in the place of the one before.
pub(super) fn draw(
    page: &mut Value,
    timeline: &Timeline,
    names: &HashMap<SocketAddr, String>,
) {
    let phases = timeline.phases.iter().map(|(at, phase)| {
        json!({"at": at, "name": phase.name(), "words": phase.words()})
    });
    let rates = &timeline.rates;
    let [echoes, calls, would_blocks, opened] = &rates.columns;
    page["from_ns"] = timeline.from.into();
    page["until_ns"] = timeline.until.into();
    page["phases"] = phases.collect();
    page["rates"] = json!({
        "length_ns": rates.length,
        "open": rates.open,
        "echoes": echoes,
        "calls": calls,
        "would_blocks": would_blocks,
        "opened": opened,
    });
    page["lanes"] = lanes(timeline, names);
}

fn source(source: &SourceText) -> Value {
    let all = source.text.lines();
    let line = |text: &str| text.chars().take(LINE).collect();
    let lines: Vec<String> = all.clone().take(LINES).map(line).collect();
    let more = all.count() - lines.len();
    json!({"path": clipped(&source.path), "lines": lines, "more": more})
}

/// The beginning of a text.
fn clipped(text: &str) -> String {
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

/// How long echoes took, and when this was measured. The first class begins
/// at a power of two, each of the others at twice that of the one before:
/// where is known from the one that half of the echoes reach.
fn echo(measured: &Measured) -> Option<Value> {
    let load = measured.echoes()?;
    let counts: Vec<_> = load.classes.iter().copied().take(64).collect();
    let all = counts.iter().fold(0, |sum: u64, it| sum.saturating_add(*it));
    let mut sum = 0_u64;
    let half = counts.iter().position(|count| {
        sum = sum.saturating_add(*count);
        sum >= all.div_ceil(2)
    })?;
    let first = load.echo_time.p50_ns.max(1).ilog2() as usize;
    Some(json!({
        "p50_ns": load.echo_time.p50_ns,
        "p99_ns": load.echo_time.p99_ns,
        "at_ns": measured.at.0,
        "first_ns": 1_u64 << first.checked_sub(half)?,
        "counts": counts,
    }))
}

/// Values by number, from 1 on; 0 stands for none.
struct Numbered<T> {
    values: Vec<T>,
    numbers: HashMap<T, u64>,
}

impl<T: Clone + Eq + Hash> Numbered<T> {
    fn new() -> Self {
        Self { values: Vec::new(), numbers: HashMap::new() }
    }

    fn number(&mut self, value: T) -> u64 {
        *self.numbers.entry(value).or_insert_with_key(|value| {
            self.values.push(value.clone());
            self.values.len() as u64
        })
    }
}

fn lanes(timeline: &Timeline, names: &HashMap<SocketAddr, String>) -> Value {
    let (mut sites, mut words) = (Numbered::new(), Numbered::new());
    let mut asleep = BTreeMap::<Site, u64>::new();
    for ((site, _), slept) in &timeline.asleep {
        sites.number(*site);
        let all = asleep.entry(*site).or_default();
        *all = all.saturating_add(slept.time_ns);
    }
    let mut lane = |(owner, lane): (&Owner, &TimelineLane)| {
        let (kind, number) = match *owner {
            Owner::Thread(thread) => ("thread", thread.0.into()),
            Owner::Socket(socket) => ("socket", socket.0),
            Owner::Task(_) | Owner::Held(_) | Owner::Run => return None,
        };
        let is_thread = kind == "thread";
        let marks = lane.marks.iter().map(|(what, marks)| {
            let row = |mark: &TimelineMark| {
                let MarkFacts { call, site, thread, subject, word } =
                    mark.facts();
                let thread = thread.map(|it| u32::from(it.0));
                let other = if is_thread { subject } else { thread };
                let is_none = word.is_empty();
                [
                    mark.count,
                    mark.figure,
                    mark.echoes,
                    call.map_or(0, |it| it as u64 + 1),
                    if is_none { 0 } else { words.number(word) },
                    site.map_or(0, |it| sites.number(it)),
                    other.map_or(0, |it| u64::from(it) + 1),
                ]
            };
            (what.name(), columns(marks, timeline.from, row))
        });
        let marks: Map<_, _> = marks.collect();
        let name = lane.peer.and_then(|it| names.get(&it));
        Some(json!({
            "kind": kind,
            "number": number,
            "peer": lane.peer.map_or_else(String::new, |it| it.to_string()),
            // What the client is called.
            "name": name.map(|it| clipped(it)),
            "marks": marks,
        }))
    };
    let all: Vec<_> = timeline.lanes.iter().filter_map(&mut lane).collect();
    let sites = sites.values.iter().map(|site| {
        let asleep = asleep.get(site).copied().unwrap_or_default();
        let file = clipped(site.name());
        json!({"file": file, "line": site.line, "asleep_ns": asleep})
    });
    let (threads_without, sockets_without) = timeline.without_lanes();
    words.values.insert(0, "".into());
    json!({
        "step_ns": timeline.step,
        "events": timeline.events,
        "marks": timeline.marks,
        "threads_without": threads_without,
        "sockets_without": sockets_without,
        "words": words.values,
        "sites": sites.collect::<Vec<_>>(),
        "all": all,
    })
}

/// What else is known of a mark: see [`TimelineMark`] and [`MarkFacts`];
/// `other` is the thread of what is on a socket's lane, and the socket or
/// task of what is on a thread's.
const COLUMNS: [&str; 7] =
    ["count", "figure", "echoes", "call", "word", "site", "other"];

/// A row a mark, by columns; a column is one number if all in it are the
/// same. `start` is the step from the start of the mark before, `length` that
/// to the mark's own end, `taken` and `longest` are 0 if they are equal to
/// that, else one more than they are.
fn columns(
    marks: &[TimelineMark],
    from: u64,
    row: impl FnMut(&TimelineMark) -> [u64; COLUMNS.len()],
) -> Value {
    let rows: Vec<_> = marks.iter().map(row).collect();
    let mut before = signed(from);
    let start = marks.iter().map(|mark| {
        let step = signed(mark.start) - before;
        before += step;
        step
    });
    let start = start.collect();
    let lengths = |of: fn(&TimelineMark) -> u64| {
        let other_than_length = |mark: &TimelineMark| {
            let (time, length) = (of(mark), mark.end - mark.start);
            signed(if time == length { 0 } else { time + 1 })
        };
        column(marks.iter().map(other_than_length).collect())
    };
    let length = marks.iter().map(|it| signed(it.end - it.start)).collect();
    let mut columns = json!({
        "rows": marks.len(),
        "start": column(start),
        "length": column(length),
        "taken": lengths(|it| it.taken),
        "longest": lengths(|it| it.longest),
    });
    for (at, name) in COLUMNS.into_iter().enumerate() {
        let of_all = rows.iter().map(|row| signed(row[at])).collect();
        columns[name] = column(of_all);
    }
    columns
}

fn column(numbers: Vec<i64>) -> Value {
    match numbers.split_first() {
        Some((first, rest)) if rest.iter().all(|it| it == first) => {
            (*first).into()
        }
        _ => numbers.into(),
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
