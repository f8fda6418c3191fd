//! What the tests of the clients are written in.

use crate::support::peers::{Manner, Peer};
use sockscope::load::{
    Cancel, Group, LoadOptions, LoadResult, Pacing, Payload, Step, Until, run,
};
use sockscope::modes::Mode;
use sockscope::net::{Listener, ServerOptions, Stop};
use sockscope::probe::{Clock, NoProbe};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub(crate) const KIB: u64 = 1024;
pub(crate) const MIB: u64 = 1024 * KIB;

/// Long enough for everything that is to end by itself.
pub(crate) const GENEROUS: Duration = Duration::from_secs(300);

pub(crate) fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

pub(crate) fn group(name: &str, count: usize, steps: &[Step]) -> Group {
    Group {
        name: name.to_owned(),
        count,
        start: Duration::ZERO,
        stagger: Duration::ZERO,
        send_buffer: None,
        receive_buffer: None,
        steps: [&[Step::Connect], steps].concat(),
    }
}

pub(crate) fn say(words: &str) -> Step {
    Step::Say(Payload::Text(words.as_bytes().to_vec()))
}

pub(crate) fn pattern(length: u64) -> Step {
    Step::Say(Payload::Pattern(length))
}

pub(crate) fn times(times: u64, pacing: Pacing, steps: &[Step]) -> Step {
    let steps = steps.to_vec();
    Step::Repeat { until: Until::Times(times), pacing, steps }
}

pub(crate) fn run_groups(target: SocketAddr, groups: &[Group]) -> LoadResult {
    run_for(GENEROUS, target, groups)
}

pub(crate) fn run_for(
    time_limit: Duration,
    target: SocketAddr,
    groups: &[Group],
) -> LoadResult {
    run(
        target,
        groups,
        &LoadOptions { time_limit, live: None, clock: Clock::wall() },
        &Cancel::new(),
    )
    .unwrap()
}

/// One client with these steps against a server of this manner.
pub(crate) fn one_against(manner: Manner, steps: &[Step]) -> LoadResult {
    let peer = Peer::start(manner);
    run_groups(peer.address(), &[group("one", 1, steps)])
}

/// Our own server, in the selector mode if no other is named.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) stop: Arc<Stop>,
    pub(crate) thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(settings: &ServerOptions) -> Self {
        Self::start_in(Mode::Selector, settings)
    }

    pub(crate) fn start_in(mode: Mode, settings: &ServerOptions) -> Self {
        let stop = Stop::new();
        let listener = Listener::bind(settings, &stop, NoProbe).unwrap();
        let address = listener.local_addr().unwrap();
        let thread = thread::spawn(move || mode.serve(listener).unwrap());
        Self { address, stop, thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cut();
        self.thread.take().map(JoinHandle::join);
    }
}
