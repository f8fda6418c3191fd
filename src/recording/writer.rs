//! Encodes records into blocks and writes these to a file.

use super::block::{self, Block};
use super::codec::{
    Encoder, LONGEST_CLIENT, MOST_COUNTERS, MOST_RECORDS, MOST_SITES, changes,
};
use super::header::{Closing, Header};
use crate::probe::Counters;
use crate::units::show_size;
use crate::view::{
    Control, CountersUpdate, Measured, NAMES_KEPT, Named, Observation,
    ObservedState, QueuesUpdate,
};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

/// A block is written when it has this many bytes before compression.
pub const BLOCK: usize = 64 * 1024;

/// Near the limit of the file blocks become smaller, down to this: one that has
/// no room any more is lost.
const SMALLEST_BLOCK: usize = 1024;

/// The next block that can be read alone comes when at least this many bytes
/// before compression have followed the last one, and at least four times
/// as many as the last one took.
const KEY_BYTES: usize = 1 << 20;

/// The same in blocks, for runs in which little happens.
const KEY_BLOCKS: usize = 256;

/// What is kept free for each block's entry in the index: deflate makes no text
/// longer by more than an eighth.
const ENTRY_ROOM: u64 = (8 + block::HEAD as u64) * 9 / 8 + 1;

/// What is kept free for the rest: a closing without the run's report, two
/// heads and the footer.
const CLOSING_ROOM: u64 = 1024;

/// Writes a recording, block by block, in bounded memory.
pub struct Writer<W: Write> {
    to: W,
    /// The most bytes that the file may have.
    limit: u64,
    /// Whether a block was left out for want of room in the file.
    pub is_at_limit: bool,
    /// When the open block is full, in bytes before compression.
    block_size: usize,
    encoder: Encoder,
    deflate: DeflateEncoder<Vec<u8>>,
    /// The state, which each block that can be read alone repeats.
    known: ObservedState,
    /// The block that is being written, as far as it is known.
    open: Block,
    times: Option<(Duration, Duration)>,
    records: usize,
    counters: usize,
    /// How many bytes are in the file.
    pub bytes: u64,
    /// How many of them are in blocks of records.
    pub bytes_of_records: u64,
    /// The latest time in these blocks.
    pub until: Duration,
    blocks: Vec<Block>,
    /// What was written since the last block that can be read alone, and how
    /// much that took.
    bytes_since_key: usize,
    blocks_since_key: usize,
    bytes_of_key: usize,
}

impl<W: Write> Writer<W> {
    /// Begins a recording of any size.
    ///
    /// # Errors
    /// If it cannot be written, or the header is larger than a block may be.
    pub fn new(to: W, header: &Header) -> io::Result<Self> {
        Self::with_limit(to, header, u64::MAX)
    }

    /// Begins a recording that never has more bytes than `limit`. The first
    /// block for which there is no room, and all that follow, are left out;
    /// [`is_at_limit`](Self::is_at_limit) says so, and so does the closing.
    ///
    /// # Errors
    /// As [`new`](Self::new), and if there is no room for the header.
    pub fn with_limit(to: W, header: &Header, limit: u64) -> io::Result<Self> {
        let [low, high] = block::VERSION.to_le_bytes();
        let prefix = [&block::MAGIC[..], &[low, high, 0, 0]].concat();
        let mut writer = Self {
            to,
            limit,
            is_at_limit: false,
            block_size: BLOCK,
            encoder: Encoder::default(),
            deflate: DeflateEncoder::new(Vec::new(), Compression::fast()),
            known: ObservedState::default(),
            open: Block::default(),
            times: None,
            records: 0,
            counters: 0,
            bytes: 0,
            bytes_of_records: 0,
            until: Duration::ZERO,
            blocks: Vec::new(),
            bytes_since_key: usize::MAX,
            blocks_since_key: 0,
            bytes_of_key: 0,
        };
        let (_, header) =
            writer.compress(block::HEADER, &serde_json::to_vec(header)?)?;
        if writer.room() < (prefix.len() + header.len()) as u64 {
            let limit = show_size(limit);
            return Err(io::Error::other(format!(
                "its limit of {limit} has no room for what it begins with"
            )));
        }
        writer.write(&prefix)?;
        writer.write(&header)?;
        writer.choose_block_size();
        Ok(writer)
    }

