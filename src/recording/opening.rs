//! How a recording is opened: its header, and where its blocks are.

use super::block::{self, Block, BlockHead, FOOTER, HEAD, PREFIX, array};
use super::error::Error;
use super::header::{Closing, Header};
use super::reader::Ending;
use std::io::{Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

/// The header, and where the first block behind it begins.
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
    let version = u16::from_le_bytes(array(&prefix[12..14]));
    let offset = PREFIX as u64;
    let content =
        source.head(offset)?.map(|head| BlockHead::read(&head, offset));
    let content = content.filter(|head| head.tag == block::HEADER);
    let first = content.map_or(offset, |head| head.block.end());
    let content = content
        .ok_or_else(|| Error::damaged(offset, "it has no header"))
        .and_then(|head| source.content(&head.block));
    if version != block::VERSION {
        let by = content.ok().and_then(|json| writer_of(&json));
        let by = by.unwrap_or_else(|| "an unknown version".into());
        let (known, offset) = (block::VERSION, 12);
        return Err(Error::Newer { offset, found: version, known, by });
    }
    let header = serde_json::from_slice(&content?);
    let header = header.map_err(|error| {
        Error::damaged(offset, format!("the header makes no sense: {error}"))
    })?;
    Ok((header, first))
}

/// Who has written it, if the header says so in any way.
fn writer_of(header: &[u8]) -> Option<String> {
    let header: serde_json::Value = serde_json::from_slice(header).ok()?;
    let version = header.get("sockscope")?.as_str()?;
    Some(format!("sockscope {}", version.escape_debug()))
}

pub(super) type Found = (Vec<Block>, Ending);

/// What the index tells; `None` if there is none that makes sense.
pub(super) fn indexed(source: &RecordingSource, first: u64) -> Option<Found> {
    let at = source.length.checked_sub(FOOTER as u64)?;
    let mut footer = [0; FOOTER];
    source.read(at, &mut footer).ok()?;
    let (ends, rest) = footer.split_at(16);
    let mut crc = flate2::Crc::new();
    crc.update(ends);
    if rest[..4] != crc.sum().to_le_bytes() || rest[4..] != block::LAST {
        return None;
    }
    let offset = |at: usize| u64::from_le_bytes(array(&ends[at..at + 8]));
    let closing = closing(source, offset(0)).ok()??;
    let index = source.head(offset(8)).ok()??;
    let index = BlockHead::read(&index, offset(8));
    if index.tag != block::INDEX || !index.block.is_possible() {
        return None;
    }
    let content = source.content(&index.block).ok()?;
    let mut blocks = Chain::new(first);
    for entry in content.chunks_exact(block::ENTRY) {
        let head = BlockHead::read(&array(&entry[8..]), 0);
        let offset = u64::from_le_bytes(array(&entry[..8]));
        blocks.push(Block { offset, ..head.block }).ok()?;
    }
    (blocks.next == offset(0))
        .then(|| (blocks.blocks, Ending::Complete(Box::new(closing))))
}

/// The closing at this place; `None` if there is something else.
fn closing(
    source: &RecordingSource,
    offset: u64,
) -> Result<Option<Closing>, Error> {
    let Some(head) = source.head(offset)? else { return Ok(None) };
    let head = BlockHead::read(&head, offset);
    if head.tag != block::CLOSING || !head.block.is_possible() {
        return Ok(None);
    }
    Ok(serde_json::from_slice(&source.content(&head.block)?).ok())
}

/// Goes from block to block, as far as there are whole ones.
pub(super) fn scanned(
    source: &RecordingSource,
    first: u64,
) -> Result<Found, Error> {
    let mut chain = Chain::new(first);
    let why = loop {
        let at = chain.next;
        let Some(head) = source.head(at)? else {
            break if at == source.length {
                "the program that wrote it was stopped"
            } else {
                "it ends within the head of a block"
            };
        };
        let head = BlockHead::read(&head, at);
        if head.tag == block::CLOSING
            && let Ok(Some(closing)) = closing(source, at)
        {
            let ending = Ending::Complete(Box::new(closing));
            return Ok((chain.blocks, ending));
        }
        if head.tag != block::DATA {
            break "there is no block of records";
        }
        if head.block.end() > source.length {
            break "it ends within a block";
        }
        if let Err(why) = chain.push(head.block) {
            break why;
        }
    };
    let mut why = why.to_owned();
    // Only the last one can be half written.
    while let Some(last) = chain.blocks.last()
        && let Err(error) = source.content(last)
    {
        (chain.next, why) = (last.offset, error.to_string());
        chain.blocks.pop();
    }
    Ok((chain.blocks, Ending::Truncated { at: chain.next, why }))
}

/// Blocks that follow each other.
struct Chain {
    blocks: Vec<Block>,
    next: u64,
    events: u64,
}

impl Chain {
    const fn new(next: u64) -> Self {
        Self { blocks: Vec::new(), next, events: 0 }
    }

    fn push(&mut self, block: Block) -> Result<(), &'static str> {
        if self.blocks.len() >= block::MOST_BLOCKS {
            return Err("there are too many blocks");
        }
        if !block.is_possible() {
            return Err("the head of a block makes no sense");
        }
        if block.offset != self.next || block.first_event != self.events {
            return Err("a block does not follow the one before");
        }
        self.next = block.end();
        self.events = self.events.saturating_add(block.events.into());
        self.blocks.push(block);
        Ok(())
    }
}

pub(super) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// Bytes by their place.
pub(super) struct RecordingSource {
    pub(super) length: u64,
    bytes: Mutex<Box<dyn ReadSeek>>,
}

impl RecordingSource {
    pub(super) fn new(length: u64, bytes: Box<dyn ReadSeek>) -> Self {
        Self { length, bytes: Mutex::new(bytes) }
    }

    pub(super) fn read(&self, offset: u64, to: &mut [u8]) -> Result<(), Error> {
        let mut bytes =
            self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let read = bytes
            .seek(SeekFrom::Start(offset))
            .and_then(|_| bytes.read_exact(to));
        read.map_err(|source| Error::Unreadable { offset, source })
    }

    /// The head of a block, if there is room for a head.
    pub(super) fn head(
        &self,
        offset: u64,
    ) -> Result<Option<[u8; HEAD]>, Error> {
        if self.length.saturating_sub(offset) < HEAD as u64 {
            return Ok(None);
        }
        let mut head = [0; HEAD];
        self.read(offset, &mut head)?;
        Ok(Some(head))
    }

    /// What a block holds. Its head is read again, for its checksum.
    pub(super) fn content(&self, block: &Block) -> Result<Vec<u8>, Error> {
        let mut head = [0; HEAD];
        self.read(block.offset, &mut head)?;
        let found = BlockHead::read(&head, block.offset);
        if found.block != *block || !block.is_possible() {
            let what = "the head of a block is not what it was";
            return Err(Error::damaged(block.offset, what));
        }
        if block.end() > self.length {
            let what = "it ends within a block";
            return Err(Error::damaged(block.offset, what));
        }
        let mut stored = vec![0; block.stored as usize];
        self.read(block.offset + HEAD as u64, &mut stored)?;
        if block::checksum(&head, &stored) != found.checksum {
            let what = "the checksum of a block is wrong";
            return Err(Error::damaged(block.offset, what));
        }
        block::inflate(block, &stored)
    }
}
