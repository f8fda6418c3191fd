//! The key bindings, as data: the message of each key, when it is available,
//! and its text in the footer and the help.
//!
//! There is one table for all screens, and a key means the same on each of
//! them. A key that is unavailable ([`Need`]) says why.

use super::screen::{Dialog, Screen};
use crate::view::Direction::{self, Backwards, Forwards};
use crate::view::{Seek, Stride};
use ratatui::crossterm::event::{
    Event, KeyCode, KeyEventKind, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};
use ratatui::layout::{Position, Size};
use tui_input::InputRequest;
use tui_input::backend::crossterm::to_input_request;

/// The fraction of a recording that `}` and `{` skip.
const PART: f32 = 0.05;

/// A command of the user, or another event of the terminal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Message {
    /// Pause, step or change the speed; in a recording, go to another place.
    Seek(Seek),
    /// Go to the next event of the selected socket in this direction.
    OfSocket(Direction),
    /// Open the prompt for a place in a recording.
    GoTo,
    /// Open the prompt for a text to search for.
    Search,
    /// Repeat the last search in this direction.
    SearchOn(Direction),
    /// Freeze the picture, or let it follow the program again.
    Freeze,
    /// Focus the next pane; side by side, select the next column.
    NextPane(Direction),
    /// Select the next run in this direction.
    NextTrack(Direction),
    /// Select the run with this number, from 1; if there is only one, the
    /// client by hand with this number.
    Number(u8),
    /// Move within the focused pane or the dialog.
    Move(Move),
    /// Open the selected run or socket, or submit the line being typed.
    Enter,
    /// Leave the innermost of search, dialog, filter, selection, open run.
    Back,
    /// Sort sockets and tasks by activity, or by number again.
    Sort,
    /// Show only the selected socket's events, or all events.
    Filter,
    /// Show the source of the event loop, or of the mode.
    Source,
    /// Connect a client driven by hand.
    Connect,
    /// Type text for a client to send, with or without a newline.
    Type { newline: bool },
    /// Have the client stop reading, or start again.
    StopOrStartReading,
    /// Have the client shut down its sending side.
    HalfClose,
    /// Have the client close its connection.
    Close,
    /// Have the client reset its connection.
    Reset,
    /// Have the client say `boom`.
    Boom,
    /// Have the client send much and read nothing.
    Flood,
    /// Turn presenter mode on or off.
    Presenter,
    /// Switch to the next theme.
    Theme,
    /// Show all keys and signs.
    Help,
    /// Show what the words mean.
    Glossary,
    /// Stop the program, with its grace period.
    Quit,
    /// Do what SIGINT does (Ctrl-C).
    Interrupt,
    /// Do what SIGTSTP does (Ctrl-Z).
    Suspend,
    /// Edit the line that is being typed.
    Edit(InputRequest),
    /// The wheel was turned by this many rows, down if positive.
    Wheel(Position, i8),
    /// The left mouse button was pressed at this position.
    Click(Position),
    /// The terminal was resized to this size.
    Resize(Size),
}

/// A movement in a pane, in a dialog, or through the list of sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
}

/// The groups of keys: the headings in the help, in that order.
pub const KEY_GROUPS: [&str; 5] = [TIME, CLIENTS, PLACES, LOOKING, SCREEN];

pub(super) const TIME: &str = "time";
pub(super) const CLIENTS: &str = "a client of your own";
const PLACES: &str = "places in the recording";
const LOOKING: &str = "looking around";
const SCREEN: &str = "the screen";

/// A condition under which a key is available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The runs are live, not recorded; they may be over.
    Live,
    Recorded,
    /// Not all runs are over.
    Running,
    /// All runs are over.
    Over,
    /// No program is paused; a recording plays.
    Going,
    /// A program is paused; a recording stands.
    Paused,
    /// There is more than one run.
    Several,
    /// There is only one run.
    Single,
    /// One run fills the screen.
    Open,
    /// All runs are side by side.
    SideBySide,
    /// The open run, or any run if none is open, has an event loop.
    Tasks,
}

