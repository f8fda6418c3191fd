//! The clients against servers they were not written for, and against our
//! own selector mode: every step, every way to end, exact bytes, echo times.

mod asleep;
mod language;
mod steady;

use crate::support::patience::wait_for;
use crate::support::peers::{Manner, Peer, nobody};
use language::*;
use sockscope::load::{Cancel, Ends, Group, LoadResult, Loop, run};
use sockscope::units::Time;
use std::io::ErrorKind;
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn every_step_that_ends_well_brings_back_every_byte() {
    let steps = include_str!("every_step.txt");
    let peer = Peer::start(Manner::Echo);
    let result = run_groups(&peer, &[group("all", 3, steps)]);
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
    let json = serde_json::to_string(&result).unwrap();
    assert!(json.contains(r#""pacing":"open loop""#), "{json}");
    assert!(json.contains(r#""p99_9_ns":"#), "{json}");
    let back: LoadResult = serde_json::from_str(&json).unwrap();
    assert_eq!(back, result);
}

/// Against each kind of server: how one client ends, how many echoes it has
/// and misses (unless a reset may overtake them), and words about the first
/// error or wrong byte.
#[test]
fn a_client_ends_as_its_script_or_the_server_says() {
    let none = Ends::default();
    let closed = Ends { closed: 1, ..none };
    let ended = Ends { end_of_file: 1, ..none };
    let reset = Ends { reset: 1, ..none };
    let wrong = Ends { mismatch: 1, ..none };
    let echo = "{ say = 'hi' }, 'await-echo'";
    let close = "{ say = 'hi' }, 'close'";
    let long = "{ send = '50' }, 'await-echo', { pause = '300 s' }";
    let waits = "{ send = '50' }, 'await-end'";
    let deaf = "{ reading = 'stopped' }, { send = '50' }, 'await-end'";
    let reset_at_once = "{ send = '64 MiB' }, 'reset'";
    let unasked = "0x68, which was never sent";
    let cases = [
        (Manner::Echo, echo, closed, Some((1, 0)), ""),
        (Manner::Echo, reset_at_once, closed, None, ""),
        (Manner::Silent, close, closed, Some((0, 1)), ""),
        (Manner::CloseAfter(50), long, ended, Some((1, 0)), ""),
        (Manner::ResetAfter(50), waits, reset, None, "reset"),
        (Manner::ResetAfter(50), deaf, reset, Some((0, 1)), "reset"),
        (Manner::Talkative, "'await-end'", wrong, Some((0, 0)), unasked),
    ];
    for (manner, steps, ends, echoes, words) in cases {
        let total = one_against(manner, steps).total;
        assert_eq!(total.ends, ends, "{manner:?}");
        if let Some(echoes) = echoes {
            assert_eq!((total.echoes, total.missing), echoes, "{manner:?}");
        }
        let first = total.first_error.or(total.first_mismatch);
        let first = first.unwrap_or_default();
        assert!(first.contains(words), "{manner:?}: {first}");
    }
}

#[test]
fn a_wrong_byte_is_found_wherever_it_is() {
    for at in [0, 4, 65_535, 65_536, 1_000_000, MIB - 1] {
        let steps = "{ say = 'hello' }, { send = '1 MiB' }, 'await-echo'";
        let one = one_against(Manner::Corrupt(at), steps).total;
        assert_eq!(one.ends, Ends { mismatch: 1, ..Ends::default() });
        let (message, offset) = if at < 5 { (1, at) } else { (2, at - 5) };
        let place = format!("byte {offset} of the echo of message {message} ");
        let words = one.first_mismatch.unwrap();
        assert!(words.contains(&place), "{words}");
        assert!(at < 5 || one.missing == 0, "it came, if wrong");
        assert!(at > 0 || words.ends_with("is 0x48 instead of 0x68"));
        assert_eq!((one.mismatches, one.echoes), (1, u64::from(at >= 5)));
    }
}

#[test]
fn a_server_that_never_answers_costs_the_time_limit() {
    let peer = Peer::start(Manner::Silent);
    let steps = "{ say = 'anybody?' }, 'await-echo'";
    let late = Group { start: Time(GENEROUS), ..group("late", 2, steps) };
    let groups = [group("early", 3, steps), late];
    let result = run_for(ms(2000), &peer, &groups);
    assert!(result.run_time_ns >= 2_000_000_000);
    let [early, late] = &result.groups[..] else { panic!("two groups") };
    assert_eq!((early.ends.timed_out, early.missing), (3, 3));
    assert_eq!((late.ends.timed_out, late.connected), (2, 0));
    assert_eq!(result.total.ends.timed_out, 5);
}

#[test]
fn slow_reading_lets_back_pressure_build_up_and_loses_nothing() {
    let steps = "{ reading = { bytes = '4 KiB', every = '1 ms' } }, \
                 { send = '256 KiB' }, 'await-echo', 'half-close'";
    let total = run_groups(&our_server(), &[group("slow", 4, steps)]).total;
    assert_eq!((total.echoes, total.missing), (4, 0));
    // 64 reads with 63 pauses between them, at the very least.
    assert!(total.echo_time.unwrap().min_ns >= 63_000_000);
}

#[test]
fn what_cannot_be_run_is_refused_before_anything_connects() {
    let (_held, address) = nobody();
    let crowd = group("crowd", usize::MAX, "");
    for groups in [[group("again", 1, "'connect'")], [crowd]] {
        let options = options(GENEROUS);
        let refused = run(address, &groups, &options, &Cancel::new());
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn a_stagger_lets_them_come_one_after_the_other() {
    let peer = Peer::start(Manner::Echo);
    let one_by_one = Group {
        start: Time(ms(30)),
        stagger: Time(ms(20)),
        ..group("file", 4, "{ say = 'hi' }, 'await-echo'")
    };
    let file = run_groups(&peer, &[one_by_one]).total;
    assert!(file.first_echo_at_ns >= Some(30_000_000));
    assert!(file.ended_last_at_ns >= Some(90_000_000));
    assert!(file.ended_first_at_ns < file.ended_last_at_ns);
}

#[test]
fn a_cancelled_run_returns_what_it_has() {
    let peer = Peer::start(Manner::Silent);
    let groups = [group("patient", 2, "{ say = 'hi' }, 'await-echo'")];
    let (cancel, options) = (Cancel::new(), options(Duration::MAX));
    let run = || run(peer.address(), &groups, &options, &cancel).unwrap();
    let begun = Instant::now();
    let total = thread::scope(|scope| {
        let running = scope.spawn(run);
        wait_for("all have spoken", || peer.received() == 4);
        cancel.cancel();
        running.join().unwrap().total
    });
    assert!(begun.elapsed() < GENEROUS);
    assert_eq!((total.connected, total.missing), (2, 2));
    assert_eq!((total.ends.timed_out, run().total.ends.timed_out), (2, 2));
}
