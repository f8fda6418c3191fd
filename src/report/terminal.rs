//! A document for a terminal of 80 columns.

use super::document::{
    Align, Bullet, Document, DocumentBlock, ListItem, Style, Table, Tone, WIDTH,
};
use crate::text::{NO_BREAK, wrap};
use anstyle::AnsiColor::{self, Cyan, Green, Red, Yellow};
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, TableStyle,
    Width,
};
use unicode_width::UnicodeWidthStr as _;

/// A last column that holds words is at least this wide.
const LAST_WIDTH: usize = 11;

/// How far tables, lists and notes are indented.
const INDENT: &str = "  ";

const BOLD: anstyle::Style = anstyle::Style::new().bold();
const DIM: anstyle::Style = anstyle::Style::new().dimmed();

impl Document {
    /// The document as text for a terminal of [`WIDTH`] columns.
    #[must_use]
    pub fn to_text(&self, style: Style) -> String {
        let mut page = TerminalPage { text: String::new(), style };
        let mut before = None;
        for block in &self.blocks {
            if needs_gap(before, block) {
                page.line("");
            }
            page.block(block);
            before = Some(block);
        }
        page.text
    }
}

/// Whether an empty line stands between two blocks.
const fn needs_gap(
    before: Option<&DocumentBlock>,
    block: &DocumentBlock,
) -> bool {
    let Some(before) = before else { return false };
    let is_set_off =
        matches!(before, DocumentBlock::List(_) | DocumentBlock::Table(_))
            || matches!(before, DocumentBlock::Paragraph(Tone::Note, _));
    match block {
        DocumentBlock::Heading(_) | DocumentBlock::Chart(_) => true,
        DocumentBlock::List(_) | DocumentBlock::Paragraph(Tone::Body, _) => {
            is_set_off
        }
        _ => false,
    }
}

struct TerminalPage {
    text: String,
    style: Style,
}

impl TerminalPage {
    fn block(&mut self, block: &DocumentBlock) {
        match block {
            DocumentBlock::Heading(text) => self.lines(text, BOLD),
            DocumentBlock::Subheading(text) => self.indented(text, ""),
            DocumentBlock::Paragraph(tone, text) => self.paragraph(*tone, text),
            DocumentBlock::Table(table) => self.table(table),
            DocumentBlock::List(items) => {
                for item in items {
                    self.item(item);
                }
            }
            DocumentBlock::Chart(drawn) => self.text.push_str(drawn),
        }
    }

    fn line(&mut self, line: &str) {
        self.text.extend([line.trim_end(), "\n"]);
    }

    fn styled(&self, text: &str, style: anstyle::Style) -> String {
        match self.style {
            Style::Plain => text.into(),
            Style::Colour => format!("{style}{text}{style:#}"),
        }
    }

    fn lines(&mut self, text: &str, style: anstyle::Style) {
        for line in wrap(text, WIDTH) {
            let line = self.styled(&line, style);
            self.line(&line);
        }
    }

    fn paragraph(&mut self, tone: Tone, text: &str) {
        match tone {
            Tone::Body => self.indented(text, ""),
            Tone::Lead => self.lines(text, BOLD),
            Tone::Warning => self.lines(text, coloured(Yellow)),
            Tone::Note => self.indented(text, INDENT),
        }
    }

    fn indented(&mut self, text: &str, indent: &str) {
        for line in wrap(text, WIDTH - indent.len()) {
            self.line(&format!("{indent}{line}"));
        }
    }

    fn item(&mut self, item: &ListItem) {
        let (mark, colour) = item.bullet.mark();
        let mark = self.styled(mark, coloured(colour));
        let mut start = format!("{INDENT}{mark} ");
        for line in wrap(&item.text, WIDTH - 4) {
            self.line(&format!("{start}{line}"));
            start = INDENT.repeat(2);
        }
        if !item.details.is_empty() {
            self.indented(&item.details, &INDENT.repeat(2));
        }
    }

