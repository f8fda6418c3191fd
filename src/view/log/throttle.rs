//! Limits the number of entries for each second to what a person can read.

use super::entry::{LogEntry, What};
use std::time::Duration;

/// Passes a limited number of entries for each second and counts the others.
///
/// The seconds are those of the entries, so that a replay leaves out the
/// same ones. A change of phase always passes.
pub struct Throttle {
    most: u32,
    second: u64,
    passed: u32,
    left_out: u64,
}

impl Throttle {
    /// Passes at most `most` entries for each second.
    #[must_use]
    pub const fn new(most: u32) -> Self {
        Self { most, second: 0, passed: 0, left_out: 0 }
    }

    /// The entries that pass; before the first one of a new second, how
    /// many of the seconds before did not.
    pub fn pass(&mut self, entries: Vec<LogEntry>) -> Vec<LogEntry> {
        let mut passed = Vec::with_capacity(entries.len());
        for entry in entries {
            if entry.at.as_secs() > self.second {
                self.second = entry.at.as_secs();
                self.passed = 0;
                passed.extend(self.tell(&entry));
            }
            if self.admits(&entry) {
                passed.push(entry);
            }
        }
        passed
    }

    /// How many of the last second did not pass, if any; to be asked when
    /// nothing more will come.
    pub fn finish(&mut self) -> Option<LogEntry> {
        let at = Duration::from_secs(self.second + 1);
        let what = self.take_left_out()?;
        Some(LogEntry { at, thread: crate::probe::ThreadId(0), what })
    }

    fn tell(&mut self, next: &LogEntry) -> Option<LogEntry> {
        let at = Duration::from_secs(self.second);
        let what = self.take_left_out()?;
        Some(LogEntry { at, thread: next.thread, what })
    }

    fn take_left_out(&mut self) -> Option<What> {
        let entries = std::mem::take(&mut self.left_out);
        (entries > 0).then_some(What::NotShown { entries })
    }

    fn admits(&mut self, entry: &LogEntry) -> bool {
        if matches!(entry.what, What::Phase(_) | What::NeverRetrieved { .. }) {
            return true;
        }
        let admitted = self.passed < self.most;
        self.passed += u32::from(admitted);
        self.left_out += u64::from(!admitted);
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::{Phase, ThreadId};

    fn entry(ms: u64, what: What) -> LogEntry {
        LogEntry { at: Duration::from_millis(ms), thread: ThreadId(0), what }
    }

    #[test]
    fn what_does_not_pass_is_counted_at_the_next_second() {
        let mut throttle = Throttle::new(2);
        let times = [100, 200, 300, 400, 1_500];
        let entries = times.map(|ms| entry(ms, What::Listening)).to_vec();
        let told = entry(1_000, What::NotShown { entries: 2 });
        let expected = [&entries[..2], &[told], &entries[4..]].concat();
        assert_eq!(throttle.pass(entries), expected);
        assert_eq!(throttle.finish(), None);
    }

    #[test]
    fn the_end_tells_what_is_still_untold() {
        let mut throttle = Throttle::new(0);
        throttle.pass(vec![entry(100, What::Listening)]);
        let told = entry(1_000, What::NotShown { entries: 1 });
        assert_eq!(throttle.finish(), Some(told));
    }

    #[test]
    fn a_change_of_phase_always_passes() {
        let phase = entry(100, What::Phase(Phase::Finishing));
        let passed = Throttle::new(0).pass(vec![phase.clone()]);
        assert_eq!(passed, [phase]);
    }
}
