//! Which server does best, and by how much.

use super::{most_unserved, ranked, silent_rounds};
use crate::measure::figure::{Better, Figure};
use crate::measure::result::{BenchResult, SubjectResult};
use crate::measure::statistics::{Ratio, Spread, Verdict, WIDE};
use crate::measure::workload::Workload;
use crate::units::show_interval;

/// The server that does best in a figure, against each other one.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// The figure.
    pub figure: Figure,
    /// The server that does best.
    pub best: String,
    /// The others, the closest first.
    pub against: Vec<Against>,
}

/// The best server against another one.
#[derive(Clone, Debug, PartialEq)]
pub struct Against {
    /// The other one.
    pub subject: String,
    /// How many times better the best one is, round by round: above 1 if it
    /// is, whichever direction of the figure is the better one.
    pub ratio: Ratio,
    /// What can be said of it.
    pub verdict: Verdict,
}

/// A server that is measured and not compared, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The server.
    pub subject: String,
    /// Why, in words.
    pub why: String,
}

/// Who does best, a ranking a figure; none where fewer than two can be
/// compared.
#[must_use]
pub fn rankings(result: &BenchResult) -> Vec<Ranking> {
    let workload = &result.workload;
    let fit: Vec<_> = result
        .subjects
        .iter()
        .filter(|subject| reason(subject, result).is_none())
        .collect();
    let figures = ranked(workload.pacing).iter();
    figures.filter_map(|figure| rank(*figure, &fit, workload)).collect()
}

/// The servers that no ranking has.
#[must_use]
pub fn left_out(result: &BenchResult) -> Vec<LeftOut> {
    let why = |subject: &SubjectResult| {
        let why = reason(subject, result)?;
        Some(LeftOut { subject: subject.name.clone(), why })
    };
    result.subjects.iter().filter_map(why).collect()
}

/// So many rounds fewer than others a server may have: who is interrupted is
/// so in the middle of a round.
const MAY_LACK: usize = 1;

/// A server that served few of its clients looks fast to those.
fn reason(subject: &SubjectResult, result: &BenchResult) -> Option<String> {
    let workload = &result.workload;
    let (silent, rounds) = (silent_rounds(subject), subject.samples.len());
    let most = result.subjects.iter().map(|it| it.samples.len()).max();
    let most = most.unwrap_or(0);
    let unserved = most_unserved(subject, workload);
    let wrong = |it: &SubjectResult| {
        it.samples.iter().any(|sample| sample.load.mismatches > 0)
    };
    if subject.failure.is_some() {
        Some("it failed".into())
    } else if subject.samples.is_empty() {
        Some("it was not measured".into())
    } else if rounds + MAY_LACK < most {
        Some(format!("it has had {rounds} of {most} rounds"))
    } else if silent > 0 {
        Some(format!("no echo at all in {silent} of {rounds} rounds"))
    } else if unserved > 0 {
        let clients = workload.clients;
        Some(format!("{unserved} of {clients} clients had no echo"))
    } else {
        wrong(subject).then(|| "it echoed wrong bytes".into())
    }
}

struct Entry<'a> {
    name: &'a str,
    values: Vec<(u32, f64)>,
    spread: Spread,
}

/// Its values, unless they are unknown or only lower bounds.
fn entry<'a>(
    figure: Figure,
    subject: &'a SubjectResult,
    workload: &Workload,
) -> Option<Entry<'a>> {
    if subject.is_at_least(figure, workload) {
        return None;
    }
    let spread = subject.spread(figure, workload)?;
    let values = subject.values(figure, workload);
    Some(Entry { name: &subject.name, values, spread })
}

