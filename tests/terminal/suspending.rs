//! Ctrl-Z, pastes, and keys that come together with a resize.

use super::session::{LARGE, Session, USUAL};
use crate::support::process::have;
use nix::sys::signal::{Signal, kill};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;
use vt100::MouseProtocolMode;

/// The length of a stop: a shorter one may not count.
const COUNTS: Duration = Duration::from_millis(500);

/// In an interactive shell: only a shell can continue what it has stopped.
#[test]
fn a_stop_hands_the_terminal_back() {
    let bash = Path::new("/bin/bash");
    if !have("bash") {
        return;
    }
    let arguments = "--norc --noprofile -i";
    let mut shell = Session::of(bash, LARGE, arguments, &[("PS1", "$ ")]);
    let program = env!("CARGO_BIN_EXE_sockscope");
    shell.press(&format!("{program} selector --scenario none\n"));
    shell.wait_for(" quit");
    shell.press("\x1a");
    shell.wait("the screen is left", |_| !shell.screen().alternate_screen());
    let mouse = shell.screen().mouse_protocol_mode();
    assert_eq!(mouse, MouseProtocolMode::None);
    shell.wait("it has stopped", |_| shell.raw().contains("Stopped"));
    sleep(COUNTS);
    shell.press("fg\n");
    shell.wait("the screen is back", |_| shell.screen().alternate_screen());
    shell.wait_for(" quit");
    shell.press("q");
    let stopped = "Mind that the process was stopped for";
    shell.wait(stopped, |_| {
        let raw = shell.raw();
        let words = raw.split_whitespace().collect::<Vec<_>>().join(" ");
        words.contains(stopped)
    });
    shell.leave("exit\n");
}

/// The shell has made the terminal cooked meanwhile.
#[test]
fn after_sigstop_the_screen_is_taken_again() {
    const ENTERED: &str = "\x1b[?1049h";
    let bash = Path::new("/bin/bash");
    if !have("bash") {
        return;
    }
    let arguments = "--norc --noprofile -i";
    let mut shell = Session::of(bash, LARGE, arguments, &[("PS1", "$ ")]);
    let program = env!("CARGO_BIN_EXE_sockscope");
    shell.press(&format!("{program} selector --scenario none\n"));
    shell.wait_for(" quit");
    kill(shell.foreground(), Signal::SIGSTOP).unwrap();
    shell.wait("it has stopped", |_| shell.raw().contains("Stopped"));
    sleep(COUNTS);
    shell.press("fg\n");
    let entered = || shell.raw().matches(ENTERED).count();
    shell.wait("the screen is taken again", |_| entered() == 2);
    shell.wait_for(" quit");
    shell.press_for("?", "─ help");
    shell.press("\x1b");
    shell.wait_without("─ help");
    shell.press("q");
    let stopped = "Mind that the process was stopped for";
    shell.wait(stopped, |_| {
        let raw = shell.raw();
        let words = raw.split_whitespace().collect::<Vec<_>>().join(" ");
        words.contains(stopped)
    });
    shell.leave("exit\n");
}

#[test]
fn a_paste_is_never_a_key() {
    let mut session = Session::start("selector --scenario none");
    session.wait_for(" quit");
    session.press("\x1b[200~cXq\r\x1b[201~");
    session.press_for("c", "1  open");
    session.press_for("i\x1b[200~pas\rted\x1b[201~", "says: pasted");
    session.press_for("\r", "7 B out, 7 B in");
    session.quit();
}

#[test]
fn no_key_is_lost_beside_a_resize() {
    let mut session = Session::start("selector --scenario none");
    session.wait_for(" quit");
    for size in [USUAL, LARGE].repeat(15) {
        session.resize(size);
        session.press_for("?", "─ help");
        session.press("\x1b");
        session.wait_without("─ help");
    }
    session.quit();
}
