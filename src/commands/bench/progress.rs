//! How far a measurement is, shown in a line on standard error.

use crate::load::ClientTrouble;
use crate::measure::{MeasureStep, Progress};
use crate::system::outlet;
use crate::text::clean;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use ratatui::crossterm::terminal::size;
use std::io::{self, IsTerminal as _};

/// The width of a terminal that does not say it.
const WIDTH: u16 = 80;

/// Shows how far a measurement is, in a line on standard error; nothing where
/// that is no terminal.
pub(super) struct ProgressLine {
    bar: ProgressBar,
}

impl ProgressLine {
    pub(super) fn new(quiet: bool) -> Self {
        let bar = ProgressBar::no_length();
        let is_shown = io::stderr().is_terminal() && !quiet;
        bar.set_draw_target(if is_shown {
            ProgressDrawTarget::term_like(Box::new(ProgressTerminal))
        } else {
            ProgressDrawTarget::hidden()
        });
        if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Removes the line.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for ProgressLine {
    fn step(&mut self, step: &MeasureStep) {
        let MeasureStep { round, rounds, subject, counting, left } = step;
        let subject = clean(subject);
        let what = if *counting { ", counting its calls" } else { "" };
        // A part of a second that is left is a second: `0:21`, `61:05`.
        let seconds = left.as_millis().div_ceil(1000);
        let left = format!("about {}:{:02} left", seconds / 60, seconds % 60);
        self.bar.set_message(format!(
            "round {round} of {rounds}, {subject}{what} · {left}"
        ));
        self.bar.tick();
    }

    fn failed(&mut self, subject: &str) {
        // The report says why.
        let subject = clean(subject);
        self.bar.println(format!("{subject} failed; the others go on"));
    }

    fn left_out(&mut self, step: &MeasureStep, trouble: ClientTrouble) {
        let MeasureStep { round, subject, .. } = step;
        let subject = clean(subject);
        let what = trouble.what();
        self.bar.println(format!(
            "{subject}: round {round} is left out: the clients {what}"
        ));
    }
}

/// The terminal that standard error is. It holds up nothing, even if it is not
/// read.
#[derive(Debug)]
struct ProgressTerminal;

impl ProgressTerminal {
    /// Moves the cursor, if there is anywhere to move it.
    fn go(steps: usize, direction: char) {
        if steps > 0 {
            outlet::progress(&format!("\x1b[{steps}{direction}"));
        }
    }
}

impl TermLike for ProgressTerminal {
    fn width(&self) -> u16 {
        size().map_or(WIDTH, |(columns, _)| columns)
    }

    fn move_cursor_up(&self, steps: usize) -> io::Result<()> {
        Self::go(steps, 'A');
        Ok(())
    }

    fn move_cursor_down(&self, steps: usize) -> io::Result<()> {
        Self::go(steps, 'B');
        Ok(())
    }

    fn move_cursor_right(&self, steps: usize) -> io::Result<()> {
        Self::go(steps, 'C');
        Ok(())
    }

    fn move_cursor_left(&self, steps: usize) -> io::Result<()> {
        Self::go(steps, 'D');
        Ok(())
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        outlet::progress(&format!("{line}\n"));
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        outlet::progress(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        outlet::progress("\r\x1b[2K");
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}
