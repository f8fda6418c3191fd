//! The positions and heights of the sections.

use super::rows::RowRegions;
use crate::run::comparison::Comparison;
use crate::text::wrap;
use crate::tui::context::ScreenContext;
use crate::tui::layout::chrome;
use crate::tui::look::{Look, Role};
use crate::tui::paint::TextRows;
use ratatui::layout::Constraint;
use ratatui::prelude::{Layout, Line, Position, Rect};
use std::ops::Range;
use strum::VariantArray;

/// The least width at which a column is readable: a call with what precedes it
/// in its line, and its marks. Where columns would be narrower, fewer are
/// shown.
const NARROWEST: u16 = 48;

/// Width of the gap between two columns.
const WALL: u16 = 3;

/// From this width on, there is room for long names of rows.
const WIDE: u16 = 160;

/// A section that would be lower than this says nothing and is left out.
const LOWEST: u16 = 3;

/// A part of the screen that spans all columns; listed from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub(super) enum Section {
    /// What each mode is doing, who waits, and its figures.
    Rows,
    /// The mode's source, and where its threads are in it.
    Source,
    /// The timelines of the sockets.
    Sockets,
    Findings,
    /// The figures in which the runs differ.
    Table,
    /// What the comparison means, once all runs are over.
    Verdict,
}

use Section::{Findings, Rows, Sockets, Source, Table, Verdict};

/// Lines for the sections below the rows of the runs, handed out in this order
/// until there are none left.
#[rustfmt::skip]
const NORMAL: [(Section, u16); 14] = [
    (Source, 5), (Sockets, 5), (Table, 5), (Source, 2), (Findings, 3),
    (Sockets, 1), (Source, 3), (Table, 2), (Sockets, 2), (Findings, 2),
    (Table, 5), (Source, 8), (Findings, 2), (Sockets, u16::MAX),
];

/// Like [`NORMAL`], in presenter mode.
const PRESENTER: [(Section, u16); 4] =
    [(Source, 9), (Sockets, 9), (Source, 9), (Sockets, u16::MAX)];

/// Like [`NORMAL`], beside a verdict.
#[rustfmt::skip]
const OVER: [(Section, u16); 7] = [
    (Table, 5), (Sockets, 5), (Table, 3), (Source, 9), (Table, 4),
    (Findings, 4), (Sockets, u16::MAX),
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
    fn new(area: Rect, runs: Range<usize>, names: u16, gap: u16) -> Self {
        let count = u16::try_from(runs.len()).unwrap_or(u16::MAX).max(1);
        let room = area.width - names;
        let width = room.saturating_sub(gap * (count - 1)) / count;
        let begin = (area.x + names..).step_by((width + gap).into());
        Self { names, width, parts: runs.zip(begin).collect(), gap }
    }
}

/// The runs that have a column each: as many as are readable side by side,
/// the selected one among them.
fn shown(width: u16, names: u16, runs: usize, chosen: usize) -> Range<usize> {
    let fit = (width - names + WALL) / (NARROWEST + WALL);
    let fit = usize::from(fit).clamp(1, runs.max(1));
    let first = (chosen + 1).saturating_sub(fit).min(runs.saturating_sub(fit));
    first..first + fit
}

/// The sections that fit, from top to bottom.
type PlacedSections = Vec<(Section, Rect)>;

/// The regions of the screen while all runs are side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnRegions {
    pub(super) sections: PlacedSections,
    /// A row for each run.
    pub(super) rows: RowRegions,
    /// For source and findings, whose lines have no names.
    pub(super) texts: ColumnSplit,
    /// For the sockets.
    pub(super) columns: ColumnSplit,
    /// For the table, which always has all runs.
    pub(super) table: ColumnSplit,
    /// The lines of the verdict; empty before all runs are over.
    pub(super) verdict: TextRows,
}

