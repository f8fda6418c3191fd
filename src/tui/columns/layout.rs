//! The positions and heights of the sections.

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
/// columns would be narrower, only one of them is shown (a stack).
const NARROWEST: u16 = 24;

/// Width of the gap between two columns.
const WALL: u16 = 3;

/// From this width on, there is room for long names of rows.
const WIDE: u16 = 160;

/// From this height on, all sections fit beside the verdict.
const TALL: u16 = 36;

/// A part of the screen that spans all columns; listed from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub(super) enum Section {
    /// Name, waiting mechanism and phase of each run.
    Head,
    /// What each mode is doing, and what waits.
    Banner,
    /// The mode's source, and where its threads are in it.
    Source,
    /// The timelines of the sockets.
    Sockets,
    Counters,
    Findings,
    /// The figures in which the runs differ.
    Table,
    /// What the comparison means, once all runs are over.
    Verdict,
}

use Section::{
    Banner, Counters, Findings, Head, Sockets, Source, Table, Verdict,
};

/// Rows for sections, handed out in this order until there are none left.
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

/// Like [`NORMAL`], in presenter mode.
#[rustfmt::skip]
const PRESENTER: [(Section, u16); 11] = [
    (Banner, 4), (Head, 1), (Source, 4), (Sockets, 4), (Table, 3), (Source, 2),
    (Sockets, 2), (Table, 1), (Source, 10), (Table, 2), (Sockets, u16::MAX),
];

/// Like [`NORMAL`], with a verdict on a small screen.
#[rustfmt::skip]
const OVER: [(Section, u16); 11] = [
    (Head, 1), (Table, 3), (Sockets, 3), (Banner, 1), (Table, 2), (Sockets, 2),
    (Source, 4), (Table, 2), (Source, 3), (Banner, 1), (Sockets, u16::MAX),
];

/// How an area is split into the names of the rows and a part for each run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ColumnSplit {
    /// The width of the names.
    pub(super) names: u16,
    /// The width of a part.
    pub(super) width: u16,
    /// The index of each run, and the column where its part begins.
    pub(super) parts: Vec<(usize, u16)>,
    /// Width of the gap between two parts.
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

/// The sections that fit, from top to bottom.
type PlacedSections = Vec<(Section, Rect)>;

/// The regions of the screen while all runs are side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnRegions {
    /// The tabs, if the columns are a stack; else of height 0.
    pub(super) tabs: Rect,
    pub(super) sections: PlacedSections,
    /// For all sections but the table; a stack has only the selected run.
    pub(super) columns: ColumnSplit,
    /// For the table, which always has all runs.
    pub(super) table: ColumnSplit,
    /// The rows of the verdict; empty before all runs are over.
    pub(super) verdict: TextRows,
}

impl ColumnRegions {
    /// The regions; `None` if the terminal is too small.
    pub(crate) fn new(cx: &ScreenContext, area: Rect) -> Option<Self> {
        let [_, _, _, body, ..] = chrome(area, cx)?;
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
        // One more for its title.
        let rows = if verdict.is_empty() { 0 } else { verdict.len() + 1 };
        let sections = sections(body, cx.screen.presents, rows, is_stack);
        Some(Self { tabs, sections, columns, table, verdict })
    }

    /// The area of the sockets, if they are shown.
    pub(crate) fn sockets(&self) -> Option<Rect> {
        let mut known = self.sections.iter();
        known.find(|(it, _)| *it == Sockets).map(|(_, area)| *area)
    }

    /// Index of the run whose part contains this column of the terminal.
    pub(crate) fn track_at(&self, x: u16) -> Option<usize> {
        let width = self.columns.width;
        let mut parts = self.columns.parts.iter();
        let part = parts.find(|(_, at)| (*at..*at + width).contains(&x));
        part.map(|(place, _)| *place)
    }
}

/// The rows of the verdict, without its title.
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

/// The heights depend only on the size of the screen and of the verdict: the
/// layout is stable while figures change. On a small screen, a verdict that
/// does not fit beside other sections takes all rows.
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
