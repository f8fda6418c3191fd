//! Recordings that were cut, that somebody has damaged, that are large, and
//! readers that go away.

use super::drawn::{busy, written};
use super::language::{export, exported, lines, of_kind};
use super::ways::{WAYS, Way, expect_verdict, run_way};
use crate::support::patience::wait_for;
use crate::support::process::{Finished, Folder, Server, record, sockscope};
use nix::sys::signal::Signal;
use sockscope::recording::{Ending, Recording};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;

/// At so many places a file is cut, and at as many it is changed.
const PLACES: usize = 200;

/// Places all over a file of so many bytes, its beginning and its end among
/// them.
fn places(length: usize) -> impl Iterator<Item = usize> {
    (0..PLACES).map(move |place| place * (length - 1) / (PLACES - 1))
}

/// The ways in turn: each has its share of the places, and the forms for
/// programs have all of them.
fn ways_at(place: usize) -> [Way; 3] {
    [WAYS[0], WAYS[1], WAYS[2 + place % (WAYS.len() - 2)]]
}

/// A whole recording, what each way makes of it, and where to put another.
struct Whole {
    bytes: Vec<u8>,
    made: Vec<(Way, Finished)>,
    file: String,
}

fn whole(folder: &Folder) -> Whole {
    let file = record(folder, "selector", "two-clients", &[]);
    let bytes = fs::read(&file).unwrap();
    let made = |way: &Way| (*way, run_way(*way, &file));
    let made: Vec<_> = WAYS.iter().map(made).collect();
    for (way, run) in &made {
        assert_eq!((run.code(), run.stderr.as_str()), (Some(0), ""), "{way:?}");
    }
    Whole { bytes, made, file }
}

impl Whole {
    /// Reads other bytes: what is not complained of is as it was.
    #[track_caller]
    fn expect_verdicts(&self, bytes: &[u8], place: usize) -> Vec<Finished> {
        fs::write(&self.file, bytes).unwrap();
        let verdict = |way: Way| {
            let run = run_way(way, &self.file);
            expect_verdict(&run, &self.file);
            if run.stderr.is_empty() {
                let mut made = self.made.iter();
                let (_, whole) = made.find(|it| it.0 == way).unwrap();
                let same = sizeless(&run.stdout) == sizeless(&whole.stdout);
                assert!(same, "{way:?} at {place}");
            }
            run
        };
        ways_at(place).map(verdict).into()
    }
}

/// Without the file's size, which a cut behind the closing changes.
fn sizeless(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with("| size |")).collect()
}

#[test]
fn a_file_that_was_cut_is_read_up_to_there() {
    let folder = Folder::new("damage-cut");
    let whole = whole(&folder);
    let header = Recording::of_bytes(whole.bytes.clone()).unwrap();
    let first = header.blocks()[0].offset;
    for (number, place) in places(whole.bytes.len()).enumerate() {
        let runs = whole.expect_verdicts(&whole.bytes[..place], number);
        let expected = Some(i32::from((place as u64) < first));
        for run in runs {
            assert_eq!(run.code(), expected, "at {place}: {run:?}");
        }
    }
}

/// What was cut off is missing, and nothing else.
#[test]
fn the_events_of_a_file_that_was_cut_are_the_first_ones() {
    let folder = Folder::new("damage-events");
    let whole = whole(&folder);
    let all = lines(&exported(&whole.file, "jsonl", &[]));
    let all = of_kind(&all, "event");
    for place in places(whole.bytes.len()).step_by(9) {
        fs::write(&whole.file, &whole.bytes[..place]).unwrap();
        let run = export(&whole.file, "jsonl", &[]);
        if run.code() != Some(0) || run.stderr.is_empty() {
            continue;
        }
        let some = lines(&run.stdout);
        let last = some.last().unwrap();
        assert_eq!(last["kind"], "truncated", "at {place}: {last}");
        let at = last["at_byte"].as_u64().unwrap();
        assert!(at <= place as u64 && run.stderr.contains(&at.to_string()));
        let events = of_kind(&some, "event");
        assert_eq!(last["events"], events.len());
        let strip = |it: &&serde_json::Value| {
            let mut event = (*it).clone();
            // A client may have got its name behind the cut.
            event.as_object_mut().unwrap().remove("name");
            event
        };
        let first: Vec<_> = all[..events.len()].iter().map(strip).collect();
        assert_eq!(events.iter().map(strip).collect::<Vec<_>>(), first);
    }
}

