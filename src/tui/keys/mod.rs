//! The keys, as data: what each one asks for, and in which words the footer
//! and the help say so.

mod columns;
mod replay;

pub use columns::{COMPARE_REPLAY, keys_of_columns};
pub use replay::{REPLAY, Travel};

use ratatui::crossterm::event::{
    KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use ratatui::layout::{Position, Size};
use tui_input::InputRequest;

/// What is asked of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// Pause the program, or let it go on.
    PauseOrResume,
    /// Another place in a recorded run, or play it.
    Travel(Travel),
    /// Let one thread make one call.
    StepCall,
    /// Let the loop make one iteration.
    StepIteration,
    /// Let the event loop make one step of its turn.
    StepLoop,
    /// Let the event loop run one task.
    StepTask,
    /// More time between calls.
    Slower,
    /// Less time between calls.
    Faster,
    /// Hold the picture, or let it follow again.
    Freeze,
    /// The focus to the next pane.
    NextPane,
    /// The focus to the pane before.
    PreviousPane,
    /// Move within the focused pane or the dialog.
    Move(Move),
    /// Open the chosen socket's detail; send the typed line.
    Enter,
    /// Leave the dialog, or the filter.
    Back,
    /// Choose this column, from 0.
    Column(u8),
    /// Another order of the sockets.
    Sort,
    /// The events of the chosen socket alone, or all.
    Filter,
    /// The source of the event loop, or of the mode.
    Source,
    /// Connect a client.
    Connect,
    /// Type something for a client to send.
    Type {
        /// With the end of the line.
        newline: bool,
    },
    /// Have the client stop reading, or start again.
    StopOrStartReading,
    /// Have the client end its side.
    HalfClose,
    /// Have the client close.
    Close,
    /// Have the client reset its connection.
    Reset,
    /// Have the client say `boom`.
    Boom,
    /// The other arrangement of panes.
    Presenter,
    /// The next theme.
    Theme,
    /// Show all keys.
    Help,
    /// Stop the program, with its grace period.
    Quit,
    /// As SIGINT.
    Interrupt,
    /// Edit the line that is being typed.
    Edit(InputRequest),
    /// The wheel was turned there: so many rows, down if positive.
    Wheel(Position, i8),
    /// There was a click.
    Click(Position),
    /// The terminal is this large now.
    Resize(Size),
}

/// A way to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// A row up.
    Up,
    /// A row down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the beginning.
    Home,
    /// To the end.
    End,
}

/// What keys are about, for the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The program's time.
    Time,
    /// Clients driven by hand.
    Clients,
    /// How a recorded run goes on.
    Playing,
    /// Where it stands.
    Jumping,
    /// What is looked at.
    Looking,
    /// The screen and the end.
    Screen,
}

impl Group {
    /// Every group, in the order of the help.
    pub const ALL: [Self; 6] = [
        Self::Time,
        Self::Clients,
        Self::Playing,
        Self::Jumping,
        Self::Looking,
        Self::Screen,
    ];

    /// Its heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Time => "the program's time",
            Self::Clients => "a client of your own",
            Self::Playing => "the recording",
            Self::Jumping => "elsewhere in it",
            Self::Looking => "looking around",
            Self::Screen => "the screen",
        }
    }
}

/// One key and all that is said about it.
#[derive(Debug)]
pub struct Binding {
    /// Keys that ask for it; letters as they arrive, with shift in them.
    pub codes: &'static [KeyCode],
    /// Whether the control key is held.
    pub control: bool,
    /// How the key is written.
    pub shown: &'static str,
    /// What it asks for.
    pub message: Message,
    /// The word in the footer; none if it is left to the help.
    pub footer: Option<&'static str>,
    /// The words in the help; empty if another key's words say it.
    pub help: &'static str,
    /// What it is about.
    pub group: Group,
    /// It is for a mode that runs on an event loop.
    pub of_loop: bool,
}

const fn key(
    group: Group,
    codes: &'static [KeyCode],
    shown: &'static str,
    message: Message,
    footer: Option<&'static str>,
    help: &'static str,
) -> Binding {
    let (control, of_loop) = (false, false);
    Binding { codes, control, shown, message, footer, help, group, of_loop }
}

const fn of_loop(mut binding: Binding) -> Binding {
    binding.of_loop = true;
    binding
}

use Group::{Clients, Looking, Screen, Time};
use KeyCode::Char;

