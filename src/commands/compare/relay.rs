//! Between one of several runs, in a thread of its own, and the main thread.

use super::start::Start;
use crate::probe::{Call, Exit, Note, SharedProbe};
use crate::run::engine::{Watcher, Wish};
use crate::system::ledger::ThreadLedger;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How often a run looks whether something is wished.
const TICK: Duration = Duration::from_millis(20);

/// The end of the wire in the main thread.
#[derive(Debug, Default)]
pub(super) struct Wire {
    wish: AtomicU8,
    /// Whether somebody's own clients are connected.
    is_held: AtomicBool,
    address: OnceLock<SocketAddr>,
}

impl Wire {
    /// Something is wished of the run. A wish to go on changes nothing, and
    /// the strongest that it has not heard of counts.
    pub(super) fn wish(&self, wish: Wish) {
        let number = match wish {
            Wish::GoOn => 0,
            Wish::Close => 1,
            Wish::Stop => 2,
            Wish::Cut => 3,
        };
        self.wish.fetch_max(number, Relaxed);
    }

    /// Whether the run is to go on when its clients are done, as somebody
    /// has connected clients of their own.
    pub(super) fn hold(&self, is_held: bool) {
        self.is_held.store(is_held, Relaxed);
    }

    fn take_wish(&self) -> Wish {
        match self.wish.swap(0, Relaxed) {
            0 => Wish::GoOn,
            1 => Wish::Close,
            2 => Wish::Stop,
            _ => Wish::Cut,
        }
    }

    /// Where the server listens, once it does.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.address.get().copied()
    }
}

/// The end of the wire in the run's thread.
pub(super) struct Relay {
    pub(super) wire: Arc<Wire>,
    pub(super) start: Arc<Start>,
    /// Whether somebody may wish something.
    pub(super) listens: bool,
    /// Whether the clients of the scenario are.
    pub(super) clients_done: Arc<AtomicBool>,
    arrived: bool,
}

impl Relay {
    pub(super) const fn new(
        wire: Arc<Wire>,
        start: Arc<Start>,
        listens: bool,
        clients_done: Arc<AtomicBool>,
    ) -> Self {
        Self { wire, start, listens, clients_done, arrived: false }
    }

    /// Whether nobody has anything more to say to the server.
    fn is_done(&self) -> bool {
        self.clients_done.load(Relaxed) && !self.wire.is_held.load(Relaxed)
    }

    fn arrive(&mut self) {
        if !self.arrived {
            self.arrived = true;
            self.start.arrive();
        }
    }
}

impl Watcher for Relay {
    fn listening(&mut self, address: SocketAddr) -> io::Result<()> {
        let _ = self.wire.address.set(address);
        self.arrive();
        let goes = self.start.wait();
        goes.then_some(()).ok_or_else(|| ErrorKind::Interrupted.into())
    }

    fn interval(&self) -> Option<Duration> {
        self.listens.then_some(TICK)
    }

    fn tick(&mut self) -> io::Result<Wish> {
        Ok(match self.wire.take_wish() {
            Wish::GoOn if self.is_done() => Wish::Close,
            wish => wish,
        })
    }
}

impl Drop for Relay {
    /// One that could not listen holds up nobody.
    fn drop(&mut self) {
        self.arrive();
    }
}

/// Enters every thread that makes a call into a ledger.
pub(super) struct Clerk(pub(super) ThreadLedger);

impl SharedProbe for Clerk {
    type Mark = ();

    fn enter(&self, _: &Call) {
        self.0.enter_this_thread();
    }

    fn exit(&self, _: &Call, (): (), _: Exit) {}

    fn note(&self, _: &Note) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_wish_is_heard_once() {
        let wire = Wire::default();
        for wish in [Wish::Stop, Wish::Cut, Wish::Close, Wish::GoOn] {
            wire.wish(wish);
        }
        assert_eq!(wire.take_wish(), Wish::Cut);
        assert_eq!(wire.take_wish(), Wish::GoOn);
    }

    #[test]
    fn who_cannot_listen_holds_up_nobody() {
        let start = Arc::new(Start::default());
        drop(relay(start.clone()));
        start.wait_for(1);
    }

    fn relay(start: Arc<Start>) -> Relay {
        Relay::new(Arc::default(), start, true, Arc::default())
    }

    #[test]
    fn a_run_goes_on_until_its_clients_and_those_by_hand_have_left() {
        let mut relay = relay(Arc::default());
        relay.wire.hold(true);
        assert_eq!(relay.tick().ok(), Some(Wish::GoOn));
        relay.clients_done.store(true, Relaxed);
        assert_eq!(relay.tick().ok(), Some(Wish::GoOn));
        relay.wire.wish(Wish::Stop);
        assert_eq!(relay.tick().ok(), Some(Wish::Stop));
        relay.wire.hold(false);
        assert_eq!(relay.tick().ok(), Some(Wish::Close));
    }
}
