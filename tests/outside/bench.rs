//! `bench` and `sweep` as their users see them: real servers, real clients,
//! processes that all end; charts, files and a status.

use crate::support::peers::{Manner, Peer};
use crate::support::process::{Finished, Folder, Program, have, sockscope};
use crate::support::schema;
use sockscope::measure::{
    CorePlan, Rhythm, Subject, SubjectResult, SweepAxis, SweepResult,
};
use sockscope::probe::Class;
use std::fs::read_to_string;
use std::process::Command;

const SCHEMA: &str = include_str!("../inside/measure/measure.schema.json");

/// A bench that is soon over, with its result in JSON alone.
const SOON: &str = "--clients 5 --rounds 2 --time 500ms --warm-up 20ms \
                    --report json --quiet";

/// The same for a server that starts a program for each client, which on a
/// busy machine takes a while.
const SOON_WITH_PROGRAMS: &str = "--clients 5 --rounds 2 --time 1s --warm-up \
                                  700ms --report json --quiet";

/// A sweep that is soon over.
const BRIEF: &str = "--rounds 1 --time 1s --warm-up 50ms --quiet";

pub(super) const SOCAT: &str =
    "socat TCP-LISTEN:{port},fork,reuseaddr EXEC:cat";

/// The program with these words and then these arguments.
pub(super) fn command(arguments: &[&str], words: &str) -> Command {
    let words: Vec<_> = words.split_whitespace().collect();
    sockscope(&[arguments, &words].concat())
}

fn run(arguments: &[&str], options: &str) -> Finished {
    Program::spawn(command(arguments, options)).finish()
}

/// The result, which is as its schema says.
#[track_caller]
pub(super) fn result(json: &str) -> SweepResult {
    let value = serde_json::from_str(json).expect("a result in JSON");
    let schema = serde_json::from_str(SCHEMA).unwrap();
    assert_eq!(schema::check(&value, &schema), Ok(()));
    serde_json::from_value(value).expect("a whole result")
}

#[track_caller]
fn succeed(arguments: &[&str], options: &str) -> SweepResult {
    result(&run(arguments, options).expect_success().stdout)
}

/// So many samples of a bench, each with figures that can be.
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

/// What Linux reports of a server in each sample.
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

// ---- Bench -------------------------------------------------------------

#[test]
fn two_modes_are_measured_once_each() {
    let modes = ["bench", "selector", "blocking", "selector"];
    let result = succeed(&modes, SOON);
    assert_eq!(result.names(), ["selector", "blocking"]);
    assert!(!result.interrupted);
    assert_eq!(result.workload.clients, 5);
    assert_eq!(result.conditions.command_line[..2], ["bench", "selector"]);
    for subject in result.subjects() {
        expect_measured(subject, 2);
        let calls = subject.calls.as_ref().expect("its calls");
        // A read and a write, but for those in the middle of an echo.
        assert!(calls.calls() + 10 >= 2 * calls.echoes, "{calls:?}");
        assert!(calls.echoes > 0, "{calls:?}");
        let waits = calls.outcomes.contains_key(&Class::Ready);
        assert_eq!(waits, subject.name == "selector", "{calls:?}");
    }
    #[cfg(target_os = "linux")]
    for (subject, threads) in result.subjects().zip([1, 6]) {
        expect_used(subject);
        let used = subject.samples[0].server.unwrap();
        assert_eq!(used.threads, Some(threads), "{used:?}");
    }
}

#[test]
fn by_default_all_modes_that_serve_many_clients_are_measured() {
    let options = SOON.replace("--rounds 2", "--rounds 1 --no-pin --rate 200");
    let result = succeed(&["bench"], &options);
    let modes = ["blocking", "nonblocking", "selector", "tasks"];
    assert_eq!(result.names(), modes);
    assert_eq!(result.conditions.bound, CorePlan::default());
    // With a rate it is an open loop.
    assert_eq!(result.workload.pacing, Rhythm::Open { rate_per_s: 200.0 });
    for subject in result.subjects() {
        let load = &subject.samples[0].load;
        assert_eq!((load.due, load.echo_time.unwrap().count), (100, 100));
    }
}

