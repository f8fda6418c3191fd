//! Where one server's figure goes below another's.

use super::SweepResult;
use super::paired::{At, Relation, relations};
use crate::measure::Figure;

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
    /// The last value at which it is so before they change again, if they
    /// do.
    pub last: u32,
    /// Those values from the first to the last at which it is not to be
    /// told: the difference is within the noise or was not measured.
    pub unclear: Vec<u32>,
    /// Whether the last is the last point of the sweep.
    pub to_the_end: bool,
    /// Whether there are enough rounds on both sides for an interval of
    /// 95 %; else all rounds agree, and more of them might not.
    pub is_sure: bool,
}

/// Every crossing of two servers in a figure, by rising values. A point at
/// which they have not the same rounds, two at least, says nothing, and
/// neither does one at which medians and ratios disagree.
#[must_use]
pub fn crossings(result: &SweepResult, figure: Figure) -> Vec<Crossing> {
    let names = result.names();
    let mut found = Vec::new();
    for (at, one) in names.iter().enumerate() {
        for other in &names[at + 1..] {
            let points = relations(result, (one, other), figure);
            found.extend(changes(&points, one, other));
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
        let points = relations(result, (one, other), figure);
        points.iter().filter(|it| it.relation.is_decided()).count()
    };
    let all = names.iter().enumerate().flat_map(|(at, one)| {
        names[at + 1..].iter().map(move |other| (*one, *other))
    });
    all.filter(|(one, other)| decided(one, other) > 1).count()
}

fn changes(points: &[At], one: &str, other: &str) -> Vec<Crossing> {
    let decided: Vec<_> = (0..points.len())
        .filter(|at| points[*at].relation.is_decided())
        .collect();
    let pairs = decided.windows(2).map(|two| (two[0], two[1]));
    pairs
        .filter(|(before, first)| {
            points[*before].relation != points[*first].relation
        })
        .map(|(before, first)| crossing(points, before, first, (one, other)))
        .collect()
}

fn crossing(
    points: &[At],
    before: usize,
    first: usize,
    (one, other): (&str, &str),
) -> Crossing {
    let At { value, relation, .. } = points[first];
    let is_so = |it: &&At| it.relation == relation;
    let run = points[first..]
        .iter()
        .take_while(|it| it.relation == relation || !it.relation.is_decided());
    let last = run.filter(is_so).last().map_or(value, |it| it.value);
    let within = points[first..].iter().take_while(|it| it.value <= last);
    let unclear = within.filter(|it| !is_so(it)).map(|it| it.value).collect();
    let (below, above) = match relation {
        Relation::Below => (one, other),
        _ => (other, one),
    };
    Crossing {
        below: below.to_owned(),
        above: above.to_owned(),
        before: points[before].value,
        first: value,
        last,
        unclear,
        to_the_end: points.last().is_some_and(|it| it.value == last),
        is_sure: points[before].is_sure && points[first].is_sure,
    }
}
