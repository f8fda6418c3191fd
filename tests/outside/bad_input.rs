//! Clients that misbehave and limits that are reached: only the connection
//! concerned is affected, memory stays within the limits, and the report
//! says what happened.

use super::{in_concurrent_modes, in_every_mode};
use crate::support::Client;
use crate::support::patience::wait_for;
use crate::support::process::{Server, quiet, sockscope};
use std::io::Read as _;
use std::process::Command;
use std::thread;

in_every_mode! {
    a_reset_ends_that_connection_alone,
    a_half_close_still_gets_its_whole_echo,
    a_client_that_sends_and_leaves_is_no_harm,
    a_line_without_end_is_cut_off_at_the_limit,
    a_silent_client_is_closed_by_the_idle_timeout,
    control_characters_are_never_printed,
}

#[cfg(target_os = "linux")]
in_every_mode! {
    many_connections_leave_no_descriptor,
}

in_concurrent_modes! {
    a_client_that_never_reads_stalls_alone,
    a_flood_is_served_within_the_memory,
    out_of_descriptors_accepting_pauses_and_resumes,
    out_of_connections_accepting_pauses_and_resumes,
    the_idle_timeout_spares_the_active,
}

const MIB: u64 = 1 << 20;

/// What a server may need beside the output that it holds for clients.
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

fn a_half_close_still_gets_its_whole_echo(mode: &str) {
    let server = Server::start(mode, &[]);
    let mut client = Client::connect(server.address);
    let said: Vec<u8> = (0..1_u32 << 18).flat_map(u32::to_le_bytes).collect();
    let back = thread::scope(|threads| {
        let mut reader = client.try_clone();
        let reader = threads.spawn(move || reader.rest_until_any_end());
        client.say(&said);
        client.half_close();
        reader.join().unwrap()
    });
    assert!(back == said, "{} of {} bytes", back.len(), said.len());
    let report = server.report();
    assert_eq!(report.ended("end of file"), 1);
    assert_eq!(report.number("/server/unsent_bytes"), 0);
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

fn a_silent_client_is_closed_by_the_idle_timeout(mode: &str) {
    let server = Server::start(mode, &["--idle-timeout", "100ms"]);
    let mut silent = Client::connect(server.address);
    silent.expect_eof();
    let found = server.report().findings();
    let words = "connection #1 was closed by the idle time-out";
    assert!(found.contains(words), "{found}");
}

fn the_idle_timeout_spares_the_active(mode: &str) {
    let server = Server::start(mode, &["--idle-timeout", "4s"]);
    let mut silent = Client::connect(server.address);
    let mut active = Client::connect(server.address);
    silent.stream.set_nonblocking(true).unwrap();
    wait_for("the silent one is closed", || {
        active.echo("tick\n");
        silent.stream.read(&mut [0; 1]).is_ok()
    });
    active.echo("still there\n");
    active.half_close();
    active.expect_eof();
    assert_eq!(server.report().ended("idle time-out"), 1);
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
        finished.expect_success();
        let raw = |c: char| c.is_control() && c != '\n';
        let line = finished.stdout.lines().find(|line| line.contains(raw));
        assert_eq!(line, None, "{form}");
    }
}

fn a_client_that_never_reads_stalls_alone(mode: &str) {
    let server = Server::start(mode, &[]);
    let mut stalled = Client::connect(server.address);
    let mut others = Client::connect(server.address);
    others.echo("before\n");
    let mut said = 0;
    let mut full = 0;
    // 64 MiB at most: as much as the kernel and the server's limit hold.
    wait_for("nothing more is taken", || {
        let poured = stalled.pour(usize::try_from(64 * MIB).unwrap());
        said += poured;
        full = if poured == 0 { full + 1 } else { 0 };
        others.echo("meanwhile\n");
        full > 100
    });
    #[cfg(target_os = "linux")]
    assert!(server.process().memory() < SMALL);
    others.echo("afterwards\n");
    // When it reads again, all bytes arrive.
    stalled.half_close();
    let back = stalled.rest_until_any_end();
    assert_eq!(back.len(), said);
    assert!(back.iter().all(|byte| *byte == b'f'));
    let report = server.report();
    let peak = report.number("/server/pending_peak_bytes");
    assert!(peak <= 256 * 1024, "{peak}");
    let found = report.findings();
    let said = match mode {
        // One that sleeps is a matter of its time.
        "blocking" => "",
        "tasks" => "a write to client #1 had to wait",
        _ => "client #1 reached its limit",
    };
    assert!(found.contains(said), "{found}");
}

/// 64 MiB through one connection while another one is answered.
fn a_flood_is_served_within_the_memory(mode: &str) {
    let server = Server::start(mode, &[]);
    let mut other = Client::connect(server.address);
    other.echo("before\n");
    let mut flood = Client::connect(server.address);
    let size = usize::try_from(64 * MIB).unwrap();
    thread::scope(|threads| {
        let mut reader = flood.try_clone();
        let reader = threads.spawn(move || {
            std::io::copy(&mut reader.stream, &mut std::io::sink()).unwrap()
        });
        let writer = threads.spawn(move || {
            let piece = vec![b'f'; 1 << 16];
            (0..size / piece.len()).for_each(|_| flood.say(&piece));
            flood.half_close();
        });
        while !reader.is_finished() {
            other.echo("meanwhile\n");
        }
        writer.join().unwrap();
        assert_eq!(reader.join().unwrap(), 64 * MIB);
    });
    let report = server.report();
    let peak = report.number("/server/peak_memory_bytes");
    assert!(peak < SMALL, "{peak}");
}

/// With a hard limit that is nearly used up: 40 for both sides of nothing.
fn with_descriptors(limit: u32, mode: &str, args: &[&str]) -> Server {
    let mut command = Command::new("sh");
    let script = format!("ulimit -n {limit}; exec \"$@\"");
    let program = quiet(mode, args);
    command.args(["-c", &script, "sh"]).arg(program.get_program());
    command.args(program.get_args());
    Server::spawn(command)
}

fn out_of_descriptors_accepting_pauses_and_resumes(mode: &str) {
    let server = with_descriptors(40, mode, &[]);
    let clients = (0..60).map(|_| Client::connect(server.address));
    let mut clients: Vec<_> = clients.collect();
    // Those accepted first are served all the same.
    clients[0].echo("hello\n");
    clients[59].say("I wait\n");
    thread::sleep(std::time::Duration::from_millis(1_500));
    clients[0].echo("still served\n");
    let mut last = clients.pop().unwrap();
    clients.truncate(5);
    last.expect("I wait\n");
    drop(clients);
    let report = server.report();
    let found = report.findings();
    assert!(found.contains("accepting paused"), "{found}");
    assert!(found.contains("descriptors"), "{found}");
    let (accepts, would_blocks) = report.calls("accept");
    let in_vain = accepts - would_blocks;
    assert!(in_vain < 200, "it spins: {in_vain} accepts");
    assert_eq!(report.number("/server/connections"), 60);
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
    let rest = |process: crate::support::process::Proc| {
        (process.descriptors(), process.threads())
    };
    let mut before = (0, 0);
    wait_for("the first is gone", || {
        let now = rest(process);
        std::mem::replace(&mut before, now) == now
    });
    for round in 0..300 {
        let mut client = Client::connect(server.address);
        client.echo("hello\n");
        if round % 3 == 0 {
            client.reset();
        }
    }
    wait_for("as before", || rest(process) <= before);
    let report = server.report();
    let at_once = report.number("/server/threads");
    assert!(at_once < 50, "at most so many threads at once: {at_once}");
}
