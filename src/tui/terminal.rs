//! All that touches a real terminal.

use super::keys::{self, Message};
use super::look::Look;
use super::screen::{Dialog, Screen};
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    self, DisableMouseCapture, EnableMouseCapture, Event, MouseButton,
    MouseEventKind,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::{Position, Size};
use ratatui::{DefaultTerminal, Frame};
use std::io::{self, stdout};
use std::panic;
use std::sync::{Mutex, MutexGuard, Once, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

/// How many rows one notch of the wheel is.
const NOTCH: i8 = 3;

/// Whether the terminal is ours. The thread that draws holds it, so that no frame
/// ends below the words of a panic.
static OURS: Mutex<bool> = Mutex::new(false);

/// How often, a millisecond apart, a panic looks whether another thread has
/// drawn its frame. The one that panics may be drawing itself.
const LOOKS: u32 = 100;

/// A terminal whose whole screen is ours. It is given back on drop, and
/// before a panic of any thread prints a word; from then on nothing is drawn.
#[derive(Debug)]
pub struct Terminal {
    inner: DefaultTerminal,
}

impl Terminal {
    /// Takes the screen, the keys and the mouse. To be done once at a time.
    ///
    /// # Errors
    /// What the terminal refuses; it is given back first.
    pub fn take() -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(give_back_on_panic);
        let mut ours = ours();
        let inner = take().inspect_err(|_| {
            let _ = give_back();
        })?;
        *ours = true;
        Ok(Self { inner })
    }

    /// How large it is.
    ///
    /// # Errors
    /// What the terminal refuses.
    pub fn size(&self) -> io::Result<Size> {
        self.inner.size()
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
        let drawn = self.inner.draw(draw);
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
        if !event::poll(wait)? {
            return Ok(None);
        }
        Ok(message(&event::read()?, screen))
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

fn take() -> io::Result<DefaultTerminal> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableMouseCapture)?;
    DefaultTerminal::new(CrosstermBackend::new(stdout()))
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
    let keys = disable_raw_mode();
    frame.and(mouse).and(screen).and(keys)
}

fn give_back_on_panic() {
    let words = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        match when_drawn() {
            Some(ours) => drop(give_back_if(ours)),
            // It is this thread that draws: the terminal is ours.
            None => drop(give_back()),
        }
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

/// How the screen looks on this terminal, from the environment.
pub fn suited() -> Look {
    Look::suited(|name| std::env::var(name).ok())
}

/// What an event of the terminal asks for.
pub fn message(event: &Event, screen: &Screen) -> Option<Message> {
    match (event, &screen.dialog) {
        (Event::Key(key), Dialog::Prompt(_)) => keys::typed(*key),
        (Event::Key(key), _) => keys::message(*key),
        _ => beside_keys(event),
    }
}

/// What the mouse and the size ask for.
fn beside_keys(event: &Event) -> Option<Message> {
    match *event {
        Event::Mouse(mouse) => {
            let at = Position { x: mouse.column, y: mouse.row };
            match mouse.kind {
                MouseEventKind::ScrollUp => Some(Message::Wheel(at, -NOTCH)),
                MouseEventKind::ScrollDown => Some(Message::Wheel(at, NOTCH)),
                MouseEventKind::Down(MouseButton::Left) => {
                    Some(Message::Click(at))
                }
                _ => None,
            }
        }
        Event::Resize(width, height) => {
            Some(Message::Resize(Size { width, height }))
        }
        _ => None,
    }
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
