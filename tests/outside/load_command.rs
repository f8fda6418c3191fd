//! `sockscope load` as a process of its own.
//!
//! Goal: against a server that is not ours there is a report, also when
//! nobody answers or the run is interrupted. Method: the real program, and
//! servers of a few lines in this process.

use crate::support::peers::{Manner, Peer, nobody};
use crate::support::process::{Finished, Program, run, sockscope};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};

fn load(target: SocketAddr, options: &[&str]) -> Finished {
    run(&[&["load", &target.to_string()], options].concat())
}

/// A server that accepts nobody, and its address.
fn deaf() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[test]
fn the_json_has_clients_and_no_server() {
    let peer = Peer::start(Manner::Echo);
    let finished = load(peer.address(), &["--report", "json"]);
    let report = finished.expect_success().report().0;
    assert_eq!(report["server"], Value::Null);
    assert_eq!(report["conditions"]["mode"], Value::Null);
    assert_eq!(report["conditions"]["address"], peer.address().to_string());
    assert_eq!(report["conditions"]["scenario"], "many-clients");
    assert_eq!(report["clients"]["total"]["echoes"], 100);
    assert_eq!(report["outcome"], "all clients were done");
}

#[test]
fn nobody_there_is_a_failure_with_a_report() {
    let (_held, target) = nobody();
    let finished = load(target, &["--report", "json"]);
    assert_eq!(finished.code(), Some(1));
    let cause = format!(
        "sockscope: cannot connect to {target}: connection refused; start a \
         server there first, such as `sockscope selector --scenario none \
         --listen {target}`\n"
    );
    assert_eq!(finished.stderr, cause);
    let report = finished.report();
    assert_eq!(report.text("/outcome"), "no client could connect");
    assert_eq!(report.number("/clients/total/refused"), 20);
    assert!(report.0["clients"]["total"]["ended_first_at_ns"].is_null());
}

/// As into `head`, which has ended.
#[test]
fn a_report_without_a_reader_hides_no_failure() {
    let (_held, target) = nobody();
    let target = target.to_string();
    let bench = format!("bench --against {target} --rounds 1 --time 50ms -q");
    for line in [format!("load {target}"), bench] {
        let words: Vec<_> = line.split(' ').collect();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let finished = sockscope(&words).stdout(writer).output().unwrap();
        assert_eq!(finished.status.code(), Some(1), "{line}: {finished:?}");
        let said = String::from_utf8_lossy(&finished.stderr);
        assert!(said.contains(&target), "{line}: {said}");
    }
}

#[test]
fn a_wrong_echo_is_a_failure() {
    let peer = Peer::start(Manner::Corrupt(0));
    let finished = load(peer.address(), &[]);
    assert_eq!(finished.code(), Some(1));
    let words = "got bytes that they had not sent";
    assert!(finished.stderr.contains(words), "{finished:?}");
}

#[test]
fn a_duration_shortens_the_time_limit() {
    let (_deaf, target) = deaf();
    let finished = load(target, &["--duration", "1s", "--report", "json"]);
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words = "not everything came back: not one message came back";
    assert!(finished.stderr.contains(words), "{finished:?}");
    let report = finished.report();
    assert_eq!(report.text("/outcome"), "its time was over");
    assert_eq!(report.number("/clients/total/ends/timed_out"), 20);
}

#[test]
fn an_interrupt_ends_it_with_what_there_is() {
    let (deaf, target) = deaf();
    let line = ["load", &target.to_string(), "--report", "json"];
    let program = Program::spawn(sockscope(&line));
    let _client = deaf.accept().unwrap();
    program.signal(Signal::SIGINT);
    let report = program.finish().expect_success().report();
    assert_eq!(report.text("/outcome"), "SIGINT");
}

/// A server of one answer: it does this with each connection.
fn serve_each(
    serve: impl Fn(std::net::TcpStream) + Send + 'static,
) -> SocketAddr {
    let (listener, address) = deaf();
    std::thread::spawn(move || {
        listener.incoming().map_while(Result::ok).for_each(serve);
    });
    address
}

#[test]
fn a_server_that_closes_or_loses_bytes_is_a_failure_in_one_line() {
    let closes = serve_each(drop);
    let loses = serve_each(|mut stream| {
        let mut bytes = [0; 64];
        let count = stream.read(&mut bytes).unwrap_or(0);
        let _ = stream.write_all(&bytes[..count / 2]);
    });
    for target in [closes, loses] {
        let finished = load(target, &["--report", "json"]);
        assert_eq!(finished.code(), Some(1), "{finished:?}");
        let words = "sockscope: not everything came back: ";
        assert!(finished.stderr.starts_with(words), "{finished:?}");
        assert_eq!(finished.stderr.lines().count(), 1);
        let total = finished.report().0["clients"]["total"].clone();
        assert_eq!(total["troubles"], serde_json::json!({}));
    }
}
