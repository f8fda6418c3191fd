//! Findings that last, and what they become.

use super::language::Run;
use std::fmt::Write as _;

const NOTHING: [&str; 0] = [];

#[test]
fn the_only_thread_asleep_on_one_client_serves_no_other() {
    let mut run = Run::sleeping();
    run.play("0-10 accept 0 1; 10 open 1; 11 enter read 1");
    assert_eq!(run.found(900), NOTHING, "that is not long");
    let words = "a client that connects now has to wait: the only thread has \
                 slept in a read of #1 for 2.10 s (some.rs:11)";
    assert_eq!(run.found(2_111), [words]);
    run.play("11..2211 read 1 5; 2212 enter read 1");
    assert_eq!(run.found(3_213).len(), 1, "it is so again");
    run.play("2212..3214 read 1 5");
    let words = "a client that had connected would have waited: the only \
                 thread slept in a read of #1 for up to 2.20 s (some.rs:11)";
    assert_eq!(run.found(3_215), [words], "as long as the event says");
    assert_eq!(run.scope.seen().len(), 1);
}

#[test]
fn clients_that_wait_meanwhile_are_counted() {
    let mut run = Run::sleeping();
    run.play("0-10 accept 0 1; 10 open 1; 11 enter read 1");
    run.scope.wait_in_backlog(2);
    let words = "2 clients wait to be accepted: the only thread has slept in \
                 a read of #1 for 1.50 s (some.rs:11)";
    assert_eq!(run.found(1_511), [words]);
    run.scope.wait_in_backlog(0);
    assert_eq!(run.found(1_600).len(), 1);
    run.play("11..2011 read 1 5; 2012 enter read 1").found(9_000);
    let words = "2 clients waited to be accepted: the only thread slept in a \
                 read of #1 for up to 2.00 s (some.rs:11)";
    let found = run.play("2012..9012 read 1 5").found(9_013);
    assert_eq!(found, [words], "no client waited during the longer one");
}

#[test]
fn when_the_listener_is_closed_no_client_has_to_wait() {
    let mut run = Run::sleeping();
    run.play("0-10 accept 0 1; 10 open 1; 11 enter read 1").found(1_500);
    let words = "a client that had connected would have waited: the only \
                 thread slept in a read of #1 for up to 2.00 s (some.rs:11)";
    assert_eq!(run.play("2011 phase finishing").found(3_000), [words]);
    let found = run.play("11..4000 read 1 closed").found(4_001);
    assert_eq!(found, [words], "it did not grow");
}

#[test]
fn a_thread_asleep_in_accept_serves_others() {
    for events in [
        "0 enter accept 0",
        "0-10 accept 0 1; 10 open 1; 10 enter accept 0; t1 11 enter read 1",
    ] {
        assert_eq!(Run::sleeping().play(events).found(9_000), NOTHING);
    }
}

/// The selector reports the socket writable every 10 ms.
fn woken_for_writable(from: u64, to: u64) -> String {
    (from..to).step_by(10).fold(String::new(), |mut events, at| {
        let before = at - 1;
        let _ = write!(events, "{before}-{at} wait 0 1; {at} ready 1 W; ");
        events
    })
}

#[test]
fn write_interest_with_nothing_to_write_has_its_rate() {
    let mut run = Run::selecting();
    run.play("1 open 1; 2 interest 1 RW").play(&woken_for_writable(10, 1_000));
    run.view(1_000);
    let words = "write interest is on for #1 while nothing is pending: the \
                 selector wakes at once, 100 times a second";
    run.play(&woken_for_writable(1_000, 2_000));
    assert_eq!(run.found(2_000), [words]);
    let words = "write interest was on for #1 while nothing was pending: the \
                 selector woke at once, up to 100 times a second";
    assert_eq!(run.play("2001 interest 1 R").found(2_100), [words]);
    let mut run = Run::selecting();
    run.play("1 open 1; 2 interest 1 RW; 3 read 1 9");
    run.play(&woken_for_writable(10, 2_000));
    assert_eq!(run.found(2_000), NOTHING, "something is pending");
}

#[test]
fn output_at_its_limit_is_found_when_nothing_moves() {
    let mut run = Run::selecting();
    run.play("1 open 1; 1 open 2").view(2);
    run.play("3 read 2 1000; 4 write 2 0");
    assert_eq!(run.found(400), NOTHING, "it may read yet");
    let words = "output for #2 is at its limit: it is not reading";
    assert_eq!(run.found(600), [words]);
    let found = run.play("700 read 2 9; 700 write 2 9").found(700);
    assert_eq!(found, NOTHING, "it reads");
}

#[test]
fn an_end_of_file_that_is_watched_is_found() {
    let mut run = Run::selecting();
    run.play("1 open 1; 1 open 2; 1 interest 1 R; 1 interest 2 R");
    run.play("10 read 1 eof; 10 read 2 eof");
    assert_eq!(run.found(900), NOTHING);
    let words = "#1 and 1 more are readable at end of file for 1.00 s and \
                 still watched";
    assert_eq!(run.found(1_010), [words]);
    let words = "#1 and 1 more were readable at end of file, longest 1.00 s, \
                 and still watched";
    run.play("1020 close 1 eof; 1020 interest 2 W");
    assert_eq!(run.found(1_030), [words]);
}

#[test]
fn what_has_been_is_found_again_each_second() {
    let mut run = Run::selecting();
    let one = "connection #1 was reset by the client";
    assert_eq!(run.play("1 open 1; 2 close 1 reset").found(10), [one]);
    assert_eq!(run.play("20 open 2; 30 close 2 reset").found(999), [one]);
    let both = "2 connections, first #1, were reset by the client";
    assert_eq!(run.found(1_000), [both]);
}

#[test]
fn what_lasts_because_threads_are_held_is_not_found() {
    let mut run = Run::selecting();
    run.play("1 open 1; 1 interest 1 R; 10 read 1 eof");
    assert_ne!(run.found(1_010), NOTHING);
    run.held(1_020);
    let over = |it: String| it.contains(" was ");
    assert!(run.found(1_020).into_iter().all(over));
    run.scope.hold(&[]);
    assert!(!run.found(1_030).into_iter().any(over));
}
