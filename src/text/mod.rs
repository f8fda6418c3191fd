//! Text for people: cleaned of control characters, wrapped, and with the
//! right plural.

use crate::units::show_count;
use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Text from outside with its control characters escaped, so that it cannot
/// steer a terminal; the marks that turn the direction of text included.
#[must_use]
pub fn clean(text: &str) -> String {
    if !text.chars().any(steers) {
        return text.into();
    }
    text.chars().fold(String::with_capacity(text.len()), |mut clean, c| {
        if steers(c) {
            clean.extend(c.escape_default());
        } else {
            clean.push(c);
        }
        clean
    })
}

/// Whether a terminal might take it for more than a character.
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control() || turns_text(c)
}

const fn turns_text(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}')
}

/// A space at which [`wrap`] does not break a line.
pub const NO_BREAK: &str = "\u{a0}";

/// The text in lines of at most `width` columns; longer words are not broken.
/// Every [`NO_BREAK`] becomes a plain space.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let breaks = |c: char| c.is_whitespace() && !NO_BREAK.contains(c);
    let words: Vec<_> =
        text.split(breaks).filter(|it| !it.is_empty()).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let options = Options::new(width)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    let text = words.join(" ");
    let lines = textwrap::wrap(&text, options);
    lines.iter().map(|line| line.replace(NO_BREAK, " ")).collect()
}

/// The text, or as much of its beginning as fits into `width` columns with an
/// ellipsis behind it.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.into();
    }
    let mut left = width.saturating_sub(1);
    let fits = |letter: &char| {
        let rest = left.checked_sub(letter.width().unwrap_or(0));
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// With its first letter as at the beginning of a sentence.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// `1 call`, `1,204 calls`.
#[must_use]
pub fn plural(n: u64, word: &str) -> String {
    let s = match (n, word) {
        (1, _) => "",
        (_, word) if word.ends_with("echo") => "es",
        _ => "s",
    };
    format!("{} {word}{s}", show_count(n))
}

/// Several names as part of a sentence: `serial, blocking and tasks`.
#[must_use]
pub fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).into(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_alone() {
        let text = format!("well-known  words\n2{NO_BREAK}s unbreakable");
        assert_eq!(wrap(&text, 10), ["well-known", "words 2 s", "unbreakable"]);
        assert_eq!(wrap("漢字漢字 漢字", 8), ["漢字漢字", "漢字"]);
    }

    #[test]
    fn what_could_steer_a_terminal_is_escaped() {
        let said = clean("a\x1b[2J\u{9b}\u{202e}é");
        assert_eq!(said, "a\\u{1b}[2J\\u{9b}\\u{202e}é");
    }
}
