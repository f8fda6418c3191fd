//! The entries of the log, held back until no event can be merged into them.

use super::LogEntry;
use crate::probe::{Class, Event, Kind, Note, Outcome, TaskNow, ThreadId};
use crate::units::Nanos;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

/// A call that takes longer has put its thread to sleep, which is logged.
pub const ASLEEP_AFTER: Duration = Duration::from_millis(50);

/// Equal entries closer to each other than this may become one.
const TOGETHER: Duration = Duration::from_millis(100);

/// How many equal entries in a row are shown one by one; the rest are merged
/// into one.
const ONE_BY_ONE: u32 = 8;

/// A run of iterations that find nothing is logged at least this often.
const IDLE_LOGGED: Duration = Duration::from_secs(1);

/// How long after its time an event may arrive and still be put in order.
const LATE: Duration = Duration::from_millis(20);

/// How long after its beginning a run of idle iterations may arrive: a tap
/// reports it when something else happens, or after half of this.
const RUN_LATE: Duration = Duration::from_millis(200);

/// How many of the latest entries are searched for the one that a note belongs
/// to.
const SEARCHED: usize = 64;

/// How many of the sockets that a wait names are kept.
const READY_KEPT: usize = 16;

/// Folds events into entries, which come out in the order of their times.
///
/// An entry is held back until nothing more can join it: at most for a tenth
/// of a second, a run of idle iterations for a second.
#[derive(Clone, Default)]
pub struct LogBook {
    clock: Duration,
    held: VecDeque<HeldEntry>,
    /// Calls that have not returned, but may do so within [`ASLEEP_AFTER`].
    entered: HashMap<ThreadId, Event>,
    entered_at: BTreeSet<(Nanos, ThreadId)>,
    /// The entry that was released last.
    last: Option<HeldEntry>,
}

impl LogBook {
    /// The entries of these events, if no others follow.
    pub fn entries<'a>(
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Vec<LogEntry> {
        let mut book = Self::default();
        let events = events.into_iter();
        let mut entries: Vec<_> = events.flat_map(|it| book.push(it)).collect();
        entries.extend(book.finish());
        entries
    }

    /// Takes the next event, and returns the entries that are now complete.
    pub fn push(&mut self, event: &Event) -> Vec<LogEntry> {
        // The steps of a turn are too many to be logged, and not all taps
        // report them.
        if let Event::Note {
            note: Note::Step(_) | Note::Timers { .. }, ..
        } = event
        {
            return Vec::new();
        }
        self.move_clock(event.at().duration());
        match *event {
            Event::Enter { at, thread, .. } => {
                self.leave_call(thread);
                self.entered.insert(thread, *event);
                self.entered_at.insert((at, thread));
            }
            Event::Exit { thread, .. } => {
                self.leave_call(thread);
                self.hold(*event);
            }
            Event::Idle { .. } => self.hold(*event),
            Event::Note { thread, note, .. } => {
                // An error that is not handled leaves no entry.
                let is_silent = matches!(note, Note::Failed { .. });
                if !self.join(thread, &note) && !is_silent {
                    self.hold(*event);
                }
            }
        }
        self.release()
    }

    /// Lets time pass when there are no events. `now` counts from the same
    /// origin; events of the last 20 ms may still arrive.
    pub fn tick(&mut self, now: Duration) -> Vec<LogEntry> {
        self.move_clock(now.saturating_sub(LATE));
        self.release()
    }

    /// No entry that is still to come is earlier than this, unless its event
    /// is late by more than 20 ms, or 200 ms for a run of idle iterations.
    pub fn settled(&self) -> Duration {
        let begun = self.clock.saturating_sub(RUN_LATE);
        let held = self.held.front().map(|held| held.entry.at());
        let asleep = self.entered_at.first().map(|(at, _)| at.duration());
        held.into_iter().chain(asleep).fold(begun, Duration::min)
    }

