//! What the inbox and the wakers are built on; their test puts loom's own in
//! their place.

pub(super) use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
pub(super) use std::sync::{Mutex, PoisonError};
