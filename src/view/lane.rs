//! The last seconds of a socket or a loop, as cells on a shared time axis.

use super::ring::{Ring, number};
use std::time::Duration;

/// How long one cell is.
pub const BUCKET: Duration = Duration::from_millis(50);

/// How many cells a lane keeps: the last 20 seconds.
pub const LANE_CELLS: usize = 400;

/// What happened within one [`BUCKET`], the most telling thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// Nothing, or it did not exist.
    #[default]
    Nothing,
    /// Open, and nothing happened.
    Open,
    /// A thread slept in a call on it.
    Asleep,
    /// This number of calls would have blocked.
    WouldBlock(u32),
    /// It was reported ready.
    Ready,
    /// Bytes were read, and not all of them written.
    Read,
    /// Bytes were written.
    Written,
    /// Bytes were read and written: an echo.
    Echoed,
    /// A connection was accepted.
    Accepted,
    /// The loop worked.
    Working,
    /// It ended.
    Ended,
}

/// Cells that end at a moment; the last one is the current bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lane {
    /// The number of the last cell's bucket, counted from the start.
    pub last_bucket: u64,
    /// At most [`LANE_CELLS`] cells, oldest first.
    pub cells: Vec<Cell>,
}

impl Cell {
    /// How telling it is, beside the others of its bucket.
    const fn rank(self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Open => 1,
            Self::Working => 3,
            Self::Asleep => 4,
            Self::WouldBlock(_) => 5,
            Self::Ready => 7,
            Self::Read => 8,
            Self::Written => 9,
            Self::Echoed => 10,
            Self::Accepted => 11,
            Self::Ended => 12,
        }
    }

    /// The same for the lane of a loop, where work is what stands out.
    const fn loop_rank(self) -> u8 {
        match self {
            Self::Working => 6,
            other => other.rank(),
        }
    }

    /// Both happened on a socket, in the same bucket.
    pub(super) const fn with(self, other: Self) -> Self {
        self.joined(other, other.rank() > self.rank())
    }

    /// Both happened to a loop in the same bucket, or in buckets of one lane
    /// that share a cell of the screen.
    pub const fn with_in_loop(self, other: Self) -> Self {
        self.joined(other, other.loop_rank() > self.loop_rank())
    }

    const fn joined(self, other: Self, tells_more: bool) -> Self {
        match (self, other) {
            (Self::WouldBlock(one), Self::WouldBlock(more)) => {
                Self::WouldBlock(one.saturating_add(more))
            }
            (Self::Read, Self::Written) | (Self::Written, Self::Read) => {
                Self::Echoed
            }
            _ if tells_more => other,
            _ => self,
        }
    }
}

/// Which bucket a time falls into.
pub(super) fn bucket(at: Duration) -> u64 {
    number(at, BUCKET)
}

/// Collects the last seconds of a socket or a loop from its events.
#[derive(Clone, Debug)]
pub(super) struct LaneTrack {
    ring: Ring<Cell>,
    join: fn(Cell, Cell) -> Cell,
}

impl LaneTrack {
    /// Of a socket, open from its first cell on.
    pub(super) fn of_socket() -> Self {
        Self { ring: Ring::new(LANE_CELLS, Cell::Open), join: Cell::with }
    }

    /// Of a loop.
    pub(super) fn of_loop() -> Self {
        let ring = Ring::new(LANE_CELLS, Cell::Nothing);
        Self { ring, join: Cell::with_in_loop }
    }

    /// This happened at that time.
    pub(super) fn put(&mut self, at: Duration, cell: Cell) {
        self.put_into(bucket(at), cell);
    }

    pub(super) fn put_into(&mut self, bucket: u64, cell: Cell) {
        if let Some(slot) = self.ring.slot(bucket) {
            *slot = (self.join)(*slot, cell);
        }
    }

    /// This was so all the time between the two.
    pub(super) fn fill(&mut self, since: Duration, at: Duration, cell: Cell) {
        let last = bucket(at);
        let oldest = last.saturating_sub(LANE_CELLS as u64);
        for bucket in bucket(since).max(oldest)..=last {
            self.put_into(bucket, cell);
        }
    }

    /// From now on nothing can happen to it.
    pub(super) const fn end(&mut self) {
        self.ring.set_empty(Cell::Nothing);
    }

    /// The lane that ends at this moment.
    pub(super) fn lane(&self, now: Duration) -> Lane {
        let last_bucket = bucket(now);
        Lane { last_bucket, cells: self.ring.up_to(last_bucket) }
    }

