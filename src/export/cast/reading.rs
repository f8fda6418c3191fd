//! The recording, read forwards once more.

use crate::recording::{Cursor, Error, Recording};
use crate::view::Follower;
use std::time::Duration;

/// A place in a recording, and what there is to see there: the fold of a
/// replay, which never goes back.
pub(super) struct CastReading {
    cursor: Cursor,
    follower: Follower,
}

impl CastReading {
    /// At the beginning.
    pub(super) fn new(recording: &Recording) -> Self {
        let follower = Follower::new(recording.header().settings);
        Self { cursor: recording.from_start(), follower }
    }

    /// Takes everything up to a moment.
    ///
    /// # Errors
    /// If a block is damaged: what is before it has been taken.
    pub(super) fn go(&mut self, until: Duration) -> Result<(), Error> {
        while let Some(record) = self.cursor.peek()? {
            if record.in_order_at().is_some_and(|at| at > until) {
                break;
            }
            self.follower.take(record);
            self.cursor.step()?;
        }
        Ok(())
    }

    /// When the next thing was recorded; `None` at the end.
    ///
    /// # Errors
    /// As [`go`](Self::go).
    pub(super) fn next(&mut self) -> Result<Option<Duration>, Error> {
        while let Some(record) = self.cursor.peek()? {
            if let Some(at) = record.in_order_at() {
                return Ok(Some(at));
            }
            self.follower.take(record);
            self.cursor.step()?;
        }
        Ok(None)
    }

    /// The latest moment that was taken.
    pub(super) const fn at(&self) -> Duration {
        self.follower.at
    }

    /// What there is to see.
    pub(super) const fn follower(&self) -> &Follower {
        &self.follower
    }
}
