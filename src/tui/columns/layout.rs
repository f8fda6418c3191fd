//! Which part of the screen is where, and how high.

use crate::tui::layout::Chrome;
use crate::tui::screen::Screen;
use ratatui::layout::{Constraint, Layout, Rect};

/// The least width at which a column is readable: a call and its marks. Where
/// the columns would be narrower, they are a stack.
const NARROWEST: u16 = 24;

/// Between two columns.
const WALL: u16 = 3;

/// From this width on there is room for long names of rows.
const WIDE: u16 = 160;

/// From this height on, all parts find room beside the verdict.
const TALL: u16 = 36;

/// A part of the screen that reaches through all columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
const NORMAL: [(Section, u16); 32] = [
    (Banner, 2),
    (Head, 1),
    (Source, 3),
    (Sockets, 3),
    (Table, 3),
    (Findings, 1),
    (Counters, 1),
    (Sockets, 2),
    (Source, 1),
    (Table, 1),
    (Counters, 1),
    (Findings, 1),
    (Source, 2),
    (Sockets, 1),
    (Table, 1),
    (Counters, 3),
    (Table, 2),
    (Findings, 2),
    (Source, 2),
    (Table, 1),
    (Findings, 1),
    (Source, 2),
    (Counters, 1),
    (Counters, 2),
    (Source, 3),
    (Sockets, 3),
    (Findings, 2),
    (Table, 3),
    (Source, 3),
    (Sockets, 2),
    (Findings, 1),
    (Sockets, u16::MAX),
];

/// The same where few and large parts are asked for.
const PRESENTER: [(Section, u16); 11] = [
    (Banner, 4),
    (Head, 1),
    (Source, 4),
    (Sockets, 4),
    (Table, 3),
    (Source, 2),
    (Sockets, 2),
    (Table, 1),
    (Source, 10),
    (Table, 2),
    (Sockets, u16::MAX),
];

/// The same where what it means is shown and there is little room.
const OVER: [(Section, u16); 11] = [
    (Head, 1),
    (Table, 3),
    (Sockets, 3),
    (Banner, 1),
    (Table, 2),
    (Sockets, 2),
    (Source, 4),
    (Table, 2),
    (Source, 3),
    (Banner, 1),
    (Sockets, u16::MAX),
];

const ORDER: [Section; 7] =
    [Head, Banner, Source, Sockets, Counters, Findings, Table];

/// What the places depend on, beside the screen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contents {
    pub(super) runs: usize,
    /// Rows of the verdict, if there is one.
    pub(super) verdict: usize,
    /// There is a bar of recordings.
    pub(super) is_recorded: bool,
}

/// Where the names of the rows are, and each run's part of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ColumnSplit {
    /// The width of the names.
    pub(super) names: u16,
    /// A run, where its part begins and how wide that is.
    pub(super) parts: Vec<(usize, u16, u16)>,
    /// Between two parts.
    pub(super) gap: u16,
}

/// Where everything is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct ColumnRegions {
    /// The tabs, if the columns are a stack.
    pub(super) tabs: Option<Rect>,
    /// From above to below.
    pub(super) sections: Vec<(Section, Rect)>,
    /// The columns.
    pub(super) columns: ColumnSplit,
    /// All runs' figures.
    pub(super) table: ColumnSplit,
    /// Where recordings stand; without rows if there are none.
    pub(in crate::tui) bar: Rect,
}

impl ColumnRegions {
    pub(super) fn of(&self, section: Section) -> Option<Rect> {
        let mut known = self.sections.iter();
        known.find(|(it, _)| *it == section).map(|(_, area)| *area)
    }

    /// The sockets' part.
    pub(in crate::tui) fn sockets(&self) -> Option<Rect> {
        self.of(Sockets)
    }

    /// The run whose part this column of cells is in.
    pub(in crate::tui) fn track_at(&self, x: u16) -> Option<usize> {
        let mut parts = self.columns.parts.iter();
        let part =
            parts.find(|(_, at, width)| (*at..*at + *width).contains(&x));
        part.map(|(place, ..)| *place)
    }
}

