//! How a recording tells that time passes while nothing happens.

use std::time::Duration;

/// How long after the last event counters are told although they have not
/// changed: who folds the recording then knows that nothing more has come.
const SETTLES: Duration = Duration::from_millis(500);

/// Later they are told so often.
const QUIET: Duration = Duration::from_millis(500);

/// Decides whether counters that have not changed are told.
#[derive(Default)]
pub(super) struct Pulse {
    events: u64,
    settled_at: Duration,
    told_at: Duration,
}

impl Pulse {
    /// Whether they are at this moment, with so many events before it.
    pub(super) fn is_due(&mut self, at: Duration, events: u64) -> bool {
        if events > self.events {
            self.events = events;
            self.settled_at = at.saturating_add(SETTLES);
        }
        at < self.settled_at || at >= self.told_at.saturating_add(QUIET)
    }

    /// They were told at this moment.
    pub(super) const fn told(&mut self, at: Duration) {
        self.told_at = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_often_after_an_event_and_seldom_later() {
        let mut pulse = Pulse::default();
        let mut told = Vec::new();
        for tenth in 0..30 {
            let at = Duration::from_millis(100 * tenth);
            if pulse.is_due(at, u64::from(tenth >= 10)) {
                pulse.told(at);
                told.push(tenth);
            }
        }
        assert_eq!(told, [5, 10, 11, 12, 13, 14, 19, 24, 29]);
    }
}
