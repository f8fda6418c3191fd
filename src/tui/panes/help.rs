//! All keys, from the key table, and what the marks of a timeline mean.

use super::lane::legend;
use crate::text::padded;
use crate::tui::keys::{Binding, Group};
use crate::tui::look::Look;
use crate::tui::theme::Role;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The column of the keys.
const KEY: usize = 11;

/// With so much room there are two columns.
const TWO: u16 = 78;

/// Of the four groups of every table, so many are at the left then.
const LEFT: usize = 2;

/// What else is not said where it stands.
const LETTERS: [&str; 2] = [
    "R: input, W: room for output, small: was so; ",
    "brief: under 0.1 ms, asleep or not",
];

/// How many rows the help has.
pub(in crate::tui) fn rows(table: &'static [Binding], width: u16) -> usize {
    let groups = groups(table);
    let keys =
        |groups: &[Group]| groups.iter().map(|it| group(table, *it)).sum();
    let all: usize = keys(&groups);
    if width < TWO { all + 3 } else { keys(&groups[..LEFT]) + 2 }
}

/// What the keys are about.
fn groups(table: &'static [Binding]) -> Vec<Group> {
    let has = |group: &Group| of(table, *group).next().is_some();
    Group::ALL.into_iter().filter(has).collect()
}

/// A group's rows: its heading, its keys, and nothing.
fn group(table: &'static [Binding], group: Group) -> usize {
    of(table, group).count() + 2
}

fn of(
    table: &'static [Binding],
    group: Group,
) -> impl Iterator<Item = &'static Binding> {
    table.iter().filter(move |it| it.group == group && !it.help.is_empty())
}

pub(in crate::tui) fn lines<'a>(
    look: &Look,
    table: &'static [Binding],
    area: Rect,
    top: usize,
) -> Vec<Line<'a>> {
    let groups = groups(table);
    let mut lines = if area.width < TWO {
        column(look, table, &groups)
    } else {
        let half = usize::from(area.width / 2);
        let left = column(look, table, &groups[..LEFT]);
        let right = column(look, table, &groups[LEFT..]);
        beside(left, right, half)
    };
    // No empty row here: at 80x24 all of it is to be in sight.
    lines.pop();
    for pairs in legend(look).chunks(5) {
        lines.push(Line::from(pairs.concat()));
    }
    let words = LETTERS.map(|it| look.say(Role::Dim, it));
    if area.width < TWO {
        lines.extend(words.map(Line::from));
    } else {
        lines.push(Line::from(words.to_vec()));
    }
    let room = usize::from(area.height);
    lines.split_off(top.min(lines.len().saturating_sub(room)))
}

fn column<'a>(
    look: &Look,
    table: &'static [Binding],
    groups: &[Group],
) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for group in groups {
        lines.push(look.say(Role::Focus, group.title()).into());
        lines.extend(of(table, *group).map(|binding| {
            Line::from(vec![
                look.say(Role::Key, padded(binding.shown, KEY)),
                look.say(Role::Text, binding.help),
            ])
        }));
        lines.push(Line::default());
    }
    lines
}

/// Two columns, the second one from so many cells on.
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
