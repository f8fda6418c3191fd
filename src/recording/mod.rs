//! Recordings: a run as a file, and the file as a run again.
//!
//! # Reading
//!
//! It begins with [`Recording::open`]: its [header](Recording::header) tells
//! what was run, its [ending](Recording::ending) whether it is whole, and a
//! [`Cursor`] gives its [records](Record) from any
//! [event](Recording::from_event) or [time](Recording::from_time) on,
//! together with the [`State`] that was known there. Whatever the bytes are,
//! reading does not panic, takes a bounded amount of memory, and what cannot
//! be read is an [`Error`] with its offset.
//!
//! # Writing
//!
//! A [`Recorder`] has a thread of its own, which takes events from a bounded
//! [`Tap`](crate::probe::Tap). It never makes a studied thread wait: what
//! finds no room is counted in each block and in the end. A [`Writer`] is the
//! part of it that knows the format.
//!
//! # The format, version 1
//!
//! Numbers of fixed size are little-endian. A *uint* is a variable-length
//! integer as in LEB128 (seven bits a byte, the lowest first, the highest bit
//! says that more follow). A *step* from one number to another is their
//! difference, modulo 2^64 and in zigzag order (0, -1, 1, -2, ...), as a
//! uint. A *text* is its length in bytes, a uint, and UTF-8. Times are in
//! nanoseconds from the start of the run's clock.
//!
//! ```text
//! file    "sockscope\r\n\x1a" version:u16 0:u16
//!         block H, blocks D, block E, block I, footer
//! block   tag:u8 flags:u8 0:u16 stored:u32 raw:u32 events:u32
//!         first-event:u64 first-time:u64 last-time:u64 lost:u64 crc:u32
//!         stored bytes: raw deflate (RFC 1951) of raw bytes
//! footer  offset of E:u64 offset of I:u64 crc of these two:u32 "sockend\n"
//! ```
//!
//! The checksum of a block is the CRC-32 (that of gzip) of the 48 bytes
//! before it and of the stored bytes. `H` is the [`Header`] in JSON, `E` the
//! [`Closing`]; the index `I` has an offset (u64) and a copy of the 52 bytes
//! of its head, with a checksum of its own, for each block `D`, and is left
//! out (offset 0) if it would be larger than [`LARGEST_BLOCK`]. A file
//! without `E` was not finished: it is read up to its last whole block. Bit 0
//! of the flags marks a *key*: a block that begins with counters that are
//! whole, and tells again what was measured, who is held and all names, so
//! that reading can begin there. `lost` is how many events had found no room
//! when the block was written.
//!
//! The version, the first 16 bytes, the head of a block and an `H` in JSON
//! with `sockscope` in it will stay as they are: so an older program can name
//! a newer file.
//!
//! ## Records
//!
//! A block `D` holds records, each a tag and its fields. `at` is a step from
//! the `at` of the record before (0 at the beginning of a block), `time` a
//! step from the `at` of its own record; `thread`, `socket`, `task` are
//! uints, and a list is its length, a uint, and its parts. A `place` is the
//! number of a line that a record `1` of the same
//! block has named before.
//!
//! ```text
//! tag     record                     fields
//! 1       a place                    number:uint file:text line:uint call:u8 (255: an await)
//! 2       a call begins              at thread place socket
//! 3       a call returns at once     at thread place socket outcome pending:uint echoed:uint
//! 4       a call returns             as 3, then the time of its beginning
//! 5       a run of would-blocks      at thread time calls:uint passes:uint
//! 16      opened                     at thread socket address
//! 17      closed                     at thread socket end unsent:uint
//! 18, 19  handled, failed            at thread socket end
//! 20-23   ready; + 1 readable, + 2 writable at thread socket
//! 24-27   interest; the same         at thread socket
//! 28      paused                     at thread limit:uint
//! 29      phase                      at thread phase:uint
//! 30      task                       at thread task state
//! 31, 32  step, timers               at thread number:uint
//! 33      long run                   at thread task ns:uint
//! 34      never retrieved            at thread task end place socket+1 (0: none)
//! 64      counters                   at whole:u8 lost:uint rows
//! 65      payload                    at thread call:u8 socket moved:uint bytes (as a text)
//! 66      measured                   a text: [Measured] in JSON
//! 67      holds                      at paused:u8 delay:uint list of held
//! 68      named                      address name:text
//! ```
//!
//! Calls, steps, phases and limits are numbered from 0 in the order of
//! [`Kind::ALL`](crate::probe::Kind::ALL) and the like. An *outcome* is a u8
//! in the order of [`Outcome`](crate::probe::Outcome), with a uint if it has
//! a figure; a *state* one in the order of
//! [`TaskNow`](crate::probe::TaskNow), with a place first if it has one. An
//! *end* is a uint: 0 to 5 in the order of [`End`](crate::probe::End), from
//! 16 on a failure, whose error is numbered as in `codes.rs`. An *address* is
//! 0 for none; 4, four bytes, port:uint; or 6, sixteen bytes, port:uint,
//! flow:uint, scope:uint. *Held*: thread, time since, then
//! 0 place socket, 1 step or 2 task.
//!
//! ## Counters
//!
//! Rows of numbers in tables, each row with the number by which it is known
//! there: 0 lines (by place), 1 sockets, 2 tasks, 3 threads, 4 turns, 5 sums,
//! 6 ends, 7 phases. What a column holds says `columns.rs`. A row is its
//! table:u8, a step from the number of the row before in that table (0 in the
//! first), a uint with a bit for each column that has changed, and for each
//! of those a step from what it was in the counters before (0 if they are
//! whole). 255 ends them.

mod block;
mod bytes;
mod codes;
mod columns;
mod counters;
mod cursor;
mod decode;
mod encode;
mod error;
mod fold;
mod fold_events;
mod header;
mod opening;
mod places;
mod pulse;
mod reader;
mod record;
mod recorder;
pub mod replay;
mod rows;
mod source;
mod state;
mod tags;
#[cfg(test)]
mod tests;
mod work;
mod writer;

pub use block::{Block, LARGEST_BLOCK, MOST_BLOCKS, VERSION};
pub use counters::{Counted, Counters};
pub use cursor::Cursor;
pub use decode::LARGEST_PAYLOAD;
pub use error::Error;
pub use fold::CounterFold;
pub use header::{Closing, Header, ScenarioText, Shape, SourceText};
pub use reader::{Ending, Recording};
pub use record::{
    EchoTimes, HeldThread, Holds, Measured, Named, Payload, Record,
};
pub use recorder::{ROOM, Recorded, Recorder, Sources};
pub use state::{NAMES_KEPT, State};
pub use writer::{BLOCK, Writer};