/// Every key. The footer takes them in this order, as many as find room.
#[rustfmt::skip]
pub const KEYS: &[Binding] = &[
    key(Time, &[Char(' ')], "space", Message::PauseOrResume, Some("pause"), "pause or resume the program"),
    key(Time, &[Char('.'), KeyCode::Right], ". →", Message::StepCall, Some("step"), "let it make one call"),
    of_loop(key(Time, &[Char('S')], "S T", Message::StepLoop, Some("step, task"), "tasks: one step, one task")),
    of_loop(key(Time, &[Char('T')], "T", Message::StepTask, None, "")),
    key(Screen, &[Char('?')], "?", Message::Help, Some("help"), "all keys"),
    key(Screen, &[Char('q')], "q", Message::Quit, Some("quit"), "stop; again: without grace"),
    of_loop(key(Looking, &[Char('l')], "l", Message::Source, Some("loop"), "tasks: the loop's source")),
    key(Looking, &[KeyCode::Tab], "tab", Message::NextPane, Some("pane"), "next pane; with shift: before"),
    key(Clients, &[Char('c')], "c", Message::Connect, Some("connect"), "connect a client"),
    key(Clients, &[Char('i')], "i", Message::Type { newline: true }, Some("say"), "type a line to send"),
    key(Time, &[Char('n')], "n", Message::StepIteration, Some("iteration"), "let it make one iteration"),
    key(Time, &[Char('-')], "-", Message::Slower, Some("slower"), "slow motion: slower"),
    key(Time, &[Char('+'), Char('=')], "+", Message::Faster, Some("faster"), "slow motion: faster"),
    key(Looking, &[KeyCode::Enter], "enter", Message::Enter, Some("detail"), "all about the chosen socket"),
    key(Looking, &[Char('/')], "/", Message::Filter, Some("filter"), "the chosen socket's events"),
    key(Screen, &[Char('m')], "m", Message::Presenter, Some("presenter"), "few and large panes, or all"),
    key(Time, &[Char('f')], "f", Message::Freeze, Some("freeze"), "hold the picture alone"),
    key(Clients, &[Char('I')], "I", Message::Type { newline: false }, None, "type half a line (no end)"),
    key(Clients, &[Char('r')], "r", Message::StopOrStartReading, None, "stop or start reading"),
    key(Clients, &[Char('h')], "h", Message::HalfClose, None, "half-close"),
    key(Clients, &[Char('x')], "x X", Message::Close, None, "close, reset"),
    key(Clients, &[Char('X')], "X", Message::Reset, None, ""),
    key(Clients, &[Char('b')], "b", Message::Boom, None, "say boom (needs --boom)"),
    key(Looking, &[KeyCode::BackTab], "shift-tab", Message::PreviousPane, None, ""),
    key(Looking, &[KeyCode::Up], "↑ ↓", Message::Move(Move::Up), None, "move; the wheel, too"),
    key(Looking, &[KeyCode::Down], "↓", Message::Move(Move::Down), None, ""),
    key(Looking, &[KeyCode::PageUp], "pgup pgdn", Message::Move(Move::PageUp), None, "a page up or down"),
    key(Looking, &[KeyCode::PageDown], "pgdn", Message::Move(Move::PageDown), None, ""),
    key(Looking, &[KeyCode::Home], "home end", Message::Move(Move::Home), None, "first; last: follow again"),
    key(Looking, &[KeyCode::End], "end", Message::Move(Move::End), None, ""),
    key(Looking, &[KeyCode::Esc], "esc", Message::Back, None, "back"),
    key(Looking, &[Char('s')], "s", Message::Sort, None, "sort by activity or number"),
    key(Screen, &[Char('t')], "t", Message::Theme, None, "the next theme"),
    Binding { codes: &[Char('c')], control: true, shown: "ctrl-c", message: Message::Interrupt, footer: None, help: "as SIGINT: like q", group: Screen, of_loop: false },
];

