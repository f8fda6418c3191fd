//! What was measured.

use super::line::ClientLine;
use super::pace::DueTurns;
use crate::load::EchoTime;
use crate::load::latency::EchoHistogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What came out of a run.
#[derive(Clone, Debug, Default, PartialEq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct SteadyResult {
    /// How long the window was.
    pub window_ns: u64,
    /// Messages that came back whole in the window.
    pub echoes: u64,
    /// Messages that the clients began to send in the window; in an open
    /// loop those of them that were due in it, so that less than `due` says
    /// how many were held up until its end.
    pub sent: u64,
    /// Open loop: messages that were due in the window.
    pub due: u64,
    /// Messages that had not come back whole at the end of the window; in
    /// an open loop of those that were due in it, in a closed loop of those
    /// that were said.
    pub unanswered: u64,
    /// Clients that had at least one echo in the window.
    pub clients_served: u32,
    /// Connections that failed or were closed by the server, idle ones too.
    pub connections_lost: u32,
    /// Bytes that came back and were not those that had been sent; each
    /// such connection was ended.
    pub mismatches: u64,
    /// How long echoes took; missing without one. In an open loop a message
    /// that was due in the window and has not come back counts with how
    /// long it has waited.
    pub echo_time: Option<EchoTime>,
    /// How many echoes took how long: the highest time of a bucket in
    /// nanoseconds and a count, without empty buckets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<(u64, u64)>,
    /// Open loop: half of the messages that were due were sent at most this
    /// much later.
    pub late_p50_ns: u64,
    /// Open loop: 99 % of them were.
    pub late_p99_ns: u64,
    /// CPU time of the clients' thread in the window; missing where the
    /// system does not tell.
    pub cpu_ns: Option<u64>,
}

/// Collects it.
pub(super) struct SteadyRecord {
    pub(super) result: SteadyResult,
    /// Echo times.
    pub(super) times: EchoHistogram,
    /// How late messages of an open loop were sent.
    pub(super) lateness: EchoHistogram,
}

impl SteadyRecord {
    pub(super) fn new() -> Self {
        Self {
            result: SteadyResult::default(),
            times: EchoHistogram::new(),
            lateness: EchoHistogram::new(),
        }
    }

    /// Open loop: what was due and has not come back counts with how long it
    /// has waited.
    pub(super) fn count_unanswered(
        &mut self,
        turns: &DueTurns,
        lines: &[ClientLine],
    ) {
        for (client, line) in lines.iter().enumerate().take(turns.clients()) {
            let mut number = line.echoed;
            let mut due_ns = turns.due_ns(client, number);
            while due_ns < turns.end_ns() {
                if turns.counts(due_ns) {
                    let waited_ns = turns.end_ns() - due_ns;
                    self.result.unanswered += 1;
                    self.times.record_ns(waited_ns);
                    if number >= line.said() {
                        self.lateness.record_ns(waited_ns);
                    }
                }
                number += 1;
                due_ns = turns.due_ns(client, number);
            }
        }
    }

    pub(super) fn finish(self) -> SteadyResult {
        let (time, late) = (self.times.summary(), self.lateness.summary());
        SteadyResult {
            echo_time: (time.count > 0).then_some(time),
            buckets: self.times.buckets(),
            late_p50_ns: late.p50_ns,
            late_p99_ns: late.p99_ns,
            ..self.result
        }
    }
}
