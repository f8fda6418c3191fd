//! What each socket is doing, and how the loop spends its time.

use super::language::{Run, play_script, site};
use super::language::{events, ms};
use crate::probe::{Kind, Outcome, SocketId};
use crate::view::{Cell, LineView, ThreadView};

#[test]
fn sockets_lanes_and_shares_are_as_events_say() {
    play_script(include_str!("sockets.txt"));
}

#[test]
fn a_row_has_the_last_call_and_what_is_pending() {
    let mut run = Run::polling();
    run.play("1 open 1; 1-100 idle 99 1");
    let last = run.socket(100, 1).last;
    assert_eq!(last, Some((Kind::Read, Outcome::WouldBlock)));
    let mut run = Run::selecting();
    run.play("1 open 1; 11 read 1 600; 11 write 1 100; 12 interest 1 RW");
    let row = run.socket(19, 1);
    assert_eq!((row.count.bytes_in, row.count.bytes_out), (600, 100));
    assert_eq!((row.count.pending_bytes, row.pending_limit), (500, 1_000));
    assert!(row.interest.is_some_and(|it| it.writable));
}

#[test]
fn density_is_how_often_each_was_asked() {
    let mut run = Run::polling();
    let view = run.play("0 open 1; 0-200 idle 4000 1").view(190);
    for bucket in 0..4 {
        let asked = view.sockets[1].lane.cell(bucket);
        assert_eq!(asked, Cell::WouldBlock(1_000));
        let asked = view.turns.lane.cell(bucket);
        assert_eq!(asked, Cell::WouldBlock(2_000));
    }
}

fn line(run: &mut Run, at: u64, kind: Kind) -> LineView {
    let lines = run.view(at).lines;
    lines.into_iter().find(|line| line.kind == kind).unwrap()
}

fn thread(run: &mut Run, at: u64) -> ThreadView {
    run.view(at).threads[0]
}

/// Nothing shows whether it slept for so short a time.
#[test]
fn brief_calls_are_neither_sleep_nor_work() {
    let mut run = Run::sleeping();
    run.play("0 open 1; 0-0.06 read 1 9; 1-1.099 write 1 9; 2-2.1 read 1 9");
    let shares = run.view(3).turns.shares;
    let us = |share: f32| (share * 2_100.0).round();
    assert!((us(shares.brief) - 159.0).abs() < 0.5, "{shares:?}");
    assert!((us(shares.asleep) - 100.0).abs() < 0.5, "{shares:?}");
}

#[test]
fn a_thread_is_where_its_register_says_since_it_was_seen_there() {
    let mut run = Run::sleeping();
    let here = thread(run.play("0 open 1; 40 enter read 1"), 2_140);
    assert_eq!((here.kind, here.site), (Kind::Read, site(Kind::Read)));
    assert_eq!((here.in_call, here.since), (true, ms(2_100)));
    // Once events are lost, its entry may not be the last one.
    let mut run = Run::sleeping();
    run.play("0 open 1; 40 enter read 1").lost = 1;
    assert_eq!(thread(&mut run, 1_000).since, ms(0));
    assert_eq!(thread(&mut run, 1_400).since, ms(400));
    // One that makes calls is nowhere for long.
    let mut run = Run::polling();
    run.play("0 open 1");
    for at in [199, 299, 399, 499] {
        run.play(&format!("{}-{at} idle 9 1", at - 99));
        assert_eq!(thread(&mut run, at).since, ms(0));
    }
    // One that is held is at the call that it will make; its clock stands.
    let mut run = Run::sleeping();
    run.play("0 open 1; 0-100 read 1 5").held(100, None);
    let held = thread(&mut run, 100);
    assert_eq!((held.kind, held.in_call), (Kind::Write, false));
    assert_eq!(held.since, ms(0));
}

