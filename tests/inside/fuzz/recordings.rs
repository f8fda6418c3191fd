//! Recordings: bytes changed as they are, which checksums find out, and
//! records of nonsense with right checksums behind a changed header.
//!
//! The example `broken_recordings` changes the insides of blocks as well.

use super::{Random, fuzz};
use crate::support::any_event::{events, queues};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::json;
use sockscope::probe::{Event, Tally};
use sockscope::recording::replay::{Player, Target};
use sockscope::recording::{Recording, Writer};
use sockscope::view::{CountersUpdate, Observation, QueuesUpdate};
use std::time::Duration;

const HEADER: &str = include_str!("../../../src/recording/tests/header.json");

/// Events and queues of which every input holds some, always the same.
pub(super) struct Records {
    events: Vec<Event>,
    queues: Vec<QueuesUpdate>,
}

impl Records {
    pub(super) fn new() -> Self {
        let mut runner = TestRunner::deterministic();
        let mut tree = |_| events().new_tree(&mut runner).unwrap().current();
        let events = (0..500).map(&mut tree).collect();
        let mut runner = TestRunner::deterministic();
        let tree = |at| {
            let rows = queues().new_tree(&mut runner).unwrap().current();
            let at = Duration::from_millis(at).into();
            QueuesUpdate { at, is_whole: true, rows }
        };
        Self { events, queues: (0..20).map(tree).collect() }
    }

    /// A recording of some of them; `None` if the header is refused.
    pub(super) fn recording(
        &self,
        random: &mut Random,
        header: &str,
    ) -> Option<Vec<u8>> {
        let header = serde_json::from_str(header).ok()?;
        let mut writer = Writer::new(Vec::new(), &header).ok()?;
        let tally = Tally::default().snapshot();
        let nothing = CountersUpdate::whole(Duration::ZERO, tally, 0);
        for _ in 0..random.below(24) {
            if writer.wants_key() {
                writer.begin_anew(&nothing);
            }
            let event = self.events[random.below(self.events.len())];
            writer.add(Observation::Event(event));
            if random.one_in(8) {
                let queues = &self.queues[random.below(self.queues.len())];
                writer.add(Observation::Queues(queues.clone()));
            }
            if random.one_in(8) {
                writer.flush(random.next() >> 40).unwrap();
            }
        }
        let closing = serde_json::from_value(json!({
            "at_ns": random.next(), "events": random.below(99),
            "events_lost": random.below(3), "payloads_lost": 0,
            "report": null, "failure": null,
        }));
        Some(writer.close(&mut closing.unwrap()).unwrap().0)
    }
}

/// Reads all that can be read, forwards and at some places.
fn read(bytes: Vec<u8>) -> Result<(), String> {
    let recording = Recording::of_bytes(bytes).map_err(|it| it.to_string())?;
    let mut cursor = recording.from_start();
    while cursor.step().map_err(|it| it.to_string())?.is_some() {}
    let mut player = Player::new(&recording);
    let middle = Target::Event(recording.events() / 2);
    let late = Target::Time(Duration::from_millis(700));
    for place in [Target::Event(u64::MAX), late, middle] {
        player.go(place).map_err(|it| it.to_string())?;
        let _ = player.view();
    }
    Ok(())
}

#[test]
fn recordings() {
    let records = Records::new();
    fuzz("recordings", 40, |random, input| {
        let mut header = HEADER.as_bytes().to_vec();
        if random.one_in(3) {
            random.change(&mut header, HEADER.as_bytes());
        }
        let header = String::from_utf8_lossy(&header);
        let Some(mut bytes) = records.recording(random, &header) else {
            return;
        };
        if random.one_in(3) {
            let other = records.recording(random, HEADER).unwrap();
            random.change(&mut bytes, &other);
        }
        *input = format!("{bytes:?}");
        if let Err(error) = read(bytes) {
            let is_none = error.contains("is no recording");
            assert!(is_none || error.contains("at byte"), "{error}");
        }
    });
}
