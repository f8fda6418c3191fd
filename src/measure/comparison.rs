//! What a sweep shows: where servers change places in a figure, which
//! order they keep, and how the figure grows.

use super::figure::Figure;
use super::result::{SweepPoint, SweepResult};
use super::statistics::Spread;
use itertools::Itertools as _;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

/// The fewest common rounds from which anything follows, if they all agree.
const FEWEST_ROUNDS: usize = 2;

/// Medians have to differ by this factor: three digits do not always show a
/// smaller difference.
const SHOWN: f64 = 1.01;

/// What two servers' figures are to each other at a point.
#[derive(Clone, Copy)]
struct PointRelation {
    /// The point's value.
    value: u32,
    /// Whether the first is below or above the second, beyond the noise;
    /// `None` where that is unclear or was not measured.
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

/// The order of two servers at a point, and whether it is sure. Only where
/// both have the same rounds do their medians and the ratios of their rounds
/// speak of the same, and only where these agree is the order decided. With
/// too few rounds for an interval the ratio says what all rounds agree on.
fn order_at(
    point: &SweepPoint,
    pair: [&str; 2],
    figure: Figure,
) -> Option<(Ordering, bool)> {
    // A lower bound is not compared.
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

/// The relations of every two servers.
fn all_relations(
    result: &SweepResult,
    figure: Figure,
) -> impl Iterator<Item = ([&str; 2], Vec<PointRelation>)> {
    let pairs = result.names().into_iter().tuple_combinations();
    pairs.map(move |(one, other)| {
        ([one, other], relations(result, [one, other], figure))
    })
}

/// Two servers change places: up to one value of the axis the figure of
/// `below` was above that of `above`, from another on it is below, both
/// beyond the noise.
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
    /// Those values from the first to the last at which it is unclear: the
    /// difference is within the noise or was not measured.
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

/// How many pairs of servers can be compared beyond the noise, one way or
/// the other, at two points at least: without one, that nothing crosses
/// says nothing.
pub fn pairs_compared(result: &SweepResult, figure: Figure) -> usize {
    let decided = |points: &[PointRelation]| {
        points.iter().filter(|it| it.order.is_some()).count()
    };
    let all = all_relations(result, figure);
    all.filter(|(_, points)| decided(points) > 1).count()
}

/// Servers in an order that is the same at every point, beyond the noise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// By rising figures: each server of a group is below each one of the
    /// next group. Within a group it is not so at every point.
    pub groups: Vec<Vec<String>>,
    /// The points at which not all of it is clear; at none of them is
    /// anything beyond the noise the other way round.
    pub unclear: Vec<u32>,
}

/// The order of the servers that have the figure at two points at least;
/// `None` if there are not two groups. Of every two servers of different
/// groups it is clear at more than half of the points.
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
    // A group begins wherever all before are below all from there on.
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
/// second one, if it is so at more than half of the points, two at least,
/// and the other way round at none.
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
    /// The server.
    pub name: String,
    /// The first value at which it has the figure.
    pub from: u32,
    /// The last one.
    pub to: u32,
    /// How many times as large its median is there.
    pub times: f64,
    /// How many times as large it is there, round by round.
    pub ratio: Spread,
}

impl Growth {
    /// Whether the rounds do not agree that it grows, or shrinks, as its
    /// medians do. A single round says nothing about the noise.
    pub fn is_within_the_noise(&self) -> bool {
        let Spread { low, high, n, .. } = self.ratio;
        let grows = low > 1.0 && self.times > 1.0;
        let shrinks = high < 1.0 && self.times < 1.0;
        n > 1 && !grows && !shrinks
    }
}

/// The growth of every server between the first and the last point at which
/// it has the figure in as many rounds as anywhere; none of a server that
/// has it so at fewer than two.
pub fn growths(result: &SweepResult, figure: Figure) -> Vec<Growth> {
    let names = result.names().into_iter();
    names.filter_map(|name| growth(result, name, figure)).collect()
}

fn growth(result: &SweepResult, name: &str, figure: Figure) -> Option<Growth> {
    // A lower bound has no growth.
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
