//! Clients by hand and from outside.

use super::session::{LARGE, Session};
use super::stream::{Sequence, sequences};
use crate::support::process::MODES;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

fn open(mode: &str, args: &[&str]) -> Session {
    let mut all = vec![mode, "--scenario", "none", "--grace", "100ms"];
    all.extend(args);
    let session = Session::with(LARGE, &all, &[]);
    session.wait_for("running");
    session
}

#[test]
fn what_is_typed_is_echoed() {
    for mode in MODES {
        let mut session = open(mode, &[]);
        session.press_for("c", "1  open");
        session.press_for("ihello", "by hand 1 says: hello");
        session.press_for("\r", "6 B out, 6 B in  hello\\n");
        session.press_for("h", "end of file");
        session.quit();
    }
}

fn expect_only_ours(raw: &[u8]) {
    for sequence in sequences(raw) {
        let Sequence { parameters, last } = &sequence;
        assert!(sequence.is_ours(), "ESC [ {parameters} {last}");
    }
}

/// Sets titles, colours and places, rings, turns the writing around.
const HOSTILE: &str =
    "\x1b]0;owned\x07\x1b[2J\x1b[31m\u{9b}31m\u{202e}\x08\x7f\x0e\r\nevil\n";

/// Whatever comes in, only our own sequences reach the terminal.
#[test]
fn nothing_from_outside_controls_the_terminal() {
    let mut session = open("selector", &[]);
    let mut client = TcpStream::connect(session.address()).unwrap();
    client.write_all(HOSTILE.as_bytes()).unwrap();
    let mut echo = vec![0; HOSTILE.len()];
    client.read_exact(&mut echo).unwrap();
    assert_eq!(echo, HOSTILE.as_bytes(), "the echo itself is as it was");
    session.wait_for("#1");
    session.press_for("\t\x1b[B\x1b[B\r", "all about #1");
    session.press("\x1b");
    session.wait_without("all about");
    expect_only_ours(&session.quit().raw);
}

/// Neither what is typed, nor what comes back.
#[test]
fn nothing_typed_controls_the_terminal() {
    let mut session = open("selector", &[]);
    session.press_for("c", "1  open");
    session
        .press_for("i\u{9b}31m\u{202e}typed\r", "14 B out, 14 B in  \\u{9b}31");
    let raw = session.quit().raw;
    expect_only_ours(&raw);
    let text = String::from_utf8(raw).unwrap();
    assert!(!text.contains('\u{202e}'), "writing was turned around");
}

/// Whoever comes from outside and is not accepted yet is counted, too.
#[cfg(target_os = "linux")]
#[test]
fn clients_from_outside_that_wait_are_counted() {
    let session = open("serial", &[]);
    let address = session.address();
    let mut clients = Vec::new();
    for waiting in ["asleep in read", "listening, 1 waits", "listening, 2 wait"]
    {
        clients.push(TcpStream::connect(&address).unwrap());
        session.wait_for(waiting);
    }
    drop(clients);
    session.wait_without("listening, ");
    session.quit();
}

/// The scenario's clients go by their names.
#[test]
fn clients_of_a_scenario_have_names() {
    let args = ["selector", "--grace", "0s"];
    let mut session = Session::with(LARGE, &args, &[]);
    session.wait("names", |screen| {
        let peer = |id: &str, name: &str| {
            let mut rows = screen.lines().filter(|row| row.starts_with(id));
            rows.any(|row| row.split_whitespace().nth(1) == Some(name))
        };
        peer("#1", "silent") && peer("#2", "talker")
    });
    session.press("qq");
    session.finish();
}
