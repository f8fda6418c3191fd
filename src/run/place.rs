//! Where a scenario's clients run: beside the server or apart from it.

use crate::error::Error;
use crate::load::{self, Cancel, LiveLoad, LoadOptions, LoadResult};
use crate::probe::Clock;
use crate::scenario::Plan;
use std::io::Read as _;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

/// Where the clients run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientPlace {
    /// In a thread beside the server.
    Thread,
    /// In a separate process with its own descriptors. The string is the
    /// scenario's name or file, which the process gets as an argument.
    Process(String),
}

impl ClientPlace {
    /// Has the clients play their parts against a server, to their end. Those
    /// beside the server follow its clock, and show meanwhile how it goes in
    /// `live`; those in a process of their own have the system's clock.
    ///
    /// # Errors
    /// If they cannot be run at all.
    pub fn play(
        &self,
        plan: &Plan,
        target: SocketAddr,
        live: Option<LiveLoad>,
        clock: Clock,
        cancel: &Cancel,
    ) -> Result<LoadResult, Error> {
        match self {
            Self::Thread => play_here(plan, target, live, clock, cancel),
            Self::Process(name) => play_apart(name, target, cancel),
        }
    }
}

fn play_here(
    plan: &Plan,
    target: SocketAddr,
    live: Option<LiveLoad>,
    clock: Clock,
    cancel: &Cancel,
) -> Result<LoadResult, Error> {
    let options = LoadOptions { time_limit: plan.time_limit, live, clock };
    load::run(target, &plan.groups, &options, cancel).map_err(Error::Load)
}

/// Has another process of this program play the clients. It ends when its
/// standard input does, so that it never outlives this one.
fn play_apart(
    scenario: &str,
    target: SocketAddr,
    cancel: &Cancel,
) -> Result<LoadResult, Error> {
    let program = std::env::current_exe().map_err(Error::Load)?;
    let mut child = Command::new(program)
        .args(["load", "--hand-over", "--scenario", scenario])
        .arg(target.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(Error::Load)?;
    let stdin = child.stdin.take();
    cancel.on_cancel(move || drop(stdin));
    let mut text = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut text).map_err(Error::Load)?;
    }
    child.wait().map_err(Error::Load)?;
    serde_json::from_str(&text).map_err(Error::HandOver)
}
