//! A part of a run, in each form.

use super::language::{Recorded, data, of_kind};
use super::lines::expect_schema;
use super::trace_event::{SOCKETS, expected};
use super::whole::{expect_rows, marks, table, value};
use crate::support::process;
use serde_json::{Value, json};

const PART: [&str; 4] = ["--from", "300ms", "--until", "700ms"];

#[test]
fn a_part_has_what_was_not_over_before_and_began_by_its_end() {
    let run = Recorded::new("blocking", "two-clients", &[]);
    let (all, some) = (run.lines(&[]), run.lines(&PART));
    expect_schema(&some);
    assert_eq!(some[0]["from_ns"], 300_000_000);
    assert_eq!(some[0]["until_ns"], 700_000_000);
    let within = |it: &&&Value| {
        let at = it["at_ns"].as_u64().unwrap();
        let began = it["entered_ns"].as_u64().unwrap_or(at);
        at >= 300_000_000 && began <= 700_000_000
    };
    let events = of_kind(&all, "event");
    let shown: Vec<_> = events.iter().filter(within).copied().collect();
    assert!(!shown.is_empty() && shown.len() < events.len());
    assert_eq!(of_kind(&some, "event"), shown);
    assert_eq!(some.last().unwrap(), all.last().unwrap());
    let named = of_kind(&some, "named");
    assert!(named.iter().any(|it| it["name"] == "talker"), "{named:?}");
    expect_rows(&run, &some, &PART);
    let trace = run.trace(&PART);
    assert_eq!(trace.returned(), expected(&shown));
    assert_eq!(trace.other["from ns"], 300_000_000);
    assert_eq!(trace.other["until ns"], 700_000_000);
    for slice in trace.slices() {
        let is_in = slice.until >= 300_000_000 && slice.since <= 700_000_000;
        assert!(is_in, "{slice:?}");
    }
    // What goes on for longer than the window is there: who is connected.
    assert_eq!(trace.of("X", "open").count(), 3);
    assert!(trace.tracks()[&(SOCKETS + 2)].contains("talker"));
}

#[test]
fn a_page_of_a_part_says_so() {
    let run = Recorded::new("selector", "two-clients", &[]);
    let page = data(&run.text("html", &PART));
    let figures = ["is_part", "from_ns", "until_ns"].map(|it| &page[it]);
    assert_eq!(json!(figures), json!([true, 300_000_000, 700_000_000]));
    // Who was there before: both clients and the listener, and who slept.
    assert_eq!(marks(&page, "socket", "open"), 3);
    assert!(marks(&page, "thread", "sleep") >= 1);
    assert_eq!(page["rates"]["open"], 2);
}

#[test]
fn the_figures_of_a_part_are_those_up_to_its_end() {
    let run = Recorded::new("blocking", "two-clients", &[]);
    let page = run.text("md", &["--until", "500ms"]);
    assert!(page.contains("The run ended: not yet at 500 ms."), "{page}");
    let source = value(&page, "Recording", "figures from");
    assert!(source.contains("recorded counters"), "{source}");
    assert!(page.contains("not in the recording"), "{page}");
    let lines = table(&page, "Outcomes of each line");
    let read = lines.iter().find(|row| row[2] == "read").unwrap();
    // The silent client's thread is asleep in it when the window ends.
    assert_ne!(read[5], "0", "{read:?}");
    let page = run.text("md", &["--from", "400ms", "--until", "500ms"]);
    let lines = table(&page, "Outcomes of each line");
    let accept = lines.iter().find(|row| row[2] == "accept").unwrap();
    assert_eq!(&accept[5..], ["1", "100 ms", "100 ms"]);
}

#[test]
fn a_counter_has_its_value_from_where_the_window_begins() {
    let run = Recorded::new("selector", "two-clients", &[]);
    let (whole, part) = (run.trace(&[]), run.trace(&PART));
    let drawn = part.counters();
    for (name, values) in whole.counters() {
        // What holds when the window begins was so before.
        let first = values.partition_point(|it| it.0 < 300_000_000);
        let last = values.partition_point(|it| it.0 <= 700_000_000);
        let held = values[..first].last();
        let held = held.map(|it| (300_000_000, it.1.clone()));
        let within = values[first..last].iter().cloned();
        let expected: Vec<_> = held.into_iter().chain(within).collect();
        let drawn = drawn.get(name).map_or(&[][..], |it| &it[..]);
        assert_eq!(drawn, expected, "{name}");
    }
}

#[test]
fn a_part_behind_the_end_or_from_its_end_is_wrong_usage() {
    let run = Recorded::new("selector", "half-close", &[]);
    for args in [
        &["export", &run.file, "--to", "md", "--from", "1h"][..],
        &["replay", &run.file, "--ui", "log", "--from", "1h"],
    ] {
        let run = process::run(args);
        assert_eq!((run.code(), &*run.stdout), (Some(2), ""), "{run:?}");
        assert!(run.stderr.contains("--from 60 min"), "{run:?}");
    }
    for form in ["jsonl", "perfetto"] {
        let run = run.export(form, &["--from", "2s", "--until", "1s"]);
        assert_eq!(run.code(), Some(2), "{run:?}");
    }
}
