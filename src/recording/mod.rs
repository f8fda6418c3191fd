//! Recordings: writes a run to a file, and reads it from there.
//!
//! # Reading
//!
//! It begins with [`Recording::open`]: the [header](Recording::header) says
//! what was run, the [ending](Recording::ending) whether it is complete, and a
//! [`Cursor`] gives its [records](crate::view::Observation) from any
//! [event](Recording::from_event) or [time](Recording::from_time) on, together
//! with the [`ObservedState`](crate::view::ObservedState) there. Whatever the
//! bytes are, reading does not panic and takes a bounded amount of memory, and
//! what cannot be read is reported as an [`Error`] with its offset.
//!
//! # Writing
//!
//! A [`Recorder`] has a thread of its own, which takes events from a bounded
//! [`Tap`](crate::probe::Tap). It never makes a studied thread wait: events
//! that are lost for lack of room are counted in each block and in the
//! closing. A [`Writer`] is the part of it that knows the format.
//!
//! # The format, version 4
//!
//! Numbers of fixed size are little-endian. Times are in nanoseconds from the
//! start of the run's clock.
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
//! without `E` was not finished: it is read up to its last whole block. One that
//! reached the limit of its size ends with an `E` that says so. Bit 0
//! of the flags marks a *key*: a block that begins with complete counters,
//! and repeats what was measured, which threads are held, the kernel's queues
//! and all names, so that reading can begin there. `lost` is how many events
//! had been lost when the block was written.
//!
//! The version, the first 16 bytes, the head of a block and an `H` in JSON
//! with `sockscope` in it will not change, so that an older program can name
//! the version of a newer file.
//!
//! A block `D` is in the form of [postcard](https://postcard.jamesmunns.com):
//! a list of call sites, each a file and a line, and then one
//! [`Observation`](crate::view::Observation) after the other. In a record a
//! call site is its place in that list, and each time of an event, the earlier
//! one first, is its difference to the time before (0 at the beginning of a
//! block), modulo 2^64 and in zigzag order (0, -1, 1, -2, ...). Every change of
//! a type that is recorded raises the version.

mod block;
mod codec;
mod error;
mod header;
mod opening;
mod reader;
mod recorder;
pub mod replay;
#[cfg(test)]
mod tests;
mod writer;

pub use block::{Block, LARGEST_BLOCK, MOST_BLOCKS, VERSION};
pub use codec::LARGEST_PAYLOAD;
pub use error::Error;
pub use header::{Closing, Header};
pub use opening::is_recording;
pub use reader::{Cursor, Ending, Recording};
pub use recorder::{ROOM, Recorded, Recorder, Sources};
pub use writer::{BLOCK, Writer};
