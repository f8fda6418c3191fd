//! Events folded into a log that people can read.
//!
//! Everything is decided from the times of the events, so that a replay
//! folds them into the same entries as the live run did.

mod entry;
mod fold;
mod held;
mod words;

pub use entry::{Found, LogEntry, Made, More, Readiness, What};
pub use fold::{LogFold, LogLine};
pub use words::{
    LogWords, counter_line, line, log_line, long_run, never_retrieved,
    outcome_words, phase_line,
};

use crate::probe::{Event, Note, ThreadId};
use held::HeldEntry;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

/// A call that takes longer has put its thread to sleep, worth an entry.
pub const ASLEEP_AFTER: Duration = Duration::from_millis(50);

/// Equal entries closer to each other than this may become one.
pub const TOGETHER: Duration = Duration::from_millis(100);

/// How many equal entries in a row are shown one by one; the rest are merged
/// into one.
pub const ONE_BY_ONE: u32 = 8;

/// A run of iterations that find nothing is logged at least this often.
pub const IDLE_LOGGED: Duration = Duration::from_secs(1);

/// How long after its time an event may arrive and still find its place.
pub const LATE: Duration = Duration::from_millis(20);

/// How long after its beginning a run of idle iterations may arrive: a tap
/// tells of it when something else happens, or after half of this.
pub const RUN_LATE: Duration = Duration::from_millis(200);

/// How many of the latest entries are searched for the one that a note belongs
/// to.
const SEARCHED: usize = 64;

/// Folds events into entries, which come out in the order of their times.
///
/// An entry is held back until nothing more can join it: at most for
/// [`TOGETHER`], a run of idle iterations for [`IDLE_LOGGED`].
#[derive(Clone, Default)]
pub struct LogBook {
    clock: Duration,
    held: VecDeque<HeldEntry>,
    /// Calls that have not returned and may yet do so soon.
    entered: HashMap<ThreadId, LogEntry>,
    entered_at: BTreeSet<(Duration, ThreadId)>,
    /// The last entry that came out.
    last: Option<HeldEntry>,
}

impl LogBook {
    /// Takes the next event; what comes out is complete.
    pub fn push(&mut self, event: &Event) -> Vec<LogEntry> {
        self.move_clock(event.at().duration());
        match *event {
            Event::Enter { at, thread, kind, socket, site } => {
                self.returned(thread);
                let what = What::Asleep { kind, socket, site };
                self.entered.insert(
                    thread,
                    LogEntry { at: at.duration(), thread, what },
                );
                self.entered_at.insert((at.duration(), thread));
            }
            Event::Exit { at, thread, .. } => {
                self.returned(thread);
                if let Some(made) = Made::of(event) {
                    self.hold(LogEntry {
                        at: at.duration(),
                        thread,
                        what: What::Made(made),
                    });
                }
            }
            Event::Idle { since, at, thread, calls, passes } => {
                let iterations = passes;
                let found = Found { iterations, calls, until: at.duration() };
                let what = What::FoundNothing(found);
                self.hold(LogEntry { at: since.duration(), thread, what });
            }
            Event::Note { at, thread, note } => {
                // The steps of a turn are too many to be logged, and an error
                // that is not handled is silent.
                let is_silent = matches!(
                    note,
                    Note::Failed { .. } | Note::Step(_) | Note::Timers(_)
                );
                if !self.join(thread, &note) && !is_silent {
                    let what = What::Note(note);
                    self.hold(LogEntry { at: at.duration(), thread, what });
                }
            }
        }
        self.release()
    }

    /// Lets time pass when there are no events. `now` counts from the same
    /// origin; what is younger than [`LATE`] may still be on its way.
    pub fn tick(&mut self, now: Duration) -> Vec<LogEntry> {
        self.move_clock(now.saturating_sub(LATE));
        self.release()
    }

    /// No entry that is still to come is earlier than this, unless its event
    /// is later than [`LATE`], or [`RUN_LATE`] for a run of idle iterations.
    pub fn settled(&self) -> Duration {
        let begun = self.clock.saturating_sub(RUN_LATE);
        let held = self.held.front().map(|held| held.entry.at);
        let asleep = self.entered_at.first().map(|(at, _)| *at);
        held.into_iter().chain(asleep).fold(begun, Duration::min)
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

    /// What has not returned by now sleeps.
    fn move_clock(&mut self, now: Duration) {
        self.clock = self.clock.max(now);
        while let Some(&(at, thread)) = self.entered_at.first()
            && at.saturating_add(ASLEEP_AFTER) <= self.clock
        {
            self.entered_at.pop_first();
            if let Some(entry) = self.entered.remove(&thread) {
                self.hold(entry);
            }
        }
    }

    /// The thread is no longer in the call it had entered.
    fn returned(&mut self, thread: ThreadId) {
        if let Some(entry) = self.entered.remove(&thread) {
            self.entered_at.remove(&(entry.at, thread));
        }
    }

    /// Puts an entry in its place, or into the one before it.
    fn hold(&mut self, entry: LogEntry) {
        let later = |held: &&HeldEntry| held.entry.at > entry.at;
        let place =
            self.held.len() - self.held.iter().rev().take_while(later).count();
        let before = match place.checked_sub(1) {
            Some(before) => self.held.get_mut(before),
            None => self.last.as_mut(),
        };
        let run = match before {
            Some(before) => match before.follow(&entry) {
                Some(run) => run,
                None => return,
            },
            None => 1,
        };
        self.held.insert(place, HeldEntry::new(entry, run));
    }

    /// Adds a note to the call that it explains, if that is still held.
    fn join(&mut self, thread: ThreadId, note: &Note) -> bool {
        let latest = self.held.iter_mut().rev().take(SEARCHED);
        let mut of_thread = latest.filter(|held| held.entry.thread == thread);
        of_thread.any(|held| held.join(note))
    }

    fn release(&mut self) -> Vec<LogEntry> {
        let mut released = Vec::new();
        while self.held.front().is_some_and(|held| self.is_over(held)) {
            let Some(held) = self.held.pop_front() else { break };
            released.push(held.entry.clone());
            self.last = Some(held.closed());
        }
        released
    }

    /// Whether nothing can join it, nor come before it.
    fn is_over(&self, held: &HeldEntry) -> bool {
        let asleep = self.entered_at.first();
        held.until <= self.clock
            && asleep.is_none_or(|(at, _)| *at >= held.entry.at)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
