//! Access to the real terminal: setup, input, output, restoring it.

use super::keys::{Message, message};
use super::look::Theme;
use super::screen::{Dialog, Screen, drawable};
use crate::system::outlet::OutputWriter;
use crate::system::signals::{around_stops, before_exit, wait_for_keys};
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste,
    EnableMouseCapture, Event, KeyCode, KeyModifiers,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate,
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode, size,
};
use ratatui::layout::Rect;
use ratatui::{Frame, TerminalOptions, Viewport};
use std::collections::VecDeque;
use std::io;
use std::mem::ManuallyDrop;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, Once, OnceLock, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};
use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};
use tui_input::InputRequest;

/// Whether we have taken over the terminal. The lock is held while drawing, so
/// that no frame overwrites the message of a panic.
static OURS: Mutex<bool> = Mutex::new(false);

/// Whether the terminal was set up again after a stop of the process, and
/// shows nothing of ours yet.
static IS_BLANK: AtomicBool = AtomicBool::new(false);

/// Whether the terminal reports the mouse while it is ours.
static HAS_MOUSE: AtomicBool = AtomicBool::new(false);

/// The shortest wait for an event: crossterm does not even look for one if it
/// may not wait, and polls again and again in a wait of under a millisecond.
const LEAST: Duration = Duration::from_micros(10);

/// How many times, 1 ms apart, the panic hook tries to lock [`OURS`]. It must
/// give up at last: the thread that panics may hold the lock itself.
const LOOKS: u32 = 100;

/// How long to wait until the terminal has taken what sets it up or restores
/// it.
const SETTLING: Duration = Duration::from_millis(100);

/// What frames are drawn with: a thread of its own writes them, so that the
/// terminal holds up nothing.
type Drawn = ratatui::Terminal<CrosstermBackend<OutputWriter>>;

/// The terminal in raw mode, with the alternate screen. It is restored on drop,
/// and before a panic of any thread prints its message; then nothing is drawn.
///
/// Ratatui's own drop would write to a terminal that may have gone, and panic.
#[derive(Debug)]
pub struct Terminal {
    inner: ManuallyDrop<Drawn>,
    late_answer: LateAnswer,
    /// When an answer cannot come any more.
    late_until: Option<Instant>,
    /// What was pasted into a prompt and not handled yet.
    pasted: VecDeque<char>,
}

/// How long to wait for the terminal to say what its background is. Most say
/// at once that they cannot; the others answer within the time that a far
/// connection takes, or are too late.
const ANSWER: Duration = Duration::from_millis(300);

/// How late an answer may still come; later, the same keys are the user's.
const LATEST: Duration = Duration::from_secs(5);

/// The theme for the terminal's background; `None` if it does not say. The
/// terminal is asked once, by the first call, which must come before the
/// terminal is taken.
pub fn ask_theme() -> Option<Theme> {
    static ANSWERED: OnceLock<Option<Theme>> = OnceLock::new();
    *ANSWERED.get_or_init(|| {
        let mut options = QueryOptions::default();
        options.timeout = ANSWER;
        match theme_mode(options).ok()? {
            ThemeMode::Dark => Some(Theme::Dark),
            ThemeMode::Light => Some(Theme::Light),
        }
    })
}

/// An answer of the terminal that comes after [`ANSWER`], which must not be
/// taken for keys: `ESC ] 10 ; rgb: ... ESC \` and the same with 11.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LateAnswer {
    /// None is expected any more.
    No,
    /// The number of answers that may come.
    MayCome(u8),
    /// One is coming, which has at most this many more characters.
    Comes(u8, u8),
}

impl LateAnswer {
    /// The most answers, to two questions, and characters in one of them.
    const ANSWERS: u8 = 2;
    const LENGTH: u8 = 32;

    /// Whether the event is a part of a late answer.
    fn takes(&mut self, event: &Event) -> bool {
        let Event::Key(key) = event else { return false };
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let (state, is_taken) = match (*self, key.code) {
            (Self::MayCome(answers), KeyCode::Char(']')) if alt => {
                (Self::Comes(answers - 1, Self::LENGTH), true)
            }
            (Self::Comes(left, _), KeyCode::Char('\\')) if alt => {
                (Self::after(left), true)
            }
            (Self::Comes(left, _), KeyCode::Char('g')) if control => {
                (Self::after(left), true)
            }
            (Self::Comes(left, 0), _) => (Self::after(left), false),
            (Self::Comes(left, more), KeyCode::Char(_)) if !control => {
                (Self::Comes(left, more - 1), true)
            }
            (Self::Comes(left, _), _) => (Self::after(left), false),
            (other, _) => (other, false),
        };
        *self = state;
        is_taken
    }

    const fn after(left: u8) -> Self {
        if left == 0 { Self::No } else { Self::MayCome(left) }
    }
}

