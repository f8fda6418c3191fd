//! The clients of a measurement: what they count is what happened, and what
//! they time agrees with delays that are known.

use super::language::{ms, our_server};
use crate::support::Server;
use crate::support::patience::{holds, holds_undisturbed};
use crate::support::peers::{Manner, Peer, nobody};
use sockscope::load::steady::{
    LoadMoment, MAX_STEADY_CLIENTS, Rhythm, SteadyResult, Workload, run,
};
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::system::descriptors::raise_limit;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The length of a message, where it is of no importance.
const SIZE: u32 = 128;

fn load(clients: u32, time: Duration) -> Workload {
    Workload {
        clients,
        idle: 0,
        size_bytes: SIZE,
        pipeline: 1,
        pacing: Rhythm::Closed,
        warm_up_ns: 0,
        time_ns: nanoseconds(time),
    }
}

fn result(target: SocketAddr, load: &Workload) -> SteadyResult {
    let (result, _) = run(target, load, &mut |_| Ok(())).unwrap();
    let counted: u64 = result.buckets.iter().map(|(_, count)| count).sum();
    assert_eq!(counted, result.echo_time.map_or(0, |time| time.count));
    let closed = load.pacing == Rhythm::Closed;
    assert!(!closed || result.window_ns >= load.time_ns);
    result
}

fn nanoseconds(time: Duration) -> u64 {
    time.as_nanos().try_into().unwrap()
}

/// When a server has read a message whole, and when it began to echo it.
type Echo = (Instant, Instant);

/// A server of one client that waits before its echoes, each time as long as
/// it is told for the echo of this number; in the end it tells what it did.
fn delaying(
    delay: impl Fn(usize) -> Duration + Send + 'static,
) -> (SocketAddr, JoinHandle<Vec<Echo>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let serve = move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut message = [0; SIZE as usize];
        let mut echoes = Vec::new();
        while client.read_exact(&mut message).is_ok() {
            let read = Instant::now();
            thread::sleep(delay(echoes.len()));
            echoes.push((read, Instant::now()));
            if client.write_all(&message).is_err() {
                break;
            }
        }
        echoes
    };
    (address, thread::spawn(serve))
}

/// The percentile of these times, as an HDR histogram has it.
fn percentile(times: &[Duration], percent: usize) -> u64 {
    let mut times = times.to_vec();
    times.sort();
    nanoseconds(times[(times.len() * percent).div_ceil(100) - 1])
}

/// However busy the machine is: an echo cannot be read before the server has
/// begun to write it, nor later than the server has the next message; and a
/// message is said after the echo before it, but before the server has it.
#[test]
fn percentiles_are_those_of_delays_that_are_known() {
    // Of twenty echoes fifteen take 2 ms, four 20 ms and one 60 ms.
    let (address, server) = delaying(|number| match number % 20 {
        0 => ms(60),
        1..=4 => ms(20),
        _ => ms(2),
    });
    let before = Instant::now();
    let result = result(address, &load(1, ms(2_000)));
    let echoes = server.join().unwrap();
    let time = result.echo_time.unwrap();
    let count = usize::try_from(time.count).unwrap();
    assert_eq!(time.count, result.echoes);
    assert!(count > 0 && count < echoes.len(), "{count}");
    let at_least = |it: usize| echoes[it].1 - echoes[it].0;
    let begun = |it: usize| it.checked_sub(1).map_or(before, |it| echoes[it].1);
    let at_most = |it: usize| echoes[it + 1].0 - begun(it);
    let least: Vec<_> = (0..count).map(at_least).collect();
    let most: Vec<_> = (0..count).map(at_most).collect();
    let percentiles = [
        (50, time.p50_ns),
        (90, time.p90_ns),
        (99, time.p99_ns),
        (100, time.max_ns),
    ];
    for (percent, found) in percentiles {
        let least = percentile(&least, percent);
        let most = percentile(&most, percent);
        // Three digits are told apart.
        let allowed = least - least / 1_000..=most + most / 1_000;
        assert!(allowed.contains(&found), "p{percent}: {found}, {allowed:?}");
    }
}

