//! The bytes of a recording, wherever they are.

use super::block::{self, Block, BlockHead, HEAD};
use super::error::Error;
use std::io::{Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

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
