//! A result against an earlier one.

use super::figure::Figure;
use super::result::BenchResult;
use super::statistics::{Spread, TAIL, Verdict, as_f64, middle};
use super::{SCHEMA_VERSION, SubjectResult};
use serde::Deserialize;
use thiserror::Error;

/// The figures that are compared.
const COMPARED: [Figure; 5] = [
    Figure::EchoesPerS,
    Figure::ServerCpu,
    Figure::P50Ns,
    Figure::P99Ns,
    Figure::PeakMemory,
];

/// Up to so many rounds the distribution of the rank sum is computed, beyond
/// it is taken to be normal.
const EXACT: usize = 40;

/// A change by less than this part is small, however sure it is.
pub const SMALL: f64 = 0.05;

/// Why a text is no earlier result.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// It is not JSON, or not that of a result.
    #[error("the baseline is not the JSON of a `bench` result")]
    NotAResult(#[from] serde_json::Error),
    /// It has another form than this program knows.
    #[error(
        "the baseline has schema version {found}, this program reads \
         {SCHEMA_VERSION}: measure it anew with this program"
    )]
    OtherVersion {
        /// The version of the text.
        found: u32,
    },
}

/// Reads what an earlier `bench` wrote as JSON. What is derived in there is
/// passed over: it is derived anew from the samples.
///
/// # Errors
/// When the text is no such JSON, or of another schema version.
pub fn parse_baseline(text: &str) -> Result<BenchResult, BaselineError> {
    #[derive(Deserialize)]
    struct Versioned {
        schema_version: u32,
    }
    let Versioned { schema_version: found } = serde_json::from_str(text)?;
    if found != SCHEMA_VERSION {
        return Err(BaselineError::OtherVersion { found });
    }
    Ok(serde_json::from_str(text)?)
}

/// How a result differs from an earlier one.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// When the earlier one began; RFC 3339, UTC.
    pub started_at: String,
    /// The version of sockscope that measured it.
    pub version: String,
    /// A change a server and figure that both have.
    pub changes: Vec<Change>,
    /// What the clients or the conditions had different.
    pub conditions: Vec<Condition>,
    /// Servers that only the earlier result has.
    pub only_before: Vec<String>,
    /// Servers that only the later result has.
    pub only_now: Vec<String>,
}

/// One figure of one server, then and now.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The server.
    pub subject: String,
    /// The figure.
    pub figure: Figure,
    /// Then.
    pub before: Spread,
    /// Now.
    pub now: Spread,
    /// How many times what it was it is now.
    pub ratio: Shift,
    /// What can be said of it.
    pub verdict: Verdict,
}

/// The ratio of two sets of samples that do not belong together in pairs.
///
/// The estimate of Hodges and Lehmann on the logarithms: the median of all
/// quotients of a later sample and an earlier one. Its interval is that of
/// Moses: from the k-th smallest to the k-th largest quotient, with the
/// largest k for which the rank sum test of Mann and Whitney rejects
/// anything outside at 5 %. See Hollander and Wolfe, *Nonparametric
/// Statistical Methods*, sections 4.2 and 4.3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The estimate.
    pub ratio: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
    /// Whether there are enough samples for an interval of 95 %; else it is
    /// all that was seen.
    pub is_enough: bool,
}

/// A condition that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Which one, as the field is called.
    pub field: &'static str,
    /// Then.
    pub before: String,
    /// Now.
    pub now: String,
}

impl Baseline {
    /// Compares a result with an earlier one.
    #[must_use]
    pub fn new(now: &BenchResult, before: &BenchResult) -> Self {
        let pairs = now.subjects.iter().filter_map(|this| {
            subject(before, &this.name).map(|that| (this, that))
        });
        let changes = pairs.flat_map(|(this, that)| {
            let change = move |figure| change(figure, now, before, this, that);
            COMPARED.into_iter().filter_map(change)
        });
        Self {
            started_at: before.conditions.started_at.clone(),
            version: before.conditions.version.clone(),
            changes: changes.collect(),
            conditions: conditions(now, before),
            only_before: missing(before, now),
            only_now: missing(now, before),
        }
    }
}

fn subject<'a>(
    result: &'a BenchResult,
    name: &str,
) -> Option<&'a SubjectResult> {
    result.subjects.iter().find(|subject| subject.name == name)
}

fn missing(here: &BenchResult, there: &BenchResult) -> Vec<String> {
    let names = here.subjects.iter().map(|subject| &subject.name);
    names.filter(|name| subject(there, name).is_none()).cloned().collect()
}

fn change(
    figure: Figure,
    now: &BenchResult,
    before: &BenchResult,
    this: &SubjectResult,
    that: &SubjectResult,
) -> Option<Change> {
    if this.is_at_least(figure, &now.workload)
        || that.is_at_least(figure, &before.workload)
    {
        return None;
    }
    let of = |subject: &SubjectResult, result: &BenchResult| -> Vec<f64> {
        let values = subject.values(figure, &result.workload);
        values.into_iter().map(|(_, value)| value).collect()
    };
    let (later, earlier) = (of(this, now), of(that, before));
    let ratio = Shift::of(&later, &earlier)?;
    Some(Change {
        subject: this.name.clone(),
        figure,
        before: Spread::of(earlier)?,
        now: Spread::of(later)?,
        verdict: ratio.verdict(),
        ratio,
    })
}

impl Change {
    /// Whether it is less than [`SMALL`], up or down.
    #[must_use]
    pub fn is_small(&self) -> bool {
        let ratio = self.ratio.ratio;
        ratio.max(1.0 / ratio) < 1.0 + SMALL
    }
}

