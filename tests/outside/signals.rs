//! SIGINT, SIGTERM and SIGHUP, in every mode: the same outcome, whatever it
//! sleeps in.

use super::in_every_mode;
use crate::support::Client;
use crate::support::patience::{holds, holds_undisturbed, wait_for};
use crate::support::process::{Folder, Server, quiet, run, sockscope};
use nix::sys::signal::Signal;
use std::io::ErrorKind;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

in_every_mode! {
    a_signal_ends_it_as_asked,
    without_clients_it_ends_quickly,
    a_line_said_in_the_grace_period_is_echoed,
    every_phase_has_its_line_in_the_log,
    idle_clients_see_the_end_at_one_deadline,
    a_second_signal_ends_it_at_once,
    a_client_that_never_reads_does_not_hold_up_the_end,
    signals_at_random_moments_end_it,
    a_signal_ends_a_scenario,
    clients_that_wait_to_be_accepted_do_not_hold_up_the_end,
    stopped_and_continued_it_goes_on,
}

fn wait_until_refused(address: SocketAddr) {
    wait_for("connects are refused", || {
        let refused = TcpStream::connect(address).map_err(|e| e.kind());
        matches!(refused, Err(ErrorKind::ConnectionRefused))
    });
}

/// A client that the server has certainly accepted.
fn served(server: &Server) -> Client {
    let mut client = Client::connect(server.address);
    client.echo("hello\n");
    client
}

fn a_signal_ends_it_as_asked(mode: &str) {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let server = Server::start(mode, &[]);
        let client = served(&server);
        server.program.signal(signal);
        wait_until_refused(server.address);
        drop(client);
        let finished = server.program.finish();
        let report = finished.expect_success().report();
        assert_eq!(report.text("/outcome"), signal.as_str());
        assert_eq!(report.number("/server/bytes_out"), 6);
        assert_eq!(report.number("/server/connections_open"), 0);
        assert!(report.ended("end of file") >= 1, "{report:?}");
    }
}

/// On a busy machine not every time.
fn without_clients_it_ends_quickly(mode: &str) {
    holds_undisturbed("it ends quickly", || {
        let took: Vec<_> = (0..5).map(|_| time_to_end(mode)).collect();
        println!("{mode}: ended after the signal by: {took:?}");
        let (best, worst) = (took.iter().min(), took.iter().max());
        let quick = best < Some(&Duration::from_millis(200));
        let never_late = worst < Some(&Duration::from_secs(2));
        holds(quick && never_late, format!("{took:?}"))
    });
}

fn time_to_end(mode: &str) -> Duration {
    let server = Server::start(mode, &["--grace", "1h"]);
    let start = Instant::now();
    server.stop().expect_success();
    start.elapsed()
}

fn a_line_said_in_the_grace_period_is_echoed(mode: &str) {
    let server = Server::start(mode, &["--grace", "1h"]);
    let mut client = served(&server);
    server.program.signal(Signal::SIGTERM);
    wait_until_refused(server.address);
    client.echo("goodbye\n");
    client.half_close();
    client.expect_eof();
    let report = server.program.finish().expect_success().report();
    assert_eq!(report.number("/server/bytes_out"), 14);
}

fn idle_clients_see_the_end_at_one_deadline(mode: &str) {
    holds_undisturbed("at one deadline", || {
        let ends = ends_of_idle_clients(mode);
        println!("{mode}: end of file after {ends:?}");
        let (first, last) =
            (ends.iter().min().unwrap(), ends.iter().max().unwrap());
        assert!(*first >= Duration::from_millis(900), "{ends:?}");
        let apart = last.abs_diff(*first);
        holds(apart < Duration::from_millis(800), format!("{ends:?}"))
    });
}

