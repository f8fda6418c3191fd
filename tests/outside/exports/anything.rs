//! Events that no run has: whatever they are, they can be drawn.

use super::drawn::{data, hostile_header, written};
use super::trace_event::Trace;
use crate::support::any_event::{events, times};
use proptest::prelude::*;
use sockscope::export::{self, ExportSubject};
use sockscope::recording::Recording;
use std::time::Duration;

#[test]
fn whatever_is_recorded_can_be_drawn() {
    let header = hostile_header();
    let many = proptest::collection::vec(events(), 0..60);
    let config = ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(events in many, from in times(), until in times())| {
        let bytes = written(&header, events.into_iter());
        let recording = &Recording::of_bytes(bytes).unwrap();
        for (from, until) in
            [(Duration::ZERO, Duration::MAX), (from, until)]
        {
            let subject = ExportSubject { recording, name: "x", from, until };
            let mut page = Vec::new();
            export::html(&subject, &mut page).unwrap();
            data(std::str::from_utf8(&page).unwrap());
            let mut picture = Vec::new();
            export::svg(&subject, &mut picture).unwrap();
            let picture = String::from_utf8(picture).unwrap();
            prop_assert!(!picture.contains("NaN"), "{}", picture);
            let mut trace = Vec::new();
            export::perfetto(&subject, &mut trace).unwrap();
            Trace::read(std::str::from_utf8(&trace).unwrap());
        }
    });
}
