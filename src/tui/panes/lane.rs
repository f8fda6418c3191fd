//! A timeline: the last seconds of a socket or the loop, on one axis that
//! begins at the length of the run so far.

use super::table::explained;
use crate::tui::context::Track;
use crate::tui::glyphs::Glyphs;
use crate::tui::look::{Look, Role};
use crate::view::{BUCKET, Cell, LANE_CELLS, Lane};
use ratatui::text::Span;
use std::borrow::Cow;
use std::time::Duration;

/// The shortest axis, in buckets (1 s): at first a run is no longer than that.
const SHORTEST: u64 = 20;

/// How long an axis goes on after the last thing that happened.
const AFTER: Duration = Duration::from_millis(500);

/// Calls that would have blocked: from here on they are some, or many.
const SOME: u32 = 100;
const MANY: u32 = 10_000;

/// The axis that all timelines of a frame share: the run so far, or as much of
/// its end as a lane keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    /// Width in cells of the screen.
    cells: u64,
    /// How many buckets all of its cells stand for.
    buckets: u64,
    /// The moment at its end, since the start of the run.
    end: Duration,
    /// Whether that moment is the present.
    is_now: bool,
}

impl Axis {
    /// An axis of this many cells for these runs. It ends now, or where nothing
    /// has happened since and nothing is going on: otherwise the lanes would
    /// be empty before one has looked at them.
    pub(crate) fn of(runs: &[Track], cells: usize) -> Self {
        let ends = || runs.iter().map(|it| (it, quiet_from(it)));
        let going_on = ends().filter(|it| it.1.is_none());
        let now = going_on.map(|(run, _)| run.view.at).max();
        let quiet = || ends().filter_map(|it| it.1).max();
        let end = now.or_else(quiet).unwrap_or_default();
        Self::new(end, now.is_some(), cells)
    }

    fn new(end: Duration, is_now: bool, cells: usize) -> Self {
        let so_far = number(end).saturating_add(1);
        let buckets = so_far.clamp(SHORTEST, LANE_CELLS as u64);
        Self { cells: cells.max(1) as u64, buckets, end, is_now }
    }

    /// The labels at both ends of the axis, as wide as the axis.
    pub(crate) fn heading(&self) -> String {
        let length = BUCKET * u32::try_from(self.buckets).unwrap_or(u32::MAX);
        let [from, to] = if self.is_now {
            [format!("{:.1} s ago", length.as_secs_f32()), "now".into()]
        } else {
            let from = self.end.saturating_sub(length);
            [from, self.end].map(|it| format!("{:.1} s", it.as_secs_f32()))
        };
        let room = usize::try_from(self.cells).unwrap_or(usize::MAX);
        let room = room.saturating_sub(from.len());
        format!("{from}{to:>room$}")
    }

