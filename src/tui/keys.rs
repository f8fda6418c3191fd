//! The keys, as data: what each one asks for, where, and in which words the
//! footer and the help say so.
//!
//! There is one table for all screens, and a key means the same on each of
//! them. Where a key can do nothing ([`Need`]), it says why.

use crate::view::Direction::{self, Backwards, Forwards};
use crate::view::{Seek, Stride};
use ratatui::crossterm::event::{
    KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use ratatui::layout::{Position, Size};
use tui_input::InputRequest;

/// The part of a recording that one key skips.
const PART: f32 = 0.05;

/// What the user asks of the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Message {
    /// Pause the program, or let it go on; play a recording, or stand still.
    PauseOrPlay,
    /// Make one step and stand still.
    Step(Stride, Direction),
    /// More time between calls; a recording half as fast.
    Slower,
    /// Less time between calls; a recording twice as fast.
    Faster,
    /// Another place in a recording, or another way to play it.
    Seek(Seek),
    /// To the next event of the chosen socket.
    OfSocket(Direction),
    /// Type where to go in a recording.
    GoTo,
    /// Type what to search for.
    Search,
    /// Hold the picture, or let it follow again.
    Freeze,
    /// The focus to the next pane, or to the next column.
    NextPane,
    /// The focus to the pane or the column before.
    PreviousPane,
    /// The run beside this one.
    NextTrack(Direction),
    /// The run at this place, from 0.
    Track(u8),
    /// Move within the focused pane or the dialog.
    Move(Move),
    /// Open the chosen run, or the chosen socket's detail; send the line.
    Enter,
    /// Leave the dialog, the filter, the open run.
    Back,
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
    /// The wheel was turned by this many rows, down if positive.
    Wheel(Position, i8),
    /// There was a click.
    Click(Position),
    /// The terminal has another size now.
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
pub enum KeyGroup {
    /// The program's time.
    Time,
    /// Clients driven by hand.
    Clients,
    /// Places in a recording.
    Places,
    /// What is looked at.
    Looking,
    /// The screen and the end.
    Screen,
}

impl KeyGroup {
    /// Every group, in the order of the help.
    pub const ALL: [Self; 5] =
        [Self::Time, Self::Clients, Self::Places, Self::Looking, Self::Screen];

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Clients => "a client of your own",
            Self::Places => "places in the recording",
            Self::Looking => "looking around",
            Self::Screen => "the screen",
        }
    }
}

/// Where a key can do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The run goes on now.
    Live,
    /// The run is recorded.
    Recorded,
    /// There is more than one run.
    Several,
    /// One run has the whole screen.
    Open,
    /// All runs are side by side.
    SideBySide,
    /// A mode with an event loop.
    Tasks,
}

/// A key and all that is said about it.
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
    /// The word in the footer; empty if it is left to the help.
    pub footer: &'static str,
    /// The words in the help; empty if another key's words say it.
    pub help: &'static str,
    /// What it is about.
    pub group: KeyGroup,
    /// Where it can do something.
    pub needs: &'static [Need],
}

