//! Which server does best, and by how much.

use super::figure::{Better, Figure};
use super::result::{SubjectResult, SweepPoint};
use super::statistics::{Ratio, RatioVerdict, Spread, WIDE};
use crate::load::steady::{Rhythm, Workload};
use schemars::JsonSchema;
use serde::Serialize;

/// The server that does best in a figure, against each other one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Ranking {
    /// The figure.
    pub figure: Figure,
    /// The server that does best.
    pub best: String,
    /// The others, the closest first.
    pub against: Vec<Against>,
}

/// The best server against another one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Against {
    /// The other one.
    pub subject: String,
    /// How many times better the best one is, round by round: above 1 if it
    /// is, whichever direction of the figure is the better one.
    pub ratio: Ratio,
    /// What can be said of it.
    pub verdict: RatioVerdict,
}

/// A server that is measured and not compared, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The server.
    pub subject: String,
    /// Why, in words.
    pub why: String,
}

/// The figures by which servers are compared: in an open loop all of them
/// are sent the same number of messages a second.
pub(super) const fn ranked(pacing: Rhythm) -> &'static [Figure] {
    const ALL: [Figure; 3] = [Figure::Echoes, Figure::Cpu, Figure::P99];
    match pacing {
        Rhythm::Closed => &ALL,
        Rhythm::Open { .. } => ALL.split_at(1).1,
    }
}

/// The servers at a point compared, a ranking a figure; none where fewer than
/// two can be compared.
#[must_use]
pub fn rankings(point: &SweepPoint) -> Vec<Ranking> {
    let compared =
        point.subjects.iter().filter(|it| reason(it, point).is_none());
    let compared: Vec<_> = compared.collect();
    let figures = ranked(point.workload.pacing).iter();
    figures
        .filter_map(|figure| rank(*figure, &compared, &point.workload))
        .collect()
}

/// The servers that no ranking has.
#[must_use]
pub fn left_out(point: &SweepPoint) -> Vec<LeftOut> {
    let why = |subject: &SubjectResult| {
        let why = reason(subject, point)?;
        Some(LeftOut { subject: subject.name.clone(), why })
    };
    point.subjects.iter().filter_map(why).collect()
}

/// How many rounds fewer than others a server may have: an interruption
/// comes in the middle of a round.
const MAY_LACK: usize = 1;

/// Why a server is not compared, if it is not. One that served few of its
/// clients looks fast to those.
fn reason(subject: &SubjectResult, point: &SweepPoint) -> Option<String> {
    let (silent, rounds) = (subject.silent_rounds(), subject.samples.len());
    let most = point.subjects.iter().map(|it| it.samples.len()).max();
    let most = most.unwrap_or(0);
    let unserved = subject.most_unserved(&point.workload);
    let wrong = subject.samples.iter().any(|it| it.load.mismatches > 0);
    if subject.failure.is_some() {
        Some("it failed".into())
    } else if rounds == 0 {
        Some("it was not measured".into())
    } else if rounds + MAY_LACK < most {
        Some(format!("it has had {rounds} of {most} rounds"))
    } else if silent > 0 {
        Some(format!("no echo at all in {silent} of {rounds} rounds"))
    } else if unserved > 0 {
        let clients = point.workload.clients;
        Some(format!("{unserved} of {clients} clients had no echo"))
    } else {
        wrong.then(|| "it echoed wrong bytes".into())
    }
}

impl SubjectResult {
    /// Rounds without any echo, of a server that had some in others.
    pub(super) fn silent_rounds(&self) -> usize {
        if self.failure.is_some() {
            return 0;
        }
        self.samples.iter().filter(|it| it.load.echoes == 0).count()
    }

    /// The most clients that had no echo in a window in which others had one.
    pub(super) fn most_unserved(&self, workload: &Workload) -> u32 {
        let some = self.samples.iter().filter(|it| it.load.echoes > 0);
        some.map(|it| it.unserved(workload)).max().unwrap_or(0)
    }
}

/// A server in a ranking.
struct Ranked<'a> {
    name: &'a str,
    values: Vec<(u32, f64)>,
    spread: Spread,
}

/// Its values, unless they are unknown or only lower bounds.
fn entry<'a>(
    figure: Figure,
    subject: &'a SubjectResult,
    workload: &Workload,
) -> Option<Ranked<'a>> {
    if subject.is_at_least(figure, workload) {
        return None;
    }
    let spread = subject.spread(figure, workload)?;
    let values = subject.values(figure, workload);
    Some(Ranked { name: &subject.name, values, spread })
}

fn rank(
    figure: Figure,
    subjects: &[&SubjectResult],
    workload: &Workload,
) -> Option<Ranking> {
    let entries = subjects.iter().filter_map(|it| entry(figure, it, workload));
    let entries: Vec<Ranked<'_>> = entries.collect();
    let mut order: Vec<&Ranked<'_>> = entries.iter().collect();
    order.sort_by(|a, b| {
        let rising = a.spread.median.total_cmp(&b.spread.median);
        match figure.better() {
            Better::More => rising.reverse(),
            Better::Less | Better::Neither => rising,
        }
    });
    // Medians of quotients may disagree with quotients of medians: the server
    // that fewest others are ahead of stands first.
    let ahead = |best: &&&Ranked<'_>| {
        let all = against(figure, best, &entries);
        all.iter().filter(|it| it.ratio.0.median < 1.0).count()
    };
    let best = order.iter().min_by_key(ahead)?;
    let against = against(figure, best, &entries);
    let best = best.name.into();
    (!against.is_empty()).then_some(Ranking { figure, best, against })
}

/// One of them against each other one, the closest first.
fn against(figure: Figure, best: &Ranked, all: &[Ranked]) -> Vec<Against> {
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
        it.verdict == RatioVerdict::Beyond && it.ratio.0.median > 1.0
    })
}

fn compare(figure: Figure, best: &Ranked, other: &Ranked) -> Option<Against> {
    let (upper, lower) = match figure.better() {
        Better::More => (best, other),
        Better::Less | Better::Neither => (other, best),
    };
    let ratio = Ratio::of(&upper.values, &lower.values)?;
    let wide = best.spread.is_wide() || other.spread.is_wide();
    let little = ratio.0.low < 1.0 + WIDE;
    let verdict = match ratio.verdict() {
        RatioVerdict::Beyond if wide && little => RatioVerdict::TooWide,
        RatioVerdict::Beyond if ratio.0.median < 1.0 => {
            RatioVerdict::WithinTheNoise
        }
        verdict => verdict,
    };
    Some(Against { subject: other.name.into(), ratio, verdict })
}

impl Ranking {
    /// The best one, with those that are too close to it.
    #[must_use]
    pub fn leaders(&self) -> Vec<&str> {
        let alike = |it: &&Against| it.verdict != RatioVerdict::Beyond;
        let others = self.against.iter().filter(alike);
        let others = others.map(|it| it.subject.as_str());
        std::iter::once(self.best.as_str()).chain(others).collect()
    }

    /// Whether there are rounds enough for a verdict on anyone.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        let few = RatioVerdict::TooFewRounds;
        self.against.iter().any(|it| it.verdict != few)
    }

    /// What the best one did: `echoed the most a second`.
    #[must_use]
    pub const fn deed(&self) -> &'static str {
        match self.figure {
            Figure::Echoes => "echoed the most a second",
            Figure::Cpu => "used the least CPU time an echo",
            _ => "had the lowest p99 echo time",
        }
    }
}
