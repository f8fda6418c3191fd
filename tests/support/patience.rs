//! Waiting for a condition, with a limit that only a failure reaches.

use std::io::{self, ErrorKind, Read};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// How often something is tried that a busy machine may spoil.
const TRIES: usize = 20;

/// Waits until the condition is so.
#[track_caller]
pub(crate) fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    loop {
        // Before the look: a thread that was not scheduled still looks once more.
        let late = start.elapsed() > LIMIT;
        if condition() {
            return;
        }
        assert!(!late, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Tries until it holds, what only a machine with nothing else to do does
/// every time. Others only add time: one try that holds shows what the
/// program needs by itself, and what is never so fails.
#[track_caller]
pub(crate) fn holds_undisturbed(
    what: &str,
    mut attempt: impl FnMut() -> Result<(), String>,
) {
    let mut failures = Vec::new();
    while let Err(failure) = attempt() {
        println!("{what}: {failure}");
        failures.push(failure);
        assert!(failures.len() < TRIES, "{what}: never: {failures:?}");
    }
}

/// What [`holds_undisturbed`] wants to know.
pub(crate) fn holds(so: bool, words: impl Into<String>) -> Result<(), String> {
    if so { Ok(()) } else { Err(words.into()) }
}

/// Reads what has come. Under Linux a process that was stopped and continued
/// finds a read with a time-out interrupted; see signal(7).
pub(crate) fn read(
    stream: &mut impl Read,
    buffer: &mut [u8],
) -> io::Result<usize> {
    loop {
        match stream.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}
