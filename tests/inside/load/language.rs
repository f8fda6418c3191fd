//! What the tests of the clients are written in.

use crate::support::Server;
use crate::support::peers::{Manner, Peer};
use sockscope::load::{Cancel, Group, LoadOptions, LoadResult, run};
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::probe::Clock;
use std::net::SocketAddr;
use std::time::Duration;

pub(crate) const KIB: u64 = 1024;
pub(crate) const MIB: u64 = 1024 * KIB;

/// Long enough for everything that is to end by itself.
pub(crate) const GENEROUS: Duration = Duration::from_secs(300);

pub(crate) fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// Clients that connect and follow these steps, as in a scenario's file.
pub(crate) fn group(name: &str, count: usize, steps: &str) -> Group {
    let file = format!("name = '{name}'\nsteps = ['connect', {steps}]");
    Group { count, ..toml::from_str(&file).unwrap() }
}

pub(crate) fn options(time_limit: Duration) -> LoadOptions {
    LoadOptions { time_limit, live: None, clock: Clock::wall() }
}

pub(crate) fn run_for(
    time_limit: Duration,
    target: impl Into<SocketAddr>,
    groups: &[Group],
) -> LoadResult {
    run(target.into(), groups, &options(time_limit), &Cancel::new()).unwrap()
}

pub(crate) fn run_groups(
    target: impl Into<SocketAddr>,
    groups: &[Group],
) -> LoadResult {
    run_for(GENEROUS, target, groups)
}

/// One client with these steps against a server of this manner.
pub(crate) fn one_against(manner: Manner, steps: &str) -> LoadResult {
    run_groups(&Peer::start(manner), &[group("one", 1, steps)])
}

/// Our own server, in the selector mode.
pub(crate) fn our_server() -> Server {
    Server::start(Mode::Selector, &ServerOptions::default())
}
