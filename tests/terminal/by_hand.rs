//! Clients by hand and from outside.

use super::session::Session;
use super::stream::sequences;
use crate::support::process::MODES;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

fn open(mode: &str) -> Session {
    let args = format!("{mode} --scenario none --grace 100ms");
    let session = Session::start(&args);
    session.wait_for("running");
    session
}

#[test]
fn what_is_typed_is_echoed() {
    for mode in MODES {
        let mut session = open(mode);
        for (keys, words) in [
            ("c", "1  open"),
            ("ihello", "by hand 1 says: hello"),
            ("\r", "6 B out, 6 B in  hello\\n"),
            ("h", "end of file"),
        ] {
            session.press_for(keys, words);
        }
        session.quit();
    }
}

/// One of two is chosen by its number, and sends without reading.
#[test]
fn a_flood_by_hand_brings_the_server_to_its_limit() {
    let mut session = open("selector");
    session.press_for("c", "1  open");
    session.press_for("c", "2  open");
    session.press_for("1B", "1  open, not reading");
    session.wait_for("output for #1 is at its limit");
    session.press("r");
    session.wait_without("output for #1 is at its limit");
    session.press_for("2ihello\r", "6 B out, 6 B in");
    session.leave("qq");
}

fn expect_only_ours(raw: &str) {
    for it in sequences(raw) {
        assert!(it.is_ours(), "ESC [ {} {}", it.parameters, it.last);
    }
    assert!(!raw.contains('\u{202e}'), "writing was turned around");
}

/// Sets titles, colours and places, rings, turns the writing around.
const HOSTILE: &str =
    "\x1b]0;owned\x07\x1b[2J\x1b[31m\u{9b}31m\u{202e}\x08\x7f\x0e\r\nevil\n";

/// Only our own sequences reach the terminal.
#[test]
fn nothing_from_outside_controls_the_terminal() {
    let mut session = open("selector");
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
    let mut session = open("selector");
    session.press_for("c", "1  open");
    let echoed = "14 B out, 14 B in  \\u{9b}3";
    session.press_for("i\u{9b}31m\u{202e}typed\r", echoed);
    expect_only_ours(&session.quit().raw);
}

/// Those from outside that are not accepted yet are counted, too.
#[cfg(target_os = "linux")]
#[test]
fn clients_from_outside_that_wait_are_counted() {
    let session = open("serial");
    let address = session.address();
    let waiting = ["asleep in read", "1 client waits", "2 clients wait"];
    let clients = waiting.map(|words| {
        let client = TcpStream::connect(&address).unwrap();
        session.wait_for(words);
        client
    });
    drop(clients);
    session.wait_for("no client waits");
    session.quit();
}
