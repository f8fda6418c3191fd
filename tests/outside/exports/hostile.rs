//! Files that are no recordings, and recordings that say what does harm.

use super::drawn::written_of;
use super::language::{export, exported, lines, of_kind};
use super::ways::{WAYS, expect_verdict, run_way};
use crate::support::process::{Finished, Folder, record};
use sockscope::probe::{Event, Kind, Note, Outcome, Site, SocketId, ThreadId};
use sockscope::recording::{Header, Recording, VERSION};
use sockscope::view::{Facts, Named, Observation, ScenarioText};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// Every way refuses the file in these words, and prints nothing.
#[track_caller]
fn expect_refusal(file: &str, words: &str) {
    for way in WAYS {
        let run = run_way(way, file);
        expect_verdict(&run, file);
        assert_eq!(run.code(), Some(1), "{way:?}: {run:?}");
        assert_eq!(run.stdout, "", "{way:?}");
        let expected = format!("sockscope: cannot read {file}: {words}\n");
        assert_eq!(run.stderr, expected, "{way:?}");
    }
}

#[test]
fn what_is_not_there_or_no_file_is_refused_by_name() {
    let folder = Folder::new("hostile-none");
    let words = "cannot be read at byte 0: no such file or directory";
    expect_refusal(&folder.path("missing.rec"), words);
    let words = "is a directory, not a file (at byte 0)";
    expect_refusal(&folder.path(""), words);
    for device in ["/dev/null", "/dev/zero"] {
        let words = "is a device or pipe, not a file (at byte 0)";
        expect_refusal(device, words);
    }
}

/// It would be waited for until somebody writes to it.
#[test]
fn a_pipe_is_not_waited_for() {
    let folder = Folder::new("hostile-pipe");
    let pipe = folder.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let words = "is a device or pipe, not a file (at byte 0)";
    expect_refusal(&pipe, words);
}

#[test]
fn what_somebody_else_wrote_is_no_recording() {
    let folder = Folder::new("hostile-foreign");
    let foreign: [(&str, &[u8]); 5] = [
        ("empty", b""),
        ("text", b"Dear diary,\nnobody waited for anybody today.\n"),
        ("png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00"),
        ("almost", b"sockscopE\r\n\x1a\x01\x00\x00\x00"),
        ("zeros", &[0; 4096]),
    ];
    for (name, bytes) in foreign {
        let file = folder.write(name, bytes);
        let words = "is no recording of sockscope (at byte 0)";
        expect_refusal(&file, words);
    }
}

#[test]
fn a_newer_format_is_refused_by_its_writer() {
    let folder = Folder::new("hostile-newer");
    let file = record(&folder, "serial", "half-close", &[]);
    let mut bytes = fs::read(&file).unwrap();
    let newer = VERSION + 1;
    bytes[12..14].copy_from_slice(&newer.to_le_bytes());
    fs::write(&file, bytes).unwrap();
    let by = env!("CARGO_PKG_VERSION");
    let words = format!(
        "is in format {newer}, written by sockscope {by}; this sockscope \
         reads up to format {VERSION} (at byte 12)"
    );
    expect_refusal(&file, &words);
}

/// Root may read everything.
#[test]
fn what_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new("hostile-permission");
    let file = record(&folder, "serial", "half-close", &[]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&file).is_err() {
        expect_refusal(&file, "cannot be read at byte 0: permission denied");
    }
}

// ---- Where it is written to -----------------------------------------------

#[test]
fn the_recording_is_never_written_over() {
    let folder = Folder::new("hostile-onto");
    let file = record(&folder, "serial", "half-close", &[]);
    let before = fs::read(&file).unwrap();
    let (link, hard) = (folder.path("link"), folder.path("hard"));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    fs::hard_link(&file, &hard).unwrap();
    for name in [&file, &link, &hard] {
        for form in ["jsonl", "csv", "md"] {
            let run = export(&file, form, &["-o", name]);
            assert_eq!(run.code(), Some(2), "{run:?}");
            assert!(run.stderr.contains("a file each"), "{run:?}");
            assert_eq!(fs::read(&file).unwrap(), before);
        }
    }
}

#[test]
fn an_output_that_cannot_be_is_told_before_anything_is_read() {
    let folder = Folder::new("hostile-output");
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
    let folder = Folder::new("hostile-full");
    let file = record(&folder, "serial", "half-close", &[]);
    for form in ["jsonl", "csv", "md"] {
        let run = export(&file, form, &["-o", "/dev/full"]);
        assert_eq!(run.code(), Some(1), "{run:?}");
        let expected = "sockscope: cannot write /dev/full: no storage space\n";
        assert_eq!(run.stderr, expected, "{form}");
    }
}

#[test]
fn a_file_has_what_standard_output_would_have() {
    let folder = Folder::new("hostile-same");
    let file = record(&folder, "tasks", "half-close", &[]);
    for form in ["jsonl", "csv", "md"] {
        let output = folder.write("output", "what was there before".repeat(9));
        let run = export(&file, form, &["-o", &output]);
        assert_eq!(run.expect_success().stdout, "");
        let written = fs::read_to_string(&output).unwrap();
        assert_eq!(written, exported(&file, form, &[]), "{form}");
    }
}