#[test]
fn a_command_is_measured_beside_a_mode() {
    if !have("socat") {
        return;
    }
    let arguments = ["bench", "tasks", "--against", SOCAT];
    let result = succeed(&arguments, SOON_WITH_PROGRAMS);
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

#[test]
fn a_server_that_runs_already_is_measured() {
    let peer = Peer::start(Manner::Echo);
    let address = peer.address().to_string();
    let against = ["--against", &address, "--against", &address];
    let result =
        succeed(&[&["bench", "selector"], &against[..]].concat(), SOON);
    let again = format!("{address}-2");
    assert_eq!(result.names(), ["selector", &address, &again]);
    result.subjects().for_each(|it| expect_measured(it, 2));
    let used = result.points[0].subjects[1].samples[0].server;
    assert_eq!(used, None, "it is not ours to look into");
}

/// A command that fails keeps what it has, the mode beside it completes, and
/// the status says so.
#[test]
fn a_command_that_fails_fails_alone() {
    let folder = Folder::new("worn-out");
    let mark = folder.path("mark");
    let worn_out = format!(
        "if test -e {mark}; then echo worn out >&2; exit 4; fi; \
         touch {mark}; exec {SOCAT}"
    );
    let [ends_in_the_window, silent] =
        ["SYSTEM:'head -c 9999; kill $PPID; kill -9 0'", "OPEN:/dev/null"]
            .map(|it| format!("socat TCP-LISTEN:{{port}},fork,reuseaddr {it}"));
    let cases = [
        (
            "echo out of order >&2; exit 3",
            0,
            "the command has ended (exit status: 3): out of order",
        ),
        (&worn_out, 1, "the command has ended (exit status: 4): worn out"),
        (&ends_in_the_window, 0, "ended"),
        (&silent, 0, ""),
    ];
    for (script, samples, why) in cases {
        if script.contains("socat") && !have("socat") {
            continue;
        }
        let arguments = ["bench", "selector", "--against", script];
        let finished = run(&arguments, SOON_WITH_PROGRAMS);
        assert_eq!(finished.code(), Some(1), "{finished:?}");
        let result = result(&finished.stdout);
        let [ours, failed] = &result.points[0].subjects[..] else {
            panic!("{result:?}")
        };
        expect_measured(ours, 2);
        assert_eq!(failed.samples.len(), samples, "{failed:?}");
        let failure = failed.failure.as_deref().unwrap();
        assert!(failure.contains(why), "{failure}");
        let name = &failed.name;
        let words =
            format!("sockscope: not measured to the end: {name}: {failure}\n");
        assert_eq!(finished.stderr, words);
    }
}

#[test]
fn files_have_the_forms_of_their_names_and_a_baseline_is_read_again() {
    let folder = Folder::new("bench-files");
    let [json, times, svg, md] =
        ["a.json", "times.hgrm", "a.SVG", "a.md"].map(|it| folder.path(it));
    let files = ["-o", &json, "-o", &times, "-o", &svg, "-o", &md];
    let bench = ["bench", "selector"];
    let with_progress = SOON.replace("--quiet", "");
    let finished = run(&[&bench, &files[..]].concat(), &with_progress);
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    let text = &finished.stdout;
    assert!(text.contains("selector") && !text.contains('{'), "{text}");
    // Progress is for terminals alone.
    assert_eq!(finished.stderr, "");
    let measured = result(&read_to_string(&json).unwrap());
    expect_measured(&measured.points[0].subjects[0], 2);
    let times = read_to_string(folder.path("times.selector.hgrm"));
    assert!(!times.unwrap().is_empty());
    assert!(read_to_string(md).unwrap().starts_with("# "));
    let svg = read_to_string(svg).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("selector"), "{svg}");
    let against =
        |path| run(&[&bench[..], &["--baseline", path]].concat(), SOON);
    against(&json).expect_success();
    let broken = folder.write("broken.json", "{}");
    for path in [broken.as_str(), "/not/there.json"] {
        let refused = against(path);
        assert_eq!(refused.code(), Some(2), "{refused:?}");
        assert_eq!(refused.stdout, "");
        assert!(refused.stderr.contains(path), "{refused:?}");
    }
}

// ---- Sweep -------------------------------------------------------------

/// Every server was measured at every point.
#[track_caller]
fn expect_swept(result: &SweepResult, names: &[&str], values: &[u32]) {
    assert!(!result.interrupted);
    assert_eq!(result.names(), names);
    let at: Vec<_> = result.points.iter().filter_map(|it| it.value).collect();
    assert_eq!(at, values);
    for subject in result.subjects() {
        assert_eq!(subject.failure, None, "{subject:?}");
        assert_eq!(subject.samples.len(), 1, "{subject:?}");
        assert!(subject.samples[0].load.echoes > 0, "{subject:?}");
    }
}

#[test]
fn two_modes_are_swept_over_their_clients() {
    let folder = Folder::new("sweep");
    let [json, svg] = ["a.json", "a.svg"].map(|it| folder.path(it));
    let modes = ["sweep", "selector", "blocking", "--clients", "1..10"];
    let files = ["-o", &json, "-o", &svg];
    let finished = run(&[&modes, &files[..]].concat(), BRIEF);
    let text = &finished.expect_success().stdout;
    assert_eq!(text.lines().next(), Some("Echo servers, 1 to 10 clients"));
    let result = result(&read_to_string(&json).unwrap());
    assert_eq!(result.axis, Some(SweepAxis::Clients));
    expect_swept(&result, &["selector", "blocking"], &[1, 2, 5, 10]);
    for point in &result.points {
        assert_eq!(Some(point.workload.clients), point.value);
        for subject in &point.subjects {
            let served = subject.samples[0].load.clients_served;
            assert_eq!(Some(served), point.value, "{subject:?}");
        }
    }
    assert!(read_to_string(&svg).unwrap().starts_with("<svg "));
}

