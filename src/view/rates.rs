//! How fast: two moments and what lies between them.

use crate::probe::{Counters, Kind};
use std::time::Duration;

/// What a server did a second, over some time, and its state at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Rates {
    /// Turns of its loop a second.
    pub iterations: u64,
    /// Calls a second.
    pub calls: u64,
    /// Calls a second that would have blocked.
    pub would_blocks: u64,
    /// Bytes received a second.
    pub bytes_in: u64,
    /// Bytes sent a second.
    pub bytes_out: u64,
    /// Connections open at the end.
    pub open: u64,
    /// Threads that had made calls by the end.
    pub threads: u64,
}

impl Rates {
    /// The rates between an earlier and a later moment, in a mode whose loop
    /// begins with this call.
    #[must_use]
    pub fn between(
        loop_call: Kind,
        from: &Counters,
        to: &Counters,
        time: Duration,
    ) -> Self {
        let rate = |of: &dyn Fn(&Counters) -> u64| {
            per_second(of(to).saturating_sub(of(from)), time)
        };
        Self {
            iterations: rate(&|it| it.iterations(loop_call)),
            calls: rate(&Counters::all_calls),
            would_blocks: rate(&Counters::would_blocks),
            bytes_in: rate(&Counters::bytes_in),
            bytes_out: rate(&Counters::bytes_out),
            open: to.open(),
            threads: to.threads.len() as u64,
        }
    }
}

/// Rounded to whole ones; zero over no time.
pub(super) fn per_second(count: u64, time: Duration) -> u64 {
    let Some(scaled) = (u128::from(count) * 1_000_000_000
        + time.as_nanos() / 2)
        .checked_div(time.as_nanos())
    else {
        return 0;
    };
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_count_a_second() {
        assert_eq!(per_second(10, Duration::from_secs(2)), 5);
        assert_eq!(per_second(10, Duration::from_millis(500)), 20);
        assert_eq!(per_second(10, Duration::ZERO), 0);
    }
}
