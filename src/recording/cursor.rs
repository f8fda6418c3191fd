//! A place in a recording, and what was known there.

use super::error::Error;
use super::reader::Recording;
use crate::view::{Known, Observation};
use std::collections::VecDeque;

/// A place in a recording. As an iterator it gives the records that follow,
/// and [`known`](Self::known) is what is known after the last one given. It
/// ends after the first error.
pub struct Cursor {
    recording: Recording,
    /// The block that is read next.
    next: usize,
    /// What is left of the block before.
    records: VecDeque<Observation>,
    /// The number of the next event.
    event: u64,
    known: Known,
}

impl Cursor {
    pub(super) fn new(recording: Recording, block: usize) -> Self {
        let first = recording.blocks().get(block);
        let event = first.map_or(0, |block| block.first_event);
        let (records, known) = (VecDeque::new(), Known::default());
        Self { recording, next: block, records, event, known }
    }

    /// The number of the next event, from 0: as many come before.
    pub const fn event(&self) -> u64 {
        self.event
    }

    /// What is known after all records before this place.
    #[must_use]
    pub const fn known(&self) -> &Known {
        &self.known
    }

    /// The next record, which stays the next one.
    ///
    /// # Errors
    /// If the block that it is in is damaged.
    pub fn peek(&mut self) -> Result<Option<&Observation>, Error> {
        while self.records.is_empty()
            && self.next < self.recording.blocks().len()
        {
            let block = self.next;
            // This ends the iteration after an error, which is reported once.
            self.next = usize::MAX;
            self.records = self.recording.block(block)?.into();
            self.next = block + 1;
        }
        Ok(self.records.front())
    }

    /// Goes behind the next record and gives it away.
    ///
    /// # Errors
    /// As [`peek`](Self::peek).
    pub fn step(&mut self) -> Result<Option<Observation>, Error> {
        self.peek()?;
        let Some(record) = self.records.pop_front() else { return Ok(None) };
        self.known.take(&record);
        self.event += u64::from(record.event().is_some());
        Ok(Some(record))
    }
}

impl Iterator for Cursor {
    type Item = Result<Observation, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}
