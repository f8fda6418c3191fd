//! Source text: which lines are shown when there is not room for all, and
//! in which colours.

use crate::tui::look::{Look, Role};
use ratatui::text::Span;

/// How telling a line is; the least telling are left out first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Call,
    Watch,
    Function,
    Loop,
    Comment,
    Other,
    Closing,
    Blank,
    Preface,
}

/// The places of all lines, the most telling first: the calls and what
/// explains them. They depend on the text alone, so that the picture stands
/// still while threads move.
pub(super) fn ranked(source: &str) -> Vec<usize> {
    let mut begun = false;
    let weights = source.lines().map(|line| {
        begun |= line.contains("fn ");
        weight(line.trim(), begun)
    });
    let mut ranked: Vec<_> = weights.enumerate().collect();
    ranked.sort_by_key(|(_, weight)| *weight);
    ranked.into_iter().map(|(at, _)| at).collect()
}

/// The places of at most `room` [`ranked`] lines, in the order of the text:
/// all of them if they fit.
pub(super) fn chosen(ranked: &[usize], room: usize) -> Vec<usize> {
    let mut chosen = ranked[..room.min(ranked.len())].to_vec();
    chosen.sort_unstable();
    chosen
}

fn weight(line: &str, begun: bool) -> Weight {
    const CALLS: [&str; 4] = ["accept(", "read(", "write(", ".wait("];
    let starts = |words: &[&str]| words.iter().any(|it| line.starts_with(it));
    if !begun || line.starts_with("///") {
        Weight::Preface
    } else if line.starts_with("//") {
        Weight::Comment
    } else if line.contains("fn ") {
        Weight::Function
    } else if CALLS.iter().any(|call| line.contains(call)) {
        Weight::Call
    } else if line.contains(".watch(") {
        Weight::Watch
    } else if starts(&["while ", "for ", "loop "]) {
        Weight::Loop
    } else if line.is_empty() {
        Weight::Blank
    } else if starts(&["}", "Ok(())"]) {
        Weight::Closing
    } else {
        Weight::Other
    }
}

const KEYWORDS: [&str; 22] = [
    "as", "async", "await", "break", "const", "continue", "else", "fn", "for",
    "if", "impl", "in", "let", "loop", "match", "move", "mut", "pub", "return",
    "use", "where", "while",
];

/// A line of source in colours.
pub(super) fn painted<'a>(look: &Look, line: &'a str) -> Vec<Span<'a>> {
    let mut spans = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (role, length) = token(rest);
        let (token, after) = rest.split_at(length);
        spans.push(look.say(role, token));
        rest = after;
    }
    spans
}

/// The role and the length in bytes of what the text begins with.
fn token(text: &str) -> (Role, usize) {
    let until = |stop: fn(char) -> bool| text.find(stop).unwrap_or(text.len());
    if text.starts_with("//") {
        return (Role::Comment, text.len());
    }
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted.find('"').map_or(text.len(), |end| end + 2);
        return (Role::Quote, end);
    }
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    if text.starts_with(in_word) {
        let length = until(|c| !(c.is_alphanumeric() || c == '_'));
        let keyword = KEYWORDS.contains(&&text[..length]);
        let role = if keyword { Role::Keyword } else { Role::Text };
        return (role, length);
    }
    let plain = until(|c| c.is_alphanumeric() || matches!(c, '_' | '"' | '/'));
    let first = text.chars().next().map_or(1, char::len_utf8);
    (Role::Text, plain.max(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modes::Mode;
    use crate::tui::{Depth, Glyphs, Theme};

    #[test]
    fn calls_are_kept_to_the_last() {
        for mode in Mode::ALL {
            let source = mode.source();
            let lines: Vec<_> = source.lines().collect();
            let kept = chosen(&ranked(source), 7);
            let text = kept.iter().map(|at| lines[*at]).collect::<String>();
            for call in ["accept(", "read(", "write("] {
                assert!(text.contains(call), "{} {call}", mode.name());
            }
        }
    }

    #[test]
    fn with_room_for_all_nothing_is_left_out() {
        let source = Mode::Selector.source();
        let all: Vec<_> = (0..source.lines().count()).collect();
        assert_eq!(chosen(&ranked(source), 100), all);
    }

    #[test]
    fn a_line_is_taken_apart_and_nothing_is_lost() {
        let (theme, depth) = (Theme::Dark, Depth::True);
        let look = Look { theme, depth, glyphs: &Glyphs::UNICODE };
        let line = r#"    let é = ask("x // y", a / b)?; // says "why""#;
        let spans = painted(&look, line);
        let text: String = spans.iter().map(|it| &*it.content).collect();
        assert_eq!(text, line);
        let role = |role| {
            let style = look.style(role);
            let of_role = spans.iter().filter(move |it| it.style == style);
            of_role.map(|it| &*it.content).collect::<Vec<_>>()
        };
        assert_eq!(role(Role::Keyword), ["let"]);
        assert_eq!(role(Role::Quote), ["\"x // y\""]);
        assert_eq!(role(Role::Comment), ["// says \"why\""]);
    }
}
