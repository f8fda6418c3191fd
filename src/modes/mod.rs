//! The I/O models: one file per mode, to be read side by side.
//!
//! All have the same shape: `serve` runs a server until it is asked to stop,
//! `echo` serves one client. `diff serial.rs blocking.rs`,
//! `diff blocking.rs nonblocking.rs`, `diff nonblocking.rs selector.rs` and
//! `diff blocking.rs tasks.rs` show what each model changes. What is not about
//! waiting (framing, limits, time-outs, stopping) is in [`net`](crate::net).

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
    /// One thread per connection, each asleep in `read`.
    Blocking,
    /// One thread that polls its sockets and never sleeps.
    Nonblocking,
    /// One thread, asleep until a socket is ready.
    Selector,
    /// One thread, a coroutine per connection, asleep until a socket is ready.
    Tasks,
}

impl Mode {
    /// Every mode, in the order in which a lesson introduces them.
    pub const ALL: [Self; 5] = [
        Self::Serial,
        Self::Blocking,
        Self::Nonblocking,
        Self::Selector,
        Self::Tasks,
    ];

    /// The name on the command line and in every report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::Blocking => "blocking",
            Self::Nonblocking => "nonblocking",
            Self::Selector => "selector",
            Self::Tasks => "tasks",
        }
    }

    /// The source text of the mode's file.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Serial => include_str!("serial.rs"),
            Self::Blocking => include_str!("blocking.rs"),
            Self::Nonblocking => include_str!("nonblocking.rs"),
            Self::Selector => include_str!("selector.rs"),
            Self::Tasks => include_str!("tasks.rs"),
        }
    }

    /// The path of the mode's file, as a call site names it.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Serial => "src/modes/serial.rs",
            Self::Blocking => "src/modes/blocking.rs",
            Self::Nonblocking => "src/modes/nonblocking.rs",
            Self::Selector => "src/modes/selector.rs",
            Self::Tasks => "src/modes/tasks.rs",
        }
    }

    /// The path and the text of the file with the loop that the mode runs on;
    /// `None` if the loop is in the mode's own file.
    pub const fn loop_source(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Tasks => Some((event_loop::FILE, event_loop::SOURCE)),
            _ => None,
        }
    }

    /// The first call in the server's loop; it is counted once per iteration.
    pub const fn loop_call(self) -> Kind {
        match self {
            Self::Serial | Self::Blocking | Self::Nonblocking => Kind::Accept,
            Self::Selector | Self::Tasks => Kind::Wait,
        }
    }

    /// Whether the mode waits in a selector.
    pub const fn has_selector(self) -> bool {
        matches!(self.loop_call(), Kind::Wait)
    }

    /// Whether the mode calls its sockets again and again instead of waiting.
    pub const fn polls(self) -> bool {
        matches!(self, Self::Nonblocking)
    }

    /// What the mode waits in: `read(2)`, `busy polling`, `epoll` and so on.
    pub fn mechanism(self) -> &'static str {
        match self {
            Self::Serial | Self::Blocking => "read(2)",
            Self::Nonblocking => "busy polling",
            Self::Selector | Self::Tasks => machine::mechanism(),
        }
    }

    /// Whether the server itself ends its grace period, at the deadline of
    /// [`Stop`](crate::net::Stop); if not, the caller has to end it.
    pub const fn keeps_grace(self) -> bool {
        matches!(self, Self::Tasks)
    }

    /// Whether each client's handler has a handle, of its thread or task.
    pub const fn has_handles(self) -> bool {
        matches!(self, Self::Blocking | Self::Tasks)
    }

    /// Whether errors in a client's handler may be handled in this way. A
    /// single loop that serves every client handles their errors as well.
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
    /// Errors of the listener or the selector; in `serial` also the error of a
    /// client that its handler does not handle.
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
