//! The clients against servers they were not written for, and against our
//! own selector mode: every step, every way to end, exact bytes, echo times.

mod asleep;
mod language;
mod steady;

use crate::support::patience::{holds, holds_undisturbed};
use crate::support::peers::{Manner, Peer, nobody};
use language::*;
use sockscope::load::{
    Cancel, Ends, Group, LoadOptions, LoadResult, Loop, Pacing, Reading, Step,
    run,
};
use sockscope::net::ServerOptions;
use sockscope::probe::Clock;
use std::io::ErrorKind;
use std::net::{Ipv6Addr, SocketAddr};
use std::thread::{self};
use std::time::{Duration, Instant};

#[test]
fn every_step_that_ends_well_brings_back_every_byte() {
    let peer = Peer::start(Manner::Echo);
    let pieces = vec![b"sp".to_vec(), b"lit\r".to_vec(), b"\n".to_vec()];
    let turn = [say("ping\n"), Step::AwaitEcho];
    let slow = Reading::Slow { bytes: 100, every: ms(1) };
    let steps = [
        say("hello\n"),
        pattern(100 * KIB),
        Step::AwaitEcho,
        Step::SayInPieces { pieces, gap: ms(2) },
        Step::Pause(ms(2)),
        times(5, Pacing::Closed, &turn),
        times(5, Pacing::Open { every: ms(1) }, &turn),
        Step::AwaitEcho,
        Step::Reading(Reading::Stopped),
        pattern(10 * KIB),
        Step::Pause(ms(2)),
        Step::Reading(slow),
        Step::Pause(ms(20)),
        Step::Reading(Reading::Eager),
        Step::AwaitEcho,
        Step::HalfClose,
        Step::AwaitEnd,
    ];
    let result = run_groups(peer.address(), &[group("all", 3, &steps)]);
    let all = &result.groups[0];
    let bytes = 3 * (6 + 100 * KIB + 7 + 50 + 10 * KIB);
    assert_eq!((all.bytes_out, all.bytes_in), (bytes, bytes));
    assert_eq!((all.echoes, all.missing, all.unsent), (3 * 14, 0, 0));
    assert_eq!(all.echo_time.unwrap().count, all.echoes);
    assert_eq!((all.clients, all.connected, all.refused), (3, 3, 0));
    assert_eq!(all.ends, Ends { end_of_file: 3, ..Ends::default() });
    assert_eq!(all.first_error, None);
    assert!(all.first_echo_at_ns <= all.ended_first_at_ns);
    assert!(all.ended_first_at_ns <= all.ended_last_at_ns);
    assert_eq!(all.pacing, Loop::Open);
}

#[test]
fn a_script_without_an_end_closes() {
    let result = one_against(Manner::Echo, &[say("hi"), Step::AwaitEcho]);
    assert_eq!(result.total.ends, Ends { closed: 1, ..Ends::default() });
    assert_eq!(result.total.pacing, Loop::Closed);
}

#[test]
fn sixty_four_mebibytes_come_back_equal() {
    let server = Server::start(&ServerOptions::default());
    let steps = [pattern(64 * MIB), Step::HalfClose, Step::AwaitEnd];
    let result = run_groups(server.address, &[group("big", 1, &steps)]);
    assert_eq!(result.total.bytes_in, 64 * MIB);
    assert_eq!((result.total.echoes, result.total.missing), (1, 0));
}

#[test]
fn a_wrong_byte_is_found_wherever_it_is() {
    for at in [0, 4, 65_535, 65_536, 1_000_000, MIB - 1] {
        let steps = [say("hello"), pattern(MIB), Step::AwaitEcho];
        let result = one_against(Manner::Corrupt(at), &steps);
        let one = &result.groups[0];
        assert_eq!(one.mismatches, 1, "{at}");
        assert_eq!(one.ends, Ends { mismatch: 1, ..Ends::default() });
        let (message, offset) = if at < 5 { (1, at) } else { (2, at - 5) };
        let place = format!("byte {offset} of the echo of message {message} ");
        let words = one.first_mismatch.as_deref().unwrap();
        assert!(words.contains(&place), "{words}");
        assert_eq!(one.echoes, u64::from(at >= 5));
    }
}

