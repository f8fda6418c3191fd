//! Comparisons that are recorded, a file a mode, and recordings that are
//! compared.

use super::to_the_end;
use crate::support::process::{
    BRIEF, Finished, Folder, MODES, Program, sockscope,
};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use sockscope::probe::LineCount;
use sockscope::recording::Recording;
use std::fs;
use std::path::Path;

/// Starts the program with these words in the folder.
fn start(folder: &Folder, words: &str) -> Program {
    let words: Vec<_> = words.split_whitespace().collect();
    let mut command = sockscope(&words);
    command.current_dir(folder.path(""));
    Program::spawn(command)
}

fn run(folder: &Folder, words: &str) -> Finished {
    start(folder, words).finish()
}

const AS_JSON: &str = "--report json -o compared.json";

/// Compares, and reads the comparison as JSON.
fn compared(folder: &Folder, words: &str) -> (Finished, Value) {
    let run = run(folder, &format!("compare --ui none {AS_JSON} {words}"));
    (run, written(folder))
}

fn written(folder: &Folder) -> Value {
    let text = fs::read_to_string(folder.path("compared.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Records a run of the scenario of one word, or of another.
#[track_caller]
fn recorded(folder: &Folder, name: &str, mode: &str, words: &str) -> Recording {
    folder.write("brief.toml", BRIEF);
    let words = format!(
        "{mode} --ui none --record {name}.rec --scenario ./brief.toml {words}"
    );
    let run = run(folder, &words);
    assert_eq!(run.code(), Some(0), "{run:?}");
    open(folder, name)
}

fn open(folder: &Folder, name: &str) -> Recording {
    Recording::open(Path::new(&folder.path(&format!("{name}.rec")))).unwrap()
}

fn of_mode(folder: &Folder, mode: &str) -> Recording {
    open(folder, &format!("run.{mode}"))
}

fn sentences<'a>(json: &'a Value, list: &str) -> Vec<&'a str> {
    let sentences = json[list].as_array().unwrap().iter();
    sentences.map(|it| it.as_str().unwrap()).collect()
}

/// The values of a condition that differs; none if it does not.
fn condition<'a>(json: &'a Value, name: &str) -> Vec<&'a str> {
    let rows = json["differences"].as_array().unwrap();
    let row = rows.iter().find(|it| it["name"] == name);
    row.map_or(Vec::new(), |row| sentences(row, "values"))
}

fn figure(json: &Value, name: &str, place: usize) -> Value {
    let rows = json["figures"].as_array().unwrap();
    let row = rows.iter().find(|it| it["name"] == name).unwrap();
    row["values"][place]["value"].clone()
}

/// Each is whole, has the report of the comparison in it, and its counters
/// are those of that report.
#[track_caller]
fn expect_whole(folder: &Folder, json: &Value) {
    for result in json["modes"].as_array().unwrap() {
        let mode = result["name"].as_str().unwrap();
        let recording = of_mode(folder, mode);
        assert_eq!(recording.header().facts.mode, mode);
        let closing = recording.closing().expect("it is complete");
        assert_eq!(closing.report.as_ref(), Some(result), "{mode}");
        assert_eq!(closing.events, recording.events());
        let end = to_the_end(&recording);
        let counted = end.known().counters.clone();
        let calls: u64 = counted.lines.iter().map(LineCount::calls).sum();
        assert_eq!(result["server"]["calls"], calls, "{mode}");
    }
}

