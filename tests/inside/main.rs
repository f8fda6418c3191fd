//! The library from inside: servers and clients in this process, and fixed
//! values drawn, reported and written down.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod echo;
mod engine;
mod fuzz;
mod gate;
mod guide;
mod hand;
mod limits;
mod load;
mod measure;
mod reports;
mod scenario_files;
mod scenario_mistakes;
mod screens;
mod settings;
mod stopping;
#[cfg(target_os = "linux")]
mod trace;
mod waiting;
