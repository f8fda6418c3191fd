//! Recordings that were cut, that are damaged, that are large, and readers
//! that go away.

use super::drawn::{cut_short, hostile_header, written};
use super::language::{Recorded, WAYS, data, lines, of_kind, run_way};
use super::trace_event::{Trace, expected};
use crate::support::patience::wait_for;
use crate::support::process::{Folder, MODES, Server, sockscope};
use nix::sys::signal::Signal;
use sockscope::probe::{Event, Kind, Note, Phase, Site, SocketId, ThreadId};
use sockscope::recording::{Ending, Recording};
use sockscope::units::Nanos;
use sockscope::view::Observation;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

/// One block is damaged, those behind it are not reached: every form says so
/// itself, and has what is before it.
#[test]
fn a_damaged_recording_ends_with_where_and_why() {
    let run = Recorded::new("selector", "two-clients", &[]);
    let whole_log = run_way(WAYS[7], &run.file).stdout;
    let mut bytes = fs::read(&run.file).unwrap();
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
    assert!(log.lines().count() > 5 && whole_log.starts_with(&log));
}

#[test]
fn a_call_without_a_return_is_drawn_to_the_end() {
    let (thread, kind, socket) = (ThreadId(1), Kind::Read, SocketId(1));
    let site = Site { file: "src/modes/serial.rs", line: 23 };
    let enter = Event::Enter { at: Nanos(5), thread, kind, socket, site };
    let (at, note) = (Nanos(1_000_000), Note::Phase(Phase::Refusing));
    let events = [enter, Event::Note { at, thread, note }];
    let events = events.map(Observation::Event).into_iter();
    let bytes = written(&hostile_header(), events, "");
    let trace = Recorded::of_bytes("on.rec", &bytes).trace(&[]);
    let outcome = &trace.named("asleep in read")[0]["args"]["outcome"];
    assert_eq!(outcome, "it had not returned when the recording ended");
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

#[test]
fn after_a_kill_everything_up_to_the_last_block_is_exported() {
    for (mode, blocks) in [("serial", 0), ("selector", 1), ("tasks", 4)] {
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
            assert!(read.stderr.ends_with(&place), "{read:?}");
            read.stdout
        });
        let events = of_kind(&lines(&json[0]), "event").len() as u64;
        assert_eq!(events, recording.events(), "{mode}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_large_recording_takes_little_memory() {
    use super::drawn::long;
    use crate::support::process::Program;
    use std::process::Command;

    let run = long(1_000_000, 90);
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
