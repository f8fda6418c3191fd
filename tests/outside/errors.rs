//! `--errors`: how an error in a client's handler is handled, as seen by
//! the clients and in what the program says at its end.

use super::in_concurrent_modes;
use crate::support::Client;
use crate::support::patience::wait_for;
use crate::support::process::{
    Finished, Folder, Report, Server, quiet, run, send_signal, sockscope,
};
use nix::sys::signal::Signal;
use std::fs::File;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};

/// A client that the server has certainly accepted.
fn served(address: SocketAddr) -> Client {
    let mut client = Client::connect(address);
    client.echo("hello\n");
    client
}

fn says_boom(client: &mut Client) {
    client.say("before\nboom\n");
    client.expect("before\n");
}

/// A client fails while another one goes on.
fn fails_beside_another(address: SocketAddr) -> Client {
    let (mut failing, mut other) = (served(address), served(address));
    says_boom(&mut failing);
    failing.expect_eof();
    other.echo("nothing has happened\n");
    served(address);
    other
}

/// How many errors were handled, and how many were not.
fn errors(report: &Report) -> (u64, u64) {
    let number = |name| report.number(&format!("/server/errors_{name}"));
    (number("handled"), number("unhandled"))
}

fn logging(mode: &str, errors: &str) -> std::process::Command {
    let mut command = sockscope(&[mode, "--scenario", "none", "--boom"]);
    command.args(["--ui", "log", "--errors", errors]);
    command
}

in_concurrent_modes!(a_handled_error_is_reported_and_affects_no_other_client);

fn a_handled_error_is_reported_and_affects_no_other_client(mode: &str) {
    let server = Server::spawn(logging(mode, "handled"));
    let _other = fails_beside_another(server.address);
    let log = server.stop().expect_success().stdout.clone();
    let words = "#1    handled its handler failed (boom)";
    assert_eq!(log.matches(words).count(), 1, "{log}");
}

#[test]
fn a_dropped_error_in_blocking_ends_its_client_without_a_message() {
    let server = Server::spawn(logging("blocking", "dropped"));
    let _other = fails_beside_another(server.address);
    let said = server.stop().expect_success().stdout.clone();
    assert!(!said.contains("handled its"), "{said}");
    let found = "connection #1 failed and its error was not reported";
    assert!(said.contains(found), "{said}");
    assert!(said.contains("errors in handlers  dropped"), "{said}");
}

