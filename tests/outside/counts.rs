//! The counts are true: strace(1) counts the same calls. Another build of
//! the program is looked at if `SOCKSCOPE_PROGRAM` names it.
//!
//! What the report does not count, and strace does, is said where it is
//! compared: the accept that ends when the listener is shut down under it,
//! and what `polling` does for one wait.

use super::in_every_mode;
use crate::support::Client;
use crate::support::process::{
    Folder, Program, Report, quiet, send_signal, works,
};
use nix::sys::signal::Signal;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::Command;
use std::thread;
use std::time::Duration;

in_every_mode! {
    strace_counts_the_same,
}

const CALLS: &str = "accept,accept4,recvfrom,sendto,epoll_wait,epoll_pwait,\
                     epoll_pwait2,epoll_ctl,read,write";

/// The columns of the table that `strace -c` is to write.
const COLUMNS: &str = "time-percent,time-total,avg-time,calls,errors,name";

/// What strace has counted of one system call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    calls: u64,
    errors: u64,
}

fn have_strace() -> bool {
    works(&["strace", "-f", "-c", "-o", "/dev/null", "true"])
}

/// The table that `strace -c` writes: the share of time, seconds, the time a
/// call, calls, errors (or nothing), and the name.
fn table(text: &str) -> HashMap<String, Counted> {
    let row = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let number = |place: usize| words.get(place)?.parse::<u64>().ok();
        let (name, rest) = words.split_last()?;
        let errors = if rest.len() == 5 { number(4)? } else { 0 };
        Some((name.to_string(), Counted { calls: number(3)?, errors }))
    };
    text.lines().filter_map(row).collect()
}

/// Clients of every kind: one that waits for each answer, one that is rude,
/// one that floods for a while before it reads.
fn conversation(address: SocketAddr) {
    let mut polite = Client::connect(address);
    for round in 0..20_usize {
        polite.echo(vec![b'a'; 1 + round * 100]);
    }
    polite.half_close();
    polite.expect_eof();
    let mut rude = Client::connect(address);
    rude.echo("goodbye\n");
    rude.reset();
    let mut flood = Client::connect_small(address, 4096);
    // As much as all buffers hold: the server's writes would block.
    let mut said = 0;
    for _ in 0..100 {
        said += flood.pour(1 << 20);
        thread::sleep(Duration::from_millis(5));
    }
    flood.half_close();
    assert_eq!(flood.rest_until_any_end().len(), said);
}

/// The report of a run under strace, and what strace has counted of these
/// calls meanwhile.
fn traced(
    mode: &str,
    args: &[&str],
    calls: &str,
    talk: impl FnOnce(SocketAddr),
) -> (Report, HashMap<String, Counted>) {
    let folder = Folder::new(&format!("strace-{mode}"));
    let file = folder.path("counts");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-c", "-U", COLUMNS]);
    strace.args(["-o", &file, "-e", &format!("trace={calls}")]);
    let program = quiet(mode, args);
    strace.arg(program.get_program()).args(program.get_args());
    let traced = Program::spawn(strace);
    let line = traced.listening_line();
    talk(line.rsplit(' ').next().unwrap().parse().unwrap());
    // However long it took: strace ends with the program that it traces.
    let mut all = processes().into_iter();
    let program = all.find(|id| parent_of(*id) == Some(traced.pid()));
    send_signal(program.expect("the traced program"), Signal::SIGTERM);
    let report = traced.finish().expect_success().report();
    let counted = table(&std::fs::read_to_string(file).unwrap());
    println!("{mode}: {counted:?}");
    (report, counted)
}

fn strace_counts_the_same(mode: &str) {
    if have_strace() {
        let small = ["--sndbuf", "4096", "--rcvbuf", "4096"];
        let (report, counted) = traced(mode, &small, CALLS, conversation);
        compare(mode, &report, &counted);
    }
}

/// What the selector is said to be built on is what the program calls. With
/// `poll`, which the standard library calls once at the start, there would be
/// nothing to see: `polling` calls ppoll(2).
#[test]
fn the_mechanism_that_is_named_is_the_one_that_is_used() {
    const WAITS: &str = "ppoll,epoll_wait,epoll_pwait,epoll_pwait2";
    for mode in ["selector", "tasks"] {
        if !have_strace() {
            return;
        }
        let talk = |address| Client::connect(address).echo("wake up\n");
        let (report, counted) = traced(mode, &[], WAITS, talk);
        let polls = counted.get("ppoll").map_or(0, |it| it.calls);
        let waits = waits(&counted);
        match report.text("/conditions/mechanism") {
            "epoll" => assert!(waits > 0 && polls == 0, "{counted:?}"),
            "poll" => assert!(polls > 0 && waits == 0, "{counted:?}"),
            other => panic!("{other} under Linux"),
        }
    }
}

fn waits(counted: &HashMap<String, Counted>) -> u64 {
    let names = ["epoll_wait", "epoll_pwait", "epoll_pwait2"];
    names.iter().filter_map(|it| counted.get(*it)).map(|it| it.calls).sum()
}

/// All processes; see proc(5).
pub(super) fn processes() -> Vec<u32> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    all.filter_map(|it| it.file_name().to_str()?.parse().ok()).collect()
}

pub(super) fn parent_of(process: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
    let stat = stat.ok()?;
    // The name in parentheses may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// How many clients connect while the calls are counted.
const CONNECTIONS: u64 = 3;

fn compare(mode: &str, report: &Report, counted: &HashMap<String, Counted>) {
    let of = |name: &str| counted.get(name).copied().unwrap_or_default();
    let both = |kind: &str| {
        let (calls, errors) = report.calls(kind);
        Counted { calls, errors }
    };
    let mut reads = both("read");
    // The reset is an error, and no would-block.
    reads.errors += report.ended("reset");
    assert_eq!(of("recvfrom"), reads, "{mode}: read");
    assert_eq!(of("sendto"), both("write"), "{mode}: write");
    let blocks = mode == "serial" || mode == "blocking";
    assert!(blocks || both("write").errors > 0, "{mode}: no back-pressure");
    let mut accepts = both("accept");
    if mode == "serial" || mode == "blocking" {
        // The last one fails when the listener is shut down under it, unless
        // the signal comes before it is made. It is counted as a call; that it
        // failed is no would-block.
        let last = accepts.calls.checked_sub(CONNECTIONS);
        let last = last.filter(|it| *it <= 1);
        accepts.errors += last.expect("at most one accept after the clients");
    }
    assert_eq!(of("accept4"), accepts, "{mode}: accept");
    assert_eq!(of("accept"), Counted::default());
    assert_eq!(waits(counted), report.calls("wait").0, "{mode}: wait");
    assert_eq!(report.number("/server/connections"), CONNECTIONS);
}
