//! All that touches a real terminal.

use super::app::App;
use super::frame::draw;
use super::keys::{self, Message};
use super::scene::Scene;
use super::{Dialog, Look};
use ratatui::DefaultTerminal;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    self, DisableMouseCapture, EnableMouseCapture, Event, MouseButton,
    MouseEventKind,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate,
};
use ratatui::layout::{Position, Size};
use std::io::{self, stdout};
use std::panic;
use std::thread;
use std::time::Duration;

/// How many rows one notch of the wheel is.
const NOTCH: i8 = 3;

/// A terminal whose whole screen is ours. It is given back on drop, and
/// before a panic prints a word.
#[derive(Debug)]
pub struct Terminal {
    inner: DefaultTerminal,
    ours: bool,
}

impl Terminal {
    /// Takes the screen, the keys and the mouse.
    ///
    /// # Errors
    /// What the terminal refuses; it is given back first.
    pub fn take() -> io::Result<Self> {
        give_mouse_back_on_panic();
        let taken = ratatui::try_init().and_then(|inner| {
            execute!(stdout(), EnableMouseCapture)?;
            Ok(inner)
        });
        match taken {
            Ok(inner) => Ok(Self { inner, ours: true }),
            Err(error) => {
                let _ = give_back();
                Err(error)
            }
        }
    }

    /// How large it is.
    ///
    /// # Errors
    /// What the terminal refuses.
    pub fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    /// Draws a frame.
    ///
    /// # Errors
    /// What the terminal refuses.
    pub fn draw(&mut self, app: &App, scene: &Scene) -> io::Result<()> {
        // A terminal that knows how shows the whole frame at once.
        execute!(stdout(), BeginSynchronizedUpdate)?;
        let drawn = self.inner.draw(|frame| draw(app, scene, frame));
        execute!(stdout(), EndSynchronizedUpdate)?;
        drawn.map(|_| ())
    }

    /// Waits at most so long for something that concerns the screen.
    ///
    /// # Errors
    /// What reading from the terminal reports.
    pub fn next(
        &mut self,
        app: &App,
        wait: Duration,
    ) -> io::Result<Option<Message>> {
        if !event::poll(wait)? {
            return Ok(None);
        }
        Ok(message(&event::read()?, app))
    }

    /// Gives the screen back as it was.
    ///
    /// # Errors
    /// What the terminal refuses.
    pub fn give_back(mut self) -> io::Result<()> {
        self.ours = false;
        give_back()
    }
}

impl Drop for Terminal {
    /// After a panic it has been given back, and words stand below.
    fn drop(&mut self) {
        if self.ours && !thread::panicking() {
            let _ = give_back();
        }
    }
}

fn give_back() -> io::Result<()> {
    let mouse = execute!(stdout(), DisableMouseCapture, Show);
    ratatui::try_restore().and(mouse)
}

/// ratatui's own hook restores the rest; it runs this one after itself.
fn give_mouse_back_on_panic() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let _ = execute!(stdout(), DisableMouseCapture, Show);
        hook(info);
    }));
}

/// How the screen looks on this terminal, from the environment.
#[must_use]
pub fn suited() -> Look {
    Look::suited(|name| std::env::var(name).ok())
}

/// What an event of the terminal asks for.
#[must_use]
pub fn message(event: &Event, app: &App) -> Option<Message> {
    match *event {
        Event::Key(key) => match app.dialog {
            Dialog::Prompt(_) => keys::typed(key),
            _ => keys::message(key),
        },
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