#[test]
fn a_changed_byte_is_found_or_changes_nothing() {
    let folder = Folder::new("damage-changed");
    let whole = whole(&folder);
    for (number, place) in places(whole.bytes.len()).enumerate() {
        let mut bytes = whole.bytes.clone();
        bytes[place] ^= 1 << (number % 8);
        whole.expect_verdicts(&bytes, number);
    }
}

/// One block is damaged, those behind it are not reached: the lines of JSON
/// say so themselves.
#[test]
fn lines_of_a_damaged_recording_end_with_where_and_why() {
    let folder = Folder::new("damage-block");
    let file = record(&folder, "selector", "two-clients", &[]);
    let mut bytes = fs::read(&file).unwrap();
    let offset = Recording::of_bytes(bytes.clone()).unwrap().blocks()[3].offset;
    bytes[usize::try_from(offset).unwrap() + 60] ^= 1;
    fs::write(&file, bytes).unwrap();
    let run = export(&file, "jsonl", &[]);
    assert_eq!(run.code(), Some(1), "{run:?}");
    let lines = lines(&run.stdout);
    let last = lines.last().unwrap();
    assert_eq!(
        (&last["kind"], &last["at_byte"]),
        (&"truncated".into(), &offset.into())
    );
    assert!(of_kind(&lines, "event").len() > 3);
    let page = export(&file, "md", &[]);
    assert_eq!(page.code(), Some(1), "{page:?}");
    let unknown =
        format!("unknown, as the recording is damaged at byte {offset}");
    assert!(page.stdout.contains(&unknown), "{}", page.stdout);
}

// ---- Killed ---------------------------------------------------------------

/// Records a server that is killed when so many blocks are written.
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

// ---- Large ----------------------------------------------------------------

/// So many events, so much memory, in KiB of addresses: those of the program
/// itself, its threads and what one block takes among them.
#[cfg(target_os = "linux")]
const LARGE: (u32, u64) = (1_000_000, 160 * 1024);

#[cfg(target_os = "linux")]
#[test]
fn a_large_recording_takes_little_memory() {
    let folder = Folder::new("damage-large");
    let small = record(&folder, "selector", "half-close", &[]);
    let small = Recording::open(Path::new(&small)).unwrap();
    let (events, limit) = LARGE;
    let bytes = written(small.header(), busy(events, 90));
    let file = folder.write("large.rec", bytes);
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
    let folder = Folder::new("damage-hole");
    let file = record(&folder, "selector", "half-close", &[]);
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

// ---- Readers that go away ---------------------------------------------------

#[test]
fn a_closed_pipe_ends_an_export_quietly() {
    let folder = Folder::new("damage-pipe");
    let file = record(&folder, "tasks", "two-clients", &[]);
    let bytes = fs::read(&file).unwrap();
    let cut = folder.write("cut.rec", &bytes[..bytes.len() / 2]);
    let ways = WAYS.iter().filter(|way| **way != ("replay", &["--ui", "none"]));
    for (command, options) in ways {
        for file in [&file, &cut] {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let mut command =
                sockscope(&[&[*command, file], *options].concat());
            let child = command
                .stdin(Stdio::null())
                .stdout(writer)
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!((output.status.code(), &*said), (Some(0), ""));
        }
    }
}

/// As with `| head -1`.
#[test]
fn a_reader_may_stop_after_the_first_line() {
    let folder = Folder::new("damage-head");
    let small = record(&folder, "selector", "half-close", &[]);
    let small = Recording::open(Path::new(&small)).unwrap();
    let bytes = written(small.header(), busy(40_000, 9));
    let file = folder.write("long.rec", bytes);
    for form in ["jsonl", "csv"] {
        let mut child = sockscope(&["export", &file, "--to", form])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        assert!(line.len() > 20, "{line}");
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*said), (Some(0), ""), "{form}");
    }
}
