//! What a page shows, as JSON for its script.

use crate::export::timeline::{Gathered, Owner, Timeline, TimelineMark};
use crate::export::{ExportSubject, clipped};
use crate::load::Names;
use crate::probe::{Kind, LISTENER};
use crate::run::report::RunReport;
use crate::units::nanoseconds;
use crate::view::{Measured, ObservedState, SourceText};
use itertools::Itertools as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::iter::once;

/// Limit on the rows of the table of sockets.
const SOCKETS: usize = 200;

/// Limit on the rows of any other list.
const ROWS: usize = 500;

/// Limit on the characters of a text that is not source.
const CHARACTERS: usize = 600;

/// Limits on the lines of a source text and on the characters of each line.
const LINES: usize = 1_000;
const LINE: usize = 160;

/// Limit on the bytes of a report. With its rows limited, only a report from a
/// forged recording is larger.
const LARGEST_REPORT: usize = 1 << 20;

/// Everything but the timeline. Times are in nanoseconds; those in `report`
/// count as in any report, all others from the start of the recording's clock.
/// `state` is the state at the end of the recording.
pub(super) fn page(
    subject: &ExportSubject,
    gathered: &Gathered,
    state: &ObservedState,
) -> Value {
    let recording = subject.recording;
    let header = recording.header();
    let mut report = recording.own_report().unwrap_or_else(|| {
        let outcome = "not in the recording".into();
        let end = recording.duration();
        RunReport { outcome, ..recording.report_of(&state.counters, end) }
    });
    let ending = match &gathered.error {
        Some(error) => format!("it cannot be read to its end: it {error}"),
        None => recording.ending().to_string(),
    };
    let is_whole = recording.is_whole() && gathered.error.is_none();
    let sources =
        [Some(&header.facts.source), header.facts.loop_source.as_ref()];
    let sources = sources.into_iter().flatten().map(source);
    let scenario = header.facts.scenario.as_ref();
    let end = nanoseconds(recording.duration());
    let mut page = json!({
        "name": subject.name,
        "sockscope": header.sockscope,
        "started_at": header.started_at,
        "mode": header.facts.mode,
        "mechanism": header.facts.mechanism,
        "polls": header.settings.polls,
        "address": header.facts.address.to_string(),
        "scenario": scenario.map(|it| [&it.name, &it.title]),
        "ending": ending,
        "is_whole": is_whole,
        "failure": recording.closing().and_then(|it| it.failure.as_ref()),
        "events": recording.events(),
        "lost": recording.lost(),
        "duration_ns": end,
        "is_part": nanoseconds(subject.until) < end || !subject.from.is_zero(),
        "echo": echo(&state.measured),
        "calls": Kind::ALL.map(Kind::name),
        "listener": LISTENER.0,
    });
    limit(&mut page, ROWS);
    page["sources"] = sources.collect();
    let more = report.sockets.len().saturating_sub(SOCKETS) as u64;
    page["sockets_more"] = (more + report.sockets_not_listed).into();
    report.sockets.truncate(SOCKETS);
    page["report"] = json!(report);
    let (report, mut rows) = (&mut page["report"], ROWS);
    limit(report, rows);
    while report.to_string().len() > LARGEST_REPORT && rows > 0 {
        rows /= 2;
        limit(report, rows);
    }
    page
}

