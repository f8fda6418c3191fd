//! What depends on the operating system, a file for each concern: resource
//! usage of a process and of the threads of one server, cores, descriptor
//! limits, file identity, pipes, the kernel's queues of connections, signals,
//! stops, output, process groups, and the machine. A figure that a system does not
//! provide is absent, never zero.

pub mod cores;
pub mod descriptors;
pub mod files;
pub mod group;
pub mod ledger;
pub mod machine;
pub mod outlet;
pub mod pipe;
pub mod queues;
pub mod signals;
pub mod stops;
pub mod usage;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex even if it is poisoned: a panic leaves its data consistent.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
