//! What each socket is doing, in a word.

use super::language::{LIMIT, Run, ms};
use crate::view::SocketState::{self, *};
use crate::view::{End, Kind, Outcome, Phase, PhaseMark, Readiness};

fn states(run: &mut Run, at: u64) -> Vec<SocketState> {
    run.view(at).sockets.iter().map(|row| row.state).collect()
}

#[test]
fn threads_sleep_in_reads_and_writes() {
    let mut run = Run::sleeping();
    run.opened(1, 1).opened(1, 2).opened(1, 3);
    run.on_thread(1).enters(2, Kind::Read, 1);
    run.on_thread(2).called(2, Kind::Read, 2, Outcome::Bytes(9));
    run.on_thread(2).enters(3, Kind::Write, 2);
    run.on_thread(3).called(4, Kind::Read, 3, Outcome::Bytes(9));
    let expected = [Listening, AsleepInRead, AsleepInWrite, Served];
    assert_eq!(states(&mut run, 50), expected);
}

#[test]
fn a_busy_loop_polls() {
    let mut run = Run::polling();
    run.opened(1, 1).idle(1, 100, &[1], 99);
    assert_eq!(states(&mut run, 100), [Listening, Polled]);
    let last = run.socket(100, 1).last;
    assert_eq!(last, Some((Kind::Read, Outcome::WouldBlock)));
    run.called(101, Kind::Read, 1, Outcome::Bytes(9));
    assert_eq!(states(&mut run, 102), [Listening, OutputPending]);
    run.called(103, Kind::Write, 1, Outcome::Bytes(9));
    assert_eq!(states(&mut run, 104), [Listening, Polled]);
}

#[test]
fn a_selector_waits_for_readable() {
    let mut run = Run::selecting();
    run.opened(1, 1).watched(2, 1, "R").enters(3, Kind::Wait, 0);
    assert_eq!(states(&mut run, 9), [Listening, WaitingForReadable]);
    let input = Readiness { readable: true, writable: false };
    assert_eq!(run.socket(9, 1).interest, Some(input));
    assert_eq!(run.socket(9, 1).ready, None);
}

/// A selector has been woken for #1 at 10 ms.
fn woken_for_input() -> Run {
    let mut run = Run::selecting();
    run.opened(1, 1).watched(2, 1, "R");
    run.slept(3, 10, Kind::Wait, 0, Outcome::Ready(1)).ready(10, 1, "R");
    run
}

/// What it is ready for, and was a moment ago.
fn readiness(run: &mut Run, at: u64) -> [Option<Readiness>; 2] {
    let row = run.socket(at, 1);
    [row.ready, row.was_ready]
}

const INPUT: Option<Readiness> =
    Some(Readiness { readable: true, writable: false });

#[test]
fn a_socket_is_ready_until_a_call_deals_with_it_and_was_for_a_second() {
    type Then = fn(&mut Run);
    let read = |run: &mut Run| {
        run.called(11, Kind::Read, 1, Outcome::Bytes(2));
        run.enters(12, Kind::Wait, 0);
    };
    let then: [(&str, Then, u64, [Option<Readiness>; 2]); 8] = [
        ("nothing", |_| {}, 13, [INPUT, None]),
        ("it is read", read, 13, [None, INPUT]),
        ("it was read long ago", read, 1_010, [None, None]),
        // A selector that sleeps again knows of nothing ready.
        ("sleep", |run| run.enters(12, Kind::Wait, 0), 13, [None, INPUT]),
        (
            "the next wake-up does not name it",
            |run| {
                run.slept(12, 20, Kind::Wait, 0, Outcome::Ready(0));
            },
            21,
            [None, INPUT],
        ),
        (
            "it is not wanted any more",
            |run| {
                run.ready(10, 1, "RW").watched(11, 1, "R");
            },
            12,
            [INPUT, None],
        ),
        (
            "it is closed",
            |run| {
                run.closed(11, 1, End::EndOfFile);
            },
            12,
            [None, None],
        ),
        (
            "it is reset",
            |run| {
                run.closed(11, 1, End::Reset);
            },
            12,
            [None, None],
        ),
    ];
    for (name, then, at, expected) in then {
        let mut run = woken_for_input();
        then(&mut run);
        assert_eq!(readiness(&mut run, at), expected, "{name}");
    }
}

#[test]
fn a_held_thread_has_not_dealt_with_what_is_ready() {
    let mut run = woken_for_input();
    run.held(9_000);
    assert_eq!(readiness(&mut run, 9_000), [INPUT, None]);
    run.scope.hold(&[]);
    run.called(9_001, Kind::Read, 1, Outcome::Bytes(2));
    assert_eq!(readiness(&mut run, 9_002), [None, None]);
}