impl ColumnRegions {
    /// The regions; `None` if the terminal is too small.
    pub(crate) fn new(cx: &ScreenContext, area: Rect) -> Option<Self> {
        let [_, _, _, body, ..] = chrome(area, cx)?;
        let names = match area.width {
            ..100 => 14,
            100..WIDE => 16,
            _ => 20,
        };
        let (runs, chosen) = (cx.picture.tracks.len(), cx.screen.chosen);
        let presents = cx.screen.presents;
        let shown = if presents {
            chosen..chosen + 1
        } else {
            shown(area.width, names, runs, chosen)
        };
        let columns = ColumnSplit::new(area, shown.clone(), names, WALL);
        let texts = ColumnSplit::new(area, shown, 0, WALL);
        let gap = if area.width < WIDE { 1 } else { WALL };
        let table = ColumnSplit::new(area, 0..runs, names, gap);
        let comparison = cx.comparison();
        let verdict = comparison.map(|it| verdict(cx.look(), it, area.width));
        let verdict = verdict.unwrap_or_default();
        // One more for its title.
        let lines = if verdict.is_empty() { 0 } else { verdict.len() + 1 };
        let lines = u16::try_from(lines).unwrap_or(u16::MAX);
        let runs = u16::try_from(runs).unwrap_or(u16::MAX);
        let of_one =
            RowRegions::height_of_one((runs, body.height), presents, lines);
        let all = runs.saturating_mul(of_one).saturating_add(1);
        let sections = sections(body, presents, all, lines);
        let first = sections.first().filter(|it| it.0 == Rows);
        let rows = first.map(|it| RowRegions::new(it.1, runs, of_one));
        let rows = rows.unwrap_or_default();
        Some(Self { sections, rows, texts, columns, table, verdict })
    }

    /// The area of the sockets, if they are shown.
    pub(crate) fn sockets(&self) -> Option<Rect> {
        let mut known = self.sections.iter();
        known.find(|(it, _)| *it == Sockets).map(|(_, area)| *area)
    }

    /// Index of the run whose row or column contains this position.
    pub(crate) fn track_at(&self, at: Position) -> Option<usize> {
        let section = self.sections.iter().find(|it| it.1.contains(at))?.0;
        let split = match section {
            Rows => return self.rows.run_at(at.y),
            Source | Findings => &self.texts,
            Sockets => &self.columns,
            Table => &self.table,
            Verdict => return None,
        };
        let is_in = |x: u16| (x..x + split.width).contains(&at.x);
        let mut parts = split.parts.iter();
        parts.find(|(_, x)| is_in(*x)).map(|(place, _)| *place)
    }
}

/// The lines of the verdict, without its title.
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

/// The heights depend only on the size of the screen, the number of runs and
/// the verdict: the layout is stable while figures change.
fn sections(
    body: Rect,
    presents: bool,
    rows: u16,
    verdict: u16,
) -> PlacedSections {
    let plan: &[_] = match presents {
        _ if verdict > 0 => &OVER,
        true => &PRESENTER,
        false => &NORMAL,
    };
    let mut heights = [0; Section::VARIANTS.len()];
    let mut left = body.height;
    let mut give = |section: Section, lines: u16| {
        let lines = lines.min(left);
        heights[section as usize] += lines;
        left -= lines;
    };
    give(Rows, rows);
    give(Verdict, verdict);
    for (section, lines) in plan {
        give(*section, *lines);
    }
    for section in [Source, Sockets, Findings, Table] {
        if heights[section as usize] < LOWEST {
            heights[section as usize] = 0;
        }
    }
    let areas = Layout::vertical(heights.map(Constraint::Length)).split(body);
    let placed = Section::VARIANTS.iter().copied().zip(areas.iter().copied());
    placed.filter(|(_, area)| !area.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_readable_columns_are_shown_and_the_selected_one_among_them() {
        let shown = |width, names, chosen| shown(width, names, 5, chosen);
        assert_eq!(shown(80, 14, 0), 0..1);
        assert_eq!(shown(80, 14, 4), 4..5);
        assert_eq!(shown(120, 14, 0), 0..2);
        assert_eq!(shown(120, 14, 3), 2..4);
        assert_eq!(shown(200, 20, 4), 2..5);
        assert_eq!(shown(400, 20, 4), 0..5);
    }

    #[test]
    fn sections_do_not_overlap_and_rows_come_first() {
        for (height, verdict) in
            (12..=67).flat_map(|n| [(n, 0), (n, 9), (n, 40)])
        {
            let body = Rect { x: 0, y: 1, width: 80, height };
            let of_one = RowRegions::height_of_one((5, height), false, verdict);
            let placed = sections(body, false, 5 * of_one + 1, verdict);
            assert_eq!(placed[0].0, Rows);
            let mut y = body.y;
            for (_, area) in placed {
                assert_eq!(area.y, y);
                y += area.height;
            }
            assert!(y <= body.bottom(), "{height}");
        }
    }
}