const fn key(
    group: KeyGroup,
    codes: &'static [KeyCode],
    message: Message,
    needs: &'static [Need],
    [shown, footer, help]: [&'static str; 3],
) -> Binding {
    let control = false;
    Binding { codes, control, shown, message, footer, help, group, needs }
}

use KeyCode::Char;
use KeyGroup::{Clients, Looking, Places, Screen, Time};
use Message::{Seek as To, Step};
use Need::{Live, Open, Recorded, Several, SideBySide, Tasks};

/// Every key. The footer takes them in this order, as many as find room. A
/// key has several rows where its words depend on the situation.
#[rustfmt::skip]
pub const KEYS: &[Binding] = &[
    key(Time, &[Char(' ')], Message::PauseOrPlay, &[Live], ["space", "pause", "pause or resume the program"]),
    key(Time, &[Char(' ')], Message::PauseOrPlay, &[Recorded], ["space", "play", "play, or stand still"]),
    key(Time, &[Char('.')], Step(Stride::Call, Forwards), &[Live], [".", "step", "let it make one call"]),
    key(Time, &[Char('.')], Step(Stride::Call, Forwards), &[Recorded], [". ,", "call", "one call on, back"]),
    key(Time, &[Char(',')], Step(Stride::Call, Backwards), &[Recorded], [",", "", ""]),
    key(Time, &[Char('S'), Char(']')], Step(Stride::LoopStep, Forwards), &[Live, Tasks], ["S T", "step, task", "tasks: one step, one task"]),
    key(Time, &[Char('T'), Char('k')], Step(Stride::Task, Forwards), &[Live, Tasks], ["T", "", ""]),
    key(Time, &[Char('S'), Char(']')], Step(Stride::LoopStep, Forwards), &[Recorded, Tasks], ["] [", "step", "tasks: one step on, back"]),
    key(Time, &[Char('[')], Step(Stride::LoopStep, Backwards), &[Recorded, Tasks], ["[", "", ""]),
    key(Time, &[Char('T'), Char('k')], Step(Stride::Task, Forwards), &[Recorded, Tasks], ["k K", "task", "tasks: one task on, back"]),
    key(Time, &[Char('K')], Step(Stride::Task, Backwards), &[Recorded, Tasks], ["K", "", ""]),
    key(Screen, &[Char('?')], Message::Help, &[], ["?", "help", "all keys"]),
    key(Screen, &[Char('q')], Message::Quit, &[Live], ["q", "quit", "stop; again: without grace"]),
    key(Screen, &[Char('q')], Message::Quit, &[Recorded], ["q", "quit", "leave"]),
    key(Looking, &[KeyCode::Enter], Message::Enter, &[SideBySide], ["enter", "open", "its whole screen; esc: back"]),
    key(Places, &[Char('g')], Message::GoTo, &[Recorded], ["g", "go to", "go to 1.25s, 50%, event 99"]),
    key(Places, &[Char('/')], Message::Search, &[Recorded, Open], ["/", "search", "search in the log's lines"]),
    key(Places, &[Char('a')], To(Seek::SearchOn(Forwards)), &[Recorded, Open], ["a A", "", "match again: next, before"]),
    key(Places, &[Char('A')], To(Seek::SearchOn(Backwards)), &[Recorded, Open], ["A", "", ""]),
    key(Looking, &[Char('l')], Message::Source, &[Tasks, Open], ["l", "loop", "tasks: the loop's source"]),
    key(Looking, &[KeyCode::Tab], Message::NextPane, &[Open], ["tab", "pane", "next pane; with shift: before"]),
    key(Looking, &[KeyCode::Tab], Message::NextPane, &[SideBySide], ["tab", "column", "next column; shift: before"]),
    key(Looking, &[KeyCode::BackTab], Message::PreviousPane, &[], ["shift-tab", "", ""]),
    key(Places, &[Char('f')], To(Seek::Finding(Forwards)), &[Recorded], ["f F", "finding", "finding: next, before"]),
    key(Places, &[Char('F')], To(Seek::Finding(Backwards)), &[Recorded], ["F", "", ""]),
    key(Clients, &[Char('c')], Message::Connect, &[Live], ["c", "connect", "connect a client"]),
    key(Clients, &[Char('i')], Message::Type { newline: true }, &[Live], ["i", "say", "type a line to send"]),
    key(Time, &[Char('n')], Step(Stride::Iteration, Forwards), &[Live], ["n", "iteration", "let it make one iteration"]),
    key(Time, &[Char('n')], Step(Stride::Iteration, Forwards), &[Recorded], ["n N", "iteration", "one iteration on, back"]),
    key(Time, &[Char('N')], Step(Stride::Iteration, Backwards), &[Recorded], ["N", "", ""]),
    key(Time, &[Char('w')], To(Seek::Reverse), &[Recorded], ["w", "backwards", "play backwards or forwards"]),
    key(Time, &[Char('-')], Message::Slower, &[Live], ["- +", "slower, faster", "slow motion: slower, faster"]),
    key(Time, &[Char('+'), Char('=')], Message::Faster, &[Live], ["+", "", ""]),
    key(Time, &[Char('+'), Char('=')], Message::Faster, &[Recorded], ["+ -", "speed", "twice, half as fast"]),
    key(Time, &[Char('-')], Message::Slower, &[Recorded], ["-", "", ""]),
    key(Looking, &[KeyCode::Enter], Message::Enter, &[Open], ["enter", "detail", "all about the chosen socket"]),
    key(Looking, &[Char('o')], Message::Filter, &[Open], ["o", "filter", "the chosen socket's events"]),
    key(Screen, &[Char('m')], Message::Presenter, &[], ["m", "presenter", "few and large panes, or all"]),
    key(Time, &[Char('z')], Message::Freeze, &[Live], ["z", "freeze", "hold the picture alone"]),
    key(Clients, &[Char('I')], Message::Type { newline: false }, &[Live], ["I", "", "type half a line (no end)"]),
    key(Clients, &[Char('r')], Message::StopOrStartReading, &[Live], ["r", "", "stop or start reading"]),
    key(Clients, &[Char('h')], Message::HalfClose, &[Live], ["h", "", "half-close"]),
    key(Clients, &[Char('x')], Message::Close, &[Live], ["x X", "", "close, reset"]),
    key(Clients, &[Char('X')], Message::Reset, &[Live], ["X", "", ""]),
    key(Clients, &[Char('b')], Message::Boom, &[Live], ["b", "", "say boom (needs --boom)"]),
    key(Places, &[Char('e')], Message::OfSocket(Forwards), &[Recorded, Open], ["e E", "", "chosen socket: next, before"]),
    key(Places, &[Char('E')], Message::OfSocket(Backwards), &[Recorded, Open], ["E", "", ""]),
    key(Places, &[Char('}')], To(Seek::By(PART)), &[Recorded], ["} {", "", "5 % on, back; bar: wheel"]),
    key(Places, &[Char('{')], To(Seek::By(-PART)), &[Recorded], ["{", "", ""]),
    key(Places, &[Char('<')], To(Seek::Start), &[Recorded], ["< >", "", "start, end; bar: click"]),
    key(Places, &[Char('>')], To(Seek::End), &[Recorded], [">", "", ""]),
    key(Looking, &[Char('1')], Message::Track(0), &[Several], ["1 … 5", "", "this run; ← →: beside it"]),
    key(Looking, &[Char('2')], Message::Track(1), &[Several], ["2", "", ""]),
    key(Looking, &[Char('3')], Message::Track(2), &[Several], ["3", "", ""]),
    key(Looking, &[Char('4')], Message::Track(3), &[Several], ["4", "", ""]),
    key(Looking, &[Char('5')], Message::Track(4), &[Several], ["5", "", ""]),
    key(Looking, &[KeyCode::Right], Message::NextTrack(Forwards), &[Several], ["→", "", ""]),
    key(Looking, &[KeyCode::Left], Message::NextTrack(Backwards), &[Several], ["←", "", ""]),
    key(Looking, &[KeyCode::Up], Message::Move(Move::Up), &[], ["↑ ↓", "", "move; the wheel, too"]),
    key(Looking, &[KeyCode::Down], Message::Move(Move::Down), &[], ["↓", "", ""]),
    key(Looking, &[KeyCode::PageUp], Message::Move(Move::PageUp), &[], ["pgup pgdn", "", "a page up or down"]),
    key(Looking, &[KeyCode::PageDown], Message::Move(Move::PageDown), &[], ["pgdn", "", ""]),
    key(Looking, &[KeyCode::Home], Message::Move(Move::Home), &[], ["home end", "", "first; last: follow again"]),
    key(Looking, &[KeyCode::End], Message::Move(Move::End), &[], ["end", "", ""]),
    key(Looking, &[KeyCode::Esc], Message::Back, &[], ["esc", "", "back; give a search up"]),
    key(Looking, &[Char('s')], Message::Sort, &[Open], ["s", "", "sort by activity or number"]),
    key(Screen, &[Char('t')], Message::Theme, &[], ["t", "", "the next theme"]),
    Binding { control: true, ..key(Screen, &[Char('c')], Message::Interrupt, &[], ["ctrl-c", "", "as SIGINT: like q"]) },
];

/// What a key asks for while no line is typed. Releases are nothing.
pub fn message(event: KeyEvent) -> Option<Message> {
    if event.kind != KeyEventKind::Press {
        return None;
    }
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    let asks = |it: &&Binding| {
        it.codes.contains(&event.code) && it.control == control && !alt
    };
    KEYS.iter().find(asks).map(|it| it.message)
}

/// What a key asks for while a line is typed.
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
