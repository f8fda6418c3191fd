//! Echo times as the text that `HdrHistogram` writes, for whatever plots
//! that.

use super::headline::alerts;
use crate::measure::{BenchResult, Buckets, Pacing, SubjectResult};
use crate::text::clean;
use std::fmt::Write;

/// Rows for each halving of the distance to 100 %; what `HdrHistogram` and
/// most tools that write this have.
const TICKS: f64 = 5.0;

/// Values are told in microseconds.
const NS_PER_US: f64 = 1_000.0;

/// Sub-buckets of a histogram of three significant digits.
const SUB_BUCKETS: u64 = 2_048;

/// The echo times of all rounds by percentile, in microseconds: the form of
/// `outputPercentileDistribution` of `HdrHistogram` (`.hgrm`). The first
/// lines say what is missing of the result, which times these are, of whom
/// and in which unit; readers pass over lines that begin with `#`.
#[must_use]
pub fn hgrm(result: &BenchResult, subject: &SubjectResult) -> String {
    let times = &subject.echo_times;
    let name = clean(&subject.name);
    let kind = match result.workload.pacing {
        Pacing::Closed => "service times (closed loop)",
        Pacing::Open { .. } => "response times (open loop)",
    };
    let mut text = String::new();
    for words in alerts(result) {
        let _ = writeln!(text, "#[sockscope: {words}]");
    }
    let _ = write!(
        text,
        "#[sockscope: {kind} of {name}, all rounds, in microseconds]\n\
         {:>12} {:>14} {:>10} {:>14}\n\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    );
    for row in rows(times) {
        let value = float(row.value_ns) / NS_PER_US;
        let (percentile, count) = (row.percentile / 100.0, row.count);
        let line = format!("{value:12.3} {percentile:2.12} {count:10}");
        text.push_str(&line);
        if row.percentile < 100.0 {
            // Writing into a String cannot fail.
            let _ = write!(text, " {:14.2}", 1.0 / (1.0 - percentile));
        }
        text.push('\n');
    }
    text + &footer(times)
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Row {
    value_ns: u64,
    percentile: f64,
    count: u64,
}

/// A row each time the next percentile is reached, the steps halving with
/// the distance to 100 %, as `PercentileIterator` of `HdrHistogram` goes.
fn rows(Buckets(buckets): &Buckets) -> Vec<Row> {
    let total = total(buckets);
    let (mut rows, mut count, mut percentile) = (Vec::new(), 0, 0.0);
    for (value_ns, times) in buckets.iter().filter(|(_, times)| *times > 0) {
        count += times;
        let reached = 100.0 * float(count) / float(total);
        while reached >= percentile && percentile < 100.0 {
            rows.push(Row { value_ns: *value_ns, percentile, count });
            percentile += step(percentile);
            if count == total {
                break;
            }
        }
    }
    let last = rows.last().map(|row| Row { percentile: 100.0, ..*row });
    rows.extend(last);
    rows
}

fn step(percentile: f64) -> f64 {
    let halvings = (100.0 / (100.0 - percentile)).log2().floor() + 1.0;
    100.0 / (TICKS * halvings.exp2())
}

fn footer(Buckets(buckets): &Buckets) -> String {
    let total = total(buckets);
    let (mean, deviation) = moments(buckets, float(total).max(1.0));
    let max = buckets.last().map_or(0, |(value_ns, _)| *value_ns);
    let (mean, deviation) = (mean / NS_PER_US, deviation / NS_PER_US);
    let most = float(max) / NS_PER_US;
    let doublings = (max / SUB_BUCKETS).checked_ilog2().map_or(0, |n| n + 1);
    format!(
        "#[Mean    = {mean:12.3}, StdDeviation   = {deviation:12.3}]\n\
         #[Max     = {most:12.3}, Total count    = {total:12}]\n\
         #[Buckets = {:12}, SubBuckets     = {SUB_BUCKETS:12}]\n",
        doublings + 1
    )
}

fn total(buckets: &[(u64, u64)]) -> u64 {
    buckets.iter().map(|(_, times)| times).sum()
}

/// The mean and the standard deviation.
fn moments(buckets: &[(u64, u64)], total: f64) -> (f64, f64) {
    let weigh = |of: &dyn Fn(f64) -> f64| -> f64 {
        let sum =
            |(value, times): &(u64, u64)| of(float(*value)) * float(*times);
        buckets.iter().map(sum).sum::<f64>() / total
    };
    let mean = weigh(&|value| value);
    let variance = weigh(&|value| (value - mean).powi(2));
    (mean, variance.sqrt())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "three digits are kept by the histogram, 53 bits here"
)]
const fn float(n: u64) -> f64 {
    n as f64
}
