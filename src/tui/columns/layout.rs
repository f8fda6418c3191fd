//! Which part of the screen is where, and how high.

use crate::run::comparison::Comparison;
use crate::text::wrap;
use crate::tui::context::ScreenContext;
use crate::tui::layout::chrome;
use crate::tui::look::{Look, Role};
use crate::tui::paint::TextRows;
use ratatui::prelude::{Constraint, Layout, Line, Rect};
use std::ops::Range;
use strum::VariantArray;

/// The least width at which a column is readable: a call and its marks. Where
/// the columns would be narrower, they are a stack.
const NARROWEST: u16 = 24;

/// Between two columns.
const WALL: u16 = 3;

/// From this width on there is room for long names of rows.
const WIDE: u16 = 160;

/// From this height on, all parts find room beside the verdict.
const TALL: u16 = 36;

/// A part of the screen that reaches through all columns, from above to below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub(super) enum Section {
    /// Names.
    Head,
    /// Who is asleep, who spins, who waits.
    Banner,
    /// Where the threads are.
    Source,
    /// The lanes.
    Sockets,
    /// Counters.
    Counters,
    /// What is worth telling.
    Findings,
    /// The figures that differ.
    Table,
    /// What it means.
    Verdict,
}

use Section::{
    Banner, Counters, Findings, Head, Sockets, Source, Table, Verdict,
};

/// Who gets how many rows, one after the other, until there are none left.
#[rustfmt::skip]
const NORMAL: [(Section, u16); 32] = [
    (Banner, 2), (Head, 1), (Source, 3), (Sockets, 3), (Table, 3),
    (Findings, 1), (Counters, 1), (Sockets, 2), (Source, 1), (Table, 1),
    (Counters, 1), (Findings, 1), (Source, 2), (Sockets, 1), (Table, 1),
    (Counters, 3), (Table, 2), (Findings, 2), (Source, 2), (Table, 1),
    (Findings, 1), (Source, 2), (Counters, 1), (Counters, 2), (Source, 3),
    (Sockets, 3), (Findings, 2), (Table, 3), (Source, 3), (Sockets, 2),
    (Findings, 1), (Sockets, u16::MAX),
];

/// The same where few and large parts are asked for.
#[rustfmt::skip]
const PRESENTER: [(Section, u16); 11] = [
    (Banner, 4), (Head, 1), (Source, 4), (Sockets, 4), (Table, 3), (Source, 2),
    (Sockets, 2), (Table, 1), (Source, 10), (Table, 2), (Sockets, u16::MAX),
];

/// The same where what it means is shown and there is little room.
#[rustfmt::skip]
const OVER: [(Section, u16); 11] = [
    (Head, 1), (Table, 3), (Sockets, 3), (Banner, 1), (Table, 2), (Sockets, 2),
    (Source, 4), (Table, 2), (Source, 3), (Banner, 1), (Sockets, u16::MAX),
];

/// Where the names of the rows are, and each run's part of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ColumnSplit {
    /// The width of the names.
    pub(super) names: u16,
    /// The width of a part.
    pub(super) width: u16,
    /// A run, and where its part begins.
    pub(super) parts: Vec<(usize, u16)>,
    /// Between two parts.
    pub(super) gap: u16,
}

impl ColumnSplit {
    fn new(area: Rect, runs: Range<usize>, gap: u16) -> Self {
        let names = if area.width < WIDE { 14 } else { 20 };
        let count = u16::try_from(runs.len()).unwrap_or(u16::MAX).max(1);
        let room = area.width - names;
        let width = room.saturating_sub(gap * (count - 1)) / count;
        let begin = (area.x + names..).step_by((width + gap).into());
        Self { names, width, parts: runs.zip(begin).collect(), gap }
    }
}

/// The sections that find room, from above to below.
type PlacedSections = Vec<(Section, Rect)>;

/// Where everything is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnRegions {
    /// The tabs, if the columns are a stack; else without rows.
    pub(super) tabs: Rect,
    pub(super) sections: PlacedSections,
    /// The columns.
    pub(super) columns: ColumnSplit,
    /// All runs' figures.
    pub(super) table: ColumnSplit,
    /// What it means, once that is known.
    pub(super) verdict: TextRows,
}