#[test]
fn what_could_not_be_sent_is_pending() {
    let mut run = Run::selecting();
    run.opened(1, 1).watched(2, 1, "R");
    run.called(3, Kind::Read, 1, Outcome::Bytes(600));
    run.called(3, Kind::Write, 1, Outcome::Bytes(100));
    run.watched(4, 1, "RW").enters(5, Kind::Wait, 0);
    let row = run.socket(9, 1);
    assert_eq!((row.state, row.count.pending_bytes), (OutputPending, 500));
    assert_eq!(row.pending_limit as usize, LIMIT);
    assert_eq!((row.count.bytes_in, row.count.bytes_out), (600, 100));
}

#[test]
fn a_client_that_has_ended_its_side_is_half_closed() {
    let mut run = Run::selecting();
    run.opened(1, 1).called(3, Kind::Read, 1, Outcome::Bytes(600));
    run.called(3, Kind::Read, 1, Outcome::EndOfFile);
    run.watched(4, 1, "W").enters(5, Kind::Wait, 0);
    assert_eq!(states(&mut run, 9), [Listening, HalfClosed]);
}

#[test]
fn ends_differ() {
    let mut run = Run::selecting();
    run.opened(1, 1).opened(1, 2).opened(1, 3).enters(1, Kind::Wait, 0);
    run.closed(2, 1, End::EndOfFile).closed(2, 2, End::Reset);
    run.enters_phase(3, Phase::Finishing);
    let expected = [ClosedListener, Closed, Reset, Served];
    assert_eq!(states(&mut run, 9), expected);
    assert_eq!(run.view(9).phase, (Phase::Finishing, ms(3)));
}

#[test]
fn a_server_that_is_asked_to_stop_has_one_deadline() {
    let mut run = Run::selecting();
    assert_eq!(run.view(2).deadline, None);
    run.enters_phase(3, Phase::Refusing);
    assert_eq!(states(&mut run, 4), [Listening]);
    run.enters_phase(5, Phase::Finishing);
    let view = run.view(9);
    assert_eq!(view.phase, (Phase::Finishing, ms(5)));
    assert_eq!(view.deadline, Some(ms(2_003)));
    run.enters_phase(2_004, Phase::Cancelling)
        .enters_phase(2_005, Phase::Ended);
    assert_eq!(run.view(2_006).phase, (Phase::Ended, ms(2_005)));
    assert_eq!(run.view(2_006).deadline, Some(ms(2_003)));
}

#[test]
fn a_phase_whose_event_is_lost_is_known_to_the_counters() {
    let mut run = Run::selecting();
    for (phase, at) in [(Phase::Refusing, 3), (Phase::Finishing, 5)] {
        run.counted.phases.push(PhaseMark {
            phase,
            at: ms(at).into(),
            left: 1,
        });
    }
    let view = run.view(90);
    assert_eq!(view.phase, (Phase::Finishing, ms(5)));
    assert_eq!(view.deadline, Some(ms(2_003)));
}

#[test]
fn a_socket_is_open_until_somebody_lets_go_of_its_failure() {
    let mut run = Run::sleeping();
    run.opened(1, 1).called(3, Kind::Read, 1, Outcome::Bytes(5));
    run.failed(4, 1, End::Boom);
    assert_eq!(states(&mut run, 9), [Listening, Failed]);
    run.closed(10, 1, End::Boom);
    assert_eq!(states(&mut run, 11), [Listening, Closed]);
}

#[test]
fn a_thread_at_work_on_a_socket_serves_it() {
    let mut run = Run::selecting();
    run.opened(1, 1).watched(2, 1, "R").enters(3, Kind::Read, 1);
    assert_eq!(states(&mut run, 9), [Listening, Served]);
}

#[test]
fn an_end_whose_event_was_lost_is_known_from_the_counters() {
    let mut run = Run::selecting();
    run.opened(1, 1);
    run.row(1).end = Some(End::Reset);
    run.lost = 1;
    assert_eq!(states(&mut run, 9), [Listening, Reset]);
}

#[test]
fn a_socket_whose_events_were_lost_has_a_row_all_the_same() {
    let mut run = Run::selecting();
    run.count_opened(1).lost = 2;
    let row = run.socket(9, 1);
    assert!(row.count.peer.is_some(), "{row:?}");
    assert_eq!(run.view(9).events_lost, 2);
}

#[test]
fn the_first_to_close_makes_room() {
    let mut run = Run::of(Kind::Wait, false, 2);
    run.opened(1, 1).opened(1, 2).opened(1, 3);
    let ids = |run: &mut Run| -> Vec<u32> {
        run.view(9).sockets.iter().map(|row| row.count.id.0).collect()
    };
    assert_eq!(ids(&mut run), [0, 1, 2], "all are open");
    assert_eq!(run.view(9).sockets_not_shown, 1);
    run.closed(2, 2, End::EndOfFile).closed(3, 1, End::EndOfFile);
    run.opened(4, 4);
    assert_eq!(ids(&mut run), [0, 1, 4]);
    run.opened(5, 5);
    assert_eq!(ids(&mut run), [0, 4, 5]);
    assert_eq!(run.view(9).sockets_not_shown, 3);
}
