//! Every form of a whole recording is what happened: its figures are those of
//! the events, of the report, and of each other.

use super::language::{Recorded, data, number, of_kind, sum};
use super::lines::expect_schema;
use super::trace_event::{SOCKETS, Slice, expected};
use crate::support::process::MODES;
use serde_json::{Value, json};
use sockscope::export::{COLUMNS, JSONL_VERSION};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn every_form_is_what_happened() {
    for mode in MODES {
        for scenario in ["two-clients", "reset"] {
            let run = Recorded::new(mode, scenario, &[]);
            let lines = run.lines(&[]);
            let report = &lines.last().unwrap()["report"];
            expect_sums(mode, &lines, &report["server"]);
            expect_rows(&run, &lines, &[]);
            expect_page(mode, &run, report);
            expect_trace(mode, &run, &lines, &report["server"]);
            if scenario == "two-clients" {
                expect_summary(mode, &run, &lines, report);
                expect_picture(&run);
            }
        }
    }
}

/// The lines of JSON are as their schema says, and their sums those of the
/// report.
fn expect_sums(mode: &str, lines: &[Value], server: &Value) {
    expect_schema(lines);
    let (head, last) = (&lines[0], lines.last().unwrap());
    let mode_of = &head["header"]["facts"]["mode"];
    let head = [&head["kind"], &head["schema_version"], mode_of];
    assert_eq!(json!(head), json!(["recording", JSONL_VERSION, mode]));
    let end = [&last["kind"], &last["events_lost"]];
    assert_eq!(json!(end), json!(["complete", 0]));
    let events = of_kind(lines, "event");
    assert_eq!(last["events"], events.len());
    let numbers = events.iter().map(|it| number(it, "number"));
    assert!(numbers.eq(0..events.len() as u64), "{mode}");
    let of = |field: &'static str, value: &'static str| {
        events.iter().copied().filter(move |it| it[field] == value)
    };
    let calls = of("event", "exit").filter(|it| it["outcome"] != "paused");
    let idle = sum(of("event", "idle"), "count");
    for (figure, found) in [
        ("calls", calls.count() as u64 + idle),
        ("bytes_in", sum(of("call", "read"), "bytes")),
        ("bytes_out", sum(of("call", "write"), "bytes")),
        ("echoes", sum(events.iter().copied(), "echoes")),
    ] {
        assert_eq!(server[figure], found, "{mode}: {figure}");
    }
    // The last exact counters are the figures of the report.
    let counters = of_kind(lines, "counters");
    let same = "connections connections_open iterations calls would_blocks \
                bytes_in bytes_out echoes threads unsent_bytes \
                pending_peak_bytes calls_by_kind";
    for name in same.split(' ') {
        assert_eq!(counters.last().unwrap()[name], server[name], "{name}");
    }
}

/// Each row of the CSV is the event of a line of JSON, no more and no less.
pub(super) fn expect_rows(run: &Recorded, lines: &[Value], part: &[&str]) {
    let mut events = of_kind(lines, "event").into_iter();
    let text = run.text("csv", part);
    // As RFC 4180 says.
    let ends = text.replace("\r\n", "");
    assert!(text.ends_with("\r\n") && !ends.contains('\n'));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert!(reader.headers().unwrap().iter().eq(COLUMNS.split(',')));
    insta::assert_snapshot!("csv_columns", COLUMNS);
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let (mut row, event) = (row.unwrap(), events.next().unwrap());
        row.retain(|_, cell| !cell.is_empty());
        let mut fields = event.as_object().unwrap().clone();
        fields.remove("kind");
        let cell = |value: Value| match value {
            Value::String(text) => text,
            value => value.to_string(),
        };
        let fields = fields.into_iter().map(|(name, it)| (name, cell(it)));
        assert!(row.iter().eq(fields.collect::<BTreeMap<_, _>>().iter()));
    }
    assert_eq!(events.next(), None);
}

