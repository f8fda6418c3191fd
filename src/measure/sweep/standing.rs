//! Which servers stand in one order over the whole sweep.

use super::SweepResult;
use super::paired::{Relation, relations};
use crate::measure::Figure;

/// Servers in an order that is the same at every point, beyond the noise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// By rising figures: each server of a group is below each one of the
    /// next group. Within a group it is not so at every point.
    pub groups: Vec<Vec<String>>,
    /// The points at which not all of it is to be told; at none of them is
    /// anything beyond the noise the other way round.
    pub unclear: Vec<u32>,
}

/// The order of the servers that have the figure at two points at least;
/// `None` if there are not two groups. Of every two servers of different
/// groups it is to be told at more than half of the points.
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

/// The points at which it is not to be told whether one server is below
/// another one, if it is so at more than half of the points, two at least,
/// and the other way round at none.
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
