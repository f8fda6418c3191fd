//! A value for each of the latest spans of time; older ones are dropped.

use crate::units::nanoseconds;
use std::collections::VecDeque;
use std::iter::repeat_n;
use std::time::Duration;

/// One slot for each span of time, numbered from the start of the run; the last
/// `KEPT` of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ring<T, const KEPT: usize> {
    /// The number of the first slot.
    pub(super) first: u64,
    slots: VecDeque<T>,
    /// The value of a slot in which nothing has happened.
    pub(super) empty: T,
}

impl<T: Copy, const KEPT: usize> Ring<T, KEPT> {
    /// The slot of this number, added if it is later than all others; `None` if
    /// it was dropped or is from before the first one.
    pub(super) fn slot(&mut self, number: u64) -> Option<&mut T> {
        if self.slots.is_empty() {
            self.first = number;
        }
        let next = self.first + self.slots.len() as u64;
        let missing = (number + 1).saturating_sub(next);
        if missing > 0 {
            let missing = usize::try_from(missing).unwrap_or(usize::MAX);
            let missing = missing.min(KEPT);
            self.slots.extend(repeat_n(self.empty, missing));
            let excess = self.slots.len().saturating_sub(KEPT);
            self.slots.drain(..excess);
            self.first = number + 1 - self.slots.len() as u64;
        }
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.slots.get_mut(place)
    }

    /// What the slot of this number holds; `None` if it was dropped or is from
    /// before the first one.
    pub(super) fn get(&self, number: u64) -> Option<T> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let slot = self.slots.get(place).copied();
        slot.or((!self.slots.is_empty()).then_some(self.empty))
    }

    /// The last slots up to this number, oldest first.
    pub(super) fn up_to(&self, number: u64) -> impl Iterator<Item = T> {
        let first = (number + 1).saturating_sub(KEPT as u64);
        (first.max(self.first)..=number).filter_map(|it| self.get(it))
    }
}

/// The number of the span of this length that a time falls into, from zero.
pub(super) fn number(at: Duration, span: Duration) -> u64 {
    nanoseconds(at).checked_div(nanoseconds(span)).unwrap_or(0)
}

/// Spreads an amount evenly over the spans between two times; returns the
/// numbers and the parts of the last `most + 1` of them at most.
pub(super) fn spread(
    (since, until): (Duration, Duration),
    span: Duration,
    amount: u64,
    most: usize,
) -> impl Iterator<Item = (u64, u64)> {
    let since = since.min(until);
    let (from, to) = (number(since, span), number(until, span));
    let (since, span) = (nanoseconds(since), nanoseconds(span));
    let whole = nanoseconds(until) - since;
    let up_to = move |number: u64| {
        let past = number.saturating_mul(span).saturating_sub(since);
        let share = u128::from(amount) * u128::from(past.min(whole));
        let share = share.checked_div(whole.into()).unwrap_or(0);
        u64::try_from(share).unwrap_or(u64::MAX)
    };
    let first = from.max(to.saturating_sub(most as u64));
    (first..=to).map(move |number| {
        let all = if number == to { amount } else { up_to(number + 1) };
        (number, all.saturating_sub(up_to(number)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_begin_with_the_first_and_the_oldest_are_forgotten() {
        let mut ring = Ring::default();
        let up_to = |ring: &Ring<u64, 3>, n| ring.up_to(n).collect::<Vec<_>>();
        assert_eq!(up_to(&ring, 7), [0; 0]);
        for number in 5..10 {
            *ring.slot(number).unwrap_or(&mut 0) = number;
            assert_eq!(ring.slot(4), None);
        }
        assert_eq!(up_to(&ring, 9), [7, 8, 9]);
        assert_eq!(up_to(&ring, 10), [8, 9, 0], "time goes on");
        assert_eq!(up_to(&ring, 8), [7, 8]);
        assert_eq!(ring.slot(6), None);
        *ring.slot(1 << 60).unwrap_or(&mut 0) = 2;
        assert_eq!(up_to(&ring, 1 << 60), [0, 0, 2], "a long silence");
    }

    #[test]
    fn an_amount_is_spread_by_time_and_none_of_it_lost() {
        let ms = Duration::from_millis;
        let parts = |since, until, amount| -> Vec<_> {
            spread((ms(since), ms(until)), ms(50), amount, 9).collect()
        };
        assert_eq!(parts(10, 20, 7), [(0, 7)]);
        assert_eq!(parts(10, 10, 7), [(0, 7)]);
        assert_eq!(parts(25, 125, 100), [(0, 25), (1, 50), (2, 25)]);
        let thirds = parts(0, 149, 100);
        assert_eq!(thirds.iter().map(|(_, part)| part).sum::<u64>(), 100);
        let last = parts(0, 60_000, 1_200);
        assert_eq!(last.len(), 10, "only the last spans");
    }
}