    /// Returns everything that is still held back, as what comes next may be a
    /// long time away; more may come.
    pub fn settle(&mut self) -> Vec<LogEntry> {
        let held = std::mem::take(&mut self.held);
        self.last = held.back().cloned().or(self.last.take());
        if let Some(last) = &mut self.last {
            last.until = Duration::ZERO;
        }
        held.into_iter().map(|held| held.entry).collect()
    }

    /// Returns everything that is still held back, as nothing more will come.
    /// Calls that have not returned are left out: whether they would have slept
    /// is unknown.
    pub fn finish(&mut self) -> Vec<LogEntry> {
        self.entered.clear();
        self.entered_at.clear();
        self.move_clock(Duration::MAX);
        self.release()
    }

    /// Advances the clock; calls that have not returned in time are sleeps.
    fn move_clock(&mut self, now: Duration) {
        self.clock = self.clock.max(now);
        while let Some(&(at, thread)) = self.entered_at.first()
            && at.duration().saturating_add(ASLEEP_AFTER) <= self.clock
        {
            self.entered_at.pop_first();
            if let Some(event) = self.entered.remove(&thread) {
                self.hold(event);
            }
        }
    }

    /// Forgets the call that the thread had entered.
    fn leave_call(&mut self, thread: ThreadId) {
        if let Some(event) = self.entered.remove(&thread) {
            self.entered_at.remove(&(event.at(), thread));
        }
    }

    /// Inserts an entry in order, or merges it into the one before it.
    fn hold(&mut self, event: Event) {
        let entry = LogEntry::new(event);
        let later = |held: &&HeldEntry| held.entry.at() > entry.at();
        let place =
            self.held.len() - self.held.iter().rev().take_while(later).count();
        let before = match place.checked_sub(1) {
            Some(before) => self.held.get_mut(before),
            None => self.last.as_mut(),
        };
        if let Some(run) = before.map_or(Some(1), |it| it.follow(&entry)) {
            self.held.insert(place, HeldEntry::new(entry, run));
        }
    }

    /// Adds a note to the call that it explains; false if that is not held.
    fn join(&mut self, thread: ThreadId, note: &Note) -> bool {
        let mut latest = self.held.iter_mut().rev().take(SEARCHED);
        latest.any(|held| held.join(thread, note))
    }

    /// Releases the entries that no event can be merged into or precede.
    fn release(&mut self) -> Vec<LogEntry> {
        let asleep = self.entered_at.first();
        let asleep = asleep.map_or(Duration::MAX, |(at, _)| at.duration());
        let mut released = Vec::new();
        while self.held.front().is_some_and(|held| {
            held.until <= self.clock && held.entry.at() <= asleep
        }) {
            let Some(mut held) = self.held.pop_front() else { break };
            released.push(held.entry.clone());
            held.until = Duration::ZERO;
            self.last = Some(held);
        }
        released
    }
}

/// An entry that is held back.
#[derive(Clone)]
struct HeldEntry {
    entry: LogEntry,
    /// The time from which no event can be merged into it.
    until: Duration,
    /// The time of the last event that it stands for.
    latest: Duration,
    /// Its number in a row of equal ones, from 1.
    run: u32,
    /// How many notes about it are still expected.
    notes: u32,
}

impl HeldEntry {
    fn new(entry: LogEntry, run: u32) -> Self {
        let (latest, notes) = (entry.at(), expected_notes(&entry.event));
        let hold = match entry.event {
            Event::Idle { .. } => IDLE_LOGGED,
            // The note that a task pauses because of it may follow.
            Event::Exit { outcome: Outcome::WouldBlock, .. } => TOGETHER,
            _ if notes > 0 || run > ONE_BY_ONE => TOGETHER,
            _ => Duration::ZERO,
        };
        Self { until: latest.saturating_add(hold), entry, latest, run, notes }
    }

