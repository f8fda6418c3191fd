//! How many connections are open, and a bed for whoever waits for fewer.

use super::stop::lock;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// A listener's connections, counted.
#[derive(Default)]
pub(super) struct Room {
    open: AtomicUsize,
    bed: Mutex<()>,
    changed: Condvar,
}

/// One connection's place in a room. To be dropped after the socket is
/// closed: whoever waits for a place wants the descriptor too.
pub(super) struct Seat(Arc<Room>);

impl Room {
    pub(super) fn open(&self) -> usize {
        self.open.load(SeqCst)
    }

    pub(super) fn enter(self: &Arc<Self>) -> Seat {
        self.open.fetch_add(1, SeqCst);
        Seat(self.clone())
    }

    pub(super) fn wake_all(&self) {
        drop(lock(&self.bed));
        self.changed.notify_all();
    }

    /// Sleeps until a change after which the condition is false, but not
    /// for longer than `most`.
    pub(super) fn sleep_while(
        &self,
        condition: impl Fn() -> bool,
        most: Duration,
    ) {
        let bed = lock(&self.bed);
        let waited =
            self.changed.wait_timeout_while(bed, most, |()| condition());
        drop(waited);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, SeqCst);
        self.0.wake_all();
    }
}
