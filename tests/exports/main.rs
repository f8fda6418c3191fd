//! What becomes of recordings of real runs, from outside.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

#[path = "../support/schema.rs"]
mod schema;
#[path = "../support/mod.rs"]
mod support;

mod anything;
mod cast;
mod csv;
mod damage;
mod drawn;
mod hostile;
mod html;
mod jsonl;
mod language;
mod md;
mod output;
mod perfetto;
mod svg;
mod trace_event;
mod ways;
