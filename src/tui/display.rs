//! The screen on a real terminal: reads input and draws frames.

use super::frame::draw;
use super::screen::Screen;
use super::stage::{Change, Effect, Stage};
use super::terminal::{Terminal, ask_theme};
use super::update::update;
use super::{Message, ScreenSettings, Theme};
use crate::system::signals::{self, Signal};
use ratatui::crossterm::terminal::size;
use std::io;
use std::time::{Duration, Instant};

/// A screen on the terminal, and what its user has asked for so far.
pub struct Display {
    screen: Screen,
    terminal: Terminal,
    pacer: Pacer,
    /// How many times the user has asked to quit.
    pub quits: u32,
}

impl Display {
    /// Asks the terminal what the settings leave open, for which
    /// [`open`](Self::open) would have to wait: call it before anything is
    /// started that the screen is to show from its beginning.
    pub fn prepare(settings: &ScreenSettings) {
        if settings.own_look().asks() {
            ask_theme();
        }
    }

    /// Takes over the terminal for a screen of this many runs.
    ///
    /// # Errors
    /// If the terminal cannot be set up.
    pub fn open(runs: usize, settings: &ScreenSettings) -> io::Result<Self> {
        let mut look = settings.own_look();
        let asks = look.asks();
        let answer = asks.then(ask_theme).flatten();
        if look.theme == Theme::Auto {
            look.theme = answer.unwrap_or(Theme::Dark);
        }
        let has_mouse = !settings.no_mouse.unwrap_or(false);
        let mut terminal = Terminal::take(has_mouse)?;
        if asks && answer.is_none() {
            terminal.expect_late_answer();
        }
        let mut screen = Screen::new(look, size()?.into(), runs);
        screen.presents = settings.presenter.unwrap_or(false);
        screen.keys = settings.keys.clone();
        Ok(Self { screen, terminal, pacer: Pacer::default(), quits: 0 })
    }

    /// Handles input, advances the stage, and draws a frame if one is due.
    /// Waits up to `patience` for the first key. Returns what has changed in
    /// the stage; input alone does not count.
    ///
    /// # Errors
    /// If reading from the terminal or writing to it fails.
    pub fn turn(
        &mut self,
        stage: &mut impl Stage,
        mut patience: Duration,
    ) -> io::Result<Change> {
        while let Some(message) = self.terminal.next(&self.screen, patience)? {
            patience = Duration::ZERO;
            self.obey(stage, message);
            self.pacer.note(Change::Something);
        }
        let now = Instant::now();
        let change = stage.advance(now, self.screen.frozen.is_some());
        self.pacer.note(change);
        if self.pacer.is_due(now) {
            stage.show(self.screen.detail());
            let (screen, picture) = (&self.screen, stage.picture());
            if !self.terminal.draw(|frame| draw(screen, &picture, frame))? {
                // Nothing may change any more: this picture is still to come.
                self.pacer.note(Change::Something);
            }
        }
        Ok(change)
    }

    /// Updates the screen and carries out the effects of a message.
    fn obey(&mut self, stage: &mut impl Stage, message: Message) {
        let picture = stage.picture();
        for (target, effect) in update(&mut self.screen, message, &picture) {
            match effect {
                // In raw mode the terminal sends no SIGINT for Ctrl-C, so we
                // send it. Where that fails, Ctrl-C means quit.
                Effect::Interrupt
                    if signals::raise(Signal::Interrupt).is_ok() => {}
                Effect::Suspend => {
                    let _ = signals::raise_stop();
                }
                Effect::Quit | Effect::Interrupt => self.quits += 1,
                _ => stage.carry_out(target, effect),
            }
        }
    }

    /// Restores the terminal.
    ///
    /// # Errors
    /// If the terminal cannot be restored.
    pub fn close(self) -> io::Result<()> {
        self.terminal.give_back()
    }
}

/// Shows recordings until the user quits or `is_ended` returns true.
///
/// # Errors
/// If the terminal cannot be set up, read, written to or restored.
pub fn show_recorded(
    stage: &mut impl Stage,
    settings: &ScreenSettings,
    is_ended: impl Fn() -> bool,
) -> io::Result<()> {
    /// How long to wait for a key while the picture changes.
    const TICK: Duration = Duration::from_millis(10);
    /// How long to wait for a key while nothing changes.
    const REST: Duration = Duration::from_millis(40);
    let runs = stage.picture().tracks.len();
    let mut display = Display::open(runs, settings)?;
    let mut patience = Duration::ZERO;
    while display.quits == 0 && !is_ended() {
        patience = match display.turn(stage, patience)? {
            Change::Nothing => REST,
            _ => TICK,
        };
    }
    display.close()
}

/// The shortest time between two frames: 30 a second.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 30);

/// The shortest time between two frames if only clocks have advanced.
const CLOCKS: Duration = Duration::from_millis(100);

/// Limits the frame rate: at most 30 a second, at most 10 while only clocks
/// advance, none while nothing changes.
#[derive(Default)]
struct Pacer {
    drawn: Option<Instant>,
    /// The greatest change since the last frame.
    change: Change,
}

impl Pacer {
    fn note(&mut self, change: Change) {
        self.change = self.change.max(change);
    }

    /// Whether a frame is due now; if so, the caller draws it.
    fn is_due(&mut self, now: Instant) -> bool {
        let apart = match self.change {
            Change::Nothing => Duration::MAX,
            Change::Clocks => CLOCKS,
            Change::Something => FRAME,
        };
        let is_due = self.drawn.is_none_or(|it| now - it >= apart);
        if is_due {
            *self = Self { drawn: Some(now), change: Change::Nothing };
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_a_second_depend_on_what_changes() {
        let begun = Instant::now();
        let after = |ms| begun + Duration::from_millis(ms);
        let frames = |change| {
            let mut pacer = Pacer::default();
            assert!(pacer.is_due(begun), "the first frame is always due");
            let frames = (1..1_000).filter(|ms| {
                pacer.note(change);
                pacer.note(Change::Nothing);
                pacer.is_due(after(*ms))
            });
            frames.count()
        };
        let (clocks, all) = (frames(Change::Clocks), frames(Change::Something));
        assert_eq!((frames(Change::Nothing), clocks), (0, 9));
        assert!((28..30).contains(&all), "{all}");
    }
}