impl ColumnRegions {
    /// Where everything is; `None` if there is too little room.
    pub(crate) fn new(cx: &ScreenContext, area: Rect) -> Option<Self> {
        let [_, _, body, ..] = chrome(area, cx)?;
        let split = |(runs, gap)| ColumnSplit::new(area, runs, gap);
        let (all, chosen) = (0..cx.picture.tracks.len(), cx.screen.chosen);
        let is_stack = split((all.clone(), WALL)).width < NARROWEST;
        let one = (chosen..chosen + 1, 1);
        let (shown, gap) = if is_stack { one } else { (all.clone(), WALL) };
        let [columns, table] = [(shown, WALL), (all, gap)].map(split);
        let rows = [Constraint::Length(is_stack.into()), Constraint::Fill(1)];
        let [tabs, body] = Layout::vertical(rows).areas(body);
        let comparison = cx.comparison();
        let verdict = comparison.map(|it| verdict(cx.look(), it, area.width));
        let verdict = verdict.unwrap_or_default();
        // Its title stands above it.
        let rows = if verdict.is_empty() { 0 } else { verdict.len() + 1 };
        let sections = sections(body, cx.screen.presents, rows, is_stack);
        Some(Self { tabs, sections, columns, table, verdict })
    }

    /// The sockets' part.
    pub(crate) fn sockets(&self) -> Option<Rect> {
        let mut known = self.sections.iter();
        known.find(|(it, _)| *it == Sockets).map(|(_, area)| *area)
    }

    /// The run whose part this column of cells is in.
    pub(crate) fn track_at(&self, x: u16) -> Option<usize> {
        let width = self.columns.width;
        let mut parts = self.columns.parts.iter();
        let part = parts.find(|(_, at)| (*at..*at + width).contains(&x));
        part.map(|(place, _)| *place)
    }
}

/// The verdict in rows, below its title.
fn verdict(look: &Look, comparison: &Comparison, width: u16) -> TextRows {
    let rows = comparison.verdict.iter().flat_map(|sentence| {
        let rows = wrap(sentence, usize::from(width).saturating_sub(2));
        rows.into_iter().enumerate().map(|(at, text)| {
            let mark = if at == 0 { look.glyphs.tell } else { " " };
            let text = look.say(Role::Text, format!(" {text}"));
            Line::from(vec![look.say(Role::Ready, mark), text])
        })
    });
    rows.collect()
}

/// The heights depend on the size alone, and at the end on the verdict: the
/// picture stands still while figures change. A verdict that finds no room
/// beside other parts has all of a small screen.
fn sections(
    body: Rect,
    presents: bool,
    verdict: usize,
    is_stack: bool,
) -> PlacedSections {
    let verdict = u16::try_from(verdict).unwrap_or(u16::MAX);
    let most = body.height * 7 / 10;
    let is_small = body.height < TALL;
    let alone = verdict > most && is_small;
    let verdict = if alone { body.height } else { verdict.min(most) };
    let plan: &[_] = match presents {
        _ if verdict > 0 && is_small => &OVER,
        true => &PRESENTER,
        false => &NORMAL,
    };
    let mut heights = [0; Section::VARIANTS.len()];
    heights[Verdict as usize] = verdict;
    let mut left = body.height - verdict;
    for (section, rows) in plan.iter().filter(|it| it.0 != Head || !is_stack) {
        heights[*section as usize] += (*rows).min(left);
        left -= (*rows).min(left);
    }
    let areas = Layout::vertical(heights.map(Constraint::Length)).split(body);
    let placed = Section::VARIANTS.iter().copied().zip(areas.iter().copied());
    placed.filter(|(_, area)| !area.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_stack(width: u16, runs: usize) -> bool {
        let area = Rect { x: 0, y: 0, width, height: 40 };
        ColumnSplit::new(area, 0..runs, WALL).width < NARROWEST
    }

    #[test]
    fn columns_that_would_be_too_narrow_are_a_stack() {
        assert!(!is_stack(80, 2) && is_stack(80, 3));
        assert!(!is_stack(120, 4) && is_stack(120, 5));
        assert!(!is_stack(200, 5));
    }

    #[test]
    fn every_row_is_used_and_none_twice() {
        for (height, stacked) in (12..=67).flat_map(|n| [(n, true), (n, false)])
        {
            let body = Rect { x: 0, y: 1, width: 80, height };
            let mut y = body.y;
            for (_, area) in sections(body, false, 0, stacked) {
                assert_eq!(area.y, y);
                y += area.height;
            }
            assert_eq!(y, body.bottom(), "{height}");
        }
    }
}
