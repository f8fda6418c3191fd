//! What the exact counters had counted, written as what has changed.

use super::bytes::{In, Out, Read};
use super::codes::end_code;
use super::places::PlacesIn;
use super::rows::{self, Key, Row, Rows};
use super::tags as tag;
use crate::probe::{self, Kind, Site};
use std::sync::Arc;
use std::time::Duration;

/// What the exact counters had counted at a moment: how their rows differ
/// from those of the record of this kind before it, or, if it
/// [is whole](Self::is_whole), all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counters {
    at: Duration,
    is_whole: bool,
    lost: u64,
    rows: Arc<[u8]>,
    places: Arc<PlacesIn>,
}

impl Counters {
    /// When they were read. Events of this time and later are not in them,
    /// earlier ones are; those that were counted while they were read may be.
    #[must_use]
    pub const fn at(&self) -> Duration {
        self.at
    }

    /// Whether they need nothing that was before them.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// How many events had found no room by then.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    pub(super) fn places(&self) -> &PlacesIn {
        &self.places
    }

    /// Reads what [`CountersOut::write`] has written.
    pub(super) fn read(
        at: Duration,
        bytes: &mut In,
        places: &Arc<PlacesIn>,
    ) -> Read<Self> {
        let is_whole = bytes.byte()? != 0;
        let lost = bytes.uint()?;
        let mut walked = *bytes;
        walk(&mut walked, |_, _, _| ())?;
        let rows = bytes.until(&walked).into();
        *bytes = walked;
        Ok(Self { at, is_whole, lost, rows, places: places.clone() })
    }

    /// Tells each column that has changed, and how far it went.
    pub(super) fn each(&self, change: impl FnMut(Key, usize, u64)) {
        // It was walked through when it was read.
        let _ = walk(&mut In::new(&self.rows), change);
    }
}

/// Goes through rows to their end.
fn walk(bytes: &mut In, mut change: impl FnMut(Key, usize, u64)) -> Read<()> {
    let (mut table, mut number) = (tag::NO_TABLE, 0);
    loop {
        let next = bytes.byte()?;
        if next == tag::NO_TABLE {
            return Ok(());
        }
        if next != table {
            (table, number) = (next, 0);
        }
        number = bytes.step(number)?;
        let key = u32::try_from(number).map(|number| (table, number));
        let key = key.ok().filter(|key| rows::may_be(*key));
        let key = key.ok_or_else(|| bytes.fault("no such row"))?;
        let mask = bytes.uint()?;
        if mask >> rows::WIDTH != 0 {
            return Err(bytes.fault("no such column"));
        }
        if mask == 0 {
            // There is such a row, and it holds nothing yet.
            change(key, 0, 0);
        }
        for column in (0..rows::WIDTH).filter(|it| mask >> it & 1 != 0) {
            change(key, column, bytes.step(0)?);
        }
    }
}

/// What the exact counters had counted at a moment.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Just before they were read.
    pub at: Duration,
    /// What they told.
    pub snapshot: probe::Counters,
    /// How many events had found no room by then.
    pub lost: u64,
}

/// Remembers what was counted before.
#[derive(Default)]
pub(super) struct CountersOut {
    before: Rows,
}

/// Where a line's number comes from.
pub(super) type Numbers<'a> = &'a mut dyn FnMut(Site, Option<Kind>) -> u64;

impl CountersOut {
    /// The rows of a snapshot that was read at a moment, as far as they have
    /// changed; all of them if they are to be `whole`.
    pub(super) fn changes(
        &mut self,
        snapshot: &probe::Counters,
        whole: bool,
        number: Numbers,
    ) -> Out {
        if whole {
            self.before.clear();
        }
        let mut changes = Changes { out: Out::default(), last: None };
        self.add_lines(&mut changes, snapshot, number);
        self.add_tasks(&mut changes, snapshot, number);
        self.add_sums(&mut changes, snapshot);
        changes.out.byte(tag::NO_TABLE);
        changes.out
    }

    fn add_lines(
        &mut self,
        changes: &mut Changes,
        snapshot: &probe::Counters,
        number: Numbers,
    ) {
        for line in &snapshot.lines {
            let place = number(line.site, Some(line.kind));
            let key = (rows::LINES, small(place));
            self.add(changes, key, rows::of_line(line));
        }
        for socket in &snapshot.sockets {
            let key = (rows::SOCKETS, socket.socket.0);
            self.add(changes, key, rows::of_socket(socket));
        }
        for thread in &snapshot.threads {
            let place = number(thread.site, Some(thread.kind));
            let key = (rows::THREADS, thread.thread.0.into());
            self.add(changes, key, rows::of_thread(thread, place));
        }
    }

    fn add_tasks(
        &mut self,
        changes: &mut Changes,
        snapshot: &probe::Counters,
        number: Numbers,
    ) {
        for count in &snapshot.tasks {
            let place = count.site.map_or(0, |site| number(site, None));
            let key = (rows::TASKS, count.task.0);
            let row = rows::of_task(count, place);
            self.add(changes, key, row);
        }
        let (key, row) = ((rows::TURNS, 0), rows::of_turns(&snapshot.turns));
        self.add(changes, key, row);
    }

    fn add_sums(&mut self, changes: &mut Changes, snapshot: &probe::Counters) {
        self.add(changes, (rows::SUMS, 0), rows::of_sums(snapshot));
        for (end, who) in &snapshot.ends {
            let key = (rows::ENDS, end_code(*end));
            self.add(changes, key, rows::of_end(*who));
        }
        for mark in &snapshot.phases {
            let key = (rows::PHASES, mark.phase as u32);
            self.add(changes, key, rows::of_phase(mark));
        }
    }

    fn add(&mut self, changes: &mut Changes, key: Key, row: Row) {
        let before = self.before.get(&key);
        if before != Some(&row) {
            changes.add(key, before.unwrap_or(&[0; rows::WIDTH]), &row);
            self.before.insert(key, row);
        }
    }
}

/// Rows that have changed, while they are written.
struct Changes {
    out: Out,
    last: Option<Key>,
}

impl Changes {
    fn add(&mut self, key: Key, before: &Row, now: &Row) {
        let (table, number) = key;
        let last = self.last.filter(|(last, _)| *last == table);
        self.out.byte(table);
        let from = last.map_or(0, |(_, number)| number.into());
        self.out.step(from, number.into());
        let changed = |column: &usize| before[*column] != now[*column];
        let columns = (0..rows::WIDTH).filter(changed);
        let mask = columns.clone().fold(0, |mask, column| mask | 1 << column);
        self.out.uint(mask);
        for column in columns {
            self.out.step(before[column], now[column]);
        }
        self.last = Some(key);
    }
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
