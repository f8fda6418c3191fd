//! Encodes and decodes records. Whatever the bytes are, decoding ends, in
//! bounded memory.

use crate::probe::{
    Counters, Event, KEPT_SOCKETS, KEPT_TASKS, MAX_THREADS, MOST_FAILED_CALLS,
    Site,
};
use crate::system::lock;
use crate::system::queues::QUEUES_KEPT;
use crate::view::Observation;
use postcard::ser_flavors::Flavor;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// The most bytes of one transfer that a recording keeps.
pub const LARGEST_PAYLOAD: usize = 16 * 1024;

/// How many records a block has at most.
pub(super) const MOST_RECORDS: usize = 65_536;

/// How many of them may be counters.
pub(super) const MOST_COUNTERS: usize = 64;

/// How many call sites a block may name.
pub(super) const MOST_SITES: usize = 4_096;

/// The longest name of a client, in bytes; longer ones are cut.
pub(super) const LONGEST_CLIENT: usize = 4 * 1024;

/// The longest name of a source file, in bytes.
const LONGEST_FILE: usize = 512;

/// How many names of files this process ever learns from recordings, as a
/// name lives as long as the process.
const MOST_FILES: usize = 1_024;

/// The same name, never freed; `None` if it is too long or one too many.
fn lasting(name: &str) -> Option<&'static str> {
    static FILES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = lock(&FILES);
    if let Some(known) = names.get(name) {
        return Some(known);
    }
    if names.len() >= MOST_FILES || name.len() > LONGEST_FILE {
        return None;
    }
    let name: &'static str = Box::leak(Box::from(name));
    names.insert(name);
    Some(name)
}

/// A difference modulo 2^64 in zigzag order: small for either sign.
fn zigzag(from: u64, to: u64) -> u64 {
    let difference = to.wrapping_sub(from).cast_signed();
    (difference << 1 ^ difference >> 63).cast_unsigned()
}

fn unzigzag(from: u64, step: u64) -> u64 {
    from.wrapping_add(step >> 1 ^ (step & 1).wrapping_neg())
}

/// Writes the records of one block after the other: a list of call sites,
/// and the records, in which a site is its place in the list and the time of
/// an event is the difference to the one before.
#[derive(Default)]
pub(super) struct Encoder {
    pub(super) records: Vec<u8>,
    pub(super) sites: Vec<Site>,
    time: u64,
}

impl Encoder {
    /// Returns the content of the block and begins a new one.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.time = 0;
        let sites = std::mem::take(&mut self.sites);
        let sites: Vec<_> = sites.iter().map(|it| (it.file, it.line)).collect();
        // Writing into memory cannot fail.
        let mut block = postcard::to_allocvec(&sites).unwrap_or_default();
        block.append(&mut self.records);
        block
    }

    #[inline]
    pub(super) fn add(&mut self, mut record: Observation) {
        let Self { sites, time, .. } = self;
        record.change_sites(|site| {
            let known = sites.iter().position(|it| it == site);
            let place = known.unwrap_or_else(|| {
                if sites.len() < MOST_SITES {
                    sites.push(*site);
                }
                sites.len() - 1
            });
            site.line = u32::try_from(place).unwrap_or(u32::MAX);
        });
        if let Observation::Event(event) = &mut record {
            for at in event.times_mut() {
                let step = zigzag(*time, at.0);
                *time = std::mem::replace(&mut at.0, step);
            }
        }
        postcard::serialize_with_flavor(&record, Appended(&mut self.records))
            .expect("every recorded type can be written into memory");
    }
}

/// The most bytes that postcard writes for a number of 64 bits.
const LONGEST_NUMBER: usize = 10;

/// Appends to a vector. Most of what an event consists of are numbers of a
/// byte or two, for which a call of memcpy(3) would take longer than a push.
struct Appended<'a>(&'a mut Vec<u8>);

impl Flavor for Appended<'_> {
    type Output = ();

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if bytes.len() > LONGEST_NUMBER {
            self.0.extend_from_slice(bytes);
        } else {
            for byte in bytes {
                self.0.push(*byte);
            }
        }
        Ok(())
    }

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// Decodes the records of one block, up to the first invalid one.
///
/// # Errors
/// Why that is invalid, and at which byte of the block's content.
pub(super) fn decode(
    bytes: &[u8],
    records: &mut Vec<Observation>,
) -> Result<(), String> {
    let mut rest = bytes;
    let read = read_records(&mut rest, records);
    let at = bytes.len() - rest.len();
    read.map_err(|why| format!("{why}, at byte {at} of the block's content"))
}

