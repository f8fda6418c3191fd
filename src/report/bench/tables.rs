//! The measured figures, in three or four tables.

use super::Section;
use super::grid::{Column, Shown, section};
use crate::measure::{
    BenchResult, ENOUGH, Figure, Pacing, SubjectKind, SubjectResult,
    rounds_done,
};
use crate::report::document::{Medium, Table};
use crate::text::{clean, cut};
use crate::units::plural;

/// A name with a number of rounds behind it is cut to this width.
const SHORT_NAME: usize = 13;

/// What `±` means, where rounds are enough for it.
const INTERVAL: &str = "± is the farther end of the 95\u{a0}% interval of the \
                        median, as a part of the median.";

/// What `±` means with few rounds.
const RANGE: &str = "± is the farthest of all rounds from the median: there \
                     are too few for an interval.";

/// What `±` means with few rounds of some servers.
const FEWER: &str = "With fewer than 6 rounds it is the farthest of them.";

/// Whose memory and threads those of a command are.
const PROCESSES: &str = "Of a command: the threads of all its processes, and \
                         the sum of their memory, shared pages counted in \
                         each.";

/// What a closed loop does not show.
const SERVICE_TIME: &str = "A closed loop asks a stalled server less, so that \
                            a stall hardly shows: measure response time with \
                            --rate.";

/// What a rate of echoes counts in an open loop.
const COUNTED: &str = "Echoes are those that came back in the window, whenever \
                       they were due.";

/// What `≥` says.
const AT_LEAST: &str = "≥: at least so long; too many messages that were due \
                        had no echo at the end.";

/// How far the split of CPU time is to be believed.
const SPLIT: &str = "User and system are those of all rounds together, as a \
                     rule the kernel's estimate from timer ticks; CPU is \
                     exact.";

/// All that was measured.
pub(super) fn measured(result: &BenchResult, medium: Medium) -> Vec<Section> {
    let mut sections = vec![
        throughput(result, medium),
        echo_times(result, medium),
        resources(result, medium),
    ];
    if result.workload.pacing != Pacing::Closed {
        sections.push(lateness(result, medium));
    }
    sections.retain(|section| !section.table.rows.is_empty());
    sections
}

/// `medians of 10 rounds`: what the numbers of all tables are.
pub(super) fn told(result: &BenchResult) -> String {
    let done = rounds_done(result);
    let other =
        |it: &SubjectResult| !it.samples.is_empty() && it.samples.len() != done;
    match (done, result.subjects.iter().any(other)) {
        (0, _) => "medians of rounds as said".into(),
        (1, false) => "1 round".into(),
        (done, false) => format!("medians of {done} rounds"),
        (done, true) => {
            let done = plural(done as u64, "round");
            format!("medians of {done}, or as said")
        }
    }
}

/// What `±` means, if it stands in a table.
pub(super) fn interval(result: &BenchResult, table: &Table) -> String {
    let is_shown = |column: usize| {
        let cells = || table.rows.iter().map(move |row| &row[column]);
        let shown = table.columns[column].0 == "±";
        shown && cells().any(|cell| !cell.is_empty())
    };
    if !(0..table.columns.len()).any(is_shown) {
        return String::new();
    }
    let counts = result.subjects.iter().map(|it| it.samples.len());
    let counts: Vec<_> = counts.filter(|rounds| *rounds > 1).collect();
    let enough = counts.iter().filter(|rounds| **rounds >= ENOUGH).count();
    match enough {
        0 => RANGE.to_owned(),
        enough if enough == counts.len() => INTERVAL.to_owned(),
        _ => format!("{INTERVAL} {FEWER}"),
    }
}

