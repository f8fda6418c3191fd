//! How far a measurement is, on standard error: one line on a terminal, a
//! line a round elsewhere.

use crate::measure::{MeasureStep, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

/// Shows progress until it is dropped.
pub(super) struct ProgressLine {
    /// The line; hidden where standard error is no terminal.
    bar: ProgressBar,
    /// Whether each round has a line of its own.
    is_log: bool,
    /// The last round that was shown.
    round: u32,
}

impl ProgressLine {
    pub(super) fn new(quiet: bool) -> Self {
        let is_terminal = io::stderr().is_terminal();
        let target = if is_terminal && !quiet {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, is_log: !is_terminal && !quiet, round: 0 }
    }

    fn log(&self, line: &str) {
        if self.is_log {
            // That it is not read is no reason to end the measurement.
            let _ = writeln!(anstream::stderr(), "{line}");
        }
    }
}

impl Progress for ProgressLine {
    fn step(&mut self, step: &MeasureStep) {
        let MeasureStep { round, rounds, subject, counting, left } = step;
        let what = if *counting { ", counting its calls" } else { "" };
        let left = format!("about {} left", clock(*left));
        let words =
            format!("round {round} of {rounds}, {subject}{what} · {left}");
        self.bar.set_message(words);
        self.bar.tick();
        if *round > self.round {
            self.log(&format!("round {round} of {rounds} · {left}"));
            self.round = *round;
        }
    }

    fn failed(&mut self, subject: &str) {
        // The report says why.
        let words = format!("{subject} failed; the others go on");
        self.log(&words);
        self.bar.println(words);
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// `0:21`, `61:05`; a part of a second that is left is a second.
fn clock(left: Duration) -> String {
    let seconds = left.as_millis().div_ceil(1000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
