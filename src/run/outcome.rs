//! A run's figures, as expectations ask for them.

use super::engine::Outcome;
use crate::load::GroupResult;
use crate::probe::{Class, Concerned, End, Kind};
use crate::scenario::{ClientFigure, RunFigures, ServerFigure};
use crate::units::nanoseconds;
use crate::view;
use std::time::Duration;

/// What is known of a run when it is over.
pub struct Findings<'a> {
    /// The first call of the mode's loop.
    pub loop_call: Kind,
    /// What the server did.
    pub figures: &'a view::Counters,
    /// How the run went.
    pub outcome: &'a Outcome,
}

impl RunFigures for Findings<'_> {
    fn server(&self, figure: ServerFigure) -> Option<u64> {
        use ServerFigure as F;
        let figures = self.figures;
        let calls = |kind| figures.calls(kind);
        let wake_ups = figures.wake_ups(self.loop_call);
        Some(match figure {
            F::Connections => figures.connections,
            F::Accepts => calls(Kind::Accept),
            F::Reads => calls(Kind::Read),
            F::ReadsWithData => self.reads_with_data(),
            F::Writes => calls(Kind::Write),
            F::Waits => wake_ups.map(|_| calls(Kind::Wait))?,
            F::WakeUps => wake_ups?,
            F::WouldBlocks => figures.would_blocks(),
            F::Iterations => figures.iterations(self.loop_call),
            F::BytesIn => figures.bytes_in(),
            F::BytesOut => figures.bytes_out(),
            F::Echoes => figures.echoes,
            F::Threads => figures.threads.len() as u64,
            F::PendingPeak => figures.pending_peak_bytes,
            F::CpuTime => return self.cpu_time().map(nanoseconds),
            F::AcceptPauses => {
                figures.connection_pauses + figures.descriptor_pauses
            }
            F::EndedAtEndOfFile => self.ended(End::EndOfFile),
            F::EndedReset => self.ended(End::Reset),
            F::EndedIdle => self.ended(End::Idle),
            F::EndedBoom => self.ended(End::Boom),
            F::EndedTooLong => self.ended(End::TooLong),
            F::EndedStopped => self.ended(End::Stopped),
            F::HandledErrors => many(figures.errors_handled),
            F::UnhandledErrors => many(figures.errors_unhandled),
            F::NeverRetrieved => figures.never_retrieved,
            F::LongRuns => figures.long_runs,
            F::ServerFailed => self.outcome.failure.is_some().into(),
            F::RunTime => nanoseconds(self.outcome.run_time),
        })
    }

    fn clients(&self, group: &str, figure: ClientFigure) -> Option<u64> {
        let groups = &self.outcome.load.as_ref()?.groups;
        let group = groups.iter().find(|it| it.name == group)?;
        of_group(group, figure)
    }
}

impl Findings<'_> {
    fn reads_with_data(&self) -> u64 {
        self.figures.count(Kind::Read, Class::Bytes)
    }

    fn cpu_time(&self) -> Option<Duration> {
        self.outcome.usage.map(|usage| usage.user + usage.system)
    }

    fn ended(&self, end: End) -> u64 {
        many(self.figures.ends.get(&end).copied())
    }
}

fn many(concerned: Option<Concerned>) -> u64 {
    concerned.map_or(0, |it| it.connections)
}

fn of_group(group: &GroupResult, figure: ClientFigure) -> Option<u64> {
    use ClientFigure as F;
    let times = Some(group.echo_time).filter(|times| times.count > 0);
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
        F::ConnectTimeMax => group.connect_time_max_ns,
        F::EndedAtMin => group.ended_first_at_ns?,
        F::EndedAtMax => group.ended_last_at_ns?,
    })
}
