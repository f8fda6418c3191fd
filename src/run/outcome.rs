//! The figures of a run, as expectations ask for them.

use super::report::{RunReport, ServerReport};
use crate::load::GroupResult;
use crate::probe::{Class, End, Kind};
use crate::scenario::{ClientFigure, RunFigures, ServerFigure};

impl RunFigures for RunReport {
    fn server(&self, figure: ServerFigure) -> Option<u64> {
        use ServerFigure as F;
        let server = self.server.as_ref()?;
        Some(match figure {
            F::Connections => server.connections,
            F::Accepts => server.calls_of(Kind::Accept),
            F::Reads => server.calls_of(Kind::Read),
            F::ReadsWithData => self.reads_with_data(),
            F::Writes => server.calls_of(Kind::Write),
            F::Waits => server.wake_ups.map(|_| server.calls_of(Kind::Wait))?,
            F::WakeUps => server.wake_ups?,
            F::WouldBlocks => server.would_blocks,
            F::Iterations => server.iterations,
            F::BytesIn => server.bytes_in,
            F::BytesOut => server.bytes_out,
            F::Echoes => server.echoes,
            F::Threads => server.threads,
            F::PendingPeak => server.pending_peak_bytes,
            F::CpuTime => return self.cpu_ns(),
            F::ServerFailed => self.failure.is_some().into(),
            F::RunTime => self.run_time_ns,
            _ => of_trouble(server, figure)?,
        })
    }

    fn clients(&self, group: &str, figure: ClientFigure) -> Option<u64> {
        of_group(&self.group(group)?.result, figure)
    }
}

impl RunReport {
    fn reads_with_data(&self) -> u64 {
        let reads = self.lines.iter().filter(|line| line.call == Kind::Read);
        reads.filter_map(|line| line.outcomes.get(&Class::Bytes)).sum()
    }
}

/// How connections ended, and what kept the server from serving.
fn of_trouble(server: &ServerReport, figure: ServerFigure) -> Option<u64> {
    use ServerFigure as F;
    Some(match figure {
        F::AcceptPauses => server.connection_pauses + server.descriptor_pauses,
        F::EndedAtEndOfFile => server.ended(End::EndOfFile),
        F::EndedReset => server.ended(End::Reset),
        F::EndedIdle => server.ended(End::Idle),
        F::EndedBoom => server.ended(End::Boom),
        F::EndedTooLong => server.ended(End::TooLong),
        F::EndedStopped => server.ended(End::Stopped),
        F::HandledErrors => server.errors_handled,
        F::UnhandledErrors => server.errors_unhandled,
        F::NeverRetrieved => server.errors_never_retrieved,
        F::LongRuns => server.long_task_runs,
        _ => return None,
    })
}

fn of_group(group: &GroupResult, figure: ClientFigure) -> Option<u64> {
    use ClientFigure as F;
    let times = group.echo_time;
    Some(match figure {
        F::Connected => group.connected,
        F::Refused => group.refused,
        F::Echoes => group.echoes,
        F::BytesOut => group.bytes_out,
        F::BytesIn => group.bytes_in,
        F::Missing => group.missing,
        F::Mismatches => group.ends.mismatch,
        F::EndedClosed => group.ends.closed,
        F::EndedEndOfFile => group.ends.end_of_file,
        F::EndedReset => group.ends.reset,
        F::EndedTimedOut => group.ends.timed_out,
        F::EchoTimeMin => times?.min_ns,
        F::EchoTimeP50 => times?.p50_ns,
        F::EchoTimeP99 => times?.p99_ns,
        F::EchoTimeMax => times?.max_ns,
        F::FirstEchoAt => group.first_echo_at_ns?,
        F::ConnectTimeMax => group.connect_time_max_ns?,
        F::EndedAtMin => group.ended_first_at_ns?,
        F::EndedAtMax => group.ended_last_at_ns?,
    })
}