/// All marks on the lanes of threads or of sockets; the fifth number of a row
/// says how many it stands for.
pub(super) fn marks(page: &Value, lanes: &str, kind: &str) -> u64 {
    let all = page["lanes"]["all"].as_array().unwrap();
    let lanes = all.iter().filter(|it| it["kind"] == lanes);
    let rows = lanes.filter_map(|it| it["marks"][kind].as_array()).flatten();
    rows.map(|row| row[4].as_u64().unwrap()).sum()
}

pub(super) fn total(page: &Value, column: &str) -> u64 {
    let column = page["rates"][column].as_array().unwrap();
    column.iter().map(|it| it.as_u64().unwrap()).sum()
}

/// Nothing that a browser would load.
pub(super) fn is_alone(page: &str) {
    let (before, rest) = page.split_once("id=\"data\">").unwrap();
    let (_, after) = rest.split_once("</script>").unwrap();
    for word in [" src=", " href=", "url(", "@import", "import(", "fetch("] {
        assert!(!before.contains(word) && !after.contains(word), "{word}");
    }
    assert!(before.contains("default-src 'none'"), "{before}");
    assert!(after.contains("Copyright (c) 2022 Leon Sorokin"));
}

fn expect_page(mode: &str, run: &Recorded, report: &Value) {
    let (text, recording) = (run.text("html", &[]), run.open());
    is_alone(&text);
    let page = data(&text);
    for part in ["server", "lines", "findings", "clients", "sockets"] {
        assert_eq!(page["report"][part], report[part], "{mode}: {part}");
    }
    let events = recording.events();
    let closed = ["closed", "reset"].map(|it| marks(&page, "socket", it));
    let server = &report["server"];
    for (found, expected) in [
        (&page["mode"], json!(mode)),
        (&page["is_whole"], json!(true)),
        (&page["lanes"]["step_ns"], json!(0)),
        (&page["events"], json!(events)),
        (&page["lanes"]["events"], json!(events)),
        (&server["connections"], json!(closed[0] + closed[1])),
        (&server["echoes"], json!(total(&page, "echoes"))),
        (&server["calls"], json!(total(&page, "calls"))),
        (&server["would_blocks"], json!(total(&page, "would_blocks"))),
    ] {
        assert_eq!(*found, expected, "{mode}");
    }
    let source = recording.header().facts.source.text.lines();
    let lines = page["sources"][0]["lines"].as_array().unwrap();
    assert!(source.eq(lines.iter().map(|it| it.as_str().unwrap())));
}

/// The policy lets nothing run but what it names by checksum.
#[test]
fn the_policy_of_a_page_names_its_scripts_and_styles() {
    let page = Recorded::new("serial", "half-close", &[]).text("html", &[]);
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
    let mut python = Command::new("python3");
    python.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = child.wait_with_output().unwrap().stdout;
    String::from_utf8(said).unwrap().trim().to_owned()
}

/// Its calls are those of the events, and its counters end where the report
/// does.
fn expect_trace(mode: &str, run: &Recorded, lines: &[Value], server: &Value) {
    let (trace, events) = (run.trace(&[]), of_kind(lines, "event"));
    assert_eq!(trace.returned(), expected(&events), "{mode}");
    // What the selector said is an instant on the track of its socket.
    let ready = events.iter().filter(|it| it["event"] == "ready");
    let said =
        ready.map(|it| (number(it, "at_ns"), SOCKETS + number(it, "socket")));
    let mut said: Vec<_> = said.collect();
    let drawn = trace.of("i", "ready").map(Slice::of);
    let mut drawn: Vec<_> = drawn.map(|it| (it.since, it.tid)).collect();
    said.sort_unstable();
    drawn.sort_unstable();
    assert_eq!(drawn, said);
    assert_eq!(drawn.is_empty(), !["selector", "tasks"].contains(&mode));
    for (name, expected) in [
        ("ending", json!("complete")),
        ("mode", json!(mode)),
        ("events lost", json!(0)),
        ("limits", json!([])),
    ] {
        assert_eq!(trace.other[name], expected, "{mode}: {name}");
    }
    assert_eq!(trace.named("the recording ends").len(), 1);
    let counters = trace.counters();
    for (name, value) in [
        ("connections", json!({"open": 0})),
        ("output", json!({"pending bytes": 0})),
        ("events", json!({"lost": 0})),
        ("calls", json!({"per second": 0})),
    ] {
        assert_eq!(counters[name].last().unwrap().1, value, "{name}");
    }
    for name in ["echoes", "calls"] {
        // What a rate adds up to.
        let values = &counters[name];
        let each = values.iter().zip(&values[1..]).map(|(from, to)| {
            let time = Duration::from_nanos(to.0 - from.0);
            from.1["per second"].as_f64().unwrap() * time.as_secs_f64()
        });
        let (total, exact) = (each.sum::<f64>(), server[name].as_f64());
        let difference = (total - exact.unwrap()).abs();
        assert!(difference < 0.5, "{mode}: {name}: {total} of {exact:?}");
    }
}

