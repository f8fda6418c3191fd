//! What is drawn of a long run is bounded, and says so.

use super::drawn::long;
use super::language::{data, number};
use super::trace_event::{OWN_TRACKS, SOCKETS};
use super::whole::{marks, total};

#[test]
fn a_long_run_makes_a_page_that_is_bounded() {
    let text = long(400_000, 500).text("html", &[]);
    assert!(text.len() <= 5 << 20, "{} bytes", text.len());
    let page = data(&text);
    let lanes = &page["lanes"];
    assert!(number(lanes, "step_ns") > 0 && number(lanes, "marks") <= 40_000);
    assert_eq!(number(lanes, "events"), 401_001);
    assert_eq!(number(lanes, "sockets_without"), 500 - 96 + 1);
    // Marks that are one count what they stand for.
    assert_eq!(marks(&page, "thread", "sleep"), 100_000);
    assert_eq!(marks(&page, "thread", "call"), 200_000);
    assert_eq!(total(&page, "echoes"), 100_000);
}

#[test]
fn a_long_run_makes_a_picture_that_is_bounded() {
    let picture = long(100_000, 40).text("svg", &[]);
    assert!(picture.matches('<').count() < 4_000);
    assert!(picture.contains("100,081 events drawn as "), "{picture}");
    // One of the twelve lanes is the listener's.
    assert!(picture.contains("Without a lane: 29 sockets."), "{picture}");
}

#[test]
fn sockets_beyond_the_limit_share_a_track() {
    let trace = long(20_000, 1_200).trace(&[]);
    let names = trace.tracks();
    let sockets = names.keys().filter(|it| **it >= SOCKETS);
    assert_eq!(sockets.count() as u64, OWN_TRACKS);
    let shared = names[&(SOCKETS + OWN_TRACKS)];
    assert_eq!(shared, "sockets from #1000 on");
    let limits = trace.other["limits"].as_array().unwrap();
    assert!(limits[0].as_str().unwrap().contains("#1000"), "{limits:?}");
    // The end of each is there, on whichever track; each call is on its
    // thread.
    assert_eq!(trace.of("i", "open").count(), 1_200 + 201);
    let calls = trace.returned().into_iter().filter(|it| it.tid < SOCKETS);
    assert_eq!(calls.count(), 15_000);
}
