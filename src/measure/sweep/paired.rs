//! Ratios of two servers or two points, round by round.

use crate::measure::{Ratio, Spread};

/// From so many common rounds on something is said, if they all agree.
const FEWEST_ROUNDS: usize = 2;

/// What a ratio says of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// The first is below the second, beyond the noise.
    Below,
    /// The first is above the second, beyond the noise.
    Above,
    /// The interval has 1 in it.
    Noise,
    /// There are not enough rounds of both.
    Unknown,
}

/// What the ratio says. With too few rounds for an interval of 95 % this is
/// what all rounds agree on.
pub(super) fn relation(ratio: Ratio) -> Relation {
    match ratio.0 {
        Spread { n: ..FEWEST_ROUNDS, .. } => Relation::Unknown,
        Spread { high, .. } if high < 1.0 => Relation::Below,
        Spread { low, .. } if low > 1.0 => Relation::Above,
        _ => Relation::Noise,
    }
}
