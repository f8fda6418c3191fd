//! Clients that wait in the backlog when the server stops.
//!
//! Goal: they are reset at once, not served and not left without an answer, and
//! the report and the log count them, in every mode. Method: a server that
//! accepts one client, and others that stay in its backlog.

use super::in_every_mode;
use crate::support::Client;
use crate::support::process::{Server, quiet, sockscope};
use nix::sys::signal::Signal;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

in_every_mode! {
    clients_in_the_backlog_are_reset_and_counted,
    the_log_and_the_summary_count_the_backlog,
    an_empty_backlog_counts_zero,
}

/// A client that is served, so that no other one is accepted.
fn served(address: SocketAddr) -> Client {
    let mut client = Client::connect(address);
    client.echo("hello\n");
    client
}

/// Clients in the backlog: one that says nothing, one that has said something,
/// and one that has ended its side.
fn waiting(address: SocketAddr) -> [TcpStream; 3] {
    let clients = [0; 3].map(|_| TcpStream::connect(address).unwrap());
    (&clients[1]).write_all(b"is anybody there?\n").unwrap();
    clients[2].shutdown(std::net::Shutdown::Write).unwrap();
    clients
}

#[track_caller]
fn expect_reset(mut client: &TcpStream) {
    let limit = Some(crate::support::patience::LIMIT);
    client.set_read_timeout(limit).unwrap();
    let error = client.read(&mut [0; 64]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

fn clients_in_the_backlog_are_reset_and_counted(mode: &str) {
    // The grace period is long: they do not wait for its end.
    let options = ["--max-connections", "1", "--grace", "60s"];
    let server = Server::start(mode, &options);
    let mut first = served(server.address);
    let clients = waiting(server.address);
    server.program.signal(Signal::SIGTERM);
    clients.iter().for_each(expect_reset);
    first.echo("still served\n");
    drop(first);
    let report = server.program.finish().expect_success().report();
    assert_eq!(report.number("/server/connections"), 1);
    let counted = &report.0["server"]["left_waiting"];
    if cfg!(target_os = "linux") {
        assert_eq!(counted, 3);
    } else {
        assert!(counted.is_null());
    }
}

/// Where the system says how many there are.
fn the_log_and_the_summary_count_the_backlog(mode: &str) {
    if !cfg!(target_os = "linux") {
        return;
    }
    let mut command = sockscope(&[mode, "--scenario", "none", "--ui", "log"]);
    command.args(["--max-connections", "1"]);
    let server = Server::spawn(command);
    let first = served(server.address);
    let clients = waiting(server.address);
    server.program.signal(Signal::SIGTERM);
    clients.iter().for_each(expect_reset);
    drop(first);
    let text = server.program.finish().expect_success().stdout.clone();
    let line = "the listener closes: 3 clients waited to be accepted, reset";
    assert!(text.contains(line), "{text}");
    let row = text.lines().find(|it| it.contains("left waiting"));
    assert!(row.is_some_and(|it| it.contains(" 3 ")), "{text}");
}

fn an_empty_backlog_counts_zero(mode: &str) {
    let server = Server::spawn(quiet(mode, &[]));
    drop(served(server.address));
    let counted = server.report().0["server"]["left_waiting"].clone();
    let known = cfg!(target_os = "linux");
    assert_eq!(counted.as_u64(), known.then_some(0));
}
