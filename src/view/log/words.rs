//! What the log and the screen say in the same words.

use super::{Made, What};
use crate::probe::{End, Kind, Outcome, SocketId};
use crate::units::{show_count, show_size};

impl Made {
    /// The socket it is about: of an accept the new one, of a wait none.
    #[must_use]
    pub fn about(&self) -> Option<SocketId> {
        match (self.kind, self.outcome) {
            (Kind::Wait, _) => None,
            (_, Outcome::Accepted(id)) => Some(id),
            _ => Some(self.socket),
        }
    }

    /// The bytes it moved; after a write it matters what is left to write.
    #[must_use]
    pub fn moved(&self) -> String {
        let moved = show_size(self.bytes);
        match (self.kind, self.pending) {
            (Kind::Write, 1..) => {
                let pending = show_size(self.pending.into());
                format!("{moved}, {pending} still pending")
            }
            _ => moved,
        }
    }
}

impl What {
    /// The end of a connection: how, and what it cost.
    #[must_use]
    pub fn end_words(end: End, unsent: u32) -> String {
        let end = end.words();
        match unsent {
            0 => end,
            unsent => {
                format!("{end}, {} never echoed", show_size(unsent.into()))
            }
        }
    }

    /// That entries are missing here.
    #[must_use]
    pub fn not_shown(entries: u64) -> String {
        format!("… {} entries not shown", show_count(entries))
    }
}
