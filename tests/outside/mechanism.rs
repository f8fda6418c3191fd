//! What the selector is said to be built on is what the program calls:
//! strace(1) tells. Another build of the program is looked at if
//! `SOCKSCOPE_PROGRAM` names it.

use super::counts::{COLUMNS, child_of, have_strace, table};
use crate::support::Client;
use crate::support::process::{Folder, Program, quiet, send_signal};
use nix::sys::signal::Signal;
use std::net::SocketAddr;
use std::process::Command;

/// With `poll`, which the standard library calls once at the start, there
/// would be nothing to tell: `polling` calls ppoll(2).
const CALLS: &str = "ppoll,epoll_wait,epoll_pwait,epoll_pwait2";

#[test]
fn the_mechanism_that_is_named_is_the_one_that_is_used() {
    if !have_strace() {
        return;
    }
    for mode in ["selector", "tasks"] {
        let folder = Folder::new(&format!("mechanism-{mode}"));
        let file = folder.path("counts");
        let traced = Program::spawn(traced(mode, &file));
        let line = traced.listening_line();
        let address: SocketAddr =
            line.rsplit(' ').next().unwrap().parse().unwrap();
        Client::connect(address).echo("who wakes you?\n");
        send_signal(child_of(traced.pid()), Signal::SIGTERM);
        let finished = traced.finish();
        finished.expect_success();
        let report = finished.report();
        let counts = table(&std::fs::read_to_string(file).unwrap());
        let of = |name: &str| counts.get(name).map_or(0, |it| it.calls);
        let polls = of("ppoll");
        let names = ["epoll_wait", "epoll_pwait", "epoll_pwait2"];
        let waits: u64 = names.into_iter().map(of).sum();
        let said = report.text("/conditions/mechanism");
        match said {
            "epoll" => assert!(waits > 0 && polls == 0, "{counts:?}"),
            "poll" => assert!(polls > 0 && waits == 0, "{counts:?}"),
            other => panic!("{other} under Linux"),
        }
        println!("{mode}: said {said}; ppoll {polls}, epoll_wait {waits}");
    }
}

fn traced(mode: &str, file: &str) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-c", "-U", COLUMNS]);
    strace.args(["-o", file, "-e", &format!("trace={CALLS}")]);
    let program = quiet(mode, &[]);
    strace.arg(program.get_program()).args(program.get_args());
    strace
}
