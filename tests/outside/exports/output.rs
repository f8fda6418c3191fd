//! The file that an export is written to.

use super::language::{export, exported, recorded};
use crate::support::patience::wait_for;
use crate::support::process::{self, Folder, Program};
use nix::sys::signal::Signal;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

const FORMS: [&str; 3] = ["jsonl", "csv", "md"];

/// How many files there are in a folder.
fn files(folder: &str) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_signal_leaves_the_file_of_before() {
    let long = ["--framing", "bytes"];
    let (folder, file) = recorded("blocking", "starvation", &long);
    let place = folder.path("made");
    fs::create_dir(&place).unwrap();
    let page = folder.write("made/page.json", "precious");
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
    let (folder, file) = recorded("selector", "half-close", &[]);
    let place = folder.path("made");
    fs::create_dir(&place).unwrap();
    let table = format!("{place}/table");
    let link = folder.path("link");
    symlink(&table, &link).unwrap();
    for form in FORMS {
        fs::write(&table, "what was there before".repeat(9)).unwrap();
        let run = export(&file, form, &["-o", &link]);
        assert_eq!(run.expect_success().stdout, "");
        let written = fs::read_to_string(&table).unwrap();
        assert_eq!(written, exported(&file, form, &[]), "{form}");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(files(&place), 1);
    }
}

#[test]
fn a_part_behind_the_end_or_from_its_end_is_wrong_usage() {
    let (_folder, file) = recorded("selector", "half-close", &[]);
    for args in [
        &["export", &file, "--to", "md", "--from", "1h"][..],
        &["replay", &file, "--ui", "log", "--from", "1h"],
    ] {
        let run = process::run(args);
        assert_eq!((run.code(), &*run.stdout), (Some(2), ""), "{run:?}");
        assert!(run.stderr.contains("--from 60 min"), "{run:?}");
    }
    for form in ["jsonl", "perfetto"] {
        let run = export(&file, form, &["--from", "2s", "--until", "1s"]);
        assert_eq!(run.code(), Some(2), "{run:?}");
    }
}

#[test]
fn the_recording_is_never_written_over() {
    let (folder, file) = recorded("serial", "half-close", &[]);
    let before = fs::read(&file).unwrap();
    let (link, hard) = (folder.path("link"), folder.path("hard"));
    symlink(&file, &link).unwrap();
    fs::hard_link(&file, &hard).unwrap();
    for (name, form) in [&file, &link, &hard].into_iter().zip(FORMS) {
        let run = export(&file, form, &["-o", name]);
        assert_eq!(run.code(), Some(2), "{run:?}");
        assert!(run.stderr.contains("a file each"), "{run:?}");
        assert_eq!(fs::read(&file).unwrap(), before);
    }
}

#[test]
fn an_output_that_cannot_be_is_told_before_anything_is_read() {
    let folder = Folder::new("output-cannot");
    let garbage = folder.write("garbage", "garbage");
    let run = export(&garbage, "csv", &["-o", "/no/such/place"]);
    assert_eq!(run.code(), Some(1), "{run:?}");
    let expected = "sockscope: cannot write /no/such/place: no such file or \
                    directory\n";
    assert_eq!(run.stderr, expected);
    let output = folder.path("output");
    let run = export(&garbage, "csv", &["-o", &output]);
    assert_eq!(run.code(), Some(1), "{run:?}");
    assert!(!Path::new(&output).exists(), "nothing to write, no file");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let (_folder, file) = recorded("serial", "half-close", &[]);
    for form in FORMS {
        let run = export(&file, form, &["-o", "/dev/full"]);
        assert_eq!(run.code(), Some(1), "{run:?}");
        let expected = "sockscope: cannot write /dev/full: no storage space\n";
        assert_eq!(run.stderr, expected, "{form}");
    }
}
