//! However it ends, the terminal is as it was before, and the summary stands
//! on its ordinary screen.

use super::session::Session;
use crate::support::process::MODES;
use nix::sys::signal::Signal;
use vt100::MouseProtocolMode;

fn open(mode: &str) -> Session {
    graceful(mode, "1h")
}

fn graceful(mode: &str, grace: &str) -> Session {
    let args = [mode, "--scenario", "none", "--grace", grace];
    let session = Session::start(&args);
    session.wait_for(" quit");
    session
}

#[test]
fn while_it_is_open_the_terminal_is_its_own() {
    let mut session = open("selector");
    let screen = session.screen();
    assert!(screen.alternate_screen() && screen.hide_cursor());
    assert_ne!(screen.mouse_protocol_mode(), MouseProtocolMode::None);
    assert!(!session.is_as_before(), "keys come one by one");
    session.press("q");
    let left = session.finish().expect_success("the user quit");
    assert!(!left.contents.contains("─ code"), "{}", left.contents);
}

/// A client that stays keeps it in its grace period, for all to see.
#[test]
fn to_quit_twice_is_to_quit_at_once() {
    let mut session = open("selector");
    session.press_for("c", "1  open");
    session.press_for("q", "finishing: 1 left, deadline in");
    session.press("q");
    session.finish().expect_success("the user quit, cut short by the user");
}

/// The terminal's own signal, although it makes none in raw mode.
#[test]
fn ctrl_c_is_sigint_and_a_second_one_tells_by_its_status() {
    let mut session = open("blocking");
    session.press_for("c", "1  open");
    session.press_for("\x03", "finishing: 1 left, deadline in");
    session.press("\x03");
    let left = session.finish();
    assert_eq!(left.code, 130, "{}", left.contents);
    let raw = String::from_utf8_lossy(&left.raw).replace("\r\n", " ");
    assert!(raw.contains("cut short by SIGINT"), "{raw}");
}

#[test]
fn a_signal_from_outside_ends_it() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let session = open("serial");
        session.signal(signal);
        session.finish().expect_success(signal.as_str());
    }
}

#[test]
fn a_signal_ends_it_while_it_is_paused() {
    for mode in MODES {
        let mut session = graceful(mode, "100ms");
        session.press_for("c", "1  open");
        session.press_for(" ", "PAUSED");
        session.signal(Signal::SIGTERM);
        session.finish().expect_success("SIGTERM");
    }
}

/// The scenario expects what it had no time for: that says so.
#[test]
fn what_an_early_end_left_undone_is_not_judged() {
    let mut session = Session::start(&["serial", "--speed", "step"]);
    session.wait_for("PAUSED");
    session.press("qq");
    let left = session.finish();
    assert_eq!(left.code, 0, "{}", left.contents);
    let raw = String::from_utf8_lossy(&left.raw).replace("\r\n", " ");
    let words = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("not judged: the run was ended by q"), "{raw}");
    assert!(words.contains("that the server was paused for"), "{raw}");
    assert!(!words.contains('✗'), "{raw}");
}
