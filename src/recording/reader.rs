//! Reads recordings in bounded memory, whatever their bytes are.

use super::block::Block;
use super::codec::decode;
use super::error::Error;
use super::header::{Closing, Header};
use super::opening::{ReadSeek, RecordingSource, header, indexed, scanned};
use crate::system::pipe::is_pipe;
use crate::units::show_size;
use crate::view::{Observation, ObservedState, Playback};
use std::collections::VecDeque;
use std::fmt;
use std::fs::{self, File};
use std::io::Cursor as Bytes;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A recording, open for reading. Its clones read the same file; each
/// [`Cursor`] holds one.
#[derive(Clone)]
pub struct Recording(Arc<RecordingParts>);

struct RecordingParts {
    source: RecordingSource,
    header: Header,
    blocks: Vec<Block>,
    ending: Ending,
}

/// Whether a recording is complete, up to its limit.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// The file has its closing.
    Complete(Box<Closing>),
    /// The closing is missing: the program that wrote it was stopped.
    Truncated {
        /// The offset after the last byte that can be used.
        at: u64,
        /// What is wrong at that offset, in words.
        why: String,
    },
}

/// `complete`, or where or why it ends.
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete(closing) => match closing.limit_bytes {
                None => f.write_str("complete"),
                Some(limit) => {
                    let limit = show_size(limit);
                    write!(
                        f,
                        "it ends at its limit of {limit}, and has nothing of \
                         what came later"
                    )
                }
            },
            Self::Truncated { at, why } => {
                write!(f, "it ends at byte {at} without its closing: {why}")
            }
        }
    }
}

