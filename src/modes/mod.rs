//! The textbook: one file a mode, read them side by side.
//!
//! Each has the same shape: `serve` runs a server until it is asked to stop,
//! `echo` is what it does for one client. `diff serial.rs blocking.rs`,
//! `diff blocking.rs nonblocking.rs`, `diff nonblocking.rs selector.rs` and
//! `diff blocking.rs tasks.rs` are four lectures. What is not about waiting
//! (framing, limits, time-outs, stopping) lives in [`net`](crate::net).

#![warn(missing_docs)]
#![expect(
    clippy::missing_errors_doc,
    reason = "said once, at Mode::serve; the mode files are for a projector"
)]

pub mod blocking;
pub mod nonblocking;
pub mod selector;
pub mod serial;
pub mod tasks;

use crate::event_loop;
use crate::net::{Errors, Listener};
use crate::probe::{Kind, Probe};
use crate::system::machine;
use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::io;

/// An I/O model as implemented here: how a server waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// One thread, one client at a time, asleep in `read`.
    Serial,
    /// One thread a connection, all asleep.
    Blocking,
    /// One thread, never asleep.
    Nonblocking,
    /// One thread, asleep on all of them.
    Selector,
    /// One thread, a coroutine a connection, asleep on all of them.
    Tasks,
}

impl Mode {
    /// Every mode, in the order in which a lesson meets them.
    pub const ALL: [Self; 5] = [
        Self::Serial,
        Self::Blocking,
        Self::Nonblocking,
        Self::Selector,
        Self::Tasks,
    ];

    /// Its name on the command line and in every report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::Blocking => "blocking",
            Self::Nonblocking => "nonblocking",
            Self::Selector => "selector",
            Self::Tasks => "tasks",
        }
    }

    /// The mode's own source text.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Serial => include_str!("serial.rs"),
            Self::Blocking => include_str!("blocking.rs"),
            Self::Nonblocking => include_str!("nonblocking.rs"),
            Self::Selector => include_str!("selector.rs"),
            Self::Tasks => include_str!("tasks.rs"),
        }
    }

    /// The path of the mode's own source file, as a call site names it.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Serial => "src/modes/serial.rs",
            Self::Blocking => "src/modes/blocking.rs",
            Self::Nonblocking => "src/modes/nonblocking.rs",
            Self::Selector => "src/modes/selector.rs",
            Self::Tasks => "src/modes/tasks.rs",
        }
    }

    /// The path and the text of the file with the loop that the mode runs
    /// on; `None` if it is the mode's own.
    pub const fn loop_source(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Tasks => Some((event_loop::FILE, event_loop::SOURCE)),
            _ => None,
        }
    }

    /// The first call of the server's loop: its hits are the iterations.
    pub const fn loop_call(self) -> Kind {
        match self {
            Self::Serial | Self::Blocking | Self::Nonblocking => Kind::Accept,
            Self::Selector | Self::Tasks => Kind::Wait,
        }
    }

    /// Whether it waits in a selector.
    pub const fn has_selector(self) -> bool {
        matches!(self.loop_call(), Kind::Wait)
    }

    /// Whether it asks its sockets again and again instead of waiting.
    pub const fn polls(self) -> bool {
        matches!(self, Self::Nonblocking)
    }

    /// What it waits in, by the system's name: `epoll`, `read(2)`.
    pub fn mechanism(self) -> &'static str {
        match self {
            Self::Serial | Self::Blocking => "read(2)",
            Self::Nonblocking => "busy polling",
            Self::Selector | Self::Tasks => machine::mechanism(),
        }
    }

    /// Whether the server ends its grace period by itself, at the deadline
    /// of [`Stop`](crate::net::Stop); if not, the caller has to end it.
    pub const fn keeps_grace(self) -> bool {
        matches!(self, Self::Tasks)
    }

    /// Whether each client's handler has a handle: that of its thread or task.
    pub const fn has_handles(self) -> bool {
        matches!(self, Self::Blocking | Self::Tasks)
    }

    /// Whether errors in a client's handler may be handled in this way. Where
    /// one loop makes every client's steps, it handles their errors, too.
    pub const fn allows(self, errors: Errors) -> bool {
        match self {
            Self::Serial | Self::Blocking | Self::Tasks => true,
            Self::Nonblocking | Self::Selector => {
                matches!(errors, Errors::Handled)
            }
        }
    }

    /// Runs the server in the calling thread until it is asked to stop and
    /// its clients are done, or its grace period is over.
    ///
    /// # Errors
    /// What the listener or the selector reports; in `serial` also what
    /// concerns one client alone, if its handler does not handle it.
    pub fn serve<P: Probe>(self, listener: Listener<P>) -> io::Result<()> {
        match self {
            Self::Serial => serial::serve(listener),
            Self::Blocking => blocking::serve(listener),
            Self::Nonblocking => nonblocking::serve(listener),
            Self::Selector => selector::serve(listener),
            Self::Tasks => event_loop::run(listener, tasks::serve),
        }
    }
}
