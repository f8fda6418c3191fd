//! What is said in lines of JSON alone.

use super::language::{Recorded, lines, number, of_kind};
use crate::support::process::{Folder, Server};
use crate::support::schema;
use serde_json::{Value, json};
use sockscope::export::jsonl_schema;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

#[track_caller]
pub(super) fn expect_schema(lines: &[Value]) {
    let schema = serde_json::from_str(&jsonl_schema().unwrap()).unwrap();
    for line in lines {
        assert_eq!(schema::check(line, &schema), Ok(()), "{line}");
    }
}

#[test]
fn clients_have_names_and_calls_have_lines() {
    let lines = Recorded::new("selector", "two-clients", &[]).lines(&[]);
    let named = of_kind(&lines, "named");
    assert!(named.iter().any(|it| it["name"] == "talker"), "{named:?}");
    let (mut reads, mut waits) = (0, 0);
    for it in of_kind(&lines, "event") {
        if it["call"] == "read" && it["bytes"].is_u64() {
            let place = json!([it["name"], it["file"], it["peer"].is_string()]);
            assert_eq!(place, json!(["talker", "selector.rs", true]));
            reads += u64::from(number(it, "line") > 1);
        } else if it["call"] == "wait" && it["duration_ns"].is_u64() {
            let took = number(it, "at_ns") - number(it, "entered_ns");
            assert_eq!(took, number(it, "duration_ns"), "{it}");
            waits += 1;
        }
    }
    assert!(reads > 3 && waits > 3, "{reads} {waits}");
}

/// What is not text, would steer a terminal, or ends a string; the last byte
/// is more than is recorded of a transfer.
const SAID: &[u8] = b"\x1b[2J\"\\'\n\x00\xff\xc2\x9b.";

#[test]
fn the_first_bytes_of_transfers_read_back_if_asked_for() {
    let folder = Folder::new("jsonl-payload");
    let file = folder.path("said.rec");
    let limit = SAID.len() - 1;
    let args = ["--record", &file, "--payload", &limit.to_string()];
    let server = Server::start("selector", &args);
    let mut client = TcpStream::connect(server.address).unwrap();
    client.write_all(SAID).unwrap();
    client.read_exact(&mut [0; SAID.len()]).unwrap();
    drop(client);
    assert_eq!(server.stop().code(), Some(0));
    let text = Recorded { folder, file }.text("jsonl", &[]);
    assert!(text.is_ascii() && !text.contains('\x1b'), "{text}");
    let lines = lines(&text);
    expect_schema(&lines);
    let payloads = of_kind(&lines, "payload");
    let expected = SAID[..limit].escape_ascii().to_string();
    assert_eq!(payloads.len(), 2, "{payloads:?}");
    for (said, call) in payloads.iter().zip(["read", "write"]) {
        let said = json!([said["call"], said["escaped"], said["moved_bytes"]]);
        assert_eq!(said, json!([call, expected, SAID.len()]));
    }
}

#[test]
fn slow_motion_says_who_is_held_and_before_what() {
    let slow = ["--speed", "0.1", "--duration", "600ms"];
    let lines = Recorded::new("tasks", "two-clients", &slow).lines(&[]);
    expect_schema(&lines);
    let holds = of_kind(&lines, "holds");
    assert!(holds.iter().all(|it| it["delay_ns"] == 10_000_000), "{holds:?}");
    let held = holds.iter().flat_map(|it| it["held"].as_array().unwrap());
    let site = |it: &Value| it["before"]["call"]["site"].as_str().map(str::len);
    assert!(held.clone().any(|it| site(it) > Some(0)), "{holds:?}");
    assert!(held.clone().any(|it| it["before"]["step"].is_string()));
}
