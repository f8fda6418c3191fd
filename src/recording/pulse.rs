//! Decides when unchanged counters are written, so that a reader of the
//! recording knows that time passes while nothing happens.

use std::time::Duration;

/// How long after the last event unchanged counters are written each time: a
/// reader then knows that no further event has followed.
const SETTLES: Duration = Duration::from_millis(500);

/// The interval between unchanged counters after that.
const QUIET: Duration = Duration::from_millis(500);

/// Decides whether counters that have not changed are written.
#[derive(Default)]
pub(super) struct Pulse {
    events: u64,
    settled_at: Duration,
    written_at: Duration,
}

impl Pulse {
    /// Whether they are written at this moment, after `events` events.
    pub(super) fn is_due(&mut self, at: Duration, events: u64) -> bool {
        if events > self.events {
            self.events = events;
            self.settled_at = at.saturating_add(SETTLES);
        }
        at < self.settled_at || at >= self.written_at.saturating_add(QUIET)
    }

    /// Records that counters were written at this moment.
    pub(super) const fn written(&mut self, at: Duration) {
        self.written_at = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_often_after_an_event_and_seldom_later() {
        let mut pulse = Pulse::default();
        let mut written = Vec::new();
        for tenth in 0..30 {
            let at = Duration::from_millis(100 * tenth);
            if pulse.is_due(at, u64::from(tenth >= 10)) {
                pulse.written(at);
                written.push(tenth);
            }
        }
        assert_eq!(written, [5, 10, 11, 12, 13, 14, 19, 24, 29]);
    }
}
