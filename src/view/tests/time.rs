//! Where the time goes: shares, threads, lines, rates, echoes.

use super::language::{Run, ms, site};
use crate::probe::Note;
use crate::probe::SocketId;
use crate::view::{End, Kind, Outcome, What};
use crate::view::{LineView, Shares, ThreadView};

#[track_caller]
fn shares(run: &mut Run, at: u64, expected: [u8; 3]) {
    let Shares { asleep, working, spinning, .. } = run.view(at).turns.shares;
    let percent = [asleep, working, spinning].map(|it| it * 100.0);
    let near = |(is, due): (f32, u8)| (is - f32::from(due)).abs() < 0.5;
    assert!(percent.into_iter().zip(expected).all(near), "{percent:?}");
}

fn line(run: &mut Run, at: u64, kind: Kind) -> LineView {
    let lines = run.view(at).lines;
    lines.into_iter().find(|line| line.kind == kind).unwrap()
}

fn thread(run: &mut Run, at: u64) -> ThreadView {
    run.view(at).threads[0]
}

#[test]
fn a_sleep_counts_while_it_lasts_and_time_between_calls_is_work() {
    shares(&mut Run::sleeping(), 9, [0, 0, 0]);
    let mut run = Run::sleeping();
    run.enters(0, Kind::Accept, 0);
    shares(&mut run, 700, [100, 0, 0]);
    shares(&mut run, 60_000, [100, 0, 0]);
    let mut run = Run::selecting();
    run.slept(0, 400, Kind::Wait, 0, Outcome::Ready(0));
    run.enters(500, Kind::Wait, 0);
    shares(&mut run, 1_000, [90, 10, 0]);
    // Only the last second counts.
    let mut run = Run::selecting();
    run.slept(0, 1, Kind::Wait, 0, Outcome::Ready(0));
    run.enters(5_000, Kind::Wait, 0);
    shares(&mut run, 5_001, [0, 100, 0]);
    shares(&mut run, 7_000, [100, 0, 0]);
}

/// Whether it slept for so short a time nothing tells.
#[test]
fn brief_calls_are_neither_sleep_nor_work() {
    let mut run = Run::sleeping();
    let bytes = Outcome::Bytes(9);
    run.opened(0, 1).took_us(0, 60, Kind::Read, 1, bytes);
    run.took_us(1, 99, Kind::Write, 1, bytes);
    run.took_us(2, 100, Kind::Read, 1, bytes);
    let shares = run.view(3).turns.shares;
    let us = |share: f32| (share * 2_100.0).round();
    assert!((us(shares.brief) - 159.0).abs() < 0.5, "{shares:?}");
    assert!((us(shares.asleep) - 100.0).abs() < 0.5, "{shares:?}");
}

#[test]
fn time_of_which_lost_events_would_tell_is_not_known_to_be_work() {
    let mut run = Run::sleeping();
    run.opened(0, 1).took_us(0, 50, Kind::Read, 1, Outcome::Bytes(9));
    run.lost = 3;
    run.view(1);
    run.slept(600, 601, Kind::Write, 1, Outcome::Bytes(9));
    let shares = run.view(602).turns.shares;
    assert_eq!(shares.working.to_bits(), 0.0_f32.to_bits(), "{shares:?}");
}

#[test]
fn a_busy_loop_spins_between_its_useful_calls() {
    let mut run = Run::polling();
    run.opened(0, 1).idle(0, 450, &[1], 99).echoed(500, 1);
    run.idle(500, 1_000, &[1], 99);
    shares(&mut run, 1_000, [0, 5, 95]);
}

#[test]
fn the_time_after_a_thread_of_its_own_is_nobodys() {
    let mut run = Run::sleeping();
    run.accepted(0, 1, 1);
    run.enters(1, Kind::Accept, 0);
    run.on_thread(1).slept(1, 2, Kind::Read, 1, Outcome::EndOfFile);
    run.closed(2, 1, End::EndOfFile);
    run.on_thread(1).opened(900, 2).enters(900, Kind::Read, 2);
    shares(&mut run, 1_000, [100, 0, 0]);
}

#[test]
fn a_thread_is_where_its_register_says_since_it_was_seen_there() {
    let mut run = Run::sleeping();
    run.opened(0, 1).enters(40, Kind::Read, 1);
    let here = thread(&mut run, 2_140);
    assert_eq!((here.kind, here.site), (Kind::Read, site(Kind::Read)));
    assert_eq!((here.in_call, here.since), (true, ms(2_100)));
    // Once events are lost, its entry may not be the last one.
    let mut run = Run::sleeping();
    run.opened(0, 1).enters(40, Kind::Read, 1);
    run.lost = 1;
    assert_eq!(thread(&mut run, 1_000).since, ms(0));
    assert_eq!(thread(&mut run, 1_400).since, ms(400));
}

#[test]
fn a_thread_that_makes_calls_is_nowhere_for_long() {
    let mut run = Run::polling();
    run.opened(0, 1);
    for pass in 1..5 {
        run.idle(pass * 100, pass * 100 + 99, &[1], 9);
        assert_eq!(thread(&mut run, pass * 100 + 99).since, ms(0));
    }
}

