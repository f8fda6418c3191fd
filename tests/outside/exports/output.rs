//! The file that an export is written to.

use crate::support::patience::wait_for;
use crate::support::process::{self, Folder, Program, record};
use nix::sys::signal::Signal;
use std::fs;

/// How many files there are in a folder.
fn files(folder: &str) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_signal_leaves_the_file_of_before() {
    let folder = Folder::new("output-signal");
    let long = ["--framing", "bytes"];
    let file = record(&folder, "blocking", "starvation", &long);
    let place = folder.path("made");
    fs::create_dir(&place).unwrap();
    let page = format!("{place}/page.json");
    fs::write(&page, "precious").unwrap();
    let args = ["export", &file, "--to", "perfetto", "-o", &page];
    let program = Program::spawn(process::sockscope(&args));
    wait_for("it is being written", || files(&place) == 2);
    program.signal(Signal::SIGINT);
    let run = program.finish();
    assert_eq!(run.code(), Some(130), "{run:?}");
    assert_eq!(fs::read_to_string(&page).unwrap(), "precious");
    assert_eq!(files(&place), 1, "half of a file was left");
}

#[test]
fn a_file_is_replaced_when_it_is_whole() {
    let folder = Folder::new("output-whole");
    let file = record(&folder, "selector", "half-close", &[]);
    let place = folder.path("made");
    fs::create_dir(&place).unwrap();
    let table = format!("{place}/table.csv");
    fs::write(&table, "old").unwrap();
    let link = folder.path("link.csv");
    std::os::unix::fs::symlink(&table, &link).unwrap();
    let args = ["export", &file, "--to", "csv", "-o", &link];
    process::run(&args).expect_success();
    assert!(fs::read_to_string(&table).unwrap().starts_with("number,"));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(files(&place), 1);
}

#[test]
fn a_part_behind_the_end_is_wrong_usage() {
    let folder = Folder::new("output-behind");
    let file = record(&folder, "selector", "half-close", &[]);
    for args in [
        &["export", &file, "--to", "md", "--from", "1h"][..],
        &["replay", &file, "--ui", "log", "--from", "1h"],
    ] {
        let run = process::run(args);
        assert_eq!((run.code(), &*run.stdout), (Some(2), ""), "{run:?}");
        assert!(run.stderr.contains("--from 60 min"), "{}", run.stderr);
    }
}
