//! A table, before it is known for whom it is set.

use super::WIDTH;
use crate::text::clean;

/// A last column that holds words is at least so wide.
const LAST_WIDTH: usize = 11;

/// What a cell says that has nothing to say.
pub(super) const NOTHING: &str = "—";

/// On which side a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// What becomes of a last column that is too wide for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Wrapped,
    Cut,
}

/// Columns with a heading each, and rows of as many cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) columns: Vec<(String, Align)>,
    pub(super) rows: Vec<Vec<String>>,
    last: Last,
}

impl Table {
    /// An empty table. A heading that begins with `>` stands on the right,
    /// and so do its cells: numbers. One with a line end may take two lines.
    pub(super) fn new(headings: &[&str]) -> Self {
        let column = |heading: &&str| match heading.strip_prefix('>') {
            Some(right) => (right.into(), Align::Right),
            None => ((*heading).into(), Align::Left),
        };
        Self {
            columns: headings.iter().map(column).collect(),
            rows: Vec::new(),
            last: Last::Wrapped,
        }
    }

    /// A last column that is too wide is cut off, not wrapped.
    pub(super) fn cut_off(self) -> Self {
        Self { last: Last::Cut, ..self }
    }

    /// Adds a row; missing cells are empty, control characters escaped.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut row: Vec<_> = cells.into_iter().map(|c| clean(&c)).collect();
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
    }

    /// Without the columns of numbers that are zero or nothing throughout.
    pub(super) fn without_zeros(mut self) -> Self {
        let says_nothing = |row: &Vec<String>, column: usize| {
            matches!(row[column].as_str(), "" | "0" | NOTHING)
        };
        for column in (0..self.columns.len()).rev() {
            let number = self.columns[column].1 == Align::Right;
            if number && self.rows.iter().all(|r| says_nothing(r, column)) {
                self.columns.remove(column);
                self.rows.iter_mut().for_each(|row| {
                    row.remove(column);
                });
            }
        }
        self
    }

    /// The headings as lines of aligned columns; a heading of one line
    /// stands on the last.
    pub(super) fn heading_lines(&self) -> Vec<String> {
        let two = self.columns.iter().any(|(it, _)| it.contains('\n'));
        let upper = |heading: &str| match heading.split_once('\n') {
            Some((upper, _)) => upper.to_owned(),
            None => String::new(),
        };
        let lower = |heading: &str| {
            heading.split_once('\n').map_or(heading, |it| it.1).to_owned()
        };
        let widths = self.widths();
        let line = |part: &dyn Fn(&str) -> String| {
            let cells = self.columns.iter().map(|(it, _)| part(it));
            self.line(&cells.collect::<Vec<_>>(), &widths)
        };
        let first = two.then(|| line(&upper));
        first.into_iter().chain([line(&lower)]).collect()
    }

    /// How wide its lines are at most.
    pub(super) fn width(&self) -> usize {
        self.widths().iter().map(|width| width + 2).sum()
    }

    /// The rows as lines of aligned columns, no wider than a terminal if
    /// the last column allows it.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let widths = self.widths();
        self.rows.iter().flat_map(move |row| self.row_lines(row, &widths))
    }

    fn row_lines(&self, row: &[String], widths: &[usize]) -> Vec<String> {
        let (Some((last, others)), Some((&room, _))) =
            (row.split_last(), widths.split_last())
        else {
            return Vec::new();
        };
        let mut parts = match self.last {
            Last::Cut => vec![cut(last, room)],
            Last::Wrapped => wrapped(last, room),
        }
        .into_iter();
        let first = parts.next().unwrap_or_default();
        let whole = [others, &[first]].concat();
        let continued = parts.map(|part| {
            let mut row = vec![String::new(); others.len()];
            row.push(part);
            row
        });
        let rows = std::iter::once(whole).chain(continued);
        rows.map(|row| self.line(&row, widths)).collect()
    }

    /// Each column as wide as its widest cell, the last one as wide as the
    /// others leave room.
    fn widths(&self) -> Vec<usize> {
        let of_column = |column: usize| {
            let heading = self.columns[column].0.split('\n').map(width);
            let cells = self.rows.iter().map(|row| width(&row[column]));
            cells.chain(heading).max().unwrap_or(0)
        };
        let mut widths: Vec<_> =
            (0..self.columns.len()).map(of_column).collect();
        if let Some((last, others)) = widths.split_last_mut() {
            let taken: usize = others.iter().map(|width| width + 2).sum();
            let room = WIDTH.saturating_sub(taken + 2).max(LAST_WIDTH);
            *last = (*last).min(room);
        }
        widths
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, (_, align)), &column) in
            cells.iter().zip(&self.columns).zip(widths)
        {
            line.push_str("  ");
            let space = " ".repeat(column.saturating_sub(width(cell)));
            match align {
                Align::Left => line.extend([cell.as_str(), &space]),
                Align::Right => line.extend([&space, cell.as_str()]),
            }
        }
        line.trim_end().into()
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// The text, or its beginning and an ellipsis.
pub(super) fn cut(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.into();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

/// A space at which no line is broken, where lines are set.
pub(super) const NO_BREAK: &str = "\u{a0}";

/// The text in lines of at most so many characters, if its words allow it.
#[must_use]
pub fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let breaks = |c: char| c.is_whitespace() && !NO_BREAK.contains(c);
    for word in text.split(breaks).filter(|word| !word.is_empty()) {
        let word = word.replace(NO_BREAK, " ");
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(&word) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}