#[test]
fn what_was_due_and_never_came_back_does_not_vanish() {
    let peer = Peer::start(Manner::Silent);
    let open = Rhythm::Open { rate_per_s: 200.0 };
    let (target, load) = (peer.address(), load(3, ms(500)));
    let warm_up_ns = nanoseconds(ms(100));
    let result = result(target, &Workload { pacing: open, warm_up_ns, ..load });
    assert_eq!((result.echoes, result.clients_served), (0, 0));
    // Each client has said one message, in the warm-up, and is held up.
    assert_eq!((result.sent, result.due, result.unanswered), (0, 100, 100));
    let time = result.echo_time.unwrap();
    assert_eq!((time.count, time.max_ns), (100, 500_000_000));
    assert_eq!(time.min_ns, 5_000_000);
    assert!(result.late_p50_ns.abs_diff(250_000_000) < 6_000_000);
}

/// What one client finds of a server that stalls for a second, once.
fn stalled(pacing: Rhythm) -> SteadyResult {
    let (address, server) =
        delaying(|number| ms(if number == 100 { 1_000 } else { 0 }));
    let result = result(address, &Workload { pacing, ..load(1, ms(2_500)) });
    server.join().unwrap();
    result
}

/// In the open loop two messages in five were due while it stalled, and count
/// from then; in the closed loop one message in thousands met the stall.
#[test]
fn an_open_loop_shows_a_stall_that_a_closed_one_hides() {
    holds_undisturbed("a second's stall", || {
        let open = stalled(Rhythm::Open { rate_per_s: 500.0 });
        let time = open.echo_time.unwrap();
        assert_eq!((open.due, time.count), (1_250, 1_250));
        holds(time.p99_ns > 900_000_000, format!("open: {time:?}"))?;
        // Its client held them up until the stall was over.
        let late = open.late_p99_ns;
        holds(late > 900_000_000, format!("late by {late} ns"))?;
        let closed = stalled(Rhythm::Closed).echo_time.unwrap();
        assert!(closed.max_ns >= 1_000_000_000, "{closed:?}");
        holds(closed.p99_ns < 100_000_000, format!("closed: {closed:?}"))
    });
}

#[test]
fn an_open_loop_keeps_its_rate() {
    let server = our_server();
    holds_undisturbed("1 % of the rate", || {
        let open = Rhythm::Open { rate_per_s: 2_000.0 };
        let (target, load) = (server.address, load(7, ms(1_000)));
        let load =
            Workload { pacing: open, warm_up_ns: nanoseconds(ms(50)), ..load };
        let result = result(target, &load);
        assert_eq!(result.due, 2_000);
        assert_eq!(result.echo_time.unwrap().count, 2_000);
        assert_eq!(result.clients_served, 7);
        let missing = result.due.abs_diff(result.sent);
        holds(missing <= 20, format!("{missing} of 2,000 missing"))?;
        let missing = result.due.abs_diff(result.echoes);
        holds(missing <= 20, format!("{missing} echoes of 2,000 missing"))
    });
}

#[test]
fn a_pipeline_is_kept_full_and_its_bytes_are_right() {
    let server = our_server();
    let cases = [(1, 1_000), (128, 16), (100_000, 9), (12 << 20, 1)];
    for (size_bytes, pipeline) in cases {
        let time = ms(if size_bytes > 1 << 20 { 2_000 } else { 300 });
        let (target, load) = (server.address, load(2, time));
        let result = result(target, &Workload { size_bytes, pipeline, ..load });
        assert_eq!((result.mismatches, result.connections_lost), (0, 0));
        assert!(result.echoes > 0, "{result:?}");
        // The client that was served last says nothing more.
        let full = 2 * u64::from(pipeline);
        let under_way = full - u64::from(pipeline)..=full;
        assert!(under_way.contains(&result.unanswered), "{result:?}");
    }
}

/// Against servers that are wrong or end: how many bytes are wrong, how many
/// connections are lost, and how many echoes there were before.
#[test]
fn wrong_bytes_and_connections_that_end_are_counted() {
    let (closed, open) = (Rhythm::Closed, Rhythm::Open { rate_per_s: 100.0 });
    let cases = [
        (Manner::Corrupt(1_000), 0, closed, 5..=5, 0, 35..=35),
        (Manner::Talkative, 2, closed, 14..=u64::MAX, 0, 0..=0),
        (Manner::CloseAfter(1_280), 0, closed, 0..=0, 5, 45..=50),
        (Manner::ResetAfter(1_280), 0, closed, 0..=0, 5, 45..=50),
        (Manner::CloseAfter(0), 5, closed, 0..=0, 10, 0..=0),
        (Manner::CloseAfter(0), 5, open, 0..=0, 10, 0..=0),
    ];
    for (manner, idle, pacing, wrong, lost, echoes) in cases {
        // On a busy machine it takes a while until all ends are noticed.
        let (peer, load) = (Peer::start(manner), load(5, ms(1_000)));
        let load = Workload { idle, pacing, ..load };
        let result = result(peer.address(), &load);
        assert!(wrong.contains(&result.mismatches), "{manner:?}: {result:?}");
        assert_eq!(result.connections_lost, lost, "{manner:?}");
        assert!(echoes.contains(&result.echoes), "{manner:?}: {result:?}");
    }
}

