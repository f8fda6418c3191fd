//! The recordings of a comparison, a file a mode.

use super::to_the_end;
use crate::support::process::MODES;
use crate::support::process::{self, Finished, Folder, Program, sockscope};
use nix::sys::signal::Signal;
use serde_json::Value;
use sockscope::probe::LineCount;
use sockscope::recording::Recording;
use std::path::Path;

fn of_mode(folder: &Folder, mode: &str) -> Recording {
    let path = folder.path(&format!("run.{mode}.rec"));
    Recording::open(Path::new(&path)).unwrap()
}

/// Compares with recordings, and reads the comparison as JSON.
fn compared(folder: &Folder, args: &[&str]) -> (Finished, Value) {
    let (file, json) = (folder.path("run.rec"), folder.path("compared.json"));
    let line = ["compare", "--ui", "none", "--record", &file];
    let report = ["--report", "json", "-o", &json];
    let run = process::run(&[&line[..], &report, args].concat());
    let text = std::fs::read_to_string(&json).unwrap();
    (run, serde_json::from_str(&text).unwrap())
}

/// Each is whole, has the report of the comparison in it, and its counters
/// are those of that report.
fn expect_whole(folder: &Folder, json: &Value, place: usize) {
    let result = &json["modes"][place];
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

#[test]
fn every_mode_has_a_file_of_its_own_with_the_figures_of_the_comparison() {
    let folder = Folder::new("compare-five");
    let (run, json) = compared(&folder, &["--scenario", "half-close"]);
    assert_eq!(run.code(), Some(0), "{run:?}");
    let lines: Vec<_> = run.stderr.lines().collect();
    for (place, mode) in MODES.iter().enumerate() {
        expect_whole(&folder, &json, place);
        let path = folder.path(&format!("run.{mode}.rec"));
        let told = format!("sockscope: recorded {path}: ");
        assert!(lines[place].starts_with(&told), "{lines:?}");
    }
    assert_eq!(lines.len(), 5);
    let headers = MODES.map(|mode| of_mode(&folder, mode).header().clone());
    for header in &headers {
        assert_eq!(header.beside, MODES);
        assert_eq!(header.started_at, headers[0].started_at, "one clock");
        assert!(header.facts.scenario.as_ref().unwrap().text.is_some());
        assert_eq!(header.options[0], "--ui", "the command is no option");
        assert_ne!(header.facts.address.port(), 0);
    }
    assert!(!Path::new(&folder.path("run.rec")).exists());
}

#[test]
fn in_turn_each_has_its_own_clock() {
    let folder = Folder::new("compare-turns");
    let brief = folder.write("brief.toml", process::BRIEF);
    let args = ["serial", "tasks", "--in-turn", "--scenario", &brief];
    let (run, json) =
        compared(&folder, &[&args[..], &["--payload", "2"]].concat());
    assert_eq!(run.code(), Some(0), "{run:?}");
    (0..2).for_each(|place| expect_whole(&folder, &json, place));
    let [first, second] = ["serial", "tasks"].map(|it| of_mode(&folder, it));
    assert_ne!(first.header().started_at, second.header().started_at);
    for it in [first, second] {
        assert!(it.header().beside.is_empty());
        assert_eq!(it.header().payload_limit, 2);
    }
}

#[test]
fn a_signal_in_the_middle_leaves_whole_recordings() {
    let folder = Folder::new("compare-signal");
    let (file, json) = (folder.path("run.rec"), folder.path("compared.json"));
    let line = ["compare", "--scenario", "none", "--ui", "log"];
    let record = ["--record", &file, "--report", "json", "-o", &json];
    let program = Program::spawn(sockscope(&[&line[..], &record].concat()));
    let _ = program.listening_line();
    program.signal(Signal::SIGINT);
    let run = program.finish();
    assert_eq!(run.code(), Some(0), "{run:?}");
    let text = std::fs::read_to_string(&json).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    for (place, mode) in MODES.iter().enumerate() {
        expect_whole(&folder, &json, place);
        let closing = of_mode(&folder, mode).closing().unwrap().clone();
        assert_eq!(closing.report.unwrap()["outcome"], "SIGINT");
    }
}

#[test]
fn a_mode_that_fails_leaves_a_whole_recording_with_the_cause() {
    let folder = Folder::new("compare-fails");
    let args = ["serial", "blocking", "--scenario", "boom"];
    let (run, json) =
        compared(&folder, &[&args[..], &["--errors", "dropped"]].concat());
    assert_eq!(run.code(), Some(1), "{run:?}");
    (0..2).for_each(|place| expect_whole(&folder, &json, place));
    let failed = of_mode(&folder, "serial").closing().unwrap().clone();
    assert!(failed.failure.unwrap().contains("boom"));
    let fine = of_mode(&folder, "blocking").closing().unwrap().clone();
    assert_eq!(fine.failure, None);
}

/// Who never had a turn leaves no file, and no old one undone.
#[test]
fn a_mode_that_never_runs_records_nothing() {
    let folder = Folder::new("compare-never");
    let file = folder.path("run.rec");
    let old = folder.write("run.selector.rec", "precious");
    let line = ["compare", "serial", "selector", "tasks", "--in-turn"];
    let more = ["--scenario", "none", "--ui", "log", "--record", &file];
    let program = Program::spawn(sockscope(&[&line[..], &more].concat()));
    let _ = program.listening_line();
    program.signal(Signal::SIGINT);
    let run = program.finish();
    assert_eq!(run.code(), Some(0), "{run:?}");
    assert!(of_mode(&folder, "serial").closing().is_some());
    assert_eq!(std::fs::read_to_string(&old).unwrap(), "precious");
    let new = folder.path("run.tasks.rec");
    assert!(!Path::new(&new).exists());
    let told = format!("nothing recorded in {new}: tasks was not run\n");
    assert!(run.stderr.ends_with(&told), "{}", run.stderr);
}

#[test]
fn what_cannot_be_written_is_found_out_before_the_runs() {
    let folder = Folder::new("compare-unwritable");
    std::fs::create_dir(folder.path("run.tasks.rec")).unwrap();
    let file = folder.path("run.rec");
    let line = ["compare", "serial", "tasks", "--record", &file];
    let run = process::run(&line);
    assert_eq!((run.code(), &*run.stdout), (Some(1), ""), "{run:?}");
    assert!(run.stderr.contains("run.tasks.rec: "), "{run:?}");
    assert!(!Path::new(&folder.path("run.serial.rec")).exists());
    let output = folder.path("run.serial.rec");
    let run = process::run(&[&line[..], &["-o", &output]].concat());
    assert_eq!((run.code(), &*run.stdout), (Some(2), ""), "{run:?}");
    let words = "the recording and the summary need a file each";
    assert!(run.stderr.contains(words), "{run:?}");
}
