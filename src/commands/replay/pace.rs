//! How time goes on while a recorded run plays.

use crate::view::Direction;
use std::time::{Duration, Instant};

/// The slowest and the fastest: seconds of the run in a second.
const SPEEDS: (f32, f32) = (1.0 / 65_536.0, 1_024.0);

/// A longer time between two looks is a pause of the program, not of its
/// clock.
const LONGEST: Duration = Duration::from_millis(250);

/// The clock of a recorded run.
pub(in crate::commands) struct Pace {
    pub(in crate::commands) plays: Option<Direction>,
    pub(in crate::commands) speed: f32,
    looked: Option<Instant>,
}

impl Pace {
    pub(in crate::commands) const fn new() -> Self {
        Self { plays: None, speed: 1.0, looked: None }
    }

    pub(in crate::commands) const fn play(
        &mut self,
        direction: Option<Direction>,
    ) {
        self.plays = direction;
        self.looked = None;
    }

    pub(in crate::commands) fn change(&mut self, factor: f32) {
        self.speed = (self.speed * factor).clamp(SPEEDS.0, SPEEDS.1);
    }

    /// The moment to show now, if it was this one when last asked; `None`
    /// while it stands still.
    pub(in crate::commands) fn next(
        &mut self,
        at: Duration,
        now: Instant,
    ) -> Option<Duration> {
        let direction = self.plays?;
        let before = self.looked.replace(now);
        let past = before.map_or(Duration::ZERO, |it| now.duration_since(it));
        let way = past.min(LONGEST).mul_f32(self.speed);
        Some(match direction {
            Direction::Forwards => at.saturating_add(way),
            Direction::Backwards => at.saturating_sub(way),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn time_goes_on_at_its_speed_in_its_direction() {
        let (mut pace, now) = (Pace::new(), Instant::now());
        assert_eq!(pace.next(90 * MS, now), None);
        pace.play(Some(Direction::Forwards));
        pace.change(2.0);
        assert_eq!(pace.next(90 * MS, now), Some(90 * MS));
        assert_eq!(pace.next(90 * MS, now + 10 * MS), Some(110 * MS));
        pace.play(Some(Direction::Backwards));
        assert_eq!(pace.next(90 * MS, now + 20 * MS), Some(90 * MS));
        assert_eq!(pace.next(90 * MS, now + 30 * MS), Some(70 * MS));
        assert_eq!(pace.next(MS, now + 40 * MS), Some(Duration::ZERO));
    }
}