/// The server's log says it while the server goes on.
#[test]
fn a_dropped_error_in_tasks_is_reported_at_once() {
    let folder = Folder::new("never-retrieved");
    let path = folder.path("log");
    let log = File::create(&path).unwrap();
    let mut command = logging("tasks", "dropped");
    let errors = log.try_clone().unwrap();
    command.args(["--listen", "127.0.0.1:0"]).stdout(log).stderr(errors);
    let mut server = command.spawn().unwrap();
    let said = || std::fs::read_to_string(&path).unwrap();
    wait_for("it listens", || said().contains('\n'));
    let first = said().lines().next().unwrap().to_owned();
    let address = first.strip_prefix("listening on ").unwrap();
    let other = fails_beside_another(address.parse().unwrap());
    let words = "task exception was never retrieved: t1, spawned at tasks.rs:";
    wait_for("it is reported", || said().contains(words));
    drop(other);
    send_signal(server.id(), Signal::SIGTERM);
    assert!(server.wait().unwrap().success());
    let said = said();
    assert_eq!(said.matches("never retrieved: t1").count(), 1, "{said}");
    let found = "#1 failed and its exception was never retrieved";
    assert!(said.contains(found), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_kept_error_keeps_its_client_open_until_the_server_ends() {
    const FAILING: u64 = 20;
    for mode in ["blocking", "tasks"] {
        let server = Server::start(mode, &["--boom", "--errors", "kept"]);
        let process = server.process();
        let mut other = served(server.address);
        let mut failing: Vec<_> =
            (0..FAILING).map(|_| served(server.address)).collect();
        let (open, threads) = (process.descriptors(), process.threads());
        failing.iter_mut().for_each(says_boom);
        if mode == "blocking" {
            // A handler that has failed has left its thread.
            let left = threads - FAILING;
            wait_for("their threads are over", || process.threads() == left);
        }
        // In `tasks` this is in a turn of the loop after theirs.
        other.echo("x".repeat(100_000) + "\n");
        failing.iter_mut().for_each(Client::expect_nothing);
        assert_eq!(process.descriptors(), open);
        drop(served(server.address));
        failing.iter_mut().for_each(Client::expect_nothing);
        other.half_close();
        other.expect_eof();
        // At the end the handles are dropped, and what they hold.
        let report = server.report();
        failing.iter_mut().for_each(Client::expect_eof);
        assert_eq!(errors(&report), (0, FAILING));
        assert_eq!(report.text("/conditions/server/errors"), "kept");
        let reported = report.number("/server/errors_never_retrieved");
        assert_eq!(reported, if mode == "tasks" { FAILING } else { 0 });
        let found = report.findings();
        let said = "20 connections, first #2, failed and its error was not \
                    reported while the server ran";
        assert!(found.contains(said), "{found}");
    }
}

/// The server ends by itself.
fn ended_by(fail: impl FnOnce(SocketAddr), errors: &str) -> Finished {
    let server = Server::start("serial", &["--boom", "--errors", errors]);
    fail(server.address);
    let finished = server.program.finish();
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let refused = TcpStream::connect(server.address).map_err(|e| e.kind());
    assert!(matches!(refused, Err(ErrorKind::ConnectionRefused)));
    finished
}

#[test]
fn an_unhandled_error_ends_a_serial_server() {
    let fail = |address| {
        let mut failing = served(address);
        // It waits in the backlog, and is turned away with it.
        let mut waiting = Client::connect(address);
        waiting.say("who serves me?\n");
        says_boom(&mut failing);
        failing.expect_eof();
        assert_eq!(waiting.rest_until_any_end(), b"");
    };
    for errors_are in ["dropped", "kept"] {
        let finished = ended_by(fail, errors_are);
        let cause = "the server failed: the handler of client #1 failed: boom";
        assert_eq!(finished.stderr, format!("sockscope: {cause}\n"));
        let report = finished.report();
        assert_eq!(report.text("/outcome"), cause);
        assert_eq!(errors(&report), (0, 1));
        for (figure, value) in
            [("connections", 1), ("connections_open", 0), ("bytes_out", 13)]
        {
            assert_eq!(report.number(&format!("/server/{figure}")), value);
        }
        let found = report.findings();
        let said = "connection #1 failed and its error was not handled";
        assert!(found.contains(said), "{found}");
    }
    // As in the book: a reset is an error of a read or write, too.
    let finished = ended_by(|address| served(address).reset(), "dropped");
    let cause = "the handler of client #1 failed: connection reset";
    assert!(finished.stderr.contains(cause), "{finished:?}");
}

#[test]
fn a_server_that_fails_leaves_a_whole_report_in_its_file() {
    let folder = Folder::new("failing");
    let path = folder.path("report.json");
    let mut command = quiet("serial", &["--boom", "--errors", "kept"]);
    command.args(["-o", &path]);
    let server = Server::spawn(command);
    says_boom(&mut Client::connect(server.address));
    assert_eq!(server.program.finish().code(), Some(1));
    let text = std::fs::read_to_string(&path).unwrap();
    let report = Report(serde_json::from_str(&text).unwrap());
    assert_eq!(errors(&report), (0, 1));
}

#[test]
fn an_error_that_is_handled_ends_its_client_alone_in_serial_too() {
    let server = Server::start("serial", &["--boom"]);
    let mut failing = served(server.address);
    let mut waiting = Client::connect(server.address);
    says_boom(&mut failing);
    failing.expect_eof();
    waiting.echo("my turn\n");
    drop(waiting);
    assert_eq!(errors(&server.report()), (1, 0));
}

#[test]
fn the_end_of_the_grace_period_is_no_error() {
    for mode in ["serial", "blocking", "tasks"] {
        let line = ["--errors", "kept", "--grace", "100ms"];
        let server = Server::start(mode, &line);
        let mut client = served(server.address);
        let report = server.report();
        client.expect_eof();
        assert_eq!(errors(&report), (0, 0), "{mode}");
        assert_eq!(report.ended("grace period over"), 1, "{mode}");
    }
}

#[test]
fn without_handles_errors_cannot_be_left_in_them() {
    let folder = Folder::new("no-handles");
    let kept = folder.write("kept.toml", BOOM);
    for mode in ["nonblocking", "selector"] {
        for (line, option) in [
            (["--errors", "dropped"], "`--errors dropped`"),
            (["--errors", "kept"], "`--errors kept`"),
            (["--scenario", &kept], "the scenario's `errors = \"kept\"`"),
        ] {
            let finished = run(&[&[mode][..], &line].concat());
            assert_eq!(finished.code(), Some(2), "{finished:?}");
            assert_eq!(finished.stdout, "");
            let words = format!("{option}: {mode} has no handles");
            assert!(finished.stderr.contains(&words), "{finished:?}");
        }
    }
    // The command line wins.
    let line = ["selector", "--errors", "handled", "--scenario", &kept];
    assert_eq!(run(&line).code(), Some(0));
}

const BOOM: &str = include_str!("boom.toml");

#[test]
fn a_check_names_the_way_to_handle_errors_where_there_are_several() {
    let line = ["scenario", "check", "boom", "--modes", "serial,selector"];
    let finished = run(&line);
    let said = &finished.expect_success().stdout;
    for errors in ["handled", "dropped", "kept"] {
        let way = format!("serial, errors {errors}");
        assert_eq!(said.matches(&way).count(), 1, "{said}");
    }
    assert!(said.contains("selector, errors handled"), "{said}");
    assert!(said.ends_with("4 passed, 0 failed\n"), "{said}");
}

#[test]
fn a_server_that_fails_unexpectedly_is_no_success() {
    let folder = Folder::new("unexpected");
    let unexpected = folder.write("unexpected.toml", BOOM);
    let finished = run(&["scenario", "check", &unexpected]);
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let cause = "the handler of client #1 failed: boom";
    assert!(finished.stdout.contains(cause), "{finished:?}");
    let expected = "[[expect]]\nsays = \"the server fails\"\n\
                    figure = \"server-failed\"\nequals = 1\n";
    let expected = folder.write("expected.toml", format!("{BOOM}{expected}"));
    run(&["scenario", "check", &expected]).expect_success();
}
