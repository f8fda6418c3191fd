//! Waiting for a condition, with a limit that only a failure reaches.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// Waits until the condition is so.
#[track_caller]
pub(crate) fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < LIMIT, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}
