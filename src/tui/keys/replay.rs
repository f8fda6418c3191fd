//! The keys of a recorded run.

use super::Group::{Jumping, Looking, Playing, Screen};
use super::{Binding, Message, Move, key, of_loop};
use crate::view::Direction::{self, Backwards, Forwards};
use crate::view::Stride;
use ratatui::crossterm::event::KeyCode::{self, Char};

/// What is asked of a recorded run by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Travel {
    /// Play, or stand still.
    PlayOrPause,
    /// Play the other way.
    Reverse,
    /// Half as fast.
    Slower,
    /// Twice as fast.
    Faster,
    /// One step.
    Step(Stride, Direction),
    /// To the beginning.
    Start,
    /// To the end.
    End,
    /// A twentieth of its length.
    Part(Direction),
    /// Type where to go.
    GoTo,
    /// To the next event of the chosen socket.
    OfSocket(Direction),
    /// To where the next finding came up.
    Finding(Direction),
    /// Type what to look for.
    Search,
    /// To the next event that has what was looked for last.
    SearchOn(Direction),
}

pub(super) const fn to(
    group: super::Group,
    codes: &'static [KeyCode],
    shown: &'static str,
    travel: Travel,
    footer: Option<&'static str>,
    help: &'static str,
) -> Binding {
    key(group, codes, shown, Message::Travel(travel), footer, help)
}

/// A key of the live screen that a recording only has a reason for.
const fn refused(letter: &'static [KeyCode], message: Message) -> Binding {
    key(Screen, letter, "", message, None, "")
}

/// Every key of a recorded run. Those with neither a word in the footer nor
/// in the help, and not written anywhere, are keys of the live screen; they
/// say why not.
#[rustfmt::skip]
pub const REPLAY: &[Binding] = &[
    to(Playing, &[Char(' ')], "space", Travel::PlayOrPause, Some("play"), "play, or stand still"),
    to(Playing, &[Char('.'), KeyCode::Right], ". ,", Travel::Step(Stride::Call, Forwards), Some("call"), "one call on, back; → ←"),
    to(Playing, &[Char(','), KeyCode::Left], ",", Travel::Step(Stride::Call, Backwards), None, ""),
    of_loop(to(Playing, &[Char(']')], "] [", Travel::Step(Stride::LoopStep, Forwards), Some("step"), "tasks: one step on, back")),
    of_loop(to(Playing, &[Char('[')], "[", Travel::Step(Stride::LoopStep, Backwards), None, "")),
    of_loop(to(Playing, &[Char('k')], "k K", Travel::Step(Stride::Task, Forwards), Some("task"), "tasks: one task on, back")),
    of_loop(to(Playing, &[Char('K')], "K", Travel::Step(Stride::Task, Backwards), None, "")),
    key(Screen, &[Char('?')], "?", Message::Help, Some("help"), "all keys"),
    key(Screen, &[Char('q')], "q", Message::Quit, Some("quit"), "leave"),
    to(Jumping, &[Char('g')], "g", Travel::GoTo, Some("go to"), "go to 1.25s, 50%, event 99"),
    to(Jumping, &[Char('/')], "/", Travel::Search, Some("search"), "search in the log's lines"),
    to(Jumping, &[Char('x')], "x X", Travel::SearchOn(Forwards), None, "match: next, before"),
    to(Jumping, &[Char('X')], "X", Travel::SearchOn(Backwards), None, ""),
    of_loop(key(Looking, &[Char('l')], "l", Message::Source, Some("loop"), "tasks: the loop's source")),
    key(Looking, &[KeyCode::Tab], "tab", Message::NextPane, Some("pane"), "next pane; with shift: before"),
    to(Jumping, &[Char('f')], "f F", Travel::Finding(Forwards), Some("finding"), "finding: next, before"),
    to(Jumping, &[Char('F')], "F", Travel::Finding(Backwards), None, ""),
    to(Playing, &[Char('n')], "n N", Travel::Step(Stride::Iteration, Forwards), Some("iteration"), "one iteration on, back"),
    to(Playing, &[Char('N')], "N", Travel::Step(Stride::Iteration, Backwards), None, ""),
    to(Playing, &[Char('r')], "r", Travel::Reverse, Some("backwards"), "play backwards or forwards"),
    to(Playing, &[Char('+'), Char('=')], "+ -", Travel::Faster, Some("speed"), "twice, half as fast"),
    to(Playing, &[Char('-')], "-", Travel::Slower, None, ""),
    to(Jumping, &[Char('e')], "e E", Travel::OfSocket(Forwards), None, "chosen socket: next, before"),
    to(Jumping, &[Char('E')], "E", Travel::OfSocket(Backwards), None, ""),
    to(Jumping, &[Char('}')], "} {", Travel::Part(Forwards), None, "5 % on, back; bar: wheel"),
    to(Jumping, &[Char('{')], "{", Travel::Part(Backwards), None, ""),
    to(Jumping, &[Char('<')], "< >", Travel::Start, None, "start, end; bar: click"),
    to(Jumping, &[Char('>')], ">", Travel::End, None, ""),
    key(Looking, &[KeyCode::Enter], "enter", Message::Enter, Some("detail"), "all about the chosen socket"),
    key(Looking, &[Char('o')], "o", Message::Filter, None, "the chosen socket's events"),
    key(Screen, &[Char('m')], "m", Message::Presenter, Some("presenter"), "few and large panes, or all"),
    key(Looking, &[KeyCode::BackTab], "shift-tab", Message::PreviousPane, None, ""),
    key(Looking, &[KeyCode::Up], "↑ ↓", Message::Move(Move::Up), None, "move; the wheel, too"),
    key(Looking, &[KeyCode::Down], "↓", Message::Move(Move::Down), None, ""),
    key(Looking, &[KeyCode::PageUp], "pgup pgdn", Message::Move(Move::PageUp), None, "a page up or down"),
    key(Looking, &[KeyCode::PageDown], "pgdn", Message::Move(Move::PageDown), None, ""),
    key(Looking, &[KeyCode::Home], "home end", Message::Move(Move::Home), None, "first; last: follow again"),
    key(Looking, &[KeyCode::End], "end", Message::Move(Move::End), None, ""),
    key(Looking, &[KeyCode::Esc], "esc", Message::Back, None, "back; give a search up"),
    key(Looking, &[Char('s')], "s", Message::Sort, None, "sort by activity or number"),
    key(Screen, &[Char('t')], "t", Message::Theme, None, "the next theme"),
    Binding { codes: &[Char('c')], control: true, shown: "ctrl-c", message: Message::Interrupt, footer: None, help: "as SIGINT: like q", group: Screen, of_loop: false },
    refused(&[Char('c')], Message::Connect),
    refused(&[Char('i')], Message::Type { newline: true }),
    refused(&[Char('I')], Message::Type { newline: false }),
    refused(&[Char('h')], Message::HalfClose),
    refused(&[Char('b')], Message::Boom),
    refused(&[Char('S')], Message::StepLoop),
    refused(&[Char('T')], Message::StepTask),
];