    /// Returns the number of the next entry in a row of equal ones, or `None`
    /// if it was merged into this one.
    fn follow(&mut self, next: &LogEntry) -> Option<u32> {
        let is_open = self.until > next.at();
        let goes_on = is_alike(&self.entry, next)
            && next.at() <= self.latest.saturating_add(TOGETHER);
        if goes_on && (self.run <= ONE_BY_ONE || !is_open) {
            return Some(self.run + 1);
        }
        match (&mut self.entry.event, next.event) {
            // The thread may differ: another thread reports the last run of a
            // server.
            (
                Event::Idle { at, calls, passes, .. },
                Event::Idle { at: until, calls: asked, passes: turns, .. },
            ) if is_open => {
                *at = until;
                *calls = calls.saturating_add(asked);
                *passes = passes.saturating_add(turns);
            }
            (
                Event::Exit { outcome, pending, .. },
                Event::Exit { outcome: last, pending: left, .. },
            ) if goes_on => {
                (*outcome, *pending) = (last, left);
                self.entry.times = self.entry.times.saturating_add(next.times);
                self.entry.bytes = self.entry.bytes.saturating_add(next.bytes);
                self.entry.notes.clear();
                self.latest = self.latest.max(next.at());
                self.until = self.latest.saturating_add(TOGETHER);
                self.notes = expected_notes(&next.event);
            }
            _ => {
                if self.notes == 0 {
                    self.until = Duration::ZERO;
                }
                return Some(1);
            }
        }
        None
    }

    /// Adds a note of this thread if it explains the call, else returns false.
    fn join(&mut self, caller: ThreadId, note: &Note) -> bool {
        let thread = match (self.entry.event, *note) {
            // A single call that would have blocked is the reason why its
            // task pauses: the two become one entry, which reports the pause.
            (
                Event::Exit {
                    at, thread, outcome: Outcome::WouldBlock, ..
                },
                Note::Task { now: TaskNow::Paused { .. }, .. },
            ) if thread == caller && self.entry.times == 1 => {
                let note = Event::Note { at, thread, note: *note };
                self.entry = LogEntry::new(note);
                self.until = Duration::ZERO;
                return true;
            }
            (Event::Exit { thread, outcome, .. }, Note::Ready { .. })
                if Class::from(outcome) == Class::Ready =>
            {
                thread
            }
            (
                Event::Exit { thread, outcome, .. },
                Note::Opened { socket, .. },
            ) if outcome == Outcome::Accepted(socket) => thread,
            (
                Event::Exit { thread, kind: Kind::Watch, socket: of, .. },
                Note::Interest { socket, .. },
            ) if socket == of => thread,
            _ => return false,
        };
        if thread != caller || self.notes == 0 {
            return false;
        }
        // Only a single call keeps its notes; a row of calls is just counted.
        if self.entry.times == 1 && self.entry.notes.len() < READY_KEPT {
            self.entry.notes.push(*note);
        }
        self.notes -= 1;
        if self.notes == 0 && self.run <= ONE_BY_ONE {
            self.until = Duration::ZERO;
        }
        true
    }
}

/// How many notes follow a call with this outcome.
const fn expected_notes(event: &Event) -> u32 {
    match *event {
        Event::Exit { outcome: Outcome::Ready(count), .. } => count,
        Event::Exit { outcome: Outcome::Accepted(_), .. }
        | Event::Exit { kind: Kind::Watch, outcome: Outcome::Done, .. } => 1,
        _ => 0,
    }
}

/// Whether two calls differ only in amounts. A sleep is not like any other
/// call, and neither is a wait that reports sockets.
fn is_alike(one: &LogEntry, other: &LogEntry) -> bool {
    let call = |it: &LogEntry| match it.event {
        Event::Exit { kind, socket, site, outcome, .. }
            if it.slept().is_none() =>
        {
            let exact = match outcome {
                Outcome::Ready(1..) => return None,
                Outcome::Failed(kind) => Some(kind),
                _ => None,
            };
            Some((kind, socket, site, Class::from(outcome), exact))
        }
        _ => None,
    };
    call(one).is_some_and(|it| call(other) == Some(it))
}
