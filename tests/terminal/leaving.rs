//! However it ends, the terminal is as it was before, and the summary stands
//! on its ordinary screen.

use super::session::Session;
use crate::support::process::MODES;
use nix::sys::signal::Signal;
use vt100::MouseProtocolMode;

/// With a client by hand that keeps it in its grace period.
fn open(mode: &str, grace: &str) -> Session {
    let args = format!("{mode} --scenario none --grace {grace}");
    let mut session = Session::start(&args);
    session.wait_for(" quit");
    session.press_for("c", "1  open");
    session
}

#[test]
fn while_it_is_open_the_terminal_is_its_own() {
    let session = open("selector", "0s");
    let screen = session.screen();
    assert!(screen.alternate_screen() && screen.hide_cursor());
    assert_ne!(screen.mouse_protocol_mode(), MouseProtocolMode::None);
    assert!(!session.is_as_before(), "keys come one by one");
    let left = session.quit();
    assert!(!left.contents.contains("─ code"), "{}", left.contents);
}

#[test]
fn to_quit_twice_is_to_quit_at_once() {
    let mut session = open("selector", "1h");
    session.press_for("q", "finishing: 1 left, deadline in");
    let cut = "the user quit, cut short by the user";
    session.leave("q").expect_success(cut);
}

/// The terminal's own signal, although it makes none in raw mode.
#[test]
fn ctrl_c_is_sigint_and_a_second_one_changes_the_status() {
    let mut session = open("blocking", "1h");
    session.press_for("\x03", "finishing: 1 left, deadline in");
    session.press("\x03");
    let left = session.finish();
    assert_eq!(left.code, 130, "{}", left.contents);
    assert!(left.words().contains("cut short by SIGINT"), "{}", left.raw);
}

#[test]
fn a_signal_ends_it_even_while_it_is_paused() {
    for signal in [Signal::SIGINT, Signal::SIGHUP] {
        let session = open("serial", "100ms");
        session.signal(signal);
        session.finish().expect_success(signal.as_str());
    }
    for mode in MODES {
        let mut session = open(mode, "100ms");
        session.press_for(" ", "PAUSED");
        session.signal(Signal::SIGTERM);
        session.finish().expect_success("SIGTERM");
    }
}

/// The scenario expects what it had no time for: that says so.
#[test]
fn what_an_early_end_left_undone_is_not_judged() {
    let session = Session::start("serial --speed step");
    session.wait_for("PAUSED");
    let words = session.leave("qq").words();
    assert!(words.contains("not judged: the run was ended by q"), "{words}");
    assert!(words.contains("that the server was paused for"), "{words}");
    assert!(!words.contains('✗'), "{words}");
}
