//! What is known of a run beside its single events.

use super::{Control, CountersUpdate, Measured, Observation};
use crate::load::Names;
use crate::probe::{Counters, Event};
use crate::units::Nanos;
use std::sync::Arc;

/// How many clients have names, at most.
pub const NAMES_KEPT: usize = 4_096;

/// What is known of a run after some observations, those of single calls
/// aside: those are for [`Scope`](super::Scope). Clones share what is large
/// until it changes.
#[derive(Clone, Default)]
pub struct Known {
    /// The exact counters that were observed last, and what the events since
    /// then [add](Counters::apply) to them. In a live run they are exact, and
    /// set before each view.
    ///
    /// Recorded ones are exact about ten times a second and at the end. What
    /// happened while they were read, which is not one moment, may be in
    /// them already and count twice until the next ones.
    pub counters: Arc<Counters>,
    /// How many events had found no room when the counters were read.
    pub lost: u64,
    /// What was measured last.
    pub measured: Measured,
    /// Who was held, and what was asked of the gate.
    pub control: Control,
    /// What clients are called, by their addresses.
    pub names: Names,
    exact: Arc<Counters>,
    exact_at: Nanos,
}

impl Known {
    /// Takes the next observation.
    pub fn take(&mut self, observation: &Observation) {
        match observation {
            Observation::Event(event) => self.count(event),
            Observation::Counters(update) => self.update(update),
            Observation::Measured(it) => self.measured.clone_from(it),
            Observation::Control(it) => self.control.clone_from(it),
            Observation::Named(it) if self.names.len() < NAMES_KEPT => {
                let names = Arc::make_mut(&mut self.names);
                names.insert(it.address, it.name.clone());
            }
            Observation::Named(_) | Observation::Payload(_) => {}
        }
    }

    fn update(&mut self, update: &CountersUpdate) {
        // The rows may then be changed in place.
        self.counters = Arc::default();
        if update.is_whole {
            self.exact = Arc::new((*update.counters).clone());
        } else {
            merge(Arc::make_mut(&mut self.exact), &update.counters);
        }
        self.counters = self.exact.clone();
        (self.exact_at, self.lost) = (update.at, update.lost);
    }

    fn count(&mut self, event: &Event) {
        if event.at() >= self.exact_at {
            let event = self.left_of(event);
            Arc::make_mut(&mut self.counters).apply(&event);
        }
    }

    /// A run of calls without the part that was counted exactly.
    fn left_of(&self, event: &Event) -> Event {
        let Event::Idle { at, since, thread, calls, passes } = *event else {
            return *event;
        };
        let from = since.max(self.exact_at);
        let (left, all) = (at.since(from).0, at.since(since).0);
        let part = |calls: u64| {
            let part = u128::from(calls) * u128::from(left);
            let part = part.checked_div(all.into());
            part.map_or(calls, |it| u64::try_from(it).unwrap_or(u64::MAX))
        };
        let (calls, passes) = (part(calls), part(passes));
        Event::Idle { at, since: from, thread, calls, passes }
    }
}

fn merge(counters: &mut Counters, update: &Counters) {
    let mut rows = std::mem::take(counters);
    put(&mut rows.lines, &update.lines, |it| (it.site, it.kind));
    put(&mut rows.sockets, &update.sockets, |it| it.id);
    put(&mut rows.tasks, &update.tasks, |it| it.task);
    put(&mut rows.threads, &update.threads, |it| it.thread);
    put(&mut rows.phases, &update.phases, |it| it.phase);
    let Counters { lines, sockets, tasks, threads, phases, .. } = rows;
    let sums = update.without_rows();
    *counters = Counters { lines, sockets, tasks, threads, phases, ..sums };
}

/// Replaces rows by new ones with the same key, and adds those that are not
/// there yet.
fn put<T: Clone, K: Ord>(rows: &mut Vec<T>, new: &[T], key: impl Fn(&T) -> K) {
    for row in new {
        match rows.binary_search_by_key(&key(row), &key) {
            Ok(place) => rows[place].clone_from(row),
            Err(place) => rows.insert(place, row.clone()),
        }
    }
}
