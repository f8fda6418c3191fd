//! `bench` as whoever runs it sees it: real servers, real clients, processes
//! that all end.

use super::clients::have;
use crate::support::process::{Finished, Folder, Program, run, sockscope};
use crate::support::schema;
use serde::de::DeserializeOwned;
use sockscope::measure::{Subject, SubjectResult, SweepResult};
use sockscope::probe::Class;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

/// A run that is soon over, its result in JSON and nothing else said.
const SOON: [&str; 11] = [
    "--clients",
    "5",
    "--rounds",
    "2",
    "--time",
    "500ms",
    "--warm-up",
    "20ms",
    "--report",
    "json",
    "--quiet",
];

/// The same for a server that starts a program for each client, which on a
/// busy machine takes a while.
const SOON_WITH_PROGRAMS: [&str; 11] = {
    let mut args = SOON;
    args[5] = "1s";
    args[7] = "700ms";
    args
};

pub(super) const SOCAT: &str =
    "socat TCP-LISTEN:{port},fork,reuseaddr EXEC:cat";

pub(super) fn bench(args: &[&[&str]]) -> Vec<String> {
    let words = [&["bench"], args.concat().as_slice()].concat();
    words.into_iter().map(str::to_owned).collect()
}

fn run_bench(args: &[&[&str]]) -> Finished {
    let words = bench(args);
    run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The result, which is as its schema says.
#[track_caller]
pub(super) fn result(finished: &Finished) -> SweepResult {
    let schema = include_str!("../inside/measure/measure.schema.json");
    read_back(&finished.stdout, schema)
}

/// Reads what is as its schema says.
#[track_caller]
pub(super) fn read_back<T: DeserializeOwned>(json: &str, schema: &str) -> T {
    let value = serde_json::from_str(json).expect("a result in JSON");
    let schema = serde_json::from_str(schema).unwrap();
    assert_eq!(schema::check(&value, &schema), Ok(()));
    serde_json::from_value(value).expect("a whole result")
}

/// So many samples, each with figures that can be.
#[track_caller]
fn expect_measured(subject: &SubjectResult, samples: usize) {
    assert_eq!(subject.failure, None, "{}", subject.name);
    assert_eq!(subject.samples.len(), samples, "{}", subject.name);
    for (sample, round) in subject.samples.iter().zip(1..) {
        assert_eq!(sample.round, round);
        assert!(sample.load.echoes > 0, "{sample:?}");
        assert_eq!(sample.load.clients_served, 5, "{sample:?}");
        assert!(sample.load.window_ns >= 100_000_000, "{sample:?}");
        assert_eq!(sample.load.connections_lost, 0, "{sample:?}");
    }
    let echoes: u64 = subject.samples.iter().map(|it| it.load.echoes).sum();
    let timed = subject.echo_times.iter().map(|(_, count)| count);
    assert_eq!(timed.sum::<u64>(), echoes);
}

/// What Linux tells of a server in each sample.
#[cfg(target_os = "linux")]
#[track_caller]
fn expect_used(subject: &SubjectResult) {
    for sample in &subject.samples {
        let used = sample.server.expect("what it used");
        assert!(used.user_ns + used.system_ns > 0, "{used:?}");
        assert!(used.memory_bytes > Some(100_000), "{used:?}");
        assert!(sample.memory_before_bytes > Some(100_000), "{sample:?}");
        assert!(used.peak_memory_bytes >= used.memory_bytes, "{used:?}");
        assert!(used.voluntary_switches.is_some(), "{used:?}");
    }
}

#[test]
fn two_modes_are_measured() {
    let finished = run_bench(&[&["selector", "blocking"], &SOON]);
    let result = result(finished.expect_success());
    let names: Vec<_> =
        result.points[0].subjects.iter().map(|it| &it.name).collect();
    assert_eq!(names, ["selector", "blocking"]);
    assert!(!result.interrupted);
    assert_eq!(result.workload.clients, 5);
    assert_eq!(result.conditions.command_line[..2], ["bench", "selector"]);
    for subject in &result.points[0].subjects {
        expect_measured(subject, 2);
        let calls = subject.calls.as_ref().expect("its calls");
        // A read and a write, but for those in the middle of an echo.
        assert!(calls.calls() + 10 >= 2 * calls.echoes, "{calls:?}");
        assert!(calls.echoes > 0, "{calls:?}");
        let selects = subject.name == "selector";
        let waits = calls.outcomes.contains_key(&Class::Ready);
        assert_eq!(waits, selects, "{calls:?}");
    }
    #[cfg(target_os = "linux")]
    for (subject, threads) in result.points[0].subjects.iter().zip([1, 6]) {
        expect_used(subject);
        let used = subject.samples[0].server.unwrap();
        assert_eq!(used.threads, Some(threads), "{used:?}");
    }
}

#[test]
fn without_a_wish_all_that_serve_many_are_measured() {
    let finished = run_bench(&[&SOON, &["--rounds", "1", "--no-pin"]]);
    assert_eq!(finished.code(), Some(2), "given twice: {finished:?}");
    let args: [&[&str]; 2] = [&SOON[..2], &SOON[4..]];
    let finished = run_bench(&[&args.concat(), &["--rounds=1", "--no-pin"]]);
    let result = result(finished.expect_success());
    let names: Vec<_> =
        result.points[0].subjects.iter().map(|it| &it.name).collect();
    assert_eq!(names, ["blocking", "nonblocking", "selector", "tasks"]);
    assert_eq!(result.conditions.bound.server_cores, None);
    assert_eq!(result.conditions.bound.load_cores, None);
}

#[test]
fn a_command_is_measured_beside_a_mode() {
    if !have("socat") {
        return;
    }
    let args = ["tasks", "--against", SOCAT];
    let finished = run_bench(&[&args, &SOON_WITH_PROGRAMS]);
    let result = result(finished.expect_success());
    let [ours, socat] = &result.points[0].subjects[..] else {
        panic!("{result:?}")
    };
    expect_measured(ours, 2);
    expect_measured(socat, 2);
    assert_eq!(socat.name, "socat");
    assert_eq!(socat.kind, Subject::Command(SOCAT.into()));
    assert_eq!(socat.calls, None);
    #[cfg(target_os = "linux")]
    {
        expect_used(socat);
        // The listener, and a child and its `cat` for each client.
        let threads = socat.samples[0].server.unwrap().threads;
        assert!(threads >= Some(11), "{threads:?}");
    }
}

/// Threads of the standard library: a server of another make.
pub(super) fn other_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(count) = client.read(&mut buffer)
                    && count > 0
                    && client.write_all(&buffer[..count]).is_ok()
                {
                }
            });
        }
    });
    address
}

