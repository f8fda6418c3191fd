//! The file that an export is written to.

use super::language::Recorded;
use crate::support::patience::wait_for;
use crate::support::process::{self, Program};
use nix::sys::signal::Signal;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

const FORMS: [&str; 3] = ["jsonl", "csv", "md"];

/// A folder beside a recording.
fn place_beside(run: &Recorded) -> String {
    let place = run.folder.path("made");
    fs::create_dir(&place).unwrap();
    place
}

/// How many files there are in a folder.
fn files(folder: &str) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_signal_leaves_the_file_of_before() {
    let long = ["--framing", "bytes"];
    let run = Recorded::new("blocking", "starvation", &long);
    let place = place_beside(&run);
    let page = run.folder.write("made/page.json", "# sockscope: of before\n");
    let args = ["export", &run.file, "--to", "perfetto", "-o", &page];
    let program = Program::spawn(process::sockscope(&args));
    wait_for("it is being written", || files(&place) == 2);
    program.signal(Signal::SIGINT);
    let ended = program.finish();
    assert_eq!(ended.code(), Some(130), "{ended:?}");
    assert_eq!(fs::read_to_string(&page).unwrap(), "# sockscope: of before\n");
    assert_eq!(files(&place), 1, "half of a file was left");
}

#[test]
fn a_file_is_replaced_when_it_is_whole() {
    let run = Recorded::new("selector", "half-close", &[]);
    let place = place_beside(&run);
    let table = format!("{place}/table");
    let link = run.folder.path("link");
    symlink(&table, &link).unwrap();
    for form in FORMS {
        fs::write(&table, "# sockscope: before\n".repeat(9)).unwrap();
        assert_eq!(run.text(form, &["-o", &link]), "");
        let written = fs::read_to_string(&table).unwrap();
        assert_eq!(written, run.text(form, &[]), "{form}");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(files(&place), 1);
    }
}

#[test]
fn the_recording_is_never_written_over() {
    let run = Recorded::new("serial", "half-close", &[]);
    let before = fs::read(&run.file).unwrap();
    let [link, hard] = ["link", "hard"].map(|it| run.folder.path(it));
    symlink(&run.file, &link).unwrap();
    fs::hard_link(&run.file, &hard).unwrap();
    for (name, form) in [&run.file, &link, &hard].into_iter().zip(FORMS) {
        let refused = run.export(form, &["-o", name]);
        assert_eq!(refused.code(), Some(2), "{refused:?}");
        assert!(refused.stderr.contains("are the same file"), "{refused:?}");
        assert_eq!(fs::read(&run.file).unwrap(), before);
    }
}

#[test]
fn an_output_that_cannot_be_is_reported_before_anything_is_read() {
    let garbage = Recorded::of_bytes("garbage", b"garbage");
    let (none, output) = ("/no/such/place", garbage.folder.path("output"));
    for (path, words) in [
        (
            none,
            "cannot write /no/such/place: no such file or directory; its folder \
          does not exist\n",
        ),
        (
            &output,
            "it is no recording of sockscope; `--record FILE` makes one\n",
        ),
    ] {
        let run = garbage.export("csv", &["-o", path]);
        assert_eq!(run.code(), Some(1), "{run:?}");
        assert!(run.stderr.ends_with(words), "{run:?}");
        assert!(!Path::new(path).exists(), "nothing to write, no file");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported() {
    let recorded = Recorded::new("serial", "half-close", &[]);
    for form in FORMS {
        let run = recorded.export(form, &["-o", "/dev/full"]);
        let expected = "sockscope: cannot write /dev/full: no storage space\n";
        assert_eq!((run.code(), &*run.stderr), (Some(1), expected), "{form}");
    }
}
