//! The phases of a server's life in words, wherever they are shown.

use crate::probe::Phase;
use crate::units::{show_clock, show_count};
use std::time::Duration;

/// What a phase means: `finishing: no new clients`.
pub fn phase_words(phase: Phase) -> String {
    format!("{}: {}", phase.name(), phase.words())
}

/// How far the server's end has come: how many connections are left, and how
/// much of the grace period: `finishing: 3 left, deadline in 1.4 s`.
pub fn phase_status(
    phase: Phase,
    left: u64,
    deadline_in: Option<Duration>,
) -> String {
    let name = phase.name();
    let deadline = deadline_in.filter(|_| phase < Phase::Cancelling);
    match (phase, left) {
        (Phase::Running, _) | (Phase::Cancelling | Phase::Ended, 0) => {
            name.into()
        }
        (_, 0) => format!("{name}: none left"),
        (_, left) => {
            let time = deadline.map(|time| format!(", {}", due_in(time)));
            let left = show_count(left);
            format!("{name}: {left} left{}", time.unwrap_or_default())
        }
    }
}

/// To the nearest tenth of a second: the time itself passes while it is read.
fn due_in(time: Duration) -> String {
    if time.is_zero() {
        // Where each client has a deadline of its own this is no mistake.
        return "past the deadline".into();
    }
    let nearest = time.saturating_add(Duration::from_millis(50));
    format!("deadline in {}", show_clock(nearest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_says_how_many_are_left_and_for_how_long() {
        let deadline = Some(Duration::from_millis(1_370));
        let words = |left| {
            Phase::ALL.map(|it| phase_status(it, left, deadline)).join("; ")
        };
        assert_eq!(
            words(3),
            "running; refusing: 3 left, deadline in 1.4 s; finishing: 3 left, \
             deadline in 1.4 s; cancelling: 3 left; ended: 3 left"
        );
        assert_eq!(
            words(0),
            "running; refusing: none left; finishing: none left; \
             cancelling; ended"
        );
        let words = phase_words(Phase::Finishing);
        assert_eq!(words, "finishing: no new clients");
    }
}
