//! What a sweep shows: where servers change places in a figure, which order
//! they keep, and how the figure grows.

use super::figure::Figure;
use super::result::{SweepPoint, SweepResult};
use super::statistics::Spread;
use itertools::Itertools as _;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

/// The fewest common rounds for a conclusion, which all must agree on.
const FEWEST_ROUNDS: usize = 2;

/// Medians must differ by this factor, because a smaller difference may not be
/// visible in three digits.
const SHOWN: f64 = 1.01;

/// How two servers' figures compare at a point.
#[derive(Clone, Copy)]
struct PointRelation {
    /// The value of the axis at this point.
    value: u32,
    /// The order of the first server to the second, if they differ beyond the
    /// noise; `None` where this is unclear or was not measured.
    order: Option<Ordering>,
    /// Whether there are enough rounds for an interval of 95 %.
    is_sure: bool,
}

fn relations(
    result: &SweepResult,
    pair: [&str; 2],
    figure: Figure,
) -> Vec<PointRelation> {
    let at = |point: &SweepPoint| {
        let (value, decided) = (point.place(), order_at(point, pair, figure));
        let (order, is_sure) = decided.unzip();
        PointRelation { value, order, is_sure: is_sure == Some(true) }
    };
    result.points.iter().map(at).collect()
}

/// The order of two servers at a point, and whether it is sure. Medians and
/// ratios of rounds are comparable only if both servers have the same rounds,
/// and the order is decided only if both agree. With too few rounds for an
/// interval, all rounds must agree.
fn order_at(
    point: &SweepPoint,
    pair: [&str; 2],
    figure: Figure,
) -> Option<(Ordering, bool)> {
    // A lower bound cannot be compared.
    if pair.iter().any(|name| point.is_at_least(name, figure)) {
        return None;
    }
    let [one, other] = pair.map(|name| point.values(name, figure));
    if !one.iter().map(|it| it.0).eq(other.iter().map(|it| it.0)) {
        return None;
    }
    let ratio = Spread::of_quotients(&one, &other)?;
    let (one, other) = (median(&one)?, median(&other)?);
    let order = match ratio {
        Spread { n: ..FEWEST_ROUNDS, .. } => return None,
        _ if ratio.high < 1.0 && one * SHOWN < other => Ordering::Less,
        _ if ratio.low > 1.0 && other * SHOWN < one => Ordering::Greater,
        _ => return None,
    };
    Some((order, ratio.is_enough()))
}

fn median(values: &[(u32, f64)]) -> Option<f64> {
    Spread::of(values.iter().map(|it| it.1)).map(|it| it.median)
}

/// The relations of every pair of servers.
fn all_relations(
    result: &SweepResult,
    figure: Figure,
) -> impl Iterator<Item = ([&str; 2], Vec<PointRelation>)> {
    let pairs = result.names().into_iter().tuple_combinations();
    pairs.map(move |(one, other)| {
        ([one, other], relations(result, [one, other], figure))
    })
}

/// Two servers change places: up to one value of the axis the figure of `below`
/// was above the figure of `above`, from another value on it is below, both
/// beyond the noise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The server whose figure is the smaller one afterwards.
    pub below: String,
    /// The server whose figure is the larger one afterwards.
    pub above: String,
    /// The last value at which the order was the other way round.
    pub before: u32,
    /// The first value at which the new order holds. Between the two the
    /// difference is within the noise or was not measured.
    pub first: u32,
    /// The last value at which the new order holds, before they change places
    /// again or the sweep ends.
    pub last: u32,
    /// The values from `first` to `last` at which the order is unclear: the
    /// difference is within the noise or was not measured.
    pub unclear: Vec<u32>,
    /// Whether `last` is the last point of the sweep.
    pub to_the_end: bool,
    /// Whether both sides have enough rounds for an interval of 95 %. If not,
    /// all rounds agree, but further rounds might not.
    pub is_sure: bool,
}

/// Every crossing of two servers in a figure, by ascending values. A point is
/// ignored if the servers do not have the same rounds, two at least, or if
/// medians and ratios disagree.
pub fn crossings(result: &SweepResult, figure: Figure) -> Vec<Crossing> {
    let mut found = Vec::new();
    for (pair, points) in all_relations(result, figure) {
        let decided =
            (0..points.len()).filter(|at| points[*at].order.is_some());
        for (before, first) in decided.tuple_windows() {
            if points[before].order != points[first].order {
                found.push(crossing(&points, before, first, pair));
            }
        }
    }
    found.sort_by_key(|it| (it.first, it.before));
    found
}

fn crossing(
    points: &[PointRelation],
    before: usize,
    first: usize,
    [one, other]: [&str; 2],
) -> Crossing {
    let PointRelation { value, order, is_sure } = points[first];
    let (below, above) = match order {
        Some(Ordering::Less) => (one, other),
        _ => (other, one),
    };
    let after = points[first..].iter();
    let run = after.clone().filter(|it| it.order.is_some());
    let run = run.take_while(|it| it.order == order);
    let last = run.last().map_or(value, |it| it.value);
    let unclear = after.filter(|it| it.order.is_none() && it.value <= last);
    Crossing {
        below: below.to_owned(),
        above: above.to_owned(),
        before: points[before].value,
        first: value,
        last,
        unclear: unclear.map(|it| it.value).collect(),
        to_the_end: points.last().is_some_and(|it| it.value == last),
        is_sure: points[before].is_sure && is_sure,
    }
}

