//! What is done again after it has failed, with which pause, and how a sleep
//! for such a pause ends early.

use crate::system::lock;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// The pause after the first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A call that has failed as often as this in a row is not expected to succeed
/// soon.
const OFTEN: u32 = 3;

/// Counts how often a call has failed in a row, for the pauses between.
#[derive(Debug, Default)]
pub(super) struct Retry {
    failures: u32,
}

impl Retry {
    /// Counts a failure and returns how long to pause.
    pub(super) fn failed(&mut self) -> Duration {
        let doublings = self.failures.min(8);
        self.failures = self.failures.saturating_add(1);
        (FIRST_PAUSE * (1 << doublings)).min(LONGEST_PAUSE)
    }

    /// Whether the last attempt has failed.
    pub(super) const fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// Whether the last attempts have all failed, and there were several.
    pub(super) const fn keeps_failing(&self) -> bool {
        self.failures >= OFTEN
    }

    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }
}

/// A sleep that another thread can end.
#[derive(Debug, Default)]
pub(super) struct Nap {
    is_over: Mutex<bool>,
    changed: Condvar,
}

impl Nap {
    /// Sleeps for this time, or until [`end`](Self::end) is called; not at all
    /// if it was called since the last sleep.
    pub(super) fn sleep(&self, most: Duration) {
        let over = lock(&self.is_over);
        let waited = self.changed.wait_timeout_while(over, most, |over| !*over);
        if let Ok((mut over, _)) = waited {
            *over = false;
        }
    }

    pub(super) fn end(&self) {
        *lock(&self.is_over) = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn pauses_grow_from_100_ms_to_a_second() {
        let mut retry = Retry::default();
        let pauses = [(); 6].map(|()| retry.failed().as_millis());
        assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000]);
        assert!(retry.keeps_failing());
        retry.succeeded();
        assert!(!retry.is_failing());
        assert_eq!(retry.failed(), FIRST_PAUSE);
    }

    #[test]
    fn a_nap_that_was_ended_before_does_not_sleep() {
        let (nap, start) = (Nap::default(), Instant::now());
        nap.end();
        nap.sleep(Duration::from_secs(60));
        assert!(start.elapsed() < Duration::from_secs(30));
        nap.sleep(Duration::from_millis(1));
    }
}
