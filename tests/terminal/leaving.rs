//! However it ends, the terminal is as it was before, and the summary stands
//! on its ordinary screen.

use super::session::{LARGE, Session, USUAL};
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

/// The run ends by a planned signal, or by its limit of time.
#[test]
fn a_run_that_ends_by_itself_stays_until_a_key() {
    for args in [
        "selector --scenario goodbye",
        "blocking --scenario none --duration 100ms",
    ] {
        let mut session = Session::start(args);
        let screen = session.wait_for("the run is over: q leaves, ? help");
        assert!(screen.contains(" OVER "), "{screen}");
        session.press_for("?", "─ help");
        session.press("\x1b");
        session.wait_without("─ help");
        session.press_for("\t\r", "all about #0");
        session.press("\x1b");
        session.wait_without("all about #0");
        session.leave("q").expect_success("The run ended");
    }
}

#[test]
fn a_signal_ends_the_screen_of_a_run_that_is_over() {
    let session = Session::start("serial --scenario none --duration 100ms");
    session.wait_for("the run is over");
    session.signal(Signal::SIGTERM);
    session.finish().expect_success("its time was over");
}

/// After the scenario's clients are done, the user can connect others.
#[test]
fn a_server_goes_on_when_its_clients_are_done() {
    let mut session = Session::start("selector");
    session.wait_for("the clients are done, the server is not");
    session.press_for("c", "1  open");
    session.press_for("ihello\r", "6 B out, 6 B in");
    session.press("x");
    session.quit();
}

/// Without scrolling: what ran, how it ended, what was found.
#[test]
fn the_summary_after_the_screen_fits_the_terminal() {
    for size in [USUAL, LARGE] {
        let mut session = Session::with(size, "serial", &[]);
        session.wait_for("the clients are done");
        session.press("q");
        let left = session.finish();
        let first = left.contents.lines().find(|it| !it.is_empty());
        assert!(first.is_some_and(|it| it.starts_with("listening on ")));
        for words in [
            "\nserial: 1 thread echoed 4 times (24 B) for 2 connections in",
            "The run ended: the user quit.",
            "\nFindings\n",
            "a client of talker waited",
            "✓",
            "The whole report: `-o FILE`",
        ] {
            assert!(
                left.contents.contains(words),
                "{words}: {}",
                left.contents
            );
        }
    }
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