fn rank(
    figure: Figure,
    subjects: &[&SubjectResult],
    workload: &Workload,
) -> Option<Ranking> {
    let entries = subjects.iter().filter_map(|it| entry(figure, it, workload));
    let entries: Vec<Entry<'_>> = entries.collect();
    let mut order: Vec<&Entry<'_>> = entries.iter().collect();
    order.sort_by(|a, b| {
        let rising = a.spread.median.total_cmp(&b.spread.median);
        match figure.better() {
            Better::More => rising.reverse(),
            Better::Less | Better::Neither => rising,
        }
    });
    // Medians of quotients may say other than quotients of medians: whoever
    // fewest others are ahead of stands first.
    let ahead = |best: &&&Entry<'_>| {
        let all = against(figure, best, &entries);
        all.iter().filter(|it| it.ratio.0.median < 1.0).count()
    };
    let best = order.iter().min_by_key(ahead)?;
    let against = against(figure, best, &entries);
    let best = best.name.into();
    (!against.is_empty()).then_some(Ranking { figure, best, against })
}

/// One of them against each other one, the closest first.
fn against(figure: Figure, best: &Entry, all: &[Entry]) -> Vec<Against> {
    let others = all.iter().filter(|other| other.name != best.name);
    let mut against: Vec<_> =
        others.filter_map(|other| compare(figure, best, other)).collect();
    let median = |it: &Against| it.ratio.0.median;
    against.sort_by(|a, b| median(a).total_cmp(&median(b)));
    against
}

/// Whether one server does better than another one, beyond the noise.
pub(super) fn is_ahead(
    figure: Figure,
    one: &SubjectResult,
    other: &SubjectResult,
    workload: &Workload,
) -> bool {
    let ratio = entry(figure, one, workload)
        .zip(entry(figure, other, workload))
        .and_then(|(one, other)| compare(figure, &one, &other));
    ratio.is_some_and(|it| {
        it.verdict == Verdict::Beyond && it.ratio.0.median > 1.0
    })
}

fn compare(figure: Figure, best: &Entry, other: &Entry) -> Option<Against> {
    let (upper, lower) = match figure.better() {
        Better::More => (best, other),
        Better::Less | Better::Neither => (other, best),
    };
    let ratio = Ratio::of(&upper.values, &lower.values)?;
    let wide = best.spread.is_wide() || other.spread.is_wide();
    let little = ratio.0.low < 1.0 + WIDE;
    let verdict = match ratio.verdict() {
        Verdict::Beyond if wide && little => Verdict::TooWide,
        Verdict::Beyond if ratio.0.median < 1.0 => Verdict::WithinTheNoise,
        verdict => verdict,
    };
    Some(Against { subject: other.name.into(), ratio, verdict })
}

impl Ranking {
    /// The best one, with those that cannot be told from it.
    #[must_use]
    pub fn leaders(&self) -> Vec<&str> {
        let alike = |it: &&Against| it.verdict != Verdict::Beyond;
        let others = self.against.iter().filter(alike);
        let others = others.map(|it| it.subject.as_str());
        std::iter::once(self.best.as_str()).chain(others).collect()
    }

    /// Whether there are rounds enough for a verdict on anyone.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        let few = Verdict::TooFewRounds;
        self.against.iter().any(|it| it.verdict != few)
    }

    /// What the best one did: `echoed the most a second`.
    #[must_use]
    pub const fn deed(&self) -> &'static str {
        match self.figure {
            Figure::EchoesPerS => "echoed the most a second",
            Figure::ServerCpu => "used the least CPU time an echo",
            _ => "had the lowest p99 echo time",
        }
    }
}

impl Against {
    /// The ratio and its interval: `1.23 [1.20..1.26]`.
    #[must_use]
    pub fn quotient(&self) -> String {
        let Spread { median, low, high, .. } = self.ratio.0;
        let [median, low, high] = show_interval(median, low, high);
        format!("{median} [{low}..{high}]")
    }
}

impl Verdict {
    /// The verdict in words; empty for a difference beyond the noise.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Beyond => "",
            Self::WithinTheNoise => "no difference beyond the noise",
            Self::TooWide => "spread too wide to tell",
            Self::TooFewRounds => "too few rounds to tell",
        }
    }
}
