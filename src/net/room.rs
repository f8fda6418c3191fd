//! How many connections there are, and room for how many more.

use super::stop::lock;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// How many connections are open, and a bed for whoever waits for fewer.
#[derive(Default)]
pub(super) struct Room {
    open: AtomicUsize,
    bed: Mutex<()>,
    changed: Condvar,
}

impl Room {
    pub(super) fn open(&self) -> usize {
        self.open.load(SeqCst)
    }

    pub(super) fn enter(&self) {
        self.open.fetch_add(1, SeqCst);
    }

    pub(super) fn leave(&self) {
        self.open.fetch_sub(1, SeqCst);
        self.wake_all();
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
