//! A replayed log says the same as the live one, in the same words.

use crate::support::process::{self, Finished, Folder, MODES, Server};
use nix::sys::signal::Signal;
use sockscope::recording::Recording;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::thread;

/// What a run printed before its summary.
fn log<'a>(mode: &str, stdout: &'a str) -> &'a str {
    let summary = format!("\n\n{mode}: ");
    stdout.rfind(&summary).map_or(stdout, |at| &stdout[..=at])
}

#[track_caller]
fn replayed(file: &str, more: &[&str]) -> Finished {
    process::run(&[&["replay", file, "--ui", "log"], more].concat())
}

/// What a log says of connections, without times: how they began, how they
/// ended, what a handler made of them, and the phases of the server. The live
/// log and the recording have a tap each, which read the clock one after the
/// other: how long a sleep was, and whether it is long enough to be reported,
/// may differ by a moment.
fn said(log: &str) -> Vec<String> {
    let lines = log.lines().filter_map(|line| {
        let (time, words) = line.trim_start().split_once(' ')?;
        time.parse::<f64>().ok()?;
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let kinds =
            [" accept ", " closed ", " handled ", " failed ", "running:"];
        let is_of_kind = kinds.iter().any(|kind| words.contains(kind));
        // The two collapse runs of calls in vain at other moments.
        let may_differ =
            words.contains(" asleep in ") || words.contains("would block");
        (is_of_kind && !may_differ).then(|| {
            let slept = words.split_once(" (slept ");
            let slept = slept.and_then(|(before, after)| {
                Some(before.to_owned() + after.split_once(')')?.1)
            });
            slept.unwrap_or(words)
        })
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    lines
}

/// Whether the replay says what the run said.
#[track_caller]
fn same(mode: &str, live: &Finished, file: &str) -> Finished {
    let again = replayed(file, &[]);
    assert_eq!(again.code(), Some(0), "{mode}: {again:?}");
    let [of_run, of_replay] = [live, &again].map(|it| log(mode, &it.stdout));
    assert_eq!(said(of_replay), said(of_run), "{mode}");
    let summary =
        |it: &Finished| it.stdout[log(mode, &it.stdout).len()..].to_owned();
    assert_eq!(summary(&again), summary(live), "{mode}: the summary");
    again
}

/// Runs a scenario with a live log that is recorded.
fn logged(file: &str, mode: &str, args: &[&str]) -> Finished {
    let own = [mode, "--ui", "log", "--record", file];
    process::run(&[&own[..], args].concat())
}

#[test]
fn a_replay_prints_the_log_of_the_run() {
    let lines = ["--framing", "lines", "--recv-size", "2", "--boom"];
    let cases: [(&str, &[&str], &[&str]); 8] = [
        ("two-clients", &MODES, &[]),
        ("many-clients", &MODES, &[]),
        ("half-close", &MODES, &[]),
        ("reset", &MODES, &[]),
        ("boom", &MODES, &[]),
        // In `serial` the error ends the server.
        ("boom", &["serial", "blocking", "tasks"], &["--errors", "dropped"]),
        ("two-clients", &MODES, &lines),
        ("two-clients", &MODES, &["--speed", "0.1"]),
    ];
    let folder = Folder::new("log");
    for (scenario, modes, args) in cases {
        for mode in modes {
            let file = folder.path(mode);
            let args = [&["--scenario", scenario], args].concat();
            let live = logged(&file, mode, &args);
            assert!(live.stderr.contains("none lost"), "{mode}: {live:?}");
            let lines = log(mode, &live.stdout).lines().count();
            assert!(lines > 20 && lines < live.stdout.lines().count());
            let again = same(mode, &live, &file);
            assert_eq!(again.stderr, "", "{mode}");
        }
    }
}

/// A server that logs and is recorded.
fn serving(mode: &str, file: &str) -> Server {
    let args = [mode, "--scenario", "none", "--ui", "log", "--record", file];
    Server::spawn(process::sockscope(&args))
}

/// Says something so often and reads it back.
fn talk(address: SocketAddr, times: usize) -> TcpStream {
    let mut client = TcpStream::connect(address).unwrap();
    client.set_nodelay(true).unwrap();
    for _ in 0..times {
        let mut echo = [7; 16];
        client.write_all(&echo).unwrap();
        client.read_exact(&mut echo).unwrap();
    }
    client
}

/// Nothing happens for longer than a second: the rates are logged as zero.
#[test]
fn of_a_server_that_is_stopped_with_an_idle_client() {
    let folder = Folder::new("log-signal");
    for mode in MODES {
        let file = folder.path(mode);
        let Server { program, address } = serving(mode, &file);
        let client = talk(address, 30);
        thread::sleep(std::time::Duration::from_millis(2_700));
        program.signal(Signal::SIGINT);
        let live = program.finish();
        drop(client);
        assert_eq!(live.code(), Some(0), "{mode}: {live:?}");
        let log = log(mode, &live.stdout);
        assert!(log.matches("  /s  ").count() >= 2, "{mode}: {log}");
        assert!(log.contains("refusing: 1 left, deadline in"), "{log}");
        same(mode, &live, &file);
    }
}

/// The file is a pipe that nobody reads for a while: the recorder waits, and
/// the events of those clients find no room.
#[test]
fn of_a_run_with_losses() {
    let folder = Folder::new("log-losses");
    let (pipe, file) = (folder.path("pipe"), folder.path("losses"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let opened = thread::spawn({
        let pipe = pipe.clone();
        move || File::open(pipe).unwrap()
    });
    let Server { program, address } = serving("tasks", &pipe);
    let mut recorded = opened.join().unwrap();
    drop(talk(address, 40_000));
    let (from, to) = (&mut recorded, &mut File::create(&file).unwrap());
    let live = thread::scope(|scope| {
        scope.spawn(|| std::io::copy(from, to).unwrap());
        drop(talk(address, 100));
        program.signal(Signal::SIGTERM);
        program.finish()
    });
    assert_eq!(live.code(), Some(0), "{live:?}");
    assert!(live.stderr.contains(" lost for want of room"), "{live:?}");
    // Live log and recording each miss other events.
    let again = replayed(&file, &[]);
    assert_eq!(again.code(), Some(0), "{again:?}");
    let words = " events are missing for want of room\n";
    assert!(again.stderr.ends_with(words), "{}", again.stderr);
}

#[test]
fn from_a_moment_on_the_lines_before_it_are_left_out() {
    let folder = Folder::new("log-from");
    let file = folder.path("from");
    logged(&file, "selector", &["--scenario", "two-clients"]);
    let seconds = |line: &str| {
        let number = line.split_whitespace().next()?;
        number.parse::<f64>().ok().filter(|_| line.starts_with("   "))
    };
    let is_early =
        |line: &&str| seconds(line).is_some_and(|seconds| seconds < 1.0);
    let whole = replayed(&file, &[]);
    let whole = log("selector", &whole.stdout);
    let expected: Vec<_> = whole.lines().filter(|it| !is_early(it)).collect();
    let again = replayed(&file, &["--from", "1s"]);
    let again = log("selector", &again.stdout);
    assert_eq!(again.lines().collect::<Vec<_>>(), expected);
    assert!(expected.len() > 10 && whole.lines().any(|it| is_early(&it)));
}

/// What has happened when it breaks off may not be certain yet: the last
/// lines may differ from those of the whole one.
#[test]
fn the_log_of_a_part_is_the_beginning_of_the_log() {
    const NOT_CERTAIN: usize = 8;
    let folder = Folder::new("log-cut");
    let (file, cut) = (folder.path("whole"), folder.path("cut"));
    logged(&file, "selector", &["--scenario", "two-clients"]);
    let whole = replayed(&file, &[]);
    let bytes = std::fs::read(&file).unwrap();
    let recording = Recording::of_bytes(bytes.clone()).unwrap();
    let blocks = recording.blocks();
    for block in [&blocks[blocks.len() / 2], &blocks[blocks.len() - 1]] {
        let end = block.offset + 52 + u64::from(block.stored);
        let kept = &bytes[..usize::try_from(end).unwrap() + 9];
        std::fs::write(&cut, kept).unwrap();
        let again = replayed(&cut, &[]);
        assert_eq!(again.code(), Some(0), "{again:?}");
        let lines: Vec<_> = log("selector", &again.stdout).lines().collect();
        let certain = lines[..lines.len() - NOT_CERTAIN].join("\n");
        assert!(lines.len() > 2 * NOT_CERTAIN, "{lines:?}");
        assert!(whole.stdout.contains(&certain), "{certain}");
        let said = format!("it ends at byte {end} without its closing: ");
        assert!(again.stderr.contains(&said), "{}", again.stderr);
    }
}
