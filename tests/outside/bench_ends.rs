//! However a `bench` or a `sweep` ends, whatever it has started ends with it.

use super::bench::{SOCAT, command, result};
use super::counts::{parent_of, processes};
use crate::support::patience::wait_for;
use crate::support::process::{Folder, Program, have, send_signal, sockscope};
use nix::sys::signal::Signal;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

/// A bench and a sweep that take longer than a test.
const BENCH: &str =
    "bench selector --clients 5 --rounds 1000 --time 300ms --report json";
const SWEEP: &str =
    "sweep selector tasks --clients 1,2 --rounds 1000 --time 200ms";

fn start(words: &str, more: &[&str]) -> Program {
    let mut command = command(&[], words);
    command.args(more);
    Program::spawn(command)
}

/// All processes that were started by this one, or by those.
pub(super) fn descendants(of: u32) -> Vec<u32> {
    let all = processes();
    let mut found = vec![of];
    let mut at = 0;
    while let Some(next) = found.get(at).copied() {
        found.extend(all.iter().filter(|pid| parent_of(**pid) == Some(next)));
        at += 1;
    }
    found.split_off(1)
}

/// All are there: of a sweep both sides, of a bench against socat a guard,
/// socat with its children and cats, and the clients.
fn in_the_middle(program: &Program, least: usize) -> Vec<u32> {
    let mut all = Vec::new();
    wait_for("all processes are there", || {
        all = descendants(program.pid());
        all.len() >= least
    });
    all
}

/// Each sample has processes of its own: those of a round are at most 24, as
/// calls are counted in its first round, too.
fn after_a_round(program: &Program) {
    let mut seen = BTreeSet::new();
    wait_for("a round is over", || {
        seen.extend(descendants(program.pid()));
        seen.len() >= 40
    });
}

/// What has ended may stay as dead, if its new parent lets it.
fn wait_until_gone(all: &[u32]) {
    let is_gone = |pid: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
        stat.map_or(true, |stat| stat.contains(") Z "))
    };
    wait_for("no process is left", || all.iter().all(is_gone));
}

/// A signal that can be handled leaves what there is.
#[test]
fn no_process_outlives_it_however_it_ends() {
    let against = ["--against", SOCAT];
    let cases = [
        (SWEEP, ["--report", "json"], 2, Signal::SIGINT),
        (SWEEP, ["--report", "json"], 2, Signal::SIGTERM),
        (BENCH, against, 8, Signal::SIGINT),
        (BENCH, against, 8, Signal::SIGKILL),
        (BENCH, against, 8, Signal::SIGHUP),
    ];
    for (words, more, least, signal) in cases {
        if more == against && !have("socat") {
            continue;
        }
        let program = start(words, &more);
        after_a_round(&program);
        let all = in_the_middle(&program, least);
        program.signal(signal);
        if [Signal::SIGINT, Signal::SIGTERM].contains(&signal) {
            let finished = program.finish();
            assert_eq!(finished.code(), Some(0), "{finished:?}");
            let result = result(&finished.stdout);
            assert!(result.interrupted);
            assert_eq!(result.rounds, 1000);
            for subject in result.subjects() {
                assert_eq!(subject.failure, None);
                assert!(!subject.samples.is_empty(), "{subject:?}");
            }
        }
        wait_until_gone(&all);
    }
}

/// A command that is not in the group of the guard any more.
#[test]
fn a_command_that_leaves_its_group_ends_with_the_measurement() {
    if !have("socat") || !have("setsid") {
        return;
    }
    let against = format!("setsid -f {SOCAT}; sleep 1000");
    for signal in [Signal::SIGINT, Signal::SIGKILL] {
        let program = start(BENCH, &["--against", &against]);
        let mut all = Vec::new();
        wait_for("a server outside of the group is there", || {
            all = descendants(program.pid());
            all.iter().any(|pid| {
                let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
                name.is_ok_and(|it| it.trim() == "socat")
            })
        });
        program.signal(signal);
        if signal == Signal::SIGINT {
            program.finish();
        }
        wait_until_gone(&all);
    }
}

/// It is in no group of its own, and has children that serve.
#[test]
fn a_check_of_scenarios_that_is_killed_leaves_no_server() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGKILL] {
        let args = ["scenario", "check", "two-clients", "idle-crowd"];
        let program = Program::spawn(sockscope(&args));
        let all = in_the_middle(&program, 4);
        program.signal(signal);
        wait_until_gone(&all);
    }
}

/// What was measured is written, with status 0.
#[test]
fn a_hang_up_leaves_the_result_in_its_file() {
    let folder = Folder::new("hang-up");
    let path = folder.path("r.json");
    let program = start(BENCH, &["-o", &path]);
    after_a_round(&program);
    program.signal(Signal::SIGHUP);
    let finished = program.finish();
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    assert!(result(&std::fs::read_to_string(path).unwrap()).interrupted);
}

/// The report has no reader that would let it end.
#[test]
fn a_second_signal_ends_it_at_once() {
    for (signal, status) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let (_reader, mut full) = std::io::pipe().unwrap();
        full.write_all(&vec![b'x'; 65_536]).unwrap();
        let mut command = command(&[], BENCH);
        command.stdin(Stdio::null()).stdout(full).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        wait_for("both sides run", || descendants(child.id()).len() == 2);
        send_signal(child.id(), Signal::SIGINT);
        wait_for("they are ended", || descendants(child.id()).is_empty());
        send_signal(child.id(), signal);
        assert_eq!(child.wait().unwrap().code(), Some(status));
    }
}

/// Whatever is under way: nothing at all, a server that starts, clients that
/// connect, a window.
#[test]
fn a_sweep_that_ends_at_any_moment_leaves_no_process() {
    for step in 0..12 {
        let program = start(SWEEP, &[]);
        // Which moment it hits does not matter, only that it is any.
        std::thread::sleep(Duration::from_millis(7 * step));
        let all = descendants(program.pid());
        // Not SIGINT: what was started in the background ignores it until it
        // asks for it; see "Signals" in POSIX sh, 2.11.
        program.signal(Signal::SIGTERM);
        program.finish();
        wait_until_gone(&all);
    }
}
