//! What differs by operating system, a concern a file: what a process and the
//! threads of one server use, cores, descriptor limits, names of files, a
//! listener's backlog, signals, other programs and groups of processes, and
//! what machine this is. Where a system cannot give a figure it is absent,
//! never zero.

pub mod backlog;
pub mod cores;
pub mod descriptors;
pub mod files;
pub mod group;
pub mod ledger;
pub mod machine;
pub mod signals;
pub mod usage;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The content of a lock whose holders leave it whole even if they panic.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