/// Cuts each list after this many rows, and each text that is too long.
fn limit(value: &mut Value, rows: usize) {
    match value {
        Value::String(text) => *text = clipped(text, CHARACTERS),
        Value::Array(all) => {
            all.truncate(rows);
            for it in all {
                limit(it, rows);
            }
        }
        Value::Object(all) => {
            for it in all.values_mut() {
                limit(it, rows);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn source(source: &SourceText) -> Value {
    let line = |text: &str| text.chars().take(LINE).collect();
    let lines: Vec<String> =
        source.text.lines().take(LINES).map(line).collect();
    let more = source.text.lines().count() - lines.len();
    let path = clipped(&source.path, CHARACTERS);
    json!({"path": path, "lines": lines, "more": more})
}

/// Puts the timeline into a page, replacing the one before.
pub(super) fn draw(page: &mut Value, timeline: &Timeline, names: &Names) {
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

/// Echo times, and when they were measured. The first class begins at a power
/// of two, each of the others at twice the time of the one before. The power is
/// derived from the class that has the median.
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

/// The number of a value, from 1 on; 0 stands for none.
fn number<T: Ord>(numbers: &mut BTreeMap<T, u64>, value: T) -> u64 {
    let next = numbers.len() as u64 + 1;
    *numbers.entry(value).or_insert(next)
}

/// The lanes, with a row of numbers per mark: its start, from that of the
/// timeline, and its duration; the rest as in [`TimelineMark`] and its facts.
/// The last number of a mark is, on a socket's lane, its thread, and on a
/// thread's lane, its socket or task.
fn lanes(timeline: &Timeline, names: &Names) -> Value {
    let (mut sites, mut words) = (BTreeMap::new(), BTreeMap::new());
    for (site, _) in timeline.asleep.keys() {
        number(&mut sites, *site);
    }
    let mut all = Vec::new();
    for (owner, lane) in &timeline.lanes {
        let (kind, number_of_lane) = match *owner {
            Owner::Thread(thread) => ("thread", thread.0.into()),
            Owner::Socket(socket) => ("socket", socket.0),
            Owner::Task(_) | Owner::Held(_) | Owner::Run => continue,
        };
        let mut row = |mark: &TimelineMark| {
            let facts = &mark.facts;
            let thread = facts.thread.map(|it| u32::from(it.0));
            let is_thread = kind == "thread";
            let other = if is_thread { facts.subject } else { thread };
            let word = match &*facts.word {
                "" => 0,
                _ => number(&mut words, facts.word.clone()),
            };
            [
                mark.start - timeline.from,
                mark.end - mark.start,
                mark.taken,
                mark.longest,
                mark.count,
                facts.figure,
                facts.echoes,
                facts.call.map_or(0, |it| it as u64 + 1),
                word,
                facts.site.map_or(0, |it| number(&mut sites, it)),
                other.map_or(0, |it| u64::from(it) + 1),
            ]
        };
        let marks = lane.marks.iter().map(|(what, marks)| {
            let name: &str = what.into();
            (name, marks.iter().map(&mut row).collect::<Vec<_>>())
        });
        let marks: BTreeMap<_, _> = marks.collect();
        let name = lane.peer.and_then(|it| names.get(&it));
        all.push(json!({
            "kind": kind,
            "number": number_of_lane,
            "peer": lane.peer.map_or_else(String::new, |it| it.to_string()),
            "name": name.map(|it| clipped(it, CHARACTERS)),
            "marks": marks,
        }));
    }
    let words = words.into_iter().sorted_by_key(|(_, number)| *number);
    let words = words.map(|(word, _)| word);
    let sites = sites.into_iter().sorted_by_key(|(_, number)| *number);
    let sites = sites.map(|(site, _)| {
        let calls = timeline.asleep.iter().filter(|it| it.0.0 == site);
        let times = calls.map(|(_, slept)| slept.time_ns);
        let asleep = times.fold(0, u64::saturating_add);
        let file = clipped(site.name(), CHARACTERS);
        json!({"file": file, "line": site.line, "asleep_ns": asleep})
    });
    let (threads_without, sockets_without) = timeline.without_lanes();
    json!({
        "step_ns": timeline.step,
        "events": timeline.events,
        "marks": timeline.marks,
        "threads_without": threads_without,
        "sockets_without": sockets_without,
        "words": once("".into()).chain(words).collect::<Vec<_>>(),
        "sites": sites.collect::<Vec<_>>(),
        "all": all,
    })
}
