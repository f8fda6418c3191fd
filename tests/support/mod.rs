//! A small language for tests of servers: start one, talk to it, wait until
//! something is so. Every wait has a generous limit; nothing sleeps in the
//! hope that something has happened meanwhile.

#![allow(dead_code, reason = "each test file speaks a part of the language")]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

pub(crate) mod any_event;
pub(crate) mod cast;
mod client;
pub(crate) mod lockstep;
pub(crate) mod numbers;
pub(crate) mod passes;
pub(crate) mod patience;
pub(crate) mod peers;
#[cfg(unix)]
pub(crate) mod process;
pub(crate) mod schema;
mod server;
pub(crate) mod svg;
pub(crate) mod trace;
pub(crate) mod views;

pub(crate) use client::Client;
pub(crate) use server::Server;

use sockscope::net::{Framing, ServerOptions};
use std::time::Duration;

/// A grace period that no test waits out.
pub(crate) const GRACE: Duration = Duration::from_secs(3600);

/// The modes that serve many clients at once.
pub(crate) const CONCURRENT: [sockscope::modes::Mode; 4] = [
    sockscope::modes::Mode::Blocking,
    sockscope::modes::Mode::Nonblocking,
    sockscope::modes::Mode::Selector,
    sockscope::modes::Mode::Tasks,
];

/// The settings of a server that keeps lines whole.
pub(crate) fn lines() -> ServerOptions {
    ServerOptions { framing: Some(Framing::Lines), ..ServerOptions::default() }
}

/// This many bytes in which every stretch looks different.
pub(crate) fn pattern(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    };
    (0..count).map(|_| next()).collect()
}
