//! What two servers' figures are to each other at a point.

use super::{SweepPoint, SweepResult};
use crate::measure::{Figure, Ratio, Spread};

/// From so many common rounds on something is said, if they all agree.
const FEWEST_ROUNDS: usize = 2;

/// Medians have to differ by this factor: three digits do not always show a
/// smaller difference.
const SHOWN: f64 = 1.01;

/// What one figure is to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// The first is below the second, beyond the noise.
    Below,
    /// The first is above the second, beyond the noise.
    Above,
    /// Which one is below is not to be told: the interval of their ratio
    /// has 1 in it, or the medians say otherwise than the ratio.
    Noise,
    /// They do not have the same rounds, or not enough of them.
    Unknown,
}

impl Relation {
    pub(super) const fn is_decided(self) -> bool {
        matches!(self, Self::Below | Self::Above)
    }
}

/// What two figures are to each other at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct At {
    /// The point's value.
    pub(super) value: u32,
    pub(super) relation: Relation,
    /// Whether there are enough rounds for an interval of 95 %.
    pub(super) is_sure: bool,
}

/// What two servers' figures are to each other, point by point. Only where
/// both have the same rounds do their medians and the ratios of their rounds
/// speak of the same; only where these agree is anything said.
pub(super) fn relations(
    result: &SweepResult,
    (one, other): (&str, &str),
    figure: Figure,
) -> Vec<At> {
    let at = |point| relation_at(point, one, other, figure);
    result.points.iter().map(at).collect()
}

fn relation_at(point: &SweepPoint, one: &str, other: &str, of: Figure) -> At {
    let value = point.value;
    let both = [one, other].map(|name| point.values(name, of));
    let rounds = |at: usize| both[at].iter().map(|it| it.0);
    let ratio = Ratio::of(&both[0], &both[1]);
    let bound = |name| {
        let subject = point.subject(name);
        subject.is_some_and(|it| it.is_at_least(of, &point.workload))
    };
    let ratio = ratio.filter(|_| rounds(0).eq(rounds(1)));
    // A lower bound is not compared.
    let ratio = ratio.filter(|_| ![one, other].into_iter().any(bound));
    let medians = both.each_ref().map(|values| {
        let spread = Spread::of(values.iter().map(|it| it.1));
        spread.map_or(f64::NAN, |it| it.median)
    });
    let none = At { value, relation: Relation::Unknown, is_sure: false };
    ratio.map_or(none, |ratio| At {
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