/// Every mode has a file of its own, from which a comparison has the same
/// figures and the same words as when they ran.
#[test]
fn recordings_are_compared_as_the_runs_were() {
    let folder = Folder::new("compare-again");
    let modes = ["serial", "selector", "tasks"];
    let names = modes.map(|mode| format!("run.{mode}.rec"));
    let (run_live, live) =
        compared(&folder, &format!("--record run.rec {}", modes.join(" ")));
    assert_eq!(run_live.code(), Some(0), "{run_live:?}");
    expect_whole(&folder, &live);
    let lines = run_live.stderr.lines();
    assert_eq!(lines.clone().count(), 3, "{run_live:?}");
    for (line, name) in lines.zip(&names) {
        let words = format!("sockscope: recorded {name}: ");
        assert!(line.starts_with(&words), "{line}");
    }
    let headers = modes.map(|mode| of_mode(&folder, mode).header().clone());
    for header in &headers {
        assert_eq!(header.beside, modes);
        assert_eq!(header.started_at, headers[0].started_at, "one clock");
        assert!(header.facts.scenario.as_ref().unwrap().text.is_some());
        assert_eq!(header.options[0], "--ui", "the command is no option");
        assert_ne!(header.facts.address.port(), 0);
    }
    assert!(!Path::new(&folder.path("run.rec")).exists());

    let names_in_line = names.join(" ");
    let (again, json) = compared(&folder, &names_in_line);
    again.expect_success();
    assert_eq!(live["figures"], json["figures"]);
    assert_eq!(live["verdict"], json["verdict"]);
    let waited = sentences(&json, "verdict")[0];
    assert!(waited.contains("behind silent"), "{waited}");
    assert_eq!(json["warnings"], json!([]));
    assert_eq!(json["differences"], json!([]));
    assert_eq!(json["conditions"]["scenario"], "two-clients");
    for (place, name) in names.iter().enumerate() {
        let mut other = json["modes"][place].clone();
        assert_eq!(other["recording"]["file"], *name);
        assert_eq!(other["recording"]["ended_early"], Value::Null);
        assert_eq!(other["conditions"]["beside"], json!(modes));
        other["recording"] = Value::Null;
        assert_eq!(live["modes"][place], other);
    }
    for form in ["text", "markdown", "csv"] {
        let words = format!("compare --report {form} {names_in_line}");
        let run = run(&folder, &words);
        let text = &run.expect_success().stdout;
        assert!(text.contains("run.tasks.rec"), "{text}");
        assert!(!text.contains("listening"), "{text}");
    }
}

#[test]
fn in_turn_each_has_its_own_clock() {
    let folder = Folder::new("compare-turns");
    folder.write("brief.toml", BRIEF);
    let words = "serial tasks --in-turn --scenario ./brief.toml --payload 2";
    let (run, json) = compared(&folder, &format!("--record run.rec {words}"));
    assert_eq!(run.code(), Some(0), "{run:?}");
    expect_whole(&folder, &json);
    let [first, second] = ["serial", "tasks"].map(|it| of_mode(&folder, it));
    assert_ne!(first.header().started_at, second.header().started_at);
    for it in [first, second] {
        assert!(it.header().beside.is_empty());
        assert_eq!(it.header().payload_limit, 2);
    }
    let words = "selector tasks --scenario none --duration 50ms";
    let (run, json) = compared(&folder, &format!("--record run.rec {words}"));
    assert_eq!(run.code(), Some(0), "{run:?}");
    expect_whole(&folder, &json);
}

/// Starts a comparison and stops it while it waits for clients.
fn interrupted(folder: &Folder, words: &str) -> Finished {
    let words =
        format!("compare --scenario none --ui log --record run.rec {words}");
    let program = start(folder, &words);
    let _ = program.listening_line();
    program.signal(Signal::SIGINT);
    let run = program.finish();
    assert_eq!(run.code(), Some(0), "{run:?}");
    run
}

#[test]
fn a_signal_in_the_middle_leaves_whole_recordings() {
    let folder = Folder::new("compare-signal");
    interrupted(&folder, AS_JSON);
    expect_whole(&folder, &written(&folder));
    for mode in MODES {
        let closing = of_mode(&folder, mode).closing().unwrap().clone();
        assert_eq!(closing.report.unwrap()["outcome"], "SIGINT");
    }
}

/// A mode that never had its turn leaves no file, and no old one undone.
#[test]
fn a_mode_that_never_runs_records_nothing() {
    let folder = Folder::new("compare-never");
    // The start of a recording, which another one may replace.
    let precious = "sockscope\r\n\u{1a}precious";
    let old = folder.write("run.selector.rec", precious);
    let run = interrupted(&folder, "serial selector tasks --in-turn");
    assert!(of_mode(&folder, "serial").closing().is_some());
    assert_eq!(fs::read_to_string(&old).unwrap(), precious);
    assert!(!Path::new(&folder.path("run.tasks.rec")).exists());
    let words = "nothing recorded in run.tasks.rec: tasks was not run\n";
    assert!(run.stderr.ends_with(words), "{}", run.stderr);
}

/// The failure of a run is one of the run, and of its recording.
#[test]
fn a_mode_that_fails_leaves_a_whole_recording_with_the_cause() {
    let folder = Folder::new("compare-fails");
    let words = "serial blocking --scenario boom --errors dropped";
    let (run, live) = compared(&folder, &format!("--record run.rec {words}"));
    assert_eq!(run.code(), Some(1), "{run:?}");
    expect_whole(&folder, &live);
    let [failed, fine] = ["serial", "blocking"]
        .map(|mode| of_mode(&folder, mode).closing().unwrap().failure.clone());
    assert!(failed.unwrap().contains("boom"));
    assert_eq!(fine, None);
    let (run, again) = compared(&folder, "run.serial.rec run.blocking.rec");
    run.expect_success();
    for part in ["verdict", "figures"] {
        assert_eq!(live[part], again[part]);
    }
    let failure = &again["modes"][0]["failure"];
    assert_eq!(live["modes"][0]["failure"], *failure);
    assert!(failure.as_str().unwrap().contains("boom"), "{failure}");
}

