//! What the clients have done so far, published for live displays.

use super::latency::EchoTime;
use super::result::GroupTally;
use crate::system::lock;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The shortest time between two updates.
const UPDATE_INTERVAL: Duration = Duration::from_millis(200);

/// The progress of the clients, which live displays read. It is published at
/// most five times a second, so that it costs the clients next to nothing.
#[derive(Clone, Debug, Default)]
pub struct LiveLoad {
    so_far: Arc<Mutex<Option<LoadSoFar>>>,
    names: Arc<Mutex<Names>>,
}

/// The names of the first [`CLIENTS_NAMED`] clients by their addresses.
pub type Names = Arc<HashMap<SocketAddr, String>>;

/// How many clients are known by their addresses, at most.
pub const CLIENTS_NAMED: usize = 2_000;

/// What all clients together have done up to a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct LoadSoFar {
    /// How many clients have connected so far.
    pub connected: u64,
    /// The echo times so far.
    pub echo_time: EchoTime,
    /// The number of echoes in each class: one for each doubling of the time,
    /// from that of the shortest to that of the longest.
    pub classes: Vec<u64>,
}

impl LiveLoad {
    /// The latest update; `None` before the first connection.
    pub fn latest(&self) -> Option<LoadSoFar> {
        lock(&self.so_far).clone()
    }

    /// The clients by their ends of the connections, which the server sees as
    /// its peers: the name of the group, with a number if it has several.
    pub fn names(&self) -> Names {
        lock(&self.names).clone()
    }

    /// Adds the name of the client at this address, if there is room.
    pub(super) fn name(&self, address: SocketAddr, name: String) {
        let mut names = lock(&self.names);
        if names.len() < CLIENTS_NAMED {
            Arc::make_mut(&mut names).insert(address, name);
        }
    }
}

/// Publishes the numbers of connections and echoes as they grow.
pub(super) struct LiveUpdates {
    /// Where live displays read them, if there are any.
    live: Option<LiveLoad>,
    /// The earliest time of the next update.
    next: Duration,
    /// How many connections and echoes there were at the last update.
    published: u64,
}

impl LiveUpdates {
    pub(super) fn new(live: Option<LiveLoad>) -> Self {
        Self { live, next: Duration::ZERO, published: 0 }
    }

    /// When the next update is due; `None` if nothing has changed.
    pub(super) fn due(&self, total: &GroupTally) -> Option<Duration> {
        let has_news = news(total) > self.published;
        (has_news && self.live.is_some()).then_some(self.next)
    }

    /// Publishes an update if one is due by this time.
    pub(super) fn publish(&mut self, total: &GroupTally, now: Duration) {
        if let Some(live) = &self.live
            && self.due(total).is_some_and(|due| due <= now)
        {
            self.next = now.saturating_add(UPDATE_INTERVAL);
            self.published = news(total);
            *lock(&live.so_far) = Some(LoadSoFar {
                connected: total.counts.connected,
                echo_time: total.echo_times.summary().unwrap_or_default(),
                classes: total.echo_times.classes(),
            });
        }
    }
}

/// The number of connections and echoes so far.
fn news(total: &GroupTally) -> u64 {
    total.counts.connected + total.counts.echoes
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that fails may panic")]
mod tests {
    use super::super::Loop;
    use super::*;

    #[test]
    fn updates_come_at_most_five_times_a_second_and_the_rest_at_the_end() {
        let ms = Duration::from_millis;
        let live = LiveLoad::default();
        let mut updates = LiveUpdates::new(Some(live.clone()));
        let mut total = GroupTally::new("total", 2, Loop::Closed);
        updates.publish(&total, ms(0));
        assert_eq!((updates.due(&total), live.latest()), (None, None));
        total.echoed(ms(10), &[ms(1)]);
        updates.publish(&total, ms(10));
        assert_eq!(live.latest().unwrap().echo_time.count, 1);
        total.echoed(ms(20), &[ms(5)]);
        updates.publish(&total, ms(20));
        assert_eq!(live.latest().unwrap().echo_time.count, 1, "too early");
        assert_eq!(updates.due(&total), Some(ms(210)));
        updates.publish(&total, Duration::MAX);
        let latest = live.latest().unwrap();
        assert_eq!(latest.echo_time.count, 2);
        assert_eq!(latest.classes, [1, 0, 0, 1], "of 0.5, 1, 2 and 4 ms");
    }

    #[test]
    fn not_more_clients_have_names_than_there_is_room_for() {
        let live = LiveLoad::default();
        for port in 1..=3_000_u16 {
            let address = ([127, 0, 0, 1], port).into();
            live.name(address, format!("talker {port}"));
        }
        let names = live.names();
        assert_eq!(names.len(), CLIENTS_NAMED);
        let first = ([127, 0, 0, 1], 1).into();
        assert_eq!(names.get(&first).unwrap(), "talker 1");
    }
}
