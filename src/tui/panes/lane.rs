//! A timeline: the last seconds of a socket or the loop, on one axis.

use super::table::explained;
use crate::tui::glyphs::Glyphs;
use crate::tui::look::{Look, Role};
use crate::view::{BUCKET, Cell, Lane};
use ratatui::text::Span;
use std::borrow::Cow;
use std::time::Duration;

/// At least this many buckets are shown (6 s), or a third in a short run.
const WINDOW: u64 = 120;

/// Calls that would have blocked: from here on they are some, or many.
const SOME: u32 = 100;
const MANY: u32 = 10_000;

/// The axis that all timelines of a frame share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    /// Width in cells of the screen.
    cells: usize,
    /// How many buckets one cell stands for.
    per: u64,
    /// Index of the last cell, counted from the start of the run.
    last: u64,
}

impl Axis {
    /// An axis of this many cells that ends at `moment`. With `close`, a run
    /// shorter than the usual window is magnified, at most threefold.
    pub(crate) fn new(moment: Duration, cells: usize, close: bool) -> Self {
        let now = moment.as_millis() / BUCKET.as_millis();
        let now = u64::try_from(now).unwrap_or(u64::MAX);
        let least = if close { WINDOW / 3 } else { WINDOW };
        let window = now.saturating_add(1).clamp(least, WINDOW);
        let per = window.div_ceil(cells.max(1) as u64);
        Self { cells, per, last: now / per }
    }

    /// The labels at both ends of the axis, as wide as the axis.
    pub(crate) fn heading(&self) -> String {
        let buckets = u128::from(self.per) * self.cells as u128;
        let tenths = BUCKET.as_millis() * buckets / 100;
        let from = format!("{}.{} s ago", tenths / 10, tenths % 10);
        let room = self.cells.saturating_sub(from.len());
        format!("{from}{:>room$}", "now")
    }

    /// What happened in each cell.
    fn cells(&self, lane: &Lane) -> Vec<Cell> {
        let cell = |place: u64| {
            let at = (self.last + 1 + place).checked_sub(self.cells as u64);
            let buckets = at.map(|at| at * self.per..(at + 1) * self.per);
            let cells = buckets.into_iter().flatten().map(|it| lane.cell(it));
            cells.fold(Cell::Nothing, Cell::with)
        };
        (0..self.cells as u64).map(cell).collect()
    }

    /// Draws a lane. Neighbours of the same role share a span. In a busy lane
    /// most spans are a single mark, which is borrowed, not copied.
    pub(crate) fn drawn<'a>(&self, look: &Look, lane: &Lane) -> Vec<Span<'a>> {
        let mut runs: Vec<(Role, Cow<'static, str>)> = Vec::new();
        for cell in self.cells(lane) {
            let (role, glyph) = mark(look.glyphs, cell);
            match runs.last_mut() {
                Some((same, text)) if *same == role => *text += glyph,
                _ => runs.push((role, glyph.into())),
            }
        }
        runs.into_iter().map(|(role, text)| look.say(role, text)).collect()
    }
}

/// The role and the mark of a cell.
const fn mark(glyphs: &Glyphs, cell: Cell) -> (Role, &'static str) {
    let glyphs = &glyphs.lane;
    match cell {
        Cell::Nothing => (Role::Text, " "),
        Cell::Open => (Role::Dim, glyphs.open),
        Cell::Asleep => (Role::Asleep, glyphs.asleep),
        Cell::WouldBlock(calls) => {
            let level = (calls >= SOME) as usize + (calls >= MANY) as usize;
            (Role::Spinning, glyphs.would_block[level])
        }
        Cell::Working => (Role::Working, glyphs.working),
        Cell::Ready => (Role::Ready, glyphs.ready),
        Cell::Read => (Role::Read, glyphs.read),
        Cell::Written => (Role::Written, glyphs.written),
        Cell::Echoed => (Role::Echoed, glyphs.echoed),
        Cell::Accepted => (Role::Ready, glyphs.accepted),
        Cell::Ended => (Role::Bad, glyphs.ended),
    }
}

/// The legend of the marks, the least obvious first. A mark has the same
/// meaning in every row.
pub(super) fn legend<'a>(look: &Look) -> [Vec<Span<'a>>; 9] {
    [
        (Cell::Asleep, "asleep"),
        (Cell::Working, "work"),
        (Cell::WouldBlock(MANY), "would block"),
        (Cell::Ready, "ready"),
        (Cell::Read, "read"),
        (Cell::Written, "written"),
        (Cell::Echoed, "echoed"),
        (Cell::Ended, "ended"),
        (Cell::Accepted, "accepted"),
    ]
    .map(|(cell, word)| {
        let (role, glyph) = mark(look.glyphs, cell);
        explained(look, role, glyph, &format!("{word} "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This time is in bucket 100.
    const AT: Duration = Duration::from_millis(5_020);

    fn letters(axis: &Axis, drawn: &str) -> String {
        let cells = axis.cells(&Lane::ending(100, &Cell::parse(drawn)));
        cells.into_iter().map(Cell::letter).collect()
    }

    fn axis(cells: usize) -> Axis {
        Axis::new(AT, cells, false)
    }

    #[test]
    fn a_wide_axis_shows_every_bucket_at_its_end() {
        let drawn = letters(&axis(120), "azzezzr");
        assert_eq!(drawn.trim_start(), "azzezzr");
        assert_eq!(drawn.chars().count(), 120);
    }

    #[test]
    fn a_narrow_axis_keeps_the_most_telling_of_each_cell() {
        // The moment is in bucket 100, the first of its cell of four.
        let drawn = letters(&axis(30), "azzzzrwzz");
        assert_eq!(drawn.trim_start(), "aez");
    }

    #[test]
    fn a_short_run_is_seen_from_close_by() {
        let heading = |ms, cells| {
            let axis = Axis::new(Duration::from_millis(ms), cells, true);
            axis.heading().split(" s").next().map(str::to_owned)
        };
        let shown = [100, 2_300, 2_500, 9_000].map(|ms| heading(ms, 24));
        let seconds = ["2.4", "2.4", "3.6", "6.0"];
        assert_eq!(shown, seconds.map(|it| Some(it.to_owned())));
    }

    #[test]
    fn a_run_that_began_just_now_ends_at_the_end_of_the_axis() {
        let lane = Lane::ending(2, &[Cell::Open; 3]);
        let cells =
            Axis::new(Duration::from_millis(100), 120, false).cells(&lane);
        assert_eq!(
            cells[116..],
            [Cell::Nothing, Cell::Open, Cell::Open, Cell::Open]
        );
    }
}
