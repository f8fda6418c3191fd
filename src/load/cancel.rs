//! How a run of the clients is ended from another thread.

use crate::net::Notifier;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The way to end runs early; its clones end the same runs.
#[derive(Clone, Default)]
pub struct Cancel {
    shared: Arc<CancelState>,
}

#[derive(Default)]
struct CancelState {
    cancelled: AtomicBool,
    notifiers: Mutex<Vec<Notifier>>,
    hooks: Mutex<Vec<Hook>>,
}

type Hook = Box<dyn FnOnce() + Send>;

impl Cancel {
    /// Nothing is cancelled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Has every run that uses this return soon with what it has, also one
    /// that begins later.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, SeqCst);
        lock(&self.shared.notifiers).iter().for_each(Notifier::notify);
        let hooks = std::mem::take(&mut *lock(&self.shared.hooks));
        for hook in hooks {
            hook();
        }
    }

    /// Has `hook` called at the cancellation, or at once if that is past.
    pub fn on_cancel(&self, hook: impl FnOnce() + Send + 'static) {
        lock(&self.shared.hooks).push(Box::new(hook));
        if self.is_cancelled() {
            self.cancel();
        }
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(SeqCst)
    }

    /// Has this selector woken too.
    pub(super) fn wakes(&self, notifier: Notifier) {
        let mut notifiers = lock(&self.shared.notifiers);
        notifiers.retain(Notifier::is_live);
        notifiers.push(notifier);
    }
}

/// The lock's content, also after a panic elsewhere: it is always whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
