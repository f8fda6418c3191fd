//! However a `bench` ends, whatever it has started ends with it.

use super::bench::{SOCAT, command, result};
use super::clients::have;
use crate::support::patience::wait_for;
use crate::support::process::{Program, send_signal};
use nix::sys::signal::Signal;
use std::io::Write as _;
use std::process::Stdio;

/// A bench that takes longer than a test.
const LONG: &str =
    "bench selector --clients 5 --rounds 1000 --time 300ms --report json";

fn start_against_socat() -> Program {
    let mut command = command(&[], LONG);
    command.args(["--against", SOCAT]);
    Program::spawn(command)
}

/// All processes that were started by this one, or by those.
pub(super) fn descendants(of: u32) -> Vec<u32> {
    let parent = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        rest.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let all: Vec<u32> =
        all.filter_map(|it| it.file_name().to_str()?.parse().ok()).collect();
    let mut found = vec![of];
    let mut at = 0;
    while let Some(next) = found.get(at).copied() {
        found.extend(all.iter().filter(|pid| parent(**pid) == Some(next)));
        at += 1;
    }
    found.split_off(1)
}

/// Whether it runs no more; whoever adopts it may let it stay, dead.
pub(super) fn is_gone(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.map_or(true, |stat| stat.contains(") Z "))
}

/// A long run with a command, its server and clients all there.
fn in_the_middle(program: &Program) -> Vec<u32> {
    let mut all = Vec::new();
    // A guard, socat and its children and cats, and the clients.
    wait_for("all processes are there", || {
        all = descendants(program.pid());
        all.len() >= 8
    });
    all
}

#[test]
fn a_signal_ends_it_with_what_it_has() {
    if !have("socat") {
        return;
    }
    let program = start_against_socat();
    program.wait_for_words("round 2 of 1000");
    let processes = in_the_middle(&program);
    program.signal(Signal::SIGINT);
    let finished = program.finish();
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    let result = result(&finished.stdout);
    assert!(result.interrupted);
    assert_eq!(result.rounds, 1000);
    for subject in &result.points[0].subjects {
        assert_eq!(subject.failure, None);
        assert!(!subject.samples.is_empty(), "{subject:?}");
    }
    wait_for("nobody is left", || processes.iter().all(|it| is_gone(*it)));
}

#[test]
fn nobody_outlives_it_however_it_ends() {
    if !have("socat") {
        return;
    }
    for signal in [Signal::SIGKILL, Signal::SIGHUP] {
        let program = start_against_socat();
        let processes = in_the_middle(&program);
        program.signal(signal);
        wait_for("nobody is left", || processes.iter().all(|it| is_gone(*it)));
    }
}

/// The report has no reader that would let it end.
#[test]
fn a_second_signal_ends_it_at_once() {
    for (signal, status) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let (_reader, mut full) = std::io::pipe().unwrap();
        full.write_all(&vec![b'x'; 65_536]).unwrap();
        let mut child = command(&[], LONG)
            .stdin(Stdio::null())
            .stdout(full)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for("both sides run", || descendants(child.id()).len() == 2);
        send_signal(child.id(), Signal::SIGINT);
        wait_for("they are ended", || descendants(child.id()).is_empty());
        send_signal(child.id(), signal);
        assert_eq!(child.wait().unwrap().code(), Some(status));
    }
}
