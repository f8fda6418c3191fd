//! The keys where several recorded runs are side by side.

use super::Group::{Jumping, Looking, Playing, Screen};
use super::replay::to;
use super::{Binding, COMPARE, Message, Move, Travel, key, of_loop};
use crate::view::Direction::{Backwards, Forwards};
use crate::view::Stride;
use ratatui::crossterm::event::KeyCode::{self, Char};

/// Every key where several recorded runs are side by side: those of one of
/// them, on the one clock that all have.
#[rustfmt::skip]
pub const COMPARE_REPLAY: &[Binding] = &[
    to(Playing, &[Char(' ')], "space", Travel::PlayOrPause, Some("play all"), "play all, or stand still"),
    to(Playing, &[Char('.')], ". ,", Travel::Step(Stride::Call, Forwards), Some("call"), "the next call of any; back"),
    to(Playing, &[Char(',')], ",", Travel::Step(Stride::Call, Backwards), None, ""),
    of_loop(to(Playing, &[Char(']')], "] [", Travel::Step(Stride::LoopStep, Forwards), None, "tasks: one step on, back")),
    of_loop(to(Playing, &[Char('[')], "[", Travel::Step(Stride::LoopStep, Backwards), None, "")),
    of_loop(to(Playing, &[Char('k')], "k K", Travel::Step(Stride::Task, Forwards), None, "tasks: one task on, back")),
    of_loop(to(Playing, &[Char('K')], "K", Travel::Step(Stride::Task, Backwards), None, "")),
    key(Screen, &[Char('?')], "?", Message::Help, Some("help"), "all keys"),
    key(Screen, &[Char('q')], "q", Message::Quit, Some("quit"), "leave"),
    key(Looking, &[KeyCode::Tab, KeyCode::Right], "tab ← →", Message::NextPane, Some("column"), "choose a column"),
    key(Looking, &[KeyCode::Enter], "enter", Message::Enter, Some("open"), "its whole screen; esc: back"),
    to(Jumping, &[Char('g')], "g", Travel::GoTo, Some("go to"), "go to 1.25s, 50%"),
    to(Jumping, &[Char('f')], "f F", Travel::Finding(Forwards), Some("finding"), "a finding of any: next, before"),
    to(Jumping, &[Char('F')], "F", Travel::Finding(Backwards), None, ""),
    to(Playing, &[Char('n')], "n N", Travel::Step(Stride::Iteration, Forwards), Some("iteration"), "the next iteration of any"),
    to(Playing, &[Char('N')], "N", Travel::Step(Stride::Iteration, Backwards), None, ""),
    to(Playing, &[Char('r')], "r", Travel::Reverse, Some("backwards"), "play backwards or forwards"),
    to(Playing, &[Char('+'), Char('=')], "+ -", Travel::Faster, Some("speed"), "twice, half as fast"),
    to(Playing, &[Char('-')], "-", Travel::Slower, None, ""),
    to(Jumping, &[Char('}')], "} {", Travel::Part(Forwards), None, "5 % on, back; bar: wheel"),
    to(Jumping, &[Char('{')], "{", Travel::Part(Backwards), None, ""),
    to(Jumping, &[Char('<')], "< >", Travel::Start, None, "start, end; bar: click"),
    to(Jumping, &[Char('>')], ">", Travel::End, None, ""),
    key(Screen, &[Char('m')], "m", Message::Presenter, Some("presenter"), "few and large parts, or all"),
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

/// Every key where several runs are side by side, if all of them are
/// recorded or not.
#[must_use]
pub const fn keys_of_columns(replays: bool) -> &'static [Binding] {
    if replays { COMPARE_REPLAY } else { COMPARE }
}