/// The table under a heading, as cells.
pub(super) fn table(page: &str, title: &str) -> Vec<Vec<String>> {
    let heading = format!("\n## {title}");
    let (_, rest) = page.split_once(&heading).expect(title);
    let part = rest.split("\n## ").next().unwrap();
    let rows = part.lines().filter(|line| line.starts_with("| "));
    let cells = |row: &str| {
        let row = row.trim_start_matches("| ").trim_end_matches(" |");
        row.split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    rows.skip(2).map(cells).collect()
}

/// The second cell of the row that begins so.
pub(super) fn value(page: &str, title: &str, name: &str) -> String {
    let rows = table(page, title);
    rows.iter().find(|row| row[0] == name).expect(name)[1].clone()
}

/// The summary is the report and what only a recording knows.
fn expect_summary(mode: &str, run: &Recorded, lines: &[Value], report: &Value) {
    let page = run.text("md", &[]);
    assert!(page.starts_with(&format!("# sockscope: {mode}\n\n**{mode}: ")));
    let echoes = report["server"]["echoes"].to_string();
    assert_eq!(value(&page, "Server", "echoes"), echoes);
    for title in ["Calls, line by line", "Sockets", "Echo times", "Conditions"]
    {
        assert!(!table(&page, title).is_empty(), "{title}");
    }
    assert!(page.contains("## Expectations\n\n- ✓"), "{page}");
    for finding in report["findings"].as_array().unwrap() {
        let advice = finding["advice"].as_str().unwrap();
        let start = advice.split(['(', '`', '_']).next().unwrap();
        assert!(page.contains(start), "{advice}");
    }
    assert_eq!(value(&page, "Recording", "ending"), "complete");
    let source = value(&page, "Recording", "figures from");
    assert_eq!(source, "the report of the run");
    // Hits and sleeps of each line are those of its events.
    let rows = table(&page, "Outcomes of each line");
    assert!(!rows.is_empty());
    for row in rows {
        let of_line = |it: &&&Value| {
            let file = it["file"].as_str().unwrap_or_default();
            let site = format!("{file}:{}", it["line"]);
            it["event"] == "exit" && site == row[0] && it["call"] == *row[2]
        };
        let events = of_kind(lines, "event");
        let calls: Vec<_> = events.iter().filter(of_line).collect();
        let slept = calls.iter().filter(|it| it["duration_ns"].is_u64());
        let sleeps = slept.count().to_string();
        assert_eq!(row[5], sleeps, "{mode}: {row:?}");
        let is_empty = [row[6].is_empty(), row[7].is_empty()];
        assert_eq!(is_empty, [sleeps == "0"; 2], "{mode}: {row:?}");
        if mode != "nonblocking" && !row[4].contains("would block") {
            assert_eq!(row[3], calls.len().to_string(), "{mode}: {row:?}");
        }
    }
}

fn expect_picture(run: &Recorded) {
    let picture = run.text("svg", &[]);
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    for name in ["thread 1", "#0 listener", "#1 silent", "#2 talker"] {
        assert!(picture.contains(&format!(">{name}<")), "{name}: {picture}");
    }
    assert_eq!(picture, run.text("svg", &[]));
    assert_eq!(picture.matches("http").count(), 1, "the name space");
    assert!(picture.contains("each drawn on its own"), "{picture}");
}
