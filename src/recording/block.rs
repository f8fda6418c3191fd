//! Blocks: the units that are compressed, checked and skipped.

use super::codec::MOST_RECORDS;
use crate::units::nanoseconds;
use flate2::Crc;
use std::time::Duration;

/// The first bytes of every recording. A transfer that takes it for text
/// damages it visibly.
pub(super) const MAGIC: [u8; 12] = *b"sockscope\r\n\x1a";

/// The last bytes of a recording that is complete.
pub(super) const LAST: [u8; 8] = *b"sockend\n";

/// The version of the format that is written and read here.
pub const VERSION: u16 = 4;

/// The length of the magic bytes, the version and two bytes of zero.
pub(super) const PREFIX: usize = 16;

/// The length of the head of a block, in bytes.
pub(super) const HEAD: usize = 52;

/// The length of two offsets (closing, index), a checksum and [`LAST`].
pub(super) const FOOTER: usize = 8 + 8 + 4 + 8;

/// The most that one block may hold, in bytes, before it is compressed.
pub const LARGEST_BLOCK: usize = 8 << 20;

/// Limit on the blocks of a recording.
pub const MOST_BLOCKS: usize = 1 << 20;

pub(super) const HEADER: u8 = b'H';
pub(super) const DATA: u8 = b'D';
pub(super) const CLOSING: u8 = b'E';
pub(super) const INDEX: u8 = b'I';

/// A block of a recording, as its head describes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Where it begins, in bytes from the beginning of the file.
    pub offset: u64,
    /// Its size in the file, without its head, in bytes.
    pub stored: u32,
    /// Its size before compression, in bytes.
    pub raw: u32,
    /// The number of its first event, from 0.
    pub first_event: u64,
    /// How many events it has.
    pub events: u32,
    /// The earliest time in it.
    pub first: Duration,
    /// The latest time in it.
    pub last: Duration,
    /// How many events had been lost when it was written.
    pub lost: u64,
    /// Whether it can be read without those before it: it begins with the
    /// whole state of the run.
    pub is_key: bool,
}

/// The head of a block as it stands in the file.
#[derive(Clone, Copy)]
pub(super) struct BlockHead {
    pub(super) tag: u8,
    pub(super) block: Block,
    bytes: [u8; HEAD],
}

impl BlockHead {
    /// Decodes the head at this offset of a file, without checking it.
    pub(super) fn read(bytes: [u8; HEAD], offset: u64) -> Self {
        let short = |at| u32::from_le_bytes(array(&bytes[at..]));
        let long = |at| u64::from_le_bytes(array(&bytes[at..]));
        let block = Block {
            offset,
            stored: short(4),
            raw: short(8),
            events: short(12),
            first_event: long(16),
            first: Duration::from_nanos(long(24)),
            last: Duration::from_nanos(long(32)),
            lost: long(40),
            is_key: bytes[1] & 1 != 0,
        };
        Self { tag: bytes[0], block, bytes }
    }

    /// Whether its checksum fits these stored bytes.
    pub(super) fn fits(&self, stored: &[u8]) -> bool {
        let (head, sum) = self.bytes.split_at(HEAD - 4);
        checksum(&[head, stored]) == sum
    }
}

impl Block {
    /// Encodes its head, with the checksum for these stored bytes.
    pub(super) fn head(&self, tag: u8, stored: &[u8]) -> Vec<u8> {
        let mut head = vec![tag, self.is_key.into(), 0, 0];
        for number in [self.stored, self.raw, self.events] {
            head.extend(number.to_le_bytes());
        }
        let [first, last] = [self.first, self.last].map(nanoseconds);
        for number in [self.first_event, first, last, self.lost] {
            head.extend(number.to_le_bytes());
        }
        head.extend(checksum(&[&head, stored]));
        head
    }

    /// The number of the first event after it.
    pub(super) fn next_event(&self) -> u64 {
        self.first_event.saturating_add(self.events.into())
    }

    /// The offset of the byte after it.
    pub(super) fn end(&self) -> u64 {
        let length = HEAD as u64 + u64::from(self.stored);
        self.offset.saturating_add(length)
    }

    /// Whether its sizes are within the limits of the format.
    pub(super) fn is_possible(&self) -> bool {
        self.raw as usize <= LARGEST_BLOCK
            && self.stored as usize <= 2 * LARGEST_BLOCK
            && self.events as usize <= MOST_RECORDS
    }
}

/// The CRC-32 of these bytes, one part after the other.
pub(super) fn checksum(parts: &[&[u8]]) -> [u8; 4] {
    let mut crc = Crc::new();
    for part in parts {
        crc.update(part);
    }
    crc.sum().to_le_bytes()
}

/// The first `N` bytes of a slice, which must not have fewer.
pub(super) fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    *bytes.first_chunk().expect("the head is longer")
}
