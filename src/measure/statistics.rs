//! Medians, ratios and their confidence intervals, without assumptions on the
//! distribution of samples: times on a computer are neither normally nor
//! symmetrically distributed.

use schemars::JsonSchema;
use serde::Serialize;

/// The fewest samples for which there is an interval of 95 %.
pub const ENOUGH: usize = 6;

/// The probability beyond each end of an interval, at most.
const TAIL: f64 = 0.025;

/// An interval is wide if it is wider than this part of its median.
pub const WIDE: f64 = 0.2;

/// A median and its confidence interval.
///
/// The interval reaches from the k-th smallest to the k-th largest sample, with
/// the largest k for which it covers the median of the distribution with a
/// probability of at least 95 %: the number of samples below that median is
/// binomial with p = 1/2, whatever the distribution. See Conover, *Practical
/// Nonparametric Statistics*, section 3.2; Hahn and Meeker, *Statistical
/// Intervals*, section 5.2. This takes at least six samples; with fewer, the
/// interval is the range of the samples and has no known coverage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Spread {
    /// The median of the samples.
    pub median: f64,
    /// The lower end of the confidence interval.
    pub low: f64,
    /// The upper end of the confidence interval.
    pub high: f64,
    /// The smallest sample.
    pub min: f64,
    /// The largest sample.
    pub max: f64,
    /// The number of samples.
    pub n: usize,
}

impl Spread {
    /// The spread of samples in any order; `None` without a sample. Samples
    /// that are not finite are ignored.
    pub fn of(samples: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> =
            samples.into_iter().filter(|it| it.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let n = sorted.len();
        let (low, high) = ends(&sorted, rank(n))?;
        Some(Self { median: middle(&sorted), low, high, min, max, n })
    }

    /// The spread of the quotients of two servers' figures in the same rounds,
    /// given as pairs of round and value. What disturbed a round disturbed both
    /// servers, so that quotients spread less than figures. Rounds of only one
    /// server and divisions by zero are ignored; `None` if no quotient is left.
    pub fn of_quotients(
        upper: &[(u32, f64)],
        lower: &[(u32, f64)],
    ) -> Option<Self> {
        Self::of(upper.iter().filter_map(|(round, this)| {
            let (_, that) = lower.iter().find(|(other, _)| other == round)?;
            Some(this / that)
        }))
    }

    /// Whether a ratio with this spread differs from 1.
    pub fn verdict(&self) -> RatioVerdict {
        RatioVerdict::of(self.is_enough(), self.low, self.high)
    }

    /// Whether there are enough samples for an interval of 95 %.
    pub fn is_enough(&self) -> bool {
        self.n >= ENOUGH
    }

    /// The distance from the median to the farther end of the interval, as a
    /// part of the median; `None` for a median of zero or a single sample.
    pub fn uncertainty(&self) -> Option<f64> {
        let farther = (self.high - self.median).max(self.median - self.low);
        (self.median != 0.0 && self.n > 1)
            .then(|| (farther / self.median).abs())
    }

    /// Whether the interval is wider than [`WIDE`] times its median.
    pub fn is_wide(&self) -> bool {
        self.high - self.low > WIDE * self.median.abs()
    }
}

/// The median of sorted samples; for an even number of samples the mean of the
/// middle two.
fn middle(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[half])
}

/// The k-th smallest and the k-th largest of sorted samples; for k = 0 the
/// smallest and the largest.
fn ends(sorted: &[f64], k: usize) -> Option<(f64, f64)> {
    let beyond = k.saturating_sub(1);
    let high = sorted.iter().nth_back(beyond)?;
    Some((*sorted.get(beyond)?, *high))
}

/// The largest k for which the probability that fewer than k of n samples fall
/// below their true median is at most [`TAIL`]; 0 if there is none.
fn rank(n: usize) -> usize {
    let mut log_probability = -count(n) * std::f64::consts::LN_2;
    let mut below = 0.0;
    for k in 0..n {
        below += log_probability.exp();
        if below > TAIL {
            return k;
        }
        log_probability += (count(n - k) / count(k + 1)).ln();
    }
    0
}

const fn count(n: usize) -> f64 {
    float(n as u64)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "three digits are shown, 53 bits are kept"
)]
pub(super) const fn float(n: u64) -> f64 {
    n as f64
}

/// Whether two figures differ, by the interval of their ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RatioVerdict {
    /// They differ: the interval does not include 1.
    Beyond,
    /// They may be equal: the interval includes 1.
    WithinTheNoise,
    /// The interval almost includes 1, and one of the two figures has too wide
    /// an interval of its own to decide on small differences.
    TooWide,
    /// There are too few rounds for an interval of 95 %.
    TooFewRounds,
}

