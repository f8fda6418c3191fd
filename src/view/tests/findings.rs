//! What is worth telling while it lasts.

use super::language::ms;
use super::language::{LIMIT, Run};
use crate::view::{End, Kind, Outcome, Phase};

#[test]
fn the_only_thread_asleep_on_one_client_serves_nobody_else() {
    let mut run = Run::sleeping();
    run.accepted(0, 10, 1);
    run.enters(11, Kind::Read, 1);
    assert_eq!(run.found(900), [""; 0], "that is not long");
    let words = "whoever connects now has to wait: the only thread has slept \
                 in a read of #1 for 2.10 s (some.rs:11)";
    assert_eq!(run.found(2_111), [words]);
    run.returns((ms(11), ms(2_211)), Kind::Read, 1, Outcome::Bytes(5));
    run.enters(2_212, Kind::Read, 1);
    assert_eq!(run.found(3_213).len(), 1, "it is so again");
    run.returns((ms(2_212), ms(3_214)), Kind::Read, 1, Outcome::Bytes(5));
    let words = "whoever had connected would have waited: the only thread \
                 slept in a read of #1 for up to 2.20 s (some.rs:11)";
    assert_eq!(run.found(3_215), [words], "as long as the event says");
    assert_eq!(run.scope.seen().len(), 1);
}

#[test]
fn clients_that_wait_meanwhile_are_counted() {
    let mut run = Run::sleeping();
    run.accepted(0, 10, 1);
    run.enters(11, Kind::Read, 1);
    run.scope.wait_in_backlog(2);
    let words = "2 clients wait to be accepted: the only thread has slept in \
                 a read of #1 for 1.50 s (some.rs:11)";
    assert_eq!(run.found(1_511), [words]);
    run.scope.wait_in_backlog(0);
    assert_eq!(run.found(1_600).len(), 1);
    run.returns((ms(11), ms(2_011)), Kind::Read, 1, Outcome::Bytes(5));
    run.enters(2_012, Kind::Read, 1);
    run.found(9_000);
    run.returns((ms(2_012), ms(9_012)), Kind::Read, 1, Outcome::Bytes(5));
    let words = "2 clients waited to be accepted: the only thread slept in a \
                 read of #1 for up to 2.00 s (some.rs:11)";
    assert_eq!(run.found(9_013), [words], "for the longer one nobody waited");
}

#[test]
fn when_the_listener_is_closed_nobody_has_to_wait() {
    let mut run = Run::sleeping();
    run.accepted(0, 10, 1);
    run.enters(11, Kind::Read, 1);
    run.found(1_500);
    run.enters_phase(2_011, Phase::Finishing);
    let words = "whoever had connected would have waited: the only thread \
                 slept in a read of #1 for up to 2.00 s (some.rs:11)";
    assert_eq!(run.found(3_000), [words]);
    run.returns((ms(11), ms(4_000)), Kind::Read, 1, Outcome::Closed);
    assert_eq!(run.found(4_001), [words], "it did not grow");
}

#[test]
fn who_sleeps_in_accept_serves_whoever_comes() {
    let mut run = Run::sleeping();
    run.enters(0, Kind::Accept, 0);
    assert_eq!(run.found(9_000), [""; 0]);
}

#[test]
fn with_a_second_thread_others_are_served() {
    let mut run = Run::sleeping();
    run.accepted(0, 10, 1);
    run.enters(10, Kind::Accept, 0);
    run.on_thread(1).enters(11, Kind::Read, 1);
    assert_eq!(run.found(9_000), [""; 0]);
}

/// The selector reports the socket writable every 10 ms.
fn woken_for_writable(run: &mut Run, from: u64, to: u64) {
    for at in (from..to).step_by(10) {
        run.slept(at - 1, at, Kind::Wait, 0, Outcome::Ready(1));
        run.ready(at, 1, "W");
    }
}

#[test]
fn write_interest_with_nothing_to_write_is_told_with_its_rate() {
    let mut run = Run::selecting();
    run.opened(1, 1).watched(2, 1, "RW");
    woken_for_writable(&mut run, 10, 1_000);
    run.view(1_000);
    woken_for_writable(&mut run, 1_000, 2_000);
    let words = "write interest is on for #1 while nothing is pending: the \
                 selector wakes at once, 100 times a second";
    assert_eq!(run.found(2_000), [words]);
    run.watched(2_001, 1, "R");
    let words = "write interest was on for #1 while nothing was pending: the \
                 selector woke at once, up to 100 times a second";
    assert_eq!(run.found(2_100), [words]);
}

#[test]
fn write_interest_while_something_is_pending_is_right() {
    let mut run = Run::selecting();
    run.opened(1, 1).watched(2, 1, "RW");
    run.called(3, Kind::Read, 1, Outcome::Bytes(9));
    woken_for_writable(&mut run, 10, 2_000);
    assert_eq!(run.found(2_000), [""; 0]);
}

#[test]
fn output_at_its_limit_is_told_when_nothing_moves() {
    let mut run = Run::selecting();
    run.opened(1, 1).opened(1, 2).view(2);
    run.called(3, Kind::Read, 2, Outcome::Bytes(LIMIT as u32));
    run.called(4, Kind::Write, 2, Outcome::Bytes(0));
    assert_eq!(run.found(400), [""; 0], "it may read yet");
    let words = "output for #2 is at its limit: it is not reading";
    assert_eq!(run.found(600), [words]);
    run.called(700, Kind::Read, 2, Outcome::Bytes(9));
    run.called(700, Kind::Write, 2, Outcome::Bytes(9));
    assert_eq!(run.found(700), [""; 0], "it reads");
}

#[test]
fn an_end_of_file_that_is_watched_is_told() {
    let mut run = Run::selecting();
    run.opened(1, 1).opened(1, 2).watched(1, 1, "R").watched(1, 2, "R");
    run.called(10, Kind::Read, 1, Outcome::EndOfFile);
    run.called(10, Kind::Read, 2, Outcome::EndOfFile);
    assert_eq!(run.found(900), [""; 0]);
    let words = "#1 and 1 more are readable at end of file for 1.00 s and \
                 still watched";
    assert_eq!(run.found(1_010), [words]);
    run.closed(1_020, 1, End::EndOfFile).watched(1_020, 2, "W");
    let words = "#1 and 1 more were readable at end of file, longest 1.00 s, \
                 and still watched";
    assert_eq!(run.found(1_030), [words]);
}

#[test]
fn what_has_been_is_found_again_each_second() {
    let mut run = Run::selecting();
    run.opened(1, 1).closed(2, 1, End::Reset);
    assert_eq!(run.found(10), ["connection #1 was reset by the client"]);
    run.opened(20, 2).closed(30, 2, End::Reset);
    assert_eq!(run.found(999), ["connection #1 was reset by the client"]);
    assert_eq!(
        run.found(1_000),
        ["2 connections, first #1, were reset by the client"]
    );
}

#[test]
fn what_lasts_because_threads_are_held_is_not_told() {
    let mut run = Run::selecting();
    run.opened(1, 1).watched(1, 1, "R");
    run.called(10, Kind::Read, 1, Outcome::EndOfFile);
    assert_ne!(run.found(1_010), [""; 0]);
    run.held(1_020);
    let over = |it: String| it.contains(" was ");
    assert!(run.found(1_020).into_iter().all(over));
    run.scope.hold(&[]);
    assert!(!run.found(1_030).into_iter().any(over));
}