#[test]
fn a_thread_whose_client_is_gone_is_over() {
    let mut run = Run::sleeping();
    run.play("0 open 1; t1 1-2 read 1 eof; t1 3 close 1 eof");
    assert_eq!(run.view(3).threads.len(), 1, "it may make another call");
    assert_eq!(run.view(200).threads.len(), 0);
}

#[test]
fn threads_are_counted_on_their_line() {
    let mut run = Run::sleeping();
    run.play("0 open 1; t1 0 open 2; t2 0 open 3");
    for id in 1..4 {
        run.play(&format!("t{id} {id}00 enter read {id}"));
    }
    let line = line(&mut run, 1_000, Kind::Read);
    assert_eq!((line.threads, line.longest), (3, ms(900)));
}

#[test]
fn heat_is_the_share_of_the_last_second() {
    let mut run = Run::selecting();
    run.play("0 open 1").play(&"1 read 1 1;".repeat(900));
    run.play(&"2 wait 0 1;".repeat(100));
    let early = line(&mut run, 1_000, Kind::Read);
    assert_eq!((early.hits_per_s, early.hits), (900, 900));
    run.play(&"1500 wait 0 1;".repeat(300));
    for (kind, hits_per_s, hits, heat) in
        [(Kind::Read, 0, 900, 0.0), (Kind::Wait, 300, 400, 1.0)]
    {
        let line = line(&mut run, 2_000, kind);
        assert_eq!((line.hits_per_s, line.hits), (hits_per_s, hits));
        assert!((line.heat - heat).abs() < 1e-6, "{line:?}");
    }
    assert_eq!(run.view(2_000).rates.iterations, 300);
}

#[test]
fn the_last_outcome_of_a_line_may_be_in_vain() {
    let mut run = Run::polling();
    run.play("0 open 1; 10 echo 1");
    let last = |run: &mut Run, at| line(run, at, Kind::Read).last;
    assert_eq!(last(&mut run, 20), Some(Outcome::Bytes(2)));
    run.play("20-90 idle 50 1");
    assert_eq!(last(&mut run, 90), Some(Outcome::WouldBlock));
    assert_eq!(last(&mut run, 99), Some(Outcome::WouldBlock));
}

#[test]
fn echoes_are_counted_by_the_second() {
    let mut run = Run::selecting();
    run.play("0 open 1");
    for at in [100, 200, 1_500, 3_200] {
        run.play(&format!("{at} echo 1")).view(at);
    }
    assert_eq!(run.view(3_900).turns.echoes_per_s, [2, 1, 0]);
    assert_eq!(run.view(4_000).turns.echoes_per_s, [2, 1, 0, 1]);
}

#[test]
fn a_history_has_the_entries_of_its_socket_and_its_wake_ups() {
    let mut run = Run::selecting();
    run.play("1 open 1; 1 open 2; 5 echo 1; 6 echo 2");
    assert_eq!(run.view(100).events.len(), 7);
    let history = |run: &Run, id| -> Vec<_> {
        let history = run.scope.entries.history(SocketId(id));
        history.iter().map(|it| it.event).collect()
    };
    let of_two = history(&run, 2);
    assert_eq!(of_two.len(), 3, "{of_two:?}");
    assert_eq!(of_two[0], events("1 open 2")[0]);
    let mut run = Run::selecting();
    run.play("1 open 1; 1 open 2; 2-90 wait 0 1; 90 ready 2 R").view(900);
    assert_eq!(history(&run, 1).len(), 1);
    assert_eq!(history(&run, 2)[1], events("90 ready 2 R")[0]);
}

#[test]
fn a_turn_counts_while_its_first_call_sleeps() {
    let mut run = Run::selecting();
    for (events, at, iterations) in [
        ("", 0, 0),
        ("1 enter wait 0", 2, 1),
        ("1..3 wait 0 0", 4, 1),
        ("5 enter wait 0", 6, 2),
    ] {
        assert_eq!(run.play(events).view(at).iterations, iterations);
    }
}