// ---- What recordings say --------------------------------------------------

/// What spreadsheets compute, terminals obey, tables break at.
const HARMFUL: [&str; 6] = [
    "=cmd|' /C calc'!A0",
    "@SUM(1)|\"a\",b\r\nc",
    "+1\u{1b}[2J\u{9b}2J",
    "-1\u{202e}<script>",
    "\t=1+1",
    "`*_[x](javascript:1)",
];

/// A recording whose clients and source files are called so.
fn harmful(folder: &Folder) -> String {
    let file = record(folder, "selector", "half-close", &[]);
    let header = Recording::open(Path::new(&file)).unwrap().header().clone();
    let harm = HARMFUL.join(" ");
    let scenario = header.facts.scenario.map(|it| ScenarioText {
        name: harm.clone(),
        title: harm.clone(),
        text: it.text,
    });
    let options = HARMFUL.map(str::to_owned).to_vec();
    let conditions = header.conditions;
    let facts = Facts { scenario, ..header.facts };
    let header = Header { facts, options, conditions, ..header };
    let observed = (1..).zip(HARMFUL).flat_map(|(n, text)| {
        let address = SocketAddr::from(([127, 0, 0, 1], n));
        let named = Named { address, name: text.into() };
        let (socket, thread) = (SocketId(n.into()), ThreadId(0));
        let at = |ns| Duration::from_nanos(ns).into();
        let note = Note::Opened { socket, peer: Some(address) };
        let opened = Event::Note { at: at(5), thread, note };
        let read = Event::Exit {
            entered: at(6),
            at: at(8),
            thread,
            kind: Kind::Read,
            socket,
            site: Site { file: text, line: 3 },
            outcome: Outcome::Bytes(1),
            pending: 0,
            unframed: 0,
            echoed: 0,
        };
        let [opened, read] = [opened, read].map(Observation::Event);
        [Observation::Named(named), opened, read]
    });
    let bytes = written_of(&header, observed, &HARMFUL.concat());
    folder.write("harmful.rec", bytes)
}

/// What steers a terminal, line ends aside.
fn steers(c: char) -> bool {
    !matches!(c, '\r' | '\n') && sockscope::text::steers(c)
}

#[test]
fn a_sheet_computes_nothing_and_keeps_its_cells() {
    let folder = Folder::new("harmful-csv");
    let file = harmful(&folder);
    let text = exported(&file, "csv", &[]);
    assert!(!text.contains(steers), "{text}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2 * HARMFUL.len());
    for cell in rows.iter().flat_map(csv::StringRecord::iter) {
        let computes = cell.trim_start().starts_with(['=', '+', '-', '@']);
        assert!(!computes, "{cell}");
    }
    assert!(text.contains("'=cmd|' /C calc'!A0"), "{text}");
}

#[test]
fn names_read_back_from_json_as_they_were() {
    let folder = Folder::new("harmful-json");
    let file = harmful(&folder);
    let text = exported(&file, "jsonl", &[]);
    assert!(!text.contains(steers), "{text}");
    let lines = lines(&text);
    let told = of_kind(&lines, "named");
    let names = told.iter().map(|it| it["name"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), HARMFUL);
    let reads = of_kind(&lines, "event").into_iter();
    let reads = reads.filter(|it| it["event"] == "exit");
    let names = reads.map(|it| it["name"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), HARMFUL);
    let failure = &lines.last().unwrap()["failure"];
    assert_eq!(*failure, HARMFUL.concat());
}

#[test]
fn a_summary_is_text_and_its_tables_hold() {
    let folder = Folder::new("harmful-md");
    let page = exported(&harmful(&folder), "md", &[]);
    assert!(!page.contains(steers), "{page}");
    assert!(!page.replace("\\<", "").contains('<'), "{page}");
    assert!(!page.replace("\\[", "").contains('['), "{page}");
    for table in page.split("\n\n").filter(|it| it.starts_with('|')) {
        let plain = table.replace("\\\\", "").replace("\\|", "");
        let mut widths = plain.lines().map(|row| row.matches('|').count());
        let first = widths.next().unwrap();
        assert!(widths.all(|width| width == first), "{table}");
    }
}

/// A file's own name is shown, too.
#[test]
fn a_harmful_name_of_a_file_steers_nothing() {
    let folder = Folder::new("harmful-name");
    let file = record(&folder, "serial", "half-close", &[]);
    let bytes = fs::read(&file).unwrap();
    let name = folder.write("a\u{1b}[2J|<b>\u{202e}.rec", &bytes[..3000]);
    let missing = folder.path("b\u{1b}[2J.rec");
    for way in WAYS {
        let Finished { stdout, stderr, .. } = run_way(way, &name);
        // The others are not for terminals.
        let is_text = !["perfetto", "svg", "html"].contains(&way.1[1]);
        let is_safe = !is_text || !stdout.contains(steers);
        assert!(is_safe, "{way:?}: {stdout:?}");
        assert!(!stderr.contains(steers), "{way:?}: {stderr:?}");
        let run = run_way(way, &missing);
        assert!(!run.stderr.contains(steers), "{run:?}");
    }
}