impl RatioVerdict {
    const fn of(is_enough: bool, low: f64, high: f64) -> Self {
        if !is_enough {
            Self::TooFewRounds
        } else if low <= 1.0 && high >= 1.0 {
            Self::WithinTheNoise
        } else {
            Self::Beyond
        }
    }

    /// The verdict in words; empty for a difference beyond the noise.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Beyond => "",
            Self::WithinTheNoise => "no difference beyond the noise",
            Self::TooWide => "spread too wide to tell",
            Self::TooFewRounds => "too few rounds to tell",
        }
    }
}

/// Up to this many rounds the distribution of the rank sum is computed; for
/// more rounds a normal distribution is assumed.
const EXACT: usize = 40;

/// The ratio of two sets of samples that are not paired.
///
/// The Hodges-Lehmann estimate on the logarithms: the median of all quotients
/// of a later sample and an earlier one. The interval is that of Moses: from
/// the k-th smallest to the k-th largest quotient, with the largest k for which
/// the rank sum test of Mann and Whitney rejects all ratios outside at 5 %. See
/// Hollander and Wolfe, *Nonparametric Statistical Methods*, sections 4.2 and
/// 4.3.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Shift {
    /// The estimate of later samples divided by earlier ones.
    pub ratio: f64,
    /// The lower end of the confidence interval.
    pub low: f64,
    /// The upper end of the confidence interval.
    pub high: f64,
    /// Whether there are enough samples for an interval of 95 %; otherwise it
    /// is the range of the quotients.
    pub is_enough: bool,
}

impl Shift {
    /// The ratio of later samples to earlier ones; `None` unless all are above
    /// zero and neither set is empty.
    pub fn of(later: &[f64], earlier: &[f64]) -> Option<Self> {
        let fits = |it: &f64| it.is_finite() && *it > 0.0;
        if !later.iter().chain(earlier).all(fits) {
            return None;
        }
        let quotient = |this| earlier.iter().map(move |that| this / that);
        let mut all: Vec<f64> = later.iter().flat_map(quotient).collect();
        all.sort_by(f64::total_cmp);
        let rank = rank_of_sum(later.len(), earlier.len());
        let (low, high) = ends(&all, rank)?;
        Some(Self { ratio: middle(&all), low, high, is_enough: rank > 0 })
    }

    /// Whether the ratio differs from 1.
    pub fn verdict(self) -> RatioVerdict {
        RatioVerdict::of(self.is_enough, self.low, self.high)
    }
}

/// The largest k for which the probability that Mann and Whitney's U is below
/// k, if the sets do not differ, is at most [`TAIL`]; 0 if there is none.
fn rank_of_sum(later: usize, earlier: usize) -> usize {
    if later > EXACT || earlier > EXACT {
        return rank_if_normal(count(later), count(earlier));
    }
    let mut below = 0.0;
    let rank = rank_sums(later, earlier).into_iter().position(|probability| {
        below += probability;
        below > TAIL
    });
    rank.unwrap_or(0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "far from zero and below the number of quotients"
)]
fn rank_if_normal(later: f64, earlier: f64) -> usize {
    let deviation = (later * earlier * (later + earlier + 1.0) / 12.0).sqrt();
    (later * earlier / 2.0 - 1.96 * deviation).floor().max(0.0) as usize
}

