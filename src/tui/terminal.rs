//! All that touches a real terminal.

use super::keys::{Message, message};
use super::screen::Screen;
use crate::system::signals::wait_for_keys;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    self, DisableMouseCapture, EnableMouseCapture,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::{DefaultTerminal, Frame};
use std::io::{self, stdout};
use std::mem::ManuallyDrop;
use std::panic;
use std::sync::{Mutex, MutexGuard, Once, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

/// Whether the terminal is ours. The thread that draws holds it, so that no frame
/// ends below the words of a panic.
static OURS: Mutex<bool> = Mutex::new(false);

/// How often, a millisecond apart, a panic looks whether another thread has
/// drawn its frame. The one that panics may be drawing itself.
const LOOKS: u32 = 100;

/// A terminal whose whole screen is ours. It is given back on drop, and
/// before a panic of any thread prints a word; from then on nothing is drawn.
///
/// Ratatui's own drop would write to a terminal that may have gone, and panic.
#[derive(Debug)]
pub struct Terminal(ManuallyDrop<DefaultTerminal>);

impl Terminal {
    /// Takes the screen, the keys and the mouse. To be done once at a time.
    ///
    /// # Errors
    /// What the terminal refuses; it is given back first.
    pub fn take() -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(give_back_on_panic);
        let mut ours = ours();
        let taken = enable_raw_mode().and_then(|()| {
            execute!(stdout(), EnterAlternateScreen, EnableMouseCapture)?;
            DefaultTerminal::new(CrosstermBackend::new(stdout()))
        });
        *ours = true;
        if taken.is_err() {
            let _ = give_back_if(ours);
        }
        taken.map(|it| Self(ManuallyDrop::new(it)))
    }

    /// Draws a frame, if the terminal has not been given back.
    ///
    /// # Errors
    /// What the terminal refuses.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame)) -> io::Result<()> {
        let ours = ours();
        if !*ours {
            return Ok(());
        }
        // A terminal that knows how shows the whole frame at once.
        execute!(stdout(), BeginSynchronizedUpdate)?;
        let drawn = self.0.draw(draw);
        execute!(stdout(), EndSynchronizedUpdate)?;
        drawn.map(|_| ())
    }

    /// Waits up to this long for something that concerns the screen.
    ///
    /// # Errors
    /// What reading from the terminal reports.
    pub fn next(
        &mut self,
        screen: &Screen,
        wait: Duration,
    ) -> io::Result<Option<Message>> {
        let wait = wait_for_keys(wait).ok_or(io::ErrorKind::UnexpectedEof)?;
        let has_come = event::poll(wait)?;
        let event = has_come.then(event::read).transpose()?;
        Ok(event.and_then(|it| message(&it, screen)))
    }

    /// Gives the screen back as it was.
    ///
    /// # Errors
    /// What the terminal refuses.
    pub fn give_back(self) -> io::Result<()> {
        give_back_if(ours())
    }
}

impl Drop for Terminal {
    /// This thread's own panic has given it back; words stand below.
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = give_back_if(ours());
        }
    }
}

/// The flag, also after a panic of the thread that held it.
fn ours() -> MutexGuard<'static, bool> {
    OURS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn give_back_if(mut ours: MutexGuard<bool>) -> io::Result<()> {
    if std::mem::take(&mut *ours) { give_back() } else { Ok(()) }
}

/// All of it, whatever of it is refused; returns the first failure.
fn give_back() -> io::Result<()> {
    // A panic may have come in the midst of a frame.
    let frame = execute!(stdout(), EndSynchronizedUpdate);
    let mouse = execute!(stdout(), DisableMouseCapture);
    let screen = execute!(stdout(), LeaveAlternateScreen, Show);
    frame.and(mouse).and(screen).and(disable_raw_mode())
}

fn give_back_on_panic() {
    let words = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let _ = match when_drawn() {
            Some(ours) => give_back_if(ours),
            // It is this thread that draws: the terminal is ours.
            None => give_back(),
        };
        words(info);
    }));
}

/// The flag, unless it is not to be had: this thread may hold it.
fn when_drawn() -> Option<MutexGuard<'static, bool>> {
    (0..LOOKS).find_map(|_| match OURS.try_lock() {
        Ok(ours) => Some(ours),
        Err(TryLockError::Poisoned(ours)) => Some(ours.into_inner()),
        Err(TryLockError::WouldBlock) => {
            thread::sleep(Duration::from_millis(1));
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the hook does when drawing a frame panics.
    #[test]
    fn a_panic_does_not_wait_for_its_own_frame() {
        let drawing = ours();
        assert!(when_drawn().is_none());
        drop(drawing);
        assert!(when_drawn().is_some());
    }
}
