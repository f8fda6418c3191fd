//! When the messages of an open loop are due.

use std::time::Duration;

/// Times are kept in so small parts of a nanosecond that a rate is exact for
/// longer than a run can last.
const FRACTION_BITS: u32 = 32;

/// Message 0 is due at time 0, and each of the others one interval after the
/// one before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// In parts of a nanosecond.
    interval: u128,
}

impl Schedule {
    /// The rate is one that was checked.
    pub(super) fn new(rate_per_s: f64) -> Self {
        let parts = f64::from(2.0_f32).powi(FRACTION_BITS.cast_signed());
        let interval = Duration::try_from_secs_f64(parts / rate_per_s);
        let interval = interval.unwrap_or(Duration::MAX).as_nanos().max(1);
        Self { interval }
    }

    /// When a message is due, in nanoseconds.
    pub(super) fn due_ns(self, message: u64) -> u64 {
        let parts = u128::from(message).saturating_mul(self.interval);
        u64::try_from(parts >> FRACTION_BITS).unwrap_or(u64::MAX)
    }

    /// The first message that is due at this time or later.
    pub(super) fn first_from(self, time_ns: u64) -> u64 {
        let parts = u128::from(time_ns) << FRACTION_BITS;
        let message = parts.div_ceil(self.interval);
        u64::try_from(message).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    #[test]
    fn a_rate_is_exact_for_an_hour() {
        for rate in [0.001, 1.0, 3.0, 999.9, 7_000.0, 1e6, 1e7] {
            let schedule = Schedule::new(rate);
            let hour_ns = 3_600 * SECOND_NS;
            let messages = schedule.first_from(hour_ns);
            let expected = rate * 3_600.0;
            if let Ok(messages) = u32::try_from(messages) {
                let missing = expected - f64::from(messages);
                assert!(missing.abs() <= 1.0, "{rate}: {missing}");
            }
            assert!(schedule.due_ns(messages) >= hour_ns);
            assert!(schedule.due_ns(messages - 1) < hour_ns);
        }
    }

    #[test]
    fn as_many_are_due_in_each_second() {
        let schedule = Schedule::new(7_000.0);
        for second in [0, 1, 2, 1_000, 3_599] {
            let from = schedule.first_from(second * SECOND_NS);
            let to = schedule.first_from((second + 1) * SECOND_NS);
            assert!((6_999..=7_001).contains(&(to - from)), "{second}");
        }
        assert_eq!(schedule.due_ns(0), 0);
    }
}
