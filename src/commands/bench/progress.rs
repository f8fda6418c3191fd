//! How far it is, on standard error: a line that is rewritten in place on a
//! terminal, a line a round elsewhere.

use crate::measure::{Progress, Step};
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

/// The longest line, whose name is cut: it has to fit a terminal of 80
/// columns.
const LONGEST: usize = 79;

/// Back to the beginning of the line, which is erased.
const AGAIN: &str = "\r\x1b[2K";

/// Where progress is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Terminal,
    Log,
    Nowhere,
}

/// Shows progress until it is dropped.
pub(in crate::commands) struct Shown {
    place: Place,
    round: u32,
}

impl Shown {
    pub(in crate::commands) fn new(quiet: bool) -> Self {
        let place = match io::stderr().is_terminal() {
            _ if quiet => Place::Nowhere,
            true => Place::Terminal,
            false => Place::Log,
        };
        Self { place, round: 0 }
    }
}

fn say(text: &str) {
    // That nobody reads it is no reason to end the run.
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

impl Progress for Shown {
    fn step(&mut self, step: &Step<'_>) {
        match self.place {
            Place::Terminal => {
                say(&format!("{AGAIN}{}", line(step)));
            }
            Place::Log if step.round > self.round => {
                say(&format!("{}\n", round_line(step)));
            }
            Place::Log | Place::Nowhere => {}
        }
        self.round = step.round;
    }

    fn failed(&mut self, subject: &str, _: &str) {
        // Why is said at the end.
        let again = match self.place {
            Place::Terminal => AGAIN,
            Place::Log => "",
            Place::Nowhere => return,
        };
        say(&format!("{again}{subject} failed; the others go on\n"));
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if self.place == Place::Terminal {
            say(AGAIN);
        }
    }
}

/// `round 2 of 6, selector · about 0:21 left`
fn line(step: &Step<'_>) -> String {
    let Step { round, rounds, subject, left, .. } = step;
    let what = if step.counting { ", counting its calls" } else { "" };
    let before = format!("round {round} of {rounds}, ");
    let after = format!("{what} · about {} left", rounded(*left));
    let taken = before.chars().count() + after.chars().count();
    let room = LONGEST.saturating_sub(taken);
    let subject: String = subject.chars().take(room).collect();
    before + &subject + &after
}

/// `round 2 of 6 · about 0:21 left`
fn round_line(step: &Step<'_>) -> String {
    let Step { round, rounds, left, .. } = step;
    format!("round {round} of {rounds} · about {} left", rounded(*left))
}

/// `0:21`, `61:05`; a part of a second that is left is a second.
fn rounded(left: Duration) -> String {
    let seconds = left.as_millis().div_ceil(1000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_line() {
        let mut step = Step {
            round: 2,
            rounds: 6,
            subject: "selector",
            counting: false,
            left: Duration::from_millis(20_300),
        };
        let words = "round 2 of 6, selector · about 0:21 left";
        assert_eq!(line(&step), words);
        assert_eq!(round_line(&step), "round 2 of 6 · about 0:21 left");
        step.counting = true;
        assert!(line(&step).contains("selector, counting its calls ·"));
        let long = "a".repeat(200);
        step.subject = &long;
        assert_eq!(line(&step).chars().count(), LONGEST);
        (step.round, step.rounds) = (1_000, 1_000);
        step.left = Duration::from_secs(36_000);
        assert_eq!(line(&step).chars().count(), LONGEST);
    }
}
