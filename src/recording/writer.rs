//! Records into blocks, blocks into a file.

use super::block::{self, Block, BlockHead};
use super::codec::{
    Encoder, LONGEST_CLIENT, MOST_COUNTERS, MOST_RECORDS, changes,
};
use super::header::{Closing, Header};
use crate::probe::Counters;
use crate::view::{CountersUpdate, NAMES_KEPT, Observation};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use std::io::{self, Write};
use std::time::Duration;

/// A block is written when it has this many bytes before compression.
pub const BLOCK: usize = 64 * 1024;

/// The next block that can be read alone comes when at least this many bytes
/// before compression have followed the last one, and at least four times
/// as many as the last one took.
const KEY_BYTES: usize = 1 << 20;

/// The same in blocks, for runs in which little happens.
const KEY_BLOCKS: usize = 256;

/// Writes a recording, block by block, in bounded memory.
pub struct Writer<W: Write> {
    to: W,
    encoder: Encoder,
    deflate: DeflateEncoder<Vec<u8>>,
    /// What the last counters in the file had counted.
    counted: Counters,
    /// What is known beside the counters, which each block that can be read
    /// alone repeats.
    names: Vec<Observation>,
    measured: Option<Observation>,
    control: Option<Observation>,
    open: Open,
    offset: u64,
    of_records: u64,
    events: u64,
    blocks: Vec<Block>,
    since_key: SinceKey,
}

/// The block that is being written.
#[derive(Default)]
struct Open {
    events: u32,
    records: usize,
    counters: usize,
    times: Option<(Duration, Duration)>,
    is_key: bool,
    lost: u64,
}

/// What was written since the last block that can be read alone, and how
/// much that took.
struct SinceKey {
    bytes: usize,
    blocks: usize,
    key: usize,
}

impl<W: Write> Writer<W> {
    /// Begins a recording.
    ///
    /// # Errors
    /// If it cannot be written, or the header is larger than a block may be.
    pub fn new(to: W, header: &Header) -> io::Result<Self> {
        let mut writer = Self {
            to,
            encoder: Encoder::default(),
            deflate: DeflateEncoder::new(Vec::new(), Compression::fast()),
            counted: Counters::default(),
            names: Vec::new(),
            measured: None,
            control: None,
            open: Open::default(),
            offset: 0,
            of_records: 0,
            events: 0,
            blocks: Vec::new(),
            since_key: SinceKey { bytes: usize::MAX, blocks: 0, key: 0 },
        };
        let mut prefix = block::MAGIC.to_vec();
        prefix.extend(block::VERSION.to_le_bytes());
        prefix.extend([0; 2]);
        writer.to.write_all(&prefix)?;
        writer.offset = prefix.len() as u64;
        let header = serde_json::to_vec(header)?;
        writer.put(block::HEADER, &header)?;
        Ok(writer)
    }

    /// How many bytes are in the file.
    pub const fn bytes(&self) -> u64 {
        self.offset
    }

    /// How many of them are in blocks of records.
    pub const fn bytes_of_records(&self) -> u64 {
        self.of_records
    }

    /// How many events are in the file: those of the open block are not.
    pub const fn events_in_file(&self) -> u64 {
        self.events - self.open.events as u64
    }

    /// How many events were added.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// Whether the block is to be [flushed](Self::flush) now.
    pub fn is_full(&self) -> bool {
        self.encoder.len() >= BLOCK
            || self.encoder.is_full_of_sites()
            || self.open.records >= MOST_RECORDS / 4
            || self.open.counters >= MOST_COUNTERS - 2
    }

    /// Whether the block has nothing in it yet.
    pub const fn is_empty(&self) -> bool {
        self.open.records == 0
    }

    /// Whether the next block has to [begin anew](Self::begin_anew): so it is
    /// at the beginning, too.
    pub const fn wants_key(&self) -> bool {
        let SinceKey { bytes, blocks, key } = self.since_key;
        self.open.records == 0
            && (blocks >= KEY_BLOCKS || bytes >= KEY_BYTES && bytes / 4 >= key)
    }

    /// Adds an observation: names as long as there is room for them, and of a
    /// transfer not more than [`LARGEST_PAYLOAD`](super::LARGEST_PAYLOAD)
    /// bytes. The exact counters are for [`counted`](Self::counted).
    pub fn add(&mut self, mut observation: Observation) {
        match &mut observation {
            Observation::Event(_) => {
                self.open.events += 1;
                self.events += 1;
            }
            Observation::Named(named) => {
                if self.names.len() >= NAMES_KEPT {
                    return;
                }
                while named.name.len() > LONGEST_CLIENT {
                    named.name.pop();
                }
                self.names.push(observation.clone());
            }
            Observation::Measured(_) => {
                self.measured = Some(observation.clone());
            }
            Observation::Control(_) => {
                self.control = Some(observation.clone());
            }
            Observation::Counters(_) | Observation::Payload(_) => {}
        }
        self.put_record(observation);
    }

