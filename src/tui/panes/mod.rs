//! The panes, one file each: what is shown in, lines of text out.

pub(super) mod code;
pub(super) mod detail;
mod events;
pub(super) mod findings;
mod hand;
pub(super) mod header;
pub(super) mod help;
pub(super) mod lane;
pub(super) mod notice;
pub(super) mod scrubber;
pub(super) mod sockets;
mod source;
pub(super) mod step;
mod tasks;
pub(super) mod turns;

use super::context::Track;
use super::look::{Look, Role};
use super::paint::put;
use super::screen::Pane;
use crate::text::cut;
use crate::units::show_count;
use itertools::Itertools as _;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell, Row, Table};

/// A pane's title.
pub(super) fn title(run: &Track, pane: Pane) -> String {
    let parts = match pane {
        Pane::Code => code::title(run),
        Pane::Sockets => sockets::title(run),
        Pane::Tasks => tasks::title(run),
        Pane::Turns => vec!["loop".into()],
        Pane::Events => events::title(run),
        Pane::Findings => vec!["findings".into()],
        Pane::Hand => vec!["clients by hand".into()],
    };
    let mut parts = parts.iter().filter(|it| !it.is_empty());
    parts.join(&format!(" {} ", run.look.glyphs.dot))
}

/// Draws what stands below a pane's title, as far as it finds room.
pub(super) fn draw(run: &Track, pane: Pane, area: Rect, buffer: &mut Buffer) {
    let (width, height) = (area.width.into(), area.height.into());
    let lines = match pane {
        Pane::Sockets => return sockets::draw(run, area, buffer),
        Pane::Tasks => return tasks::draw(run, area, buffer),
        Pane::Hand => return hand::draw(run, area, buffer),
        Pane::Code => code::lines(run, (width, height), false),
        Pane::Turns => turns::lines(run, width, height),
        Pane::Events => events::lines(run, width, height),
        Pane::Findings => findings::lines(run, width, height),
    };
    put(buffer, area, lines);
}

/// Those of these counts that are not zero: `3 below, 12 above`.
fn counted<'a>(counts: impl IntoIterator<Item = (u64, &'a str)>) -> String {
    let counts = counts.into_iter().filter(|(n, _)| *n > 0);
    counts.map(|(n, word)| format!("{} {word}", show_count(n))).join(", ")
}

/// A mark or a key, and what it means.
fn explained(
    look: &Look,
    role: Role,
    mark: &str,
    word: &str,
) -> Vec<Span<'static>> {
    let word = look.say(Role::Dim, format!(" {word} "));
    vec![look.say(role, mark.to_owned()), word]
}

/// A column of a table with a row an item, and how a cell of it is made.
struct PaneColumn<T: 'static> {
    heading: &'static str,
    width: u16,
    /// The least width of the pane in which it finds room.
    from: u16,
    cell: fn(&Track, &T) -> (Role, String),
}

/// Columns that all have a width of their own, and one behind them that has
/// the rest.
struct PaneTable<'a, T: 'static> {
    run: &'a Track<'a>,
    columns: Vec<&'static PaneColumn<T>>,
}

impl<T> PaneTable<'_, T> {
    /// The columns of the terminal that all but the last column take.
    fn width(&self) -> u16 {
        self.columns.iter().map(|it| it.width + 1).sum()
    }

    /// The cells of an item, the first two in this role if one is given.
    fn row(
        &self,
        item: &T,
        marked: Option<Role>,
        last: Line<'static>,
    ) -> Row<'static> {
        let look = self.run.look;
        let cells = self.columns.iter().enumerate().map(|(at, column)| {
            let (role, text) = (column.cell)(self.run, item);
            let text = cut(&text, column.width.into(), look.glyphs.more);
            let marked = marked.filter(|_| at < 2).map(|it| look.style(it));
            Cell::from(look.say(role, text)).style(marked.unwrap_or_default())
        });
        Row::new(cells.chain([last.into()]))
    }

    /// The widget, with headings if there is one for the last column.
    fn widget(
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
