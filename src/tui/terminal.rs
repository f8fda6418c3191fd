//! Access to the real terminal: setup, input, output, restoring it.

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

/// Whether we have taken over the terminal. The lock is held while drawing, so
/// that no frame overwrites the message of a panic.
static OURS: Mutex<bool> = Mutex::new(false);

/// How many times, 1 ms apart, the panic hook tries to lock [`OURS`]. It must
/// give up at last: the thread that panics may hold the lock itself.
const LOOKS: u32 = 100;

/// The terminal in raw mode, with the alternate screen. It is restored on drop,
/// and before a panic of any thread prints its message; then nothing is drawn.
///
/// Ratatui's own drop would write to a terminal that may have gone, and panic.
#[derive(Debug)]
pub struct Terminal(ManuallyDrop<DefaultTerminal>);

impl Terminal {
    /// Sets the terminal up. There may be only one `Terminal` at a time.
    ///
    /// # Errors
    /// If the terminal cannot be set up; it is restored first.
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

    /// Draws a frame, unless the terminal has been restored already.
    ///
    /// # Errors
    /// If the terminal cannot be written to.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame)) -> io::Result<()> {
        let ours = ours();
        if !*ours {
            return Ok(());
        }
        // A terminal that supports synchronized updates shows no half frame.
        execute!(stdout(), BeginSynchronizedUpdate)?;
        let drawn = self.0.draw(draw);
        execute!(stdout(), EndSynchronizedUpdate)?;
        drawn.map(|_| ())
    }

    /// Waits up to `wait` for an event; `None` if none concerns the screen.
    ///
    /// # Errors
    /// If reading fails; `UnexpectedEof` if the terminal has gone.
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

    /// Restores the terminal.
    ///
    /// # Errors
    /// If the terminal cannot be restored.
    pub fn give_back(self) -> io::Result<()> {
        give_back_if(ours())
    }
}

impl Drop for Terminal {
    /// In a panic of this thread, the hook has already restored the terminal.
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = give_back_if(ours());
        }
    }
}

/// Locks the flag, even if a thread panicked while it held the lock.
fn ours() -> MutexGuard<'static, bool> {
    OURS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn give_back_if(mut ours: MutexGuard<bool>) -> io::Result<()> {
    if std::mem::take(&mut *ours) { give_back() } else { Ok(()) }
}

/// Restores everything, even if a part of it fails; returns the first error.
fn give_back() -> io::Result<()> {
    // A panic may have interrupted a frame.
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
            // This thread was drawing, so the terminal is still ours.
            None => give_back(),
        };
        words(info);
    }));
}

/// Locks the flag; `None` if that fails, as when this thread holds the lock.
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

    /// The hook is in this situation when drawing a frame panics.
    #[test]
    fn a_panic_does_not_wait_for_its_own_frame() {
        let drawing = ours();
        assert!(when_drawn().is_none());
        drop(drawing);
        assert!(when_drawn().is_some());
    }
}
