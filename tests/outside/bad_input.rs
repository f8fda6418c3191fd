//! Clients that misbehave and limits that are reached: only the connection
//! concerned is affected, memory stays within the limits, and the report
//! says what happened.

use super::{in_concurrent_modes, in_every_mode};
use crate::support::Client;
use crate::support::patience::wait_for;
use crate::support::process::{Server, sockscope};
use std::io::Read as _;
use std::time::{Duration, Instant};

in_every_mode! {
    a_reset_ends_that_connection_alone,
    a_client_that_sends_and_leaves_is_no_harm,
    a_line_without_end_is_cut_off_at_the_limit,
    control_characters_are_never_printed,
}

#[cfg(target_os = "linux")]
in_every_mode! {
    many_connections_leave_no_descriptor,
}

in_concurrent_modes! {
    out_of_connections_accepting_pauses_and_resumes,
    the_idle_timeout_spares_the_active,
}

const MIB: u64 = 1 << 20;

/// What a server may need beside the output that it holds for clients.
#[cfg(target_os = "linux")]
const SMALL: u64 = 32 * MIB;

fn a_reset_ends_that_connection_alone(mode: &str) {
    let server = Server::start(mode, &[]);
    for _ in 0..10 {
        let mut rude = Client::connect(server.address);
        rude.echo("before the reset\n");
        rude.reset();
    }
    // Again while the server holds output for it.
    let mut rude = Client::connect(server.address);
    rude.pour(64 * 1024);
    rude.reset();
    Client::connect(server.address).echo("still there\n");
    let report = server.report();
    assert!(report.ended("reset") >= 10, "{report:?}");
    let found = report.findings();
    assert!(found.contains("first #1, were reset by the client"), "{found}");
}

fn a_client_that_sends_and_leaves_is_no_harm(mode: &str) {
    let server = Server::start(mode, &[]);
    for _ in 0..50 {
        Client::connect(server.address).say("nobody waits for this\n");
    }
    Client::connect(server.address).echo("still there\n");
    let report = server.report();
    assert_eq!(report.number("/server/connections"), 51);
    assert_eq!(report.number("/server/connections_open"), 0);
}

fn a_line_without_end_is_cut_off_at_the_limit(mode: &str) {
    let server = Server::start(mode, &["--framing", "lines"]);
    let mut endless = Client::connect(server.address);
    let mut said = 0;
    // 8 MiB, unless the server ends it before.
    while said < 8 * MIB {
        match std::io::Write::write(&mut endless.stream, &[b'x'; 4096]) {
            Ok(count) => said += count as u64,
            Err(_) => break,
        }
    }
    assert_eq!(endless.rest_until_any_end(), b"", "no line was whole");
    Client::connect(server.address).echo("a line\n");
    #[cfg(target_os = "linux")]
    assert!(server.process().memory() < SMALL);
    let report = server.report();
    assert!(report.number("/sockets/1/bytes_in") <= 300_000);
    let found = report.findings();
    let words = "connection #1 sent a line longer than 256 KiB";
    assert!(found.contains(words), "{found}");
}

fn the_idle_timeout_spares_the_active(mode: &str) {
    let server = Server::start(mode, &["--idle-timeout", "4s"]);
    let since = Instant::now();
    let mut silent = Client::connect(server.address);
    let mut active = Client::connect(server.address);
    silent.stream.set_nonblocking(true).unwrap();
    wait_for("the silent one is closed", || {
        active.echo("tick\n");
        silent.stream.read(&mut [0; 1]).is_ok()
    });
    assert!(since.elapsed() >= Duration::from_secs(4), "not before");
    active.echo("still there\n");
    active.half_close();
    active.expect_eof();
    let report = server.report();
    assert_eq!(report.ended("idle time-out"), 1);
    let found = report.findings();
    let words = "connection #1 was closed by the idle time-out";
    assert!(found.contains(words), "{found}");
}

/// Bytes that would clear the screen, colour it, set its title, move its
/// cursor or answer in the user's name.
const CONTROL: &[u8] =
    b"\x1b[2J\x1b[31m\x1b]0;owned\x07\x9b31m\x08\x7f\x00\r\x1b[6n\xff\xfe\n";

fn control_characters_are_never_printed(mode: &str) {
    for form in ["text", "json", "markdown", "csv"] {
        let line = [mode, "--scenario", "none", "--ui", "log"];
        let mut command = sockscope(&line);
        command.args(["--report", form, "--framing", "lines", "--boom"]);
        let server = Server::spawn(command);
        Client::connect(server.address).echo(CONTROL);
        let finished = server.stop();
        assert_eq!(finished.code(), Some(0), "{form}: {finished:?}");
        // Beside a report for programs, the log is on standard error.
        let raw = |c: char| c.is_control() && c != '\n';
        for output in [&finished.stdout, &finished.stderr] {
            let line = output.lines().find(|line| line.contains(raw));
            assert_eq!(line, None, "{form}");
        }
    }
}

fn out_of_connections_accepting_pauses_and_resumes(mode: &str) {
    let server = Server::start(mode, &["--max-connections", "3"]);
    let mut clients: Vec<_> =
        (0..5).map(|_| Client::connect(server.address)).collect();
    clients[2].echo("the last to be served\n");
    clients[4].say("I wait\n");
    clients[0].echo("still served\n");
    let mut last = clients.pop().unwrap();
    clients.truncate(1);
    last.expect("I wait\n");
    let report = server.report();
    let found = report.findings();
    assert!(found.contains("accepting paused"), "{found}");
    assert!(found.contains("connections"), "{found}");
}

/// Neither descriptors nor threads are left behind.
#[cfg(target_os = "linux")]
fn many_connections_leave_no_descriptor(mode: &str) {
    let server = Server::start(mode, &[]);
    Client::connect(server.address).echo("warm\n");
    let process = server.process();
    let rest = || (process.descriptors(), process.threads());
    let mut before = (0, 0);
    wait_for("the first is gone", || {
        let now = rest();
        std::mem::replace(&mut before, now) == now
    });
    for round in 0..300 {
        let mut client = Client::connect(server.address);
        client.echo("hello\n");
        if round % 3 == 0 {
            client.reset();
        }
    }
    wait_for("as before", || rest() <= before);
    let report = server.report();
    let at_once = report.number("/server/threads");
    assert!(at_once < 50, "too many threads at once: {at_once}");
}
