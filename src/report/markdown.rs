//! Renders a document as Markdown, with tables in GitHub's syntax.

use super::document::{Bullet, Document, DocumentBlock, Table, Tone};
use crate::text::NO_BREAK;
use crate::text::foreign::{markdown, markdown_block, markdown_code};
use comfy_table::CellAlignment;
use itertools::Itertools as _;
use std::fmt::Write as _;

impl Document {
    /// Renders the document; a chart becomes a block of code.
    pub fn to_markdown(&self) -> String {
        let mut page = format!("# {}\n", inline(&self.title));
        for block in &self.blocks {
            page.push('\n');
            add_block(&mut page, block);
        }
        page
    }
}

fn add_block(page: &mut String, block: &DocumentBlock) {
    let _ = match block {
        DocumentBlock::Paragraph(tone, text) => {
            let (start, text) = (at_start(text), inline(text));
            match tone {
                Tone::Heading => writeln!(page, "## {text}"),
                Tone::Subheading => writeln!(page, "### {text}"),
                Tone::Lead | Tone::Warning => writeln!(page, "**{text}**"),
                Tone::Body | Tone::Prose | Tone::Note => {
                    writeln!(page, "{start}")
                }
            }
        }
        DocumentBlock::Table(table) => page.write_str(&to_pipes(table)),
        DocumentBlock::List(items) => items.iter().try_for_each(|item| {
            page.push('-');
            // Markdown draws the bullet of a list item itself.
            if !matches!(item.bullet, Bullet::Finding | Bullet::Plain) {
                write!(page, " {}", item.bullet.mark().0)?;
            }
            write!(page, " {}", at_start(&item.text))?;
            if !item.details.is_empty() {
                write!(page, " — {}", inline(&item.details))?;
            }
            writeln!(page)
        }),
        DocumentBlock::Chart(drawn) => page.write_str(&markdown_code(drawn)),
    };
}

/// The table, with one line per row.
fn to_pipes(table: &Table) -> String {
    let headings = table.columns.iter();
    let mut headings = headings.map(|(it, _)| inline(&it.replace('\n', " ")));
    let mut rules = table.columns.iter().map(|(_, side)| match side {
        CellAlignment::Right => "---:",
        _ => ":---",
    });
    let rows = table.rows.iter();
    let rows = rows.map(|row| row.iter().map(|it| inline(it)).join(" | "));
    let lines = [headings.join(" | "), rules.join(" | ")];
    format!("| {} |\n", lines.into_iter().chain(rows).join(" |\n| "))
}

/// Text within a line, without its no-break spaces.
fn inline(text: &str) -> String {
    markdown(&text.replace(NO_BREAK, " "))
}

/// Text at the beginning of a block.
fn at_start(text: &str) -> String {
    markdown_block(&text.replace(NO_BREAK, " "))
}