#[test]
fn idle_clients_and_sizes_are_swept() {
    let options = format!("{BRIEF} --report json --clients 2");
    let modes = ["sweep", "selector", "nonblocking", "--idle", "0,50"];
    let result = succeed(&modes, &options);
    assert_eq!(result.axis, Some(SweepAxis::Idle));
    expect_swept(&result, &["selector", "nonblocking"], &[0, 50]);
    let did = result.points.iter().map(|it| &it.workload);
    let did: Vec<_> = did.map(|it| (it.clients, it.idle)).collect();
    assert_eq!(did, [(2, 0), (2, 50)]);
    let peer = Peer::start(Manner::Echo);
    let address = peer.address().to_string();
    let against = ["sweep", "tasks", "--against", &address];
    let sizes = format!("{options} --size 1,4KiB");
    let result = succeed(&against, &sizes);
    assert_eq!(result.axis, Some(SweepAxis::Size));
    expect_swept(&result, &["tasks", &address], &[1, 4096]);
}

#[test]
fn a_server_that_fails_at_a_point_fails_there_alone() {
    let folder = Folder::new("sweep-fails");
    let mark = folder.path("mark");
    // The mode itself as a command, but for the second time it is started.
    let program = env!("CARGO_BIN_EXE_sockscope");
    let script = format!(
        "echo >> {mark}; test $(wc -l < {mark}) = 2 && exit 7; exec {program} \
         selector --listen {{addr}} --scenario none --ui none"
    );
    let arguments = ["sweep", "blocking", "--against", &script];
    let options = format!("{BRIEF} --clients 1,2,3 --report json");
    let finished = run(&arguments, &options);
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let why = "the command has ended (exit status: 7)";
    assert!(finished.stderr.starts_with("sockscope: not measured to the end"));
    let words = format!("failed at 2 clients: {why}\n");
    assert!(finished.stderr.ends_with(&words), "{finished:?}");
    assert_eq!(finished.stderr.lines().count(), 1, "{finished:?}");
    let result = result(&finished.stdout);
    let failed = result.subjects().filter_map(|it| it.failure.as_deref());
    assert_eq!(failed.collect::<Vec<_>>(), [why]);
    let samples = result.subjects().map(|it| it.samples.len());
    assert_eq!(samples.collect::<Vec<_>>(), [1, 1, 1, 0, 1, 1]);
}

// ---- Both --------------------------------------------------------------

#[test]
fn wrong_usage_is_reported_before_anything_runs() {
    let lines = [
        ("bench selectr", "selectr"),
        ("bench --clients 0", "from 1 to 20,000"),
        ("bench --clients 1,2", "`sweep` takes several"),
        ("bench --idle -1", ""),
        ("bench --size 0", "from 1 B to 16 MiB"),
        ("bench --pipeline 0", ""),
        ("bench --rounds 0", ""),
        ("bench --rounds 1 --rounds 2", ""),
        ("bench --time 1ms", "at least 10 ms"),
        ("bench --time 2h", "at most"),
        ("bench --rate 0", "choose one from 0.001"),
        ("bench --rate nan", "choose one from 0.001"),
        ("bench --against=", "an address or a command"),
        ("bench --clients 1000 --size 16MiB", "more than 1 GiB"),
        ("bench --clients 20000 --pipeline 1000 --size 1", "under way"),
        ("sweep --clients 5", "nothing is swept"),
        ("sweep --clients 10..1", "smaller end of a range comes first"),
        ("sweep --clients 1,2 --size 1,2", "only one of"),
        ("sweep --clients 1,2 --points 3", "--points needs a range"),
        ("sweep --points 1", "2..=50"),
        ("sweep --figure speed", "speed"),
        ("sweep --report hgrm", "hgrm is for `bench`"),
    ];
    for (line, words) in lines {
        let finished = run(&[], line);
        assert_eq!(finished.code(), Some(2), "{line}: {finished:?}");
        assert_eq!(finished.stdout, "", "{line}");
        assert!(finished.stderr.contains(words), "{line}: {finished:?}");
    }
    let finished = run(&[], "bench selector -o /not/there.json");
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words = "sockscope: cannot write /not/there.json: no such file or \
                 directory; its folder does not exist\n";
    assert_eq!(finished.stderr, words);
}

#[test]
fn too_few_descriptors_are_found_before_anything_runs() {
    let mut command = Command::new("sh");
    let program = sockscope(&[]).get_program().to_owned();
    let script = "ulimit -n 256 && exec \"$0\" bench --clients 200";
    command.args(["-c", script]).arg(program);
    let finished = Program::spawn(command).finish();
    assert_eq!(finished.code(), Some(2), "{finished:?}");
    let words = "200 connections need 264 descriptors on either side, and a \
                 process may have 256";
    assert!(finished.stderr.contains(words), "{finished:?}");
}
