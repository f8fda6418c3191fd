//! Text for people: made safe to show, wrapped, cut and filled to a width;
//! and errors in files, shown with the lines that they are about.
//!
//! A width is a number of columns of a terminal: a wide letter takes two.

pub(crate) mod diagnostic;
pub mod foreign;

pub use foreign::{clean, clean_lines, show_bytes, steers};

use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_truncate::UnicodeTruncateStr as _;
use unicode_width::UnicodeWidthStr as _;

/// The text in lines of at most this width, broken at spaces; a single word
/// may be wider. A no-break space is shown as a space.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let options = Options::new(width.max(1))
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    let lines = textwrap::wrap(text, options).into_iter();
    lines.map(|line| line.replace(NO_BREAK, " ")).collect()
}

/// A space at which [`wrap`] does not break a line.
pub const NO_BREAK: &str = "\u{a0}";

/// Invisible marks around words that a renderer emphasises; they take no width.
pub const EMPHASIS: [char; 2] = ['\u{2061}', '\u{2062}'];

/// The text with its first letter in upper case.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Several names as part of a sentence: `serial, blocking and tasks`.
pub fn listed<Name: AsRef<str>>(names: &[Name]) -> String {
    let names: Vec<_> = names.iter().map(AsRef::as_ref).collect();
    match &names[..] {
        [] => String::new(),
        [only] => (*only).into(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// The text; if it is wider than this, its beginning followed by `more`.
pub fn cut(text: &str, width: usize, more: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (kept, _) = text.unicode_truncate(width.saturating_sub(more.width()));
    format!("{kept}{more}")
}

/// The text cut or padded to this width, with a space at its end.
pub fn padded(text: &str, width: usize) -> String {
    let (kept, taken) = text.unicode_truncate(width.saturating_sub(1));
    format!("{kept}{}", " ".repeat(width - taken.min(width)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_columns_of_a_terminal() {
        assert_eq!(cut("語語語", 5, "…"), "語語…");
        assert_eq!(cut("abc", 3, "…"), "abc");
        assert_eq!(padded("語語", 4), "語  ");
        assert_eq!(padded("ab", 4), "ab  ");
        assert_eq!(wrap("語語 語語 a", 5), ["語語", "語語", "a"]);
        assert_eq!(wrap("5\u{a0}ms or more", 7), ["5 ms or", "more"]);
    }
}
