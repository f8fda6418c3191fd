//! When a frame is due.

use super::stage::Change;
use std::time::Duration;

/// The shortest time between two frames: 30 a second.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 30);

/// The time between two frames in which nothing but clocks move on.
const CLOCKS: Duration = Duration::from_millis(100);

/// Says when a frame is due: at most 30 a second, at most 10 while only
/// clocks move on, none while nothing changes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pacer {
    drawn: Option<Duration>,
    change: Option<Change>,
}

impl Pacer {
    /// Takes note of a change; the greatest since the last frame counts.
    pub fn note(&mut self, change: Change) {
        self.change = self.change.max(Some(change));
    }

    /// How long until the next frame is due, at the moment `now` from any
    /// origin; `None` if there is nothing to draw.
    #[must_use]
    pub fn wait(&self, now: Duration) -> Option<Duration> {
        let Some(drawn) = self.drawn else { return Some(Duration::ZERO) };
        let apart = match self.change? {
            Change::Nothing => return None,
            Change::Clocks => CLOCKS,
            Change::Something => FRAME,
        };
        Some((drawn + apart).saturating_sub(now))
    }

    /// Whether a frame is due now; if so, the caller draws it.
    pub fn due(&mut self, now: Duration) -> bool {
        let due = self.wait(now) == Some(Duration::ZERO);
        if due {
            *self = Self { drawn: Some(now), change: None };
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn drawn_at_zero() -> Pacer {
        let mut pacer = Pacer::default();
        assert!(pacer.due(Duration::ZERO), "the first frame is always due");
        pacer
    }

    #[test]
    fn nothing_is_drawn_while_nothing_changes() {
        let mut pacer = drawn_at_zero();
        pacer.note(Change::Nothing);
        assert_eq!(pacer.wait(10_000 * MS), None);
        assert!(!pacer.due(10_000 * MS));
    }

    #[test]
    fn changes_are_drawn_thirty_times_a_second() {
        let mut pacer = drawn_at_zero();
        let frames = (0..1000).filter(|ms| {
            pacer.note(Change::Something);
            pacer.due(*ms * MS)
        });
        let frames = frames.count();
        assert!((29..=30).contains(&frames), "{frames}");
    }

    #[test]
    fn clocks_alone_are_drawn_ten_times_a_second() {
        let mut pacer = drawn_at_zero();
        pacer.note(Change::Clocks);
        assert_eq!(pacer.wait(40 * MS), Some(60 * MS));
        pacer.note(Change::Something);
        assert_eq!(pacer.wait(40 * MS), Some(Duration::ZERO));
        pacer.note(Change::Clocks);
        assert!(pacer.due(40 * MS), "the greater change counts");
        assert_eq!(pacer.wait(40 * MS), None);
    }
}