/// Every key where several modes are side by side: those of the live screen,
/// for all modes at once.
#[rustfmt::skip]
pub const COMPARE: &[Binding] = &[
    key(Time, &[Char(' ')], "space", Message::PauseOrResume, Some("pause all"), "pause or resume all programs"),
    key(Time, &[Char('.')], ".", Message::StepCall, Some("step"), "let each make one call"),
    of_loop(key(Time, &[Char('S')], "S T", Message::StepLoop, None, "tasks: one step, one task")),
    of_loop(key(Time, &[Char('T')], "T", Message::StepTask, None, "")),
    key(Screen, &[Char('?')], "?", Message::Help, Some("help"), "all keys"),
    key(Screen, &[Char('q')], "q", Message::Quit, Some("quit"), "stop all; again: at once"),
    key(Looking, &[KeyCode::Tab, KeyCode::Right], "tab ← →", Message::NextPane, Some("column"), "choose a column"),
    key(Looking, &[KeyCode::Enter], "enter", Message::Enter, Some("open"), "its whole screen; esc: back"),
    key(Clients, &[Char('c')], "c", Message::Connect, Some("connect"), "connect one to every mode"),
    key(Clients, &[Char('i')], "i", Message::Type { newline: true }, Some("say"), "type a line for all to send"),
    key(Time, &[Char('n')], "n", Message::StepIteration, Some("iteration"), "let each make one iteration"),
    key(Time, &[Char('-')], "-", Message::Slower, Some("slower"), "slow motion: slower"),
    key(Time, &[Char('+'), Char('=')], "+", Message::Faster, Some("faster"), "slow motion: faster"),
    key(Screen, &[Char('m')], "m", Message::Presenter, Some("presenter"), "few and large parts, or all"),
    key(Time, &[Char('f')], "f", Message::Freeze, Some("freeze"), "hold the picture alone"),
    key(Clients, &[Char('I')], "I", Message::Type { newline: false }, None, "type half a line (no end)"),
    key(Clients, &[Char('r')], "r", Message::StopOrStartReading, None, "stop or start reading"),
    key(Clients, &[Char('h')], "h", Message::HalfClose, None, "half-close"),
    key(Clients, &[Char('x')], "x X", Message::Close, None, "close, reset"),
    key(Clients, &[Char('X')], "X", Message::Reset, None, ""),
    key(Clients, &[Char('b')], "b", Message::Boom, None, "say boom (needs --boom)"),
    key(Looking, &[KeyCode::BackTab, KeyCode::Left], "shift-tab", Message::PreviousPane, None, ""),
    key(Looking, &[Char('1')], "1 … 5", Message::Column(0), None, "choose this column"),
    key(Looking, &[Char('2')], "2", Message::Column(1), None, ""),
    key(Looking, &[Char('3')], "3", Message::Column(2), None, ""),
    key(Looking, &[Char('4')], "4", Message::Column(3), None, ""),
    key(Looking, &[Char('5')], "5", Message::Column(4), None, ""),
    key(Looking, &[KeyCode::Up], "↑ ↓", Message::Move(Move::Up), None, "through the sockets"),
    key(Looking, &[KeyCode::Down], "↓", Message::Move(Move::Down), None, ""),
    key(Looking, &[KeyCode::PageUp], "pgup pgdn", Message::Move(Move::PageUp), None, "a page up or down"),
    key(Looking, &[KeyCode::PageDown], "pgdn", Message::Move(Move::PageDown), None, ""),
    key(Looking, &[KeyCode::Home], "home end", Message::Move(Move::Home), None, "the first, the last"),
    key(Looking, &[KeyCode::End], "end", Message::Move(Move::End), None, ""),
    key(Looking, &[KeyCode::Esc], "esc", Message::Back, None, "back"),
    key(Screen, &[Char('t')], "t", Message::Theme, None, "the next theme"),
    Binding { codes: &[Char('c')], control: true, shown: "ctrl-c", message: Message::Interrupt, footer: None, help: "as SIGINT: like q", group: Screen, of_loop: false },
];

/// Every key of one mode's screen, live or of a recorded run.
#[must_use]
pub const fn keys_of(replays: bool) -> &'static [Binding] {
    if replays { REPLAY } else { KEYS }
}

/// What a key asks for while no line is typed. Releases are nothing.
#[must_use]
pub fn message(event: KeyEvent) -> Option<Message> {
    message_of(KEYS, event)
}

/// The same with this table of keys.
#[must_use]
pub fn message_of(keys: &[Binding], event: KeyEvent) -> Option<Message> {
    if event.kind != KeyEventKind::Press {
        return None;
    }
    let asked = |binding: &&Binding| asks(binding, event);
    keys.iter().find(asked).map(|binding| binding.message)
}

fn asks(binding: &Binding, event: KeyEvent) -> bool {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    binding.codes.contains(&event.code) && binding.control == control && !alt
}

/// What a key asks for while a line is typed.
#[must_use]
pub fn typed(event: KeyEvent) -> Option<Message> {
    if event.kind != KeyEventKind::Press {
        return None;
    }
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let request = match event.code {
        Char('c') if control => return Some(Message::Interrupt),
        KeyCode::Enter => return Some(Message::Enter),
        KeyCode::Esc => return Some(Message::Back),
        Char('w') if control => InputRequest::DeletePrevWord,
        Char('u') if control => InputRequest::DeleteFromStart,
        Char(_) if control => return None,
        Char(c) => InputRequest::InsertChar(c),
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return None,
    };
    Some(Message::Edit(request))
}
