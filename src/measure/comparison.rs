//! What a sweep shows: where servers change places in a figure, which
//! order they keep, and how the figure grows.

use super::figure::Figure;
use super::result::{SweepPoint, SweepResult};
use super::statistics::{Ratio, Spread};

/// The fewest common rounds from which anything follows, if they all agree.
const FEWEST_ROUNDS: usize = 2;

/// Medians have to differ by this factor: three digits do not always show a
/// smaller difference.
const SHOWN: f64 = 1.01;

/// What one figure is to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// The first is below the second, beyond the noise.
    Below,
    /// The first is above the second, beyond the noise.
    Above,
    /// Which one is below is unclear: the interval of their ratio has 1 in
    /// it, or the medians disagree with the ratio.
    Noise,
    /// They do not have the same rounds, or not enough of them.
    Unknown,
}

impl Relation {
    const fn is_decided(self) -> bool {
        matches!(self, Self::Below | Self::Above)
    }
}

/// What two figures are to each other at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
struct PointRelation {
    /// The point's value.
    value: u32,
    relation: Relation,
    /// Whether there are enough rounds for an interval of 95 %.
    is_sure: bool,
}

/// What two servers' figures are to each other, point by point. Only where
/// both have the same rounds do their medians and the ratios of their rounds
/// speak of the same, and only where these agree is the relation decided.
fn relations(
    result: &SweepResult,
    (one, other): (&str, &str),
    figure: Figure,
) -> Vec<PointRelation> {
    let at = |point| relation_at(point, one, other, figure);
    result.points.iter().map(at).collect()
}

fn relation_at(
    point: &SweepPoint,
    one: &str,
    other: &str,
    of: Figure,
) -> PointRelation {
    let value = point.place();
    let both = [one, other].map(|name| point.values(name, of));
    let rounds = |at: usize| both[at].iter().map(|it| it.0);
    let ratio = Ratio::of(&both[0], &both[1]);
    let bound = |name| point.is_at_least(name, of);
    let ratio = ratio.filter(|_| rounds(0).eq(rounds(1)));
    // A lower bound is not compared.
    let ratio = ratio.filter(|_| ![one, other].into_iter().any(bound));
    let medians = both.each_ref().map(|values| {
        let spread = Spread::of(values.iter().map(|it| it.1));
        spread.map_or(f64::NAN, |it| it.median)
    });
    let none =
        PointRelation { value, relation: Relation::Unknown, is_sure: false };
    ratio.map_or(none, |ratio| PointRelation {
        value,
        relation: relation(ratio, medians),
        is_sure: ratio.0.is_enough(),
    })
}

