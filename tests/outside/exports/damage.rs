//! Recordings that were cut, that are damaged, that are large, and readers
//! that go away.

use super::drawn::{busy, cut_short, written};
use super::language::{
    Recorded, WAYS, data, expect_verdict, lines, number, of_kind, run_way,
};
use super::trace_event::{Trace, expected};
use crate::support::patience::wait_for;
use crate::support::process::{
    Finished, Folder, MODES, Program, Server, sockscope,
};
use nix::sys::signal::Signal;
use serde_json::Value;
use sockscope::recording::{Ending, Recording};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

/// A file is cut at this many places, and changed at as many.
const PLACES: usize = 200;

/// A whole recording and what each way makes of it.
struct Whole {
    run: Recorded,
    bytes: Vec<u8>,
    made: [String; WAYS.len()],
}

impl Whole {
    fn new() -> Self {
        let run = Recorded::new("selector", "two-clients", &[]);
        let made =
            |way| run_way(way, &run.file).expect_success().stdout.clone();
        let (bytes, made) = (fs::read(&run.file).unwrap(), WAYS.map(made));
        Self { run, bytes, made }
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
    fn expect_verdicts(&self, bytes: &[u8], place: usize) -> [Finished; 3] {
        fs::write(&self.run.file, bytes).unwrap();
        [0, 1, 2 + place % (WAYS.len() - 2)].map(|number| {
            let run = run_way(WAYS[number], &self.run.file);
            expect_verdict(&run, &self.run.file);
            if run.stderr.is_empty() {
                // A cut behind the closing changes the file's size.
                let [now, whole] =
                    [&run.stdout, &self.made[number]].map(|it| {
                        let lines = it.lines();
                        lines.filter(|it| !it.starts_with("| size |")).collect()
                    });
                let (now, whole): (Vec<_>, Vec<_>) = (now, whole);
                assert!(now == whole, "{:?} at {place}", WAYS[number]);
            }
            run
        })
    }
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
    let all = events_without_names(&lines(&whole.made[0]));
    let first = whole.run.open().blocks()[0].offset;
    for (number_of_place, place) in whole.places() {
        let runs =
            whole.expect_verdicts(&whole.bytes[..place], number_of_place);
        let expected = Some(i32::from((place as u64) < first));
        for run in &runs {
            assert_eq!(run.code(), expected, "at {place}: {run:?}");
        }
        let json = &runs[0];
        if expected == Some(0) && !json.stderr.is_empty() {
            let some = lines(&json.stdout);
            let last = some.last().unwrap();
            assert_eq!(last["kind"], "truncated", "at {place}: {last}");
            let at = number(last, "at_byte");
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
    let Whole { run, mut bytes, made } = Whole::new();
    let offset = run.open().blocks()[3].offset;
    bytes[usize::try_from(offset).unwrap() + 60] ^= 1;
    fs::write(&run.file, bytes).unwrap();
    let words = format!("is damaged at byte {offset}");
    let [json, page, trace, log] = [0, 2, 3, 7].map(|way| {
        let run = run_way(WAYS[way], &run.file);
        assert_eq!(run.code(), Some(1), "{run:?}");
        assert!(run.stderr.contains(&words), "{run:?}");
        run.stdout
    });
    let json = lines(&json);
    let (last, events) = (json.last().unwrap(), of_kind(&json, "event"));
    assert_eq!(last["kind"], "truncated");
    assert_eq!(last["at_byte"], offset);
    assert!(events.len() > 3);
    let unknown = format!("unknown, as the recording {words}");
    assert!(page.contains(&unknown), "{page}");
    let trace = Trace::read(&trace);
    trace.expect_end(&format!("it {words}"));
    assert_eq!(trace.returned(), expected(&events));
    assert!(log.lines().count() > 5 && made[7].starts_with(&log));
}

/// Pictures say so, and count again what the missing report would have had.
#[test]
fn pictures_of_a_truncated_recording_say_where_it_ends() {
    for mode in MODES {
        let run = Recorded::new(mode, "many-clients", &[]);
        let events = run.lines(&[]);
        let (whole, cut) = cut_short(&run.file);
        let report = whole.closing().unwrap().report.clone().unwrap();
        let words = format!("it ends at byte {cut} without its closing");
        let forms = ["perfetto", "html", "svg", "md"];
        let [trace, page, svg, md] = forms.map(|form| {
            let run = run.export(form, &[]);
            assert_eq!(run.code(), Some(0), "{run:?}");
            assert!(run.stderr.contains(&words), "{}", run.stderr);
            run.stdout
        });
        let trace = Trace::read(&trace);
        trace.expect_end(&words);
        let events = of_kind(&events, "event");
        assert_eq!(trace.returned(), expected(&events), "{mode}");
        let page = data(&page);
        assert_eq!(page["is_whole"], false);
        assert!(page["ending"].as_str().unwrap().starts_with(&words));
        let server = &page["report"]["server"];
        for figure in ["connections", "calls", "echoes", "bytes_in", "ends"] {
            assert_eq!(server[figure], report["server"][figure], "{figure}");
        }
        assert!(svg.contains(&format!("Not whole: {words}")));
        let unknown = format!("unknown, as the recording ends at byte {cut}");
        assert!(md.contains(&unknown), "{md}");
    }
}

/// Records a server that is killed when this many blocks are written.
fn killed(mode: &str, blocks: usize) -> Recorded {
    let folder = Folder::new("damage-killed");
    let file = folder.path("killed.rec");
    let run = Recorded { folder, file };
    let server = Server::start(mode, &["--record", &run.file]);
    let mut client = TcpStream::connect(server.address).unwrap();
    wait_for("blocks are written", || {
        let mut echo = [7; 64];
        client.write_all(&echo).unwrap();
        client.read_exact(&mut echo).unwrap();
        let so_far = Recording::open(run.file.as_ref());
        so_far.is_ok_and(|it| it.blocks().len() > blocks)
    });
    server.program.signal(Signal::SIGKILL);
    server.program.finish();
    run
}

#[test]
fn after_a_kill_everything_up_to_the_last_block_is_exported() {
    for (mode, blocks) in
        [("serial", 0), ("selector", 1), ("tasks", 4), ("blocking", 7)]
    {
        let run = killed(mode, blocks);
        let recording = run.open();
        let Ending::Truncated { at, why } = recording.ending() else {
            panic!("{mode}: it was killed")
        };
        assert_eq!(*at, fs::metadata(&run.file).unwrap().len());
        let place =
            format!("it ends at byte {at} without its closing: {why}\n");
        let json = WAYS.map(|way| {
            let read = run_way(way, &run.file);
            assert_eq!(read.code(), Some(0), "{way:?}: {read:?}");
            expect_verdict(&read, &run.file);
            assert!(read.stderr.ends_with(&place), "{read:?}");
            read.stdout
        });
        let events = of_kind(&lines(&json[0]), "event").len() as u64;
        assert_eq!(events, recording.events(), "{mode}");
    }
}

/// A recording of this many events.
fn long_recording(events: u32, sockets: u32) -> Recorded {
    let header = Recorded::new("selector", "half-close", &[]).open();
    let bytes = written(header.header(), busy(events, sockets), "it failed");
    Recorded::of_bytes("long.rec", &bytes)
}

#[cfg(target_os = "linux")]
#[test]
fn a_large_recording_takes_little_memory() {
    let run = long_recording(1_000_000, 90);
    for form in ["jsonl", "csv", "md"] {
        let program = sockscope(&["export", &run.file, "--to", form]);
        let mut command = Command::new("sh");
        // KiB of addresses: those of the program itself, its threads and one
        // block are among them.
        let script = "ulimit -v 163840; exec \"$@\" -o /dev/null";
        command.args(["-c", script, "sh"]).arg(program.get_program());
        command.args(program.get_args());
        Program::spawn(command).finish().expect_success();
    }
}

/// A hole of a gibibyte where blocks should be.
#[cfg(target_os = "linux")]
#[test]
fn a_hole_takes_neither_time_nor_memory() {
    let run = Recorded::new("selector", "half-close", &[]);
    let first = run.open().blocks()[0].offset;
    let hole = fs::OpenOptions::new().write(true).open(&run.file).unwrap();
    hole.set_len(first).unwrap();
    hole.set_len(1 << 30).unwrap();
    for way in WAYS {
        let read = run_way(way, &run.file);
        expect_verdict(&read, &run.file);
        let place = format!("at byte {first} ");
        assert!(read.stderr.contains(&place), "{read:?}");
    }
}

#[test]
fn a_closed_pipe_ends_an_export_quietly() {
    let run = Recorded::new("tasks", "two-clients", &[]);
    let bytes = fs::read(&run.file).unwrap();
    let cut = run.folder.write("cut.rec", &bytes[..bytes.len() / 2]);
    for way in WAYS.into_iter().filter(|it| it.1 != ["--ui", "none"]) {
        for file in [&run.file, &cut] {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let mut command = sockscope(&[&[way.0, file], way.1].concat());
            command.stdin(Stdio::null());
            command.stdout(writer).stderr(Stdio::piped());
            let output = command.spawn().unwrap().wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!((output.status.code(), &*said), (Some(0), ""));
        }
    }
}
