//! Troubles that are not the server's fault, told as what they are.
//!
//! Goal: clients without a network, without ports or descriptors, a generator
//! that was stopped, a server that serves one connection: each is named with a
//! way out, sets the exit status, and is never a verdict on a server. Method: the
//! real program in a network namespace of its own, under limits, and against
//! servers of a few lines.

use super::bench::{command, result};
#[cfg(target_os = "linux")]
use crate::support::patience::wait_for;
use crate::support::peers::{Manner, Peer};
#[cfg(target_os = "linux")]
use crate::support::process::send_signal;
use crate::support::process::{Finished, Program, have, sockscope};
#[cfg(target_os = "linux")]
use nix::sys::signal::Signal;
use sockscope::load::ClientTrouble;
use sockscope::measure::{SubjectResult, SweepResult};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

/// The program under the limits that a tool sets. `None`: the tool cannot run it
/// here.
pub(super) fn limited(tool: &[&str], args: &[&str]) -> Option<Command> {
    let under = |args: &[&str]| {
        let program = sockscope(args);
        let mut command = Command::new(tool[0]);
        command.args(&tool[1..]).arg(program.get_program());
        command.args(program.get_args()).env("XDG_CONFIG_HOME", "/nonexistent");
        command
    };
    let tried = under(&["--version"]).output();
    if !tried.as_ref().is_ok_and(|it| it.status.success()) {
        println!("skipped: {tool:?} cannot run the program: {tried:?}");
        return None;
    }
    Some(under(args))
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

#[test]
fn clients_dropped_for_want_of_a_thread_are_counted_and_explained() {
    // Root has no limit of processes, so the program runs as another user.
    let user = "60000";
    let tool = ["setpriv", "--reuid", user, "--clear-groups", "prlimit"];
    let tool = [&tool[..], &["--nproc=20"]].concat();
    let args = ["blocking", "--scenario", "idle-crowd", "--ui", "none"];
    let args = [&args[..], &["--report", "json"]].concat();
    if !is_root() {
        return println!("skipped: only root can become another user");
    }
    let Some(command) = limited(&tool, &args) else { return };
    let report = Program::spawn(command).finish().report();
    let dropped = report.ended("no thread for it");
    assert!(dropped > 0, "{report:?}");
    assert_eq!(report.ended("another error"), 0);
    let found = report.findings();
    let words = "dropped for want of a thread: resource temporarily \
                 unavailable";
    assert!(found.contains(words), "{found}");
    assert!(found.contains(&format!("{dropped} connections")), "{found}");
}

/// The program in a network of its own, after a command that sets that up; the
/// loopback interface is down at first.
fn in_own_network(set_up: &str, args: &[&str]) -> Option<Command> {
    let script = format!("{set_up} exec \"$@\"");
    limited(&["unshare", "-rn", "sh", "-c", &script, "sh"], args)
}

/// So few ports that they run out.
fn with_ports(range: &str) -> String {
    format!(
        "ip link set lo up && \
         sysctl -qw net.ipv4.ip_local_port_range='{range}' &&"
    )
}

#[test]
fn without_a_network_no_mode_is_judged() {
    let args = ["compare", "serial", "selector", "--ui", "none"];
    let Some(command) = in_own_network("", &args) else { return };
    let finished = Program::spawn(command).finish();
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words = "found the network unreachable";
    assert!(finished.stderr.contains(words), "{finished:?}");
    assert!(finished.stdout.contains("not judged: "), "{finished:?}");
    for claim in ["same answers", "✓", "about as many"] {
        assert!(!finished.stdout.contains(claim), "{claim}: {finished:?}");
    }
}

#[test]
fn load_without_a_network_names_the_way_out() {
    let args = ["load", "127.0.0.1:7"];
    let Some(command) = in_own_network("", &args) else { return };
    let finished = Program::spawn(command).finish();
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words = "the clients found the network unreachable: 20 of 20; bring \
                 the interface up";
    assert!(finished.stderr.contains(words), "{finished:?}");
}

#[test]
fn clients_without_ports_are_not_refused_by_the_server() {
    let args = ["selector", "--scenario", "idle-crowd", "--ui", "none"];
    let args = [&args[..], &["--report", "json"]].concat();
    let set_up = with_ports("40000 40050");
    let Some(command) = in_own_network(&set_up, &args) else { return };
    let finished = Program::spawn(command).finish();
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words = "the clients ran out of local ports";
    assert!(finished.stderr.contains(words), "{finished:?}");
    let report = finished.report();
    assert_eq!(report.number("/clients/total/refused"), 0);
    assert!(report.number("/clients/total/troubles/no_ports") > 0);
    assert!(report.findings().contains(words), "{report:?}");
    let checks = report.0["checks"].as_array().unwrap();
    assert!(!checks.is_empty());
    assert!(checks.iter().all(|it| it["held"].is_null()), "{report:?}");
}

#[test]
fn clients_without_descriptors_are_named() {
    // It accepts no client, so that all of them stay connected.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let args = ["load", &target, "--duration", "2s", "--report", "json"];
    let limit = ["prlimit", "--nofile=12:12"];
    let Some(command) = limited(&limit, &args) else { return };
    let finished = Program::spawn(command).finish();
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words = "the clients ran out of file descriptors";
    assert!(finished.stderr.contains(words), "{finished:?}");
}

// ---- Bench and sweep -----------------------------------------------------

const SOON: [&str; 9] = [
    "--rounds",
    "2",
    "--time",
    "200ms",
    "--warm-up",
    "20ms",
    "--report",
    "json",
    "--quiet",
];

/// All rounds of a server are left out for a trouble of the clients, which is
/// named with its way out; nothing is said to have failed.
#[track_caller]
fn expect_left_out(subject: &SubjectResult, trouble: ClientTrouble) {
    let met: Vec<_> = subject.troubles.iter().map(|it| it.trouble).collect();
    assert_eq!(met, [trouble; 2], "{subject:?}");
    assert_eq!(subject.failure, None);
    assert!(subject.samples.is_empty(), "{subject:?}");
}

#[track_caller]
fn expect_named(finished: &Finished, name: &str, words: &str) -> SweepResult {
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let start = "sockscope: not measured to the end: ";
    assert!(finished.stderr.starts_with(start), "{finished:?}");
    assert!(finished.stderr.contains(words), "{finished:?}");
    for text in [&finished.stderr, &finished.stdout] {
        assert!(!text.contains(&format!("{name} failed")), "{finished:?}");
    }
    result(&finished.stdout)
}

#[test]
fn a_bench_without_ports_or_network_names_the_clients_trouble() {
    let args = [&["bench", "selector", "--clients", "400"], &SOON[..]].concat();
    let ports = with_ports("40000 40300");
    let no_ports = "ran out of local ports; use fewer";
    let no_network = "found the network unreachable; bring the";
    for (set_up, trouble, words) in [
        (&*ports, ClientTrouble::NoPorts, no_ports),
        ("", ClientTrouble::NoNetwork, no_network),
    ] {
        let Some(command) = in_own_network(set_up, &args) else { return };
        let finished = Program::spawn(command).finish();
        let words = format!("2 of 2 rounds left out: the clients {words}");
        let result = expect_named(&finished, "selector", &words);
        expect_left_out(&result.points[0].subjects[0], trouble);
    }
}

#[test]
fn a_point_of_a_sweep_without_ports_is_left_out_and_the_others_stay() {
    let args = ["sweep", "selector", "--clients", "10,400"];
    let args = [&args, &SOON[..]].concat();
    let set_up = with_ports("40000 40300");
    let Some(command) = in_own_network(&set_up, &args) else { return };
    let finished = Program::spawn(command).finish();
    let words = "selector at 400 clients: 2 of 2 rounds left out: the clients \
                 ran out of local ports";
    let result = expect_named(&finished, "selector", words);
    let [few, many] = &result.points[..] else { panic!("{result:?}") };
    assert_eq!(few.subjects[0].samples.len(), 2);
    assert_eq!(few.subjects[0].troubles, []);
    expect_left_out(&many.subjects[0], ClientTrouble::NoPorts);
}

#[test]
fn a_command_that_serves_only_the_probe_is_told_how_to_serve_more() {
    if !have("socat") {
        return println!("skipped: there is no socat");
    }
    let against = "exec socat TCP-LISTEN:{port},reuseaddr EXEC:cat";
    let args = ["bench", "selector", "--clients", "1", "--against", against];
    let finished = Program::spawn(command(&args, &SOON.join(" "))).finish();
    let words = "no further one";
    let result = expect_named(&finished, "socat", words);
    let [ours, theirs] = &result.points[0].subjects[..] else {
        panic!("{result:?}")
    };
    assert_eq!((ours.samples.len(), &ours.troubles[..]), (2, &[][..]));
    expect_left_out(theirs, ClientTrouble::OneConnectionOnly);
}

#[test]
fn a_server_that_answers_nothing_is_no_verdict() {
    let peer = Peer::start(Manner::Silent);
    let address = peer.address().to_string();
    let args = ["bench", "selector", "--clients", "2", "--against", &address];
    let finished = Program::spawn(command(&args, &SOON.join(" "))).finish();
    let words = "were connected, and no whole message came back; see";
    let result = expect_named(&finished, &address, words);
    assert_eq!(result.points[0].subjects[0].samples.len(), 2);
    let silent = &result.points[0].subjects[1];
    expect_left_out(silent, ClientTrouble::NothingBack);
}

#[test]
fn a_rate_that_no_client_can_send_is_no_fault_of_the_server() {
    let args = ["bench", "selector", "--clients", "1000"];
    let args = [&args[..], &["--pipeline", "1000", "--rate", "1e7"]].concat();
    let options = SOON.join(" ").replace("200ms", "1s");
    let finished = Program::spawn(command(&args, &options)).finish();
    let words = "the clients fell behind: they could not send what was due";
    let result = expect_named(&finished, "selector", words);
    expect_left_out(&result.points[0].subjects[0], ClientTrouble::Late);
}

/// The process of the clients that this one measures with.
#[cfg(target_os = "linux")]
fn clients_of(program: &Program) -> Option<u32> {
    use super::counts::{parent_of, processes};
    let is_theirs = |pid: &u32| {
        let words = std::fs::read_to_string(format!("/proc/{pid}/cmdline"));
        let is_named = words.is_ok_and(|it| it.contains("measured-load"));
        is_named && parent_of(*pid) == Some(program.pid())
    };
    processes().into_iter().find(is_theirs)
}

#[cfg(target_os = "linux")]
#[test]
fn clients_that_are_killed_are_named_and_the_next_round_is_measured() {
    let words = "--clients 2 --rounds 2 --time 2s --warm-up 20ms --report json";
    let program = Program::spawn(command(&["bench", "selector"], words));
    let mut clients = None;
    wait_for("the clients", || {
        clients = clients_of(&program);
        clients.is_some()
    });
    send_signal(clients.unwrap(), Signal::SIGKILL);
    let finished = program.finish();
    let words = "1 of 2 rounds left out: the clients were killed by a signal";
    let result = expect_named(&finished, "selector", words);
    let server = &result.points[0].subjects[0];
    assert_eq!((server.samples.len(), server.samples[0].round), (1, 2));
    assert_eq!(server.troubles[0].trouble, ClientTrouble::Killed);
}

#[test]
fn an_address_without_a_server_is_named_as_such() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let args = ["bench", "selector", "--clients", "2", "--against", &address];
    let finished = Program::spawn(command(&args, &SOON.join(" "))).finish();
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words = format!("{address}: no server listens on {address}");
    assert!(finished.stderr.contains(&words), "{finished:?}");
}
