//! The primitives of the inbox and the wakers; in a test, loom's versions
//! replace them.

pub(super) use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
pub(super) use std::sync::{Mutex, PoisonError};
