//! The help and the footer, both made from the table of keys.

use super::{lane, table::explained};
use crate::text::padded;
use crate::tui::context::ScreenContext;
use crate::tui::keys::{Binding, KEY_GROUPS, KEYS, Need};
use crate::tui::look::Role;
use crate::tui::paint::{TextRows, fitting};
use crate::tui::screen::{Dialog, Purpose};
use ratatui::prelude::{Line, Rect};

/// The width of the keys' column.
const KEY: usize = 11;

/// From this width on there are two columns.
const TWO: u16 = 78;

/// How many marks of the legend are in a row.
const MARKS: usize = 5;

/// Explains abbreviations that other panes use.
const LETTERS: [&str; 2] = [
    "R: input, W: room for output, small: was so; ",
    "brief: under 0.1 ms, asleep or not",
];

/// The rows from `top` on, as many as fit.
pub(crate) fn lines(cx: &ScreenContext, area: Rect, top: usize) -> TextRows {
    let mut lines = all(cx, area.width);
    let room = usize::from(area.height);
    lines.split_off(top.min(lines.len().saturating_sub(room)))
}

/// All rows, in two columns if there is room for them.
pub(crate) fn all(cx: &ScreenContext, width: u16) -> TextRows {
    let groups = KEY_GROUPS.iter().filter_map(|it| group(cx, it));
    let groups: Vec<_> = groups.collect();
    // No empty row precedes the marks, so that all fits into 80x24.
    let in_columns = if width < TWO { groups.len() } else { groups.len() / 2 };
    let (left, right) = groups.split_at(in_columns);
    let [mut lines, right] = [left, right].map(|it| it.join(&Line::default()));
    lines.resize(lines.len().max(right.len()), Line::default());
    for (line, right) in lines.iter_mut().zip(right) {
        let free = usize::from(width / 2).saturating_sub(line.width());
        line.push_span(" ".repeat(free));
        line.extend(right);
    }
    let marks = lane::legend(cx.look());
    lines.extend(marks.chunks(MARKS).map(|it| Line::from(it.concat())));
    let words = LETTERS.map(|it| cx.look().say(Role::Dim, it));
    let in_row = if width < TWO { 1 } else { 2 };
    lines.extend(words.chunks(in_row).map(|it| Line::from(it.to_vec())));
    lines
}

/// The title and the keys of a group; `None` if no key of it is listed.
fn group(cx: &ScreenContext, group: &'static str) -> Option<TextRows> {
    let is_listed = |it: &&Binding| {
        // Keys for the mode tasks are listed in other modes, too, and those
        // for another moment at any time.
        let is_listed = it.unmet(cx).is_none_or(Need::is_of_moment);
        it.group == group && !it.help.is_empty() && is_listed
    };
    let look = cx.look();
    let mut lines = vec![look.line(Role::Focus, group)];
    lines.extend(KEYS.iter().filter(is_listed).map(|binding| {
        let key = look.say(Role::Key, padded(binding.shown, KEY));
        Line::from(vec![key, look.say(Role::Text, binding.help)])
    }));
    (lines.len() > 1).then_some(lines)
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
        Dialog::Help(_) | Dialog::Glossary(_) | Dialog::Detail(..) => {
            vec![("esc", "back"), ("↑ ↓", "scroll")]
        }
        Dialog::None => {
            let keys = KEYS.iter().filter(|it| !it.footer.is_empty());
            let keys = keys.filter(|it| it.unmet(cx).is_none());
            keys.map(|it| (it.shown, it.footer)).collect()
        }
    };
    let keys = keys.into_iter().map(|(key, word)| {
        explained(cx.look(), Role::Key, &format!(" {key}"), word)
    });
    fitting(keys, width)
}
