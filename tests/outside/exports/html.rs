//! `export --to html`: a page that is whole, honest and harmless.

use super::drawn::{data, long};
use super::language::{exported, recorded};
use crate::support::process::MODES;
use serde_json::Value;
use sockscope::recording::Recording;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// All marks on the lanes of threads or of sockets.
fn marks(data: &Value, lanes: &str, kind: &str) -> u64 {
    let all = data["lanes"]["all"].as_array().unwrap();
    let lanes = all.iter().filter(|it| it["kind"] == lanes);
    let columns = lanes.filter_map(|it| it["marks"].get(kind));
    columns.map(|it| sum(&it["count"], &it["rows"])).sum()
}

/// A column is one number if all of its numbers are the same.
fn sum(column: &Value, rows: &Value) -> u64 {
    match column.as_array() {
        Some(all) => all.iter().map(|it| it.as_u64().unwrap()).sum(),
        None => column.as_u64().unwrap() * rows.as_u64().unwrap(),
    }
}

fn total(data: &Value, column: &str) -> u64 {
    let column = data["rates"][column].as_array().unwrap();
    column.iter().map(|it| it.as_u64().unwrap()).sum()
}

/// Nothing that a browser would load.
pub(super) fn is_alone(page: &str) {
    let (before, rest) = page.split_once("id=\"data\">").unwrap();
    let (_, after) = rest.split_once("</script>").unwrap();
    for part in [before, after] {
        for word in [" src=", " href=", "url(", "@import", "import(", "fetch("]
        {
            assert!(!part.contains(word), "{word}");
        }
    }
    assert!(before.contains("default-src 'none'"), "{before}");
    assert!(after.contains("Copyright (c) 2022 Leon Sorokin"));
}

#[test]
fn the_page_is_what_happened() {
    for (mode, scenario) in MODES
        .into_iter()
        .flat_map(|mode| [(mode, "two-clients"), (mode, "reset")])
    {
        let (_folder, file) = recorded(mode, scenario, &[]);
        let recording = Recording::open(Path::new(&file)).unwrap();
        let page = exported(&file, "html", &[]);
        is_alone(&page);
        expect_policy(&page);
        let data = data(&page);
        let report = recording.closing().unwrap().report.clone().unwrap();
        for part in ["server", "lines", "findings", "clients", "sockets"] {
            assert_eq!(data["report"][part], report[part], "{mode}: {part}");
        }
        assert_eq!(data["mode"], mode);
        assert_eq!(data["is_whole"], true);
        assert_eq!(data["lanes"]["step_ns"], 0);
        assert_eq!(data["events"], recording.events());
        assert_eq!(data["lanes"]["events"], recording.events());
        let server = &report["server"];
        let closed =
            marks(&data, "socket", "closed") + marks(&data, "socket", "reset");
        assert_eq!(closed, server["connections"], "{mode}");
        assert_eq!(total(&data, "echoes"), server["echoes"], "{mode}");
        assert_eq!(total(&data, "calls"), server["calls"], "{mode}");
        let in_vain = total(&data, "would_blocks");
        assert_eq!(in_vain, server["would_blocks"], "{mode}");
        let source = &recording.header().facts.source.text;
        let lines = data["sources"][0]["lines"].as_array().unwrap();
        assert!(source.lines().eq(lines.iter().map(|it| it.as_str().unwrap())));
    }
}

#[test]
fn a_part_of_a_run_is_marked_as_one() {
    let (_folder, file) = recorded("selector", "two-clients", &[]);
    let part = ["--from", "300ms", "--until", "500ms"];
    let data = data(&exported(&file, "html", &part));
    assert_eq!(data["is_part"], true);
    assert_eq!(data["from_ns"], 300_000_000);
    assert_eq!(data["until_ns"], 500_000_000);
    // Who was there before: both clients and the listener, and who slept.
    assert_eq!(marks(&data, "socket", "open"), 3);
    assert!(marks(&data, "thread", "sleep") >= 1);
    assert_eq!(data["rates"]["open"], 2);
}

#[test]
fn a_long_run_makes_a_page_that_is_bounded_and_says_so() {
    let (_folder, file) = long(400_000, 500);
    let page = exported(&file, "html", &[]);
    assert!(page.len() <= 5 << 20, "{} bytes", page.len());
    let data = data(&page);
    let lanes = &data["lanes"];
    assert!(lanes["step_ns"].as_u64().unwrap() > 0);
    assert!(lanes["marks"].as_u64().unwrap() <= 40_000);
    assert_eq!(lanes["events"], 401_001);
    assert_eq!(lanes["sockets_without"], 500 - 96 + 1);
    // Marks that are one count what they stand for.
    assert_eq!(marks(&data, "thread", "sleep"), 100_000);
    assert_eq!(marks(&data, "thread", "call"), 200_000);
    assert_eq!(total(&data, "echoes"), 100_000);
}

/// The policy lets nothing run but what it names by checksum.
fn expect_policy(page: &str) {
    let (_, policy) = page.split_once("Content-Security-Policy").unwrap();
    let policy = policy.split_once('>').unwrap().0;
    for (open, close) in [("<script>", "</script>"), ("<style>", "</style>")] {
        for part in page.split(open).skip(1) {
            let sum = sha256(part.split_once(close).unwrap().0);
            let named = policy.contains(&format!("'sha256-{sum}'"));
            assert!(named, "{open}: the page's policy has to name {sum}");
        }
    }
    assert_eq!(policy.matches("'sha256-").count(), 4);
    assert!(!policy.contains("unsafe"), "{policy}");
}

/// As the policy has it, by a program from outside.
fn sha256(text: &str) -> String {
    let script = "import base64, hashlib, sys; print(base64.b64encode(\
                  hashlib.sha256(sys.stdin.buffer.read()).digest()).decode())";
    let mut child = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = child.wait_with_output().unwrap().stdout;
    String::from_utf8(said).unwrap().trim().to_owned()
}
