//! `sockscope load` as a process of its own.
//!
//! Goal: against a server that is not ours, every form of the report is
//! there, also when nobody answers or somebody interrupts. Method: the real
//! program, and servers of a few lines in this process.

use crate::support::peers::nobody;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

fn start(target: SocketAddr, options: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sockscope"))
        .args(["load", &target.to_string()])
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn load(target: SocketAddr, options: &[&str]) -> Output {
    start(target, options).wait_with_output().unwrap()
}

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn echo(mut client: TcpStream) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = client.read(&mut bytes) {
        if client.write_all(&bytes[..count]).is_err() {
            return;
        }
    }
}

/// An echo server for so many clients.
fn echo_server(clients: usize) -> SocketAddr {
    let listener = listener();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming().take(clients) {
            thread::spawn(|| echo(client.unwrap()));
        }
    });
    address
}

#[test]
fn a_foreign_server_is_reported_in_every_form() {
    let forms = [
        ("text", "load: 20 of 20 clients connected to 127.0.0.1:"),
        ("markdown", "# sockscope: load\n"),
        ("csv", "path,value\n"),
        ("json", "{\n"),
    ];
    for (form, begins) in forms {
        let output = load(echo_server(20), &["--report", form]);
        let said = text(&output.stdout);
        assert!(said.starts_with(begins), "{said}");
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
}

#[test]
fn the_json_has_clients_and_no_server() {
    let target = echo_server(20);
    let output = load(target, &["--report", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["server"], Value::Null);
    assert_eq!(report["conditions"]["mode"], Value::Null);
    assert_eq!(report["conditions"]["address"], target.to_string());
    assert_eq!(report["conditions"]["scenario"], "many-clients");
    assert_eq!(report["clients"]["total"]["echoes"], 100);
    assert_eq!(report["outcome"], "all clients were done");
}

#[test]
fn a_pipe_gets_no_colours() {
    let output = load(echo_server(20), &[]);
    assert!(!text(&output.stdout).contains('\x1b'));
    let output = load(echo_server(20), &["--color", "always"]);
    assert!(text(&output.stdout).contains('\x1b'));
}

#[test]
fn nobody_there_is_a_failure_with_a_report() {
    let (_held, target) = nobody();
    let output = load(target, &["--report", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let cause =
        format!("sockscope: cannot connect to {target}: connection refused\n");
    assert_eq!(text(&output.stderr), cause);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["outcome"], "no client could connect");
    assert_eq!(report["clients"]["total"]["refused"], 20);
}

#[test]
fn a_duration_shortens_the_time_limit() {
    let deaf = listener();
    let target = deaf.local_addr().unwrap();
    let output = load(target, &["--duration", "1s", "--report", "json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["outcome"], "its time was over");
    assert_eq!(report["clients"]["total"]["ends"]["timed_out"], 20);
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_with_what_there_is() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let deaf = listener();
    let child = start(deaf.local_addr().unwrap(), &["--report", "json"]);
    let client = deaf.accept().unwrap();
    let id = Pid::from_raw(child.id().try_into().unwrap());
    kill(id, Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    drop(client);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["outcome"], "SIGINT");
}
