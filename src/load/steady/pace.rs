//! When the messages of an open loop are due, and which client's they are.

use super::workload::{Rhythm, Workload};
use std::ops::Range;
use std::time::Duration;

/// Times are kept in units of 2^-32 ns, so that a rate is exact for longer than
/// a run can last.
const FRACTION_BITS: u32 = 32;

/// The messages of all clients, who take turns: message 0 is due at time 0,
/// and each of the others one interval after the one before.
pub(super) struct DueTurns {
    /// In units of 2^-32 ns; see [`FRACTION_BITS`].
    interval: u128,
    clients: u64,
    /// The next message that is due.
    next: u64,
    /// Messages that are due in it are measured.
    pub(super) window_ns: Range<u64>,
    /// How late their turns were taken, in all. That the server holds up a
    /// client does not delay its turn.
    late_ns: u64,
}

impl DueTurns {
    /// The rate has to be one that `check` accepts.
    pub(super) fn new(workload: &Workload, rate_per_s: f64) -> Self {
        let parts = f64::from(2.0_f32).powi(FRACTION_BITS.cast_signed());
        let interval = Duration::try_from_secs_f64(parts / rate_per_s);
        let begin_ns = workload.warm_up_ns;
        Self {
            interval: interval.unwrap_or(Duration::MAX).as_nanos().max(1),
            clients: workload.clients.into(),
            next: 0,
            window_ns: begin_ns..begin_ns + workload.time_ns,
            late_ns: 0,
        }
    }

    fn time_ns(&self, message: u64) -> u64 {
        let parts = u128::from(message).saturating_mul(self.interval);
        u64::try_from(parts >> FRACTION_BITS).unwrap_or(u64::MAX)
    }

    /// The first message that is due at this time or later.
    fn first_from(&self, time_ns: u64) -> u64 {
        let parts = u128::from(time_ns) << FRACTION_BITS;
        let message = parts.div_ceil(self.interval);
        u64::try_from(message).unwrap_or(u64::MAX)
    }

    /// How many messages are measured.
    pub(super) fn due(&self) -> u64 {
        let Range { start, end } = self.window_ns;
        self.first_from(end) - self.first_from(start)
    }

    pub(super) fn next_due_ns(&self) -> u64 {
        self.time_ns(self.next)
    }

    /// When a client's message is due, by its number among those of the
    /// client.
    #[inline]
    pub(super) fn due_ns(&self, client: usize, number: u64) -> u64 {
        self.time_ns(client as u64 + number * self.clients)
    }

    /// Takes the next message, and returns the index of its client.
    pub(super) fn take_turn(&mut self, now_ns: u64) -> usize {
        let due_ns = self.next_due_ns();
        if self.window_ns.contains(&due_ns) {
            let late_ns = now_ns.saturating_sub(due_ns);
            self.late_ns = self.late_ns.saturating_add(late_ns);
        }
        let client = self.next % self.clients;
        self.next += 1;
        usize::try_from(client).unwrap_or(usize::MAX)
    }
}

impl DueTurns {
    /// How late the turns of all measured messages were on average; those that
    /// were not taken are late until the end of the window.
    pub(super) fn mean_lateness_ns(&self) -> u64 {
        let Range { start, end } = self.window_ns;
        let next = self.next.max(self.first_from(start));
        let missed = self.first_from(end).saturating_sub(next);
        let missed_ns = end.saturating_sub(self.time_ns(next)) / 2;
        let all_ns = missed.saturating_mul(missed_ns);
        let all_ns = self.late_ns.saturating_add(all_ns);
        all_ns.checked_div(self.due()).unwrap_or(0)
    }
}

/// Whether an open loop is so slow that no message is due within the window.
pub fn is_nothing_due(workload: &Workload) -> bool {
    match workload.pacing {
        Rhythm::Closed => false,
        Rhythm::Open { rate_per_s } => {
            DueTurns::new(workload, rate_per_s).due() == 0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    fn turns(rate_per_s: f64) -> DueTurns {
        let workload = Workload {
            clients: 3,
            idle: 0,
            size_bytes: 1,
            pipeline: 1,
            pacing: Rhythm::Open { rate_per_s },
            warm_up_ns: SECOND_NS,
            time_ns: 2 * SECOND_NS,
        };
        DueTurns::new(&workload, rate_per_s)
    }

    #[test]
    fn turns_are_late_by_what_they_are_taken_later_or_never() {
        // Of the messages at 1.0, 1.5, 2.0 and 2.5 s the last two are missed.
        let mut turns = turns(2.0);
        for late_ns in [0, 0, 100, 300] {
            turns.take_turn(turns.next_due_ns() + late_ns);
        }
        let missed_ns = 2 * (SECOND_NS / 2);
        assert_eq!(turns.mean_lateness_ns(), (400 + missed_ns) / 4);
    }

    #[test]
    fn a_rate_is_exact_for_an_hour() {
        for rate in [0.001, 1.0, 3.0, 999.9, 7_000.0, 1e6, 1e7] {
            let turns = turns(rate);
            let hour_ns = 3_600 * SECOND_NS;
            let messages = turns.first_from(hour_ns);
            let expected = rate * 3_600.0;
            if let Ok(messages) = u32::try_from(messages) {
                let missing = expected - f64::from(messages);
                assert!(missing.abs() <= 1.0, "{rate}: {missing}");
            }
            assert_eq!(turns.time_ns(0), 0);
            assert!(turns.time_ns(messages) >= hour_ns);
            assert!(turns.time_ns(messages - 1) < hour_ns);
        }
    }
}
