//! When a film has its frames.

use std::time::Duration;

/// The shortest time between two frames: 15 a second.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 15);

/// After this time with nothing recorded there is a frame nevertheless, because
/// the clocks go on; the next follows after twice that time, and so on, which
/// lets players shorten a long pause.
const CLOCKS: Duration = Duration::from_secs(1);

/// Says when the next frame is.
pub(super) struct Timing {
    drawn: Duration,
    /// How long after it the clocks are drawn.
    clocks: Duration,
}

impl Timing {
    /// There is a frame at this moment.
    pub(super) const fn from(drawn: Duration) -> Self {
        Self { drawn, clocks: CLOCKS }
    }

    /// The moment of the next frame, if something is recorded `next`; `None`
    /// if none is left but the one at the end.
    pub(super) fn next(
        &mut self,
        next: Option<Duration>,
        end: Duration,
    ) -> Option<Duration> {
        let soonest = self.drawn.saturating_add(FRAME);
        let clocks = self.drawn.saturating_add(self.clocks);
        let (at, then) = match next.map(|next| next.max(soonest)) {
            Some(at) if at <= clocks => (at, CLOCKS),
            _ => (clocks, self.clocks.saturating_mul(2)),
        };
        if at.checked_add(FRAME).is_none_or(|it| it > end) {
            return None;
        }
        (self.drawn, self.clocks) = (at, then);
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// When there are frames, if something is recorded at these times.
    fn frames(recorded: &[Duration], end: Duration) -> Vec<Duration> {
        let mut timing = Timing::from(Duration::ZERO);
        let (mut at, mut frames) = (Duration::ZERO, Vec::new());
        let next = |at| recorded.iter().copied().find(|it| *it > at);
        while let Some(frame) = timing.next(next(at), end) {
            at = frame;
            frames.push(frame);
        }
        frames
    }

    #[test]
    fn there_are_fifteen_in_a_second_at_most() {
        let always: Vec<_> = (0..3_000).map(|ms| ms * MS).collect();
        let frames = frames(&always, 3_000 * MS);
        assert!((42..=45).contains(&frames.len()), "{frames:?}");
        assert!(frames.windows(2).all(|two| two[1] >= two[0] + FRAME));
        assert!(frames.iter().all(|it| *it + FRAME <= 3_000 * MS));
    }

    #[test]
    fn what_happens_after_a_pause_is_seen_when_it_happens() {
        assert_eq!(frames(&[400 * MS], 900 * MS), [400 * MS]);
        let soon = frames(&[400 * MS, 410 * MS, 430 * MS], 900 * MS);
        assert_eq!(soon, [400 * MS, 400 * MS + FRAME]);
    }

    #[test]
    fn a_long_pause_has_fewer_and_fewer() {
        let seconds = |frames: Vec<Duration>| -> Vec<u64> {
            frames.iter().map(Duration::as_secs).collect()
        };
        let pause = frames(&[], 3_600_000 * MS);
        assert_eq!(
            seconds(pause)[..5],
            [1, 3, 7, 15, 31],
            "the clocks alone, then after twice as long"
        );
        let broken = frames(&[5_000 * MS], 9_000 * MS);
        assert_eq!(seconds(broken), [1, 3, 5, 6, 8]);
        assert!(frames(&[], Duration::MAX).len() < 70);
    }
}
