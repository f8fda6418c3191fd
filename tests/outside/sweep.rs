//! `sweep` as whoever runs it sees it: real servers at several points, a
//! chart, files, and a status.

use super::bench::{other_server, read_back};
use crate::support::process::{Finished, Folder, Program, run, sockscope};
use sockscope::measure::{SweepAxis, SweepResult};

/// Rounds that are soon over.
pub(super) const SOON: [&str; 7] =
    ["--rounds", "1", "--time", "1s", "--warm-up", "50ms", "--quiet"];

pub(super) fn sweep(args: &[&[&str]]) -> Vec<String> {
    let words = [&["sweep"], args.concat().as_slice()].concat();
    words.into_iter().map(str::to_owned).collect()
}

fn run_sweep(args: &[&[&str]]) -> Finished {
    let words = sweep(args);
    run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The result, which is as its schema says.
#[track_caller]
pub(super) fn result(json: &str) -> SweepResult {
    read_back(json, include_str!("../inside/measure/measure.schema.json"))
}

fn values(result: &SweepResult) -> Vec<u32> {
    result.points.iter().filter_map(|it| it.value).collect()
}

/// Every server was measured at every point.
#[track_caller]
fn expect_measured(result: &SweepResult, names: &[&str]) {
    assert!(!result.interrupted);
    assert_eq!(result.names(), names);
    for subject in result.points.iter().flat_map(|it| &it.subjects) {
        assert_eq!(subject.failure, None, "{subject:?}");
        assert_eq!(subject.samples.len(), 1, "{subject:?}");
        assert!(subject.samples[0].load.echoes > 0, "{subject:?}");
    }
}

#[test]
fn two_modes_are_swept_over_their_clients() {
    let folder = Folder::new("sweep");
    let [json, svg, csv] =
        ["a.json", "a.svg", "a.csv"].map(|it| folder.path(it));
    let files = ["-o", &json, "-o", &svg, "-o", &csv];
    let modes = ["selector", "blocking", "--clients", "1..10"];
    let finished = run_sweep(&[&modes, &files, &SOON]);
    let text = &finished.expect_success().stdout;
    let first = text.lines().next().unwrap();
    assert_eq!(first, "Echo servers, 1 to 10 clients");
    assert!(text.contains("● selector") && text.contains("▲ blocking"));
    assert!(text.contains("Medians of server CPU time an echo, µs"), "{text}");
    assert!(text.contains("closed loop: service time"), "{text}");
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let result = result(&read(&json));
    assert_eq!(result.axis, Some(SweepAxis::Clients));
    assert_eq!(values(&result).first(), Some(&1));
    assert_eq!(values(&result).last(), Some(&10));
    expect_measured(&result, &["selector", "blocking"]);
    for point in &result.points {
        assert_eq!(Some(point.workload.clients), point.value);
        let served = point.subjects.iter().map(|it| &it.samples[0]);
        let mut served = served.map(|it| it.load.clients_served);
        assert!(served.all(|it| Some(it) == point.value), "{point:?}");
    }
    assert!(read(&svg).starts_with("<svg "));
    assert!(read(&csv).starts_with("axis,axis_value,subject,round,figure,"));
}

#[test]
fn idle_clients_are_swept_among_those_that_talk() {
    let args = ["selector", "nonblocking", "--idle", "0,50", "--clients", "2"];
    let finished = run_sweep(&[&args, &SOON, &["--report", "json"]]);
    let result = result(&finished.expect_success().stdout);
    assert_eq!(result.axis, Some(SweepAxis::Idle));
    assert_eq!(values(&result), [0, 50]);
    expect_measured(&result, &["selector", "nonblocking"]);
    let idle: Vec<_> =
        result.points.iter().map(|it| it.workload.idle).collect();
    assert_eq!(idle, [0, 50]);
    assert!(result.points.iter().all(|it| it.workload.clients == 2));
}

#[test]
fn sizes_are_swept_against_a_server_of_another_make() {
    let address = other_server();
    let against = ["tasks", "--against", &address, "--clients", "3"];
    let sizes = ["--size", "1,4KiB", "--report", "json"];
    let finished = run_sweep(&[&against, &sizes, &SOON]);
    let result = result(&finished.expect_success().stdout);
    assert_eq!(result.axis, Some(SweepAxis::Size));
    assert_eq!(values(&result), [1, 4096]);
    expect_measured(&result, &["tasks", &address]);
}

/// It leaves the words where each format has them first.
#[test]
fn a_server_that_fails_at_a_point_fails_there_alone() {
    let folder = Folder::new("sweep-fails");
    let mark = folder.path("mark");
    // The mode itself as a command, but for the second time it is started.
    let program = env!("CARGO_BIN_EXE_sockscope");
    let command = format!(
        "echo >> {mark}; test $(wc -l < {mark}) = 2 && exit 7; exec {program} \
         selector --listen {{addr}} --scenario none --ui none"
    );
    let args = ["blocking", "--against", &command, "--clients", "1,2,3"];
    let [json, csv] = ["a.json", "a.csv"].map(|it| folder.path(it));
    let files = ["-o", &json, "-o", &csv];
    let finished = run_sweep(&[&args, &files, &SOON]);
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let why = "the command has ended (exit status: 7)";
    assert!(finished.stderr.starts_with("sockscope: not measured to the end"));
    let words = format!("failed at 2 clients: {why}\n");
    assert!(finished.stderr.ends_with(&words), "{finished:?}");
    assert_eq!(finished.stderr.lines().count(), 1, "{finished:?}");
    let second = finished.stdout.lines().nth(1).unwrap();
    assert!(second.contains("failed at 2 clients: the command"), "{second}");
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let result = result(&read(&json));
    let failed = result.points.iter().flat_map(|it| &it.subjects);
    let failed: Vec<_> = failed.filter_map(|it| it.failure.clone()).collect();
    assert_eq!(failed, [why]);
    let samples = result.points.iter().flat_map(|it| &it.subjects);
    let samples: Vec<_> = samples.map(|it| it.samples.len()).collect();
    assert_eq!(samples, [1, 1, 1, 0, 1, 1]);
    let csv = read(&csv);
    let row = csv.lines().nth(1).unwrap();
    assert!(row.starts_with("clients,2,") && row.contains(",failed,"), "{row}");
}

#[test]
fn a_server_that_fails_everywhere_is_a_failure() {
    let args = ["serial", "--against", "exit 3", "--clients", "1,2"];
    let finished = run_sweep(&[&args, &SOON, &["--report", "json"]]);
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let result = result(&finished.stdout);
    assert_eq!(values(&result), [1, 2]);
    let words = "sockscope: not measured to the end: ";
    assert!(finished.stderr.starts_with(words), "{finished:?}");
}

#[test]
fn a_mistake_is_told_before_anything_runs() {
    let lines: [(&[&str], &str); 10] = [
        (&["--clients", "5"], "nothing is swept"),
        (&["--clients", "10..1"], "does not rise"),
        (&["--clients", "0..10"], "from 1 to 20,000"),
        (&["--clients", "1..20001"], "from 1 to 20,000"),
        (&["--clients", "1,2", "--size", "1,2"], "only one of"),
        (&["--clients", "1,2", "--points", "3"], "--points needs a range"),
        (&["--points", "1"], "from 2 to"),
        (&["--size", "1..17MiB"], "16 MiB"),
        (&["--figure", "speed"], "speed"),
        (&["--against", ""], "an address or a command"),
    ];
    for (line, words) in lines {
        let finished = run_sweep(&[line]);
        assert_eq!(finished.code(), Some(2), "{line:?}: {finished:?}");
        assert_eq!(finished.stdout, "", "{line:?}");
        assert!(finished.stderr.contains(words), "{line:?}: {finished:?}");
    }
    let finished = run_sweep(&[&["-o", "/not/there.svg"]]);
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    assert_eq!(finished.stdout, "");
}

#[test]
fn the_schema_is_that_of_the_result() {
    let finished = run_sweep(&[&["--schema"]]);
    let written = include_str!("../inside/measure/measure.schema.json");
    assert_eq!(finished.expect_success().stdout, written);
}

/// As into `head`, which has read enough.
#[test]
fn a_reader_that_leaves_is_no_failure() {
    for name in ["sweep", "bench"] {
        let clients = if name == "sweep" { "1,2" } else { "2" };
        let mut command = sockscope(&[name, "selector", "--clients", clients]);
        command.args(SOON);
        let mut script = std::process::Command::new("sh");
        let pipe = "{ \"$@\"; echo status $? >&2; } | true";
        script.args(["-c", pipe, "sh"]).arg(command.get_program());
        script.args(command.get_args());
        let finished = Program::spawn(script).finish();
        assert_eq!(finished.stderr, "status 0\n", "{name}");
    }
}
