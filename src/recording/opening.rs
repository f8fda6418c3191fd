//! Opens a recording: reads its header, and finds its blocks.

use super::block::{self, Block, BlockHead, FOOTER, HEAD, PREFIX, array};
use super::error::Error;
use super::header::{Closing, Header};
use super::reader::Ending;
use crate::system::lock;
use crate::text::clean;
use flate2::read::DeflateDecoder;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;

/// The header, and the offset of the block after it.
pub(super) fn header(source: &RecordingSource) -> Result<(Header, u64), Error> {
    let mut prefix = [0; PREFIX];
    let length = PREFIX.min(usize::try_from(source.length).unwrap_or(PREFIX));
    source.read(0, &mut prefix[..length])?;
    let known = block::MAGIC.len().min(length);
    if length == 0 || prefix[..known] != block::MAGIC[..known] {
        return Err(Error::Foreign);
    }
    if length < PREFIX {
        let what = "it ends before its header";
        return Err(Error::damaged(source.length, what));
    }
    let offset = PREFIX as u64;
    let head = source.head(offset)?.filter(|it| it.tag == block::HEADER);
    let content = match head {
        Some(BlockHead { block, .. }) => {
            source.content(&block).map(|json| (json, block.end()))
        }
        None => Err(Error::damaged(offset, "it has no header")),
    };
    let found = u16::from_le_bytes([prefix[12], prefix[13]]);
    if found != block::VERSION {
        let by = content.ok().and_then(|(json, _)| writer_of(&json));
        let by = by.unwrap_or_else(|| "an unknown version".into());
        return Err(Error::OtherVersion { found, by });
    }
    let (json, first) = content?;
    let header = serde_json::from_slice(&json).map_err(|error| {
        Error::damaged(offset, format!("the header makes no sense: {error}"))
    })?;
    Ok((header, first))
}

/// Whether a file begins as a recording does.
pub fn is_recording(path: &Path) -> bool {
    let mut start = [0; block::MAGIC.len()];
    // To open a pipe would wait for its writer.
    if !fs::metadata(path).is_ok_and(|it| it.is_file()) {
        return false;
    }
    let read = File::open(path).and_then(|mut it| it.read_exact(&mut start));
    read.is_ok() && start == block::MAGIC
}

/// The version of sockscope that wrote the file, if its header names one.
fn writer_of(header: &[u8]) -> Option<String> {
    let header: serde_json::Value = serde_json::from_slice(header).ok()?;
    let version = header.get("sockscope")?.as_str()?;
    Some(format!("sockscope {}", clean(version)))
}

pub(super) type Found = (Vec<Block>, Ending);

/// The blocks and the closing from the index; `None` without a valid one.
pub(super) fn indexed(source: &RecordingSource, first: u64) -> Option<Found> {
    let at = source.length.checked_sub(FOOTER as u64)?;
    let mut footer = [0; FOOTER];
    source.read(at, &mut footer).ok()?;
    let (ends, rest) = footer.split_at(16);
    if rest[..4] != block::checksum(&[ends]) || rest[4..] != block::LAST {
        return None;
    }
    let [closing_at, index_at] =
        [0, 8].map(|at| u64::from_le_bytes(array(&ends[at..])));
    let closing = closing(source, closing_at)?;
    let index = source.head(index_at).ok()??;
    if index.tag != block::INDEX {
        return None;
    }
    let content = source.content(&index.block).ok()?;
    let mut blocks = Vec::new();
    for entry in content.chunks_exact(8 + HEAD) {
        let offset = u64::from_le_bytes(array(entry));
        let head = BlockHead::read(array(&entry[8..]), offset);
        append(&mut blocks, first, head.block).ok()?;
    }
    (end_of(&blocks, first) == closing_at)
        .then(|| (blocks, Ending::Complete(Box::new(closing))))
}

/// The closing at this offset; `None` if there is none.
fn closing(source: &RecordingSource, offset: u64) -> Option<Closing> {
    let head = source.head(offset).ok()??;
    (head.tag == block::CLOSING).then_some(())?;
    serde_json::from_slice(&source.content(&head.block).ok()?).ok()
}

