//! Where one server's figure goes below another's.

use super::paired::{Relation, relation};
use super::{SweepPoint, SweepResult};
use crate::measure::{Figure, Ratio};

/// Two servers change places: up to one value `below` was above `above`,
/// from another on it is below, both beyond the noise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The server whose figure is the smaller one afterwards.
    pub below: String,
    /// The server whose figure is the larger one afterwards.
    pub above: String,
    /// The last value at which it was the other way round.
    pub before: u32,
    /// The first value at which it is so. Between the two the difference is
    /// within the noise or was not measured.
    pub first: u32,
    /// Up to this value it is so at every point.
    pub last: u32,
    /// Whether that is the last point of the sweep.
    pub to_the_end: bool,
    /// Whether there are enough rounds on both sides for an interval of
    /// 95 %; else all rounds agree, and more of them might not.
    pub is_sure: bool,
}

/// Every crossing of two servers in a figure, by rising values. A point at
/// which one of them has no figure, or fewer than two rounds are common to
/// both, says nothing.
#[must_use]
pub fn crossings(result: &SweepResult, figure: Figure) -> Vec<Crossing> {
    let names = result.names();
    let mut found = Vec::new();
    for (at, one) in names.iter().enumerate() {
        for other in &names[at + 1..] {
            let relation = |point| relation_at(point, one, other, figure);
            let relations: Vec<_> = result
                .points
                .iter()
                .map(|it| (it.value, relation(it)))
                .collect();
            found.extend(changes(&relations, one, other));
        }
    }
    found.sort_by_key(|it| (it.first, it.before));
    found
}

/// How many pairs of servers can be compared beyond the noise, one way or
/// the other, at two points at least: without one, that nothing crosses
/// says nothing.
#[must_use]
pub fn pairs_compared(result: &SweepResult, figure: Figure) -> usize {
    let names = result.names();
    let decided = |one: &str, other: &str| {
        let points = result.points.iter();
        let relations = points.map(|it| relation_at(it, one, other, figure));
        relations.filter(|it| is_decided(it.0)).count()
    };
    let all = names.iter().enumerate().flat_map(|(at, one)| {
        names[at + 1..].iter().map(move |other| (*one, *other))
    });
    all.filter(|(one, other)| decided(one, other) > 1).count()
}

/// What two servers' figures are to each other at a point, and whether
/// there are enough rounds to be sure.
fn relation_at(
    point: &SweepPoint,
    one: &str,
    other: &str,
    figure: Figure,
) -> (Relation, bool) {
    let of = |name| {
        let subject = point.subject(name);
        let known =
            subject.filter(|it| !it.is_at_least(figure, &point.workload));
        known.map(|it| it.values(figure, &point.workload))
    };
    let (one, other) = (of(one), of(other));
    let ratio = one.zip(other).and_then(|(a, b)| Ratio::of(&a, &b));
    ratio.map_or((Relation::Unknown, false), |ratio| {
        (relation(ratio), ratio.0.is_enough())
    })
}

fn is_decided(relation: Relation) -> bool {
    matches!(relation, Relation::Below | Relation::Above)
}

/// A point's value, what two figures are to each other there, and whether
/// that is sure.
type At = (u32, (Relation, bool));

fn changes(points: &[At], one: &str, other: &str) -> Vec<Crossing> {
    let decided: Vec<_> =
        (0..points.len()).filter(|at| is_decided(points[*at].1.0)).collect();
    let pairs = decided.windows(2).map(|two| (two[0], two[1]));
    pairs
        .filter(|(before, first)| points[*before].1.0 != points[*first].1.0)
        .map(|(before, first)| crossing(points, before, first, (one, other)))
        .collect()
}

fn crossing(
    points: &[At],
    before: usize,
    first: usize,
    (one, other): (&str, &str),
) -> Crossing {
    let (value, (relation, _)) = points[first];
    let so = points[first..].iter().take_while(|it| it.1.0 == relation);
    let last = first + so.count() - 1;
    let (below, above) = match relation {
        Relation::Below => (one, other),
        _ => (other, one),
    };
    Crossing {
        below: below.to_owned(),
        above: above.to_owned(),
        before: points[before].0,
        first: value,
        last: points[last].0,
        to_the_end: last + 1 == points.len(),
        is_sure: points[before].1.1 && points[first].1.1,
    }
}
