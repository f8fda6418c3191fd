//! A sweep that is ended early.

use super::bench::{command, result};
use super::bench_ends::{descendants, is_gone};
use crate::support::patience::wait_for;
use crate::support::process::Program;
use nix::sys::signal::Signal;

/// A sweep that takes longer than a test.
const LONG: &str =
    "sweep selector tasks --clients 1,2 --rounds 1000 --time 200ms";

fn start() -> Program {
    Program::spawn(command(&[], LONG))
}

#[test]
fn a_signal_ends_it_with_what_it_has() {
    let json = format!("{LONG} --report json");
    let program = Program::spawn(command(&[], &json));
    program.wait_for_words("round 2 of 1000");
    let mut all = Vec::new();
    wait_for("both sides run", || {
        all = descendants(program.pid());
        all.len() == 2
    });
    program.signal(Signal::SIGINT);
    let finished = program.finish();
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    let result = result(&finished.stdout);
    assert!(result.interrupted);
    assert_eq!(result.rounds, 1000);
    assert_eq!(result.points.len(), 2);
    for subject in result.points.iter().flat_map(|it| &it.subjects) {
        assert_eq!(subject.failure, None);
        assert!(!subject.samples.is_empty(), "{subject:?}");
    }
    wait_for("nobody is left", || all.iter().all(|it| is_gone(*it)));
}

#[test]
fn people_read_first_that_it_was_ended() {
    let program = start();
    program.wait_for_words("round 2 of 1000");
    program.signal(Signal::SIGTERM);
    let finished = program.finish();
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    let second = finished.stdout.lines().nth(1).unwrap();
    assert!(second.starts_with("Interrupted: the sweep was ended"), "{second}");
}

/// Whatever is under way: nothing at all, a server that starts, clients that
/// connect, a window.
#[test]
fn at_whatever_moment_it_ends_nobody_is_left() {
    for step in 0..12 {
        let mut program = start();
        let moment = std::time::Duration::from_millis(7 * step);
        // Which moment it hits does not matter, only that it is any.
        std::thread::sleep(moment);
        let all = descendants(program.pid());
        // Not SIGINT: what was started in the background ignores it until it
        // asks for it; see "Signals" in POSIX sh, 2.11.
        program.signal(Signal::SIGTERM);
        program.finish_within(crate::support::patience::LIMIT);
        wait_for("nobody is left", || all.iter().all(|it| is_gone(*it)));
    }
}
