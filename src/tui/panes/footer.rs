//! The keys, as many as find room.

use crate::tui::app::Dialog;
use crate::tui::frame::Shown;
use crate::tui::keys::KEYS;
use crate::tui::theme::Role;
use ratatui::text::{Line, Span};

/// What the keys do while a line is typed.
const TYPING: [(&str, &str); 2] = [("enter", "send"), ("esc", "leave")];

/// What they do while something is read.
const READING: [(&str, &str); 2] = [("esc", "back"), ("↑ ↓", "scroll")];

pub(in crate::tui) fn line<'a>(shown: &Shown<'a>, width: u16) -> Line<'a> {
    let has_tasks = shown.scene.has_tasks();
    let known = KEYS.iter().filter(|it| has_tasks || !it.of_loop);
    let table = known.filter_map(|it| Some((it.shown, it.footer?)));
    let keys: Vec<_> = match shown.app.dialog {
        Dialog::Prompt(_) => TYPING.to_vec(),
        Dialog::Help(_) | Dialog::Detail(..) => READING.to_vec(),
        Dialog::None => table.collect(),
    };
    let mut spans: Vec<Span> = Vec::new();
    let mut room = usize::from(width);
    for (key, word) in keys {
        let pair = [
            shown.say(Role::Key, format!(" {key}")),
            shown.say(Role::Dim, format!(" {word} ")),
        ];
        let taken: usize = pair.iter().map(Span::width).sum();
        let Some(left) = room.checked_sub(taken) else { break };
        room = left;
        spans.extend(pair);
    }
    Line::from(spans)
}