impl ColumnSplit {
    fn new(area: Rect, runs: &[usize], gap: u16) -> Self {
        let names = if area.width < WIDE { 14 } else { 20 };
        let count = u16::try_from(runs.len()).unwrap_or(u16::MAX).max(1);
        let room = area.width - names;
        let width = room.saturating_sub(gap * (count - 1)) / count;
        let begin = (area.x + names..).step_by((width + gap).into());
        let parts = runs.iter().zip(begin);
        let parts = parts.map(|(run, x)| (*run, x, width)).collect();
        Self { names, parts, gap }
    }

    /// The width of a part.
    fn width(&self) -> u16 {
        self.parts.first().map_or(0, |(_, _, width)| *width)
    }
}

/// Where everything is; `None` if there is too little room.
pub(super) fn regions(
    area: Rect,
    screen: &Screen,
    contents: Contents,
) -> Option<ColumnRegions> {
    let chrome = Chrome::new(area, screen, contents.is_recorded)?;
    let all: Vec<_> = (0..contents.runs).collect();
    let beside = ColumnSplit::new(area, &all, WALL);
    let stacked = beside.width() < NARROWEST;
    let (columns, table) = if stacked {
        let one = ColumnSplit::new(area, &[screen.chosen], WALL);
        (one, ColumnSplit::new(area, &all, 1))
    } else {
        (beside.clone(), beside)
    };
    let rows = [Constraint::Length(stacked.into()), Constraint::Fill(1)];
    let [tabs, body] = Layout::vertical(rows).areas(chrome.body);
    let presents = screen.presents();
    Some(ColumnRegions {
        tabs: stacked.then_some(tabs),
        sections: sections(body, presents, contents.verdict, stacked),
        columns,
        table,
        bar: chrome.scrubber,
    })
}

/// The heights depend on the size alone, and at the end on the verdict: the
/// picture stands still while figures change. A verdict that finds no room
/// beside other parts has all of a small screen.
fn sections(
    body: Rect,
    presents: bool,
    verdict: usize,
    stacked: bool,
) -> Vec<(Section, Rect)> {
    let verdict = u16::try_from(verdict).unwrap_or(u16::MAX);
    let most = body.height * 7 / 10;
    let alone = verdict > most && body.height < TALL;
    let verdict = if alone { body.height } else { verdict.min(most) };
    let mut left = body.height - verdict;
    let is_tight = verdict > 0 && body.height < TALL;
    let plan: &[_] = match presents {
        _ if is_tight => &OVER,
        true => &PRESENTER,
        false => &NORMAL,
    };
    let mut heights = [0; ORDER.len()];
    for (section, rows) in plan {
        let is_out = *section == Head && stacked;
        let at = ORDER.iter().position(|it| it == section).unwrap_or(0);
        let rows = if is_out { 0 } else { (*rows).min(left) };
        heights[at] += rows;
        left -= rows;
    }
    let mut y = body.y;
    let all = ORDER.into_iter().zip(heights);
    let all = all.chain([(Verdict, verdict)]);
    let placed = all.map(|(section, height)| {
        let area = Rect { y, height, ..body };
        y += height;
        (section, area)
    });
    placed.filter(|(_, area)| area.height > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::Look;
    use ratatui::layout::Size;

    fn at(width: u16, height: u16, runs: usize) -> ColumnRegions {
        let look = Look::suited(|_| None);
        let screen = Screen::new(look, Size { width, height }, runs);
        let contents = Contents { runs, verdict: 0, is_recorded: false };
        let area = Rect { x: 0, y: 0, width, height };
        regions(area, &screen, contents).unwrap_or_else(|| unreachable!())
    }

    #[test]
    fn columns_that_would_be_too_narrow_are_a_stack() {
        let beside = |width, runs| at(width, 40, runs).tabs.is_none();
        assert!(beside(80, 2) && !beside(80, 3));
        assert!(beside(120, 4) && !beside(120, 5));
        assert!(beside(200, 5));
    }

    #[test]
    fn every_row_is_used_and_none_twice() {
        for (height, runs) in (15..=70).flat_map(|n| [(n, 2), (n, 5)]) {
            let regions = at(80, height, runs);
            let mut y = 1 + u16::from(regions.tabs.is_some());
            for (_, area) in &regions.sections {
                assert_eq!(area.y, y);
                y += area.height;
            }
            assert_eq!(y, height - 2, "{height}");
        }
    }
}
