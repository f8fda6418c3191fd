//! The loop with a selector and a clock that are models: no real socket, no
//! real time.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod cancelling;
mod random;
mod record;
mod replay;
mod script;
mod scripted;
mod survives;
mod trial;
