//! Echo times: a histogram, and what is read off it.

use crate::units::nanoseconds;
use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The longest echo time that the histogram distinguishes: one hour. Longer
/// ones count as this long in the percentiles.
const LONGEST_NS: u64 = 3_600_000_000_000;

/// Three significant digits: a percentile is at most 0.1 % off.
const DIGITS: u8 = 3;

/// Two significant digits, for one client: a percentile is at most 1 % off.
const SMALL_DIGITS: u8 = 2;

/// Echo times, in nanoseconds; from an HDR histogram of three significant
/// digits, or two for a single client. All zero if there was no echo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct EchoTime {
    /// How many echoes were timed.
    pub count: u64,
    /// The shortest, exactly.
    pub min_ns: u64,
    /// The mean, exactly, rounded down.
    pub mean_ns: u64,
    /// Half of them took at most so long.
    pub p50_ns: u64,
    /// 90 % of them took at most so long.
    pub p90_ns: u64,
    /// 99 % of them took at most so long.
    pub p99_ns: u64,
    /// 99.9 % of them took at most so long.
    pub p99_9_ns: u64,
    /// The longest, exactly.
    pub max_ns: u64,
}

/// Collects echo times.
#[derive(Debug)]
pub(super) struct EchoHistogram {
    histogram: Histogram<u64>,
    sum_ns: u128,
    min_ns: u64,
    max_ns: u64,
}

impl EchoHistogram {
    pub(super) fn new() -> Self {
        let histogram = Histogram::new_with_bounds(1, LONGEST_NS, DIGITS)
            .expect("the bounds are constants that are allowed");
        Self { histogram, sum_ns: 0, min_ns: u64::MAX, max_ns: 0 }
    }

    /// Takes less room, which grows with the longest time; a percentile is
    /// at most 1 % off.
    pub(super) fn small() -> Self {
        let histogram =
            Histogram::new(SMALL_DIGITS).expect("two digits are allowed");
        Self { histogram, sum_ns: 0, min_ns: u64::MAX, max_ns: 0 }
    }

    pub(super) fn record(&mut self, time: Duration) {
        self.record_ns(nanoseconds(time));
    }

    #[inline]
    pub(super) fn record_ns(&mut self, time_ns: u64) {
        self.histogram
            .record(time_ns.min(LONGEST_NS))
            .expect("it is within the bounds, or they can grow");
        self.sum_ns += u128::from(time_ns);
        self.min_ns = self.min_ns.min(time_ns);
        self.max_ns = self.max_ns.max(time_ns);
    }

    /// Adds those of another collection.
    pub(super) fn merge(&mut self, other: &Self) {
        self.histogram
            .add(&other.histogram)
            .expect("all histograms have the same bounds");
        self.sum_ns += other.sum_ns;
        self.min_ns = self.min_ns.min(other.min_ns);
        self.max_ns = self.max_ns.max(other.max_ns);
    }

    /// How many took how long: a class for each doubling of the time, from
    /// that of the shortest to that of the longest.
    pub(super) fn classes(&self) -> Vec<u64> {
        let mut classes = Vec::new();
        for recorded in self.histogram.iter_recorded() {
            let time_ns = recorded.value_iterated_to().max(1);
            let shortest = self.min_ns.max(1).ilog2();
            let class = time_ns.ilog2().saturating_sub(shortest) as usize;
            if classes.len() <= class {
                classes.resize(class + 1, 0);
            }
            classes[class] += recorded.count_at_value();
        }
        classes
    }

    /// The highest time of each bucket that is not empty, and how many are
    /// in it.
    pub(super) fn buckets(&self) -> Vec<(u64, u64)> {
        let recorded = self.histogram.iter_recorded();
        let bucket = |it: hdrhistogram::iterators::IterationValue<u64>| {
            let highest = it.value_iterated_to();
            (highest.clamp(self.min_ns, self.max_ns), it.count_at_value())
        };
        recorded.map(bucket).collect()
    }

    /// The same, or `None` without an echo.
    pub(super) fn some_summary(&self) -> Option<EchoTime> {
        Some(self.summary()).filter(|times| times.count > 0)
    }

    pub(super) fn summary(&self) -> EchoTime {
        let count = self.histogram.len();
        if count == 0 {
            return EchoTime::default();
        }
        let at = |quantile| {
            let time_ns = self.histogram.value_at_quantile(quantile);
            time_ns.clamp(self.min_ns, self.max_ns)
        };
        let mean = self.sum_ns / u128::from(count);
        EchoTime {
            count,
            min_ns: self.min_ns,
            mean_ns: u64::try_from(mean).unwrap_or(u64::MAX),
            p50_ns: at(0.5),
            p90_ns: at(0.9),
            p99_ns: at(0.99),
            p99_9_ns: at(0.999),
            max_ns: self.max_ns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_known_times() {
        let mut times = EchoHistogram::new();
        (1..=1000).for_each(|ms| times.record(Duration::from_millis(ms)));
        let time = times.summary();
        assert_eq!((time.count, time.min_ns), (1000, 1_000_000));
        assert_eq!((time.mean_ns, time.max_ns), (500_500_000, 1_000_000_000));
        for (found, expected) in [
            (time.p50_ns, 500_000_000),
            (time.p90_ns, 900_000_000),
            (time.p99_ns, 990_000_000),
            (time.p99_9_ns, 999_000_000),
        ] {
            assert!(found.abs_diff(expected) <= expected / 1000, "{found}");
        }
    }

    #[test]
    fn a_merge_is_as_if_all_had_been_recorded_in_one() {
        let (mut one, mut two) = (EchoHistogram::new(), EchoHistogram::new());
        let mut all = EchoHistogram::new();
        for micros in [3, 14, 159, 2653, 58_979] {
            let time = Duration::from_micros(micros);
            if micros % 2 == 0 { &mut one } else { &mut two }.record(time);
            all.record(time);
        }
        one.merge(&two);
        assert_eq!(one.summary(), all.summary());
    }

    #[test]
    fn no_echo_and_an_endless_one() {
        let mut times = EchoHistogram::new();
        assert_eq!(times.summary(), EchoTime::default());
        times.record(Duration::MAX);
        times.record(Duration::ZERO);
        assert_eq!(times.summary().max_ns, u64::MAX);
        assert_eq!(times.summary().min_ns, 0);
    }
}
