//! How slow slow motion is.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// How fast each thread may make calls: at full speed, or so slowly that it
/// waits before each of them (in an event loop also before each step of a
/// turn and each run of a task).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Serialize, Deserialize)]
pub struct Speed {
    delay: Duration,
}

/// The steps from full speed to the slowest, as times before each call.
const STEPS_MS: [u64; 11] = [0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];

/// Calls a second of each thread at a factor just below 1.
const CALLS_PER_S: f64 = 1000.0;

impl Speed {
    /// Full speed: no call is delayed.
    pub const FULL: Self = Self { delay: Duration::ZERO };

    /// One call in two seconds.
    pub const SLOWEST: Self = Self { delay: Duration::from_secs(2) };

    /// The factor of [`SLOWEST`](Self::SLOWEST).
    pub const SMALLEST_FACTOR: f64 = 0.0005;

    /// At most `factor` × 1000 calls a second of each thread; 1 is full
    /// speed. `None` outside of [`SMALLEST_FACTOR`](Self::SMALLEST_FACTOR)
    /// to 1.
    pub fn of_factor(factor: f64) -> Option<Self> {
        if factor >= 1.0 {
            return (factor <= 1.0).then_some(Self::FULL);
        }
        (factor >= Self::SMALLEST_FACTOR).then(|| Self {
            delay: Duration::from_secs_f64(1.0 / (CALLS_PER_S * factor)),
        })
    }

    /// Delays each call by this time, but at most as
    /// [`SLOWEST`](Self::SLOWEST) does.
    pub fn of_delay(delay: Option<Duration>) -> Self {
        Self { delay: delay.unwrap_or_default() }.min(Self::SLOWEST)
    }

    /// How long a thread waits before each call; `None` at full speed.
    pub fn delay(self) -> Option<Duration> {
        Some(self.delay).filter(|delay| !delay.is_zero())
    }

    /// The next slower step, if there is one.
    pub fn slower(self) -> Self {
        let slower = steps().find(|step| *step > self);
        slower.unwrap_or(Self::SLOWEST)
    }

    /// The next faster step, if there is one.
    pub fn faster(self) -> Self {
        let faster = steps().rev().find(|step| *step < self);
        faster.unwrap_or(Self::FULL)
    }
}

fn steps() -> impl DoubleEndedIterator<Item = Speed> {
    let delays = STEPS_MS.iter().copied().map(Duration::from_millis);
    delays.map(|delay| Speed { delay })
}

/// `full speed`, `50 calls/s`, `1 call in 2 s`; each is meant for each
/// thread.
impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.delay.as_secs_f64();
        match () {
            () if self.delay.is_zero() => f.write_str("full speed"),
            () if seconds < 0.667 => write!(f, "{:.0} calls/s", 1.0 / seconds),
            () if seconds < 1.05 => f.write_str("1 call/s"),
            () if seconds > 1.95 => f.write_str("1 call in 2 s"),
            () => write!(f, "1 call in {seconds:.1} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_a_thousandth_of_the_calls_a_second() {
        let delay = |factor| Speed::of_factor(factor)?.delay();
        assert_eq!(delay(0.1), Some(Duration::from_millis(10)));
        assert_eq!(delay(0.001), Some(Duration::from_secs(1)));
        assert_eq!(Speed::of_factor(1.0), Some(Speed::FULL));
        let slowest = Speed::of_factor(Speed::SMALLEST_FACTOR);
        assert_eq!(slowest, Some(Speed::SLOWEST));
        for wrong in [0.0, -1.0, 0.0004, 1.01, f64::NAN, f64::INFINITY] {
            assert_eq!(Speed::of_factor(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_step_is_met_on_the_way_down_and_up() {
        let mut speed = Speed::FULL;
        let mut labels = vec![speed.to_string()];
        while speed != Speed::SLOWEST {
            let slower = speed.slower();
            assert_eq!(slower.faster(), speed);
            speed = slower;
            labels.push(speed.to_string());
        }
        let expected = [
            "full speed",
            "500 calls/s",
            "200 calls/s",
            "100 calls/s",
            "50 calls/s",
            "20 calls/s",
            "10 calls/s",
            "5 calls/s",
            "2 calls/s",
            "1 call/s",
            "1 call in 2 s",
        ];
        assert_eq!(labels, expected);
        assert_eq!(speed.slower(), Speed::SLOWEST);
        assert_eq!(Speed::FULL.faster(), Speed::FULL);
    }

    #[test]
    fn a_speed_between_the_steps_moves_to_the_next_one() {
        let speed = Speed::of_factor(0.03).unwrap_or_default();
        assert_eq!(speed.to_string(), "30 calls/s");
        assert_eq!(speed.slower().to_string(), "20 calls/s");
        assert_eq!(speed.faster().to_string(), "50 calls/s");
        let slow = Speed::of_factor(0.0007).unwrap_or_default();
        assert_eq!(slow.to_string(), "1 call in 1.4 s");
    }
}
