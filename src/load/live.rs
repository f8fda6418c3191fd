//! What the clients have done so far, published for live displays.

use super::counts::GroupCounts;
use super::latency::{EchoHistogram, EchoTime};
use super::message::Time;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The shortest time between two updates.
const UPDATE_INTERVAL: Duration = Duration::from_millis(200);

/// Where the clients leave what they have done so far, and others find it:
/// at most five times a second, so that it costs them next to nothing.
#[derive(Clone, Debug, Default)]
pub struct LiveLoad {
    so_far: Arc<Mutex<Option<LoadSoFar>>>,
    names: Arc<Mutex<Names>>,
}

/// Whose address it is, for the first [`CLIENTS_NAMED`] clients.
pub type Names = Arc<HashMap<SocketAddr, String>>;

/// How many clients are known by their addresses, at most.
pub const CLIENTS_NAMED: usize = 2_000;

/// What all clients together have done up to a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadSoFar {
    /// How many of them got their connection.
    pub connected: u64,
    /// How long echoes took.
    pub echo_time: EchoTime,
    /// How many echoes took how long: a class for each doubling of the time,
    /// from that of the shortest to that of the longest.
    pub classes: Vec<u64>,
}

impl LiveLoad {
    /// The latest update; `None` before the first connection.
    pub fn latest(&self) -> Option<LoadSoFar> {
        locked(&self.so_far).clone()
    }

    /// The clients by their ends of the connections, which the server sees as
    /// its peers: the name of the group, with a number if it has several.
    pub fn names(&self) -> Names {
        locked(&self.names).clone()
    }

    /// The client at this address is called so.
    pub(super) fn name(&self, address: SocketAddr, name: String) {
        let mut names = locked(&self.names);
        if names.len() < CLIENTS_NAMED {
            Arc::make_mut(&mut names).insert(address, name);
        }
    }

    fn tell(&self, load: LoadSoFar) {
        *locked(&self.so_far) = Some(load);
    }
}

/// What it guards is whole also after a panic elsewhere.
fn locked<T>(guarded: &Mutex<T>) -> MutexGuard<'_, T> {
    guarded.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Publishes the numbers of connections and echoes as they grow.
pub(super) struct Teller {
    live: LiveLoad,
    /// The earliest time of the next update.
    next: Time,
    /// What [`news`] returned at the last update.
    published: u64,
}

impl Teller {
    pub(super) fn new(live: LiveLoad) -> Self {
        Self { live, next: Time::ZERO, published: 0 }
    }

    /// When the next update is due; `None` if nothing has changed.
    pub(super) fn due(&self, tallies: &[GroupCounts]) -> Option<Time> {
        (news(tallies) > self.published).then_some(self.next)
    }

    /// Publishes an update if one is due by now.
    pub(super) fn tell(&mut self, tallies: &[GroupCounts], now: Time) {
        if self.due(tallies).is_some_and(|due| due <= now) {
            self.next = now + UPDATE_INTERVAL;
            self.tell_all(tallies);
        }
    }

    /// Publishes the last changes, whether or not an update is due.
    pub(super) fn finish(&mut self, tallies: &[GroupCounts]) {
        if self.due(tallies).is_some() {
            self.tell_all(tallies);
        }
    }

    fn tell_all(&mut self, tallies: &[GroupCounts]) {
        let mut all = EchoHistogram::new();
        for counts in tallies {
            all.merge(counts.echo_times());
        }
        self.published = news(tallies);
        self.live.tell(LoadSoFar {
            connected: tallies.iter().map(|counts| counts.connected).sum(),
            echo_time: all.summary(),
            classes: all.classes(),
        });
    }
}

/// The number of connections and echoes so far.
fn news(tallies: &[GroupCounts]) -> u64 {
    tallies.iter().map(|counts| counts.connected + counts.echoes).sum()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that fails may panic")]
mod tests {
    use super::*;

    #[test]
    fn it_tells_at_most_five_times_a_second_and_the_rest_at_the_end() {
        let ms = Duration::from_millis;
        let live = LiveLoad::default();
        let mut teller = Teller::new(live.clone());
        let mut tallies = [GroupCounts::new(), GroupCounts::new()];
        teller.tell(&tallies, ms(0));
        assert_eq!((teller.due(&tallies), live.latest()), (None, None));
        tallies[0].echo(ms(10), ms(1));
        teller.tell(&tallies, ms(10));
        assert_eq!(live.latest().unwrap().echo_time.count, 1);
        tallies[1].echo(ms(20), ms(5));
        teller.tell(&tallies, ms(20));
        assert_eq!(live.latest().unwrap().echo_time.count, 1, "too early");
        assert_eq!(teller.due(&tallies), Some(ms(210)));
        teller.finish(&tallies);
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
