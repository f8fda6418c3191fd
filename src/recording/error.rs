//! What can be wrong with a recording.

use super::block::VERSION;
use std::io;
use thiserror::Error;

/// Where the file's format is named.
const AT_VERSION: u64 = 12;

/// Why a recording, or a part of it, cannot be read. Offsets are in bytes
/// from the beginning of the file.
#[derive(Debug, Error)]
pub enum Error {
    /// The file cannot be read at all.
    #[error("cannot be read at byte {offset}")]
    Unreadable {
        /// Where.
        offset: u64,
        /// Why.
        source: io::Error,
    },
    /// It is nothing that has a beginning and an end.
    #[error("is {what}, not a file (at byte 0)")]
    NoFile {
        /// What it is: `a directory`.
        what: &'static str,
    },
    /// It is something else.
    #[error("is no recording of sockscope (at byte 0)")]
    Foreign,
    /// It has another format than this program reads.
    #[error(
        "is in format {found}, written by {by}; this sockscope reads format \
         {VERSION} (at byte {AT_VERSION})"
    )]
    OtherVersion {
        /// The file's format.
        found: u16,
        /// Who has written it, as far as the file says.
        by: String,
    },
    /// Bytes that make no sense.
    #[error("is damaged at byte {offset}: {what}")]
    Damaged {
        /// Where: the beginning of the block.
        offset: u64,
        /// What is wrong.
        what: String,
    },
}

impl Error {
    /// Where it is, in bytes from the beginning of the file.
    pub const fn offset(&self) -> u64 {
        match self {
            Self::Unreadable { offset, .. } | Self::Damaged { offset, .. } => {
                *offset
            }
            Self::OtherVersion { .. } => AT_VERSION,
            Self::NoFile { .. } | Self::Foreign => 0,
        }
    }

    pub(super) fn damaged(offset: u64, what: impl Into<String>) -> Self {
        Self::Damaged { offset, what: what.into() }
    }
}
