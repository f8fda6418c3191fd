//! Recordings that were cut, that are damaged, that are large, and readers
//! that go away.

use super::drawn::{busy, cut_short, data, written};
use super::language::{
    WAYS, Way, expect_verdict, export, lines, of_kind, recorded, run_way,
};
use super::perfetto::{expect_figures, expected, returned};
use super::trace_event::Trace;
use crate::support::patience::wait_for;
use crate::support::process::{Finished, Folder, MODES, Server, sockscope};
use nix::sys::signal::Signal;
use serde_json::Value;
use sockscope::recording::{Ending, Recording};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

/// A file is cut at this many places, and changed at as many.
const PLACES: usize = 200;

/// A whole recording, what each way makes of it, and where to put another.
struct Whole {
    bytes: Vec<u8>,
    made: Vec<(Way, Finished)>,
    file: String,
    _folder: Folder,
}

impl Whole {
    fn new() -> Self {
        let (folder, file) = recorded("selector", "two-clients", &[]);
        let made = WAYS.map(|way| (way, run_way(way, &file)));
        for (_, run) in &made {
            run.expect_success();
        }
        let bytes = fs::read(&file).unwrap();
        Self { bytes, made: made.into(), file, _folder: folder }
    }

    /// Numbered places all over the file, its beginning and its end among
    /// them.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let last = self.bytes.len() - 1;
        (0..PLACES).map(move |it| (it, it * last / (PLACES - 1)))
    }

    /// Reads other bytes: what is not complained of is as it was. The forms
    /// for programs read all of the places, the others take turns.
    #[track_caller]
    fn expect_verdicts(&self, bytes: &[u8], place: usize) -> Vec<Finished> {
        fs::write(&self.file, bytes).unwrap();
        let ways = [0, 1, 2 + place % (WAYS.len() - 2)];
        let verdict = |number: usize| {
            let (way, whole) = &self.made[number];
            let run = run_way(*way, &self.file);
            expect_verdict(&run, &self.file);
            if run.stderr.is_empty() {
                let same = sizeless(&run.stdout) == sizeless(&whole.stdout);
                assert!(same, "{way:?} at {place}");
            }
            run
        };
        ways.map(verdict).into()
    }
}

/// Without the file's size, which a cut behind the closing changes.
fn sizeless(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with("| size |")).collect()
}

/// The events of a recording; a client may have got its name behind a cut.
fn events_without_names(lines: &[Value]) -> Vec<Value> {
    let mut events: Vec<_> =
        of_kind(lines, "event").into_iter().cloned().collect();
    for event in &mut events {
        event.as_object_mut().unwrap().remove("name");
    }
    events
}

/// What was cut off is missing, and nothing else.
#[test]
fn a_file_that_was_cut_is_read_up_to_there() {
    let whole = Whole::new();
    let all = events_without_names(&lines(&whole.made[0].1.stdout));
    let header = Recording::of_bytes(whole.bytes.clone()).unwrap();
    let first = header.blocks()[0].offset;
    for (number, place) in whole.places() {
        let runs = whole.expect_verdicts(&whole.bytes[..place], number);
        let expected = Some(i32::from((place as u64) < first));
        for run in &runs {
            assert_eq!(run.code(), expected, "at {place}: {run:?}");
        }
        let json = &runs[0];
        if expected == Some(0) && !json.stderr.is_empty() {
            let some = lines(&json.stdout);
            let last = some.last().unwrap();
            assert_eq!(last["kind"], "truncated", "at {place}: {last}");
            let at = last["at_byte"].as_u64().unwrap();
            assert!(at <= place as u64);
            assert!(json.stderr.contains(&at.to_string()), "{json:?}");
            let events = events_without_names(&some);
            assert_eq!(last["events"], events.len());
            assert_eq!(events, all[..events.len()]);
        }
    }
}

#[test]
fn a_changed_byte_is_found_or_changes_nothing() {
    let whole = Whole::new();
    for (number, place) in whole.places() {
        let mut bytes = whole.bytes.clone();
        bytes[place] ^= 1 << (number % 8);
        whole.expect_verdicts(&bytes, number);
    }
}

