//! The clients of a measurement: messages of one size, one rhythm, nothing
//! else, so that what is measured is the server.
//!
//! All of them are in the calling thread, and each costs what a bare client
//! of epoll(7) would: one wait for a batch of them, a read and a write an
//! echo. From the outside in: `crowd` (the connections), `talk` (the loop
//! and the window of time), `line` (what one client has said and heard),
//! `pace` (whose turn it is), `schedule` (when messages are due), `pattern`
//! (the bytes), `record` (what was measured).
//!
//! # What is timed
//!
//! Closed loop: a client sends its next message when an echo is back. An
//! echo time is a *service time*, from just before the message is handed to
//! the system until its last byte is read; those of the echoes that came
//! back within the window are recorded. A server that stalls is asked less,
//! and its stall is hardly seen.
//!
//! Open loop: messages are due at a steady rate, whatever the server does.
//! An echo time is a *response time*, from when the message was due, even
//! if its client was still held up by `pipeline` messages that had not come
//! back. Exactly the messages that were due within the window are recorded:
//! those that have not come back when it ends, of connections that were
//! lost, too, with the time that they have waited until then, which is less
//! than what they would have taken. See "coordinated omission" in the
//! README of wrk2.

mod check;
mod crowd;
mod line;
mod pace;
mod pattern;
mod record;
mod schedule;
mod talk;

pub use check::{
    LONGEST_WINDOW, MAX_PIPELINE, MAX_RATE_PER_S, MAX_SIZE, MAX_STEADY_CLIENTS,
    MAX_UNDER_WAY, MIN_RATE_PER_S, SteadyFault, check,
};
pub use record::SteadyResult;

use crate::units::show_brief;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::io;
use std::net::SocketAddr;

/// What the clients of a measurement do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Workload {
    /// Clients that talk.
    pub clients: u32,
    /// Clients that are connected beside those and send nothing.
    pub idle: u32,
    /// The length of a message in bytes. Each is a line: it ends in `\n`,
    /// and has no other, so that servers that echo lines do as well.
    pub size_bytes: u32,
    /// How many messages of a client are under way at once, at most.
    pub pipeline: u32,
    /// When messages are sent.
    pub pacing: Rhythm,
    /// How long the clients talk before anything is measured.
    pub warm_up_ns: u64,
    /// How long is measured: the window.
    pub time_ns: u64,
}

/// When messages are sent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rhythm {
    /// Closed loop: a client sends its next message when an echo is back.
    /// Echo times are service times, and a server that stalls is sent less.
    Closed,
    /// Open loop: messages are due at a steady rate, and the clients take
    /// turns. Echo times are response times, from when a message was due.
    Open {
        /// Messages a second of all clients together.
        rate_per_s: f64,
    },
}

impl Workload {
    /// All connections, those of the idle clients included.
    #[must_use]
    pub const fn connections(&self) -> u32 {
        self.clients.saturating_add(self.idle)
    }
}

impl Rhythm {
    /// The kind of loop in words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Closed => "closed loop".into(),
            Self::Open { rate_per_s } => {
                format!("open loop at {}/s", show_brief(rate_per_s))
            }
        }
    }

    /// What an echo time is in this kind of loop.
    #[must_use]
    pub const fn time(self) -> &'static str {
        match self {
            Self::Closed => "service time",
            Self::Open { .. } => "response time",
        }
    }
}

/// What a run tells while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// All connections are there, as far as the system knows: they may
    /// still be in the server's backlog. The clients talk when the callback
    /// returns.
    Connected,
    /// The warm-up is over, the window begins.
    Begun,
    /// The window is over; the clients say nothing more.
    Ended,
}

/// The connections of a run that has ended, still open, until this is
/// dropped: then all are reset.
pub struct Connections(#[expect(dead_code, reason = "held")] crowd::Crowd);

/// Connects, talks and measures in the calling thread; `on` is told of each
/// [`Moment`], and ends the run with an error of its own if it likes. What
/// happens to a connection once all are there is a result, not an error.
///
/// # Errors
/// `InvalidInput` for a workload that [`check`] refuses; `TimedOut` if not all
/// connections are there in time; what a connection or the poller failed
/// with.
pub fn run(
    target: SocketAddr,
    workload: &Workload,
    on: &mut impl FnMut(Moment) -> io::Result<()>,
) -> io::Result<(SteadyResult, Connections)> {
    check(workload).map_err(|fault| {
        io::Error::new(io::ErrorKind::InvalidInput, fault.to_string())
    })?;
    let crowd = crowd::Crowd::connect(target, workload.connections())?;
    on(Moment::Connected)?;
    let (result, crowd) =
        talk::Talk::new(workload, crowd).run(workload.clients, on)?;
    Ok((result, Connections(crowd)))
}
