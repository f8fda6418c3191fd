//! A recording as a summary in Markdown, for documents.
//!
//! It has the report of the run, as `--report markdown` writes it, or, if the
//! recording lacks that, one made from the counters; and what only a recording
//! has: how long threads slept in each line.
//!
//! The figures of a window count from the start of the run to the end of the
//! window; only the time asleep is that of the window itself.

use super::event_row::variant;
use super::timeline::{Bounds, Gathered, gather};
use super::{ExportFailure, ExportSubject, Out};
use crate::probe::{Class, Counters, LineCount};
use crate::recording::{Ending, Error};
use crate::report::{self, AsDocument as _, Medium, Table};
use crate::run::report::RunReport;
use crate::units::{show_count, show_size, show_time, show_time_ns};
use std::time::Duration;

/// Shown for a figure that only the report of the run could have.
const NOT_RECORDED: &str = "not in the recording";

/// Writes the summary. A damaged recording is summarised as far as it can be
/// read.
///
/// # Errors
/// See [`ExportFailure`].
pub fn md(it: &ExportSubject, out: Out) -> Result<(), ExportFailure> {
    let gathered = gather(it, Bounds::default());
    let is_whole = it.until >= it.recording.duration();
    let own = it.recording.own_report();
    let own = own.filter(|_| is_whole && gathered.error.is_none());
    let is_own = own.is_some();
    let counted = gathered.known.counters.clone();
    let report = own.unwrap_or_else(|| {
        let end = it.recording.duration().min(it.until);
        let outcome = outcome(it, gathered.error.as_ref());
        RunReport { outcome, ..it.recording.report_of(&counted, end) }
    });
    let mut page = report.document(Medium::Markdown);
    page.section("Outcomes of each line", lines(it, &counted, &gathered), "");
    let about = recording(it, &gathered, is_own, report.clients.is_none());
    page.section("Recording", about, "");
    let mut page = page.to_markdown();
    if !is_own {
        page = page.replace(report::NOT_AVAILABLE, NOT_RECORDED);
    }
    out.write_all(page.as_bytes())?;
    gathered.error.map_or(Ok(()), |error| Err(error.into()))
}

/// How the run ended, as far as is known.
fn outcome(it: &ExportSubject, failure: Option<&Error>) -> String {
    if let Some(error) = failure {
        return format!("unknown, as the recording {error}");
    }
    if it.until < it.recording.duration() {
        return format!("not yet at {}", show_time(it.until));
    }
    match it.recording.ending() {
        Ending::Complete(closing) => {
            let failure = closing.failure.clone();
            failure.unwrap_or_else(|| match closing.limit_bytes {
                None => "without a report".into(),
                Some(limit) => format!(
                    "unknown, as the recording ends at its limit of {}",
                    show_size(limit)
                ),
            })
        }
        Ending::Truncated { at, why } => {
            format!("unknown, as the recording ends at byte {at}: {why}")
        }
    }
}

fn lines(it: &ExportSubject, counted: &Counters, all: &Gathered) -> Table {
    let mut table = Table::new([
        ">line",
        "source",
        "call",
        ">hits",
        "outcomes",
        ">sleeps",
        ">time asleep",
        ">longest",
    ]);
    for line in &counted.lines {
        let slept = all.timeline.asleep.get(&(line.site, line.kind));
        let slept = slept.copied().unwrap_or_default();
        let time = |ns: u64| match slept.times {
            0 => String::new(),
            _ => show_time_ns(ns),
        };
        let source = it.recording.header().facts.source_line(line.site);
        table.row([
            line.site.to_string(),
            source.unwrap_or_default(),
            line.kind.name().into(),
            show_count(line.hits()),
            outcomes(line),
            show_count(slept.times),
            time(slept.time_ns),
            time(slept.longest_ns),
        ]);
    }
    table
}

/// The outcomes of a line's calls: `12 moved bytes, 3 would block`.
fn outcomes(line: &LineCount) -> String {
    let words = Class::ALL.into_iter().filter(|class| line.of(*class) > 0);
    let words = words.map(|class| {
        let word = match class {
            Class::Bytes => "moved bytes".into(),
            Class::Ready => "returned".into(),
            class => variant(&class).replace('_', " "),
        };
        format!("{} {word}", show_count(line.of(class)))
    });
    words.collect::<Vec<_>>().join(", ")
}

fn recording(
    it: &ExportSubject,
    all: &Gathered,
    is_own: bool,
    without_clients: bool,
) -> Table {
    let recording = it.recording;
    let mut table = Table::new(["of the recording", "value"]);
    let mut row = |name: &str, value: String| table.row([name.into(), value]);
    row("file", it.name.into());
    row("ending", recording.ending().to_string());
    row("size", show_size(recording.bytes()));
    row("events", show_count(recording.events()));
    row("events lost", show_count(recording.lost()));
    row("latest time", show_time(recording.duration()));
    let figures_from = if is_own {
        "the report of the run"
    } else {
        "the recorded counters, from the start of the run on"
    };
    row("figures from", figures_from.into());
    if let Some(error) = &all.error {
        row("readable", format!("in part: it {error}"));
    }
    let (from, until) = (show_time(it.from), show_time(it.until));
    match (it.from, it.until) {
        (Duration::ZERO, Duration::MAX) => {}
        (_, Duration::MAX) => {
            row("time asleep counted", format!("from {from} on"));
        }
        _ => row("time asleep counted", format!("from {from} to {until}")),
    }
    let echo = all.known.measured.echoes();
    if let Some(echo) = echo.filter(|_| without_clients) {
        let [half, most] =
            [echo.echo_time.p50_ns, echo.echo_time.p99_ns].map(show_time_ns);
        let times = format!("half at most {half}, 99 % at most {most}");
        row("echo times so far", times);
    }
    table
}
