//! Goal: every pane and every screen looks as intended, at every size, and
//! every key does what it says. Method: fixed views drawn into a buffer and
//! compared with snapshots; keys typed as a terminal brings them.

mod keys;
mod looks;
mod sizes;
pub(crate) mod stage;
mod states;
