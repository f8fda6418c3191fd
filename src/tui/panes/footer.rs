//! The keys, as many as find room.

use crate::tui::app::Dialog;
use crate::tui::frame::Shown;
use crate::tui::look::Look;
use crate::tui::prompt::Purpose;
use crate::tui::theme::Role;
use ratatui::text::{Line, Span};

/// What the keys do while a line is typed.
pub(in crate::tui) const fn typing(
    purpose: Purpose,
) -> [(&'static str, &'static str); 2] {
    [("enter", purpose.verb()), ("esc", "leave")]
}

/// What they do while something is read.
pub(in crate::tui) const READING: [(&str, &str); 2] =
    [("esc", "back"), ("↑ ↓", "scroll")];

pub(in crate::tui) fn line<'a>(shown: &Shown<'a>, width: u16) -> Line<'a> {
    let has_tasks = shown.scene.has_tasks();
    let known = shown.app.keys().iter().filter(|it| has_tasks || !it.of_loop);
    let table = known.filter_map(|it| Some((it.shown, it.footer?)));
    let playback = shown.scene.playback;
    let gives_up = playback.is_some_and(|it| it.busy.is_some());
    let keys: Vec<_> = match shown.app.dialog {
        Dialog::Prompt(ref prompt) => typing(prompt.purpose).to_vec(),
        _ if gives_up => vec![("esc", "give up")],
        Dialog::Help(_) | Dialog::Detail(..) => READING.to_vec(),
        Dialog::None => table.collect(),
    };
    self::keys(shown.look(), &keys, width)
}

/// Keys and what they do, as many as find room.
pub(in crate::tui) fn keys<'a>(
    look: &Look,
    keys: &[(&'static str, &'static str)],
    width: u16,
) -> Line<'a> {
    let mut spans: Vec<Span> = Vec::new();
    let mut room = usize::from(width);
    for (key, word) in keys {
        let pair = [
            look.say(Role::Key, format!(" {key}")),
            look.say(Role::Dim, format!(" {word} ")),
        ];
        let taken: usize = pair.iter().map(Span::width).sum();
        let Some(left) = room.checked_sub(taken) else { break };
        room = left;
        spans.extend(pair);
    }
    Line::from(spans)
}
