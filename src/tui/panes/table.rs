//! What the panes with a row an item have in common: columns as data.

use crate::text::cut;
use crate::tui::frame::TrackView;
use crate::tui::theme::Role;
use ratatui::layout::Constraint;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell, Row, Table};

/// A column, and how a cell of it is made from an item.
pub(super) struct PaneColumn<T: 'static> {
    pub(super) heading: &'static str,
    pub(super) width: u16,
    /// The least width of the pane in which it finds room.
    pub(super) from: u16,
    pub(super) cell: fn(&TrackView, &T) -> (Role, String),
}

/// Rows of items, in columns that all have a width of their own but the last.
pub(super) struct PaneRows<'a, T: 'static> {
    shown: &'a TrackView<'a>,
    columns: Vec<&'static PaneColumn<T>>,
}

impl<'a, T> PaneRows<'a, T> {
    pub(super) fn new(
        shown: &'a TrackView<'a>,
        columns: impl Iterator<Item = &'static PaneColumn<T>>,
    ) -> Self {
        Self { shown, columns: columns.collect() }
    }

    /// The columns of the terminal that all but the last column take.
    pub(super) fn width(&self) -> u16 {
        self.columns.iter().map(|it| it.width + 1).sum()
    }

    /// The headings, and what stands above the last column.
    pub(super) fn headings(&self, last: String) -> Row<'a> {
        let headings = self.columns.iter().map(|it| it.heading.to_owned());
        let headings = headings.chain([last]);
        Row::new(headings.map(Line::from))
            .style(self.shown.look().style(Role::Dim))
    }

    /// The cells of an item, without the last one.
    pub(super) fn cells(&self, item: &T) -> Vec<Cell<'a>> {
        let more = self.shown.look().glyphs.more;
        let cell = |column: &&PaneColumn<T>| {
            let (role, text) = (column.cell)(self.shown, item);
            let text = cut(&text, column.width.into(), more);
            Cell::from(self.shown.say(role, text))
        };
        self.columns.iter().map(cell).collect()
    }

    /// A row with something in its first cell, in the last one, and in all
    /// between them.
    pub(super) fn row_of(
        &self,
        first: Span<'a>,
        second: Span<'a>,
        last: Vec<Span<'a>>,
    ) -> Row<'a> {
        let between = u16::try_from(self.columns.len()).unwrap_or(2) - 1;
        let second = Cell::from(second).column_span(between);
        Row::new([first.into(), second, Line::from(last).into()])
    }

    /// The widget.
    pub(super) fn table(&self, rows: Vec<Row<'a>>) -> Table<'a> {
        let widths = self.columns.iter().map(|it| it.width);
        let widths = widths.map(Constraint::Length);
        Table::new(rows, widths.chain([Constraint::Fill(1)])).column_spacing(1)
    }
}
