//! How a server is asked to stop, whatever it is asleep in.
//!
//! A signal alone leaves no `accept`, `read` or wait (its handler is
//! installed with `SA_RESTART`, or runs in a thread of its own), so each kind
//! of sleep has its own way of being woken: the listening socket is shut
//! down under a blocked `accept`, a connection under a blocked `read`, a
//! selector is notified; a busy loop looks at the phase by itself.

use crate::probe::{Phase, SocketId};
use socket2::Socket;
use std::collections::HashMap;
use std::net::Shutdown;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

type Waker = Box<dyn Fn() + Send + Sync>;

/// The way to ask one server to stop; shared by the server and its owner.
#[derive(Default)]
pub struct Stop {
    phase: AtomicU8,
    wakers: Mutex<Vec<Waker>>,
    sleepers: Mutex<HashMap<SocketId, Weak<Socket>>>,
}

impl Stop {
    /// A server that has not been asked to stop.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Where the server is between running and over.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.phase.load(SeqCst) {
            0 => Phase::Running,
            1 => Phase::Finishing,
            _ => Phase::Over,
        }
    }

    /// Asks the server to refuse new clients and to finish the ones it has.
    pub fn request(&self) {
        self.enter(Phase::Finishing);
    }

    /// Ends the grace period: every connection is closed.
    pub fn cut(&self) {
        self.enter(Phase::Over);
        for socket in lock(&self.sleepers).values().filter_map(Weak::upgrade) {
            end_reads(&socket);
        }
    }

    fn enter(&self, phase: Phase) {
        self.phase.fetch_max(phase as u8, SeqCst);
        lock(&self.wakers).iter().for_each(|wake| wake());
    }

    /// Has `wake` called at every change of phase, and now if there was one.
    /// It outlives the server, so it should own nothing of it.
    pub(super) fn on_change(&self, wake: impl Fn() + Send + Sync + 'static) {
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
        if self.phase() == Phase::Over {
            end_reads(socket);
        }
    }

    /// The connection is closed.
    pub(super) fn remove_sleeper(&self, id: SocketId) {
        lock(&self.sleepers).remove(&id);
    }
}

/// Wakes whoever sleeps in a read or write; an error means that the client
/// is gone already.
fn end_reads(socket: &Socket) {
    let _ = socket.shutdown(Shutdown::Both);
}

/// The lock's content, also after a panic elsewhere: each is always whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
