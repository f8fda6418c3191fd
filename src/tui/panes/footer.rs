//! The keys, as many as find room.

use crate::tui::keys::KEYS;
use crate::tui::screen::{Dialog, Screen};
use crate::tui::stage::Picture;
use crate::tui::theme::Role;
use crate::tui::travel;
use ratatui::text::{Line, Span};

/// The keys while something is read.
const READING: [(&str, &str); 2] = [("esc", "back"), ("↑ ↓", "scroll")];

pub(in crate::tui) fn line<'a>(
    screen: &Screen,
    picture: &Picture,
    width: u16,
) -> Line<'a> {
    let table = KEYS.iter().filter(|it| !it.footer.is_empty());
    let known = table.filter(|it| it.applies(screen, picture));
    let keys: Vec<_> = match screen.dialog {
        Dialog::Prompt(ref prompt) => {
            vec![("enter", prompt.purpose.verb()), ("esc", "leave")]
        }
        _ if travel::is_busy(screen, picture) => vec![("esc", "give up")],
        Dialog::Help(_) | Dialog::Detail(..) => READING.to_vec(),
        Dialog::None => known.map(|it| (it.shown, it.footer)).collect(),
    };
    let mut spans: Vec<Span> = Vec::new();
    let mut room = usize::from(width);
    for (key, word) in keys {
        let pair = [
            screen.look.say(Role::Key, format!(" {key}")),
            screen.look.say(Role::Dim, format!(" {word} ")),
        ];
        let taken: usize = pair.iter().map(Span::width).sum();
        let Some(left) = room.checked_sub(taken) else { break };
        room = left;
        spans.extend(pair);
    }
    Line::from(spans)
}