/// The probability of each value of U, from 0 on. The largest sample is a later
/// one, which adds the number of earlier ones to U, or an earlier one, which
/// adds nothing.
fn rank_sums(later: usize, earlier: usize) -> Vec<f64> {
    let mut row: Vec<Vec<f64>> = vec![vec![1.0]; earlier + 1];
    for m in 1..=later {
        let mut next: Vec<Vec<f64>> = vec![vec![1.0]];
        for n in 1..=earlier {
            let share = count(m) / count(m + n);
            let mut sums = vec![0.0; m * n + 1];
            for (u, probability) in row[n].iter().enumerate() {
                sums[u + n] += share * probability;
            }
            for (u, probability) in next[n - 1].iter().enumerate() {
                sums[u] += (1.0 - share) * probability;
            }
            next.push(sums);
        }
        row = next;
    }
    row.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(samples: &[f64]) -> Spread {
        Spread::of(samples.iter().copied()).expect("there are samples")
    }

    /// By hand: the largest k with sum over i < k of C(n, i) / 2^n <= 0.025;
    /// the same as table A3 of Conover and most others.
    #[test]
    fn ranks_are_those_of_the_tables() {
        let n = [1, 5, 6, 8, 9, 11, 12, 15, 17, 20, 25, 30, 50, 100];
        let k = [0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 18, 40];
        assert_eq!(n.map(rank), k);
        assert!(rank(5_000) > 2_400);
    }

    /// The interval of six samples is their range, the interval of nine leaves
    /// out the extremes, and five samples are too few.
    #[test]
    fn an_interval_has_the_ends_of_its_rank() {
        let cases: [(&[f64], [f64; 5], bool); 3] = [
            (&[4.0, 1.0, 9.0, 2.0, 3.0, 5.0], [3.5, 1.0, 9.0, 1.0, 9.0], true),
            (
                &[9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 100.0],
                [6.0, 3.0, 9.0, 2.0, 100.0],
                true,
            ),
            (&[1.0, 2.0, 3.0, 4.0, 5.0], [3.0, 1.0, 5.0, 1.0, 5.0], false),
        ];
        for (samples, expected, is_enough) in cases {
            let Spread { median, low, high, min, max, n } = spread(samples);
            let all = [median, low, high, min, max];
            assert!(all.iter().eq(&expected), "{all:?}");
            assert_eq!((n, n >= ENOUGH), (samples.len(), is_enough));
        }
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([f64::NAN, f64::INFINITY]), None);
    }

    #[test]
    fn uncertainty_is_that_of_the_farther_end() {
        let six = spread(&[90.0, 95.0, 100.0, 100.0, 103.0, 105.0]);
        assert_eq!(six.uncertainty(), Some(0.1));
        assert!(!six.is_wide());
        assert_eq!(spread(&[0.0; 6]).uncertainty(), None);
        assert!(spread(&[80.0, 100.0, 100.0, 100.0, 100.0, 120.0]).is_wide());
    }

    #[test]
    fn only_common_rounds_have_a_quotient() {
        let upper = [(1, 10.0), (2, 30.0), (4, 8.0)];
        let lower = [(2, 10.0), (3, 1.0), (4, 4.0), (5, 1.0)];
        let ratio = Spread::of_quotients(&upper, &lower).expect("two rounds");
        assert_eq!((ratio.median, ratio.n), (2.5, 2));
        let one = |upper, lower| Spread::of_quotients(&[upper], &[lower]);
        assert_eq!(one((1, 1.0), (2, 1.0)), None);
        assert_eq!(one((1, 1.0), (1, 0.0)), None);
    }

    #[test]
    fn a_ratio_is_beyond_the_noise_if_one_is_outside() {
        let of = |last: f64| {
            let quotients = [1.1, 1.2, 1.3, 1.4, 1.5, last];
            spread(&quotients).verdict()
        };
        assert_eq!(of(1.01), RatioVerdict::Beyond);
        assert_eq!(of(1.0), RatioVerdict::WithinTheNoise);
        assert_eq!(of(0.9), RatioVerdict::WithinTheNoise);
        let few = spread(&[1.1; 5]).verdict();
        assert_eq!(few, RatioVerdict::TooFewRounds);
    }

    /// By hand, and in the tables of Mann and Whitney (1947): of 3 and 3
    /// samples U is 0 in 1 of 20 orders, of 4 and 4 in 1 of 70; critical
    /// values at 5 %, two-sided: 5 and 5: 2, 6 and 6: 5, 8 and 8: 13,
    /// 10 and 10: 23, 20 and 20: 127.
    #[test]
    fn rank_sums_are_those_of_the_tables() {
        assert!((rank_sums(3, 3)[0] - 1.0 / 20.0).abs() < 1e-12);
        assert!((rank_sums(4, 4)[1] - 1.0 / 70.0).abs() < 1e-12);
        let alike = [3, 4, 5, 6, 8, 10, 20].map(|n| rank_of_sum(n, n));
        assert_eq!(alike, [0, 1, 3, 6, 14, 24, 128]);
        assert_eq!((rank_of_sum(3, 6), rank_of_sum(6, 3)), (2, 2));
    }

    #[test]
    fn the_normal_distribution_joins_the_exact_one() {
        let exact: f64 = count(rank_of_sum(EXACT, EXACT));
        let normal = count(rank_if_normal(40.0, 40.0));
        assert!((exact - normal).abs() <= 2.0, "{exact} {normal}");
    }

    #[test]
    fn a_shift_is_the_median_of_all_quotients() {
        let shift = Shift::of(&[2.0, 4.0], &[1.0, 2.0]).expect("above zero");
        assert_eq!((shift.ratio, shift.low, shift.high), (2.0, 1.0, 4.0));
        assert_eq!(shift.verdict(), RatioVerdict::TooFewRounds);
        assert_eq!(Shift::of(&[1.0], &[0.0]), None);
        assert_eq!(Shift::of(&[], &[1.0]), None);
    }
}
