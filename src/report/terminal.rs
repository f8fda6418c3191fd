//! Renders a document for a terminal, of 80 columns if nothing else is said.

use super::document::{
    Bullet, Document, DocumentBlock, Style, Table, Tone, WIDTH,
};
use crate::text::{EMPHASIS, NO_BREAK, wrap};
use anstream::adapter::strip_str;
use anstyle::AnsiColor::{self, Cyan, Green, Red, Yellow};
use comfy_table::{
    ColumnConstraint, ContentArrangement, Row, TableStyle, Width,
};
use std::fmt::Write as _;

/// A last column that holds words is at least this wide.
const LAST_WIDTH: usize = 11;

/// A first column of names is at most this wide, with its indentation.
const NAME_WIDTH: u16 = 18;

/// How far tables, lists and notes are indented.
const INDENT: &str = "  ";

const PLAIN: anstyle::Style = anstyle::Style::new();
const BOLD: anstyle::Style = PLAIN.bold();

impl Document {
    /// The document as text for a terminal of [`WIDTH`] columns.
    pub fn to_text(&self, style: Style) -> String {
        self.to_text_within(WIDTH, style)
    }

    /// The document as text for a terminal with this number of columns.
    pub fn to_text_within(&self, width: usize, style: Style) -> String {
        use DocumentBlock::{Chart, List, Paragraph, Table};
        let mut page = String::new();
        let mut before: Option<&DocumentBlock> = None;
        for block in &self.blocks {
            let needs_gap = match (before, block) {
                (None, _)
                | (
                    Some(Paragraph(Tone::Heading, _)),
                    Paragraph(Tone::Prose, _),
                ) => false,
                (Some(Paragraph(Tone::Prose, _)), _)
                | (_, Paragraph(Tone::Heading | Tone::Prose, _) | Chart(_)) => {
                    true
                }
                (before, List(_) | Paragraph(Tone::Body, _)) => matches!(
                    before,
                    Some(List(_) | Table(_) | Paragraph(Tone::Note, _))
                ),
                _ => false,
            };
            if needs_gap {
                page.push('\n');
            }
            add_block(&mut page, block, width);
            before = Some(block);
        }
        match style {
            Style::Plain => strip_str(&page).to_string(),
            Style::Colour => {
                let [on, off] = EMPHASIS;
                page.replace(on, &BOLD.to_string())
                    .replace(off, &format!("{BOLD:#}"))
            }
        }
    }
}

fn add_block(page: &mut String, block: &DocumentBlock, width: usize) {
    match block {
        DocumentBlock::Paragraph(tone, text) => {
            let (indent, style) = match tone {
                Tone::Heading | Tone::Lead => ("", BOLD),
                Tone::Subheading | Tone::Body | Tone::Prose => ("", PLAIN),
                Tone::Warning => ("", bold(Yellow)),
                Tone::Note => (INDENT, PLAIN),
            };
            add_lines(page, text, indent, style, width);
        }
        DocumentBlock::Table(table) => {
            for (number, line) in table.to_lines(width).iter().enumerate() {
                let is_heading = number < table.heading_height();
                let style = if is_heading { PLAIN.dimmed() } else { PLAIN };
                let _ = writeln!(page, "{style}{}{style:#}", line.trim_end());
            }
        }
        DocumentBlock::List(items) => {
            for item in items {
                let (mark, colour) = item.bullet.mark();
                let style = bold(colour);
                let mut start = format!("{style}{mark}{style:#}");
                for line in wrap(&item.text, width.saturating_sub(4)) {
                    let _ = writeln!(page, "{INDENT}{start} {line}");
                    start = " ".into();
                }
                if !item.details.is_empty() {
                    let indent = INDENT.repeat(2);
                    add_lines(page, &item.details, &indent, PLAIN, width);
                }
            }
        }
        DocumentBlock::Chart(drawn) => page.push_str(drawn),
    }
}

fn add_lines(
    page: &mut String,
    text: &str,
    indent: &str,
    style: anstyle::Style,
    width: usize,
) {
    for line in wrap(text, width.saturating_sub(indent.len())) {
        let _ = writeln!(page, "{indent}{style}{line}{style:#}");
    }
}

const fn bold(colour: AnsiColor) -> anstyle::Style {
    BOLD.fg_color(Some(anstyle::Color::Ansi(colour)))
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
    /// The lines that the headings take; 0 if they are not shown.
    fn heading_height(&self) -> usize {
        let lines = self.columns.iter().map(|(it, _)| it.lines().count());
        if self.has_headings { lines.max().unwrap_or(0).max(1) } else { 0 }
    }

    /// The width of its widest line if nothing is wrapped.
    pub(super) fn width(&self) -> usize {
        taken(&self.laid_out().column_max_content_widths())
    }

    /// Headings and rows as lines of aligned columns, no wider than a
    /// terminal if the last column allows it.
    fn to_lines(&self, width: usize) -> Vec<String> {
        let mut table = self.laid_out();
        if let [before @ .., _] = &table.column_max_content_widths()[..] {
            let room = width.saturating_sub(taken(before));
            let most = u16::try_from(room.max(LAST_WIDTH + INDENT.len()));
            let most = Width::Fixed(most.unwrap_or(u16::MAX));
            if let Some(last) = table.column_mut(before.len()) {
                last.set_constraint(ColumnConstraint::UpperBoundary(most));
            }
        }
        table.lines().map(|line| line.replace(NO_BREAK, " ")).collect()
    }

    /// The table with each column as wide as its widest cell.
    fn laid_out(&self) -> comfy_table::Table {
        let mut table = comfy_table::Table::new();
        table
            .load_style(TableStyle::new())
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_truncation_indicator("…")
            .set_width(u16::MAX);
        if self.has_headings {
            // Empty lines above short headings align all at the bottom.
            let height = self.heading_height();
            table.add_row(self.columns.iter().map(|(heading, _)| {
                let above = height - heading.lines().count().max(1);
                "\n".repeat(above) + heading
            }));
        }
        for cells in &self.rows {
            let mut row = Row::from(cells);
            if self.is_cut {
                row.max_height(1);
            }
            table.add_row(row);
        }
        for (column, (_, side)) in table.column_iter_mut().zip(&self.columns) {
            column
                .set_padding((2, 0))
                .set_constraint(ColumnConstraint::ContentWidth)
                .set_cell_alignment(*side);
        }
        if let Some(first) = table.column_mut(0).filter(|_| self.is_narrow) {
            let most = Width::Fixed(NAME_WIDTH);
            first.set_constraint(ColumnConstraint::UpperBoundary(most));
        }
        table
    }
}

/// The width in characters of table columns with their indentation.
fn taken(widths: &[u16]) -> usize {
    widths.iter().map(|width| usize::from(*width) + INDENT.len()).sum()
}
