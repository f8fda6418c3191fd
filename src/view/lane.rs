//! The last seconds of a socket or a loop, as cells on a shared time axis.

use super::ring::{Ring, number};
use std::sync::Arc;
use std::time::Duration;

/// How much time one cell covers.
pub const BUCKET: Duration = Duration::from_millis(50);

/// How many cells a lane keeps: the last 20 seconds.
pub const LANE_CELLS: usize = 400;

/// The most important thing that happened within one [`BUCKET`]; the variants
/// are in ascending order of importance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// The socket was not open, or nothing happened in the loop.
    #[default]
    Nothing,
    /// The socket was open, and nothing happened.
    Open,
    /// A thread slept in a call on it.
    Asleep,
    /// This number of calls would have blocked.
    WouldBlock(u32),
    /// Another call returned; in a loop's lane, any call but its wait.
    Working,
    /// The socket was reported ready; in a loop's lane, its wait returned.
    Ready,
    /// Bytes were read, and not all of them written.
    Read,
    /// Bytes were written.
    Written,
    /// Bytes were read and written: an echo.
    Echoed,
    /// A connection was accepted.
    Accepted,
    /// The socket was closed.
    Ended,
}

impl Cell {
    /// The cell of a bucket in which both happened.
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::WouldBlock(one), Self::WouldBlock(more)) => {
                Self::WouldBlock(one.saturating_add(more))
            }
            (Self::Read, Self::Written) | (Self::Written, Self::Read) => {
                Self::Echoed
            }
            _ => self.max(other),
        }
    }
}

/// The number of the bucket that a time falls into.
pub(super) fn bucket(at: Duration) -> u64 {
    number(at, BUCKET)
}

/// How often a busy loop tried each of its sockets, for each bucket.
pub(super) type AskedRing = Ring<u32, LANE_CELLS>;

/// The last [`LANE_CELLS`] cells of a socket or a loop. Clones are cheap,
/// because they share the cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lane {
    cells: Arc<Ring<Cell, LANE_CELLS>>,
    /// The bucket in which a sleep began that has not ended.
    asleep_from: Option<u64>,
    asked: Option<Arc<AskedRing>>,
}

impl Lane {
    /// The lane of a socket that is open from this moment on.
    pub(super) fn open(since: Duration) -> Self {
        let mut lane = Self::default();
        Arc::make_mut(&mut lane.cells).empty = Cell::Open;
        lane.put(since, Cell::Open);
        lane
    }

    /// A lane of these cells, of which the last one is in this bucket.
    pub fn ending(last_bucket: u64, cells: &[Cell]) -> Self {
        let mut lane = Self::default();
        let first = (last_bucket + 1).saturating_sub(cells.len() as u64);
        for (bucket, cell) in (first..).zip(cells) {
            lane.put_into(bucket, *cell);
        }
        lane
    }

    /// Records what happened at a time.
    pub(super) fn put(&mut self, at: Duration, cell: Cell) {
        self.put_into(bucket(at), cell);
    }

    pub(super) fn put_into(&mut self, bucket: u64, cell: Cell) {
        if let Some(slot) = Arc::make_mut(&mut self.cells).slot(bucket) {
            *slot = slot.with(cell);
        }
    }

    /// Records what was so from `since` to `at`.
    pub(super) fn fill(&mut self, since: Duration, at: Duration, cell: Cell) {
        let last = bucket(at);
        let oldest = last.saturating_sub(LANE_CELLS as u64);
        for bucket in bucket(since).max(oldest)..=last {
            self.put_into(bucket, cell);
        }
    }

    /// Leaves later cells empty, as the socket has ended.
    pub(super) fn end(&mut self) {
        Arc::make_mut(&mut self.cells).empty = Cell::Nothing;
    }

    /// The same lane with a sleep that has not ended yet, and with the calls
    /// that a busy loop tried on each of its sockets.
    pub(super) fn seen(
        &self,
        asleep_since: Option<Duration>,
        asked: Option<&Arc<AskedRing>>,
    ) -> Self {
        let (cells, asked) = (self.cells.clone(), asked.cloned());
        Self { cells, asleep_from: asleep_since.map(bucket), asked }
    }

    /// What happened in a bucket up to now.
    pub fn cell(&self, bucket: u64) -> Cell {
        let cell = self.cells.get(bucket).unwrap_or_default();
        let is_asleep = self.asleep_from.is_some_and(|from| from <= bucket);
        let cell = if is_asleep { cell.with(Cell::Asleep) } else { cell };
        let asked = self.asked.as_ref().and_then(|it| it.get(bucket));
        match asked.filter(|it| *it > 0 && cell != Cell::Nothing) {
            Some(asked) => cell.with(Cell::WouldBlock(asked)),
            None => cell,
        }
    }
}

#[cfg(test)]
impl Cell {
    /// A letter for each cell, whatever its count.
    const LETTERS: [(Self, char); 11] = [
        (Self::Nothing, ' '),
        (Self::Open, '.'),
        (Self::Asleep, 'z'),
        (Self::WouldBlock(1), '~'),
        (Self::Working, 'k'),
        (Self::Ready, '!'),
        (Self::Read, 'r'),
        (Self::Written, 'w'),
        (Self::Echoed, 'e'),
        (Self::Accepted, 'a'),
        (Self::Ended, 'x'),
    ];

    pub(crate) fn letter(self) -> char {
        let place = Self::LETTERS.partition_point(|(it, _)| *it < self);
        match self {
            Self::WouldBlock(_) => '~',
            _ => Self::LETTERS[place].1,
        }
    }

    pub(crate) fn parse(drawn: &str) -> Vec<Self> {
        let cell = |it| Self::LETTERS.iter().find(|(_, letter)| *letter == it);
        drawn
            .chars()
            .map(|it| cell(it).expect("a letter of a cell").0)
            .collect()
    }
}

#[cfg(test)]
impl Lane {
    /// As text, from its first cell to a moment.
    pub(crate) fn drawn(&self, now: Duration) -> String {
        let first = self.cells.get(self.cells.first).map(|_| self.cells.first);
        let first = first.into_iter().chain(self.asleep_from).min();
        let buckets = first.into_iter().flat_map(|it| it..=bucket(now));
        buckets.map(|it| self.cell(it).letter()).collect()
    }
}