/// One block is damaged, those behind it are not reached: every form says so
/// itself, and has what is before it.
#[test]
fn a_damaged_recording_ends_with_where_and_why() {
    let (_folder, file) = recorded("selector", "two-clients", &[]);
    let log: Way = ("replay", &["--ui", "log"]);
    let whole_log = run_way(log, &file).stdout;
    let mut bytes = fs::read(&file).unwrap();
    let offset = Recording::of_bytes(bytes.clone()).unwrap().blocks()[3].offset;
    bytes[usize::try_from(offset).unwrap() + 60] ^= 1;
    fs::write(&file, bytes).unwrap();
    let words = format!("is damaged at byte {offset}");
    let damaged = |way: Way| {
        let run = run_way(way, &file);
        assert_eq!(run.code(), Some(1), "{run:?}");
        assert!(run.stderr.contains(&words), "{run:?}");
        run.stdout
    };
    let json = lines(&damaged(WAYS[0]));
    let (last, events) = (json.last().unwrap(), of_kind(&json, "event"));
    assert_eq!(
        (&last["kind"], &last["at_byte"]),
        (&"truncated".into(), &offset.into())
    );
    assert!(events.len() > 3);
    let unknown = format!("unknown, as the recording {words}");
    assert!(damaged(("export", &["--to", "md"])).contains(&unknown));
    let trace = Trace::read(&damaged(("export", &["--to", "perfetto"])));
    trace.expect_end(&format!("it {words}"));
    assert_eq!(returned(&trace), expected(&events));
    let some_log = damaged(log);
    assert!(some_log.lines().count() > 5 && whole_log.starts_with(&some_log));
}

/// Pictures say so, and count again what the missing report would have had.
#[test]
fn pictures_of_a_truncated_recording_say_where_it_ends() {
    for mode in MODES {
        let (_folder, file) = recorded(mode, "many-clients", &[]);
        let (whole, cut) = cut_short(&file);
        let report = whole.closing().unwrap().report.clone().unwrap();
        let words = format!("it ends at byte {cut} without its closing");
        let picture = |form| {
            let run = export(&file, form, &[]);
            assert_eq!(run.code(), Some(0), "{run:?}");
            assert!(run.stderr.contains(&words), "{}", run.stderr);
            run.stdout
        };
        let trace = Trace::read(&picture("perfetto"));
        trace.expect_end(&words);
        expect_figures(&trace, &report["server"]);
        let page = data(&picture("html"));
        assert_eq!(page["is_whole"], false);
        assert!(page["ending"].as_str().unwrap().starts_with(&words));
        let server = &page["report"]["server"];
        for figure in ["connections", "calls", "echoes", "bytes_in", "ends"] {
            assert_eq!(server[figure], report["server"][figure], "{figure}");
        }
        assert!(picture("svg").contains(&format!("Not whole: {words}")));
    }
}

/// Records a server that is killed when this many blocks are written.
fn killed(file: &str, mode: &str, blocks: usize) -> Recording {
    let server = Server::start(mode, &["--record", file]);
    let mut client = TcpStream::connect(server.address).unwrap();
    wait_for("blocks are written", || {
        let mut echo = [7; 64];
        client.write_all(&echo).unwrap();
        client.read_exact(&mut echo).unwrap();
        let so_far = Recording::open(Path::new(file));
        so_far.is_ok_and(|it| it.blocks().len() > blocks)
    });
    server.program.signal(Signal::SIGKILL);
    server.program.finish();
    Recording::open(Path::new(file)).unwrap()
}