    fn table(&mut self, table: &Table) {
        let headings = table.heading_lines();
        for (number, line) in table.lines().into_iter().enumerate() {
            let line = line.trim_end();
            if number < headings {
                self.line(&self.styled(line, DIM));
            } else {
                self.line(line);
            }
        }
    }
}

const fn coloured(colour: AnsiColor) -> anstyle::Style {
    let colour = Some(anstyle::Color::Ansi(colour));
    anstyle::Style::new().fg_color(colour).bold()
}

impl Bullet {
    pub(super) const fn mark(self) -> (&'static str, AnsiColor) {
        match self {
            Self::Finding => ("•", Yellow),
            Self::Plain => ("•", Cyan),
            Self::Held => ("✓", Green),
            Self::Failed => ("✗", Red),
            Self::Unknown => ("?", Yellow),
            Self::Alert => ("!", Red),
        }
    }
}

impl Table {
    /// How many lines the headings take.
    fn heading_lines(&self) -> usize {
        let lines = self.columns.iter().map(|(it, _)| it.lines().count());
        if self.has_headings { lines.max().unwrap_or(0).max(1) } else { 0 }
    }

    /// Headings and rows as lines of aligned columns, no wider than a
    /// terminal if the last column allows it.
    fn lines(&self) -> Vec<String> {
        let mut table = comfy_table::Table::new();
        table.load_style(TableStyle::new());
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_truncation_indicator("…");
        let height = self.heading_lines();
        if self.has_headings {
            // The last line of a heading stands beside those of the others.
            let raised = |heading: &str| {
                let above =
                    height.saturating_sub(heading.lines().count().max(1));
                "\n".repeat(above) + heading
            };
            table.add_row(self.columns.iter().map(|it| raised(&it.0)));
        }
        for cells in &self.rows {
            let mut row = Row::from(cells.iter().map(Cell::new));
            if self.is_cut {
                row.max_height(1);
            }
            table.add_row(row);
        }
        self.arrange(&mut table);
        let lines = table.lines();
        lines.map(|line| line.replace(NO_BREAK, " ")).collect()
    }

    /// Each column is as wide as its widest cell, the last one as wide as the
    /// others leave room.
    fn arrange(&self, table: &mut comfy_table::Table) {
        let taken = self.taken_width();
        let room = WIDTH.saturating_sub(taken).max(LAST_WIDTH);
        let indent = u16::try_from(INDENT.len()).unwrap_or(u16::MAX);
        let room = u16::try_from(room).unwrap_or(u16::MAX);
        let last = self.columns.len().saturating_sub(1);
        table.set_width(u16::MAX);
        for (number, column) in table.column_iter_mut().enumerate() {
            column.set_padding((indent, 0));
            if self.columns[number].1 == Align::Right {
                column.set_cell_alignment(CellAlignment::Right);
            }
            column.set_constraint(if number == last {
                ColumnConstraint::UpperBoundary(Width::Fixed(room + indent))
            } else {
                ColumnConstraint::ContentWidth
            });
        }
    }

    /// How many columns of a terminal stand before the last cell of a row.
    fn taken_width(&self) -> usize {
        let others = 0..self.columns.len().saturating_sub(1);
        let before: usize =
            others.map(|it| INDENT.len() + self.width_of(it)).sum();
        before + INDENT.len()
    }

    fn width_of(&self, column: usize) -> usize {
        let heading = self.columns[column].0.lines();
        let heading = heading.filter(|_| self.has_headings);
        let cells = self.rows.iter().map(|row| row[column].as_str());
        cells.chain(heading).map(str::width).max().unwrap_or(0)
    }

    /// How wide its widest line is if nothing is wrapped.
    pub(super) fn width(&self) -> usize {
        let last = self.columns.len().checked_sub(1);
        self.taken_width() + last.map_or(0, |last| self.width_of(last))
    }
}
