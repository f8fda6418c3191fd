//! The keys in words, from the key table: the help and the footer.

use super::lane;
use crate::text::padded;
use crate::tui::keys::{Binding, KEYS, KeyGroup};
use crate::tui::screen::{Dialog, Screen};
use crate::tui::stage::Picture;
use crate::tui::theme::Role;
use crate::tui::travel;
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

/// The number of rows that the help has.
pub(in crate::tui) fn rows(
    screen: &Screen,
    picture: &Picture,
    width: u16,
) -> usize {
    all(screen, picture, width).len()
}

/// The rows from `top` on, as many as find room.
pub(in crate::tui) fn lines<'a>(
    screen: &Screen,
    picture: &Picture,
    area: Rect,
    top: usize,
) -> Vec<Line<'a>> {
    let mut lines = all(screen, picture, area.width);
    let room = usize::from(area.height);
    lines.split_off(top.min(lines.len().saturating_sub(room)))
}

fn all<'a>(screen: &Screen, picture: &Picture, width: u16) -> Vec<Line<'a>> {
    let look = &screen.look;
    let groups =
        KeyGroup::ALL.into_iter().map(|it| (it, of(screen, picture, it)));
    let groups: Vec<_> = groups.filter(|(_, keys)| !keys.is_empty()).collect();
    let column = |groups: &[(KeyGroup, Vec<&Binding>)]| {
        let mut lines = Vec::new();
        for (group, keys) in groups {
            lines.push(look.say(Role::Focus, group.title()).into());
            lines.extend(keys.iter().map(|binding| {
                Line::from(vec![
                    look.say(Role::Key, padded(binding.shown, KEY)),
                    look.say(Role::Text, binding.help),
                ])
            }));
            lines.push(Line::default());
        }
        // The marks follow at once, so that at 80x24 all is in sight.
        lines.pop();
        lines
    };
    let mut lines = if width < TWO {
        column(&groups)
    } else {
        let half = groups.len() / 2;
        let (left, right) = (column(&groups[..half]), column(&groups[half..]));
        beside(left, right, usize::from(width / 2))
    };
    for pairs in lane::legend(look).chunks(MARKS) {
        lines.push(Line::from(pairs.concat()));
    }
    let words = LETTERS.map(|it| look.say(Role::Dim, it));
    if width < TWO {
        lines.extend(words.map(Line::from));
    } else {
        lines.push(Line::from(words.to_vec()));
    }
    lines
}

/// The keys of a group that have words of their own here.
fn of(
    screen: &Screen,
    picture: &Picture,
    group: KeyGroup,
) -> Vec<&'static Binding> {
    let known = KEYS.iter().filter(|it| it.group == group);
    let named = known.filter(|it| !it.help.is_empty());
    named.filter(|it| it.is_listed(screen, picture)).collect()
}

/// Two columns, the second one from this column of cells on.
fn beside<'a>(
    left: Vec<Line<'a>>,
    right: Vec<Line<'a>>,
    from: usize,
) -> Vec<Line<'a>> {
    let rows = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let row = |_| {
        let mut line = left.next().unwrap_or_default();
        let free = from.saturating_sub(line.width());
        line.push_span(Span::raw(" ".repeat(free)));
        line.spans.extend(right.next().unwrap_or_default().spans);
        line
    };
    (0..rows).map(row).collect()
}

/// The keys while something is read.
const READING: [(&str, &str); 2] = [("esc", "back"), ("↑ ↓", "scroll")];

pub(in crate::tui) fn footer<'a>(
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
