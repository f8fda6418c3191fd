//! A recording that reaches the limit of its size.

use super::to_the_end;
use crate::support::Client;
use crate::support::process::{
    BRIEF, Folder, MODES, Server, record, run, run_quiet,
};
use sockscope::probe::Kind;
use sockscope::recording::Recording;
use std::path::Path;

/// The smallest limit.
const LIMIT: u64 = 16 * 1024;

/// Serves a client until the recording is at its limit and the program has said
/// so, and then goes on. Checks the size of the file, the run and its report.
fn record_to_the_limit(folder: &Folder, mode: &str, payload: &str) -> String {
    let file = folder.path(&format!("{mode}-{payload}.rec"));
    let options = ["--record", &file, "--record-limit", "16 KiB"];
    let options = [&options[..], &["--payload", payload]].concat();
    let server = Server::start(mode, &options);
    let mut client = Client::connect(server.address);
    let mut state = 1_u64;
    // No two lines are alike: a payload cannot be compressed by much.
    for _ in 0..4_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        client.echo(format!("{state:016x}\n"));
    }
    let line = server.program.error_line();
    let said = format!("sockscope: the recording {file} ends ");
    assert!(line.starts_with(&said), "{mode}: {line}");
    let words = " after the start, at its limit of 16 KiB; it has ";
    assert!(line.contains(words), "{mode}: {line}");
    assert!(line.ends_with("nothing of what came later"), "{mode}: {line}");
    client.echo("the run goes on\n");
    drop(client);
    let finished = server.stop();
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    assert_eq!(finished.stderr, format!("{line}\n"), "said once");
    let report = finished.report();
    assert_eq!(report.number("/server/echoes"), 4_001, "{mode}");
    let lacks = report.text("/recording_incomplete");
    assert!(lacks.starts_with("its recording ends "), "{mode}: {lacks}");
    assert!(lacks.ends_with(", at its limit of 16 KiB"), "{mode}: {lacks}");
    let length = std::fs::metadata(&file).unwrap().len();
    assert!(length <= LIMIT, "{mode}: {length}");
    file
}

#[test]
fn a_recording_ends_at_its_limit_and_the_run_goes_on() {
    let folder = Folder::new("limit");
    for mode in MODES {
        for payload in ["0", "64"] {
            let file = record_to_the_limit(&folder, mode, payload);
            let recording = Recording::open(Path::new(&file)).unwrap();
            assert!(!recording.is_whole(), "{mode}");
            let closing = recording.closing().expect("it is closed");
            assert_eq!(closing.limit_bytes, Some(LIMIT), "{mode}");
            assert_eq!(closing.events, recording.events(), "{mode}");
            let end = to_the_end(&recording);
            assert!(end.event() > 50, "{mode}: {}", end.event());
            assert!(end.known().counters.calls(Kind::Write) > 0, "{mode}");
        }
    }
}

#[test]
fn whatever_reads_it_says_that_it_ends_at_its_limit() {
    let folder = Folder::new("limit-read");
    let file = record_to_the_limit(&folder, "selector", "64");
    let ends = "it ends at its limit of 16 KiB";
    let replayed = run(&["replay", &file, "--ui", "log"]);
    assert_eq!(replayed.code(), Some(0), "{replayed:?}");
    assert!(replayed.stderr.contains(ends), "{replayed:?}");
    for (form, words) in [
        ("html", ends),
        ("svg", ends),
        ("perfetto", ends),
        ("md", "the recording ends at its limit of 16 KiB"),
        ("jsonl", "\"limit_bytes\":16384"),
    ] {
        let out = folder.path(form);
        let exported = run(&["export", &file, "--to", form, "-o", &out]);
        assert_eq!(exported.code(), Some(0), "{form}: {exported:?}");
        assert!(exported.stderr.contains(ends), "{form}: {exported:?}");
        let text = std::fs::read_to_string(&out).unwrap();
        assert!(text.contains(words), "{form}");
    }
    let other = record(&folder, "tasks", "two-clients", &[]);
    let compared = run(&["compare", &file, &other, "--ui", "none"]);
    assert_eq!(compared.code(), Some(0), "{compared:?}");
    let text = compared.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(", at its limit of 16 KiB"), "{text}");
    assert!(
        text.contains("selector: not judged: of its recording, it ends at")
    );
}

/// The limit leaves room for an ordinary run, and says nothing then.
#[test]
fn a_run_that_stays_below_the_limit_is_recorded_whole() {
    let folder = Folder::new("limit-below");
    let file =
        record(&folder, "tasks", "two-clients", &["--record-limit", "64 KiB"]);
    let recording = Recording::open(Path::new(&file)).unwrap();
    assert!(recording.is_whole() && recording.own_report().is_some());
    assert_eq!(recording.own_report().unwrap().recording_incomplete, None);
}

#[test]
fn a_limit_without_room_for_the_beginning_records_nothing() {
    let folder = Folder::new("limit-small");
    let new = folder.path("new.rec");
    for limit in ["0", "1 KiB", "16383"] {
        let args = ["--record", &new, "--record-limit", limit];
        let refused = run_quiet("selector", &args);
        assert_eq!(refused.code(), Some(2), "{refused:?}");
        assert!(refused.stderr.contains("at least 16 KiB"), "{refused:?}");
        assert!(!Path::new(&new).exists());
    }
    // The text of a scenario is in the header.
    let mut state = 1_u64;
    let comments = (0..4_000).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("# {state:016x}\n")
    });
    let long = comments.collect::<String>() + BRIEF;
    let brief = folder.write("brief.toml", BRIEF);
    let old = record(&folder, "selector", &brief, &[]);
    let before = std::fs::read(&old).unwrap();
    let long = folder.write("long.toml", long);
    let line = ["selector", "--scenario", &long, "--ui", "none"];
    let line = [&line[..], &["--report", "json"]].concat();
    for file in [&new, &old] {
        let options = ["--record", file, "--record-limit", "16 KiB"];
        let finished = run(&[&line[..], &options].concat());
        assert_eq!(finished.code(), Some(0), "{finished:?}");
        let words = "its limit of 16 KiB has no room for what it begins with";
        let said = format!("sockscope: nothing recorded in {file}: {words}\n");
        assert_eq!(finished.stderr, said);
        let lacks = format!("nothing was recorded: {words}");
        assert_eq!(finished.report().text("/recording_incomplete"), lacks);
    }
    assert!(!Path::new(&new).exists());
    assert_eq!(std::fs::read(&old).unwrap(), before);
}
