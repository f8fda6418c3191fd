//! Blocks: what is compressed, checked and skipped as one.

use super::error::Error;
use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::io::Read as _;
use std::time::Duration;

/// The first bytes of every recording. A transfer that takes it for text
/// damages it visibly.
pub(super) const MAGIC: [u8; 12] = *b"sockscope\r\n\x1a";

/// The last bytes of one that is complete.
pub(super) const LAST: [u8; 8] = *b"sockend\n";

/// The format that is written here, and the newest that is read.
pub const VERSION: u16 = 2;

/// Magic, version, two bytes of zero.
pub(super) const PREFIX: usize = 16;

/// How long the head of a block is.
pub(super) const HEAD: usize = 52;

/// Where the closing and the index are, a checksum, [`LAST`].
pub(super) const FOOTER: usize = 8 + 8 + 4 + 8;

/// The most that one block may hold, in bytes, before it is compressed.
pub const LARGEST_BLOCK: usize = 8 << 20;

/// How many blocks a recording may have.
pub const MOST_BLOCKS: usize = 1 << 20;

/// How many bytes an entry of the index has: an offset and a head.
pub(super) const ENTRY: usize = 8 + HEAD;

pub(super) const HEADER: u8 = b'H';
pub(super) const DATA: u8 = b'D';
pub(super) const CLOSING: u8 = b'E';
pub(super) const INDEX: u8 = b'I';

/// A stretch of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Where it begins, in bytes from the beginning of the file.
    pub offset: u64,
    /// How many bytes it has in the file, its head aside.
    pub stored: u32,
    /// How many bytes it has when it is not compressed.
    pub raw: u32,
    /// The number of its first event, from 0.
    pub first_event: u64,
    /// How many events it has.
    pub events: u32,
    /// The earliest time in it.
    pub first: Duration,
    /// The latest time in it.
    pub last: Duration,
    /// How many events had found no room when it was written.
    pub lost: u64,
    /// Whether it can be read without those before it: it begins with all
    /// that was known then.
    pub is_key: bool,
}

/// The head of a block as it stands in the file.
#[derive(Clone, Copy)]
pub(super) struct BlockHead {
    pub(super) tag: u8,
    pub(super) block: Block,
    pub(super) checksum: u32,
}

impl BlockHead {
    pub(super) fn write(tag: u8, block: &Block, stored: &[u8]) -> [u8; HEAD] {
        let mut head = [0; HEAD];
        (head[0], head[1]) = (tag, block.is_key.into());
        head[4..8].copy_from_slice(&block.stored.to_le_bytes());
        head[8..12].copy_from_slice(&block.raw.to_le_bytes());
        head[12..16].copy_from_slice(&block.events.to_le_bytes());
        let times = [block.first, block.last].map(crate::units::nanoseconds);
        let [first, last] = times;
        let long = [block.first_event, first, last, block.lost];
        for (place, number) in long.into_iter().enumerate() {
            let at = 16 + 8 * place;
            head[at..at + 8].copy_from_slice(&number.to_le_bytes());
        }
        let checksum = checksum(&head, stored);
        head[48..].copy_from_slice(&checksum.to_le_bytes());
        head
    }

    /// The head at this place of a file; nothing but its length is checked.
    pub(super) fn read(head: &[u8; HEAD], offset: u64) -> Self {
        let short = |at| u32::from_le_bytes(array(&head[at..at + 4]));
        let long = |at| u64::from_le_bytes(array(&head[at..at + 8]));
        let block = Block {
            offset,
            stored: short(4),
            raw: short(8),
            events: short(12),
            first_event: long(16),
            first: Duration::from_nanos(long(24)),
            last: Duration::from_nanos(long(32)),
            lost: long(40),
            is_key: head[1] & 1 != 0,
        };
        Self { tag: head[0], block, checksum: short(48) }
    }
}

impl Block {
    /// Where the next one begins.
    pub(super) fn end(&self) -> u64 {
        let length = HEAD as u64 + u64::from(self.stored);
        self.offset.saturating_add(length)
    }

    /// Whether a block may be like that.
    pub(super) fn is_possible(&self) -> bool {
        let most = super::codec::MOST_RECORDS;
        self.raw as usize <= LARGEST_BLOCK
            && self.stored as usize <= 2 * LARGEST_BLOCK
            && self.events as usize <= most
    }
}

/// Of the head, its own checksum aside, and what follows it.
pub(super) fn checksum(head: &[u8; HEAD], stored: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(&head[..48]);
    crc.update(stored);
    crc.sum()
}

/// The first bytes of a slice that has as many.
pub(super) fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    let all = array.iter_mut().zip(bytes);
    all.for_each(|(to, from)| *to = *from);
    array
}

/// What a block holds, not compressed any more.
pub(super) fn inflate(block: &Block, stored: &[u8]) -> Result<Vec<u8>, Error> {
    let mut raw = Vec::with_capacity(block.raw as usize);
    let limit = u64::from(block.raw) + 1;
    let inflated =
        DeflateDecoder::new(stored).take(limit).read_to_end(&mut raw);
    if inflated.is_err() || raw.len() != block.raw as usize {
        let what = "a block does not decompress to what its head says";
        return Err(Error::damaged(block.offset, what));
    }
    Ok(raw)
}
