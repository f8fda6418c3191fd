//! How a server is asked to stop, whatever it is asleep in.
//!
//! A signal alone leaves no `accept`, `read` or wait (its handler is
//! installed with `SA_RESTART`, or runs in a thread of its own), so each kind
//! of sleep has its own way of being woken: the listening socket is shut
//! down under a blocked `accept`, a connection under a blocked `read`, a
//! selector is notified; an event loop is notified, too, and answers between
//! two tasks; a busy loop looks at the phase by itself. Where a socket that
//! is shut down wakes no thread, a connection to ourselves wakes `accept`,
//! and a thread that sleeps with a client checks from time to time.

use crate::probe::{Phase, SocketId};
use crate::system::lock;
use socket2::Socket;
use std::collections::HashMap;
use std::net::Shutdown;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};

type Waker = Box<dyn Fn() + Send + Sync>;

/// The way to ask one server to stop; shared by the server and its owner.
///
/// Its phase only ever goes on, and each is entered once: the thread that
/// enters one learns so, and reports it to a probe. The methods that end in
/// `_after` call `report` before the phase can be seen, so that notes come in
/// order, and what is counted at a phase's beginning is not over already.
#[derive(Default)]
pub struct Stop {
    phase: AtomicU8,
    turn: Mutex<()>,
    deadline: OnceLock<Instant>,
    wakers: Mutex<Vec<Waker>>,
    sleepers: Mutex<HashMap<SocketId, Weak<Socket>>>,
}

impl Stop {
    /// A server that has not been asked to stop.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Where the server is between running and ended.
    pub fn phase(&self) -> Phase {
        Phase::from_index(self.phase.load(SeqCst))
    }

    /// When the grace period is over, for all connections alike; `None`
    /// unless the server was asked to stop.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline.get().copied()
    }

    /// Asks the server to refuse new clients, and to finish the ones it has
    /// by the one deadline that this sets. Only the first request counts.
    pub fn request(&self, grace: Duration) {
        self.request_until(|| Instant::now() + grace, || ());
    }

    /// As [`request`](Self::request), with a deadline of the program's clock.
    /// If this is the first request, calls `report` and then `deadline`, so
    /// that the grace period is never shorter than the reported phases say.
    /// Returns whether it was the first.
    pub fn request_until(
        &self,
        deadline: impl FnOnce() -> Instant,
        report: impl FnOnce(),
    ) -> bool {
        let entered = self.enter(Phase::Refusing, || {
            report();
            let _ = self.deadline.set(deadline());
        });
        if entered {
            self.wake();
        }
        entered
    }

    /// New clients are refused from now on; returns whether that is news. No
    /// thread sleeps until this: none is woken.
    pub fn refused_after(&self, report: impl FnOnce()) -> bool {
        self.enter(Phase::Finishing, report)
    }

    /// Ends the grace period, every connection is closed; returns whether that
    /// is news.
    pub fn cut(&self) -> bool {
        self.cut_after(|| ())
    }

    /// As [`cut`](Self::cut), with a report.
    pub fn cut_after(&self, report: impl FnOnce()) -> bool {
        let entered = self.enter(Phase::Cancelling, report);
        if entered {
            self.wake();
            let sleepers = lock(&self.sleepers);
            for socket in sleepers.values().filter_map(Weak::upgrade) {
                end_reads(&socket);
            }
        }
        entered
    }

    /// The server has returned; returns whether that is news.
    pub fn ended_after(&self, report: impl FnOnce()) -> bool {
        self.enter(Phase::Ended, report)
    }

    /// Enters the phase if it is still to come: one at a time, so that they
    /// are reported in order. Only a stop that was not cut short finishes.
    fn enter(&self, phase: Phase, report: impl FnOnce()) -> bool {
        let is_next = || match phase {
            Phase::Finishing => self.phase() == Phase::Refusing,
            _ => self.phase() < phase,
        };
        // Asked in each turn of a loop: without the lock, if it is over.
        if !is_next() {
            return false;
        }
        let _turn = lock(&self.turn);
        let enters = is_next();
        if enters {
            report();
            self.phase.store(phase as u8, SeqCst);
        }
        enters
    }

    fn wake(&self) {
        lock(&self.wakers).iter().for_each(|wake| wake());
    }

    /// Has `wake` called when the server is asked to stop and when the grace
    /// period ends, and now if one of them was. It outlives the server, so
    /// it should own nothing of it.
    pub(crate) fn on_change(&self, wake: impl Fn() + Send + Sync + 'static) {
        let mut wakers = lock(&self.wakers);
        if self.phase() != Phase::Running {
            wake();
        }
        wakers.push(Box::new(wake));
    }

    /// A thread may fall asleep on this connection: wake it at the end.
    pub(super) fn add_sleeper(&self, id: SocketId, socket: &Arc<Socket>) {
        let mut sleepers = lock(&self.sleepers);
        sleepers.insert(id, Arc::downgrade(socket));
        if self.phase() >= Phase::Cancelling {
            end_reads(socket);
        }
    }

    /// The connection is closed.
    pub(super) fn remove_sleeper(&self, id: SocketId) {
        lock(&self.sleepers).remove(&id);
    }
}

/// Wakes the thread that sleeps in a read or write; an error means that the
/// client is gone already.
fn end_reads(socket: &Socket) {
    let _ = socket.shutdown(Shutdown::Both);
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(3600);

    #[test]
    fn each_phase_is_entered_once_and_in_order() {
        let stop = Stop::new();
        assert!(!stop.refused_after(|| ()), "no stop was requested");
        let deadline = Instant::now() + GRACE;
        assert!(stop.request_until(|| deadline, || ()));
        assert!(!stop.request_until(|| deadline, || ()));
        assert!(stop.refused_after(|| ()));
        assert!(!stop.refused_after(|| ()));
        assert!(stop.cut());
        assert!(!stop.cut());
        assert!(stop.ended_after(|| ()));
        assert!(
            !stop.ended_after(|| ())
                && !stop.cut()
                && !stop.refused_after(|| ())
        );
        assert_eq!(stop.phase(), Phase::Ended);
    }

    #[test]
    fn the_first_request_sets_the_one_deadline() {
        let stop = Stop::new();
        assert_eq!(stop.deadline(), None);
        stop.request(GRACE);
        let deadline = stop.deadline();
        stop.request(Duration::ZERO);
        assert!(deadline.is_some_and(|at| at > Instant::now()));
        assert_eq!(stop.deadline(), deadline);
        stop.cut();
        assert!(!stop.refused_after(|| ()), "it no longer finishes");
        assert_eq!(stop.phase(), Phase::Cancelling);
    }

    #[test]
    fn a_phase_is_reported_before_it_is_seen_and_woken_for() {
        let stop = Stop::new();
        let woken = Arc::new(AtomicU8::new(0));
        let count = woken.clone();
        stop.on_change(move || {
            count.fetch_add(1, SeqCst);
        });
        let observed = |phase, wakes| {
            assert_eq!((stop.phase(), woken.load(SeqCst)), (phase, wakes));
        };
        let deadline = Instant::now() + GRACE;
        stop.request_until(|| deadline, || observed(Phase::Running, 0));
        stop.refused_after(|| observed(Phase::Refusing, 1));
        stop.cut_after(|| observed(Phase::Finishing, 1));
        observed(Phase::Cancelling, 2);
    }
}