/// How long after the signal each of them finds the end of file.
fn ends_of_idle_clients(mode: &str) -> Vec<Duration> {
    let server = Server::start(mode, &["--grace", "1s"]);
    let mut clients = vec![served(&server)];
    if mode != "serial" {
        clients.extend((1..3).map(|_| served(&server)));
    }
    let start = Instant::now();
    server.program.signal(Signal::SIGINT);
    let ends = thread::scope(|threads| {
        let wait = |mut client: Client| {
            threads.spawn(move || {
                client.expect_eof();
                start.elapsed()
            })
        };
        let waits: Vec<_> = clients.into_iter().map(wait).collect();
        waits.into_iter().map(|it| it.join().unwrap()).collect::<Vec<_>>()
    });
    let report = server.program.finish().expect_success().report();
    let left = ends.len() as u64;
    assert_eq!(report.ended("grace period over"), left);
    let phases = ["running", "refusing", "finishing", "cancelling", "ended"];
    for (n, phase) in phases.into_iter().enumerate() {
        assert_eq!(report.text(&format!("/phases/{n}/phase")), phase);
        let then = report.number(&format!("/phases/{n}/connections_left"));
        assert_eq!(then, if (1..4).contains(&n) { left } else { 0 });
    }
    let cancelled = report.number("/phases/3/at_ns");
    assert!(cancelled >= report.number("/deadline_at_ns"));
    ends
}

fn every_phase_has_its_line_in_the_log(mode: &str) {
    let args = [mode, "--scenario", "none", "--grace", "100ms"];
    let server = Server::spawn(sockscope(&args));
    let _client = served(&server);
    server.program.signal(Signal::SIGTERM);
    let finished = server.program.finish();
    let log = &finished.expect_success().stdout;
    let mut rest = log.as_str();
    for phase in [
        "running: clients are served",
        "refusing: 1 left, deadline in 0.1 s; a second signal cancels",
        "finishing: 1 left, deadline in 0.1 s; no new clients",
        "cancelling: 1 left; every connection is closed",
        "ended: the server has returned",
        "(1 left at the deadline)",
    ] {
        let (_, after) = rest.split_once(phase).expect(log);
        rest = after;
    }
}

fn a_second_signal_ends_it_at_once(mode: &str) {
    let signals = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
    for (signal, code) in signals.into_iter().zip([130, 143, 129]) {
        let server = Server::start(mode, &["--grace", "1h"]);
        let mut client = served(&server);
        server.program.signal(Signal::SIGINT);
        wait_until_refused(server.address);
        server.program.signal(signal);
        client.expect_eof();
        let finished = server.program.finish();
        assert_eq!(finished.code(), Some(code));
        let outcome = format!("SIGINT, cut short by {}", signal.as_str());
        assert_eq!(finished.report().text("/outcome"), outcome);
    }
}

/// It ends without a report, but what was recorded is whole.
#[test]
fn sigquit_ends_it_as_it_ends_others_and_closes_the_recording() {
    let folder = Folder::new("quit");
    let path = folder.path("quit.rec");
    let program = quiet("selector", &["--record", &path]);
    // Without a core file, and whatever started the tests: a shell has its jobs
    // in the background ignore the signal.
    let mut command = Command::new("env");
    command.args(["--default-signal=QUIT", "sh", "-c"]);
    command.args(["ulimit -c 0; exec \"$@\"", "sh"]);
    command.arg(program.get_program()).args(program.get_args());
    let server = Server::spawn(command);
    served(&server);
    server.program.signal(Signal::SIGQUIT);
    let status = server.program.finish().status;
    assert_eq!(status.signal(), Some(Signal::SIGQUIT as i32));
    let replayed = run(&["replay", &path]);
    assert_eq!(replayed.stderr, "", "it is complete");
    assert!(replayed.stdout.contains("read    6 B"), "{replayed:?}");
}

/// As nohup(1) starts it.
#[test]
fn a_hangup_that_is_ignored_at_the_start_stays_ignored() {
    let program = quiet("selector", &[]);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]);
    command.arg(program.get_program()).args(program.get_args());
    let server = Server::spawn(command);
    server.program.signal(Signal::SIGHUP);
    served(&server).echo("still there\n");
    assert_eq!(server.report().text("/outcome"), "SIGTERM");
}

