//! What happened in each of the last spans of time, the oldest forgotten.

use crate::units::nanoseconds;
use std::collections::VecDeque;
use std::time::Duration;

/// One slot a span of time, numbered from the start of the run; the last
/// `kept` of them.
#[derive(Clone, Debug)]
pub(super) struct Ring<T> {
    kept: usize,
    last: u64,
    slots: VecDeque<T>,
    /// What a slot holds in which nothing happens.
    empty: T,
}

impl<T: Copy> Ring<T> {
    pub(super) const fn new(kept: usize, empty: T) -> Self {
        Self { kept, last: 0, slots: VecDeque::new(), empty }
    }

    /// From now on, empty slots hold this.
    pub(super) const fn set_empty(&mut self, empty: T) {
        self.empty = empty;
    }

    /// The slot of this number, newly made if it is later than all others;
    /// `None` if it is forgotten or from before the first one.
    pub(super) fn slot(&mut self, number: u64) -> Option<&mut T> {
        self.grow_to(number);
        let back = usize::try_from(self.last - number).ok()?;
        let index = self.slots.len().checked_sub(back)?.checked_sub(1)?;
        self.slots.get_mut(index)
    }

    /// The slots up to this number, oldest first; later ones are left out.
    pub(super) fn up_to(&self, number: u64) -> Vec<T> {
        if self.slots.is_empty() {
            return Vec::new();
        }
        let later = small(self.last.saturating_sub(number));
        let end = self.slots.len().saturating_sub(later);
        let missing = small(number.saturating_sub(self.last)).min(self.kept);
        let length = (end + missing).min(self.kept);
        let begin = end.min(end + missing - length);
        let mut slots = Vec::with_capacity(length);
        slots.extend(self.slots.range(begin..end));
        slots.resize(length, self.empty);
        slots
    }

    fn grow_to(&mut self, number: u64) {
        if self.slots.is_empty() {
            self.last = number;
            self.slots.push_back(self.empty);
        }
        if number.saturating_sub(self.last) > self.kept as u64 {
            self.slots.iter_mut().for_each(|slot| *slot = self.empty);
            self.last = number - self.kept as u64;
        }
        while self.last < number {
            self.last += 1;
            self.slots.push_back(self.empty);
            if self.slots.len() > self.kept {
                self.slots.pop_front();
            }
        }
        self.last = self.last.max(number);
    }
}

fn small(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Which span of this length a time falls into, counted from zero.
pub(super) fn number(at: Duration, span: Duration) -> u64 {
    nanoseconds(at).checked_div(nanoseconds(span)).unwrap_or(0)
}

/// Spreads an amount evenly over the spans that lie between two times, of
/// which no more than the last `most` are named.
pub(super) fn spread(
    (since, until): (Duration, Duration),
    span: Duration,
    amount: u64,
    most: usize,
) -> impl Iterator<Item = (u64, u64)> {
    let (from, to) = (number(since, span), number(until, span));
    let (since, span) = (nanoseconds(since), nanoseconds(span));
    let whole = nanoseconds(until).saturating_sub(since);
    let upto = move |number: u64| {
        let past = number.saturating_mul(span).saturating_sub(since);
        part(amount, past.min(whole), whole)
    };
    let first = from.max(to.saturating_sub(most as u64));
    (first..=to).map(move |number| {
        let all = if number == to { amount } else { upto(number + 1) };
        (number, all.saturating_sub(upto(number)))
    })
}

/// So much of the amount as the time that is past is of the whole.
pub(super) fn part(amount: u64, past: u64, whole: u64) -> u64 {
    if past == 0 || past == whole {
        return if past == 0 { 0 } else { amount };
    }
    let share = u128::from(amount) * u128::from(past) / u128::from(whole);
    u64::try_from(share).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Duration = Duration::from_millis(50);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn parts(since: u64, until: u64, amount: u64) -> Vec<(u64, u64)> {
        spread((ms(since), ms(until)), SPAN, amount, 9).collect()
    }

    #[test]
    fn slots_begin_with_the_first_and_the_oldest_are_forgotten() {
        let mut ring = Ring::new(3, 0);
        assert_eq!(ring.up_to(7), [0; 0]);
        for number in 5..10 {
            *ring.slot(number).unwrap_or(&mut 0) = number;
            assert_eq!(ring.slot(4), None);
        }
        assert_eq!(ring.up_to(9), [7, 8, 9]);
        assert_eq!(ring.up_to(10), [8, 9, 0], "time goes on");
        assert_eq!(ring.up_to(8), [7, 8]);
        assert_eq!(ring.slot(6), None);
    }

    #[test]
    fn a_long_silence_leaves_empty_slots() {
        let mut ring = Ring::new(3, 0);
        ring.slot(1).into_iter().for_each(|slot| *slot = 1);
        ring.slot(u64::MAX).into_iter().for_each(|slot| *slot = 2);
        assert_eq!(ring.up_to(u64::MAX).last(), Some(&2));
        assert!(!ring.up_to(u64::MAX).contains(&1));
    }

    #[test]
    fn an_amount_is_spread_by_time_and_none_of_it_lost() {
        assert_eq!(parts(10, 20, 7), [(0, 7)]);
        assert_eq!(parts(10, 10, 7), [(0, 7)]);
        assert_eq!(parts(25, 125, 100), [(0, 25), (1, 50), (2, 25)]);
        let thirds = parts(0, 149, 100);
        assert_eq!(thirds.iter().map(|(_, part)| part).sum::<u64>(), 100);
        let last = parts(0, 60_000, 1_200);
        assert_eq!(last.len(), 10, "only the last spans");
    }
}