impl Terminal {
    /// Sets the terminal up, with the mouse if `has_mouse`. There may be only
    /// one `Terminal` at a time.
    ///
    /// # Errors
    /// If the terminal cannot be set up; it is restored first.
    pub fn take(has_mouse: bool) -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            give_back_on_panic();
            give_back_at_stops();
            before_exit(|| {
                let _ = when_drawn().map(give_back_if);
            });
        });
        HAS_MOUSE.store(has_mouse, SeqCst);
        let mut ours = ours();
        let taken = set_up().and_then(|()| {
            // Otherwise the first frame would be left out, as all are while
            // the terminal has not taken what came before.
            OutputWriter::settle(SETTLING)?;
            fresh(drawn_area()?)
        });
        *ours = true;
        if taken.is_err() {
            let _ = give_back_if(ours);
        }
        taken.map(|it| Self {
            inner: it,
            late_answer: LateAnswer::No,
            late_until: None,
            pasted: VecDeque::new(),
        })
    }

    /// Prepares for an answer to [`ask_theme`] that comes after its time-out.
    pub fn expect_late_answer(&mut self) {
        self.late_answer = LateAnswer::MayCome(LateAnswer::ANSWERS);
        self.late_until = Some(Instant::now() + LATEST);
    }

    /// Draws a frame, unless the terminal has been restored already, or has not
    /// taken the last frame yet: a terminal that is not read holds up nothing.
    /// Returns whether it was drawn.
    ///
    /// # Errors
    /// If the terminal cannot be written to.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame)) -> io::Result<bool> {
        let ours = ours();
        // After a stop the next event comes first: see [`Self::next`].
        if !*ours || IS_BLANK.load(SeqCst) || !OutputWriter::is_idle() {
            return Ok(false);
        }
        // A terminal that supports synchronized updates shows no half frame.
        let mut out = OutputWriter::default();
        execute!(out, BeginSynchronizedUpdate)?;
        let area = drawn_area()?;
        if area != self.inner.get_frame().area() {
            execute!(out, Clear(ClearType::All))?;
            self.inner = fresh(area)?;
        }
        let drawn = self.inner.draw(draw);
        execute!(out, EndSynchronizedUpdate)?;
        drawn.map(|_| true)
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
        if IS_BLANK.swap(false, SeqCst) {
            self.inner = fresh(drawn_area()?)?;
            return Ok(Some(Message::Resize(size()?.into())));
        }
        if let Some(letter) = self.pasted.pop_front() {
            return Ok(Some(Message::Edit(InputRequest::InsertChar(letter))));
        }
        let wait = wait_for_keys(wait).ok_or(io::ErrorKind::UnexpectedEof)?;
        let has_come = event::poll(wait.max(LEAST))?;
        let event = has_come.then(event::read).transpose()?;
        if self.late_until.is_some_and(|it| it <= Instant::now()) {
            (self.late_answer, self.late_until) = (LateAnswer::No, None);
        }
        let event = event.filter(|it| !self.late_answer.takes(it));
        if let Some(Event::Paste(text)) = &event {
            // A paste is text for a prompt, and never a key.
            if matches!(screen.dialog, Dialog::Prompt(..)) {
                let letters = text.chars().filter(|it| !it.is_control());
                self.pasted.extend(letters);
            }
        }
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

/// The part of the terminal that is drawn.
fn drawn_area() -> io::Result<Rect> {
    Ok(Rect::from(((0, 0).into(), drawable(size()?.into()))))
}

/// A terminal with empty buffers: the next frame is drawn whole. (Ratatui's
/// `clear` asks the terminal for the place of the cursor, and fails without an
/// answer.) The size is ours to watch: ratatui would draw all of it.
fn fresh(area: Rect) -> io::Result<ManuallyDrop<Drawn>> {
    let options = TerminalOptions { viewport: Viewport::Fixed(area) };
    let backend = CrosstermBackend::new(OutputWriter::default());
    Drawn::with_options(backend, options).map(ManuallyDrop::new)
}

fn set_up() -> io::Result<()> {
    let mut out = OutputWriter::default();
    enable_raw_mode()?;
    execute!(out, EnterAlternateScreen, EnableBracketedPaste)?;
    if HAS_MOUSE.load(SeqCst) {
        execute!(out, EnableMouseCapture)?;
    }
    Ok(())
}

fn give_back_if(mut ours: MutexGuard<bool>) -> io::Result<()> {
    if std::mem::take(&mut *ours) { give_back() } else { Ok(()) }
}

/// Restores everything, even if a part of it fails; returns the first error.
fn give_back() -> io::Result<()> {
    let mut out = OutputWriter::default();
    // A panic may have interrupted a frame.
    let frame = execute!(out, EndSynchronizedUpdate);
    let mouse = execute!(out, DisableMouseCapture, DisableBracketedPaste);
    let screen = execute!(out, LeaveAlternateScreen, Show);
    // A terminal that is not read gets it as soon as it is.
    let settled = OutputWriter::settle(SETTLING);
    frame.and(mouse).and(screen).and(settled).and(disable_raw_mode())
}

/// Restores the terminal while the process is stopped, for the shell.
fn give_back_at_stops() {
    let mut was_ours = false;
    around_stops(move |stops| {
        let mut ours = ours();
        if stops {
            was_ours = *ours;
            let _ = give_back_if(ours);
        } else if was_ours && set_up().is_ok() {
            *ours = true;
            IS_BLANK.store(true, SeqCst);
        }
    });
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

    /// After an answer that came too late, keys are keys again.
    #[test]
    fn a_late_answer_is_not_taken_for_keys() {
        use ratatui::crossterm::event::KeyEvent;
        let key = |c, modifiers| {
            Event::Key(KeyEvent::new(KeyCode::Char(c), modifiers))
        };
        let plain = |c| key(c, KeyModifiers::NONE);
        let mut late = LateAnswer::MayCome(LateAnswer::ANSWERS);
        assert!(!late.takes(&plain('q')));
        for end in
            [key('\\', KeyModifiers::ALT), key('g', KeyModifiers::CONTROL)]
        {
            assert!(late.takes(&key(']', KeyModifiers::ALT)));
            let answer = "11;rgb:ffff/ffff/ffff";
            assert!(answer.chars().all(|it| late.takes(&plain(it))));
            assert!(late.takes(&end));
            assert!(!late.takes(&plain('q')));
        }
        assert_eq!(late, LateAnswer::No);
    }

    /// The hook is in this situation when drawing a frame panics.
    #[test]
    fn a_panic_does_not_wait_for_its_own_frame() {
        let drawing = ours();
        assert!(when_drawn().is_none());
        drop(drawing);
        assert!(when_drawn().is_some());
    }
}