#[test]
fn bytes_that_were_never_said_are_a_mismatch() {
    let result = one_against(Manner::Talkative, &[Step::AwaitEnd]);
    assert_eq!(result.total.ends, Ends { mismatch: 1, ..Ends::default() });
    let words = result.total.first_mismatch.unwrap();
    assert!(words.ends_with("0x68, which was never sent"), "{words}");
}

#[test]
fn a_server_that_closes_early_ends_the_script() {
    let steps = [pattern(50), Step::AwaitEcho, Step::Pause(GENEROUS)];
    let result = one_against(Manner::CloseAfter(50), &steps);
    assert_eq!(result.total.ends, Ends { end_of_file: 1, ..Ends::default() });
    assert_eq!((result.total.echoes, result.total.missing), (1, 0));
    let result = one_against(
        Manner::CloseAfter(20),
        &[pattern(20), Step::Pause(ms(50)), pattern(20), Step::AwaitEcho],
    );
    assert_eq!(result.total.echoes, 1);
    assert_eq!(result.total.ends.closed, 0);
}

#[test]
fn a_server_that_resets_is_told_from_one_that_closes() {
    let steps = [pattern(50), Step::AwaitEnd];
    let result = one_against(Manner::ResetAfter(50), &steps);
    assert_eq!(result.total.ends, Ends { reset: 1, ..Ends::default() });
    let words = result.total.first_error.unwrap();
    assert!(words.contains("reset"), "{words}");
}

#[test]
fn a_client_that_does_not_read_still_sees_a_reset() {
    let stopped = Step::Reading(Reading::Stopped);
    let steps = [stopped, pattern(50), Step::AwaitEnd];
    let result = one_against(Manner::ResetAfter(50), &steps);
    assert_eq!(result.total.ends, Ends { reset: 1, ..Ends::default() });
    assert_eq!((result.total.missing, result.total.bytes_in), (1, 0));
}

#[test]
fn a_client_resets_at_once() {
    let peer = Peer::start(Manner::Echo);
    let steps = [pattern(64 * MIB), Step::Reset];
    let result = run_groups(peer.address(), &[group("rude", 2, &steps)]);
    assert_eq!(result.total.ends, Ends { closed: 2, ..Ends::default() });
    assert_eq!(result.total.echoes, 0);
    assert_eq!(result.total.missing + result.total.unsent, 2);
}

#[test]
fn a_close_leaves_echoes_missing() {
    let steps = [say("one"), say("two"), Step::Close];
    let result = one_against(Manner::Silent, &steps);
    assert_eq!(result.total.ends, Ends { closed: 1, ..Ends::default() });
    assert_eq!((result.total.bytes_out, result.total.missing), (6, 2));
}

#[test]
fn a_server_that_never_answers_costs_the_time_limit() {
    let peer = Peer::start(Manner::Silent);
    let steps = [say("anybody?"), Step::AwaitEcho];
    let late = Group { start: GENEROUS, ..group("late", 2, &steps) };
    let groups = [group("early", 3, &steps), late];
    let result = run_for(ms(2000), peer.address(), &groups);
    assert!(result.run_time_ns >= 2_000_000_000);
    assert_eq!(result.groups[0].ends.timed_out, 3);
    assert_eq!(result.groups[0].missing, 3);
    assert_eq!(result.groups[1].connected, 0);
    assert_eq!(result.groups[1].ends.timed_out, 2);
    assert_eq!(result.total.ends.timed_out, 5);
}

#[test]
fn slow_reading_lets_back_pressure_build_up_and_loses_nothing() {
    let server = Server::start(&ServerOptions::default());
    let slow = Reading::Slow { bytes: 4096, every: ms(1) };
    let steps = [
        Step::Reading(slow),
        pattern(256 * KIB),
        Step::AwaitEcho,
        Step::HalfClose,
    ];
    let result = run_groups(server.address, &[group("slow", 4, &steps)]);
    assert_eq!((result.total.echoes, result.total.missing), (4, 0));
    // 64 reads with 63 pauses between them, at the very least.
    assert!(result.total.echo_time.unwrap().min_ns >= 63_000_000);
}

