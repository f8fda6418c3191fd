//! `export --to perfetto`: what the trace-event format asks for, and what
//! happened. That Perfetto reads it, `.ci/trace` shows.

use super::drawn::long;
use super::language::{exported, exported_lines, of_kind, recorded, sum};
use super::trace_event::{Slice, Trace};
use crate::support::process::MODES;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The first track of threads and the first one of sockets.
const THREADS: u64 = 10;
pub(super) const SOCKETS: u64 = 200_000;

/// Sockets and tasks from this number on have no track of their own.
const OWN_TRACKS: u64 = 1_000;

#[track_caller]
pub(super) fn traced(file: &str, options: &[&str]) -> Trace {
    Trace::read(&exported(file, "perfetto", options))
}

/// What returned, as slices of the tracks of threads and of sockets.
pub(super) fn expected(events: &[&Value]) -> Vec<Slice> {
    let number = |it: &Value, name: &str| it[name].as_u64().unwrap();
    let exits = events.iter().filter(|it| it["event"] == "exit");
    let mut slices = Vec::new();
    for it in exits.filter(|it| it["outcome"] != "paused") {
        let until = number(it, "at_ns");
        let since = it["entered_ns"].as_u64().unwrap_or(until);
        let name = it["call"].as_str().unwrap();
        let slept = until - since >= 100_000;
        let name =
            if slept { format!("asleep in {name}") } else { name.into() };
        let slice = |tid| Slice { tid, since, until, name: name.clone() };
        slices.push(slice(THREADS + number(it, "thread")));
        if it["call"] != "wait" && number(it, "socket") < OWN_TRACKS {
            slices.push(slice(SOCKETS + number(it, "socket")));
        }
    }
    slices.sort();
    slices
}

/// The slices of calls that returned.
pub(super) fn returned(trace: &Trace) -> Vec<Slice> {
    let calls = trace.entries.iter().filter(|it| is_call(it));
    let mut slices: Vec<_> = calls.map(Slice::of).collect();
    slices.sort();
    slices
}

fn is_call(entry: &Value) -> bool {
    let goes_on = "it had not returned when the recording ended";
    ["call", "asleep"].iter().any(|it| entry["cat"] == *it)
        && entry["args"]["outcome"] != goes_on
}

/// What is said of the calls on threads, and of those that found nothing.
fn said_of_calls(trace: &Trace) -> (Vec<Value>, Vec<Value>) {
    let of_server = trace.entries.iter().filter(|it| it["pid"] == 1);
    let of = |of_kind: fn(&Value) -> bool| {
        let all = of_server.clone().filter(move |it| of_kind(it));
        all.map(|it| it["args"].clone()).collect()
    };
    (of(is_call), of(|it| it["cat"] == "would block"))
}

/// The figures of the closing report.
pub(super) fn expect_figures(trace: &Trace, server: &Value) {
    let (calls, in_vain) = said_of_calls(trace);
    let made = calls.len() as u64 + sum(&in_vain, "calls");
    assert_eq!(server["calls"], made);
    assert_eq!(server["echoes"], sum(&calls, "echoed"));
    let accepted = calls.iter().filter(|it| {
        let words = it["outcome"].as_str().unwrap();
        words.starts_with("accepted")
    });
    assert_eq!(server["connections"], accepted.count());
    let moved = |name: &str| {
        let named = trace.entries.iter().filter(|it| {
            let words = it["name"].as_str().unwrap_or_default();
            it["pid"] == 1 && words.split(' ').next_back() == Some(name)
        });
        named.filter_map(|it| it["args"]["bytes"].as_u64()).sum::<u64>()
    };
    assert_eq!(server["bytes_in"], moved("read"));
    assert_eq!(server["bytes_out"], moved("write"));
    let mut ends = BTreeMap::new();
    for it in trace.of("i", "open") {
        let words = it["name"].as_str().unwrap();
        *ends.entry(words.strip_prefix("closed: ").unwrap()).or_insert(0) += 1;
    }
    assert_eq!(server["ends"], json!(ends));
}

/// A track for each thread that did something, and each socket.
fn expect_tracks(trace: &Trace, events: &[&Value], server: &Value) {
    let names = trace.tracks();
    let connections = server["connections"].as_u64().unwrap();
    for socket in 0..=connections {
        let name = &names[&(SOCKETS + socket)];
        assert!(name.starts_with(&format!("#{socket} ")), "{name}");
    }
    let calls = events.iter().filter(|it| it["call"].is_string());
    for thread in calls.map(|it| it["thread"].as_u64().unwrap()) {
        let name = &names[&(THREADS + thread)];
        assert!(name.starts_with(&format!("thread {thread}")), "{name}");
    }
}