impl Need {
    /// Whether it depends on the moment only, so that the help lists keys that
    /// have this need although they are unavailable.
    pub(super) const fn is_of_moment(self) -> bool {
        matches!(self, Tasks | Running | Over | Going | Paused)
    }
}

/// Keys that belong together, and their text in the footer and the help.
#[derive(Debug)]
pub struct Binding {
    /// Each key and its message; a capital letter includes shift.
    pub keys: &'static [(KeyCode, Message)],
    /// The keys as the footer and the help show them.
    pub shown: &'static str,
    /// The word in the footer; empty if the footer leaves the keys out.
    pub footer: &'static str,
    /// The text in the help, with the names of other actions in braces for
    /// their keys; empty if another row covers these keys.
    pub help: &'static str,
    /// The heading in the help: one of [`KEY_GROUPS`].
    pub group: &'static str,
    /// The conditions that must all hold for the keys to be available.
    pub needs: &'static [Need],
}

const fn key(
    group: &'static str,
    keys: &'static [(KeyCode, Message)],
    needs: &'static [Need],
    [shown, footer, help]: [&'static str; 3],
) -> Binding {
    Binding { keys, shown, footer, help, group, needs }
}

const fn on(stride: Stride) -> Message {
    To(Seek::Step(stride, Forwards))
}

const fn back(stride: Stride) -> Message {
    To(Seek::Step(stride, Backwards))
}

/// Ctrl-C in [`KEYS`], written as its control character (ETX).
const CTRL_C: KeyCode = Char('\x03');
/// Ctrl-Z, as the control character that it stands for.
const CTRL_Z: KeyCode = Char('\x1a');

use KeyCode::Char;
use Message::Seek as To;
use Need::{
    Going, Live, Open, Over, Paused, Recorded, Running, Several, SideBySide,
    Single, Tasks,
};
use Stride::{Call, Iteration, LoopStep, Task};

/// Choose a run or a client by hand.
#[rustfmt::skip]
const DIGITS: &[(KeyCode, Message)] = {
    use Message::Number;
    &[
        (Char('1'), Number(1)), (Char('2'), Number(2)), (Char('3'), Number(3)),
        (Char('4'), Number(4)), (Char('5'), Number(5)), (Char('6'), Number(6)),
        (Char('7'), Number(7)), (Char('8'), Number(8)), (Char('9'), Number(9)),
    ]
};

/// The name in the file of settings of each action that can have other keys:
/// all but the digits, Ctrl-C and Ctrl-Z.
#[rustfmt::skip]
pub const ACTIONS: &[(&str, Message)] = {
    use Message as Do;
    &[
        ("pause", To(Seek::PlayOrPause)),
        ("step", on(Call)), ("step-back", back(Call)),
        ("iteration", on(Iteration)), ("iteration-back", back(Iteration)),
        ("loop-step", on(LoopStep)), ("loop-step-back", back(LoopStep)),
        ("task", on(Task)), ("task-back", back(Task)),
        ("slower", To(Seek::Slower)), ("faster", To(Seek::Faster)),
        ("backwards", To(Seek::Reverse)), ("freeze", Do::Freeze),
        ("connect", Do::Connect),
        ("say", Do::Type { newline: true }), ("say-part", Do::Type { newline: false }),
        ("reading", Do::StopOrStartReading), ("half-close", Do::HalfClose),
        ("close", Do::Close), ("reset", Do::Reset),
        ("boom", Do::Boom), ("flood", Do::Flood),
        ("go-to", Do::GoTo), ("search", Do::Search),
        ("match", Do::SearchOn(Forwards)), ("match-back", Do::SearchOn(Backwards)),
        ("finding", To(Seek::Finding(Forwards))), ("finding-back", To(Seek::Finding(Backwards))),
        ("socket-event", Do::OfSocket(Forwards)), ("socket-event-back", Do::OfSocket(Backwards)),
        ("skip", To(Seek::By(PART))), ("skip-back", To(Seek::By(-PART))),
        ("start", To(Seek::Start)), ("end", To(Seek::End)),
        ("open", Do::Enter), ("back", Do::Back),
        ("next-pane", Do::NextPane(Forwards)), ("previous-pane", Do::NextPane(Backwards)),
        ("next-run", Do::NextTrack(Forwards)), ("previous-run", Do::NextTrack(Backwards)),
        ("up", Do::Move(Move::Up)), ("down", Do::Move(Move::Down)),
        ("page-up", Do::Move(Move::PageUp)), ("page-down", Do::Move(Move::PageDown)),
        ("first", Do::Move(Move::Home)), ("last", Do::Move(Move::End)),
        ("sort", Do::Sort), ("filter", Do::Filter), ("source", Do::Source),
        ("presenter", Do::Presenter), ("theme", Do::Theme),
        ("help", Do::Help), ("glossary", Do::Glossary), ("quit", Do::Quit),
    ]
};

/// All key bindings. The footer shows as many as fit, in this order. A key has
/// several rows where its text depends on the situation.
#[rustfmt::skip]
pub const KEYS: &[Binding] = &[
    key(TIME, &[(Char(' '), To(Seek::PlayOrPause))], &[Live, Running, Going], ["space", "pause", "pause or resume the program"]),
    key(TIME, &[(Char(' '), To(Seek::PlayOrPause))], &[Live, Running, Paused], ["space", "resume", ""]),
    key(TIME, &[(Char(' '), To(Seek::PlayOrPause))], &[Recorded, Paused], ["space", "play", "play or pause"]),
    key(TIME, &[(Char(' '), To(Seek::PlayOrPause))], &[Recorded, Going], ["space", "pause", ""]),
    key(TIME, &[(Char('.'), on(Call))], &[Live, Running, Paused], [".", "step", "let it make one call"]),
    key(TIME, &[(Char('n'), on(Iteration))], &[Live, Running, Paused], ["n", "iteration", "let it make one iteration"]),
    key(TIME, &[(Char('.'), on(Call)), (Char(','), back(Call))], &[Recorded], [". ,", "call", "one call on, back"]),
    key(TIME, &[(Char('S'), on(LoopStep)), (Char('T'), on(Task))], &[Live, Tasks, Running, Paused], ["S T", "step, task", "tasks: one step, one task"]),
    key(TIME, &[(Char(']'), on(LoopStep)), (Char('k'), on(Task))], &[Live, Tasks, Running, Paused], ["] k", "", ""]),
    key(TIME, &[(Char(']'), on(LoopStep)), (Char('['), back(LoopStep))], &[Recorded, Tasks], ["] [", "step", "tasks: one step on, back"]),
    key(TIME, &[(Char('k'), on(Task)), (Char('K'), back(Task))], &[Recorded, Tasks], ["k K", "task", "tasks: one task on, back"]),
    key(TIME, &[(Char('S'), on(LoopStep)), (Char('T'), on(Task))], &[Recorded, Tasks], ["S T", "", ""]),
    key(SCREEN, &[(Char('?'), Message::Help)], &[], ["?", "help", "all keys and signs"]),
    key(SCREEN, &[(Char('G'), Message::Glossary)], &[], ["G", "", "what the words mean"]),
    key(SCREEN, &[(Char('q'), Message::Quit)], &[Live, Running], ["q", "quit", "stop; again: without grace"]),
    key(SCREEN, &[(Char('q'), Message::Quit)], &[Live, Over], ["q", "leave", ""]),
    key(SCREEN, &[(Char('q'), Message::Quit)], &[Recorded], ["q", "leave", "leave"]),
    key(LOOKING, &[(KeyCode::Enter, Message::Enter)], &[SideBySide], ["enter", "open", "its whole screen; {back}: back"]),
    key(PLACES, &[(Char('g'), Message::GoTo)], &[Recorded], ["g", "go to", "go to 1.25s, 50%, event 99"]),
    key(PLACES, &[(Char('/'), Message::Search)], &[Recorded, Open], ["/", "search", "search in the log's lines"]),
    key(PLACES, &[(Char('a'), Message::SearchOn(Forwards)), (Char('A'), Message::SearchOn(Backwards))], &[Recorded, Open], ["a A", "", "match again: next, before"]),
    key(LOOKING, &[(Char('l'), Message::Source)], &[Tasks, Open], ["l", "loop", "tasks: the loop's source"]),
    key(LOOKING, &[(KeyCode::Tab, Message::NextPane(Forwards))], &[Open], ["tab", "pane", "next pane; {previous-pane}: before"]),
    key(LOOKING, &[(KeyCode::Tab, Message::NextPane(Forwards))], &[SideBySide], ["tab", "column", "next one; {previous-pane}: before"]),
    key(LOOKING, &[(KeyCode::BackTab, Message::NextPane(Backwards))], &[], ["shift-tab", "", ""]),
    key(PLACES, &[(Char('f'), To(Seek::Finding(Forwards))), (Char('F'), To(Seek::Finding(Backwards)))], &[Recorded], ["f F", "finding", "finding: next, before"]),
    key(CLIENTS, &[(Char('c'), Message::Connect)], &[Live, Running], ["c", "connect", "connect a client"]),
    key(CLIENTS, &[(Char('i'), Message::Type { newline: true })], &[Live, Running], ["i", "say", "type a line to send"]),
    key(TIME, &[(Char('n'), on(Iteration)), (Char('N'), back(Iteration))], &[Recorded], ["n N", "iteration", "one iteration on, back"]),
    key(TIME, &[(Char('w'), To(Seek::Reverse))], &[Recorded], ["w", "backwards", "play backwards or forwards"]),
    key(TIME, &[(Char('-'), To(Seek::Slower)), (Char('+'), To(Seek::Faster))], &[Live, Running], ["- +", "slower, faster", "slow motion: slower, faster"]),
    key(TIME, &[(Char('+'), To(Seek::Faster)), (Char('-'), To(Seek::Slower))], &[Recorded], ["+ -", "speed", "twice, half as fast"]),
    key(TIME, &[(Char('='), To(Seek::Faster))], &[], ["=", "", ""]),
    key(LOOKING, &[(KeyCode::Enter, Message::Enter)], &[Open], ["enter", "detail", "all about the chosen socket"]),
    key(LOOKING, &[(Char('o'), Message::Filter)], &[Open], ["o", "filter", "the chosen socket's events"]),
    key(SCREEN, &[(Char('m'), Message::Presenter)], &[], ["m", "presenter", "large letters, few panes"]),
    key(TIME, &[(Char('z'), Message::Freeze)], &[Live, Running], ["z", "freeze", "hold the picture alone"]),
    key(CLIENTS, &[(Char('I'), Message::Type { newline: false })], &[Live, Running], ["I", "", "type half a line (no end)"]),
    key(CLIENTS, &[(Char('r'), Message::StopOrStartReading)], &[Live, Running], ["r", "", "stop or start reading"]),
    key(CLIENTS, &[(Char('h'), Message::HalfClose)], &[Live, Running], ["h", "", "half-close"]),
    key(CLIENTS, &[(Char('x'), Message::Close), (Char('X'), Message::Reset)], &[Live, Running], ["x X", "", "close, reset"]),
    key(CLIENTS, &[(Char('b'), Message::Boom)], &[Live, Running], ["b", "", "say boom (needs --boom)"]),
    key(CLIENTS, &[(Char('B'), Message::Flood)], &[Live, Running], ["B", "", "send 16 MiB, read nothing"]),
    key(CLIENTS, DIGITS, &[Single, Live], ["1 … 9", "", "the client with this number"]),
    key(PLACES, &[(Char('e'), Message::OfSocket(Forwards)), (Char('E'), Message::OfSocket(Backwards))], &[Recorded, Open], ["e E", "", "chosen socket: next, before"]),
    key(PLACES, &[(Char('}'), To(Seek::By(PART))), (Char('{'), To(Seek::By(-PART)))], &[Recorded], ["} {", "", "5 % on, back; bar: wheel"]),
    key(PLACES, &[(Char('<'), To(Seek::Start)), (Char('>'), To(Seek::End))], &[Recorded], ["< >", "", "start, end; bar: click"]),
    key(LOOKING, DIGITS, &[Several], ["1 … 9", "", "select a run; {previous-run} {next-run}: the next"]),
    key(LOOKING, &[(KeyCode::Right, Message::NextTrack(Forwards)), (KeyCode::Left, Message::NextTrack(Backwards))], &[Several], ["→ ←", "", ""]),
    key(LOOKING, &[(KeyCode::Up, Message::Move(Move::Up)), (KeyCode::Down, Message::Move(Move::Down))], &[], ["↑ ↓", "", "move; the wheel, too"]),
    key(LOOKING, &[(KeyCode::PageUp, Message::Move(Move::PageUp)), (KeyCode::PageDown, Message::Move(Move::PageDown))], &[], ["pgup pgdn", "", "a page up or down"]),
    key(LOOKING, &[(KeyCode::Home, Message::Move(Move::Home)), (KeyCode::End, Message::Move(Move::End))], &[], ["home end", "", "first; last: follow again"]),
    key(LOOKING, &[(KeyCode::Esc, Message::Back)], &[], ["esc", "", "back; give a search up"]),
    key(LOOKING, &[(Char('s'), Message::Sort)], &[Open], ["s", "", "sort by activity or number"]),
    key(SCREEN, &[(Char('t'), Message::Theme)], &[], ["t", "", "the next theme"]),
    key(SCREEN, &[(CTRL_C, Message::Interrupt)], &[], ["ctrl-c", "", "as SIGINT: like {quit}"]),
    key(SCREEN, &[(CTRL_Z, Message::Suspend)], &[], ["ctrl-z", "", "back to the shell, until fg"]),
    key(SCREEN, &[], &[], ["shift", "", "select text with the mouse"]),
];

/// Rows that one notch of the mouse wheel scrolls.
const NOTCH: i8 = 3;

/// The message for a terminal event; `None` for others, as key releases.
pub fn message(event: &Event, screen: &Screen) -> Option<Message> {
    match *event {
        Event::Resize(width, height) => {
            Some(Message::Resize(Size { width, height }))
        }
        Event::Key(key) if key.kind == KeyEventKind::Press => {
            let control = key.modifiers.contains(KeyModifiers::CONTROL);
            let alt = key.modifiers.contains(KeyModifiers::ALT);
            let code = match key.code {
                Char('c') if control => CTRL_C,
                Char('z') if control => CTRL_Z,
                code => code,
            };
            let is_plain =
                !alt && (!control || matches!(code, CTRL_C | CTRL_Z));
            match (&screen.dialog, code) {
                // A line that is typed ends as usual, whatever keys do.
                (Dialog::Prompt(..), KeyCode::Enter) if is_plain => {
                    Some(Message::Enter)
                }
                (Dialog::Prompt(..), KeyCode::Esc) if is_plain => {
                    Some(Message::Back)
                }
                (Dialog::Prompt(..), code)
                    if !matches!(code, CTRL_C | CTRL_Z) =>
                {
                    to_input_request(event).map(Message::Edit)
                }
                _ if is_plain => screen.keys.message(code),
                _ => None,
            }
        }
        Event::Mouse(MouseEvent { kind, column: x, row: y, .. }) => {
            let at = Position { x, y };
            Some(match kind {
                MouseEventKind::ScrollUp => Message::Wheel(at, -NOTCH),
                MouseEventKind::ScrollDown => Message::Wheel(at, NOTCH),
                MouseEventKind::Down(MouseButton::Left) => Message::Click(at),
                _ => return None,
            })
        }
        _ => None,
    }
}
