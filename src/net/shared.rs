//! What a listener shares with its connections: the options, the stop, and a
//! count of open connections, where a paused `accept` waits for a change.

use super::options::ServerOptions;
use super::stop::Stop;
use super::system::WakeUpCall;
use crate::probe::{Note, Phase, Probe};
use crate::system::lock;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// What a listener shares with its connections.
pub(super) struct ListenerShared {
    pub(super) options: ServerOptions,
    pub(super) stop: Arc<Stop>,
    pub(super) open: Arc<OpenConnections>,
    pub(super) wake_up: WakeUpCall,
}

impl ListenerShared {
    /// Whether the grace period is over.
    pub(super) fn is_cut(&self) -> bool {
        self.stop.phase() >= Phase::Cancelling
    }

    /// New clients are refused from now on.
    pub(super) fn refuse<P: Probe>(&self, probe: &P) {
        let note = Note::Phase(Phase::Finishing);
        self.stop.refused_after(|| probe.note(&note));
    }

    /// The grace period ends now.
    pub(super) fn cut<P: Probe>(&self, probe: &P) {
        let note = Note::Phase(Phase::Cancelling);
        self.stop.cut_after(|| probe.note(&note));
    }
}

/// Counts open connections; a paused `accept` waits here until one closes.
#[derive(Default)]
pub(super) struct OpenConnections {
    open: AtomicUsize,
    waiting: Mutex<()>,
    changed: Condvar,
}

/// One connection's place among those that are open. Drop it after the
/// socket is closed: a paused `accept` needs the descriptor too.
pub(super) struct ConnectionPlace(Arc<OpenConnections>);

impl OpenConnections {
    pub(super) fn count(&self) -> usize {
        self.open.load(SeqCst)
    }

    pub(super) fn enter(self: &Arc<Self>) -> ConnectionPlace {
        self.open.fetch_add(1, SeqCst);
        ConnectionPlace(self.clone())
    }

    pub(super) fn wake_all(&self) {
        drop(lock(&self.waiting));
        self.changed.notify_all();
    }

    /// Sleeps until a change after which the condition is false, but not
    /// for longer than `most`.
    pub(super) fn sleep_while(
        &self,
        condition: impl Fn() -> bool,
        most: Duration,
    ) {
        let waiting = lock(&self.waiting);
        let waited =
            self.changed.wait_timeout_while(waiting, most, |()| condition());
        drop(waited);
    }
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, SeqCst);
        self.0.wake_all();
    }
}
