//! Recordings of real runs as something else.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

#[path = "../support/mod.rs"]
mod support;

mod anything;
mod drawn;
mod html;
mod svg;