    /// The same, with a sleep that has not ended yet.
    pub(super) fn lane_asleep(&self, since: Duration, now: Duration) -> Lane {
        let mut track = self.clone();
        track.fill(since, now, Cell::Asleep);
        track.lane(now)
    }
}

impl Lane {
    /// Where a cell shows that the socket was there, it was also asked so
    /// often: `asked` ends with this lane.
    pub(super) fn add_would_blocks(&mut self, asked: &[u32]) {
        let cells = self.cells.iter_mut().rev();
        for (cell, asked) in cells.zip(asked.iter().rev()) {
            if *cell != Cell::Nothing && *asked > 0 {
                *cell = cell.with(Cell::WouldBlock(*asked));
            }
        }
    }
}

#[cfg(test)]
impl Lane {
    /// A letter for each cell, whatever its count.
    const LETTERS: [(Cell, char); 11] = [
        (Cell::Nothing, ' '),
        (Cell::Open, '.'),
        (Cell::Asleep, 'z'),
        (Cell::WouldBlock(1), '~'),
        (Cell::Ready, '!'),
        (Cell::Read, 'r'),
        (Cell::Written, 'w'),
        (Cell::Echoed, 'e'),
        (Cell::Accepted, 'a'),
        (Cell::Working, 'k'),
        (Cell::Ended, 'x'),
    ];

    /// The lane as text.
    pub(crate) fn drawn(&self) -> String {
        let same = |one: &Cell, other: &Cell| {
            std::mem::discriminant(one) == std::mem::discriminant(other)
        };
        let letter = |cell| {
            Self::LETTERS
                .iter()
                .find(|(it, _)| same(it, cell))
                .map_or('?', |it| it.1)
        };
        self.cells.iter().map(letter).collect()
    }

    /// The lane that is drawn so.
    pub(crate) fn parse(drawn: &str, last_bucket: u64) -> Self {
        let cell = |letter| {
            Self::LETTERS
                .iter()
                .find(|(_, it)| *it == letter)
                .expect("a letter of a cell")
                .0
        };
        Self { last_bucket, cells: drawn.chars().map(cell).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// A socket's track into which these are put, a time and a letter each.
    fn track(cells: &str) -> LaneTrack {
        let mut track = LaneTrack::of_socket();
        for cell in cells.split("; ") {
            let (at, letter) = cell.split_once(' ').expect("two words");
            let cell = Lane::parse(letter, 0).cells[0];
            track.put(ms(at.parse().expect("a number")), cell);
        }
        track
    }

    #[test]
    fn each_span_shows_the_most_telling_thing() {
        let rising = "0 .; 1 z; 1 ~; 1 !; 1 r; 1 w; 1 e; 1 a; 1 k; 1 x; 2 r";
        assert_eq!(track(rising).lane(ms(0)).drawn(), "x");
        // A read and a write are an echo.
        let cells = "0 r; 50 w; 60 r; 100 w";
        assert_eq!(track(cells).lane(ms(150)).drawn(), "rew.");
        // A loop that works does not look asleep.
        let mut track = LaneTrack::of_loop();
        track.fill(ms(0), ms(240), Cell::Asleep);
        for (at, cell) in
            [(100, Cell::Working), (150, Cell::Working), (160, Cell::Ready)]
        {
            track.put(ms(at), cell);
        }
        assert_eq!(track.lane(ms(200)).drawn(), "zzk!z");
    }

    #[test]
    fn an_end_leaves_nothing_and_a_sleep_that_goes_on_is_not_kept() {
        let mut ended = track("0 a; 100 x");
        ended.end();
        assert_eq!(ended.lane(ms(240)).drawn(), "a.x  ");
        let asleep = track("0 w");
        assert_eq!(asleep.lane_asleep(ms(60), ms(160)).drawn(), "wzzz");
        assert_eq!(asleep.lane(ms(160)).drawn(), "w...");
    }

    #[test]
    fn would_blocks_add_up() {
        let asked = Cell::WouldBlock(3).with(Cell::WouldBlock(4));
        assert_eq!(asked, Cell::WouldBlock(7));
        let many = Cell::WouldBlock(u32::MAX);
        assert_eq!(many.with(many), many);
    }

    #[test]
    fn a_lane_is_bounded() {
        let track = track("0 r; 10000 r; 30000 r; 3000000 r");
        assert_eq!(track.lane(ms(3_000_000)).cells.len(), LANE_CELLS);
        assert_eq!(track.lane(ms(9_000_000)).cells.len(), LANE_CELLS);
    }
}
