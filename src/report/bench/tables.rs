//! The measured figures, in three or four tables.

use super::grid::{Column, Room, Shown, section};
use crate::measure::{BenchResult, ENOUGH, Figure, Pacing, SubjectResult};
use crate::report::sections::Section;

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
const SPLIT: &str = "As a rule user and system are the kernel's estimate from \
                     timer ticks, and CPU, their sum, is exact.";

/// All that was measured.
pub(super) fn measured(result: &BenchResult, room: Room) -> Vec<Section> {
    let mut sections = vec![
        throughput(result, room),
        echo_times(result, room),
        resources(result, room),
    ];
    if result.workload.pacing != Pacing::Closed {
        sections.push(lateness(result, room));
    }
    sections.retain(|section| !section.table.rows.is_empty());
    sections
}

/// `median of 10 rounds`: what the numbers of all tables are.
pub(super) fn told(result: &BenchResult) -> String {
    let rounds = result.subjects.iter().map(|it| it.samples.len());
    match rounds.max().unwrap_or(0) {
        1 => "1 round".into(),
        rounds => format!("medians of {rounds} rounds"),
    }
}

/// Whether each server has rounds enough for an interval of 95 %.
pub(super) fn is_enough(result: &BenchResult) -> bool {
    let all = result.subjects.iter().map(|it| it.samples.len());
    all.filter(|rounds| *rounds > 0).all(|rounds| rounds >= ENOUGH)
}

fn throughput(result: &BenchResult, room: Room) -> Section {
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
    let mut section = section(title, result, &columns, room);
    section.note = both(SPLIT, &section.note);
    if result.workload.pacing != Pacing::Closed {
        section.note = both(COUNTED, &section.note);
    }
    section
}

fn echo_times(result: &BenchResult, room: Room) -> Section {
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
    let mut section = section(title, result, &columns, room);
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

fn resources(result: &BenchResult, room: Room) -> Section {
    let columns = [
        Column::new(Figure::BytesPerS, "payload").per("/s"),
        Column::new(Figure::VoluntarySwitches, "to sleep").per("/echo"),
        Column::new(Figure::InvoluntarySwitches, "preempted").per("/echo"),
        Column::new(Figure::Threads, "threads"),
        Column::new(Figure::PeakMemory, "peak memory"),
        Column::new(Figure::ConnectionMemory, "memory").per("/conn"),
    ];
    let title = "Payload; context switches, threads and memory of the server";
    section(title.into(), result, &columns, room)
}

fn lateness(result: &BenchResult, room: Room) -> Section {
    let columns = [
        Column::new(Figure::SentOfDue, "sent").per("of due"),
        Column::new(Figure::Unanswered, "no echo").per("of due"),
        Column::new(Figure::LateP50Ns, "late p50"),
        Column::new(Figure::LateP99Ns, "late p99"),
    ];
    let title = "How the clients kept the rate";
    section(title.into(), result, &columns, room)
}
