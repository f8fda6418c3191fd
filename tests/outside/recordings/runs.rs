//! Whole recordings of runs that ended in any orderly way.

use super::{recorded, to_the_end};
use crate::support::process::{self, Finished, Folder, MODES, Server};
use nix::sys::signal::Signal;
use sockscope::recording::{Ending, Recording};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

#[test]
fn a_recording_says_what_was_run() {
    for mode in MODES {
        let recording = recorded(mode, "half-close", &[]);
        let header = recording.header();
        assert_eq!(header.facts.mode, mode);
        assert_eq!(header.sockscope, env!("CARGO_PKG_VERSION"));
        let path = format!("src/modes/{mode}.rs");
        let source = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            (&header.facts.source.path, &header.facts.source.text),
            (&path, &source)
        );
        assert_eq!(header.facts.loop_source.is_some(), mode == "tasks");
        let scenario = header.facts.scenario.as_ref().unwrap();
        assert_eq!(scenario.name, "half-close");
        let text = std::fs::read_to_string("scenarios/half-close.toml");
        assert_eq!(scenario.text, text.ok());
        assert!(header.introduction.contains("half-close"));
        assert!(header.options.contains(&"--record".to_owned()));
        assert_ne!(header.facts.address.port(), 0);
        let address = &header.conditions["address"];
        assert_eq!(*address, header.facts.address.to_string());
        let closing = recording.closing().expect("it is complete");
        let report = closing.report.as_ref().expect("it has its report");
        assert_eq!(report["conditions"]["mode"], mode);
        assert_eq!(closing.events, recording.events());
    }
}

#[test]
fn clients_are_known_by_their_names_and_what_is_measured_is_kept() {
    let recording = recorded("selector", "two-clients", &[]);
    let end = to_the_end(&recording);
    let names = &end.known().names;
    assert!(names.values().any(|name| name == "talker"), "{names:?}");
    let measured = &end.known().measured;
    assert_eq!(measured.load.as_ref().unwrap().connected, 2, "{measured:?}");
    assert!(measured.clients_done && measured.echoes().is_some());
}

#[test]
fn a_signal_or_the_duration_ends_a_recording_whole() {
    let folder = Folder::new("ends");
    for mode in MODES {
        let file = folder.path(mode);
        let expect_outcome = |run: Finished, outcome: &str| {
            assert_eq!(run.code(), Some(0), "{run:?}");
            let recording = Recording::open(Path::new(&file)).unwrap();
            let closing = recording.closing().unwrap();
            let report = closing.report.as_ref().unwrap();
            assert_eq!(report["outcome"], outcome, "{mode}");
        };
        let server = Server::start(mode, &["--record", &file]);
        server.program.signal(Signal::SIGINT);
        expect_outcome(server.program.finish(), "SIGINT");
        let brief = [&["--record", &file][..], &process::DURATION].concat();
        expect_outcome(process::run_quiet(mode, &brief), "its time was over");
    }
}

/// The start of a recording, which another one may replace.
const OLD: &str = "sockscope\r\n\u{1a}precious";

#[test]
fn a_server_that_cannot_listen_leaves_no_file_and_no_old_one_undone() {
    let folder = Folder::new("unbound");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (new, old) = (folder.path("new"), folder.write("old", OLD));
    for file in [&new, &old] {
        let args = ["--listen", &address, "--record", file];
        let run = process::run_quiet("selector", &args);
        assert_eq!(run.code(), Some(1), "{run:?}");
    }
    assert!(!Path::new(&new).exists());
    assert_eq!(std::fs::read_to_string(&old).unwrap(), OLD);
}

#[test]
fn payloads_need_a_recording() {
    let run = process::run(&["selector", "--payload", "6"]);
    assert_eq!(run.code(), Some(2), "{run:?}");
}

/// What a client says that occurs nowhere else.
const SECRET: &[u8] = b"Rumpelstiltskin";

#[test]
fn nothing_that_a_client_said_is_stored_unasked() {
    let folder = Folder::new("unasked");
    let file = folder.path("secret");
    let server = Server::start("selector", &["--record", &file]);
    let mut client = TcpStream::connect(server.address).unwrap();
    client.write_all(SECRET).unwrap();
    client.read_exact(&mut [0; SECRET.len()]).unwrap();
    drop(client);
    assert_eq!(server.stop().code(), Some(0));
    let contents = inflated(&std::fs::read(&file).unwrap());
    assert!(contents.len() >= 4, "header, records, closing, index");
    for raw in contents {
        assert!(!raw.windows(SECRET.len()).any(|it| it == SECRET));
    }
}

/// The content of every block, read by what the format says and not by the
/// reader.
fn inflated(file: &[u8]) -> Vec<Vec<u8>> {
    let (mut at, mut contents) = (16, Vec::new());
    while file.len() >= at + 52 + 28 {
        let stored = file[at + 4..at + 8].try_into().unwrap();
        let end = at + 52 + u32::from_le_bytes(stored) as usize;
        let mut raw = Vec::new();
        let mut inflate =
            flate2::read::DeflateDecoder::new(&file[at + 52..end]);
        inflate.read_to_end(&mut raw).unwrap();
        contents.push(raw);
        at = end;
    }
    contents
}

/// At most 12 bytes an event on average, its share of the counters included;
/// what the header and the report take is the same for a long run. All modes
/// together: where one is slow, little happens between two counters.
#[test]
fn an_event_takes_few_bytes() {
    let (mut all_stored, mut all_events) = (0, 0);
    for mode in ["blocking", "nonblocking", "selector", "tasks"] {
        let recording = recorded(mode, "many-clients", &[]);
        let blocks = recording.blocks().iter();
        let stored: u64 = blocks.map(|it| 52 + u64::from(it.stored)).sum();
        let events = recording.events();
        println!("{mode}: {events} events in {stored} bytes");
        (all_stored, all_events) = (all_stored + stored, all_events + events);
        assert!(matches!(recording.ending(), Ending::Complete(_)));
    }
    assert!(all_stored <= 12 * all_events, "{all_stored} for {all_events}");
}
