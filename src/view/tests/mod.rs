//! What is folded from fixed events.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::cast_possible_truncation, reason = "small numbers")]

mod findings;
mod language;
mod log;
mod never;
mod queues;
mod states;
mod tasks;
