//! Source text: which lines are shown if not all of them fit, and their syntax
//! colours.

use crate::tui::look::{Look, Role};
use ratatui::text::Span;

/// A line that contains one of these makes a call.
pub(super) const CALLS: [&str; 4] = ["accept(", "read(", "write(", ".wait("];

const KEYWORDS: [&str; 22] = [
    "as", "async", "await", "break", "const", "continue", "else", "fn", "for",
    "if", "impl", "in", "let", "loop", "match", "move", "mut", "pub", "return",
    "use", "where", "while",
];

/// The indices of as many lines as fit, in the order of the text: calls and
/// what explains them go before others. The choice depends on the text alone,
/// so that the picture is stable while threads move.
pub(super) fn chosen(text: &str, height: usize) -> Vec<usize> {
    let mut begun = false;
    let weights = text.lines().map(|line| {
        begun |= line.contains("fn ");
        weight(line.trim(), begun)
    });
    let mut ranked: Vec<_> = weights.enumerate().collect();
    ranked.sort_by_key(|(_, weight)| *weight);
    ranked.truncate(height);
    let mut chosen: Vec<_> = ranked.into_iter().map(|(at, _)| at).collect();
    chosen.sort_unstable();
    chosen
}

/// The rank of a line; those with the greatest are left out first.
fn weight(line: &str, begun: bool) -> u8 {
    let starts = |words: &[&str]| words.iter().any(|it| line.starts_with(it));
    match line {
        // Lines above the first function, and documentation.
        _ if !begun || line.starts_with("///") => 8,
        _ if line.starts_with("//") => 4,
        _ if line.contains("fn ") => 2,
        _ if CALLS.iter().any(|call| line.contains(call)) => 0,
        _ if line.contains(".watch(") => 1,
        _ if starts(&["while ", "for ", "loop "]) => 3,
        "" => 7,
        _ if starts(&["}", "Ok(())"]) => 6,
        _ => 5,
    }
}

/// Splits a line of source into spans with syntax colours.
pub(super) fn painted<'a>(look: &Look, mut rest: &'a str) -> Vec<Span<'a>> {
    let mut spans = Vec::new();
    while !rest.is_empty() {
        let (role, length) = token(rest);
        spans.push(look.say(role, &rest[..length]));
        rest = &rest[length..];
    }
    spans
}

/// The role and the length in bytes of the first token.
fn token(text: &str) -> (Role, usize) {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = text.find(|c| !in_word(c)).unwrap_or(text.len());
    if text.starts_with("//") {
        (Role::Comment, text.len())
    } else if let Some(quoted) = text.strip_prefix('"') {
        (Role::Quote, quoted.find('"').map_or(text.len(), |end| end + 2))
    } else if KEYWORDS.contains(&&text[..word]) {
        (Role::Keyword, word)
    } else if word > 0 {
        (Role::Text, word)
    } else {
        let begins = |c| in_word(c) || matches!(c, '"' | '/');
        (Role::Text, text.find(begins).unwrap_or(text.len()).max(1))
    }
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
            let kept = chosen(source, 7);
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
        assert_eq!(chosen(source, 100), all);
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