fn read_records(
    rest: &mut &[u8],
    records: &mut Vec<Observation>,
) -> Result<(), &'static str> {
    if rest.is_empty() {
        return Ok(());
    }
    let sites = read_sites(rest)?;
    let (mut time, mut counters) = (0, 0);
    while !rest.is_empty() {
        if records.len() >= MOST_RECORDS {
            return Err("too many records");
        }
        let (mut record, left) =
            postcard::take_from_bytes(rest).map_err(|_| "no such record")?;
        let mut is_known = true;
        Observation::change_sites(&mut record, |site| {
            match sites.get(site.line as usize) {
                Some(known) => *site = *known,
                None => is_known = false,
            }
        });
        if !is_known {
            return Err("no such call site");
        }
        match &mut record {
            Observation::Event(event) => {
                for at in event.times_mut() {
                    time = unzigzag(time, at.0);
                    at.0 = time;
                }
            }
            Observation::Counters(update) => {
                counters += 1;
                check_rows(&update.counters)?;
            }
            _ => {}
        }
        if counters > MOST_COUNTERS || !is_within_limits(&record) {
            return Err("a record beyond its limits");
        }
        records.push(record);
        *rest = left;
    }
    Ok(())
}

fn read_sites(bytes: &mut &[u8]) -> Result<Vec<Site>, &'static str> {
    let (sites, rest) = postcard::take_from_bytes::<Vec<(&str, u32)>>(bytes)
        .map_err(|_| "no list of call sites")?;
    if sites.len() > MOST_SITES {
        return Err("too many call sites");
    }
    let site = |(file, line)| Some(Site { file: lasting(file)?, line });
    let sites: Option<Vec<_>> = sites.into_iter().map(site).collect();
    *bytes = rest;
    sites.ok_or("too many source files")
}

/// Whether a record is within the limits of the format.
fn is_within_limits(record: &Observation) -> bool {
    match record {
        Observation::Event(
            Event::Enter { thread, .. }
            | Event::Exit { thread, .. }
            | Event::Idle { thread, .. }
            | Event::Note { thread, .. },
        ) => thread.0 < MAX_THREADS,
        Observation::Counters(it) => {
            let Counters { sockets, tasks, threads, failed_calls, .. } =
                &*it.counters;
            let is_kept = |number: u32, kept| (number as usize) < kept;
            sockets.last().is_none_or(|it| is_kept(it.id.0, KEPT_SOCKETS))
                && tasks.last().is_none_or(|it| is_kept(it.task.0, KEPT_TASKS))
                && threads.last().is_none_or(|it| it.thread.0 < MAX_THREADS)
                && failed_calls.len() <= MOST_FAILED_CALLS
        }
        Observation::Payload(it) => {
            it.thread.0 < MAX_THREADS && it.bytes.len() <= LARGEST_PAYLOAD
        }
        Observation::Control(it) => it.held.len() <= usize::from(MAX_THREADS),
        Observation::Named(it) => it.name.len() <= LONGEST_CLIENT,
        Observation::Queues(it) => it.rows.len() <= 2 * QUEUES_KEPT,
        Observation::Measured(_) => true,
    }
}

/// The rows of `now` that differ from those of `before`, and all sums.
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

/// Refuses rows that are not in ascending order in each table.
fn check_rows(counters: &Counters) -> Result<(), &'static str> {
    let is_ordered = counters.lines.is_sorted_by_key(|it| (it.site, it.kind))
        && counters.sockets.is_sorted_by_key(|it| it.id)
        && counters.tasks.is_sorted_by_key(|it| it.task)
        && counters.threads.is_sorted_by_key(|it| it.thread)
        && counters.phases.is_sorted_by_key(|it| it.phase)
        && counters
            .failed_calls
            .is_sorted_by_key(|it| (it.operation, it.error));
    is_ordered.then_some(()).ok_or("rows of counters are not in their order")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::queues::KernelQueue;
    use crate::view::QueuesUpdate;

    #[test]
    fn differences_come_back_whatever_their_size() {
        let numbers = [0, 1, 127, 128, 300, 1 << 35, u64::MAX - 1, u64::MAX];
        for from in numbers {
            for to in numbers {
                assert_eq!(unzigzag(from, zigzag(from, to)), to);
            }
        }
        assert_eq!([zigzag(5, 4), zigzag(5, 6)], [1, 2]);
    }

    #[test]
    fn more_queues_than_are_ever_kept_are_refused() {
        let decoded = |ports: u16| {
            let peers = (0..ports).map(|it| ([127, 0, 0, 1], it).into());
            let rows = peers.map(|peer| (peer, KernelQueue::default()));
            let rows = rows.collect();
            let update = QueuesUpdate { rows, ..QueuesUpdate::default() };
            let mut encoder = Encoder::default();
            encoder.add(Observation::Queues(update));
            decode(&encoder.take(), &mut Vec::new()).is_ok()
        };
        assert_eq!((decoded(8_192), decoded(8_193)), (true, false));
    }

    #[test]
    fn nonsense_is_refused_with_its_place() {
        let words = "no such record, at byte 1 of the block's content";
        assert_eq!(decode(&[0, 0xff], &mut Vec::new()), Err(words.into()));
    }
}
