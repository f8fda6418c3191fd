//! The model's values as rows of a report.

use super::{
    ContextSwitches, Cpu, FindingRow, KindRow, LineRow, MemoryOf, PhaseRow,
    SOCKETS_LISTED, Server, SocketRow,
};
use crate::units::Nanos;
use crate::view::{
    Concerned, Counters, Finding, Kind, LineCount, PhaseMark, Site, SocketCount,
};
use std::collections::BTreeMap;

/// What a run used, as far as the system can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// CPU time of the server's threads.
    pub cpu: Option<Cpu>,
    /// Context switches of the server's threads.
    pub context_switches: Option<ContextSwitches>,
    /// The most threads the server had at once.
    pub threads_peak: Option<u64>,
    /// The most memory the process had resident.
    pub peak_memory_bytes: Option<u64>,
    /// Whose memory that is.
    pub peak_memory_of: MemoryOf,
}

impl Server {
    /// The server's figures and what it used.
    #[must_use]
    pub fn new(figures: &Counters, loop_call: Kind, usage: Usage) -> Self {
        let ends = figures.ends.iter();
        Self {
            connections: figures.connections,
            connections_open: figures.open(),
            ends: ends.map(|(end, it)| (end.words(), it.connections)).collect(),
            errors_handled: many(figures.errors_handled),
            errors_unhandled: many(figures.errors_unhandled),
            errors_never_retrieved: figures.never_retrieved,
            long_task_runs: figures.long_runs,
            longest_task_run_ns: figures.longest_run.0,
            iterations: figures.iterations(loop_call),
            wake_ups: figures.wake_ups(loop_call),
            calls: figures.all_calls(),
            would_blocks: figures.would_blocks(),
            calls_by_kind: KindRow::list(figures),
            bytes_in: figures.bytes_in(),
            bytes_out: figures.bytes_out(),
            echoes: figures.echoes,
            unsent_bytes: figures.unsent_bytes,
            pending_peak_bytes: figures.pending_peak_bytes,
            longest_write_ns: figures.longest_write.map(|it| it.0),
            connection_pauses: figures.connection_pauses,
            descriptor_pauses: figures.descriptor_pauses,
            cpu: usage.cpu,
            context_switches: usage.context_switches,
            threads: figures.threads.len() as u64,
            threads_peak: usage.threads_peak,
            peak_memory_bytes: usage.peak_memory_bytes,
            peak_memory_of: usage.peak_memory_of,
        }
    }
}

fn many(concerned: Option<Concerned>) -> u64 {
    concerned.map_or(0, |it| it.connections)
}

impl KindRow {
    /// A row a kind of call that the modes make.
    fn list(figures: &Counters) -> Vec<Self> {
        let row = |kind: Kind| Self {
            call: kind.name().into(),
            calls: figures.calls(kind),
            would_blocks: figures.count(kind, crate::view::Class::WouldBlock),
        };
        Kind::OF_MODES.into_iter().map(row).collect()
    }
}

impl From<&SocketCount> for SocketRow {
    fn from(count: &SocketCount) -> Self {
        Self {
            id: count.socket.0,
            peer: count.peer.map(|peer| peer.to_string()),
            calls: count.calls(),
            calls_by_kind: by_kind(count),
            would_blocks: count.would_blocks,
            bytes_in: count.bytes_in,
            bytes_out: count.bytes_out,
            echoes: count.echoes,
            pending_peak_bytes: count.pending_peak.into(),
            longest_write_ns: count.longest_write.map(|it| it.0),
            unsent_bytes: count.unsent.into(),
            end: count.ended.map(crate::view::End::words),
            echo_time: None,
        }
    }
}

fn by_kind(count: &SocketCount) -> BTreeMap<String, u64> {
    let kinds = Kind::ALL.iter().zip(count.calls_by_kind);
    let made = kinds.filter(|(_, calls)| *calls > 0);
    made.map(|(kind, calls)| (kind.name().into(), calls)).collect()
}

impl SocketRow {
    /// A row a socket, at most [`SOCKETS_LISTED`], and how many
    /// connections have none.
    #[must_use]
    pub fn list(figures: &Counters) -> (Vec<Self>, u64) {
        let counts = figures.sockets.iter();
        let rows = counts.take(SOCKETS_LISTED).map(Self::from).collect();
        let beyond = figures.sockets.len().saturating_sub(SOCKETS_LISTED);
        (rows, figures.sockets_not_kept().saturating_add(beyond as u64))
    }
}

impl PhaseRow {
    /// A row a phase; their clock begins with the first.
    #[must_use]
    pub fn list(marks: &[PhaseMark]) -> Vec<Self> {
        let start = marks.first().map_or(Nanos::ZERO, |mark| mark.at);
        let row = |mark: &PhaseMark| Self {
            phase: mark.phase.name().into(),
            at_ns: mark.at.since(start).0,
            connections_left: mark.left,
        };
        marks.iter().map(row).collect()
    }
}

impl LineRow {
    /// A row a call site; `source` gives the text of a line if it can.
    #[must_use]
    pub fn list(
        figures: &Counters,
        source: impl Fn(Site) -> Option<String>,
    ) -> Vec<Self> {
        let row = |count: &LineCount| Self {
            file: count.site.name().into(),
            line: count.site.line,
            source: source(count.site).map(|text| text.trim().into()),
            call: count.kind.name().into(),
            hits: count.hits(),
            calls: count.calls(),
            would_blocks: count.of(crate::view::Class::WouldBlock),
            bytes: count.bytes,
        };
        figures.lines.iter().map(row).collect()
    }
}

impl From<&Finding> for FindingRow {
    fn from(finding: &Finding) -> Self {
        Self {
            observation: finding.to_string(),
            advice: finding.advice().into(),
        }
    }
}
