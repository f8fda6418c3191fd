//! The help and the footer: both are made from the table of keys, and the help
//! from the table of signs, too.

use super::narration::role;
use super::{moment, table::explained};
use crate::text::padded;
use crate::tui::context::ScreenContext;
use crate::tui::glyphs::LegendEntry;
use crate::tui::keys::{Binding, KEY_GROUPS, KEYS, Message, Move, Need};
use crate::tui::look::Role;
use crate::tui::paint::{TextRows, fitting};
use crate::tui::screen::{Dialog, Purpose};
use crate::view::MomentTone;
use ratatui::prelude::{Line, Rect};
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr as _;

/// The width of the keys' column.
const KEY: usize = 11;

/// From this width on there are two columns.
const TWO: u16 = 78;

/// From this width on the signs are in two columns.
const TWO_OF_SIGNS: u16 = 110;

/// The width of the column of signs, and of that of words.
const SIGN: usize = 4;
const WORD: usize = 18;

/// What a run that is in progress is doing, as its sign says.
const STATES: [(MomentTone, &str); 6] = [
    (MomentTone::Idle, "asleep; no client waits"),
    (MomentTone::Busy, "serves its clients"),
    (MomentTone::Spinning, "spins: its calls would block"),
    (MomentTone::Starving, "clients wait, and it cannot serve them"),
    (MomentTone::Held, "held before a call"),
    (MomentTone::Over, "over"),
];

/// Words of the screen that the glossary does not explain.
const WORDS: [(&str, &str); 9] = [
    ("#0, #1", "sockets of the server: the listener, the first client's"),
    ("t0, t1", "tasks of the event loop"),
    ("asked for", "what the program wants the selector to report"),
    ("our buffer", "echo that the kernel has not taken, or part of a line"),
    ("recv, send queue", "bytes that the kernel holds for the socket"),
    ("1.20M", "1,200,000 calls; k: thousand, M: million"),
    ("calls an echo", "how many calls an echo took, on average"),
    ("brief calls", "under 0.1 ms: too short to say whether they slept"),
    ("p50, p99", "half of them, and 99 of 100, took at most this"),
];

/// The rows from `top` on, as many as fit.
pub(crate) fn lines(cx: &ScreenContext, area: Rect, top: usize) -> TextRows {
    let mut lines = all(cx, area.width);
    let room = usize::from(area.height);
    lines.split_off(top.min(lines.len().saturating_sub(room)))
}

/// All rows: the keys, the signs, and some words.
pub(crate) fn all(cx: &ScreenContext, width: u16) -> TextRows {
    let look = cx.look();
    let groups = KEY_GROUPS.iter().filter_map(|it| group(cx, it));
    let groups: Vec<_> = groups.collect();
    let mut lines = side_by_side(&groups, width, width >= TWO);
    lines.push(Line::default());
    let states = STATES.map(|(tone, meaning)| {
        let symbols = moment::sign(look.glyphs, tone);
        LegendEntry { role: role(tone), symbols, name: "", meaning }
    });
    let states = ("what a run does", states.to_vec());
    let signs = look.glyphs.legend().into_iter().chain([states]);
    let signs = signs.map(|(title, entries)| {
        let rows = entries.into_iter().map(|it| {
            let gap = SIGN.saturating_sub(it.symbols.width());
            let sign = look.say(it.role, it.symbols);
            let meaning = look.say(Role::Text, it.meaning);
            Line::from(vec![sign, " ".repeat(gap).into(), meaning])
        });
        let title = look.line(Role::Focus, format!("signs: {title}"));
        [title].into_iter().chain(rows).collect()
    });
    let signs: Vec<_> = signs.collect();
    lines.extend(side_by_side(&signs, width, width >= TWO_OF_SIGNS));
    lines.extend([Line::default(), look.line(Role::Focus, "words")]);
    lines.extend(WORDS.map(|(word, meaning)| {
        let word = look.say(Role::Key, padded(word, WORD));
        Line::from(vec![word, look.say(Role::Text, meaning)])
    }));
    let others = "{glossary} explains the others: backlog, readiness, ...";
    lines.push(look.line(Role::Dim, cx.keys().words(others)));
    lines
}

/// Groups of rows, with an empty one between two of them; in two columns if
/// `two`.
fn side_by_side(groups: &[TextRows], width: u16, two: bool) -> TextRows {
    let in_left = if two { groups.len() / 2 } else { groups.len() };
    let (left, right) = groups.split_at(in_left);
    let [mut lines, right] = [left, right].map(|it| it.join(&Line::default()));
    lines.resize(lines.len().max(right.len()), Line::default());
    for (line, right) in lines.iter_mut().zip(right) {
        let free = usize::from(width / 2).saturating_sub(line.width());
        line.push_span(" ".repeat(free));
        line.extend(right);
    }
    lines
}

/// The title and the keys of a group; `None` if no key of it is listed.
fn group(cx: &ScreenContext, group: &'static str) -> Option<TextRows> {
    let is_listed = |it: &&Binding| {
        // Keys for the mode tasks are listed in other modes, too, and those
        // for another moment at any time.
        let is_listed = it.unmet(cx).is_none_or(Need::is_of_moment);
        let has_key = !cx.keys().shown(it).is_empty();
        it.group == group && !it.help.is_empty() && has_key && is_listed
    };
    let look = cx.look();
    let mut lines = vec![look.line(Role::Focus, group)];
    lines.extend(KEYS.iter().filter(is_listed).map(|binding| {
        let key = padded(&cx.keys().shown(binding), KEY);
        let help = look.say(Role::Text, cx.keys().words(binding.help));
        Line::from(vec![look.say(Role::Key, key), help])
    }));
    (lines.len() > 1).then_some(lines)
}

pub(crate) fn footer(cx: &ScreenContext, width: usize) -> Line<'static> {
    let key = |message| Cow::from(cx.keys().key(message));
    let keys: Vec<_> = match &cx.screen.dialog {
        Dialog::Prompt(purpose, _) => {
            let verb = match purpose {
                Purpose::Say { .. } => "send",
                Purpose::GoTo => "go",
                Purpose::Search => "search",
            };
            vec![("enter".into(), verb), ("esc".into(), "leave")]
        }
        _ if cx.is_busy() => vec![(key(Message::Back), "give up")],
        Dialog::Help(_) | Dialog::Glossary(_) | Dialog::Detail(..) => {
            let moves = [Move::Up, Move::Down].map(Message::Move);
            let moves = moves.map(key).join(" ");
            vec![(key(Message::Back), "back"), (moves.into(), "scroll")]
        }
        Dialog::None => {
            let keys = KEYS.iter().filter(|it| !it.footer.is_empty());
            let keys = keys.filter(|it| it.unmet(cx).is_none());
            let keys = keys.map(|it| (cx.keys().shown(it), it.footer));
            keys.filter(|(key, _)| !key.is_empty()).collect()
        }
    };
    let keys = keys.into_iter().map(|(key, word)| {
        explained(cx.look(), Role::Key, &format!(" {key}"), word)
    });
    fitting(keys, width)
}
