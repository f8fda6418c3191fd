//! A document as Markdown, with tables as GitHub has them.

use super::document::{
    Align, Bullet, Document, DocumentBlock, ListItem, Table, Tone,
};
use crate::text::NO_BREAK;
use std::fmt::Write as _;

impl Document {
    /// The document as Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut page = format!("# {}\n", escaped(&self.title));
        for block in &self.blocks {
            page.push('\n');
            page.push_str(&set_block(block));
        }
        page
    }
}

fn set_block(block: &DocumentBlock) -> String {
    match block {
        DocumentBlock::Heading(text) => format!("## {}\n", escaped(text)),
        DocumentBlock::Subheading(text) => format!("### {}\n", escaped(text)),
        DocumentBlock::Paragraph(Tone::Lead | Tone::Warning, text) => {
            format!("**{}**\n", escaped(text))
        }
        DocumentBlock::Paragraph(Tone::Body | Tone::Note, text) => {
            format!("{}\n", escaped(text))
        }
        DocumentBlock::Table(table) => set_table(table),
        DocumentBlock::List(items) => items.iter().map(set_item).collect(),
        DocumentBlock::Chart(drawn) => format!("```\n{drawn}```\n"),
    }
}

/// An item is one paragraph: what explains it stands behind it.
fn set_item(item: &ListItem) -> String {
    let mut line = "-".to_owned();
    // A list has its own bullets.
    if !matches!(item.bullet, Bullet::Finding | Bullet::Plain) {
        let _ = write!(line, " {}", item.bullet.mark().0);
    }
    let _ = write!(line, " {}", escaped(&item.text));
    if !item.details.is_empty() {
        let _ = write!(line, " — {}", escaped(&item.details));
    }
    line + "\n"
}

/// The table, a line a row.
fn set_table(table: &Table) -> String {
    let headings = table.columns.iter();
    let headings = headings.map(|(it, _)| escaped(it).replace('\n', " "));
    let rules = table.columns.iter().map(|(_, align)| match align {
        Align::Left => ":---".into(),
        Align::Right => "---:".into(),
    });
    let rows = table.rows.iter();
    let rows = rows.map(|row| set_row(row.iter().map(|it| escaped(it))));
    [set_row(headings), set_row(rules)].into_iter().chain(rows).collect()
}

fn set_row(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<_> = cells.collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Text that Markdown takes as it is.
fn escaped(text: &str) -> String {
    let text = text.replace(NO_BREAK, " ");
    text.chars().fold(String::with_capacity(text.len()), |mut text, c| {
        if matches!(c, '\\' | '|' | '<' | '*' | '_' | '`' | '[' | ']') {
            text.push('\\');
        }
        text.push(c);
        text
    })
}
