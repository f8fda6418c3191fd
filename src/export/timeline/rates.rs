//! What was done when, in intervals of equal length.

use crate::units::nanoseconds;
use std::time::Duration;

/// How many intervals a timeline has at most.
const INTERVALS: u64 = 1_000;

/// The shortest interval.
const SHORTEST: u64 = 10_000;

/// One interval.
#[derive(Clone, Copy, Default)]
pub(crate) struct Interval {
    /// Echoes completed.
    pub(crate) echoes: u64,
    /// Calls returned.
    pub(crate) calls: u64,
    /// Calls that would have blocked.
    pub(crate) would_blocks: u64,
    /// Connections accepted, less those that ended.
    pub(crate) opened: i64,
}

impl Interval {
    /// A call has returned. Nothing overflows, whatever was counted before.
    pub(super) const fn returned(&mut self, echoes: u64, in_vain: bool) {
        self.calls = self.calls.saturating_add(1);
        self.echoes = self.echoes.saturating_add(echoes);
        let in_vain = if in_vain { 1 } else { 0 };
        self.would_blocks = self.would_blocks.saturating_add(in_vain);
    }
}

/// Counts by interval, from events alone: those that found no room are
/// missing.
pub(crate) struct Rates {
    from: u64,
    /// How long an interval is, in nanoseconds.
    pub(crate) length: u64,
    pub(crate) intervals: Vec<Interval>,
    /// Connections open at the beginning.
    pub(crate) open: u64,
}

impl Rates {
    pub(super) fn new(from: u64, until: u64) -> Self {
        let time = (until - from).max(1);
        let length = time.div_ceil(INTERVALS).max(SHORTEST);
        let count = usize::try_from(time.div_ceil(length)).unwrap_or(1);
        let intervals = vec![Interval::default(); count];
        Self { from, length, intervals, open: 0 }
    }

    /// The interval of this moment.
    pub(super) fn at(&mut self, at: u64) -> &mut Interval {
        let place = at.saturating_sub(self.from) / self.length;
        let last = self.intervals.len() - 1;
        let place = usize::try_from(place).unwrap_or(last).min(last);
        &mut self.intervals[place]
    }

    /// Calls in vain, spread evenly over the time in which they were made.
    pub(super) fn in_vain(&mut self, since: Duration, at: Duration, n: u64) {
        let (since, at) = (nanoseconds(since), nanoseconds(at));
        let first = since.max(self.from);
        let parts = (at.saturating_sub(first) / self.length + 1)
            .min(self.intervals.len() as u64);
        let mut left = n;
        for part in 0..parts {
            let count = left / (parts - part);
            left -= count;
            let interval = self.at(first + part * self.length);
            interval.calls = interval.calls.saturating_add(count);
            interval.would_blocks = interval.would_blocks.saturating_add(count);
        }
    }
}
