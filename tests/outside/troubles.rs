//! Troubles that are not the server's fault, told as what they are.
//!
//! Goal: clients without a network, without ports or descriptors, a generator
//! that was stopped, a server that serves one connection: each is named with a
//! way out, sets the exit status, and is never a verdict on a server. Method: the
//! real program in a network namespace of its own, under limits, and against
//! servers of a few lines.

use crate::support::process::{Program, sockscope};
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

/// The program under the limits that a tool sets. `None`: the tool cannot run it
/// here.
fn limited(tool: &[&str], args: &[&str]) -> Option<Command> {
    let under = |args: &[&str]| {
        let program = sockscope(args);
        let mut command = Command::new(tool[0]);
        command.args(&tool[1..]).arg(program.get_program());
        command.args(program.get_args()).env("XDG_CONFIG_HOME", "/nonexistent");
        command
    };
    let tried = under(&["--version"]).output();
    if !tried.as_ref().is_ok_and(|it| it.status.success()) {
        println!("skipped: {tool:?} cannot run the program: {tried:?}");
        return None;
    }
    Some(under(args))
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

#[test]
fn clients_dropped_for_want_of_a_thread_are_counted_and_explained() {
    // Root has no limit of processes, so the program runs as another user.
    let user = "60000";
    let tool = ["setpriv", "--reuid", user, "--clear-groups", "prlimit"];
    let tool = [&tool[..], &["--nproc=20"]].concat();
    let args = ["blocking", "--scenario", "idle-crowd", "--ui", "none"];
    let args = [&args[..], &["--report", "json"]].concat();
    if !is_root() {
        return println!("skipped: only root can become another user");
    }
    let Some(command) = limited(&tool, &args) else { return };
    let report = Program::spawn(command).finish().report();
    let dropped = report.ended("no thread for it");
    assert!(dropped > 0, "{report:?}");
    assert_eq!(report.ended("other error"), 0);
    let found = report.findings();
    let words = "dropped for want of a thread: resource temporarily \
                 unavailable";
    assert!(found.contains(words), "{found}");
    assert!(found.contains(&format!("{dropped} connections")), "{found}");
}
