//! A recording as a summary in Markdown, for documents.
//!
//! It is the report of the run, as `--report markdown` writes it, if the
//! recording has it, and else what the counters tell; and what only a
//! recording knows: how long threads slept in which line.
//!
//! Of a window, its end counts for the figures, which are those from the
//! start of the run to there, and both its ends for the time asleep.

use super::summary::Summary;
use super::{ExportFailure, ExportSubject, Out};
use crate::report::{self, AsDocument as _, Medium, Table};
use crate::units::{show_count, show_size, show_time, show_time_ns};
use crate::view::{Class, LineCount};
use std::time::Duration;

/// Stands where only the report of the run could tell a figure.
const NOT_RECORDED: &str = "not in the recording";

/// Writes the summary. Also of a recording that is damaged, as far as it can
/// be read.
///
/// # Errors
/// See [`ExportFailure`].
pub fn md(it: &ExportSubject, out: Out) -> Result<(), ExportFailure> {
    let summary = Summary::of(it);
    let mut page = summary.report.document(Medium::Markdown);
    page.section("Outcomes of each line", lines(it, &summary), "");
    page.section("Recording", recording(it, &summary), "");
    let mut page = page.to_markdown();
    if !summary.is_own {
        page = page.replace(report::NOT_AVAILABLE, NOT_RECORDED);
    }
    out.write_all(page.as_bytes())?;
    match summary.failure {
        Some(failure) => Err(failure.into()),
        None => Ok(()),
    }
}

/// The classes of outcomes with their words.
const CLASSES: [(Class, &str); 9] = [
    (Class::Bytes, "moved bytes"),
    (Class::EndOfFile, "end of file"),
    (Class::WouldBlock, "would block"),
    (Class::Accepted, "accepted"),
    (Class::Ready, "returned"),
    (Class::Done, "done"),
    (Class::Paused, "paused"),
    (Class::Closed, "closed"),
    (Class::Failed, "failed"),
];

fn lines(it: &ExportSubject, summary: &Summary) -> Table {
    let headings = [
        ">line",
        "source",
        "call",
        ">hits",
        "outcomes",
        ">sleeps",
        ">time asleep",
        ">longest",
    ];
    let rows = summary.counted.lines.iter().map(|line| {
        let slept = summary.asleep.on_line(line.site, line.kind);
        let time = |time: Duration| match slept.times {
            0 => String::new(),
            _ => show_time(time),
        };
        let source = it.recording.header().facts.source_line(line.site);
        [
            line.site.to_string(),
            source.unwrap_or_default(),
            line.kind.name().into(),
            show_count(line.hits()),
            outcomes(line),
            show_count(slept.times),
            time(slept.time),
            time(slept.longest),
        ]
    });
    let mut table = Table::new(headings);
    rows.for_each(|row| table.row(row));
    table
}

/// `12 moved bytes, 3 would block`.
fn outcomes(line: &LineCount) -> String {
    let counts = CLASSES.map(|(class, word)| (line.of(class), word));
    let some = counts.iter().filter(|(count, _)| *count > 0);
    let words = some.map(|(n, word)| format!("{} {word}", show_count(*n)));
    words.collect::<Vec<_>>().join(", ")
}

fn recording(it: &ExportSubject, summary: &Summary) -> Table {
    let recording = it.recording;
    let mut rows = vec![
        ["file".to_owned(), it.name.to_owned()],
        ["ending".into(), recording.ending().to_string()],
        ["size".into(), show_size(recording.bytes())],
        ["events".into(), show_count(recording.events())],
        ["events lost".into(), show_count(recording.lost())],
        ["latest time".into(), show_time(recording.duration())],
        ["figures from".into(), figures_from(summary).into()],
    ];
    if let Some(failure) = &summary.failure {
        rows.push(["readable".into(), format!("in part: it {failure}")]);
    }
    if let Some(window) = window(it) {
        rows.push(["time asleep counted".into(), window]);
    }
    let echo = summary.measured.echoes().map(|it| it.echo_time);
    if let Some(echo) = echo.filter(|_| summary.report.clients.is_none()) {
        let [half, most] = [echo.p50_ns, echo.p99_ns].map(show_time_ns);
        let times = format!("half at most {half}, 99 % at most {most}");
        rows.push(["echo times so far".into(), times]);
    }
    let mut table = Table::new(["of the recording", "value"]);
    for row in rows {
        table.row(row);
    }
    table
}

const fn figures_from(summary: &Summary) -> &'static str {
    if summary.is_own {
        "the report of the run"
    } else {
        "the recorded counters, from the start of the run on"
    }
}

/// `from 1.00 s to 2.00 s`, if it is not all of the recording.
fn window(it: &ExportSubject) -> Option<String> {
    let from = show_time(it.from);
    match (it.from, it.until) {
        (Duration::ZERO, Duration::MAX) => None,
        (_, Duration::MAX) => Some(format!("from {from} on")),
        (_, until) => Some(format!("from {from} to {}", show_time(until))),
    }
}