/// Names with a number of rounds behind them that is not that of most.
fn with_rounds(table: &mut Table, result: &BenchResult, medium: Medium) {
    let done = rounds_done(result);
    for (row, subject) in table.rows.iter_mut().zip(&result.subjects) {
        let had = subject.samples.len();
        if had == done || had == 0 {
            continue;
        }
        let marks: String =
            row[0].chars().rev().take_while(|it| "*†".contains(*it)).collect();
        let marks: String = marks.chars().rev().collect();
        let name = match medium {
            Medium::Terminal => cut(&subject.name, SHORT_NAME, "…"),
            Medium::Markdown => subject.name.clone(),
        };
        row[0] = clean(&format!("{name}{marks} {had} of {}", result.rounds));
    }
}

fn throughput(result: &BenchResult, medium: Medium) -> Section {
    let columns = [
        Column::new(Figure::EchoesPerS, "echoes")
            .per("/s")
            .shown(Shown::Interval),
        Column::new(Figure::ServerCpu, "CPU")
            .per("/echo")
            .shown(Shown::Interval),
        Column::new(Figure::ServerUser, "user").per("/echo"),
        Column::new(Figure::ServerSystem, "system").per("/echo"),
        Column::new(Figure::LoadCpu, "clients").per("of core"),
    ];
    let told = told(result);
    let title = format!("Throughput and CPU time of the server ({told})");
    let mut section = section(title, result, &columns, medium);
    with_rounds(&mut section.table, result, medium);
    section.note = format!("{} {SPLIT}", section.note).trim().into();
    if result.workload.pacing != Pacing::Closed {
        section.note = both(COUNTED, &section.note);
    }
    section
}

fn echo_times(result: &BenchResult, medium: Medium) -> Section {
    let columns = [
        Column::new(Figure::MeanNs, "mean"),
        Column::new(Figure::P50Ns, "p50").shown(Shown::Interval),
        Column::new(Figure::P90Ns, "p90"),
        Column::new(Figure::P99Ns, "p99").shown(Shown::Interval),
        Column::new(Figure::P999Ns, "p99.9"),
        Column::new(Figure::MaxNs, "max").shown(Shown::Largest),
    ];
    let kind = match result.workload.pacing {
        Pacing::Closed => "service time (closed loop)",
        Pacing::Open { .. } => "response time, from when due (open loop)",
    };
    let title = format!("Echo time: {kind}; max of all rounds");
    let mut section = section(title, result, &columns, medium);
    if result.workload.pacing == Pacing::Closed {
        section.note = both(SERVICE_TIME, &section.note);
    }
    let least =
        |it: &SubjectResult| it.is_at_least(Figure::MaxNs, &result.workload);
    if result.subjects.iter().any(least) {
        section.note = both(AT_LEAST, &section.note);
    }
    section
}

/// A note, and behind it another one if there is one.
fn both(note: &str, other: &str) -> String {
    match other {
        "" => note.to_owned(),
        other => format!("{note} {other}"),
    }
}

fn resources(result: &BenchResult, medium: Medium) -> Section {
    let columns = [
        Column::new(Figure::BytesPerS, "payload").per("/s"),
        Column::new(Figure::VoluntarySwitches, "to sleep").per("/echo"),
        Column::new(Figure::InvoluntarySwitches, "preempted").per("/echo"),
        Column::new(Figure::Threads, "threads"),
        Column::new(Figure::PeakMemory, "peak memory"),
        Column::new(Figure::ConnectionMemory, "memory").per("/conn"),
    ];
    let title = "Payload; context switches, threads and memory of the server";
    let mut section = section(title.into(), result, &columns, medium);
    let command =
        |it: &SubjectResult| matches!(it.kind, SubjectKind::Command(_));
    if result.subjects.iter().any(command) {
        section.note = both(PROCESSES, &section.note);
    }
    section
}

fn lateness(result: &BenchResult, medium: Medium) -> Section {
    let columns = [
        Column::new(Figure::SentOfDue, "sent").per("of due"),
        Column::new(Figure::Unanswered, "no echo").per("of due"),
        Column::new(Figure::LateP50Ns, "late p50"),
        Column::new(Figure::LateP99Ns, "late p99"),
    ];
    let title = "How the clients kept the rate";
    section(title.into(), result, &columns, medium)
}