#[test]
fn a_server_that_runs_already_is_measured() {
    let address = other_server();
    let against = ["selector", "--against", &address, "--against", &address];
    let result = result(run_bench(&[&against, &SOON]).expect_success());
    let names: Vec<_> =
        result.points[0].subjects.iter().map(|it| &it.name).collect();
    assert_eq!(names, ["selector", &address, &format!("{address}-2")]);
    for subject in &result.points[0].subjects {
        expect_measured(subject, 2);
    }
    let used = result.points[0].subjects[1].samples[0].server;
    assert_eq!(used, None, "it is not ours to look into");
}

/// It fails, the others complete, and the status says so.
#[track_caller]
fn expect_failed(finished: &Finished, samples: usize, why: &str) {
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let result = result(finished);
    let [failed, ours] = &result.points[0].subjects[..] else {
        panic!("{result:?}")
    };
    expect_measured(ours, 2);
    assert_eq!(failed.samples.len(), samples);
    let failure = failed.failure.as_deref().unwrap();
    assert!(failure.contains(why), "{failure}");
    let name = &failed.name;
    let words =
        format!("sockscope: not measured to the end: {name}: {failure}\n");
    assert_eq!(finished.stderr, words);
}

/// Puts the command before a mode: a failure comes first.
fn run_against(command: &str) -> Finished {
    let args = ["selector", "--against", command];
    let mut finished = run_bench(&[&args, &SOON_WITH_PROGRAMS]);
    // The failure is looked for in the first place.
    let mut result = result(&finished);
    result.points[0].subjects.reverse();
    let mut json: serde_json::Value =
        serde_json::from_str(&finished.stdout).unwrap();
    json["points"] = serde_json::to_value(&result.points).unwrap();
    finished.stdout = json.to_string();
    finished
}

#[test]
fn a_command_that_cannot_start_fails_alone() {
    let finished = run_against("echo out of order >&2; exit 3");
    let why = "the command has ended (exit status: 3): out of order";
    expect_failed(&finished, 0, why);
}

#[test]
fn a_command_that_fails_in_a_later_round_keeps_what_it_has() {
    if !have("socat") {
        return;
    }
    let folder = Folder::new("worn-out");
    let mark = folder.path("mark");
    let finished = run_against(&format!(
        "if test -e {mark}; then echo worn out >&2; exit 4; fi; \
         touch {mark}; exec {SOCAT}"
    ));
    let why = "the command has ended (exit status: 4): worn out";
    expect_failed(&finished, 1, why);
}

#[test]
fn a_command_that_ends_in_the_window_fails() {
    if !have("socat") {
        return;
    }
    // Whoever has had its first bytes ends the whole server.
    let command = "socat TCP-LISTEN:{port},fork,reuseaddr \
                   SYSTEM:'head -c 9999; kill $PPID; kill -9 0'";
    let finished = run_against(command);
    expect_failed(&finished, 0, "ended");
}

