//! Lines of JSON: all that is as the schema says, and in figures
//! that agree with the report.

use super::language::{
    exported, exported_lines, lines, of_kind, recorded, sum,
};
use super::perfetto::{SOCKETS, expected, returned, traced};
use crate::support::process::{self, Folder, MODES, Server};
use crate::support::schema;
use serde_json::Value;
use sockscope::export::{JSONL_VERSION, jsonl_schema};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// Others read lines by this file. On a change, write what `jsonl_schema()`
/// returns into it, and mind the version.
#[test]
fn the_schema_in_the_file_is_current() {
    let written = include_str!("jsonl.schema.json");
    let current = jsonl_schema().unwrap();
    schema::expect_current("jsonl", written, &current);
}

#[track_caller]
fn expect_schema(lines: &[Value]) {
    let schema = serde_json::from_str(&jsonl_schema().unwrap()).unwrap();
    for line in lines {
        assert_eq!(schema::check(line, &schema), Ok(()), "{line}");
    }
}

/// All calls: those that returned and made one, and those of idle runs.
fn calls(events: &[&Value]) -> u64 {
    let exits = events.iter().filter(|it| it["event"] == "exit");
    let made = exits.filter(|it| it["outcome"] != "paused").count() as u64;
    let idle = events.iter().filter(|it| it["event"] == "idle");
    made + sum(idle.copied(), "count")
}

fn moved(events: &[&Value], call: &str) -> u64 {
    let calls = events.iter().filter(|it| it["call"] == call);
    sum(calls.copied(), "bytes")
}

#[test]
fn the_sums_of_the_events_are_those_of_the_report() {
    for mode in MODES {
        let (_folder, file) = recorded(mode, "two-clients", &[]);
        let lines = exported_lines(&file, &[]);
        expect_schema(&lines);
        let (head, last) = (&lines[0], lines.last().unwrap());
        assert_eq!(
            (&head["kind"], &head["mode"]),
            (&"recording".into(), &mode.into())
        );
        assert_eq!(head["schema_version"], JSONL_VERSION);
        assert_eq!(head["is_complete"], true);
        assert_eq!(head["conditions"]["mode"], mode);
        assert_eq!(
            (&last["kind"], &last["events_lost"]),
            (&"complete".into(), &0.into())
        );
        let events = of_kind(&lines, "event");
        assert_eq!(last["events"], events.len());
        let numbers = events.iter().map(|it| it["number"].as_u64().unwrap());
        assert!(numbers.eq(0..events.len() as u64), "{mode}");
        let server = &last["report"]["server"];
        assert_eq!(server["calls"], calls(&events), "{mode}");
        assert_eq!(server["bytes_in"], moved(&events, "read"));
        assert_eq!(server["bytes_out"], moved(&events, "write"));
        let all = events.iter().copied();
        assert_eq!(server["echoes"], sum(all, "echoes"));
        expect_last_counters(&lines, server);
    }
}

/// The last exact counters are the figures of the report.
fn expect_last_counters(lines: &[Value], server: &Value) {
    let counters = of_kind(lines, "counters");
    let counters = counters.last().unwrap();
    let same = "connections connections_open iterations calls would_blocks \
                bytes_in bytes_out echoes threads unsent_bytes \
                pending_peak_bytes calls_by_kind";
    for name in same.split(' ') {
        assert_eq!(counters[name], server[name], "{name}");
    }
}

#[test]
fn clients_have_names_and_calls_have_lines() {
    let (_folder, file) = recorded("selector", "two-clients", &[]);
    let lines = exported_lines(&file, &[]);
    let named = of_kind(&lines, "named");
    assert!(named.iter().any(|it| it["name"] == "talker"), "{named:?}");
    let events = of_kind(&lines, "event");
    let reads: Vec<_> = events
        .iter()
        .filter(|it| it["call"] == "read" && it["bytes"].is_u64())
        .collect();
    assert!(!reads.is_empty());
    for read in reads {
        assert_eq!(
            (&read["name"], &read["file"]),
            (&"talker".into(), &"selector.rs".into())
        );
        assert!(read["line"].as_u64().unwrap() > 1 && read["peer"].is_string());
    }
    let slept = |it: &&&Value| it["call"] == "wait" && it["event"] == "exit";
    for wait in events.iter().filter(slept) {
        let number = |name: &str| wait[name].as_u64();
        let (at, entered) = (number("at_ns"), number("entered_ns"));
        let took = at.zip(entered).map(|(at, entered)| at - entered);
        assert!(entered.is_none() || took == number("duration_ns"), "{wait}");
    }
}

