//! How fast: two moments and what lies between them.

use super::figures::Figures;
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
    /// The rates between an earlier and a later moment.
    #[must_use]
    pub fn between(from: &Figures, to: &Figures, time: Duration) -> Self {
        let rate = |of: fn(&Figures) -> u64| {
            per_second(of(to).saturating_sub(of(from)), time)
        };
        Self {
            iterations: rate(|f| f.iterations),
            calls: rate(Figures::all_calls),
            would_blocks: rate(Figures::would_blocks),
            bytes_in: rate(|f| f.bytes_in),
            bytes_out: rate(|f| f.bytes_out),
            open: to.open(),
            threads: to.threads,
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
