//! The last seconds of a socket or a loop, as cells on a shared time axis.

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
    /// Calls would have blocked: so many.
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

impl Cell {
    /// A letter for each, as tests draw a lane.
    #[doc(hidden)]
    pub const LETTERS: [(Self, char); 11] = [
        (Self::Nothing, ' '),
        (Self::Open, '.'),
        (Self::Asleep, 'z'),
        (Self::WouldBlock(1), '~'),
        (Self::Ready, '!'),
        (Self::Read, 'r'),
        (Self::Written, 'w'),
        (Self::Echoed, 'e'),
        (Self::Accepted, 'a'),
        (Self::Working, 'k'),
        (Self::Ended, 'x'),
    ];

    /// Its letter, whatever its count.
    #[doc(hidden)]
    #[must_use]
    pub fn letter(self) -> char {
        let same = |cell: Self| {
            std::mem::discriminant(&cell) == std::mem::discriminant(&self)
        };
        let mut all = Self::LETTERS.into_iter();
        all.find(|(cell, _)| same(*cell)).map_or('?', |(_, letter)| letter)
    }
}

/// Cells that end at a moment; the last one is the current bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lane {
    /// The number of the last cell's bucket, counted from the start.
    pub last_bucket: u64,
    /// At most [`LANE_CELLS`] cells, oldest first.
    pub cells: Vec<Cell>,
}