#[test]
fn two_of_one_mode_are_told_apart_by_their_files_and_their_conditions() {
    let folder = Folder::new("compare-two");
    let before = recorded(&folder, "before", "selector", "");
    recorded(&folder, "after", "selector", "--max-connections 7");
    let (run, json) = compared(&folder, "before.rec after.rec");
    run.expect_success();
    let said = sentences(&json, "verdict");
    assert!(said[0].starts_with("before: "), "{said:?}");
    assert!(said[1].contains("same answers as before"), "{said:?}");
    assert_eq!(condition(&json, "--max-connections"), ["none", "7"]);
    assert_eq!(json["modes"][1]["conditions"]["mode"], "selector");
    let started = json["modes"][0]["conditions"]["started_at"].as_str();
    let started = started.unwrap().trim_end_matches('Z');
    assert!(before.header().started_at.starts_with(started), "{started}");
    // A third one, with too long a name to stand above a column.
    let long = folder.path("much-too-long-a-name.rec");
    fs::copy(folder.path("before.rec"), long).unwrap();
    let files = "before.rec much-too-long-a-name.rec after.rec";
    let (_, json) = compared(&folder, files);
    let names = json["modes"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["before", "selector 2", "after"]);
}

#[test]
fn one_that_was_not_ended_has_its_counters_and_no_verdict() {
    let folder = Folder::new("compare-cut");
    recorded(&folder, "tasks", "tasks", "");
    let whole = recorded(&folder, "selector", "selector", "");
    let report = whole.closing().unwrap().report.clone().unwrap();
    // Without what follows the last block of events.
    crate::exports::cut_short(&folder.path("selector.rec"));
    let (in_json, json) = compared(&folder, "tasks.rec selector.rec");
    in_json.expect_success();
    let early = &json["modes"][1]["recording"]["ended_early"];
    let early = early.as_str().unwrap();
    assert!(early.starts_with("it ends at "), "{early}");
    assert!(early.contains("(at byte "), "{early}");
    assert_eq!(json["modes"][1]["clients"], Value::Null);
    let said = sentences(&json, "verdict")[1];
    let words = "selector: not judged: of its recording, it ends at ";
    assert!(said.starts_with(words), "{said}");
    assert!(!said.contains("same"), "{said}");
    // As many calls as in tasks would be no figure that differs.
    assert_eq!(json["modes"][1]["server"]["calls"], report["server"]["calls"]);
    assert_eq!(figure(&json, "echoes", 1), Value::Null, "not known");
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_runs() {
    let folder = Folder::new("compare-refused");
    recorded(&folder, "tasks", "tasks", "");
    recorded(&folder, "selector", "selector", "");
    fs::create_dir(folder.path("run.tasks.rec")).unwrap();
    let two = "tasks.rec selector.rec";
    let mixed = "modes are compared with modes, recordings with recordings";
    let only = "only recordings are compared";
    let own = "and the result run.serial.rec are the same file";
    for (words, code, error) in [
        ("tasks.rec", 2, "name a second recording"),
        ("tasks.rec ./tasks.rec", 2, "is named twice"),
        ("tasks.rec no.rec", 1, "cannot read no.rec: "),
        ("tasks.rec ./brief.toml", 1, "is no recording of sockscope"),
        ("tasks.rec threads", 2, "invalid value 'threads'"),
        ("tasks.rec selector", 2, mixed),
        (
            &format!("{two} serial blocking tasks selector"),
            2,
            "at most 5 can be compared, not 6",
        ),
        (&format!("{two} --scenario boom"), 2, only),
        (&format!("{two} --in-turn"), 2, only),
        (&format!("{two} --boom"), 2, only),
        (&format!("{two} -o selector.rec"), 2, "are the same file"),
        ("serial tasks --record run.rec", 1, "run.tasks.rec: "),
        ("serial tasks --record run.rec -o run.serial.rec", 2, own),
    ] {
        let run = run(&folder, &format!("compare {words}"));
        assert_eq!((run.code(), &*run.stdout), (Some(code), ""), "{run:?}");
        assert!(run.stderr.contains(error), "{}", run.stderr);
    }
    assert!(fs::metadata(folder.path("selector.rec")).unwrap().len() > 1_000);
    assert!(!Path::new(&folder.path("run.serial.rec")).exists());
}
