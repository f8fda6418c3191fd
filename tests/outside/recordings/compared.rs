//! Recordings that are compared, with each other and with what runs.

use super::recorded;
use crate::support::process::{self, BRIEF, Finished, Folder};
use serde_json::Value;

/// What a comparison writes as JSON, and how it ended.
fn compared(folder: &Folder, args: &[&str]) -> (Finished, Value) {
    let json = folder.path("compared.json");
    let line = ["compare", "--ui", "none", "--report", "json", "-o", &json];
    let run = process::run(&[&line[..], args].concat());
    let text = std::fs::read_to_string(&json).unwrap_or_default();
    (run, serde_json::from_str(&text).unwrap_or_default())
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

/// A recording without what follows its last block of events.
fn cut(folder: &Folder, name: &str) -> String {
    let whole = std::fs::read(folder.path(name)).unwrap();
    let footer = &whole[whole.len() - 28..];
    let closing = u64::from_le_bytes(footer[..8].try_into().unwrap());
    let kept = &whole[..usize::try_from(closing).unwrap()];
    folder.write(&format!("cut-{name}"), kept)
}

/// The same figures and the same words as when they ran, two that are named
/// by their files' names, and a table of whatever form.
#[test]
fn recordings_are_compared_as_the_runs_were() {
    let folder = Folder::new("compared-again");
    let file = folder.path("run.rec");
    let (run, at_first) =
        compared(&folder, &["serial", "selector", "tasks", "--record", &file]);
    assert_eq!(run.code(), Some(0), "{run:?}");
    let modes = ["serial", "selector", "tasks"];
    let files = modes.map(|it| folder.path(&format!("run.{it}.rec")));
    let files = files.each_ref().map(String::as_str);
    let (run, again) = compared(&folder, &files);
    run.expect_success();
    assert_eq!(at_first["figures"], again["figures"]);
    assert_eq!(at_first["verdict"], again["verdict"]);
    let waited = sentences(&again, "verdict")[0];
    assert!(waited.contains("behind silent"), "{waited}");
    assert_eq!(again["warnings"], serde_json::json!([]));
    assert_eq!(again["differences"], serde_json::json!([]));
    assert_eq!(again["conditions"]["scenario"], "two-clients");
    for (place, file) in files.iter().enumerate() {
        let (one, other) = (&at_first["modes"][place], &again["modes"][place]);
        assert_eq!(one["report"], other["report"]);
        assert_eq!(one["recording"], Value::Null);
        assert_eq!(other["recording"]["file"], *file);
        assert_eq!(other["recording"]["beside"], serde_json::json!(modes));
        assert_eq!(other["recording"]["ended_early"], Value::Null);
    }
    for form in ["text", "markdown", "csv"] {
        let line = [&["compare", "--report", form], &files[..]].concat();
        let run = process::run(&line);
        let told = &run.expect_success().stdout;
        assert!(told.contains("run.tasks.rec"), "{told}");
        assert!(!told.contains("listening"), "{told}");
    }
}

#[test]
fn two_of_one_mode_are_told_apart_by_their_files_and_their_conditions() {
    let folder = Folder::new("compared-two");
    let brief = folder.write("brief.toml", BRIEF);
    let one = recorded(&folder, "selector", &brief, &[]);
    std::fs::rename(folder.path("selector.rec"), folder.path("before.rec"))
        .unwrap();
    recorded(&folder, "selector", &brief, &["--max-connections", "7"]);
    std::fs::rename(folder.path("selector.rec"), folder.path("after.rec"))
        .unwrap();
    let files = ["before.rec", "after.rec"].map(|it| folder.path(it));
    let files = files.each_ref().map(String::as_str);
    let (run, json) = compared(&folder, &files);
    run.expect_success();
    let said = sentences(&json, "verdict");
    assert!(said[0].starts_with("before: "), "{said:?}");
    assert!(said[1].contains("same answers as before"), "{said:?}");
    assert_eq!(condition(&json, "--max-connections"), ["none", "7"]);
    assert_eq!(json["modes"][1]["mode"], "selector");
    let started = one.header().started_at.as_str();
    assert_eq!(json["modes"][0]["recording"]["started_at"], started);
    // A third one, with too long a name to stand above a column.
    let long = folder.path("much-too-long-a-name.rec");
    std::fs::copy(files[0], &long).unwrap();
    let (_, json) = compared(&folder, &[files[0], &long, files[1]]);
    let names = json["modes"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["before", "selector 2", "after"]);
}

#[test]
fn of_different_scenarios_it_is_said_first_that_they_are() {
    let folder = Folder::new("compared-apart");
    let brief = folder.write("brief.toml", BRIEF);
    recorded(&folder, "tasks", &brief, &[]);
    recorded(&folder, "selector", "half-close", &[]);
    let files = ["tasks.rec", "selector.rec"].map(|it| folder.path(it));
    let files = files.each_ref().map(String::as_str);
    let (run, json) = compared(&folder, &files);
    run.expect_success();
    let warning = sentences(&json, "warnings")[0];
    let told = "(tasks: brief; selector: half-close)";
    assert!(warning.contains(told), "{warning}");
    assert_eq!(condition(&json, "scenario"), ["brief", "half-close"]);
    assert_eq!(json["conditions"]["scenario"], Value::Null);
    let said = sentences(&json, "verdict").concat();
    assert!(!said.contains("same answers"), "{said}");
    assert!(!said.contains("(in "), "{said}");
    let line = [&["compare"], &files[..]].concat();
    let text = process::run(&line).stdout;
    let lines: Vec<_> = text.lines().collect();
    let first = "tasks and selector: on different scenarios, from recordings.";
    assert_eq!(lines[0], first);
    assert!(lines[1].trim_start().starts_with("! Not all clients"), "{text}");
    assert!(lines.iter().all(|line| line.chars().count() <= 80));
}

#[test]
fn one_that_was_not_ended_has_its_counters_and_no_verdict() {
    let folder = Folder::new("compared-cut");
    let brief = folder.write("brief.toml", BRIEF);
    recorded(&folder, "tasks", &brief, &[]);
    let whole = recorded(&folder, "selector", &brief, &[]);
    let report = whole.closing().unwrap().report.clone().unwrap();
    let (tasks, selector) =
        (folder.path("tasks.rec"), cut(&folder, "selector.rec"));
    let (run, json) = compared(&folder, &[&tasks, &selector]);
    run.expect_success();
    let early = &json["modes"][1]["recording"]["ended_early"];
    let early = early.as_str().unwrap();
    assert!(early.starts_with("it ends at "), "{early}");
    assert!(early.contains("(at byte "), "{early}");
    assert_eq!(json["modes"][1]["report"], Value::Null);
    let said = sentences(&json, "verdict")[1];
    let words = "selector: not judged: of its recording, it ends at ";
    assert!(said.starts_with(words), "{said}");
    assert!(!said.contains("same"), "{said}");
    let calls = figure(&json, "calls", 1).as_f64();
    assert_eq!(calls, report["server"]["calls"].as_f64());
    assert_eq!(figure(&json, "echoes", 1), Value::Null, "not known");
    let text = process::run(&["compare", &tasks, &selector]).stdout;
    assert!(text.contains("; it ends at "), "{text}");
}

/// The failure of a run is one of the run.
#[test]
fn a_recording_of_a_failure_is_compared() {
    let folder = Folder::new("compared-failed");
    let file = folder.path("run.rec");
    let args = ["serial", "blocking", "--scenario", "boom"];
    let more = ["--errors", "dropped", "--record", &file];
    let (run, live) = compared(&folder, &[&args[..], &more].concat());
    assert_eq!(run.code(), Some(1), "{run:?}");
    let files = ["serial", "blocking"];
    let files = files.map(|it| folder.path(&format!("run.{it}.rec")));
    let files = files.each_ref().map(String::as_str);
    let (run, again) = compared(&folder, &files);
    run.expect_success();
    assert_eq!(live["verdict"], again["verdict"]);
    assert_eq!(live["figures"], again["figures"]);
    let failure = &again["modes"][0]["failure"];
    assert_eq!(live["modes"][0]["failure"], *failure);
    assert!(failure.as_str().unwrap().contains("boom"), "{failure}");
}

#[track_caller]
fn expect_refusal(args: &[&str], (code, words): (i32, &str)) {
    let run = process::run(&[&["compare"][..], args].concat());
    assert_eq!(run.code(), Some(code), "{run:?}");
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert_eq!(run.stdout, "");
}

#[test]
fn what_makes_no_sense_with_recordings_is_refused() {
    let folder = Folder::new("compared-refused");
    let brief = folder.write("brief.toml", BRIEF);
    recorded(&folder, "tasks", &brief, &[]);
    recorded(&folder, "selector", &brief, &[]);
    let files = ["tasks.rec", "selector.rec"].map(|it| folder.path(it));
    let [tasks, selector] = files.each_ref().map(String::as_str);
    expect_refusal(&[tasks], (2, "name a second recording"));
    let twice = folder.path("./tasks.rec");
    expect_refusal(&[tasks, &twice], (2, "is named twice"));
    expect_refusal(&[tasks, "no.rec"], (1, "cannot read no.rec: "));
    expect_refusal(&[tasks, &brief], (1, "is no recording of sockscope"));
    expect_refusal(&[tasks, "threads"], (2, "invalid value 'threads'"));
    let mixed = "modes are compared with modes, recordings with recordings";
    expect_refusal(&[tasks, "selector"], (2, mixed));
    let six = [tasks, selector, "serial", "blocking", "tasks", "selector"];
    expect_refusal(&six, (2, "at most 5 can be compared, not 6"));
    let only = "only recordings are compared";
    for option in [&["--scenario", "boom"][..], &["--in-turn"], &["--boom"]] {
        let args = [&[tasks, selector], option].concat();
        expect_refusal(&args, (2, only));
    }
    let over = [tasks, selector, "-o", selector];
    expect_refusal(&over, (2, "would be written over"));
    assert!(std::fs::metadata(selector).unwrap().len() > 1_000);
}