#[test]
fn a_known_delay_is_what_the_percentiles_say() {
    let peer = Peer::start(Manner::Late(ms(20)));
    let turn = [say("ping"), Step::AwaitEcho];
    let steps = [times(20, Pacing::Closed, &turn)];
    let groups = [group("late", 2, &steps)];
    holds_undisturbed("half of them take little more", || {
        let result = run_groups(peer.address(), &groups);
        let time = result.groups[0].echo_time.unwrap();
        assert_eq!(time.count, 40);
        assert!(time.min_ns >= 20_000_000, "{time:?}");
        assert!(time.min_ns <= time.p50_ns && time.p50_ns <= time.p90_ns);
        assert!(time.p90_ns <= time.p99_ns && time.p99_ns <= time.p99_9_ns);
        assert!(time.p99_9_ns <= time.max_ns && time.mean_ns <= time.max_ns);
        holds(time.p50_ns < 200_000_000, format!("{time:?}"))
    });
}

#[test]
fn an_open_loop_shows_the_stall_that_a_closed_loop_hides() {
    let stalled = |pacing| {
        let turn = [say("0123456789"), Step::AwaitEcho];
        let steps = [times(100, pacing, &turn), Step::AwaitEcho];
        one_against(Manner::Stall(300, ms(400)), &steps).groups.remove(0)
    };
    holds_undisturbed("the closed loop hides it", || {
        let closed = stalled(Pacing::Closed);
        let open = stalled(Pacing::Open { every: ms(10) });
        assert_eq!((closed.echoes, open.echoes), (100, 100));
        assert_eq!((closed.pacing, open.pacing), (Loop::Closed, Loop::Open));
        // One message met the stall, and its maximum says so in both.
        assert!(closed.echo_time.unwrap().max_ns >= 400_000_000);
        assert!(open.echo_time.unwrap().max_ns >= 390_000_000);
        // In the open loop forty were due meanwhile: a third of all messages
        // waited for 0.1 s.
        let (closed, open) =
            (closed.echo_time.unwrap().p90_ns, open.echo_time.unwrap().p90_ns);
        assert!(open >= 100_000_000, "{open} ns");
        holds(closed < open, format!("{closed} ns to {open} ns"))
    });
}

/// Lets this process have as many descriptors as the system allows.
#[cfg(unix)]
fn raise_descriptor_limit() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    // Some systems name a most that they do not grant.
    let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
}

#[cfg(not(unix))]
fn raise_descriptor_limit() {}

#[test]
fn two_thousand_clients_at_once() {
    raise_descriptor_limit();
    let server = Server::start(&ServerOptions::default());
    let turn = [pattern(1000), Step::AwaitEcho];
    let crowd = [times(3, Pacing::Closed, &turn), Step::HalfClose];
    let idle = [Step::Pause(ms(200))];
    let groups = [group("crowd", 1500, &crowd), group("idle", 500, &idle)];
    let result = run_groups(server.address, &groups);
    assert_eq!(result.total.connected, 2000, "{:?}", result.total.first_error);
    assert_eq!(result.groups[0].echoes, 4500);
    assert_eq!(result.groups[0].ends.end_of_file, 1500);
    assert_eq!(result.groups[1].ends.closed, 500);
    assert_eq!(result.groups[1].bytes_out, 0);
    assert_eq!(result.total.bytes_in, 4_500_000);
    assert!(result.total.connect_time_max_ns > Some(0));
}

#[test]
fn a_stagger_lets_them_come_one_after_the_other() {
    let peer = Peer::start(Manner::Echo);
    let steps = [say("hi"), Step::AwaitEcho];
    let one_by_one =
        Group { start: ms(30), stagger: ms(20), ..group("file", 4, &steps) };
    let result = run_groups(peer.address(), &[one_by_one]);
    let file = &result.groups[0];
    assert!(file.first_echo_at_ns.unwrap() >= 30_000_000);
    assert!(file.ended_last_at_ns.unwrap() >= 90_000_000);
    assert!(file.ended_first_at_ns < file.ended_last_at_ns);
}

