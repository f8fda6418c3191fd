//! What the tests of the clients are written in.

use crate::support::Server;
use crate::support::peers::{Manner, Peer};
use sockscope::load::{
    Cancel, Group, LoadOptions, LoadResult, Repeat, Step, run,
};
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::probe::Clock;
use sockscope::units::{Size, Time};
use std::net::SocketAddr;
use std::time::Duration;

pub(crate) const KIB: u64 = 1024;
pub(crate) const MIB: u64 = 1024 * KIB;

/// Long enough for everything that is to end by itself.
pub(crate) const GENEROUS: Duration = Duration::from_secs(300);

pub(crate) fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

pub(crate) fn group(name: &str, count: usize, steps: &[Step]) -> Group {
    let steps = [&[Step::Connect], steps].concat();
    Group { name: name.to_owned(), count, steps, ..Group::default() }
}

pub(crate) fn say(words: &str) -> Step {
    Step::Say(words.into())
}

pub(crate) fn pattern(length: u64) -> Step {
    Step::Send(Size(length))
}

pub(crate) fn times(times: u64, every: Option<u64>, steps: &[Step]) -> Step {
    let every = every.map(|it| Time(ms(it)));
    let (times, steps) = (Some(times), steps.to_vec());
    Step::Repeat(Repeat { times, every, steps, lasting: None })
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
pub(crate) fn one_against(manner: Manner, steps: &[Step]) -> LoadResult {
    run_groups(&Peer::start(manner), &[group("one", 1, steps)])
}

/// Our own server, in the selector mode.
pub(crate) fn our_server() -> Server {
    Server::start(Mode::Selector, &ServerOptions::default())
}
