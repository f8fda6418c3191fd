//! Goal: every pane and every screen looks as intended, at every size, and
//! every key does what it says. Method: fixed views drawn into a buffer and
//! compared with snapshots; messages put through `update`.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod details;
mod keys;
mod looks;
mod sizes;
mod stage;
mod states;
