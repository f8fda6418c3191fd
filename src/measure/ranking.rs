//! Which server is best in a figure, and by how much.

use super::figure::{Better, Figure};
use super::result::{SubjectResult, SweepPoint};
use super::statistics::{RatioVerdict, Spread, WIDE};
use crate::load::steady::{Rhythm, Workload};
use schemars::JsonSchema;
use serde::Serialize;

/// The best server in a figure, compared with each other server.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Ranking {
    /// The figure, by its name in JSON, which ends in its unit.
    pub figure: Figure,
    /// The name of the best server.
    pub best: String,
    /// The other servers, the closest first.
    pub against: Vec<Against>,
}

/// The best server compared with another one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Against {
    /// The name of the other server.
    pub subject: String,
    /// How many times better the best server is, round by round: above 1 if it
    /// is better, whichever direction of the figure is better.
    pub ratio: Spread,
    /// Whether the two differ beyond the noise.
    pub verdict: RatioVerdict,
}

/// A server that was measured but is not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The server's name.
    pub subject: String,
    /// The reason, in words: `it failed`.
    pub why: String,
}

/// The figures by which servers are compared. In an open loop echoes a second
/// are not: all servers get messages at the same rate.
pub(super) const fn ranked(pacing: Rhythm) -> &'static [Figure] {
    const ALL: [Figure; 3] = [Figure::Echoes, Figure::Cpu, Figure::P99];
    match pacing {
        Rhythm::Closed => &ALL,
        Rhythm::Open { .. } => ALL.split_at(1).1,
    }
}

/// One ranking for each figure; none for figures in which fewer than two
/// servers can be compared.
pub fn rankings(point: &SweepPoint) -> Vec<Ranking> {
    let figures = ranked(point.workload.pacing).iter();
    figures.filter_map(|figure| rank(*figure, point)).collect()
}

/// The servers that are in no ranking, and why.
pub fn left_out(point: &SweepPoint) -> Vec<LeftOut> {
    let all = point.subjects.iter().filter_map(|it| {
        let why = reason(it, point)?;
        Some(LeftOut { subject: it.name.clone(), why })
    });
    all.collect()
}

/// How many rounds fewer than others a server may have: the user can interrupt
/// a measurement in the middle of a round.
const MAY_LACK: usize = 1;

/// Why a server is not compared; `None` if it is. A server that served few of
/// its clients, or lost some, looks fast to the others.
fn reason(subject: &SubjectResult, point: &SweepPoint) -> Option<String> {
    let (silent, rounds) = (subject.silent_rounds(), subject.samples.len());
    let had = subject.rounds_had();
    let most = point.subjects.iter().map(SubjectResult::rounds_had).max();
    let most = most.unwrap_or(0);
    let unserved = subject.most_unserved(&point.workload);
    let lost = subject.samples.iter().map(|it| it.load.connections_lost);
    let lost = lost.max().unwrap_or(0);
    let wrong = subject.samples.iter().any(|it| it.load.mismatches > 0);
    if subject.failure.is_some() {
        Some("it failed".into())
    } else if rounds == 0 {
        Some("it was not measured".into())
    } else if had + MAY_LACK < most {
        Some(format!("it has had {had} of {most} rounds"))
    } else if silent > 0 {
        Some(format!("no echo at all in {silent} of {rounds} rounds"))
    } else if unserved > 0 {
        let clients = point.workload.clients;
        Some(format!("{unserved} of {clients} clients had no echo"))
    } else if lost > 0 {
        let all = point.workload.connections();
        Some(format!("{lost} of {all} connections were lost"))
    } else {
        wrong.then(|| "it echoed wrong bytes".into())
    }
}

impl SubjectResult {
    /// Rounds without any echo; 0 for a server that failed.
    pub(super) fn silent_rounds(&self) -> usize {
        if self.failure.is_some() {
            return 0;
        }
        self.samples.iter().filter(|it| it.load.echoes == 0).count()
    }

    /// The most clients without an echo in a window in which others had one.
    pub(super) fn most_unserved(&self, workload: &Workload) -> u32 {
        let some = self.samples.iter().filter(|it| it.load.echoes > 0);
        some.map(|it| it.unserved(workload)).max().unwrap_or(0)
    }
}

fn rank(figure: Figure, point: &SweepPoint) -> Option<Ranking> {
    let compared =
        point.subjects.iter().filter(|it| reason(it, point).is_none());
    let known = compared.filter_map(|it| {
        Some((point.exact_spread(&it.name, figure)?.median, &*it.name))
    });
    let mut order: Vec<_> = known.collect();
    order.sort_by(|(a, _), (b, _)| match figure.better() {
        Better::More => b.total_cmp(a),
        Better::Less | Better::Neither => a.total_cmp(b),
    });
    // The median of ratios may disagree with the ratio of medians: the best
    // server is the one that the fewest others are ahead of.
    let rankings = order.iter().map(|(_, best)| {
        let others = order.iter().filter(|it| it.1 != *best);
        let mut against: Vec<_> = others
            .filter_map(|it| compare(figure, point, best, it.1))
            .collect();
        let median = |it: &Against| it.ratio.median;
        against.sort_by(|a, b| median(a).total_cmp(&median(b)));
        Ranking { figure, best: (*best).to_owned(), against }
    });
    let best = rankings.min_by_key(|it| {
        it.against.iter().filter(|it| it.ratio.median < 1.0).count()
    });
    best.filter(|it| !it.against.is_empty())
}

/// Whether `one` is better than `other`, beyond the noise.
pub(super) fn is_ahead(
    figure: Figure,
    point: &SweepPoint,
    one: &str,
    other: &str,
) -> bool {
    compare(figure, point, one, other).is_some_and(|it| {
        it.verdict == RatioVerdict::Beyond && it.ratio.median > 1.0
    })
}

fn compare(
    figure: Figure,
    point: &SweepPoint,
    best: &str,
    other: &str,
) -> Option<Against> {
    let [ours, theirs] = [best, other].map(|it| point.exact_spread(it, figure));
    let is_wide = ours?.is_wide() | theirs?.is_wide();
    let (upper, lower) = match figure.better() {
        Better::More => (best, other),
        Better::Less | Better::Neither => (other, best),
    };
    let ratio = Spread::of_quotients(
        &point.values(upper, figure),
        &point.values(lower, figure),
    )?;
    let verdict = match ratio.verdict() {
        RatioVerdict::Beyond if is_wide && ratio.low < 1.0 + WIDE => {
            RatioVerdict::TooWide
        }
        RatioVerdict::Beyond if ratio.median < 1.0 => {
            RatioVerdict::WithinTheNoise
        }
        verdict => verdict,
    };
    Some(Against { subject: other.to_owned(), ratio, verdict })
}

impl Ranking {
    /// The best server, and those that do not differ from it for certain.
    pub fn leaders(&self) -> Vec<&str> {
        let alike = |it: &&Against| it.verdict != RatioVerdict::Beyond;
        let others = self.against.iter().filter(alike);
        let others = others.map(|it| it.subject.as_str());
        std::iter::once(self.best.as_str()).chain(others).collect()
    }

    /// Whether there are enough rounds for a verdict on any server.
    pub fn is_enough(&self) -> bool {
        let few = RatioVerdict::TooFewRounds;
        self.against.iter().any(|it| it.verdict != few)
    }

    /// What makes the best server the best: `echoed the most a second`.
    pub const fn deed(&self) -> &'static str {
        match self.figure {
            Figure::Echoes => "echoed the most a second",
            Figure::Cpu => "used the least CPU time an echo",
            _ => "had the lowest p99 echo time",
        }
    }
}
