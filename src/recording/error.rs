//! Errors in reading a recording.

use super::block::VERSION;
use std::io;
use thiserror::Error;

/// The offset of the version of the format in a file.
const AT_VERSION: u64 = 12;

/// Why a recording, or a part of it, cannot be read. Offsets are in bytes
/// from the beginning of the file.
#[derive(Debug, Error)]
pub enum Error {
    /// The operating system reported an error.
    #[error("cannot be read at byte {offset}")]
    Unreadable { offset: u64, source: io::Error },
    /// It is not a regular file.
    #[error("is {what}")]
    NoFile {
        /// What it is instead: `a directory, not a recording`.
        what: &'static str,
    },
    /// Its first bytes are not those of a recording.
    #[error("is no recording of sockscope; `--record FILE` makes one")]
    Foreign,
    /// It is in another version of the format than this program reads.
    #[error(
        "is in format {found}, written by {by}; this sockscope reads format \
         {VERSION} (at byte {AT_VERSION})"
    )]
    OtherVersion {
        /// The version of the file's format.
        found: u16,
        /// What wrote it: `sockscope 0.1.0`, or `an unknown version`.
        by: String,
    },
    /// Its content is not valid.
    #[error("is damaged at byte {offset}: {what}")]
    Damaged {
        /// The beginning of the block, or the end of a file that is too short.
        offset: u64,
        /// What is wrong, in words.
        what: String,
    },
}

impl Error {
    /// Its place, in bytes from the beginning of the file.
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