#[test]
fn after_a_kill_everything_up_to_the_last_block_is_exported() {
    let folder = Folder::new("damage-killed");
    for (mode, blocks) in
        [("serial", 0), ("selector", 1), ("tasks", 4), ("blocking", 7)]
    {
        let file = folder.path(&format!("{mode}.rec"));
        let recording = killed(&file, mode, blocks);
        let Ending::Truncated { at, why } = recording.ending() else {
            panic!("{mode}: it was killed")
        };
        assert_eq!(*at, fs::metadata(&file).unwrap().len());
        for way in WAYS {
            let run = run_way(way, &file);
            assert_eq!(run.code(), Some(0), "{way:?}: {run:?}");
            expect_verdict(&run, &file);
            let where_and_why =
                format!("it ends at byte {at} without its closing: {why}\n");
            assert!(run.stderr.ends_with(&where_and_why), "{run:?}");
        }
        let json = lines(&export(&file, "jsonl", &[]).stdout);
        let events = of_kind(&json, "event").len() as u64;
        assert_eq!(events, recording.events(), "{mode}");
        let rows = export(&file, "csv", &[]).stdout.lines().count() as u64;
        assert_eq!(rows, events + 1, "{mode}");
        let page = export(&file, "md", &[]).stdout;
        let words = format!("unknown, as the recording ends at byte {at}");
        assert!(page.contains(&words), "{page}");
    }
}

/// A recording of this many events.
fn long_recording(events: u32, sockets: u32) -> (Folder, String) {
    let (folder, small) = recorded("selector", "half-close", &[]);
    let small = Recording::open(Path::new(&small)).unwrap();
    let bytes = written(small.header(), busy(events, sockets));
    let file = folder.write("long.rec", bytes);
    (folder, file)
}

/// How many events are exported, and in how many KiB of addresses: those of
/// the program itself, its threads and one block are among them.
#[cfg(target_os = "linux")]
const LARGE: (u32, u64) = (1_000_000, 160 * 1024);

#[cfg(target_os = "linux")]
#[test]
fn a_large_recording_takes_little_memory() {
    let (events, limit) = LARGE;
    let (_folder, file) = long_recording(events, 90);
    for form in ["jsonl", "csv", "md"] {
        let script = format!("ulimit -v {limit}; exec \"$@\"");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &script, "sh"]);
        let program = sockscope(&["export", &file, "--to", form]);
        command.arg(program.get_program()).args(program.get_args());
        command.args(["-o", "/dev/null"]);
        let program = crate::support::process::Program::spawn(command);
        program.finish().expect_success();
    }
}

/// A hole of a gibibyte where blocks should be.
#[cfg(target_os = "linux")]
#[test]
fn a_hole_takes_neither_time_nor_memory() {
    let (_folder, file) = recorded("selector", "half-close", &[]);
    let first = Recording::open(Path::new(&file)).unwrap().blocks()[0].offset;
    let hole = fs::OpenOptions::new().write(true).open(&file).unwrap();
    hole.set_len(first).unwrap();
    hole.set_len(1 << 30).unwrap();
    for way in WAYS {
        let run = run_way(way, &file);
        expect_verdict(&run, &file);
        assert!(run.stderr.contains(&format!("at byte {first} ")), "{run:?}");
    }
}

/// Starts to read a recording and to write into this.
fn writing(
    (command, options): Way,
    file: &str,
    stdout: impl Into<Stdio>,
) -> Child {
    let mut command = sockscope(&[&[command, file], options].concat());
    command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[track_caller]
fn expect_quiet_end(child: Child) {
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*said), (Some(0), ""));
}

#[test]
fn a_closed_pipe_ends_an_export_quietly() {
    let (folder, file) = recorded("tasks", "two-clients", &[]);
    let bytes = fs::read(&file).unwrap();
    let cut = folder.write("cut.rec", &bytes[..bytes.len() / 2]);
    for way in WAYS {
        let prints = way != ("replay", &["--ui", "none"]);
        for file in [&file, &cut].into_iter().filter(|_| prints) {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            expect_quiet_end(writing(way, file, writer));
        }
    }
}

/// As with `| head -1`.
#[test]
fn a_reader_may_stop_after_the_first_line() {
    let (_folder, file) = long_recording(40_000, 9);
    for way in &WAYS[..2] {
        let mut child = writing(*way, &file, Stdio::piped());
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        assert!(line.len() > 20, "{line}");
        expect_quiet_end(child);
    }
}
