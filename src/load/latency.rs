//! Echo times: a histogram and its summary.

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest echo time that the histogram distinguishes: one hour. Longer
/// ones count as this long in the percentiles.
const LONGEST_NS: u64 = 3_600_000_000_000;

/// Echo times, in nanoseconds; from an HDR histogram of three significant
/// digits, or two for a single client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct EchoTime {
    /// How many echoes were timed.
    pub count: u64,
    /// The shortest echo time, exact.
    pub min_ns: u64,
    /// The mean echo time, exact, rounded down.
    pub mean_ns: u64,
    /// 50 % of them took at most this long.
    pub p50_ns: u64,
    /// 90 % of them took at most this long.
    pub p90_ns: u64,
    /// 99 % of them took at most this long.
    pub p99_ns: u64,
    /// 99.9 % of them took at most this long.
    pub p99_9_ns: u64,
    /// The longest echo time, exact.
    pub max_ns: u64,
}

/// A histogram of echo times, with their exact sum and extremes.
#[derive(Debug)]
pub(super) struct EchoHistogram {
    histogram: Histogram<u64>,
    sum_ns: u128,
    min_ns: u64,
    max_ns: u64,
}

impl EchoHistogram {
    /// A percentile is at most 0.1 % off with three significant digits, 1 %
    /// with two, which need less memory. It grows with the longest time.
    pub(super) fn new(digits: u8) -> Self {
        let histogram = Histogram::new(digits).expect("it is a constant");
        Self { histogram, sum_ns: 0, min_ns: u64::MAX, max_ns: 0 }
    }

    #[inline]
    pub(super) fn record_ns(&mut self, time_ns: u64) {
        self.histogram
            .record(time_ns.min(LONGEST_NS))
            .expect("it can grow that far");
        self.sum_ns += u128::from(time_ns);
        self.min_ns = self.min_ns.min(time_ns);
        self.max_ns = self.max_ns.max(time_ns);
    }

    /// The number of echoes in each class: one for each doubling of the time,
    /// from that of the shortest to that of the longest.
    pub(super) fn classes(&self) -> Vec<u64> {
        let shortest = self.min_ns.max(1).ilog2();
        let mut classes = Vec::new();
        for recorded in self.histogram.iter_recorded() {
            let time_ns = recorded.value_iterated_to().max(1);
            let class = time_ns.ilog2().saturating_sub(shortest) as usize;
            classes.resize(classes.len().max(class + 1), 0);
            classes[class] += recorded.count_at_value();
        }
        classes
    }

    /// The highest time of each bucket that is not empty, and its count.
    pub(super) fn buckets(&self) -> Vec<(u64, u64)> {
        let recorded = self.histogram.iter_recorded().map(|bucket| {
            let highest = bucket.value_iterated_to();
            let time_ns = highest.clamp(self.min_ns, self.max_ns);
            (time_ns, bucket.count_at_value())
        });
        recorded.collect()
    }

    /// The exact figures and the percentiles; `None` without an echo.
    pub(super) fn summary(&self) -> Option<EchoTime> {
        let count = self.histogram.len();
        let mean = self.sum_ns.checked_div(count.into())?;
        let at = |quantile| {
            let time_ns = self.histogram.value_at_quantile(quantile);
            time_ns.clamp(self.min_ns, self.max_ns)
        };
        Some(EchoTime {
            count,
            min_ns: self.min_ns,
            mean_ns: u64::try_from(mean).unwrap_or(u64::MAX),
            p50_ns: at(0.5),
            p90_ns: at(0.9),
            p99_ns: at(0.99),
            p99_9_ns: at(0.999),
            max_ns: self.max_ns,
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn no_echo_and_an_endless_one() {
        let mut times = EchoHistogram::new(3);
        assert_eq!(times.summary(), None);
        times.record_ns(u64::MAX);
        times.record_ns(0);
        let time = times.summary().unwrap();
        assert_eq!((time.min_ns, time.max_ns), (0, u64::MAX));
    }

    #[test]
    fn the_mean_and_the_rarest_are_those_of_all() {
        let mut times = EchoHistogram::new(3);
        (1..=1_000).for_each(|time| times.record_ns(time * 1_000_000));
        let time = times.summary().unwrap();
        assert!(time.mean_ns.abs_diff(500_500_000) <= 500_500);
        assert!(time.p99_9_ns.abs_diff(999_000_000) <= 999_000);
    }
}
