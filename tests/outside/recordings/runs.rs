//! Whole recordings of runs that ended in any orderly way.

use super::{recorded, to_the_end};
use crate::support::process::MODES;
use crate::support::process::{self, Folder, Server};
use nix::sys::signal::Signal;
use sockscope::probe::{Kind, Speed};
use sockscope::recording::{Ending, Recording};
use sockscope::view::Observation;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

fn open(path: &str) -> Recording {
    Recording::open(Path::new(path)).unwrap()
}

#[test]
fn a_recording_says_what_was_run() {
    let folder = Folder::new("header");
    for mode in MODES {
        let recording = recorded(&folder, mode, "half-close", &[]);
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
    let folder = Folder::new("measured");
    let recording = recorded(&folder, "selector", "two-clients", &[]);
    let end = to_the_end(&recording);
    let names = &end.known().names;
    assert!(names.values().any(|name| name == "talker"), "{names:?}");
    let measured = &end.known().measured;
    assert_eq!(measured.load.as_ref().unwrap().connected, 2, "{measured:?}");
    assert!(measured.clients_done && measured.echoes().is_some());
}

#[test]
fn with_every_ui_the_recording_is_the_same_kind_of_file() {
    let folder = Folder::new("uis");
    for ui in ["log", "none"] {
        let file = folder.path(ui);
        let args = ["selector", "--scenario", "half-close", "--ui", ui];
        let run = process::run(&[&args[..], &["--record", &file]].concat());
        assert_eq!(run.code(), Some(0), "{run:?}");
        let recording = open(&file);
        assert!(recording.closing().is_some());
        assert!(recording.events() > 10);
        assert!(run.stdout.contains("accept"), "{run:?}");
    }
}

#[test]
fn a_signal_or_the_duration_ends_a_recording_whole() {
    let folder = Folder::new("ends");
    for mode in MODES {
        let file = folder.path(mode);
        let server = Server::start(mode, &["--record", &file]);
        server.program.signal(Signal::SIGINT);
        let run = server.program.finish();
        assert_eq!(run.code(), Some(0), "{run:?}");
        let report = open(&file).closing().unwrap().report.clone().unwrap();
        assert_eq!(report["outcome"], "SIGINT", "{mode}");
        let run = process::run_quiet(
            mode,
            &["--record", &file, "--duration", "50ms"],
        );
        assert_eq!(run.code(), Some(0), "{run:?}");
        let report = open(&file).closing().unwrap().report.clone().unwrap();
        assert_eq!(report["outcome"], "its time was over", "{mode}");
    }
}

#[test]
fn a_server_that_fails_leaves_a_whole_recording_with_the_cause() {
    let folder = Folder::new("fails");
    let file = folder.path("failed");
    let args = ["serial", "--scenario", "boom", "--errors", "dropped"];
    let more = ["--ui", "none", "--record", &file];
    let run = process::run(&[&args[..], &more].concat());
    assert_eq!(run.code(), Some(1), "{run:?}");
    let closing = open(&file).closing().unwrap().clone();
    let failure = closing.failure.unwrap();
    assert!(failure.contains("boom"), "{failure}");
    assert!(closing.report.is_some());
}

#[test]
fn a_server_that_cannot_listen_leaves_no_file_and_no_old_one_undone() {
    let folder = Folder::new("unbound");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (new, old) = (folder.path("new"), folder.write("old", "precious"));
    for file in [&new, &old] {
        let args = ["--listen", &address, "--record", file];
        let run = process::run_quiet("selector", &args);
        assert_eq!(run.code(), Some(1), "{run:?}");
    }
    assert!(!Path::new(&new).exists());
    assert_eq!(std::fs::read_to_string(&old).unwrap(), "precious");
}

#[test]
fn what_cannot_be_written_is_found_out_before_the_run() {
    let run = process::run_quiet("selector", &["--record", "/no/such/place"]);
    assert_eq!(run.code(), Some(1));
    assert_eq!(run.stdout, "");
    let expected = "sockscope: cannot write /no/such/place: no such file or \
                    directory\n";
    assert_eq!(run.stderr, expected);
}

/// What a client says that occurs nowhere else.
const SECRET: &[u8] = b"Rumpelstiltskin";

/// Records one client that says the secret.
fn of_secret(folder: &Folder, payload: &[&str]) -> Recording {
    let file = folder.path("secret");
    let args = [&["--record", &file], payload].concat();
    let server = Server::start("selector", &args);
    let mut client = TcpStream::connect(server.address).unwrap();
    client.write_all(SECRET).unwrap();
    let mut echo = [0; SECRET.len()];
    client.read_exact(&mut echo).unwrap();
    drop(client);
    server.program.signal(Signal::SIGTERM);
    let run = server.program.finish();
    assert_eq!(run.code(), Some(0), "{run:?}");
    open(&file)
}

fn payloads(recording: &Recording) -> Vec<(Kind, u32, Vec<u8>)> {
    let records = recording.from_start().map(Result::unwrap);
    let payloads = records.filter_map(|record| match record {
        Observation::Payload(it) => Some((it.kind, it.moved, it.bytes)),
        _ => None,
    });
    payloads.collect()
}

#[test]
fn nothing_that_a_client_said_is_stored_unasked() {
    let folder = Folder::new("unasked");
    let recording = of_secret(&folder, &[]);
    assert_eq!(payloads(&recording), []);
    let debug: Vec<String> = recording
        .from_start()
        .map(|record| format!("{:?}", record.unwrap()))
        .collect();
    let secret = std::str::from_utf8(SECRET).unwrap();
    assert!(!debug.concat().contains(secret));
    let header = serde_json::to_string(recording.header()).unwrap();
    let closing = serde_json::to_string(recording.closing().unwrap()).unwrap();
    assert!(!(header + &closing).contains(secret));
    for raw in inflated(&std::fs::read(folder.path("secret")).unwrap()) {
        assert!(!raw.windows(SECRET.len()).any(|it| it == SECRET));
    }
}

/// The content of every block, read by what the format says and not by the
/// reader.
fn inflated(file: &[u8]) -> Vec<Vec<u8>> {
    let (mut at, mut contents) = (16, Vec::new());
    while file.len() >= at + 52 + 28 {
        let stored = file[at + 4..at + 8].try_into().unwrap();
        let stored = u32::from_le_bytes(stored) as usize;
        let content = &file[at + 52..at + 52 + stored];
        let mut raw = Vec::new();
        let mut inflate = flate2::read::DeflateDecoder::new(content);
        inflate.read_to_end(&mut raw).unwrap();
        contents.push(raw);
        at += 52 + stored;
    }
    assert!(contents.len() >= 4, "header, records, closing, index");
    contents
}

#[test]
fn the_first_bytes_of_each_transfer_are_stored_if_asked_for() {
    let folder = Folder::new("asked");
    let recording = of_secret(&folder, &["--payload", "6"]);
    assert_eq!(recording.header().payload_limit, 6);
    let moved = u32::try_from(SECRET.len()).unwrap();
    let expected =
        [Kind::Read, Kind::Write].map(|kind| (kind, moved, b"Rumpel".to_vec()));
    assert_eq!(payloads(&recording), expected);
}

#[test]
fn a_payload_without_a_recording_is_wrong_usage() {
    let run = process::run(&["selector", "--payload", "6"]);
    assert_eq!(run.code(), Some(2));
}

/// At most 12 bytes an event on average, its share of the counters included;
/// what the header and the report take is the same for a long run. All modes
/// together: where one is slow, little happens between two counters.
#[test]
fn an_event_takes_few_bytes() {
    let folder = Folder::new("size");
    let (mut all_stored, mut all_events) = (0, 0);
    for mode in ["blocking", "nonblocking", "selector", "tasks"] {
        let recording = recorded(&folder, mode, "many-clients", &[]);
        let blocks = recording.blocks().iter();
        let stored: u64 = blocks.map(|it| 52 + u64::from(it.stored)).sum();
        let events = recording.events();
        println!("{mode}: {events} events in {stored} bytes");
        (all_stored, all_events) = (all_stored + stored, all_events + events);
        assert!(matches!(recording.ending(), Ending::Complete(_)));
    }
    assert!(all_stored <= 12 * all_events, "{all_stored} for {all_events}");
}

#[test]
fn slow_motion_is_recorded_with_who_is_held() {
    let folder = Folder::new("slow");
    let slow = ["--speed", "0.01", "--duration", "600ms"];
    let recording = recorded(&folder, "selector", "two-clients", &slow);
    let records = recording.from_start().map(Result::unwrap);
    let holds: Vec<_> = records
        .filter_map(|record| match record {
            Observation::Control(holds) => Some(holds),
            _ => None,
        })
        .collect();
    assert!(holds.iter().all(|it| it.speed != Speed::FULL && !it.paused));
    assert!(holds.iter().any(|it| !it.held.is_empty()));
}
