//! What a row of the screen is made from: lines of every column beside each
//! other, their name at the left.

use super::super::app::Arrangement;
use super::super::frame::{Shown, put};
use super::super::look::Look;
use super::super::theme::Role;
use super::layout::Split;
use super::{ColumnState, Columns, CompareApp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// One mode, as it is drawn.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    /// Which one, from 0.
    pub(super) place: usize,
    pub(super) shown: Shown<'a>,
    pub(super) state: &'a ColumnState,
    /// What it is called.
    pub(super) name: &'a str,
    /// It is the chosen one.
    pub(super) chosen: bool,
    /// There are few and large parts.
    pub(super) presents: bool,
}

/// All modes, as they are drawn.
pub(super) fn columns<'a>(
    app: &'a CompareApp,
    columns: &'a Columns<'a>,
) -> Vec<Column<'a>> {
    let scenes = app.apps.iter().zip(&columns.scenes).zip(&columns.states);
    let drawn = scenes.enumerate().map(|(place, ((own, scene), state))| {
        let shown = Shown { app: own, scene, view: own.shown(scene) };
        let presents = app.arrangement == Arrangement::Presenter;
        let chosen = place == app.chosen;
        let name = columns.name(place);
        Column { place, shown, state, name, chosen, presents }
    });
    drawn.collect()
}

/// The lines of a section: names at the left, and a block a column.
#[derive(Default)]
pub(super) struct Block<'a> {
    pub(super) names: Vec<Line<'a>>,
    pub(super) parts: Vec<Vec<Line<'a>>>,
}

impl<'a> Block<'a> {
    /// Writes them into an area, as much as fits.
    pub(super) fn put(
        &self,
        look: &Look,
        split: &Split,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let names = Rect { width: split.names, ..area };
        put(buffer, names, &self.names);
        for ((_, x, width), part) in split.parts.iter().zip(&self.parts) {
            let own = Rect { x: *x, width: *width, ..area };
            put(buffer, own, part);
        }
        walls(look, split, area, buffer);
    }

    /// A row more: its name, and a line a column.
    pub(super) fn row(&mut self, name: Line<'a>, lines: Vec<Line<'a>>) {
        self.names.push(name);
        self.parts.resize_with(lines.len().max(self.parts.len()), Vec::new);
        for (part, line) in self.parts.iter_mut().zip(lines) {
            part.push(line);
        }
    }
}

/// The walls between the columns.
fn walls(look: &Look, split: &Split, area: Rect, buffer: &mut Buffer) {
    if split.gap < 3 {
        return;
    }
    let wall = Line::from(look.say(Role::Dim, look.glyphs.wall));
    let rows = vec![wall; area.height.into()];
    for (_, x, _) in split.parts.iter().skip(1) {
        put(buffer, Rect { x: x - 2, width: 1, ..area }, &rows);
    }
}

/// A title with its rule.
pub(super) fn rule<'a>(look: &Look, title: &str, width: u16) -> Line<'a> {
    let rule = look.glyphs.rule;
    let title = look.say(Role::Title, format!(" {title} "));
    let rest = usize::from(width).saturating_sub(title.width() + 1);
    let (before, after) = (rule, rule.repeat(rest));
    let rule = |text: String| look.say(Role::Dim, text);
    Line::from(vec![rule(before.to_owned()), title, rule(after)])
}

/// What spans take.
pub(super) fn width_of(spans: &[Span]) -> usize {
    spans.iter().map(Span::width).sum()
}