impl Recording {
    /// Opens a recording. A truncated one can be read up to its last whole
    /// block; see [`ending`](Self::ending).
    ///
    /// # Errors
    /// If the file cannot be read, is not a regular file, is not a recording,
    /// is in another version of the format, or is damaged before its first
    /// event.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let unreadable = |source| Error::Unreadable { offset: 0, source };
        // Checked before opening, which would wait for the writer of a pipe.
        let known = fs::metadata(path).map_err(unreadable)?;
        if !known.is_file() {
            let what = if known.is_dir() {
                "a directory, not a recording"
            } else if is_pipe(&known) {
                "a pipe, and a recording is not read from beginning to end: \
                 save it to a file first"
            } else {
                "a device, not a recording"
            };
            return Err(Error::NoFile { what });
        }
        let file = File::open(path).map_err(unreadable)?;
        Self::read(Box::new(file), known.len())
    }

    /// Like [`open`](Self::open), for a recording in memory.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn of_bytes(bytes: Vec<u8>) -> Result<Self, Error> {
        let length = bytes.len() as u64;
        Self::read(Box::new(Bytes::new(bytes)), length)
    }

    fn read(bytes: Box<dyn ReadSeek>, length: u64) -> Result<Self, Error> {
        let source = RecordingSource { length, bytes: Mutex::new(bytes) };
        let (header, first) = header(&source)?;
        let (blocks, ending) = match indexed(&source, first) {
            Some(found) => found,
            None => scanned(&source, first)?,
        };
        Ok(Self(Arc::new(RecordingParts { source, header, blocks, ending })))
    }

    /// What was known when the run began.
    pub fn header(&self) -> &Header {
        &self.0.header
    }

    /// The blocks of records, in order.
    pub fn blocks(&self) -> &[Block] {
        &self.0.blocks
    }

    /// Whether it is complete, and what was known at the end of the run.
    pub fn ending(&self) -> &Ending {
        &self.0.ending
    }

    /// What was known when the run was over; `None` if its end is missing.
    pub fn closing(&self) -> Option<&Closing> {
        match self.ending() {
            Ending::Complete(closing) => Some(closing),
            Ending::Truncated { .. } => None,
        }
    }

    /// Whether it has all of its run: it was not cut off, and did not reach
    /// its limit.
    pub fn is_whole(&self) -> bool {
        self.closing().is_some_and(|it| it.limit_bytes.is_none())
    }

    /// How many events it has.
    pub fn events(&self) -> u64 {
        self.blocks().last().map_or(0, Block::next_event)
    }

    /// How many events were lost for lack of room, as far as is known.
    pub fn lost(&self) -> u64 {
        let last = self.blocks().last().map_or(0, |last| last.lost);
        self.closing().map_or(last, |closing| closing.lost.max(last))
    }

    /// The latest time in it.
    pub fn duration(&self) -> Duration {
        let last = self.blocks().iter().map(|block| block.last).max();
        last.unwrap_or_default()
    }

    /// About how many events are in each of equal parts of a length, judging by
    /// the heads of the blocks.
    fn shape(&self, length: Duration) -> Vec<u64> {
        /// The length is cut into this many parts.
        const PARTS: usize = 512;
        let mut shape = vec![0; PARTS];
        let length = length.as_nanos().max(1);
        let part = |time: Duration| {
            let part = time.as_nanos().saturating_mul(PARTS as u128) / length;
            usize::try_from(part).unwrap_or(usize::MAX).min(PARTS - 1)
        };
        for block in self.blocks() {
            let (first, last) = (part(block.first), part(block.last));
            let slots = &mut shape[first.min(last)..=last];
            let (events, count) = (u64::from(block.events), slots.len() as u64);
            for slot in slots.iter_mut() {
                *slot += events / count;
            }
            slots[0] += events % count;
        }
        shape
    }

    /// The state of a replay that has not begun. `name` is that of the file,
    /// `length` that of the time axis.
    pub fn playback(&self, name: &str, length: Duration) -> Playback {
        Playback {
            name: name.into(),
            length,
            events: self.events(),
            lost: self.lost(),
            shape: self.shape(length),
            speed: 1.0,
            ends: (!self.is_whole()).then(|| self.ending().to_string()),
            ..Playback::default()
        }
    }

    /// How many bytes the file has.
    pub fn bytes(&self) -> u64 {
        self.0.source.length
    }

    /// All records of a block in their order, by its place in
    /// [`blocks`](Self::blocks). Each block can be read alone, but its
    /// [counters](Observation::Counters) are what changed since the one before
    /// unless it [is a key](Block::is_key).
    ///
    /// # Errors
    /// If the block is not there or is damaged.
    pub fn block(&self, place: usize) -> Result<Vec<Observation>, Error> {
        let block = self.blocks().get(place).ok_or_else(|| {
            Error::damaged(self.bytes(), format!("no block {place}"))
        })?;
        let raw = self.0.source.content(block)?;
        let mut records = Vec::new();
        decode(&raw, &mut records)
            .map_err(|what| Error::damaged(block.offset, what))?;
        let events = records.iter().filter(|it| it.event().is_some()).count();
        if events != block.events as usize {
            let what = "a block has not as many events as its head says";
            return Err(Error::damaged(block.offset, what));
        }
        Ok(records)
    }

    /// A cursor at the beginning, where nothing is known yet.
    pub fn from_start(&self) -> Cursor {
        Cursor::new(self.clone(), 0)
    }

    /// A cursor before the event with this number, from 0, with the state
    /// there; at the end if there are fewer events. As a rule, at most about a
    /// mebibyte of records is read for this.
    ///
    /// # Errors
    /// If a block that this needs is damaged.
    pub fn from_event(&self, number: u64) -> Result<Cursor, Error> {
        let blocks = self.blocks();
        let place = blocks.partition_point(|it| it.next_event() <= number);
        let mut cursor = Cursor::new(self.clone(), self.key_before(place));
        while cursor.event() < number && cursor.step()?.is_some() {}
        Ok(cursor)
    }

    /// Like [`from_event`](Self::from_event), but before the first event that
    /// was complete at this time or later.
    ///
    /// # Errors
    /// As [`from_event`](Self::from_event).
    pub fn from_time(&self, time: Duration) -> Result<Cursor, Error> {
        let place = self.blocks().partition_point(|it| it.last < time);
        let mut cursor = Cursor::new(self.clone(), self.key_before(place));
        while let Some(record) = cursor.peek()? {
            if record.event().is_some_and(|event| event.at() >= time.into()) {
                break;
            }
            cursor.step()?;
        }
        Ok(cursor)
    }

    /// The last block up to this place that can be read alone.
    fn key_before(&self, place: usize) -> usize {
        let place = place.min(self.blocks().len().saturating_sub(1));
        let mut before = self.blocks().iter().take(place + 1);
        before.rposition(|block| block.is_key).unwrap_or(0)
    }
}

/// A place in a recording. As an iterator it gives the records that follow,
/// and [`known`](Self::known) is what is known after the last one given. It
/// ends after the first error.
pub struct Cursor {
    recording: Recording,
    /// The block that is read next.
    next: usize,
    /// The records of the block before that were not given yet.
    records: VecDeque<Observation>,
    /// The number of the next event.
    event: u64,
    known: ObservedState,
}

impl Cursor {
    pub(super) fn new(recording: Recording, block: usize) -> Self {
        let first = recording.blocks().get(block);
        let event = first.map_or(0, |block| block.first_event);
        let (records, known) = (VecDeque::new(), ObservedState::default());
        Self { recording, next: block, records, event, known }
    }

    /// The number of the next event, which is how many come before it.
    pub const fn event(&self) -> u64 {
        self.event
    }

    /// What is known after all records before this place.
    pub const fn known(&self) -> &ObservedState {
        &self.known
    }

    /// Returns the next record and stays before it; `None` at the end.
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

    /// Returns the next record and goes past it; `None` at the end.
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
