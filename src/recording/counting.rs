//! Exact counters, recorded as what has changed, and what later events add
//! to them.

use crate::probe::{
    Counters, Event, KEPT_SOCKETS, KEPT_TASKS, MAX_THREADS, PhaseMark, Site,
};
use crate::units::Nanos;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// What the exact counters had counted at a moment: the rows that differ
/// from those of the update before it, or, if it [is whole](Self::is_whole),
/// all of them. Sums are always those of the moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountersUpdate<S = Site> {
    /// When they were read. Events of this time and later are not in them,
    /// earlier ones are; those that were counted while they were read may be.
    pub at: Nanos,
    /// Whether they need nothing that was before them.
    pub is_whole: bool,
    /// How many events had found no room by then.
    pub lost: u64,
    /// The rows and the sums.
    pub counters: Box<Counters<S>>,
}

impl<S> CountersUpdate<S> {
    /// The same with each call site replaced.
    pub(super) fn map<T>(self, site: impl FnMut(S) -> T) -> CountersUpdate<T> {
        let Self { at, is_whole, lost, counters } = self;
        let counters = Box::new(counters.map(site));
        CountersUpdate { at, is_whole, lost, counters }
    }
}

/// What the exact counters had counted at a moment.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Just before they were read.
    pub at: Duration,
    /// What had been counted.
    pub snapshot: Counters,
    /// How many events had found no room by then.
    pub lost: u64,
}

/// The rows of `now` that differ from those of `before`, and its sums.
pub(super) fn changes(before: &Counters, now: &Counters) -> Counters {
    Counters {
        lines: changed(&before.lines, &now.lines, |it| (it.site, it.kind)),
        sockets: changed(&before.sockets, &now.sockets, |it| it.id),
        tasks: changed(&before.tasks, &now.tasks, |it| it.task),
        threads: changed(&before.threads, &now.threads, |it| it.thread),
        phases: changed(&before.phases, &now.phases, |it| it.phase),
        ..now.without_rows()
    }
}

fn changed<T: Clone + PartialEq, K: Ord>(
    before: &[T],
    now: &[T],
    key: impl Fn(&T) -> K,
) -> Vec<T> {
    let is_new = |row: &&T| {
        let place = before.binary_search_by_key(&key(row), &key);
        place.map_or(true, |place| before[place] != **row)
    };
    now.iter().filter(is_new).cloned().collect()
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

/// Whether there may be such rows: each table in ascending order, and within
/// its limit.
pub(super) fn check_rows(counters: &Counters) -> Result<(), &'static str> {
    let is_ordered = counters.lines.is_sorted_by_key(|it| (it.site, it.kind))
        && counters.sockets.is_sorted_by_key(|it| it.id)
        && counters.tasks.is_sorted_by_key(|it| it.task)
        && counters.threads.is_sorted_by_key(|it| it.thread)
        && counters.phases.is_sorted_by_key(|it| it.phase);
    if !is_ordered {
        return Err("rows of counters are not in their order");
    }
    let (socket, task) = (counters.sockets.last(), counters.tasks.last());
    let is_within = socket.is_none_or(|it| kept(it.id.0, KEPT_SOCKETS))
        && task.is_none_or(|it| kept(it.task.0, KEPT_TASKS))
        && counters.threads.iter().all(|it| it.thread.0 < MAX_THREADS);
    is_within.then_some(()).ok_or("a row of counters beyond its limit")
}

const fn kept(number: u32, limit: usize) -> bool {
    (number as usize) < limit
}

/// The counters as of any event: the last ones that were recorded exactly,
/// and what the events since then [add](Counters::apply) to them. Clones
/// share the rows until they change.
///
/// The recorded ones are exact, about ten times a second and at the end.
/// What happened while they were read, which is not one moment, may be in
/// them already and count twice until the next ones.
#[derive(Clone, Default)]
pub struct CounterFold {
    exact: Arc<Counters>,
    exact_at: Nanos,
    now: Arc<Counters>,
    lost: u64,
}

impl CounterFold {
    /// Of a run in which nothing has been counted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next exact counters of the recording.
    pub fn apply(&mut self, update: &CountersUpdate) {
        self.now = Arc::default();
        if update.is_whole {
            self.exact = Arc::default();
        }
        merge(Arc::make_mut(&mut self.exact), &update.counters);
        self.now = self.exact.clone();
        (self.exact_at, self.lost) = (update.at, update.lost);
    }

    /// The next event of the recording.
    pub fn take(&mut self, event: &Event) {
        if event.at() < self.exact_at {
            return;
        }
        let event = self.left_of(event);
        Arc::make_mut(&mut self.now).apply(&event);
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

    /// How many events had found no room when the exact counters were read.
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// What was counted, as of the last event.
    pub fn snapshot(&self) -> Counters {
        Counters::clone(&self.now)
    }

    /// The same without rows of sockets and tasks.
    pub fn totals(&self) -> Counters {
        let (threads, phases) = (&self.now.threads, &self.now.phases);
        Counters {
            threads: threads.clone(),
            phases: phases.clone(),
            ..self.now.without_rows()
        }
    }

    /// The phases that the server had entered, in order.
    pub fn phases(&self) -> Vec<PhaseMark> {
        self.now.phases.clone()
    }

    /// About how many bytes of memory it takes.
    pub(super) fn memory(&self) -> usize {
        let rows = self.now.sockets.len() + self.now.tasks.len();
        2 * rows * size_of::<crate::probe::SocketCount>()
    }
}