#[test]
fn what_is_no_echo_server_fails() {
    if !have("socat") {
        return;
    }
    let silent = "socat TCP-LISTEN:{port},fork,reuseaddr OPEN:/dev/null";
    let finished = run_against(silent);
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let failed = &result(&finished).points[0].subjects[0];
    assert_eq!(failed.samples.len(), 0, "{failed:?}");
}

#[test]
fn progress_is_no_part_of_the_result() {
    let mut args = SOON.to_vec();
    args.pop();
    let finished = run_bench(&[&["selector"], &args]);
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    result(&finished);
    let lines: Vec<_> = finished.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("round 1 of 2 · about 0:0"), "{lines:?}");
    assert!(lines[1].starts_with("round 2 of 2 · about 0:0"), "{lines:?}");
}

#[test]
fn files_have_the_forms_of_their_names() {
    let folder = Folder::new("bench-files");
    let path = |name: &str| folder.path(name);
    let (json, times) = (path("a.json"), path("times.hgrm"));
    let svg = path("a.svg");
    let files = ["selector", "-o", &json, "-o", &times, "-o", &svg];
    let finished = run_bench(&[&files, &SOON]);
    let text = &finished.expect_success().stdout;
    assert!(text.contains("selector") && !text.contains('{'), "{text}");
    let text = std::fs::read_to_string(&json).unwrap();
    let result: SweepResult = serde_json::from_str(&text).unwrap();
    expect_measured(&result.points[0].subjects[0], 2);
    let times = std::fs::read_to_string(path("times.selector.hgrm"));
    assert!(!times.unwrap().is_empty());
    let svg = std::fs::read_to_string(svg).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("selector"), "{svg}");
}

#[test]
fn an_earlier_result_is_read_before_anything_runs() {
    let folder = Folder::new("baseline");
    let json = folder.path("before.json");
    let before = run_bench(&[&["selector", "-o", &json], &SOON]);
    before.expect_success();
    let after = run_bench(&[&["selector", "--baseline", &json], &SOON]);
    after.expect_success();
    let broken = folder.write("broken.json", "{}");
    for path in [broken.as_str(), "/not/there.json"] {
        let refused = run_bench(&[&["selector", "--baseline", path], &SOON]);
        assert_eq!(refused.code(), Some(2), "{refused:?}");
        assert_eq!(refused.stdout, "");
        assert!(refused.stderr.contains(path), "{refused:?}");
    }
}

#[test]
fn a_mistake_is_told_before_anything_runs() {
    let lines: [&[&str]; 15] = [
        &["selectr"],
        &["--clients", "0"],
        &["--clients", "20001"],
        &["--idle", "-1"],
        &["--size", "0"],
        &["--size", "17MiB"],
        &["--pipeline", "0"],
        &["--rounds", "0"],
        &["--time", "1ms"],
        &["--time", "2h"],
        &["--rate", "0"],
        &["--rate", "nan"],
        &["--against", ""],
        &["--clients", "1000", "--size", "16MiB"],
        &["--clients", "20000", "--pipeline", "1000", "--size", "1"],
    ];
    for line in lines {
        let finished = run_bench(&[line]);
        assert_eq!(finished.code(), Some(2), "{line:?}: {finished:?}");
        assert_eq!(finished.stdout, "", "{line:?}");
        assert_ne!(finished.stderr, "", "{line:?}");
    }
    let file = ["-o", "/not/there.json"];
    let finished = run_bench(&[&["selector"], &file]);
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words = "sockscope: cannot write /not/there.json: no such file or \
                 directory\n";
    assert_eq!(finished.stderr, words);
}

#[test]
fn too_few_descriptors_are_found_before_anything_runs() {
    let mut command = std::process::Command::new("sh");
    let program = sockscope(&[]).get_program().to_owned();
    let script = "ulimit -n 256 && exec \"$0\" bench --clients 200";
    command.args(["-c", script]).arg(program);
    let finished = Program::spawn(command).finish();
    assert_eq!(finished.code(), Some(2), "{finished:?}");
    let words = "200 connections need 264 descriptors on either side, and a \
                 process may have 256";
    assert!(finished.stderr.contains(words), "{finished:?}");
}

#[test]
fn the_schema_is_that_of_the_result() {
    let finished = run(&["bench", "--schema"]);
    let text = &finished.expect_success().stdout;
    let schema: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(schema["title"], "MeasureReport");
}

#[test]
fn two_of_a_kind_are_measured_once() {
    let modes = ["selector", "selector"];
    let result = result(run_bench(&[&modes, &SOON]).expect_success());
    assert_eq!(result.points[0].subjects.len(), 1);
}