    /// What happened in each cell. The limits of cells are counted from the
    /// start of the run, so that they stand while a full axis moves on.
    fn cells(&self, lane: &Lane) -> Vec<Cell> {
        let Self { cells, buckets, .. } = *self;
        // The last cell that begins in the last bucket, or before it.
        let after = number(self.end).saturating_add(1).saturating_mul(cells);
        let end = after.div_ceil(buckets);
        let begins = |cell: u64| cell * buckets / cells;
        let cell = |place: u64| {
            let at = (end + place).checked_sub(cells)?;
            let (from, to) = (begins(at), begins(at + 1));
            let is_again = at > 0 && from == begins(at - 1);
            Some(if is_again {
                later_in(lane, from)
            } else {
                let all = (from..to.max(from + 1)).map(|it| lane.cell(it));
                all.fold(Cell::Nothing, Cell::with)
            })
        };
        (0..cells).map(|it| cell(it).unwrap_or_default()).collect()
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

/// The bucket that a moment falls into.
fn number(at: Duration) -> u64 {
    let number = at.as_millis() / BUCKET.as_millis();
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// Since when nothing can happen by itself any more, a little later; `None`
/// while something can.
fn quiet_from(run: &Track) -> Option<Duration> {
    let view = run.view;
    if !run.phase.goes_on() {
        return Some(view.at);
    }
    let is_busy = !run.scene.measured.clients_done
        || view.figures.open() > 0
        || run.scene.hand.iter().any(|it| it.state.is_here());
    let connections = view.sockets.iter().filter(|it| it.count.peer.is_some());
    let last = connections.map(|it| it.active_at).max();
    last.filter(|_| !is_busy).map(|last| view.at.min(last + AFTER))
}

/// The second and further cells of a bucket that takes several: what lasts goes
/// on in them, while a single event has one mark.
fn later_in(lane: &Lane, bucket: u64) -> Cell {
    use Cell::{Accepted, Asleep, Ended, Nothing, Open, WouldBlock};
    match (lane.cell(bucket), lane.cell(bucket + 1)) {
        (lasts @ (Nothing | Open | Asleep | WouldBlock(_)), _)
        | (_, lasts @ (Nothing | Open | Asleep | WouldBlock(_))) => lasts,
        (Accepted | Ended, _) => Open,
        (moved, _) => moved,
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

/// The legend of the marks in one line, the least obvious first. A mark has the
/// same meaning in every row.
pub(super) fn legend(look: &Look) -> Vec<Vec<Span<'static>>> {
    let legend = look.glyphs.legend();
    let marks = legend.into_iter().flat_map(|(_, entries)| entries);
    let marks = marks.filter(|it| !it.name.is_empty()).map(|it| {
        // The last one of several levels is the strongest.
        let glyph: String =
            it.symbols.chars().next_back().into_iter().collect();
        explained(look, it.role, &glyph, &format!("{} ", it.name))
    });
    marks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// A lane whose last cell is in the bucket of `ms`, on an axis up to there.
    fn letters(ms: u32, cells: usize, drawn: &str) -> String {
        let axis = Axis::new(MS * ms, true, cells);
        let lane = Lane::ending(number(axis.end), &Cell::parse(drawn));
        let cells = axis.cells(&lane);
        cells.into_iter().map(Cell::letter).collect()
    }

    #[test]
    fn a_run_fills_the_axis_from_its_first_second_on() {
        // Bucket 20 is the second second's first.
        let all = format!("a{}e", "z".repeat(18));
        assert_eq!(letters(950, 20, &all), all);
        assert_eq!(letters(100, 20, "azz"), format!("{:17}azz", ""));
        let heading = |ms| Axis::new(MS * ms, true, 24).heading();
        assert_eq!(heading(100), format!("1.0 s ago{:>15}", "now"));
        assert_eq!(heading(2_350), format!("2.4 s ago{:>15}", "now"));
        assert_eq!(heading(59_000), format!("20.0 s ago{:>14}", "now"));
    }

    #[test]
    fn the_end_of_a_run_is_named_by_its_time() {
        let heading = Axis::new(MS * 30_000, false, 24).heading();
        assert_eq!(heading, format!("10.0 s{:>18}", "30.0 s"));
    }

    #[test]
    fn a_bucket_of_several_cells_shows_a_single_event_once() {
        let drawn = format!("a{}r.x", "z".repeat(16));
        let shown = letters(950, 60, &drawn);
        let ends = format!("a{}r.....x  ", "z".repeat(50));
        assert_eq!(shown, ends);
    }

    #[test]
    fn a_narrow_axis_keeps_the_most_telling_of_each_cell() {
        let drawn = format!("{}azzzrwzz", "z".repeat(12));
        assert_eq!(letters(950, 5, &drawn), "zzzae");
    }

    #[test]
    fn cells_stand_still_while_a_full_axis_moves_on() {
        let at = |ms, drawn: &str| letters(ms, 40, drawn);
        // Ten buckets a cell: nothing changes until the next cell begins.
        let shown = at(50_000, "e");
        assert_eq!(at(50_450, "ezzzzzzzzz").trim_start(), "e");
        assert!(shown.ends_with('e'), "{shown}");
        assert!(at(50_500, "ezzzzzzzzzz").ends_with("ez"), "it begins");
    }
}