    /// How many bytes a block can have that is followed by the closing and the
    /// index.
    const fn room(&self) -> u64 {
        let entries = self.blocks.len() as u64 + 1;
        let rest = entries * ENTRY_ROOM + CLOSING_ROOM;
        self.limit.saturating_sub(self.bytes + rest)
    }

    fn choose_block_size(&mut self) {
        let quarter = usize::try_from(self.room() / 4).unwrap_or(BLOCK);
        self.block_size = quarter.clamp(SMALLEST_BLOCK, BLOCK);
    }

    /// How many events are in the file: those of the open block are not.
    pub const fn events_in_file(&self) -> u64 {
        self.open.first_event
    }

    /// Whether the block is to be [flushed](Self::flush) now.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.encoder.records.len() >= self.block_size
            || self.encoder.sites.len() >= MOST_SITES / 2
            || self.records >= MOST_RECORDS / 4
            || self.counters >= MOST_COUNTERS - 2
    }

    /// Whether the next block has to [begin anew](Self::begin_anew), as the
    /// first one has.
    pub const fn wants_key(&self) -> bool {
        let bytes = self.bytes_since_key;
        self.records == 0
            && (self.blocks_since_key >= KEY_BLOCKS
                || bytes >= KEY_BYTES && bytes / 4 >= self.bytes_of_key)
    }

    /// Adds an observation: names as long as there is room for them, and of a
    /// transfer not more than [`LARGEST_PAYLOAD`](super::LARGEST_PAYLOAD)
    /// bytes. The exact counters are for [`counted`](Self::counted).
    #[inline]
    pub fn add(&mut self, mut observation: Observation) {
        match &mut observation {
            Observation::Event(_) => self.open.events += 1,
            Observation::Named(named) => {
                if self.known.names.len() >= NAMES_KEPT {
                    return;
                }
                while named.name.len() > LONGEST_CLIENT {
                    named.name.pop();
                }
                self.known.take(&observation);
            }
            _ => self.known.take(&observation),
        }
        self.put_record(observation);
    }

    #[inline]
    fn put_record(&mut self, record: Observation) {
        if let Some(at) = record.at() {
            let (first, last) = self.times.unwrap_or((at, at));
            self.times = Some((first.min(at), last.max(at)));
        }
        self.records += 1;
        self.encoder.add(record);
    }

    /// Adds the exact counters. If they have not changed, they are added only
    /// if `is_news`, as the events since may suggest other values. Returns
    /// whether they were added.
    pub fn counted(&mut self, counted: &CountersUpdate, is_news: bool) -> bool {
        let is_news = is_news
            || counted.lost > self.open.lost
            || *counted.counters != *self.known.counters;
        if is_news {
            let rows = changes(&self.known.counters, &counted.counters);
            self.update(counted, rows, false);
        }
        is_news
    }

    fn update(
        &mut self,
        counted: &CountersUpdate,
        rows: Counters,
        is_whole: bool,
    ) {
        let CountersUpdate { at, lost, .. } = *counted;
        let counters = Box::new(rows);
        let update = CountersUpdate { at, is_whole, lost, counters };
        self.put_record(Observation::Counters(update));
        Arc::make_mut(&mut self.known.counters).clone_from(&counted.counters);
        self.open.lost = self.open.lost.max(lost);
        self.counters += 1;
    }

    /// Begins a block that can be read without those before it.
    pub fn begin_anew(&mut self, counted: &CountersUpdate) {
        self.open.is_key = true;
        self.update(counted, (*counted.counters).clone(), true);
        let known = self.known.clone();
        let ObservedState { names, measured, control, .. } = known;
        for (address, name) in names.iter() {
            let (address, name) = (*address, name.clone());
            self.put_record(Observation::Named(Named { address, name }));
        }
        // Not by `put_record`: their times are earlier than those of the block.
        if measured != Measured::default() {
            self.encoder.add(Observation::Measured(measured.into()));
        }
        if control != Control::default() {
            self.encoder.add(Observation::Control(control));
        }
        if let Some(queues) = known.queues {
            let whole = QueuesUpdate::since(None, known.queues_at, &queues);
            self.encoder.add(Observation::Queues(whole));
        }
        self.bytes_of_key = self.encoder.records.len();
        (self.bytes_since_key, self.blocks_since_key) = (0, 0);
    }

    /// Writes the block, if there is something in it and the file has room for
    /// it. `lost` is how many events have been lost for lack of room so far.
    ///
    /// # Errors
    /// If it cannot be written; the file ends with the block before, or
    /// within this one.
    pub fn flush(&mut self, lost: u64) -> io::Result<()> {
        if self.records == 0 {
            return Ok(());
        }
        self.open.lost = self.open.lost.max(lost);
        let raw = self.encoder.take();
        self.bytes_since_key = self.bytes_since_key.saturating_add(raw.len());
        self.blocks_since_key += 1;
        let (block, whole) = self.compress(block::DATA, &raw)?;
        let first_event = self.open.first_event;
        (self.times, self.records, self.counters) = (None, 0, 0);
        self.open = Block { first_event, lost: block.lost, ..Block::default() };
        if self.is_at_limit || self.room() < whole.len() as u64 {
            self.is_at_limit = true;
            return Ok(());
        }
        self.write(&whole)?;
        self.bytes_of_records += block.end() - block.offset;
        self.until = self.until.max(block.last);
        if self.blocks.len() <= block::MOST_BLOCKS {
            self.blocks.push(block);
        }
        self.open.first_event = block.next_event();
        self.choose_block_size();
        Ok(())
    }

    /// A block that would come next in the file, and its bytes.
    fn compress(
        &mut self,
        tag: u8,
        raw: &[u8],
    ) -> io::Result<(Block, Vec<u8>)> {
        if raw.len() > block::LARGEST_BLOCK {
            return Err(io::Error::other("a block is too large"));
        }
        self.deflate.write_all(raw)?;
        let stored = self.deflate.reset(Vec::new())?;
        let (first, last) = self.times.unwrap_or_default();
        let length = |it: &[u8]| u32::try_from(it.len()).unwrap_or(u32::MAX);
        let block = Block {
            offset: self.bytes,
            stored: length(&stored),
            raw: length(raw),
            first,
            last,
            ..self.open
        };
        let whole = [block.head(tag, &stored), stored].concat();
        Ok((block, whole))
    }

    /// Writes these bytes and returns their offset.
    fn write(&mut self, bytes: &[u8]) -> io::Result<u64> {
        self.to.write_all(bytes)?;
        let offset = self.bytes;
        self.bytes += bytes.len() as u64;
        Ok(offset)
    }

    /// Writes what is left, the closing, the index and the footer. Returns the
    /// destination, and how many bytes were written in all. Completes the
    /// closing: its number of events, and the limit if that was reached.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn close(mut self, closing: &mut Closing) -> io::Result<(W, u64)> {
        self.flush(closing.lost)?;
        closing.events = self.events_in_file();
        let index = self.index()?;
        let end = self.closing(closing, index.len() + block::FOOTER)?;
        let closing_at = self.write(&end)?;
        let index_at = self.write(&index)?;
        let index_at = if index.is_empty() { 0 } else { index_at };
        let ends = [closing_at, index_at].map(u64::to_le_bytes);
        let ends = ends.as_flattened();
        let sum = block::checksum(&[ends]);
        self.write(&[ends, &sum, &block::LAST].concat())?;
        self.to.flush()?;
        Ok((self.to, self.bytes))
    }

    /// The closing as a block, without the report if there is no room for it;
    /// `rest` is how many bytes follow it.
    fn closing(
        &mut self,
        closing: &mut Closing,
        rest: usize,
    ) -> io::Result<Vec<u8>> {
        let mut json = serde_json::to_vec(closing)?;
        if json.len() > block::LARGEST_BLOCK {
            closing.report = None;
            json = serde_json::to_vec(closing)?;
        }
        let (_, whole) = self.compress(block::CLOSING, &json)?;
        let length = self.bytes + (whole.len() + rest) as u64;
        if length <= self.limit && !self.is_at_limit {
            return Ok(whole);
        }
        (closing.report, closing.failure) = (None, None);
        closing.limit_bytes = Some(self.limit);
        let json = serde_json::to_vec(closing)?;
        Ok(self.compress(block::CLOSING, &json)?.1)
    }

    /// The index as a block; nothing if it would be too large.
    fn index(&mut self) -> io::Result<Vec<u8>> {
        if self.blocks.len() > block::LARGEST_BLOCK / (8 + block::HEAD) {
            return Ok(Vec::new());
        }
        let mut raw = Vec::new();
        for block in &self.blocks {
            raw.extend(block.offset.to_le_bytes());
            raw.extend(block.head(block::DATA, &[]));
        }
        self.compress(block::INDEX, &raw).map(|(_, whole)| whole)
    }
}
