//! Recordings in memory.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod damage;
mod fixtures;
mod round_trip;
