//! What several panes share: tables with columns as data, and legends.

use crate::text::cut;
use crate::tui::context::Track;
use crate::tui::look::{Look, Role};
use crate::units::show_count;
use itertools::Itertools as _;
use ratatui::prelude::{Constraint, Line, Span};
use ratatui::widgets::{Cell, Row, Table};

/// Text, and the role that determines its style.
pub(crate) type RoleWords = (Role, String);

/// A column, and how a cell of it is made from an item.
pub(super) struct PaneColumn<T: 'static> {
    pub(super) heading: &'static str,
    pub(super) width: u16,
    /// The least width of the pane for which the column is shown.
    pub(super) from: u16,
    pub(super) cell: fn(&Track, &T) -> RoleWords,
}

/// A table of columns of fixed widths, and a last column that takes the rest of
/// the width.
pub(super) struct PaneTable<'a, T: 'static> {
    pub(super) run: &'a Track<'a>,
    pub(super) columns: Vec<&'static PaneColumn<T>>,
}

impl<T> PaneTable<'_, T> {
    /// The width of all columns but the last, in terminal columns.
    pub(super) fn width(&self) -> u16 {
        self.columns.iter().map(|it| it.width + 1).sum()
    }

    /// The cells of an item, the first two in this role if one is given.
    pub(super) fn row(&self, item: &T, marked: Option<Role>) -> Row<'static> {
        let look = self.run.look;
        let cells = self.columns.iter().enumerate().map(|(at, column)| {
            let (role, text) = (column.cell)(self.run, item);
            let text = cut(&text, column.width.into(), look.glyphs.more);
            let marked = marked.filter(|_| at < 2).map(|it| look.style(it));
            Cell::from(look.say(role, text)).style(marked.unwrap_or_default())
        });
        Row::new(cells)
    }

    /// The widget, with headings if there is one for the last column.
    pub(super) fn widget(
        &self,
        rows: Vec<Row<'static>>,
        heading: Option<String>,
    ) -> Table<'static> {
        let columns = self.columns.iter();
        let widths = columns.clone().map(|it| Constraint::Length(it.width));
        let table = Table::new(rows, widths.chain([Constraint::Fill(1)]));
        let Some(last) = heading else { return table };
        let headings = columns.map(|it| Line::from(it.heading));
        let headings = Row::new(headings.chain([last.into()]));
        table.header(headings.style(self.run.look.style(Role::Dim)))
    }
}

/// The counts that are not zero, as text: `3 below, 12 above`.
pub(super) fn counted<const N: usize>(counts: [(u64, &str); N]) -> String {
    let counts = counts.iter().filter(|(n, _)| *n > 0);
    counts.map(|(n, word)| format!("{} {word}", show_count(*n))).join(", ")
}

/// A mark or a key, and what it means.
pub(super) fn explained(
    look: &Look,
    role: Role,
    mark: &str,
    word: &str,
) -> Vec<Span<'static>> {
    let word = look.say(Role::Dim, format!(" {word} "));
    vec![look.say(role, mark.to_owned()), word]
}
