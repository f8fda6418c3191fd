//! The glossary: what the words on the screen mean.

use crate::text::wrap;
use crate::tui::look::{Look, Role};
use crate::tui::paint::TextRows;
use ratatui::prelude::{Line, Rect};

/// The terms as second-level headings, each with a paragraph below it.
const GLOSSARY: &str = include_str!("../../guide/glossary.md");

/// The width of the terms' column if the texts are beside them.
const TERM: usize = 20;

/// The widest column of texts that is easy to read.
const MOST: usize = 76;

/// From this width on, a term has its text beside it, otherwise below it.
const BESIDE: usize = 76;

/// The rows from `top` on, as many as fit.
pub(crate) fn lines(look: &Look, area: Rect, top: usize) -> TextRows {
    let mut lines = all(look, area.width);
    let room = usize::from(area.height);
    lines.split_off(top.min(lines.len().saturating_sub(room)))
}

/// All rows, with an empty one between two terms.
pub(crate) fn all(look: &Look, width: u16) -> TextRows {
    let width = usize::from(width);
    let is_beside = width >= BESIDE;
    let indent = if is_beside { TERM } else { 2 };
    let room = width.saturating_sub(indent).min(MOST);
    let mut lines = Vec::new();
    for (term, text) in terms() {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        let mut label = look.say(Role::Key, format!("{term:<indent$}"));
        if !is_beside {
            lines.push(Line::from(label));
            label = " ".repeat(indent).into();
        }
        for words in wrap(&text, room) {
            let text = look.say(Role::Text, words);
            lines.push(Line::from(vec![label, text]));
            label = " ".repeat(indent).into();
        }
    }
    lines
}

/// Each term with its text, in the order of the file.
fn terms() -> impl Iterator<Item = (&'static str, String)> {
    let sections = GLOSSARY.split("\n## ").skip(1);
    sections.filter_map(|it| {
        let (term, text) = it.split_once('\n')?;
        Some((term, text.replace('`', "").replace('\n', " ").trim().into()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_term_has_two_or_three_sentences_in_the_order_of_the_alphabet() {
        let plain = |it: &str| it.replace([' ', '-'], "").to_lowercase();
        let all: Vec<_> = terms().collect();
        assert!(all.len() >= 20);
        assert!(all.is_sorted_by_key(|(term, _)| plain(term)));
        for (term, text) in all {
            assert!(term.len() < TERM, "{term}");
            assert!(
                (2..=3).contains(&(text.matches(". ").count() + 1)),
                "{term}: {text}"
            );
        }
    }
}