#[test]
fn the_trace_is_what_happened() {
    for (mode, scenario) in MODES
        .into_iter()
        .flat_map(|mode| [(mode, "many-clients"), (mode, "reset")])
    {
        let (_folder, file) = recorded(mode, scenario, &[]);
        let trace = traced(&file, &[]);
        let lines = exported_lines(&file, &[]);
        let events = of_kind(&lines, "event");
        assert_eq!(returned(&trace), expected(&events), "{mode}");
        let server = &lines.last().unwrap()["report"]["server"];
        expect_figures(&trace, server);
        expect_tracks(&trace, &events, server);
        if ["selector", "tasks"].contains(&mode) {
            expect_readiness(&trace, &events);
        }
        if (mode, scenario) == ("tasks", "many-clients") {
            expect_counters(&trace, server);
        }
        assert_eq!(trace.other["ending"], "complete");
        assert_eq!(trace.other["mode"], mode);
        assert_eq!(trace.other["events lost"], 0);
        assert_eq!(trace.other["limits"], json!([]));
        assert_eq!(trace.named("the recording ends").len(), 1);
    }
}

/// What the selector said is an instant on the track of its socket.
fn expect_readiness(trace: &Trace, events: &[&Value]) {
    let number = |it: &Value, name: &str| it[name].as_u64().unwrap();
    let ready = events.iter().filter(|it| it["event"] == "ready");
    let mut said: Vec<_> = ready
        .map(|it| (number(it, "at_ns"), SOCKETS + number(it, "socket")))
        .collect();
    let drawn = trace.of("i", "ready");
    let mut drawn: Vec<_> =
        drawn.map(|it| (Slice::of(it).since, number(it, "tid"))).collect();
    said.sort_unstable();
    drawn.sort_unstable();
    assert!(!said.is_empty());
    assert_eq!(drawn, said);
    assert!(trace.of("X", "asleep").count() > 0);
}

/// The last value of each counter is what the report has.
fn expect_counters(trace: &Trace, server: &Value) {
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
        let total = integral(&counters[name], "per second");
        let exact = server[name].as_f64().unwrap();
        assert!((total - exact).abs() < 0.5, "{name}: {total} of {exact}");
    }
}

/// What a rate adds up to; times are in nanoseconds.
fn integral(values: &[(u64, Value)], name: &str) -> f64 {
    let pairs = values.iter().zip(&values[1..]);
    let each = pairs.map(|((since, value), (until, _))| {
        let time = std::time::Duration::from_nanos(until - since);
        value[name].as_f64().unwrap() * time.as_secs_f64()
    });
    each.sum()
}

/// What holds when the window begins was told before.
fn clipped(
    values: &[(u64, Value)],
    (from, until): (u64, u64),
) -> Vec<(u64, Value)> {
    let first = values.partition_point(|it| it.0 < from);
    let held = values[..first].last().map(|it| (from, it.1.clone()));
    let within = values[first..].iter().filter(|it| it.0 <= until);
    held.into_iter().chain(within.cloned()).collect()
}

#[test]
fn a_counter_has_its_value_from_where_the_window_begins() {
    let (_folder, file) = recorded("selector", "two-clients", &[]);
    let whole = traced(&file, &[]);
    for (from, until) in [(0, 400), (300, 700), (1_000, 1_001)] {
        let texts = [from, until].map(|it| format!("{it}ms"));
        let window = ["--from", &texts[0], "--until", &texts[1]];
        let trace = traced(&file, &window);
        let window = (from * 1_000_000, until * 1_000_000);
        let drawn = trace.counters();
        for (name, values) in whole.counters() {
            let expected = clipped(&values, window);
            let drawn = drawn.get(name).map_or(&[][..], |it| &it[..]);
            assert_eq!(drawn, expected, "{name}, {window:?}");
        }
    }
}

#[test]
fn sockets_beyond_the_limit_share_a_track_and_it_says_so() {
    let (_folder, file) = long(20_000, 1_200);
    let trace = traced(&file, &[]);
    let names = trace.tracks();
    let sockets = names.keys().filter(|it| **it >= SOCKETS);
    assert_eq!(sockets.count() as u64, OWN_TRACKS);
    let shared = &names[&(SOCKETS + OWN_TRACKS)];
    assert_eq!(shared, "sockets from #1000 on");
    let limits = trace.other["limits"].as_array().unwrap();
    assert!(limits[0].as_str().unwrap().contains("#1000"), "{limits:?}");
    // Each is closed, wherever that is told; each call is on its thread.
    assert_eq!(trace.of("i", "open").count(), 1_200 + 201);
    let (calls, _) = said_of_calls(&trace);
    assert_eq!(calls.len(), 15_000);
}
