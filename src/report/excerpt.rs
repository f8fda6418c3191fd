//! The part of a report that a terminal shows at once: the headline, and as
//! much as fits of the sections that matter most.

use super::document::{Bullet, Document, DocumentBlock, ListItem, Style, Tone};
use unicode_width::UnicodeWidthStr as _;

/// Says where the rest is.
const REST: &str = "Cut to fit the terminal. The whole report: `-o FILE`, or \
                    `--report markdown`.";

impl Document {
    /// What fits into a terminal of these columns and rows: all before the
    /// first heading, then the sections with the headings `first`, in this
    /// order. Of a list or table that does not fit, the last items are left
    /// out. The text before the first heading is always whole, even if it
    /// alone is larger than the terminal.
    pub fn excerpt(
        &self,
        (columns, rows): (usize, usize),
        first: &[&str],
    ) -> Self {
        let rest = DocumentBlock::Paragraph(Tone::Heading, REST.into());
        let title = self.title.clone();
        let preamble = self.blocks.iter().take_while(|it| !it.is_heading());
        let mut page = Self { title, blocks: preamble.cloned().collect() };
        let sections = first.iter().filter_map(|it| self.section_under(it));
        for section in sections {
            let with = |items: usize| {
                let mut page = page.clone();
                page.blocks.extend(section.iter().map(|it| it.first(items)));
                page
            };
            let fits = |items: &usize| {
                let mut page = with(*items);
                page.blocks.push(rest.clone());
                page.rows(columns) <= rows
            };
            let most = section.iter().map(DocumentBlock::items).max();
            let most = (1..=most.unwrap_or(1)).rev().find(fits);
            page = most.map_or(page.clone(), with);
        }
        page.blocks.push(rest);
        page
    }

    /// The heading, and all up to the next one.
    fn section_under(&self, heading: &str) -> Option<&[DocumentBlock]> {
        let is_it = |it: &DocumentBlock| {
            matches!(it, DocumentBlock::Paragraph(_, text) if text == heading)
                && it.is_heading()
        };
        let section = &self.blocks[self.blocks.iter().position(is_it)?..];
        let after = section[1..].iter().position(DocumentBlock::is_heading);
        Some(&section[..after.map_or(section.len(), |it| it + 1)])
    }

    /// How many rows it takes on a terminal of this width.
    fn rows(&self, columns: usize) -> usize {
        let text = self.to_text(Style::Plain);
        let rows = |line: &str| line.width().div_ceil(columns.max(1)).max(1);
        text.lines().map(rows).sum()
    }
}

impl DocumentBlock {
    const fn is_heading(&self) -> bool {
        matches!(self, Self::Paragraph(Tone::Heading, _))
    }

    fn items(&self) -> usize {
        match self {
            Self::List(items) => items.len(),
            Self::Table(table) => table.rows.len(),
            _ => 1,
        }
    }

    /// The block with its first items, and how many others there are. What did
    /// not hold comes before the rest.
    fn first(&self, items: usize) -> Self {
        let others = self.items().saturating_sub(items);
        let others = format!("… and {others} more");
        match self {
            Self::List(all) if items < all.len() => {
                let mut all = all.clone();
                all.sort_by_key(|it| it.bullet != Bullet::Failed);
                all.truncate(items);
                all.push(ListItem::new(Bullet::Plain, &others));
                Self::List(all)
            }
            Self::Table(table) if items < table.rows.len() => {
                let mut table = table.clone();
                table.rows.truncate(items);
                table.row([others]);
                Self::Table(table)
            }
            all => all.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::Table;
    use super::*;

    fn page() -> Document {
        let mut page = Document::new("a run");
        page.paragraph(Tone::Lead, "It ran.");
        let rows = ["one", "two", "three"].map(|it| [it.to_owned()]);
        page.section("Figures", Table::new(["name"]).with_rows(rows), "");
        let finding = |it| ListItem::new(Bullet::Finding, it).details("Why.");
        page.listing("Findings", ["a", "b", "c"].map(finding));
        page
    }

    fn rows_of(rows: usize) -> Vec<String> {
        let page = page().excerpt((80, rows), &["Findings", "Figures"]);
        let text = page.to_text(Style::Plain);
        text.lines().map(|it| it.trim().to_owned()).collect()
    }

    #[test]
    fn the_headline_and_the_first_sections_fit_the_terminal() {
        for rows in 3..30 {
            let shown = rows_of(rows);
            assert!(shown.len() <= rows, "{rows}: {shown:?}");
            assert_eq!(shown[0], "It ran.");
            assert!(shown[shown.len() - 1].starts_with("Cut to fit"));
        }
    }

    #[test]
    fn of_a_list_that_does_not_fit_the_last_items_are_counted() {
        let shown = rows_of(8);
        assert_eq!(shown[2..6], ["Findings", "• a", "Why.", "• … and 2 more"]);
        let shown = rows_of(16);
        assert_eq!(shown[10..14], ["Figures", "name", "one", "… and 2 more"]);
    }
}
