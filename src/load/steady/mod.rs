//! The clients of a measurement: messages of one size, one rhythm, nothing
//! else, so that what is measured is the server.
//!
//! All of them are in the calling thread, and each costs what a bare client of
//! epoll(7) would: one wait for a batch of them, a read and a write an echo.
//! From the outside in: `workload` (what is to be done, and the result),
//! `crowd` (the connections), `talk` (the loop and the window of time), `line`
//! (what one client has sent and received), `pace` (when messages are due).
//!
//! # What is timed
//!
//! Closed loop: a client sends its next message when an echo is back. An echo
//! time is a *service time*, from just before the message is handed to the
//! system until its last byte is read; those of the echoes that came back
//! within the window are recorded. A server that stalls is sent less, so its
//! stall hardly shows.
//!
//! Open loop: messages are due at a steady rate, whatever the server does.
//! An echo time is a *response time*, from when the message was due, even
//! if its client was still held up by `pipeline` messages that had not come
//! back. Exactly the messages that were due within the window are recorded:
//! those that have not come back when it ends, of connections that were
//! lost, too, with the time that they have waited until then, which is less
//! than what they would have taken. See "coordinated omission" in the
//! README of wrk2.

mod crowd;
mod line;
mod pace;
mod talk;
mod workload;

pub use pace::is_nothing_due;
pub use talk::LoadMoment;
pub use workload::{
    LONGEST_WINDOW, MAX_PIPELINE, MAX_RATE_PER_S, MAX_SIZE, MAX_STEADY_CLIENTS,
    MAX_UNDER_WAY, MIN_RATE_PER_S, Rhythm, SteadyResult, Workload, check,
};

use std::io;
use std::net::SocketAddr;

/// The connections of a run that has ended, still open, until this is
/// dropped: then all are reset.
pub struct Connections(#[expect(dead_code, reason = "held")] crowd::Crowd);

/// Connects, sends and measures in the calling thread; `on` is called at each
/// [`LoadMoment`], and ends the run if it returns an error. What happens to a
/// connection once all are established is a result, not an error.
///
/// # Errors
/// `InvalidInput` for a workload that [`check`] refuses; `TimedOut` if not all
/// connections are established in time; an error of a connect, of the poller or
/// of `on`.
pub fn run(
    target: SocketAddr,
    workload: &Workload,
    on: &mut impl FnMut(LoadMoment) -> io::Result<()>,
) -> io::Result<(SteadyResult, Connections)> {
    check(workload)
        .map_err(|words| io::Error::new(io::ErrorKind::InvalidInput, words))?;
    let crowd = crowd::Crowd::connect(target, workload.connections())?;
    on(LoadMoment::Connected)?;
    let (result, crowd) = talk::Talk::new(workload, crowd).run(on)?;
    Ok((result, Connections(crowd)))
}
