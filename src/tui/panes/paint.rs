//! Source text in colours: comments, strings and keywords, no more.

use crate::tui::look::Look;
use crate::tui::theme::Role;
use ratatui::text::Span;

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
    use crate::tui::{Depth, Glyphs, Theme};

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
