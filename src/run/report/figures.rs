//! The figures of a run, as expectations name them.

use super::RunReport;
use crate::load::GroupResult;
use crate::probe::{Class, End, Kind};
use crate::scenario::{ClientFigure, ExpectedFigure, ServerFigure};

impl RunReport {
    /// The value of a figure. A server's figure is missing where the system
    /// does not report it, a group's if it has none, such as the time of the
    /// first echo of clients that never got one.
    pub fn figure(&self, figure: &ExpectedFigure) -> Option<u64> {
        match figure {
            ExpectedFigure::Server(figure) => self.server_figure(*figure),
            ExpectedFigure::Clients { group, figure } => {
                client_figure(&self.group(group)?.result, *figure)
            }
        }
    }

    fn server_figure(&self, figure: ServerFigure) -> Option<u64> {
        use ServerFigure as F;
        let server = self.server.as_ref()?;
        let ended = |end: End| {
            server.ends.get(&end.words()).copied().unwrap_or_default()
        };
        let reads = self.lines.iter().filter(|line| line.call == Kind::Read);
        Some(match figure {
            F::Connections => server.connections,
            F::Accepts => server.calls_of(Kind::Accept),
            F::Reads => server.calls_of(Kind::Read),
            F::ReadsWithData => {
                reads.filter_map(|line| line.outcomes.get(&Class::Bytes)).sum()
            }
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
            F::CpuTime => self.cpu_ns()?,
            F::AcceptPauses => {
                server.connection_pauses + server.descriptor_pauses
            }
            F::EndedAtEndOfFile => ended(End::EndOfFile),
            F::EndedReset => ended(End::Reset),
            F::EndedIdle => ended(End::Idle),
            F::EndedBoom => ended(End::Boom),
            F::EndedTooLong => ended(End::TooLong),
            F::EndedStopped => ended(End::Stopped),
            F::HandledErrors => server.errors_handled,
            F::UnhandledErrors => server.errors_unhandled,
            F::NeverRetrieved => server.errors_never_retrieved,
            F::LongRuns => server.long_task_runs,
            F::ServerFailed => self.failure.is_some().into(),
            F::RunTime => self.run_time_ns,
        })
    }
}

fn client_figure(group: &GroupResult, figure: ClientFigure) -> Option<u64> {
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