impl Shift {
    /// How many times the earlier samples the later ones are; `None` unless all are above zero and
    /// there is one of each.
    #[must_use]
    pub fn of(later: &[f64], earlier: &[f64]) -> Option<Self> {
        let fits = |it: &f64| it.is_finite() && *it > 0.0;
        if !later.iter().chain(earlier).all(fits) {
            return None;
        }
        let quotient = |this| earlier.iter().map(move |that| this / that);
        let mut all: Vec<f64> = later.iter().flat_map(quotient).collect();
        all.sort_by(f64::total_cmp);
        let rank = rank(later.len(), earlier.len());
        let beyond = rank.saturating_sub(1);
        let (&low, &high) =
            (all.get(beyond)?, all.get(all.len().checked_sub(beyond + 1)?)?);
        Some(Self { ratio: middle(&all), low, high, is_enough: rank > 0 })
    }

    fn verdict(self) -> Verdict {
        match self {
            Self { is_enough: false, .. } => Verdict::TooFewRounds,
            Self { low, high, .. } if low <= 1.0 && high >= 1.0 => {
                Verdict::WithinTheNoise
            }
            _ => Verdict::Beyond,
        }
    }
}

/// The largest k for which Mann and Whitney's U is below k in at most
/// [`TAIL`] of all orders of samples that are alike; 0 if there is none.
fn rank(later: usize, earlier: usize) -> usize {
    if later > EXACT || earlier > EXACT {
        return rank_if_normal(as_f64(later), as_f64(earlier));
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

/// The probability of each value of U, from 0 on: the last in order is one
/// of the later ones, above all earlier ones, or an earlier one, above none.
fn rank_sums(later: usize, earlier: usize) -> Vec<f64> {
    let mut row: Vec<Vec<f64>> = vec![vec![1.0]; earlier + 1];
    for m in 1..=later {
        let mut next: Vec<Vec<f64>> = vec![vec![1.0]];
        for n in 1..=earlier {
            let share = as_f64(m) / as_f64(m + n);
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

impl Condition {
    /// `clients: 10 then, 100 now`.
    #[must_use]
    pub fn words(&self) -> String {
        let Self { field, before, now } = self;
        format!("{field}: {before} then, {now} now")
    }
}

fn conditions(now: &BenchResult, before: &BenchResult) -> Vec<Condition> {
    let all = told(now).into_iter().zip(told(before));
    let different = all.filter(|((_, now), (_, before))| now != before);
    let named = different.map(|((field, now), (_, before))| Condition {
        field,
        before,
        now,
    });
    named.collect()
}

/// What must be alike for two results to be comparable.
fn told(result: &BenchResult) -> [(&'static str, String); 14] {
    let (did, met) = (&result.workload, &result.conditions);
    let cores = |cores: &Option<Vec<u32>>| match cores {
        Some(cores) => format!("{cores:?}"),
        None => "not bound".into(),
    };
    let or_unknown = |it: Option<String>| it.unwrap_or("unknown".into());
    [
        ("clients", did.clients.to_string()),
        ("idle", did.idle.to_string()),
        ("size_bytes", did.size_bytes.to_string()),
        ("pipeline", did.pipeline.to_string()),
        ("pacing", did.pacing.words()),
        ("warm_up_ns", did.warm_up_ns.to_string()),
        ("time_ns", did.time_ns.to_string()),
        ("system", met.system.clone()),
        ("kernel", or_unknown(met.kernel.clone())),
        ("cores", or_unknown(met.cores.map(|it| it.to_string()))),
        ("server_cores", cores(&met.server_cores)),
        ("load_cores", cores(&met.load_cores)),
        ("mechanism", met.mechanism.clone()),
        ("optimized", met.optimized.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, and in the tables of Mann and Whitney (1947): of 3 and 3
    /// samples U is 0 in 1 of 20 orders, of 4 and 4 in 1 of 70; critical
    /// values at 5 %, two-sided: 5 and 5: 2, 6 and 6: 5, 8 and 8: 13,
    /// 10 and 10: 23, 20 and 20: 127.
    #[test]
    fn rank_sums_are_those_of_the_tables() {
        assert!((rank_sums(3, 3)[0] - 1.0 / 20.0).abs() < 1e-12);
        assert!((rank_sums(4, 4)[1] - 1.0 / 70.0).abs() < 1e-12);
        let ranks = [
            (3, 3, 0),
            (4, 4, 1),
            (5, 5, 3),
            (6, 6, 6),
            (8, 8, 14),
            (10, 10, 24),
            (20, 20, 128),
            (3, 6, 2),
            (6, 3, 2),
        ];
        for (m, n, k) in ranks {
            assert_eq!(rank(m, n), k, "{m} and {n}");
        }
    }

    #[test]
    fn the_normal_distribution_joins_the_exact_one() {
        let exact: f64 = as_f64(rank(EXACT, EXACT));
        let normal = as_f64(rank_if_normal(40.0, 40.0));
        assert!((exact - normal).abs() <= 2.0, "{exact} {normal}");
    }

    #[test]
    fn a_shift_is_the_median_of_all_quotients() {
        let shift = Shift::of(&[2.0, 4.0], &[1.0, 2.0]).expect("above zero");
        assert_eq!((shift.ratio, shift.low, shift.high), (2.0, 1.0, 4.0));
        assert_eq!(shift.verdict(), Verdict::TooFewRounds);
        assert_eq!(Shift::of(&[1.0], &[0.0]), None);
        assert_eq!(Shift::of(&[], &[1.0]), None);
    }
}