/// What ratio and medians agree on. With too few rounds for an interval of
/// 95 % the ratio says what all rounds agree on.
fn relation(ratio: Ratio, [one, other]: [f64; 2]) -> Relation {
    match ratio.0 {
        Spread { n: ..FEWEST_ROUNDS, .. } => Relation::Unknown,
        Spread { high, .. } if high < 1.0 && one * SHOWN < other => {
            Relation::Below
        }
        Spread { low, .. } if low > 1.0 && other * SHOWN < one => {
            Relation::Above
        }
        _ => Relation::Noise,
    }
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

fn changes(points: &[PointRelation], one: &str, other: &str) -> Vec<Crossing> {
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
    points: &[PointRelation],
    before: usize,
    first: usize,
    (one, other): (&str, &str),
) -> Crossing {
    let PointRelation { value, relation, .. } = points[first];
    let is_so = |it: &&PointRelation| it.relation == relation;
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
#[must_use]
pub fn standing(result: &SweepResult, figure: Figure) -> Option<Standing> {
    let mut names = result.names();
    let known = |name: &str| {
        let points = result.points.iter();
        points.filter(|it| !it.values(name, figure).is_empty()).count()
    };
    names.retain(|name| known(name) > 1);
    let is_below = |one: &str, other: &str| {
        steadily_below(result, (one, other), figure).is_some()
    };
    let beaten =
        |name: &str| names.iter().filter(|other| is_below(name, other)).count();
    let mut order = names.clone();
    order.sort_by_key(|name| std::cmp::Reverse(beaten(name)));
    let groups = groups(&order, is_below);
    let mut unclear: Vec<u32> = across(&groups)
        .filter_map(|pair| steadily_below(result, pair, figure))
        .flatten()
        .collect();
    unclear.sort_unstable();
    unclear.dedup();
    let owned = |it: &Vec<&str>| it.iter().map(|&it| it.to_owned()).collect();
    let groups: Vec<_> = groups.iter().map(owned).collect();
    (groups.len() > 1).then_some(Standing { groups, unclear })
}

/// Cuts an order wherever all before are below all after.
fn groups<'n>(
    order: &[&'n str],
    is_below: impl Fn(&str, &str) -> bool,
) -> Vec<Vec<&'n str>> {
    let mut groups: Vec<Vec<&str>> = Vec::new();
    for (at, name) in order.iter().enumerate() {
        let (before, after) = order.split_at(at);
        let all =
            before.iter().all(|one| after.iter().all(|it| is_below(one, it)));
        match groups.last_mut() {
            Some(group) if !all => group.push(name),
            _ => groups.push(vec![name]),
        }
    }
    groups
}

/// Every two servers of different groups, the lower one first.
fn across<'g, 'n>(
    groups: &'g [Vec<&'n str>],
) -> impl Iterator<Item = (&'n str, &'n str)> + 'g {
    groups.iter().enumerate().flat_map(move |(at, group)| {
        let above = groups[at + 1..].iter().flatten();
        above.flat_map(move |other| group.iter().map(move |it| (*it, *other)))
    })
}

/// The points at which it is unclear whether one server is below another
/// one, if it is so at more than half of the points, two at least, and the
/// other way round at none.
fn steadily_below(
    result: &SweepResult,
    pair: (&str, &str),
    figure: Figure,
) -> Option<Vec<u32>> {
    let points = relations(result, pair, figure);
    let is_below = |it: Relation| it == Relation::Below;
    let below = points.iter().filter(|it| is_below(it.relation)).count();
    let turned = points.iter().any(|it| it.relation == Relation::Above);
    let unclear = points.iter().filter(|it| !it.relation.is_decided());
    (below > 1 && 2 * below > points.len() && !turned)
        .then(|| unclear.map(|it| it.value).collect())
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
    pub ratio: Ratio,
}

impl Growth {
    /// Whether the rounds do not agree that it grows, or shrinks, as its
    /// medians do. A single round says nothing about the noise.
    #[must_use]
    pub fn is_within_the_noise(&self) -> bool {
        let Spread { low, high, n, .. } = self.ratio.0;
        let grows = low > 1.0 && self.times > 1.0;
        let shrinks = high < 1.0 && self.times < 1.0;
        n > 1 && !grows && !shrinks
    }
}

/// The growth of every server between the first and the last point at which
/// it has the figure in as many rounds as anywhere; none of a server that
/// has it so at fewer than two.
#[must_use]
pub fn growths(result: &SweepResult, figure: Figure) -> Vec<Growth> {
    let names = result.names().into_iter();
    names.filter_map(|name| growth(result, name, figure)).collect()
}

fn growth(result: &SweepResult, name: &str, figure: Figure) -> Option<Growth> {
    // A lower bound has no growth.
    let exact = result.points.iter().filter(|it| !it.is_at_least(name, figure));
    let mut known: Vec<_> =
        exact.map(|it| (it.place(), it.values(name, figure))).collect();
    let most = known.iter().map(|it| it.1.len()).max()?;
    known.retain(|(_, values)| !values.is_empty() && values.len() == most);
    let [(from, at_first), .., (to, at_last)] = &known[..] else {
        return None;
    };
    let ratio = Ratio::of(at_last, at_first)?;
    let median = |values: &[(u32, f64)]| {
        Spread::of(values.iter().map(|it| it.1)).map(|it| it.median)
    };
    let times = median(at_last)? / median(at_first)?;
    let times = Some(times).filter(|it| it.is_finite())?;
    Some(Growth { name: name.to_owned(), from: *from, to: *to, times, ratio })
}
