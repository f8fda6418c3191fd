//! Exact counters, and what later events add to them.

use super::columns::thread;
use super::counters::Counters;
use super::encode::nanoseconds;
use super::places::Place;
use super::rows::{self, Key, Row, Rows};
use crate::probe::{Event, Kind, PhaseMark, Site};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// The counters as of any event: the last ones that were recorded exactly,
/// and what the events since then add to them.
///
/// The recorded ones are exact, about ten times a second and at the end.
/// Between two of them it is the events that tell, and they do not tell
/// everything. Until the next exact counters
/// * calls that would have blocked, and passes of a loop that found nothing
///   to do, count for their thread, in the sums of the accept line (as far as
///   there is one) and of the read line, but for no socket, as a run of them
///   is one event;
/// * the line that a thread came to in such a run is not known;
/// * passes of a loop that never sleeps in accept, on which it did not accept
///   because of a limit or of a stop, do not count as such;
/// * times that a thread was held at a gate count as time of its task or
///   step;
/// * times are those of the events: the longest write, the moment of a
///   phase, how long a task ran differ from the exact ones by as much as two
///   looks at the clock are apart, microseconds;
/// * what happened while the exact counters were read, which is not one
///   moment either, may be in them already and count twice, and events that
///   found no room are missing.
#[derive(Clone, Default)]
pub struct CounterFold {
    pub(super) places: BTreeMap<u32, Place>,
    exact: Arc<Rows>,
    pub(super) exact_at: u64,
    /// Rows that events have changed since.
    since: HashMap<Key, Row>,
    lost: u64,
}

impl CounterFold {
    /// Of a run in which nothing has been counted yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next exact counters of the recording.
    pub fn apply(&mut self, counters: &Counters) {
        self.since.clear();
        // Numbers of places that only events have met are given anew.
        self.places.retain(|number, _| *number < OWN_PLACES);
        self.places.extend(counters.places());
        let rows = Arc::make_mut(&mut self.exact);
        if counters.is_whole() {
            rows.clear();
        }
        counters.each(|key, column, way| {
            let row = rows.entry(key).or_insert([0; rows::WIDTH]);
            row[column] = row[column].wrapping_add(way);
        });
        self.exact_at = nanoseconds(counters.at());
        self.lost = counters.lost();
    }

    /// The next event of the recording.
    pub fn take(&mut self, event: &Event) {
        if event.at().0 >= self.exact_at {
            self.fold(event);
        }
    }

    /// How many events had found no room when the exact counters were read.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// When the last exact counters were read.
    #[must_use]
    pub const fn exact_at(&self) -> Duration {
        Duration::from_nanos(self.exact_at)
    }

    /// What was counted, as of the last event.
    #[must_use]
    pub fn snapshot(&self) -> crate::probe::Counters {
        let sockets = self.table(rows::SOCKETS);
        let sockets = sockets.map(|(id, row)| rows::socket(&row, id));
        crate::probe::Counters {
            sockets: sockets.collect(),
            tasks: self.tasks(),
            ..self.totals()
        }
    }

    /// The same without rows for sockets and tasks.
    #[must_use]
    pub fn totals(&self) -> crate::probe::Counters {
        let mut counters = crate::probe::Counters {
            lines: self.lines(),
            turns: rows::turns(&self.row((rows::TURNS, 0))),
            threads: self.threads(),
            phases: self.phases(),
            ..Default::default()
        };
        rows::sums(&self.row((rows::SUMS, 0)), &mut counters);
        for (code, row) in self.table(rows::ENDS) {
            let end = super::codes::end(code.into());
            if let (Some(end), Some(who)) = (end, rows::end(&row)) {
                counters.ends.insert(end, who);
            }
        }
        counters
    }

    /// The phases that the server had entered, in order.
    #[must_use]
    pub fn phases(&self) -> Vec<PhaseMark> {
        let phases = self.table(rows::PHASES);
        phases.filter_map(|(number, row)| rows::phase(&row, number)).collect()
    }

    fn lines(&self) -> Vec<crate::probe::LineCount> {
        let lines = self.table(rows::LINES);
        let line = |(number, row): (u32, Row)| {
            rows::line(&row, *self.places.get(&number)?)
        };
        let mut lines: Vec<_> = lines.filter_map(line).collect();
        lines.sort_by_key(|count| (count.site, count.kind));
        lines
    }

    fn tasks(&self) -> Vec<crate::probe::TaskCount> {
        let tasks = self.table(rows::TASKS);
        let task = |(id, row): (u32, Row)| {
            let place = rows::place_of_task(&row);
            let place = place.and_then(|place| self.place(place));
            rows::task(&row, id, place)
        };
        tasks.filter_map(task).collect()
    }

    fn threads(&self) -> Vec<crate::probe::ThreadNow> {
        let threads = self.table(rows::THREADS);
        let thread = |(id, row): (u32, Row)| {
            let place = self.place(row[thread::PLACE])?;
            rows::thread(&row, id, place)
        };
        threads.filter_map(thread).collect()
    }

    fn place(&self, number: u64) -> Option<Place> {
        self.places.get(&u32::try_from(number).ok()?).copied()
    }

    /// The rows of a table in their order.
    fn table(&self, table: u8) -> impl Iterator<Item = (u32, Row)> {
        let range = (table, 0)..=(table, u32::MAX);
        let exact = self.exact.range(range);
        let mut rows: BTreeMap<u32, Row> =
            exact.map(|((_, number), row)| (*number, *row)).collect();
        let since = self.since.iter().filter(|((it, _), _)| *it == table);
        rows.extend(since.map(|((_, number), row)| (*number, *row)));
        rows.into_iter()
    }

    /// A row as it is; one that is not there holds nothing.
    pub(super) fn row(&self, key: Key) -> Row {
        let row = self.since.get(&key).or_else(|| self.exact.get(&key));
        row.copied().unwrap_or([0; rows::WIDTH])
    }

    pub(super) fn has(&self, key: Key) -> bool {
        self.since.contains_key(&key) || self.exact.contains_key(&key)
    }

    /// The row, to be changed; rows beyond the limits are not kept, as in the
    /// counters themselves.
    pub(super) fn change(&mut self, key: Key, change: impl FnOnce(&mut Row)) {
        if !rows::may_be(key) && key.1 < OWN_PLACES {
            return;
        }
        let mut row = self.row(key);
        change(&mut row);
        self.since.insert(key, row);
    }

    /// How many connections have ended.
    pub(super) fn ended(&self) -> u64 {
        let ends = self.table(rows::ENDS);
        ends.fold(0, |sum, (_, row)| sum.saturating_add(row[0]))
    }

    /// The number of a place, its own if the recording has not named it.
    pub(super) fn number(&mut self, site: Site, kind: Option<Kind>) -> u32 {
        let place = Place { site, kind };
        let mut known = self.places.iter();
        if let Some((number, _)) = known.find(|(_, it)| **it == place) {
            return *number;
        }
        let last = self.places.keys().next_back().copied().unwrap_or(0);
        let number = (last + 1).max(OWN_PLACES);
        self.places.insert(number, place);
        number
    }
}

/// Numbers of places from here on are a fold's own, until the next counters.
const OWN_PLACES: u32 = 1 << 20;
