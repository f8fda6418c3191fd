//! The screen on a real terminal: keys in, frames out, for every command.

use super::frame::draw;
use super::screen::Screen;
use super::stage::{Change, Effect, Picture, Stage};
use super::terminal::{self, Terminal};
use super::update::update;
use super::{Look, Message};
use crate::system::signals::{self, Signal};
use std::io;
use std::time::{Duration, Instant};

/// How long a screen stays when everything is done and it is not touched: a
/// run that is left alone ends by itself.
const UNTOUCHED: Duration = Duration::from_secs(10);

/// A screen on the terminal, and what its user has asked for so far.
pub struct Display {
    screen: Screen,
    terminal: Terminal,
    pacer: Pacer,
    begun: Instant,
    touched: bool,
    quits: u32,
    /// In how many seconds it ends by itself, as last drawn.
    ends_in_s: Option<u64>,
}

impl Display {
    /// Takes the terminal for this many runs.
    ///
    /// # Errors
    /// What the terminal refuses.
    pub fn open(look: Look, runs: usize) -> io::Result<Self> {
        let terminal = Terminal::take()?;
        let size = terminal.size()?;
        Ok(Self {
            screen: Screen::new(look, size, runs),
            terminal,
            pacer: Pacer::default(),
            begun: Instant::now(),
            touched: false,
            quits: 0,
            ends_in_s: None,
        })
    }

    /// How often the user has asked for the end.
    pub const fn quits(&self) -> u32 {
        self.quits
    }

    /// Whether everything is done and the time to look at it is over.
    pub fn is_left_alone(&self, stage: &impl Stage) -> bool {
        self.time_left(stage) == Some(Duration::ZERO)
    }

    /// How long an untouched screen stays, once there is nothing left to do.
    fn time_left(&self, stage: &impl Stage) -> Option<Duration> {
        let done = stage.done_since().filter(|_| !self.touched)?;
        Some(UNTOUCHED.saturating_sub(done.elapsed()))
    }

    /// Takes in what has happened, obeys the keys, and draws a frame if one
    /// is due. Waits for the first key up to `patience`. Says whether there
    /// was anything to show.
    ///
    /// # Errors
    /// What the terminal refuses.
    pub fn turn(
        &mut self,
        stage: &mut impl Stage,
        patience: Duration,
    ) -> io::Result<Change> {
        self.obey(stage, patience)?;
        let frozen = self.screen.frozen.is_some();
        let mut change = stage.advance(Instant::now(), frozen);
        let ends_in = self.time_left(stage).map(|left| left.as_secs() + 1);
        if ends_in != self.ends_in_s {
            self.ends_in_s = ends_in;
            change = Change::Something;
        }
        self.pacer.note(change);
        if self.pacer.due(self.begun.elapsed()) {
            stage.show(self.screen.detail());
            let picture = picture(stage, self.ends_in_s);
            let screen = &self.screen;
            self.terminal.draw(|frame| draw(screen, &picture, frame))?;
        }
        Ok(change)
    }

    /// Carries out what keys and mouse ask for.
    fn obey(
        &mut self,
        stage: &mut impl Stage,
        mut patience: Duration,
    ) -> io::Result<()> {
        while let Some(message) = self.terminal.next(&self.screen, patience)? {
            patience = Duration::ZERO;
            self.touched |= !matches!(message, Message::Resize(_));
            let picture = picture(stage, self.ends_in_s);
            let effects = update(&mut self.screen, message, &picture);
            for (target, effect) in effects {
                // In raw mode the terminal makes no signal of Ctrl-C; where
                // none can be sent it is a wish to quit.
                let sent = effect == Effect::Interrupt
                    && signals::raise(Signal::Interrupt).is_ok();
                match effect {
                    _ if sent => {}
                    Effect::Quit | Effect::Interrupt => self.quits += 1,
                    _ => {
                        let said = stage.carry_out(target, effect);
                        self.screen.said = said.or(self.screen.said.take());
                    }
                }
            }
            self.pacer.note(Change::Something);
        }
        Ok(())
    }

    /// Gives the terminal back.
    ///
    /// # Errors
    /// What the terminal refuses.
    pub fn close(self) -> io::Result<()> {
        self.terminal.give_back()
    }
}

fn picture(stage: &impl Stage, ends_in_s: Option<u64>) -> Picture<'_> {
    Picture { ends_in_s, ..stage.picture() }
}

/// Shows recordings until the user leaves or a signal comes.
///
/// # Errors
/// What the terminal refuses.
pub fn show_recorded(
    stage: &mut impl Stage,
    is_ended: impl Fn() -> bool,
) -> io::Result<()> {
    /// How often keys are read while something moves.
    const TICK: Duration = Duration::from_millis(10);
    /// The same while everything stands still.
    const REST: Duration = Duration::from_millis(40);
    let runs = stage.picture().tracks.len();
    let mut display = Display::open(terminal::suited(), runs)?;
    let mut patience = Duration::ZERO;
    while display.quits() == 0 && !is_ended() {
        patience = match display.turn(stage, patience)? {
            Change::Nothing => REST,
            _ => TICK,
        };
    }
    display.close()
}

/// The shortest time between two frames: 30 a second.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 30);

/// The time between two frames in which nothing but clocks move on.
const CLOCKS: Duration = Duration::from_millis(100);

/// Says when a frame is due: at most 30 a second, at most 10 while only
/// clocks move on, none while nothing changes.
#[derive(Clone, Copy, Debug, Default)]
struct Pacer {
    drawn: Option<Duration>,
    change: Option<Change>,
}

impl Pacer {
    /// Takes note of a change; the greatest since the last frame counts.
    fn note(&mut self, change: Change) {
        self.change = self.change.max(Some(change));
    }

    /// How long until the next frame is due, at the moment `now` from any
    /// origin; `None` if there is nothing to draw.
    fn wait(&self, now: Duration) -> Option<Duration> {
        let Some(drawn) = self.drawn else { return Some(Duration::ZERO) };
        let apart = match self.change? {
            Change::Nothing => return None,
            Change::Clocks => CLOCKS,
            Change::Something => FRAME,
        };
        Some((drawn + apart).saturating_sub(now))
    }

    /// Whether a frame is due now; if so, the caller draws it.
    fn due(&mut self, now: Duration) -> bool {
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