/// Finds the blocks without an index, up to the last whole one.
pub(super) fn scanned(
    source: &RecordingSource,
    first: u64,
) -> Result<Found, Error> {
    let mut blocks = Vec::new();
    let why = loop {
        let at = end_of(&blocks, first);
        match source.head(at)? {
            None if at == source.length => {
                break "the program that wrote it was stopped";
            }
            None => break "it ends within the head of a block",
            Some(head) if head.tag == block::DATA => {
                if head.block.end() > source.length {
                    break "it ends within a block";
                }
                if let Err(why) = append(&mut blocks, first, head.block) {
                    break why;
                }
            }
            Some(_) => match closing(source, at) {
                Some(it) => {
                    return Ok((blocks, Ending::Complete(Box::new(it))));
                }
                None => break "there is no block of records",
            },
        }
    };
    let mut why = why.to_owned();
    // The last block may be half written: drop damaged blocks at the end.
    while let Some(error) =
        blocks.last().and_then(|last| source.content(last).err())
    {
        why = error.to_string();
        blocks.pop();
    }
    let at = end_of(&blocks, first);
    Ok((blocks, Ending::Truncated { at, why }))
}

/// Where the block after these begins; the first one begins at `first`.
fn end_of(blocks: &[Block], first: u64) -> u64 {
    blocks.last().map_or(first, Block::end)
}

/// Adds a block, if it is possible and follows the others.
fn append(
    blocks: &mut Vec<Block>,
    first: u64,
    block: Block,
) -> Result<(), &'static str> {
    if blocks.len() >= block::MOST_BLOCKS {
        return Err("there are too many blocks");
    }
    if !block.is_possible() {
        return Err("the head of a block makes no sense");
    }
    let events = blocks.last().map_or(0, Block::next_event);
    if (block.offset, block.first_event) != (end_of(blocks, first), events) {
        return Err("a block does not follow the one before");
    }
    blocks.push(block);
    Ok(())
}

pub(super) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// The bytes of a recording, read at any offset.
pub(super) struct RecordingSource {
    pub(super) length: u64,
    pub(super) bytes: Mutex<Box<dyn ReadSeek>>,
}

impl RecordingSource {
    fn read(&self, offset: u64, to: &mut [u8]) -> Result<(), Error> {
        let mut bytes = lock(&self.bytes);
        let read = bytes
            .seek(SeekFrom::Start(offset))
            .and_then(|_| bytes.read_exact(to));
        read.map_err(|source| Error::Unreadable { offset, source })
    }

    /// The head at this offset; `None` if the file is too short for one.
    fn head(&self, offset: u64) -> Result<Option<BlockHead>, Error> {
        if self.length.saturating_sub(offset) < HEAD as u64 {
            return Ok(None);
        }
        let mut head = [0; HEAD];
        self.read(offset, &mut head)?;
        Ok(Some(BlockHead::read(head, offset)))
    }

    /// Decompresses a block. Its head is read again, for its checksum.
    pub(super) fn content(&self, block: &Block) -> Result<Vec<u8>, Error> {
        let damaged = |what: &str| Error::damaged(block.offset, what);
        let head = self.head(block.offset)?;
        let head = head
            .filter(|it| it.block == *block && block.is_possible())
            .ok_or_else(|| damaged("the head of a block makes no sense"))?;
        if block.end() > self.length {
            return Err(damaged("it ends within a block"));
        }
        let mut stored = vec![0; block.stored as usize];
        self.read(block.offset + HEAD as u64, &mut stored)?;
        if !head.fits(&stored) {
            return Err(damaged("the checksum of a block is wrong"));
        }
        let mut raw = Vec::with_capacity(block.raw as usize);
        let most = u64::from(block.raw) + 1;
        let inflated =
            DeflateDecoder::new(&stored[..]).take(most).read_to_end(&mut raw);
        if inflated.is_err() || raw.len() != block.raw as usize {
            let what = "a block does not decompress to what its head says";
            return Err(damaged(what));
        }
        Ok(raw)
    }
}