/// Begins and ends of what an event tells of, in nanoseconds.
fn span(event: &Value) -> (u64, u64) {
    let at = event["at_ns"].as_u64().unwrap();
    (event["entered_ns"].as_u64().unwrap_or(at), at)
}

#[test]
fn a_window_has_what_was_not_over_before_and_began_by_its_end() {
    let (_folder, file) = recorded("blocking", "two-clients", &[]);
    let all = exported_lines(&file, &[]);
    let window = ["--from", "300ms", "--until", "700ms"];
    let some = exported_lines(&file, &window);
    expect_schema(&some);
    assert_eq!(some[0]["from_ns"], 300_000_000);
    assert_eq!(some[0]["until_ns"], 700_000_000);
    let within = |it: &&&Value| {
        let (began, over) = span(it);
        over >= 300_000_000 && began <= 700_000_000
    };
    let events = of_kind(&all, "event");
    let shown: Vec<_> = events.iter().filter(within).copied().collect();
    assert!(!shown.is_empty() && shown.len() < events.len());
    assert_eq!(of_kind(&some, "event"), shown);
    assert_eq!(some.last().unwrap(), all.last().unwrap());
    let named = of_kind(&some, "named");
    assert!(named.iter().any(|it| it["name"] == "talker"), "{named:?}");
    let trace = traced(&file, &window);
    assert_eq!(returned(&trace), expected(&shown));
    assert_eq!(trace.other["from ns"], 300_000_000);
    assert_eq!(trace.other["until ns"], 700_000_000);
    for slice in trace.slices() {
        assert!(slice.until >= 300_000_000, "{slice:?}");
        assert!(slice.since <= 700_000_000, "{slice:?}");
    }
    // What goes on for longer than the window is there: who is connected.
    assert_eq!(trace.of("X", "open").count(), 3);
    let tracks = trace.tracks();
    assert!(tracks[&(SOCKETS + 2)].contains("talker"), "{tracks:?}");
}

/// What is not text, would steer a terminal, or ends a string; the last byte
/// is more than is recorded of a transfer.
const SAID: &[u8] = b"\x1b[2J\"\\'\n\x00\xff\xc2\x9b.";

#[test]
fn the_first_bytes_of_transfers_read_back_if_asked_for() {
    let folder = Folder::new("jsonl-payload");
    let file = folder.path("said.rec");
    let limit = SAID.len() - 1;
    let payload = limit.to_string();
    let args = ["--record", &file, "--payload", &payload];
    let server = Server::start("selector", &args);
    let mut client = TcpStream::connect(server.address).unwrap();
    client.write_all(SAID).unwrap();
    client.read_exact(&mut [0; SAID.len()]).unwrap();
    drop(client);
    assert_eq!(server.stop().code(), Some(0));
    let text = exported(&file, "jsonl", &[]);
    assert!(text.is_ascii() && !text.contains('\x1b'), "{text}");
    let lines = lines(&text);
    expect_schema(&lines);
    let payloads = of_kind(&lines, "payload");
    let expected = SAID[..limit].escape_ascii().to_string();
    assert_eq!(payloads.len(), 2, "{payloads:?}");
    for (said, call) in payloads.iter().zip(["read", "write"]) {
        assert_eq!(said["call"], call);
        assert_eq!(said["escaped"], expected);
        assert_eq!(said["moved_bytes"], SAID.len());
    }
}

#[test]
fn slow_motion_tells_who_is_held() {
    let slow = ["--speed", "0.1", "--duration", "600ms"];
    let (_folder, file) = recorded("tasks", "two-clients", &slow);
    let lines = exported_lines(&file, &[]);
    expect_schema(&lines);
    let holds = of_kind(&lines, "holds");
    assert!(holds.iter().all(|it| it["delay_ns"] == 10_000_000), "{holds:?}");
    let held = |it: &&&Value| !it["held"].as_array().unwrap().is_empty();
    assert!(holds.iter().any(|it| held(&it)), "{holds:?}");
}

#[test]
fn a_server_that_failed_says_why_in_the_last_line() {
    let folder = Folder::new("jsonl-failed");
    let file = folder.path("failed.rec");
    let args = ["serial", "--scenario", "boom", "--errors", "dropped"];
    let more = ["--ui", "none", "--record", &file];
    let run = process::run(&[&args[..], &more].concat());
    assert_eq!(run.code(), Some(1), "{run:?}");
    let lines = exported_lines(&file, &[]);
    expect_schema(&lines);
    let last = lines.last().unwrap();
    let failure = last["failure"].as_str().unwrap();
    assert!(failure.contains("boom"), "{failure}");
    assert!(last["report"].is_object(), "{last}");
}