#[test]
fn a_thread_whose_client_is_gone_is_over() {
    let mut run = Run::sleeping();
    run.opened(0, 1).on_thread(1);
    run.slept(1, 2, Kind::Read, 1, Outcome::EndOfFile);
    run.closed(3, 1, End::EndOfFile);
    assert_eq!(run.view(3).threads.len(), 1, "it may make another call");
    assert_eq!(run.view(200).threads.len(), 0);
}

#[test]
fn threads_are_counted_on_their_line() {
    let mut run = Run::sleeping();
    for id in 1..4 {
        run.opened(0, id).on_thread(id as u16);
        run.enters(u64::from(id) * 100, Kind::Read, id);
        run.count(Kind::Read, id, Outcome::Bytes(1), 1);
    }
    let line = line(&mut run, 1_000, Kind::Read);
    assert_eq!((line.threads, line.longest), (3, ms(900)));
}

#[test]
fn heat_is_the_share_of_the_last_second() {
    let mut run = Run::selecting();
    run.opened(0, 1);
    run.count(Kind::Read, 1, Outcome::Bytes(1), 900);
    run.count(Kind::Wait, 0, Outcome::Ready(1), 100);
    let early = line(&mut run, 1_000, Kind::Read);
    assert_eq!((early.hits_per_s, early.hits), (900, 900));
    run.count(Kind::Wait, 0, Outcome::Ready(1), 300);
    let reads = line(&mut run, 2_000, Kind::Read);
    assert_eq!((reads.hits_per_s, reads.hits), (0, 900));
    assert!(reads.heat.abs() < 1e-6, "{reads:?}");
    let waits = line(&mut run, 2_000, Kind::Wait);
    assert_eq!((waits.hits_per_s, waits.hits), (300, 400));
    assert!((waits.heat - 1.0).abs() < 1e-6, "{waits:?}");
    assert_eq!(run.view(2_000).rates.iterations, 300);
}

#[test]
fn the_last_outcome_of_a_line_may_be_in_vain() {
    let mut run = Run::polling();
    run.opened(0, 1).echoed(10, 1);
    let last = |run: &mut Run, at| line(run, at, Kind::Read).last;
    assert_eq!(last(&mut run, 20), Some(Outcome::Bytes(2)));
    run.idle(20, 90, &[1], 50);
    assert_eq!(last(&mut run, 90), Some(Outcome::WouldBlock));
    assert_eq!(last(&mut run, 99), Some(Outcome::WouldBlock));
}

#[test]
fn echoes_are_counted_by_the_second() {
    let mut run = Run::selecting();
    run.opened(0, 1);
    for at in [100, 200, 1_500, 3_200] {
        run.echoed(at, 1).view(at);
    }
    assert_eq!(run.view(3_900).turns.echoes_per_s, [2, 1, 0]);
    assert_eq!(run.view(4_000).turns.echoes_per_s, [2, 1, 0, 1]);
}

#[test]
fn entries_are_told_of_all_and_of_each() {
    let mut run = Run::selecting();
    run.opened(1, 1).opened(1, 2).echoed(5, 1).echoed(6, 2);
    let all = run.view(100).events;
    assert_eq!(all.len(), 7, "{all:?}");
    let of_two = run.scope.history(SocketId(2));
    assert_eq!(of_two.len(), 3, "{of_two:?}");
    let opened = What::Note(Note::Opened { socket: SocketId(2), peer: None });
    assert_eq!(of_two[0].what, opened);
}

#[test]
fn a_wake_up_is_part_of_the_history_of_those_it_names() {
    let mut run = Run::selecting();
    run.opened(1, 1).opened(1, 2);
    run.slept(2, 90, Kind::Wait, 0, Outcome::Ready(1)).ready(90, 2, "R");
    run.view(900);
    assert_eq!(run.scope.history(SocketId(1)).len(), 1);
    let of_two = run.scope.history(SocketId(2));
    assert!(
        matches!(of_two[1].what, What::Note(Note::Ready { .. })),
        "{of_two:?}"
    );
}

#[test]
fn a_held_thread_is_at_the_call_that_it_will_make() {
    let mut run = Run::sleeping();
    run.opened(0, 1).slept(0, 100, Kind::Read, 1, Outcome::Bytes(5));
    run.held(100);
    let held = thread(&mut run, 100);
    assert_eq!((held.kind, held.in_call), (Kind::Write, false));
    assert_eq!(held.since, ms(0), "its clock stands");
}

#[test]
fn a_turn_counts_while_its_first_call_sleeps() {
    let mut run = Run::selecting();
    assert_eq!(run.view(0).iterations, 0);
    run.enters(1, Kind::Wait, 0);
    assert_eq!(run.view(2).iterations, 1);
    run.returns((ms(1), ms(3)), Kind::Wait, 0, Outcome::Ready(0));
    assert_eq!(run.view(4).iterations, 1);
    run.enters(5, Kind::Wait, 0);
    assert_eq!(run.view(6).iterations, 2);
}
