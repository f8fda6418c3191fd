//! Troubles that are not the server's fault, told as what they are.
//!
//! Goal: clients without a network, without ports or descriptors, a generator
//! that was stopped, a server that serves one connection: each is named with a
//! way out, sets the exit status, and is never a verdict on a server. Method: the
//! real program in a network namespace of its own, under limits, and against
//! servers of a few lines.

use crate::support::process::{Program, sockscope};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

/// The program under the limits that a tool sets. `None`: the tool cannot run it
/// here.
fn limited(tool: &[&str], args: &[&str]) -> Option<Command> {
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