#[test]
fn a_server_of_one_client_at_a_time_serves_one() {
    let server = Server::start(Mode::Serial, &ServerOptions::default());
    let (target, load) = (server.address, load(3, ms(200)));
    let result = result(target, &Workload { idle: 20, ..load });
    assert_eq!((result.clients_served, result.connections_lost), (1, 0));
    assert!((2..=3).contains(&result.unanswered));
}

#[test]
fn thousands_of_connections_are_held_and_served() {
    let _ = raise_limit();
    let server = our_server();
    holds_undisturbed("2,000 clients", || {
        let (target, load) = (server.address, load(2_000, ms(1_000)));
        let result = result(target, &Workload { idle: 500, ..load });
        assert_eq!((result.connections_lost, result.mismatches), (0, 0));
        holds(result.clients_served == 2_000, format!("{result:?}"))
    });
}

#[test]
fn connections_are_open_until_they_are_dropped_and_then_reset() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let target = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut writer = client.try_clone().unwrap();
        // The first call to fail reports the reset.
        io::copy(&mut client, &mut writer).map_err(|error| error.kind())
    });
    let (_, connections) =
        run(target, &load(1, ms(50)), &mut |_| Ok(())).unwrap();
    assert!(!server.is_finished());
    drop(connections);
    assert_eq!(server.join().unwrap(), Err(ErrorKind::ConnectionReset));
}

#[test]
fn the_moments_are_told_in_their_order_and_can_end_the_run() {
    use LoadMoment::{Begun, Connected, Ended};
    let peer = Peer::start(Manner::Echo);
    let mut moments = Vec::new();
    let (target, load) = (peer.address(), load(2, ms(50)));
    let (result, _connections) = run(target, &load, &mut |moment| {
        if moment == LoadMoment::Connected {
            assert_eq!(peer.received(), 0, "nobody has said anything");
        }
        moments.push(moment);
        Ok(())
    })
    .unwrap();
    assert_eq!(moments, [Connected, Begun, Ended]);
    assert!(!cfg!(target_os = "linux") || result.cpu_ns > Some(0));
    for last in [Connected, Begun, Ended] {
        let ended = run(target, &load, &mut |moment| match moment {
            it if it == last => Err(ErrorKind::Interrupted.into()),
            _ => Ok(()),
        });
        assert_eq!(ended.err().unwrap().kind(), ErrorKind::Interrupted);
    }
}

#[test]
fn nobody_to_connect_to_and_options_that_make_no_sense_are_errors() {
    let (_socket, address) = nobody();
    let error = |load| run(address, &load, &mut |_| Ok(())).err().unwrap();
    let refused = error(load(3, ms(50)));
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let most = MAX_STEADY_CLIENTS;
    let few = load(3, ms(50));
    let at = |rate_per_s| {
        let pacing = Rhythm::Open { rate_per_s };
        Workload { pacing, ..few.clone() }
    };
    let (clients, pipeline) = (10_001, 1_000);
    let cases = [
        (Workload { clients: 0, ..few.clone() }, "at least 1 client"),
        (Workload { idle: most, ..few.clone() }, "at most 100000 clients"),
        (Workload { size_bytes: 0, ..few.clone() }, "1 to 16777216 bytes"),
        (Workload { pipeline: 1_001, ..few.clone() }, "1 to 1000 messages"),
        (Workload { clients, pipeline, ..few.clone() }, "10001000 messages"),
        (at(0.0), "one from 0.001 to"),
        (at(f64::NAN), "a rate of NaN messages a second"),
        (Workload { time_ns: 0, ..few.clone() }, "more than no time"),
        (
            Workload { warm_up_ns: u64::MAX, ..few.clone() },
            "at most 60 min 00 s each",
        ),
    ];
    for (load, words) in cases {
        let error = error(load);
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(words), "{error}");
    }
}
