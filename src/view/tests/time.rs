//! Where the time goes: shares, threads, lines, rates, echoes.

use super::language::{Run, ms, site};
use crate::probe::{Note, SocketId};
use crate::view::{Kind, LineView, Outcome, Shares, ThreadView, What};

fn line(run: &mut Run, at: u64, kind: Kind) -> LineView {
    let lines = run.view(at).lines;
    lines.into_iter().find(|line| line.kind == kind).unwrap()
}

fn thread(run: &mut Run, at: u64) -> ThreadView {
    run.view(at).threads[0]
}

#[test]
fn a_loop_sleeps_works_or_spins() {
    let (sleeping, selecting) = (Run::sleeping, Run::selecting);
    for (mut run, events, at, expected) in [
        (sleeping(), "", 9, [0_u8, 0, 0]),
        // A sleep counts while it lasts.
        (sleeping(), "0 enter accept 0", 700, [100, 0, 0]),
        (sleeping(), "0 enter accept 0", 60_000, [100, 0, 0]),
        // The time between calls is work.
        (selecting(), "0-400 wait 0 0; 500 enter wait 0", 1_000, [90, 10, 0]),
        // Only the last second counts.
        (selecting(), "0-1 wait 0 0; 5000 enter wait 0", 5_001, [0, 100, 0]),
        (selecting(), "0-1 wait 0 0; 5000 enter wait 0", 7_000, [100, 0, 0]),
        // A busy loop spins between its useful calls.
        (
            Run::polling(),
            "0 open 1; 0-450 idle 99 1; 500 echo 1; 500-1000 idle 99 1",
            1_000,
            [0, 5, 95],
        ),
        // The time after a client's thread has ended is not counted.
        (
            sleeping(),
            "0-1 accept 0 1; 1 open 1; 1 enter accept 0; t1 1-2 read 1 eof; \
             t1 2 close 1 eof; t1 900 open 2; t1 900 enter read 2",
            1_000,
            [100, 0, 0],
        ),
    ] {
        let shares = run.play(events).view(at).turns.shares;
        let Shares { asleep, working, spinning, .. } = shares;
        let percent = [asleep, working, spinning].map(|it| it * 100.0);
        let near = |(is, due): (f32, u8)| (is - f32::from(due)).abs() < 0.5;
        let is_near = percent.into_iter().zip(expected).all(near);
        assert!(is_near, "{events}: {percent:?}");
    }
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
fn time_in_which_events_were_lost_is_not_known_to_be_work() {
    let mut run = Run::sleeping();
    run.play("0 open 1; 0-0.05 read 1 9").lost = 3;
    run.view(1);
    let view = run.play("600-601 write 1 9").view(602);
    assert!(view.turns.shares.working.abs() < f32::EPSILON);
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
    run.play("0 open 1; 0-100 read 1 5").held(100);
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
        run.count(Kind::Read, id, Outcome::Bytes(1), 1);
    }
    let line = line(&mut run, 1_000, Kind::Read);
    assert_eq!((line.threads, line.longest), (3, ms(900)));
}

#[test]
fn heat_is_the_share_of_the_last_second() {
    let mut run = Run::selecting();
    run.play("0 open 1").count(Kind::Read, 1, Outcome::Bytes(1), 900);
    run.count(Kind::Wait, 0, Outcome::Ready(1), 100);
    let early = line(&mut run, 1_000, Kind::Read);
    assert_eq!((early.hits_per_s, early.hits), (900, 900));
    run.count(Kind::Wait, 0, Outcome::Ready(1), 300);
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
    let all = run.view(100).events;
    assert_eq!(all.len(), 7, "{all:?}");
    let of_two = run.scope.history(SocketId(2));
    assert_eq!(of_two.len(), 3, "{of_two:?}");
    let opened = What::Note(Note::Opened { socket: SocketId(2), peer: None });
    assert_eq!(of_two[0].what, opened);
    let mut run = Run::selecting();
    run.play("1 open 1; 1 open 2; 2-90 wait 0 1; 90 ready 2 R").view(900);
    assert_eq!(run.scope.history(SocketId(1)).len(), 1);
    let second = &run.scope.history(SocketId(2))[1].what;
    assert!(matches!(second, What::Note(Note::Ready { .. })), "{second:?}");
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