/// How many pairs of servers differ beyond the noise, in either direction, at
/// two points at least. Without such a pair the absence of crossings means
/// nothing.
pub fn pairs_compared(result: &SweepResult, figure: Figure) -> usize {
    let decided = |points: &[PointRelation]| {
        points.iter().filter(|it| it.order.is_some()).count()
    };
    let all = all_relations(result, figure);
    all.filter(|(_, points)| decided(points) > 1).count()
}

/// Servers in an order that holds at every point, beyond the noise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// By ascending figures: each server of a group is below every server of
    /// the next group. Within a group this does not hold at every point.
    pub groups: Vec<Vec<String>>,
    /// The points at which the order is partly unclear; at none of them is it
    /// reversed beyond the noise.
    pub unclear: Vec<u32>,
}

/// The order of the servers that have the figure at two points at least; `None`
/// if there is only one group. For every two servers of different groups it is
/// clear at more than half of the points.
pub fn standing(result: &SweepResult, figure: Figure) -> Option<Standing> {
    let mut names = result.names();
    names.retain(|name| {
        let known = |it: &&SweepPoint| !it.values(name, figure).is_empty();
        result.points.iter().filter(known).count() > 1
    });
    let below =
        |one: &str, other| unclear_points_below(result, [one, other], figure);
    let mut order = names.clone();
    order.sort_by_cached_key(|name| {
        let above = names.iter().filter(|it| below(name, it).is_some());
        Reverse(above.count())
    });
    // A group begins where all servers before are below all from there on.
    let (mut groups, mut unclear) = (Vec::<Vec<_>>::new(), BTreeSet::new());
    for (at, name) in order.iter().enumerate() {
        let (before, after) = order.split_at(at);
        let across =
            before.iter().flat_map(|one| after.iter().map(|it| below(one, it)));
        if let Some(points) = across.collect::<Option<Vec<_>>>() {
            groups.push(Vec::new());
            unclear.extend(points.into_iter().flatten());
        }
        groups.last_mut()?.push((*name).to_owned());
    }
    let unclear = unclear.into_iter().collect();
    (groups.len() > 1).then_some(Standing { groups, unclear })
}

/// The points at which it is unclear whether the first server is below the
/// second; `None` unless it is below at more than half of the points, two at
/// least, and above at none.
fn unclear_points_below(
    result: &SweepResult,
    pair: [&str; 2],
    figure: Figure,
) -> Option<Vec<u32>> {
    let points = relations(result, pair, figure);
    let with = |order| points.iter().filter(move |it| it.order == order);
    let below = with(Some(Ordering::Less)).count();
    let turned = with(Some(Ordering::Greater)).count();
    (below > 1 && 2 * below > points.len() && turned == 0)
        .then(|| with(None).map(|it| it.value).collect())
}

/// How many times as large a server's figure is at a later point.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// The server's name.
    pub name: String,
    /// The first value at which it has the figure.
    pub from: u32,
    /// The last value at which it has the figure.
    pub to: u32,
    /// The ratio of its medians, the last to the first.
    pub times: f64,
    /// The spread of the ratios of the rounds, the last to the first.
    pub ratio: Spread,
}

impl Growth {
    /// Whether the rounds do not agree on the growth, or decrease, of the
    /// median. A single round says nothing about the noise.
    pub fn is_within_the_noise(&self) -> bool {
        let Spread { low, high, n, .. } = self.ratio;
        let grows = low > 1.0 && self.times > 1.0;
        let shrinks = high < 1.0 && self.times < 1.0;
        n > 1 && !grows && !shrinks
    }
}

/// The growth of every server between the first and the last point at which it
/// has the figure in the most rounds. Servers with fewer than two such points
/// are left out.
pub fn growths(result: &SweepResult, figure: Figure) -> Vec<Growth> {
    let names = result.names().into_iter();
    names.filter_map(|name| growth(result, name, figure)).collect()
}

fn growth(result: &SweepResult, name: &str, figure: Figure) -> Option<Growth> {
    // The growth of a lower bound is not known.
    let exact = result.points.iter().filter(|it| !it.is_at_least(name, figure));
    let mut known: Vec<_> =
        exact.map(|it| (it.place(), it.values(name, figure))).collect();
    let most = known.iter().map(|it| it.1.len()).max()?.max(1);
    known.retain(|(_, values)| values.len() == most);
    let [(from, at_first), .., (to, at_last)] = &known[..] else {
        return None;
    };
    let ratio = Spread::of_quotients(at_last, at_first)?;
    let times = median(at_last)? / median(at_first)?;
    let growth =
        Growth { name: name.to_owned(), from: *from, to: *to, times, ratio };
    times.is_finite().then_some(growth)
}
