//! Ctrl-Z, pastes, and keys that come together with a resize.

use super::session::{LARGE, Session, USUAL};
use crate::support::process::have;
use std::path::Path;
use vt100::MouseProtocolMode;

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
    shell.press("fg\n");
    shell.wait("the screen is back", |_| shell.screen().alternate_screen());
    shell.wait_for(" quit");
    shell.press("q");
    let stopped = "the process was stopped for";
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
