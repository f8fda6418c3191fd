//! Lanes, as text: a letter a cell of 50 ms.

use super::language::Run;
use crate::view::Cell;
use crate::view::{End, Kind, Outcome, Phase, SocketId};

/// Client #1 connects after 100 ms, says something after 150 ms more, then
/// nothing; the only thread serves it.
fn one_client() -> Run {
    let mut run = Run::sleeping();
    run.accepted(0, 100, 1);
    run.slept(101, 250, Kind::Read, 1, Outcome::Bytes(2));
    run.slept(250, 250, Kind::Write, 1, Outcome::Bytes(2));
    run.enters(251, Kind::Read, 1);
    run
}

#[test]
fn a_thread_that_sleeps_in_a_read() {
    let mut run = one_client();
    assert_eq!(run.lane(420, 0), "zza......");
    assert_eq!(run.lane(420, 1), "azzezzz", "up to now");
    assert_eq!(run.loop_lane(420), "zzkzzkzzz");
}

#[test]
fn a_sleep_is_shown_before_anything_else_is_known_of_it() {
    let mut run = Run::sleeping();
    run.enters(20, Kind::Accept, 0);
    assert_eq!(run.lane(120, 0), "zzz");
}

#[test]
fn an_end_leaves_nothing() {
    let mut run = one_client();
    run.slept(251, 300, Kind::Read, 1, Outcome::EndOfFile);
    run.closed(301, 1, End::EndOfFile);
    run.enters(302, Kind::Accept, 0);
    assert_eq!(run.lane(420, 1), "azzex  ");
}

#[test]
fn a_busy_loop_asks_everybody_all_the_time() {
    let mut run = Run::polling();
    run.idle(0, 100, &[], 1_000);
    run.called(100, Kind::Accept, 0, Outcome::Accepted(SocketId(1)));
    run.opened(100, 1);
    run.idle(100, 230, &[1], 1_300);
    run.echoed(230, 1);
    run.idle(230, 340, &[1], 1_100);
    assert_eq!(run.lane(340, 1), "a~e~~");
    assert_eq!(run.lane(340, 0), "~~a~~~~");
    assert_eq!(run.loop_lane(340), "~~k~k~~");
}

#[test]
fn density_is_how_often_each_was_asked() {
    let mut run = Run::polling();
    run.opened(0, 1).idle(0, 200, &[1], 4_000);
    let cells = run.socket(190, 1).lane.cells;
    assert_eq!(cells, [Cell::WouldBlock(1_000); 4]);
    let cells = run.view(190).turns.lane.cells;
    assert_eq!(cells, [Cell::WouldBlock(2_000); 4]);
}

#[test]
fn a_selector_sleeps_for_all_and_is_woken_for_one() {
    let mut run = Run::selecting();
    run.opened(10, 1).opened(10, 2);
    run.slept(20, 210, Kind::Wait, 0, Outcome::Ready(1));
    run.ready(210, 2, "R").echoed(211, 2);
    run.slept(212, 310, Kind::Wait, 0, Outcome::Ready(1));
    run.ready(310, 1, "R");
    run.enters(311, Kind::Wait, 0);
    assert_eq!(run.loop_lane(460), "zzzz!z!zzz");
    assert_eq!(run.lane(460, 1), "......!...");
    assert_eq!(run.lane(460, 2), "....e.....");
}

#[test]
fn the_listener_ends_when_the_server_is_to_finish() {
    let mut run = Run::selecting();
    run.enters_phase(120, Phase::Finishing);
    run.enters_phase(170, Phase::Cancelling);
    assert_eq!(run.lane(220, 0), "..x  ");
}

#[test]
fn all_lanes_end_at_the_same_moment() {
    let mut run = one_client();
    let view = run.view(9_000);
    let lanes = view.sockets.iter().map(|row| &row.lane);
    let mut ends = lanes.chain([&view.turns.lane]).map(|it| it.last_bucket);
    assert!(ends.all(|end| end == 180));
}
