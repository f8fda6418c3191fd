//! What the panes with a row an item have in common: columns as data.

use crate::text::cut;
use crate::tui::context::Track;
use crate::tui::look::Role;
use ratatui::layout::Constraint;
use ratatui::text::Line;
use ratatui::widgets::{Cell, Row, Table};

/// A column, and how a cell of it is made from an item.
pub(super) struct PaneColumn<T: 'static> {
    pub(super) heading: &'static str,
    pub(super) width: u16,
    /// The least width of the pane in which it finds room.
    pub(super) from: u16,
    pub(super) cell: fn(&Track, &T) -> (Role, String),
}

/// Rows of items, in columns that all have a width of their own but the last.
pub(super) struct PaneRows<'a, T: 'static> {
    pub(super) run: &'a Track<'a>,
    pub(super) columns: Vec<&'static PaneColumn<T>>,
}

impl<T> PaneRows<'_, T> {
    /// The columns of the terminal that all but the last column take.
    pub(super) fn width(&self) -> u16 {
        self.columns.iter().map(|it| it.width + 1).sum()
    }

    /// The cells of an item; the first two in this role, if one is given. The
    /// last column stays empty if nothing is given for it.
    pub(super) fn row(
        &self,
        item: &T,
        marked: Option<Role>,
        last: Option<Line<'static>>,
    ) -> Row<'static> {
        let cells = self.columns.iter().enumerate().map(|(at, column)| {
            let (role, text) = (column.cell)(self.run, item);
            let more = self.run.look.glyphs.more;
            let text = cut(&text, column.width.into(), more);
            let cell = Cell::from(self.run.say(role, text));
            match marked.filter(|_| at < 2) {
                Some(role) => cell.style(self.run.look.style(role)),
                None => cell,
            }
        });
        Row::new(cells.chain(last.map(Cell::from)))
    }

    /// The widget, with what stands above the last column if there are
    /// headings.
    pub(super) fn table(
        &self,
        rows: Vec<Row<'static>>,
        heading: Option<String>,
    ) -> Table<'static> {
        let columns = self.columns.iter();
        let widths = columns.clone().map(|it| Constraint::Length(it.width));
        let table = Table::new(rows, widths.chain([Constraint::Fill(1)]));
        let Some(last) = heading else { return table };
        let headings = columns.map(|it| it.heading.to_owned()).chain([last]);
        let headings = Row::new(headings.map(Line::from));
        table.header(headings.style(self.run.look.style(Role::Dim)))
    }
}
