//! Stops of the process (SIGTSTP, SIGSTOP) as interventions: their time does
//! not count, and the report names them.

use super::bench::result;
use super::bench_ends::descendants;
use super::in_every_mode;
use crate::support::Client;
use crate::support::patience::wait_for;
use crate::support::process::{
    Folder, Proc, Program, Server, quiet, run, send_signal, sockscope,
};
use nix::sys::signal::Signal;
use sockscope::load::ClientTrouble;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

in_every_mode! {
    the_time_of_a_stop_does_not_count,
}

/// A client that has connected and says nothing for a while.
const PAUSE: &str = r#"
title = "A pause"
time-limit = "1 min"

[[clients]]
name = "pausing"
steps = ["connect", { pause = "500 ms" }, { say = "hello\n" }, "await-echo"]
"#;

const STOPPED: &str = "the process was stopped for ";

/// The length of a stop: longer than the idle time-out below.
const STOP: Duration = Duration::from_millis(2_500);

/// What of it must not count: its beginning is known to within some time.
const AT_LEAST: Duration = Duration::from_millis(2_400);

/// In a process group of its own, whose parent is in another one: the system
/// does not stop a process by SIGTSTP that no shell could continue.
fn in_own_group(mut command: Command) -> Command {
    command.process_group(0);
    command
}

/// Stops it for [`STOP`] with this signal.
fn stop(program: &Program, signal: Signal) {
    program.signal(signal);
    let process = Proc(program.pid());
    wait_for("it has stopped", || process.is_stopped());
    thread::sleep(STOP);
    program.signal(Signal::SIGCONT);
}

fn the_time_of_a_stop_does_not_count(mode: &str) {
    for signal in [Signal::SIGSTOP, Signal::SIGTSTP] {
        let args = ["--idle-timeout", "2s"];
        let begun = Instant::now();
        let server = Server::spawn(in_own_group(quiet(mode, &args)));
        let mut client = Client::connect(server.address);
        client.echo("before\n");
        stop(&server.program, signal);
        client.echo("after\n");
        drop(client);
        let report = server.report();
        let passed = begun.elapsed();
        let named = report.text("/interventions/0");
        assert!(named.starts_with(STOPPED), "{signal}: {named}");
        // A mode that spins is found to do so in any case.
        let found = report.findings();
        assert!(!found.contains("time-out"), "{signal}: {found}");
        let ran = Duration::from_nanos(report.number("/run_time_ns"));
        let most = passed.saturating_sub(AT_LEAST);
        assert!(ran < most, "{signal}: ran for {ran:?} of {passed:?}");
    }
}

#[test]
fn a_time_limit_does_not_count_a_stop() {
    let args = ["selector", "--scenario", "none", "--duration", "2s"];
    let mut command = sockscope(&args);
    command.args(["--ui", "none", "--report", "json"]);
    let server = Server::spawn(command);
    stop(&server.program, Signal::SIGSTOP);
    let ended = server.program.finish();
    let report = ended.expect_success().report();
    assert_eq!(report.text("/outcome"), "its time was over");
    assert!(report.number("/run_time_ns") >= 2_000_000_000, "{report:?}");
    assert!(report.text("/interventions/0").starts_with(STOPPED));
}

#[test]
fn the_log_and_the_recording_name_a_stop() {
    let folder = Folder::new("stops");
    let path = folder.path("stopped.rec");
    let args = ["selector", "--scenario", "none", "--record", &path];
    let server = Server::spawn(sockscope(&args));
    stop(&server.program, Signal::SIGSTOP);
    loop {
        let line = server.program.line();
        if line.contains(STOPPED) {
            break;
        }
    }
    assert_eq!(server.stop().code(), Some(0));
    let replayed = run(&["replay", &path]).stdout;
    let words: Vec<_> = replayed.split_whitespace().collect();
    let named = words.join(" ").matches(STOPPED).count();
    assert_eq!(named, 2, "in the log and in the summary: {replayed}");
    let events = run(&["export", &path, "--to", "jsonl"]).stdout;
    assert!(events.contains(r#""stopped""#), "{events}");
}

/// As timeout(1) does after SIGTERM.
#[test]
fn sigcont_alone_is_no_stop() {
    let server = Server::start("selector", &[]);
    let mut client = Client::connect(server.address);
    for _ in 0..20 {
        server.program.signal(Signal::SIGCONT);
        client.echo("still here\n");
    }
    let report = server.report();
    assert_eq!(report.0["interventions"], serde_json::json!([]));
}

#[test]
fn the_clients_of_load_name_their_stop() {
    let folder = Folder::new("stopped-load");
    let scenario = folder.write("pause.toml", PAUSE);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let args = ["load", &target, "--scenario", &scenario, "--report", "json"];
    let begun = Instant::now();
    let load = Program::spawn(sockscope(&args));
    let (mut client, _) = listener.accept().unwrap();
    stop(&load, Signal::SIGSTOP);
    let mut line = [0; 6];
    client.read_exact(&mut line).unwrap();
    client.write_all(&line).unwrap();
    let report = load.finish().expect_success().report();
    assert!(report.text("/interventions/0").starts_with(STOPPED));
    let ran = Duration::from_nanos(report.number("/run_time_ns"));
    let passed = begun.elapsed();
    let most = passed.saturating_sub(AT_LEAST);
    assert!(ran < most, "ran for {ran:?} of {passed:?}");
}

/// Stops a process of the first round of a bench for a moment, and gives the
/// troubles of its rounds.
fn troubles_of_a_bench(stopped: &str, signal: Signal) -> Vec<ClientTrouble> {
    let args = ["bench", "selector", "--clients", "2", "--rounds", "2"];
    let more = ["--time", "2s", "--report", "json"];
    let args = [&args[..], &more].concat();
    let bench = Program::spawn(in_own_group(sockscope(&args)));
    let mut all = Vec::new();
    // The clients are started last.
    wait_for("the first round", || {
        all = descendants(bench.pid());
        all.iter().any(|pid| words_of(*pid).contains("measured-load"))
    });
    let found = all.iter().find(|pid| words_of(**pid).contains(stopped));
    let process = Proc(found.copied().unwrap_or_else(|| bench.pid()));
    send_signal(process.0, signal);
    wait_for("it has stopped", || process.is_stopped());
    send_signal(process.0, Signal::SIGCONT);
    let finished = bench.finish();
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let result = result(&finished.stdout);
    let all = result.subjects().flat_map(|it| &it.troubles);
    all.map(|it| it.trouble).collect()
}

fn words_of(pid: u32) -> String {
    let words = std::fs::read_to_string(format!("/proc/{pid}/cmdline"));
    words.unwrap_or_default().replace('\0', " ")
}

#[test]
fn a_round_whose_clients_were_stopped_is_left_out() {
    let found = troubles_of_a_bench("measured-load", Signal::SIGSTOP);
    assert_eq!(found, [ClientTrouble::Stopped]);
}

#[test]
fn a_round_whose_server_was_stopped_is_left_out() {
    let found = troubles_of_a_bench("measured-server", Signal::SIGSTOP);
    assert_eq!(found, [ClientTrouble::ServerStopped]);
}

#[test]
fn a_round_in_which_the_bench_was_stopped_is_left_out() {
    for signal in [Signal::SIGSTOP, Signal::SIGTSTP] {
        let found = troubles_of_a_bench("no other process", signal);
        assert_eq!(found, [ClientTrouble::LeaderStopped], "{signal}");
    }
}
