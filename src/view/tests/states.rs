//! What each socket is doing, in a word.

use super::language::{LIMIT, Run, ms};
use crate::view::{
    End, Kind, Outcome, Phase, PhaseMark, Readiness, SocketState,
};

fn states(run: &mut Run, at: u64) -> String {
    let rows = run.view(at).sockets;
    let words: Vec<_> =
        rows.iter().map(|row| format!("{:?}", row.state)).collect();
    words.join(" ")
}

type NewRun = fn() -> Run;

#[test]
fn a_socket_is_in_the_state_that_its_events_say() {
    let cases: [(NewRun, &str, &str); 10] = [
        (
            Run::sleeping,
            "1 open 1; 1 open 2; 1 open 3; t1 2 enter read 1; t2 2 read 2 9; \
             t2 3 enter write 2; t3 4 read 3 9",
            "Listening AsleepInRead AsleepInWrite Served",
        ),
        (Run::polling, "1 open 1; 1-9 idle 99 1", "Listening Polled"),
        (
            Run::polling,
            "1 open 1; 1-9 idle 99 1; 10 read 1 9",
            "Listening OutputPending",
        ),
        (
            Run::polling,
            "1 open 1; 1-8 idle 99 1; 9 read 1 9; 10 write 1 9",
            "Listening Polled",
        ),
        (
            Run::selecting,
            "1 open 1; 2 interest 1 R; 3 enter wait 0",
            "Listening WaitingForReadable",
        ),
        (
            Run::selecting,
            "1 open 1; 2 interest 1 R; 3 enter read 1",
            "Listening Served",
        ),
        (
            Run::selecting,
            "1 open 1; 3 read 1 600; 3 read 1 eof; 4 interest 1 W; \
             5 enter wait 0",
            "Listening HalfClosed",
        ),
        (
            Run::selecting,
            "1 open 1; 1 open 2; 1 open 3; 1 enter wait 0; 2 close 1 eof; \
             2 close 2 reset; 3 phase finishing",
            "ClosedListener Closed Reset Served",
        ),
        // It is open until its failure is handled or dropped.
        (
            Run::sleeping,
            "1 open 1; 3 read 1 5; 4 fail 1 boom",
            "Listening Failed",
        ),
        (
            Run::sleeping,
            "1 open 1; 3 read 1 5; 4 fail 1 boom; 10 close 1 boom",
            "Listening Closed",
        ),
    ];
    for (run, events, expected) in cases {
        let found = states(run().play(events), 11);
        assert_eq!(found, expected, "{events}");
    }
}

const INPUT: Option<Readiness> =
    Some(Readiness { readable: true, writable: false });

#[test]
fn a_row_has_the_last_call_the_interest_and_what_is_pending() {
    let mut run = Run::polling();
    run.play("1 open 1; 1-100 idle 99 1");
    let last = run.socket(100, 1).last;
    assert_eq!(last, Some((Kind::Read, Outcome::WouldBlock)));
    let mut run = Run::selecting();
    run.play("1 open 1; 2 interest 1 R; 3 enter wait 0");
    let row = run.socket(9, 1);
    assert_eq!((row.interest, row.ready), (INPUT, None));
    run.play("3..11 wait 0 1; 11 read 1 600; 11 write 1 100");
    run.play("12 interest 1 RW; 13 enter wait 0");
    let row = run.socket(19, 1);
    assert_eq!(row.state, SocketState::OutputPending);
    assert_eq!((row.count.bytes_in, row.count.bytes_out), (600, 100));
    assert_eq!(row.count.pending_bytes, 500);
    assert_eq!(row.pending_limit as usize, LIMIT);
}

/// A selector has been woken for #1 at 10 ms.
fn woken_for_input() -> Run {
    let mut run = Run::selecting();
    run.play("1 open 1; 2 interest 1 R; 3-10 wait 0 1; 10 ready 1 R");
    run
}

/// What it is ready for, and was a moment ago.
fn readiness(run: &mut Run, at: u64) -> [Option<Readiness>; 2] {
    let row = run.socket(at, 1);
    [row.ready, row.was_ready]
}

#[test]
fn a_socket_is_ready_until_a_call_deals_with_it_and_was_for_a_second() {
    for (events, at, expected) in [
        ("", 13, [INPUT, None]),
        ("11 read 1 2; 12 enter wait 0", 13, [None, INPUT]),
        ("11 read 1 2; 12 enter wait 0", 1_010, [None, None]),
        // A selector that sleeps again knows of nothing ready.
        ("12 enter wait 0", 13, [None, INPUT]),
        // The next wake-up does not name it.
        ("12-20 wait 0 0", 21, [None, INPUT]),
        // It is not wanted any more.
        ("10 ready 1 RW; 11 interest 1 R", 12, [INPUT, None]),
        ("11 close 1 eof", 12, [None, None]),
        ("11 close 1 reset", 12, [None, None]),
    ] {
        let mut run = woken_for_input();
        let found = readiness(run.play(events), at);
        assert_eq!(found, expected, "{events}");
    }
}

#[test]
fn a_held_thread_has_not_dealt_with_what_is_ready() {
    let mut run = woken_for_input();
    run.held(9_000);
    assert_eq!(readiness(&mut run, 9_000), [INPUT, None]);
    run.scope.hold(&[]);
    run.play("9001 read 1 2");
    assert_eq!(readiness(&mut run, 9_002), [None, None]);
}

#[test]
fn a_server_that_is_asked_to_stop_has_one_deadline() {
    let mut run = Run::selecting();
    assert_eq!(run.view(2).deadline, None);
    assert_eq!(states(run.play("3 phase refusing"), 4), "Listening");
    let view = run.play("5 phase finishing").view(9);
    assert_eq!(view.phase, (Phase::Finishing, ms(5)));
    assert_eq!(view.deadline, Some(ms(2_003)));
    let view = run.play("2004 phase cancelling; 2005 phase ended").view(2_006);
    assert_eq!(view.phase, (Phase::Ended, ms(2_005)));
    assert_eq!(view.deadline, Some(ms(2_003)));
}

#[test]
fn what_lost_events_would_say_is_known_from_the_counters() {
    let mut run = Run::selecting();
    run.count_opened(1);
    run.lost = 2;
    assert!(run.socket(9, 1).count.peer.is_some());
    assert_eq!(run.view(9).events_lost, 2);
    run.row(1).end = Some(End::Reset);
    assert_eq!(states(&mut run, 9), "Listening Reset");
    for (phase, at) in [(Phase::Refusing, 3), (Phase::Finishing, 5)] {
        let mark = PhaseMark { phase, at: ms(at).into(), left: 1 };
        run.counted.phases.push(mark);
    }
    let view = run.view(90);
    assert_eq!(view.phase, (Phase::Finishing, ms(5)));
    assert_eq!(view.deadline, Some(ms(2_003)));
}

#[test]
fn the_first_to_close_makes_room() {
    let mut run = Run::of(Kind::Wait, false, 2);
    for (events, ids, not_shown) in [
        ("1 open 1; 1 open 2; 1 open 3", [0, 1, 2], 1),
        ("2 close 2 eof; 3 close 1 eof; 4 open 4", [0, 1, 4], 2),
        ("5 open 5", [0, 4, 5], 3),
    ] {
        let view = run.play(events).view(9);
        let rows = view.sockets.iter().map(|row| row.count.id.0);
        assert_eq!(rows.collect::<Vec<_>>(), ids);
        assert_eq!(view.sockets_not_shown, not_shown);
    }
}
