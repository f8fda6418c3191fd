//! Goal: every pane and every screen looks as intended, at every size, and
//! every key does what it says. Method: fixed views drawn into a buffer and
//! compared with snapshots; messages put through `update`.

mod keys;
mod looks;
mod replay;
mod side_by_side;
mod sizes;
mod stage;
mod states;
mod tasks;
