//! A table, before it is known for whom it is set.

use crate::model::format::clean;

/// On which side a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// Columns with a heading each, and rows of as many cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) columns: Vec<(&'static str, Align)>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table. A heading that begins with `>` stands on the right,
    /// and so do its cells: numbers.
    pub(super) fn new(headings: &[&'static str]) -> Self {
        let column = |heading: &&'static str| {
            heading
                .strip_prefix('>')
                .map_or((*heading, Align::Left), |right| (right, Align::Right))
        };
        Self {
            columns: headings.iter().map(column).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; missing cells are empty, control characters escaped.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut row: Vec<_> = cells.into_iter().map(|c| clean(&c)).collect();
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
    }

    /// The headings as a line of aligned columns.
    pub(super) fn heading_line(&self) -> String {
        let headings = self.columns.iter().map(|(heading, _)| *heading);
        self.line(headings, &self.widths())
    }

    /// The rows as lines of aligned columns.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let widths = self.widths();
        self.rows
            .iter()
            .map(move |row| self.line(row.iter().map(String::as_str), &widths))
    }

    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            let heading = width(self.columns[column].0);
            let cells = self.rows.iter().map(|row| self::width(&row[column]));
            cells.max().unwrap_or(0).max(heading)
        };
        (0..self.columns.len()).map(width).collect()
    }

    fn line<'a>(
        &self,
        cells: impl Iterator<Item = &'a str>,
        widths: &[usize],
    ) -> String {
        let mut line = String::new();
        for ((cell, (_, align)), &column) in
            cells.zip(&self.columns).zip(widths)
        {
            line.push_str("  ");
            let space = " ".repeat(column - width(cell));
            match align {
                Align::Left => line.extend([cell, &space]),
                Align::Right => line.extend([&space, cell]),
            }
        }
        line.trim_end().into()
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}
