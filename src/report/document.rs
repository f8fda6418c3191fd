//! The content of a report, before it is rendered as text or as Markdown.
//!
//! A result builds one [`Document`]; [`Document::to_text`] and
//! [`Document::to_markdown`] render it. Text is cleaned of control characters
//! when it enters the document, so that the renderers need not do so.

use crate::text::{clean, clean_lines};
use comfy_table::CellAlignment;
use serde::Serialize;

/// What a table cell shows where there is no figure.
pub const NOTHING: &str = "—";

/// How wide text for a terminal is, in columns.
pub const WIDTH: usize = 80;

/// Whether text may be coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Style {
    /// No escape sequences.
    #[default]
    Plain,
    /// With ANSI colours.
    Colour,
}

/// The output for which a document is built: a terminal has less room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Text of [`WIDTH`] columns.
    Terminal,
    Markdown,
}

/// A result that can be reported in every form.
pub trait AsDocument: Serialize {
    /// The headings of the sections that matter most, in this order. The others
    /// are left out if all has to fit into a terminal.
    const FIRST: &'static [&'static str] = &[];

    /// Builds the report that people read.
    fn document(&self, medium: Medium) -> Document;
}

/// A report as headings, paragraphs, tables, lists and charts.
#[derive(Clone, Debug)]
pub struct Document {
    /// The top heading in Markdown; a terminal does not show it.
    pub(super) title: String,
    pub(super) blocks: Vec<DocumentBlock>,
}

#[derive(Clone, Debug)]
pub(super) enum DocumentBlock {
    Paragraph(Tone, String),
    Table(Table),
    List(Vec<ListItem>),
    /// Lines that are already drawn for a terminal, with colours.
    Chart(String),
}

/// The role of a paragraph, which decides its style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Heading,
    /// A heading of the second level.
    Subheading,
    /// Ordinary text.
    Body,
    /// A paragraph of a longer text, set apart by empty lines.
    Prose,
    /// The first sentence, in bold.
    Lead,
    /// Something that must not be missed.
    Warning,
    /// Explains the table above it.
    Note,
}

/// The mark before an item of a list, which shows what kind of item it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bullet {
    /// A finding about a run, or a caution about a measurement.
    Finding,
    /// A statement of any other kind.
    Plain,
    /// An expectation that held.
    Held,
    /// An expectation that did not hold.
    Failed,
    /// An expectation that was not judged.
    Unknown,
    /// Something that must not be missed.
    Alert,
}

/// An item of a list, with optional details below it.
#[derive(Clone, Debug)]
pub struct ListItem {
    pub(super) bullet: Bullet,
    pub(super) text: String,
    pub(super) details: String,
}

impl ListItem {
    /// An item without further details.
    pub fn new(bullet: Bullet, text: &str) -> Self {
        Self { bullet, text: clean(text), details: String::new() }
    }

    /// An item with [`Bullet::Plain`] and without details.
    pub fn plain(text: impl AsRef<str>) -> Self {
        Self::new(Bullet::Plain, text.as_ref())
    }

    /// The same item with details below it.
    pub fn details(self, details: &str) -> Self {
        Self { details: clean(details), ..self }
    }
}

impl Document {
    /// A document that has only a title.
    pub fn new(title: &str) -> Self {
        Self { title: clean(title), blocks: Vec::new() }
    }

    /// Adds a paragraph unless it is empty.
    pub fn paragraph(&mut self, tone: Tone, text: &str) {
        if !text.is_empty() {
            self.blocks.push(DocumentBlock::Paragraph(tone, clean(text)));
        }
    }

    /// Adds a chart as drawn for a terminal, with its colours.
    pub fn chart(&mut self, drawn: String) {
        self.blocks.push(DocumentBlock::Chart(drawn));
    }

    /// Adds a table under a heading, with a note below it, either of which may
    /// be empty; nothing if the table has no rows.
    pub fn section(&mut self, heading: &str, table: Table, note: &str) {
        if !table.rows.is_empty() {
            self.paragraph(Tone::Heading, heading);
            self.blocks.push(DocumentBlock::Table(table));
            self.paragraph(Tone::Note, note);
        }
    }

    /// Adds a list under a heading, which may be empty; nothing if the list
    /// is.
    pub fn listing(
        &mut self,
        heading: &str,
        items: impl IntoIterator<Item = ListItem>,
    ) {
        let items: Vec<_> = items.into_iter().collect();
        if !items.is_empty() {
            self.paragraph(Tone::Heading, heading);
            self.blocks.push(DocumentBlock::List(items));
        }
    }
}

/// A table, in which each row has as many cells as there are columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub(super) columns: Vec<(String, CellAlignment)>,
    pub(super) rows: Vec<Vec<String>>,
    /// Whether a terminal shows the headings.
    pub(super) has_headings: bool,
    /// Whether a terminal cuts off a last column that is too wide, instead of
    /// wrapping it.
    pub(super) is_cut: bool,
    /// Whether a terminal wraps a first column that is too wide.
    pub(super) is_narrow: bool,
}

impl Table {
    /// An empty table. A `>` at the start of a heading aligns the column to the
    /// right, for numbers. A terminal breaks a heading at its line ends;
    /// Markdown has spaces there.
    pub fn new(headings: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let columns = headings.into_iter().map(|heading| {
            let heading = heading.as_ref();
            match heading.strip_prefix('>') {
                Some(right) => (clean_lines(right), CellAlignment::Right),
                None => (clean_lines(heading), CellAlignment::Left),
            }
        });
        Self {
            columns: columns.collect(),
            rows: Vec::new(),
            has_headings: true,
            is_cut: false,
            is_narrow: false,
        }
    }

    /// The same table without headings on a terminal, because its cells
    /// explain themselves.
    pub fn without_headings(self) -> Self {
        Self { has_headings: false, ..self }
    }

    /// The same table; a terminal cuts off a last column that is too wide.
    pub fn cut_off(self) -> Self {
        Self { is_cut: true, ..self }
    }

    /// The same table; a terminal wraps names in the first column that are too
    /// long.
    pub fn narrow(self) -> Self {
        Self { is_narrow: true, ..self }
    }

    /// Adds a row. Missing cells are empty; control characters are escaped.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut row: Vec<_> = cells.into_iter().map(|c| clean(&c)).collect();
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
    }

    /// The same table with more rows.
    pub fn with_rows<Cells: IntoIterator<Item = String>>(
        mut self,
        rows: impl IntoIterator<Item = Cells>,
    ) -> Self {
        rows.into_iter().for_each(|row| self.row(row));
        self
    }

    /// The same table without right-aligned columns in which every cell is
    /// empty, zero or [`NOTHING`].
    pub fn without_zeros(mut self) -> Self {
        for column in (0..self.columns.len()).rev() {
            if self.columns[column].1 == CellAlignment::Right
                && self.rows.iter().all(|row| {
                    matches!(row[column].as_str(), "" | "0" | NOTHING)
                })
            {
                self.columns.remove(column);
                for row in &mut self.rows {
                    row.remove(column);
                }
            }
        }
        self
    }
}
