//! A small recording, and what any event may be.

use crate::any_event::{
    kinds, peers, sites, sockets, steps, tasks, threads, times,
};
use crate::probe::{Before, Event, Speed, ThreadAtGate};
use crate::recording::{Closing, Header, Writer};
use crate::system::queues::KernelQueue;
use crate::units::Nanos;
use crate::view::{Control, CountersUpdate, Named, Observation, QueuesUpdate};
use proptest::prelude::*;
use std::time::Duration;

pub(super) fn header() -> Header {
    serde_json::from_str(include_str!("header.json")).unwrap()
}

pub(super) fn closing(lost: u64) -> Closing {
    Closing {
        at_ns: 9,
        events: 0,
        lost,
        payloads_lost: 0,
        report: Some(serde_json::json!({"outcome": "done"})),
        failure: None,
        limit_bytes: None,
    }
}

/// A recording of these events, `a_block` of them in each block.
pub(super) fn recorded(events: &[Event], a_block: usize) -> Vec<u8> {
    recorded_within(u64::MAX, events, a_block, &mut closing(0)).unwrap()
}

/// The same of at most `limit` bytes; `None` if that has no room for the header.
pub(super) fn recorded_within(
    limit: u64,
    events: &[Event],
    a_block: usize,
    closing: &mut Closing,
) -> Option<Vec<u8>> {
    let writer = Writer::with_limit(Vec::new(), &header(), limit);
    let mut writer = writer.ok()?;
    for events in events.chunks(a_block) {
        if writer.wants_key() {
            writer.begin_anew(&nothing());
        }
        for event in events {
            writer.add(Observation::Event(*event));
        }
        writer.add(Observation::Queues(some_queues()));
        writer.flush(0).unwrap();
    }
    Some(writer.close(closing).unwrap().0)
}

/// A client that waits to be accepted, and one that does not read.
fn some_queues() -> QueuesUpdate {
    let row = |port, received_bytes, unsent_bytes, is_accepted| {
        let queue = KernelQueue { received_bytes, unsent_bytes, is_accepted };
        (([127, 0, 0, 1], port).into(), queue)
    };
    let rows = [row(40_001, 6, 0, false), row(40_002, 0, 65_536, true)];
    QueuesUpdate::since(None, Nanos::ZERO, &rows.into())
}

/// Counters before anything was counted.
pub(super) fn nothing() -> CountersUpdate {
    let snapshot = crate::probe::Tally::default().snapshot();
    CountersUpdate::whole(Duration::ZERO, snapshot, 0)
}

pub(super) fn names() -> impl Strategy<Value = Named> {
    (peers(), ".*").prop_map(|(address, name)| Named { address, name })
}

fn held() -> impl Strategy<Value = ThreadAtGate> {
    let before = prop_oneof![
        (kinds(), sockets(), sites()).prop_map(|(kind, socket, site)| {
            Before::Call { kind, socket, site }
        }),
        steps().prop_map(Before::Step),
        tasks().prop_map(Before::Task),
    ];
    (threads(), before, times()).prop_map(|(thread, before, since)| {
        ThreadAtGate { thread, before, since: since.into() }
    })
}

pub(super) fn holds() -> impl Strategy<Value = Control> {
    let held = proptest::collection::vec(held(), 0..4);
    (times(), any::<bool>(), 0..3_000_u64, held).prop_map(
        |(at, paused, delay, held)| {
            let speed = Speed { delay: Duration::from_millis(delay) };
            let at = at.into();
            Control { at, paused, speed, held, stands: false }
        },
    )
}
