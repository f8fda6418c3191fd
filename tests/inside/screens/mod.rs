//! Goal: every pane and every screen looks as intended, at every size, and
//! every key does what it says. Method: fixed views drawn into a buffer and
//! compared with snapshots; messages put through `update`.

mod columns;
mod details;
mod keys;
mod looks;
mod replay;
mod replay_keys;
mod side_by_side;
mod side_by_side_keys;
mod side_by_side_replay;
mod sizes;
mod stage;
mod states;
mod tasks;