/// A task that never pauses, since its client floods it, is no excuse.
#[test]
fn a_second_signal_ends_a_task_that_never_yields() {
    let args = ["--yield", "never", "--recv-size", "16", "--grace", "1h"];
    let server = Server::start("tasks", &args);
    let mut flood = Client::connect(server.address);
    let mut reader = flood.try_clone();
    thread::scope(|threads| {
        threads.spawn(
            move || while flood.stream.write_all(&[b'f'; 16_384]).is_ok() {},
        );
        // A client that is not accepted yet would hold up nothing.
        assert!(matches!(reader.stream.read(&mut [0; 16_384]), Ok(1..)));
        threads.spawn(move || {
            while let Ok(1..) = reader.stream.read(&mut [0; 16_384]) {}
        });
        server.program.signal(Signal::SIGINT);
        server.program.signal(Signal::SIGTERM);
        let finished = server.program.finish();
        assert_eq!(finished.code(), Some(143));
    });
}

/// A thread asleep in a write is woken too.
fn a_client_that_never_reads_does_not_hold_up_the_end(mode: &str) {
    let args = ["--grace", "1s", "--sndbuf", "4096", "--rcvbuf", "4096"];
    let server = Server::start(mode, &args);
    let mut client = Client::connect_small(server.address, 4096);
    let mut full = 0;
    wait_for("nothing more is taken", || {
        thread::sleep(Duration::from_millis(20));
        full = if client.pour(usize::MAX) == 0 { full + 1 } else { 0 };
        full > 5
    });
    if mode != "nonblocking" && cfg!(target_os = "linux") {
        server.process().wait_until_asleep();
    }
    let report = server.report();
    assert_eq!(report.ended("grace period over"), 1);
    assert!(report.number("/server/unsent_bytes") > 0);
    assert!(report.findings().contains("never echoed"), "{report:?}");
}

/// Before its clients connect, while they talk, while all are asleep.
fn signals_at_random_moments_end_it(mode: &str) {
    let args = [mode, "--ui", "log", "--grace", "50ms", "--color", "never"];
    for round in 0..20 {
        let server = Server::spawn(sockscope(&args));
        thread::sleep(Duration::from_millis(round * 37 % 300));
        server.program.signal(Signal::SIGINT);
        let finished = server.program.finish();
        finished.expect_success();
        assert!(finished.stdout.contains("Sockets"), "{finished:?}");
    }
}

/// The scenario's own clients end, too, wherever they are in their script.
fn a_signal_ends_a_scenario(mode: &str) {
    let args = [mode, "--scenario", "slow-reader", "--ui", "none"];
    let mut command = sockscope(&args);
    command.args(["--report", "json", "--grace", "100ms"]);
    let server = Server::spawn(command);
    let report = server.report();
    assert_eq!(report.text("/outcome"), "SIGTERM");
    assert_eq!(report.number("/server/connections_open"), 0);
}

/// Accepting is paused at its limit when the signal comes.
fn clients_that_wait_to_be_accepted_do_not_hold_up_the_end(mode: &str) {
    let args = ["--max-connections", "1", "--grace", "1h"];
    let server = Server::start(mode, &args);
    let mut first = served(&server);
    let mut waiting = Client::connect(server.address);
    waiting.say("nobody hears this\n");
    server.program.signal(Signal::SIGTERM);
    assert_eq!(waiting.rest_until_any_end(), b"", "its connection ends");
    first.echo("goodbye\n");
    drop(first);
    // Long before its grace period is over.
    let report = server.program.finish().expect_success().report();
    assert_eq!(report.number("/server/connections"), 1);
}

/// As after Ctrl-Z and fg: calls that were interrupted are made again.
fn stopped_and_continued_it_goes_on(mode: &str) {
    let server = Server::start(mode, &["--idle-timeout", "1h"]);
    let mut client = served(&server);
    for _ in 0..5 {
        server.program.signal(Signal::SIGSTOP);
        client.say("meanwhile\n");
        server.program.signal(Signal::SIGCONT);
        client.expect("meanwhile\n");
    }
    Client::connect(server.address);
    client.half_close();
    client.expect_eof();
    server.report();
}
