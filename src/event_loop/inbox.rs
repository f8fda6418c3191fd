//! Wake-ups from anywhere: wakers, other threads, signals.
//!
//! The one part of the loop that other threads touch, so it is kept apart,
//! and `tests/alone/wake_ups.rs` runs it through every order of its steps.

use super::sync::{AtomicBool, Mutex, PoisonError, SeqCst};

/// What has been put here since the loop last looked.
pub(super) struct Inbox<T> {
    items: Mutex<Vec<T>>,
    /// The loop sleeps or is about to, and has not been woken yet. The flag
    /// is only ever swapped, so that each change sees the one before.
    asleep: AtomicBool,
}

impl<T> Inbox<T> {
    pub(super) fn new() -> Self {
        let (items, asleep) = (Mutex::new(Vec::new()), AtomicBool::new(false));
        Self { items, asleep }
    }

    /// Puts it in. Tells whether the loop must be woken for it: of several
    /// that come while it sleeps only the first one has to.
    pub(super) fn put(&self, item: T) -> bool {
        self.with_items(|items| items.push(item));
        self.asleep.swap(false, SeqCst)
    }

    /// Called before a sleep: whether the inbox is empty. From now on
    /// [`put`](Self::put) asks its caller to wake the loop.
    pub(super) fn may_sleep(&self) -> bool {
        // In this order: what is put in between the two is found here, or
        // else its sender finds the flag.
        self.asleep.swap(true, SeqCst);
        self.with_items(|items| items.is_empty())
    }

    /// Everything that was put in, in that order.
    pub(super) fn take(&self, into: &mut Vec<T>) {
        self.asleep.swap(false, SeqCst);
        self.with_items(|items| into.append(items));
    }

    fn with_items<R>(&self, act: impl FnOnce(&mut Vec<T>) -> R) -> R {
        let items = self.items.lock();
        act(&mut items.unwrap_or_else(PoisonError::into_inner))
    }
}
