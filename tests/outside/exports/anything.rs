//! Events that no run has: whatever they are, they can be drawn.

use super::drawn::{HOSTILE, hostile_header, written};
use super::language::data;
use super::trace_event::Trace;
use crate::support::any_event::{events, queues, times};
use proptest::prelude::*;
use sockscope::export::{self, ExportFailure, ExportSubject, Out};
use sockscope::recording::Recording;
use sockscope::view::{Observation, QueuesUpdate};
use std::time::Duration;

#[test]
fn whatever_is_recorded_can_be_drawn() {
    let header = hostile_header();
    let queues = (times(), any::<bool>(), queues());
    let queues = queues.prop_map(|(at, is_whole, rows)| {
        let at = at.into();
        Observation::Queues(QueuesUpdate { at, is_whole, rows })
    });
    let event = events().prop_map(Observation::Event);
    let record = prop_oneof![9 => event, 1 => queues];
    let many = proptest::collection::vec(record, 0..60);
    let config = ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(observed in many, from in times(), until in times())| {
        let bytes = written(&header, observed.into_iter(), HOSTILE);
        let recording = &Recording::of_bytes(bytes).unwrap();
        for (from, until) in
            [(Duration::ZERO, Duration::MAX), (from, until)]
        {
            let subject = ExportSubject { recording, name: "x", from, until };
            let drawn = [export::html, export::svg, export::perfetto].map(
                |form: fn(&ExportSubject, Out) -> Result<_, ExportFailure>| {
                    let mut out = Vec::new();
                    form(&subject, &mut out).unwrap();
                    String::from_utf8(out).unwrap()
                },
            );
            data(&drawn[0]);
            prop_assert!(!drawn[1].contains("NaN"), "{}", drawn[1]);
            Trace::read(&drawn[2]);
        }
    });
}
