//! A run's figures, as expectations ask for them.

use super::engine::Outcome;
use super::expect::{ClientFigure, Figures, ServerFigure};
use crate::load::GroupResult;
use crate::modes::Mode;
use crate::probe::{Class, End, Kind, TallySnapshot};
use crate::units::nanoseconds;
use std::time::Duration;

/// What is known of a run when it is over.
pub struct Findings<'a> {
    /// The way of waiting.
    pub mode: Mode,
    /// What the server did.
    pub tally: &'a TallySnapshot,
    /// How the run went.
    pub outcome: &'a Outcome,
}

impl Figures for Findings<'_> {
    fn server(&self, figure: ServerFigure) -> Option<u64> {
        use ServerFigure as F;
        let tally = self.tally;
        let calls = |kind| tally.total(kind).calls;
        let has_waits = self.mode.loop_call() == Kind::Wait;
        let waits = |count| Some(count).filter(|_| has_waits);
        Some(match figure {
            F::Connections => tally.connections,
            F::Accepts => calls(Kind::Accept),
            F::Reads => calls(Kind::Read),
            F::ReadsWithData => tally.count(Kind::Read, Class::Bytes),
            F::Writes => calls(Kind::Write),
            F::Waits => return waits(calls(Kind::Wait)),
            F::WakeUps => {
                return waits(tally.count(Kind::Wait, Class::Ready));
            }
            F::WouldBlocks => self.would_blocks(),
            F::Iterations => tally.total(self.mode.loop_call()).hits,
            F::BytesIn => tally.total(Kind::Read).bytes,
            F::BytesOut => tally.total(Kind::Write).bytes,
            F::Echoes => tally.sums.echoes,
            F::Threads => tally.threads.len() as u64,
            F::PendingPeak => tally.sums.pending_peak.into(),
            F::CpuTime => return self.cpu_time().map(nanoseconds),
            F::AcceptPauses => {
                tally.connection_pauses + tally.descriptor_pauses
            }
            F::EndedAtEndOfFile => self.ended(End::EndOfFile),
            F::EndedReset => self.ended(End::Reset),
            F::EndedIdle => self.ended(End::Idle),
            F::EndedBoom => self.ended(End::Boom),
            F::EndedTooLong => self.ended(End::TooLong),
            F::EndedStopped => self.ended(End::Stopped),
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
    fn would_blocks(&self) -> u64 {
        let kinds = Kind::ALL.iter();
        kinds.map(|kind| self.tally.total(*kind).would_blocks).sum()
    }

    fn cpu_time(&self) -> Option<Duration> {
        self.outcome.usage.map(|usage| usage.user + usage.system)
    }

    fn ended(&self, end: End) -> u64 {
        let ended = self.tally.sums.ends.get(&end);
        ended.map_or(0, |it| it.connections)
    }
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
