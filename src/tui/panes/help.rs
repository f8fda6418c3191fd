//! The keys in words, from the key table: the help and the footer.

use super::lane;
use crate::text::padded;
use crate::tui::context::ScreenContext;
use crate::tui::keys::{Binding, KEY_GROUPS, KEYS, Need};
use crate::tui::look::Role;
use crate::tui::paint::{TextRows, fitting};
use crate::tui::screen::{Dialog, Purpose};
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The width of the keys' column.
const KEY: usize = 11;

/// From this width on there are two columns.
const TWO: u16 = 78;

/// Marks of a timeline in a row.
const MARKS: usize = 5;

/// What is not said where it stands.
const LETTERS: [&str; 2] = [
    "R: input, W: room for output, small: was so; ",
    "brief: under 0.1 ms, asleep or not",
];

/// The rows from `top` on, as many as find room.
pub(crate) fn lines(cx: &ScreenContext, area: Rect, top: usize) -> TextRows {
    let mut lines = all(cx, area.width);
    let room = usize::from(area.height);
    lines.split_off(top.min(lines.len().saturating_sub(room)))
}

/// All rows, in two columns if there is room for them.
pub(crate) fn all(cx: &ScreenContext, width: u16) -> TextRows {
    let look = cx.look();
    let groups = KEY_GROUPS.map(|it| group(cx, it));
    let groups: Vec<_> = groups.into_iter().flatten().collect();
    // The marks follow at once, so that at 80x24 all is in sight.
    let column = |it: &[TextRows]| it.join(&Line::default());
    let mut lines = if width < TWO {
        column(&groups)
    } else {
        let (left, right) = groups.split_at(groups.len() / 2);
        let (mut left, right) = (column(left), column(right));
        left.resize(left.len().max(right.len()), Line::default());
        for (line, right) in left.iter_mut().zip(right) {
            let free = usize::from(width / 2).saturating_sub(line.width());
            line.push_span(" ".repeat(free));
            line.spans.extend(right.spans);
        }
        left
    };
    let marks = lane::legend(look);
    lines.extend(marks.chunks(MARKS).map(|it| Line::from(it.concat())));
    let words = LETTERS.map(|it| look.say(Role::Dim, it));
    if width < TWO {
        lines.extend(words.map(Line::from));
    } else {
        lines.push(Line::from(words.to_vec()));
    }
    lines
}

/// The keys of a group that have words of their own here, below its title.
fn group(cx: &ScreenContext, group: &'static str) -> Option<TextRows> {
    let is_listed = |it: &&Binding| {
        // What only the mode tasks has is listed always.
        let is_listed = matches!(it.unmet(cx), None | Some(Need::Tasks));
        it.group == group && !it.help.is_empty() && is_listed
    };
    let keys = KEYS.iter().filter(is_listed).map(|binding| {
        let shown = padded(binding.shown, KEY);
        let key = cx.look().say(Role::Key, shown);
        Line::from(vec![key, cx.look().say(Role::Text, binding.help)])
    });
    let mut keys = keys.peekable();
    keys.peek()?;
    let title = cx.look().line(Role::Focus, group);
    Some([title].into_iter().chain(keys).collect())
}

pub(crate) fn footer(cx: &ScreenContext, width: usize) -> Line<'static> {
    let keys: Vec<_> = match &cx.screen.dialog {
        Dialog::Prompt(purpose, _) => {
            let verb = match purpose {
                Purpose::Say { .. } => "send",
                Purpose::GoTo => "go",
                Purpose::Search => "search",
            };
            vec![("enter", verb), ("esc", "leave")]
        }
        _ if cx.is_busy() => vec![("esc", "give up")],
        Dialog::Help(_) | Dialog::Detail(..) => {
            vec![("esc", "back"), ("↑ ↓", "scroll")]
        }
        Dialog::None => {
            let keys = KEYS.iter().filter(|it| !it.footer.is_empty());
            let keys = keys.filter(|it| it.unmet(cx).is_none());
            keys.map(|it| (it.shown, it.footer)).collect()
        }
    };
    let look = cx.look();
    let pair = |(key, word)| -> Vec<Span> {
        vec![
            look.say(Role::Key, format!(" {key}")),
            look.say(Role::Dim, format!(" {word} ")),
        ]
    };
    fitting(keys.into_iter().map(pair), width)
}
