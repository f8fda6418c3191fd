//! How a run of the clients is ended from another thread.

use crate::system::lock;
use std::mem::take;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// The way to end runs early; its clones end the same runs.
#[derive(Clone, Default)]
pub struct Cancel {
    shared: Arc<CancelState>,
}

#[derive(Default)]
struct CancelState {
    cancelled: AtomicBool,
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
        let hooks = take(&mut *lock(&self.shared.hooks));
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
}