    fn put_record(&mut self, record: Observation) {
        if let Some(at) = record.at() {
            let (first, last) = self.open.times.unwrap_or((at, at));
            self.open.times = Some((first.min(at), last.max(at)));
        }
        self.open.records += 1;
        self.encoder.add(record);
    }

    /// Adds what the exact counters had counted; where nothing has changed,
    /// only if that `is_news`, as events since may seem to say otherwise.
    /// Tells whether they were added.
    pub fn counted(&mut self, counted: &CountersUpdate, is_news: bool) -> bool {
        let is_news = is_news
            || counted.lost > self.open.lost
            || *counted.counters != self.counted;
        if is_news {
            let changes = changes(&self.counted, &counted.counters);
            self.update(counted, changes, false);
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
        self.counted.clone_from(&counted.counters);
        self.open.lost = self.open.lost.max(counted.lost);
        self.open.counters += 1;
    }

    /// Begins a block that can be read without those before it.
    pub fn begin_anew(&mut self, counted: &CountersUpdate) {
        self.open.is_key = true;
        self.update(counted, (*counted.counters).clone(), true);
        let known = self.names.iter().chain(&self.measured);
        for record in known.chain(&self.control) {
            self.encoder.add(record.clone());
        }
        self.open.records += self.names.len();
        let key = self.encoder.len();
        self.since_key = SinceKey { bytes: 0, blocks: 0, key };
    }

    /// Writes the block, if there is something in it. `lost` is how many
    /// events have found no room so far.
    ///
    /// # Errors
    /// If it cannot be written; the file ends with the block before, or
    /// within this one.
    pub fn flush(&mut self, lost: u64) -> io::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        self.open.lost = self.open.lost.max(lost);
        let raw = self.encoder.take();
        self.since_key.bytes = self.since_key.bytes.saturating_add(raw.len());
        self.since_key.blocks += 1;
        let block = self.put(block::DATA, &raw)?;
        self.of_records += block.end() - block.offset;
        self.open = Open { lost: self.open.lost, ..Open::default() };
        if self.blocks.len() <= block::MOST_BLOCKS {
            self.blocks.push(block);
        }
        Ok(())
    }

    /// Compresses a block and writes it.
    fn put(&mut self, tag: u8, raw: &[u8]) -> io::Result<Block> {
        if raw.len() > block::LARGEST_BLOCK {
            return Err(io::Error::other("a block is too large"));
        }
        self.deflate.write_all(raw)?;
        let stored = self.deflate.reset(Vec::new())?;
        let (first, last) = self.open.times.unwrap_or_default();
        let events = self.open.events;
        let block = Block {
            offset: self.offset,
            stored: length(&stored),
            raw: length(raw),
            first_event: self.events - u64::from(events),
            events,
            first,
            last,
            lost: self.open.lost,
            is_key: self.open.is_key,
        };
        let head = BlockHead::write(tag, &block, &stored);
        let whole = [&head[..], &stored].concat();
        self.to.write_all(&whole)?;
        self.offset += whole.len() as u64;
        Ok(block)
    }

    /// Ends the recording: what is left, the closing, the index. Gives back
    /// where it was written to, and how many bytes there are now.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn close(mut self, mut closing: Closing) -> io::Result<(W, u64)> {
        self.flush(closing.lost)?;
        closing.events = self.events;
        let mut json = serde_json::to_vec(&closing)?;
        if json.len() > block::LARGEST_BLOCK {
            closing.report = None;
            json = serde_json::to_vec(&closing)?;
        }
        let closing = self.put(block::CLOSING, &json)?;
        let index = self.put_index()?;
        let mut footer = closing.offset.to_le_bytes().to_vec();
        footer.extend(index.to_le_bytes());
        let mut crc = Crc::new();
        crc.update(&footer);
        footer.extend(crc.sum().to_le_bytes());
        footer.extend(block::LAST);
        self.to.write_all(&footer)?;
        self.offset += footer.len() as u64;
        self.to.flush()?;
        Ok((self.to, self.offset))
    }

    /// Where the index is; 0 if there are too many blocks for one.
    fn put_index(&mut self) -> io::Result<u64> {
        if self.blocks.len() * block::ENTRY > block::LARGEST_BLOCK {
            return Ok(0);
        }
        let mut raw = Vec::with_capacity(self.blocks.len() * block::ENTRY);
        for block in &self.blocks {
            raw.extend(block.offset.to_le_bytes());
            raw.extend(BlockHead::write(block::DATA, block, &[]));
        }
        self.put(block::INDEX, &raw).map(|block| block.offset)
    }
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