#[test]
fn a_refused_connect_is_a_result() {
    let (_held, address) = nobody();
    let groups = [group("nobody", 5, &[say("hi"), Step::AwaitEcho])];
    let result = run_groups(address, &groups);
    assert_eq!((result.total.connected, result.total.refused), (0, 5));
    assert_eq!(result.total.ends, Ends { refused: 5, ..Ends::default() });
    assert_eq!(result.total.ended_first_at_ns, None);
    let words = result.total.first_error.unwrap();
    assert!(words.contains("refused"), "{words}");
}

#[test]
fn ipv6_works_alike() {
    let peer = Peer::start_v6(Manner::Echo);
    let listen = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    let server = Server::start(&ServerOptions {
        listen: Some(listen),
        ..ServerOptions::default()
    });
    for address in [peer.address(), server.address] {
        let steps = [pattern(MIB), Step::AwaitEcho, Step::HalfClose];
        let result = run_groups(address, &[group("six", 2, &steps)]);
        assert_eq!(result.total.bytes_in, 2 * MIB);
        assert_eq!(result.total.ends.end_of_file, 2);
    }
}

#[test]
fn a_cancelled_run_returns_what_it_has() {
    let peer = Peer::start(Manner::Silent);
    let groups = [group("patient", 2, &[say("hi"), Step::AwaitEcho])];
    let cancel = Cancel::new();
    let options = LoadOptions {
        time_limit: Duration::MAX,
        live: None,
        clock: Clock::wall(),
    };
    let begun = Instant::now();
    let result = thread::scope(|scope| {
        let run = || run(peer.address(), &groups, &options, &cancel);
        let running = scope.spawn(run);
        while peer.received() < 4 && begun.elapsed() < GENEROUS {
            thread::sleep(ms(1));
        }
        cancel.cancel();
        running.join().unwrap().unwrap()
    });
    assert!(begun.elapsed() < GENEROUS);
    assert_eq!((result.total.connected, result.total.missing), (2, 2));
    assert_eq!(result.total.ends.timed_out, 2);
    let again = run(peer.address(), &groups, &options, &cancel).unwrap();
    assert_eq!(again.total.ends.timed_out, 2);
}

#[test]
fn each_client_with_an_echo_has_times_of_its_own() {
    let peer = Peer::start(Manner::Echo);
    let talks = [times(5, Pacing::Closed, &[say("hi"), Step::AwaitEcho])];
    let groups = [group("idle", 2, &[]), group("busy", 3, &talks)];
    let result = run_groups(peer.address(), &groups);
    let ids: Vec<_> = result.clients.iter().map(|it| it.client).collect();
    assert_eq!(ids, [3, 4, 5]);
    assert!(result.clients.iter().all(|it| it.echo_time.count == 5));
    let mut addresses: Vec<_> =
        result.clients.iter().map(|it| it.address).collect();
    addresses.dedup();
    assert_eq!(addresses.len(), 3);
    assert!(addresses.iter().all(|it| it.ip().is_loopback()));
    let slowest = result.clients.iter().map(|it| it.echo_time.max_ns).max();
    assert_eq!(slowest, Some(result.total.echo_time.unwrap().max_ns));
}

#[test]
fn a_result_goes_through_json_and_back() {
    let result = one_against(Manner::Echo, &[say("hi"), Step::AwaitEcho]);
    let json = serde_json::to_string(&result).unwrap();
    assert!(json.contains(r#""pacing":"closed loop""#), "{json}");
    assert!(json.contains(r#""p99_9_ns":"#), "{json}");
    let back: LoadResult = serde_json::from_str(&json).unwrap();
    assert_eq!(back, result);
}

#[test]
fn a_script_that_makes_no_sense_is_not_run() {
    let (_held, address) = nobody();
    let options =
        LoadOptions { time_limit: GENEROUS, live: None, clock: Clock::wall() };
    let groups = [group("twice", 1, &[Step::Connect])];
    let error = run(address, &groups, &options, &Cancel::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let words = "group \"twice\": a client connects only once; for more";
    assert!(error.to_string().starts_with(words), "{error}");
    let crowd = [group("crowd", usize::MAX, &[])];
    let error = run(address, &crowd, &options, &Cancel::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
