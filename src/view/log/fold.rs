//! The whole log: events and counters folded into what its lines tell.

use super::{LogBook, LogEntry, What};
use crate::probe::{Counters, Event, Kind, Note, Phase, PhaseMark, ThreadId};
use crate::view::Rates;
use std::collections::VecDeque;
use std::time::Duration;

/// Limit on the entries logged for each second, above what a person can read.
/// The others are counted, and one entry reports the count.
const ENTRIES_A_SECOND: u32 = 500;

/// The interval between lines with counters.
const COUNTERS: Duration = Duration::from_secs(1);

/// The content of one line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogLine {
    /// What happened.
    Entry(LogEntry),
    /// The server's life entered a phase.
    Phase {
        /// Which, and when.
        mark: PhaseMark,
        /// When the grace period is over, if the server was asked to stop.
        deadline: Option<Duration>,
    },
    /// What the server did a second.
    Rates {
        /// Until when.
        at: Duration,
        /// Since the last time.
        rates: Rates,
        /// How many events have found no room so far.
        lost: u64,
    },
}

impl LogLine {
    /// Its moment, from the start of the run.
    pub const fn at(&self) -> Duration {
        match self {
            Self::Entry(entry) => entry.at,
            Self::Phase { mark, .. } => mark.at.duration(),
            Self::Rates { at, .. } => *at,
        }
    }
}

/// Folds events and exact counters into what the log tells, in the order of
/// its times.
///
/// It knows no clock: the same events and counters in the same order make
/// the same log, in a run as in its replay. Phases and rates are those of
/// the counters, so that none is missing if events are.
pub struct LogFold {
    loop_call: Kind,
    grace: Duration,
    book: LogBook,
    /// The second of the last entry, how many entries of it were admitted, and
    /// how many were left out since that was last reported.
    second: u64,
    admitted: u32,
    left_out: u64,
    /// When rates were last logged, and the counters at that time.
    counted: (Duration, Counters),
    /// How many phases have been logged.
    phases: usize,
    /// The first phase among the events that the counters do not include yet.
    phase_at: Option<Duration>,
    /// Entries that are complete.
    entries: VecDeque<LogEntry>,
    /// Lines made from counters that are not yet placed among the entries.
    counters: VecDeque<LogLine>,
    lines: Vec<LogLine>,
}

impl LogFold {
    /// The log of a run of which nothing is known yet: the first call of its
    /// mode's loop, whose hits are the iterations, and its grace period.
    pub fn new(loop_call: Kind, grace: Duration) -> Self {
        Self {
            loop_call,
            grace,
            book: LogBook::default(),
            second: 0,
            admitted: 0,
            left_out: 0,
            counted: Default::default(),
            phases: 0,
            phase_at: None,
            entries: VecDeque::new(),
            counters: VecDeque::new(),
            lines: Vec::new(),
        }
    }

    /// The next event. The steps of an event loop and its timers are passed
    /// over, so that the log is the same where they are recorded.
    pub fn event(&mut self, event: &Event) {
        if let Event::Note { at, note, .. } = event {
            match note {
                Note::Step(_) | Note::Timers(_) => return,
                Note::Phase(_) => {
                    self.phase_at = self.phase_at.or(Some((*at).duration()));
                }
                _ => {}
            }
        }
        let entries = self.book.push(event);
        self.admit(entries);
    }

    /// Tells the entries that are complete without waiting for the next
    /// counters, up to a phase: how many clients were left then only they
    /// know. For events that come with the counters that were read among
    /// them.
    pub fn flow(&mut self) {
        let until = self.phase_at.unwrap_or(Duration::MAX);
        while self.entries.front().is_some_and(|it| it.at < until) {
            self.tell_entry();
        }
    }

    /// What was counted at a moment: the phases until then, how many events
    /// had found no room, and, if it is time to tell them, the counters.
    pub fn counted(
        &mut self,
        at: Duration,
        phases: &[PhaseMark],
        lost: u64,
        counters: impl FnOnce() -> Counters,
    ) {
        let entries = self.book.tick(at);
        self.admit(entries);
        self.phases(phases);
        if at.saturating_sub(self.counted.0) >= COUNTERS {
            self.rates(at, lost, counters());
        }
        self.tell_all(self.book.settled());
    }

    /// Takes all phases so far, including those that were logged before.
    pub fn phases(&mut self, phases: &[PhaseMark]) {
        let asked = phases.iter().find(|mark| mark.phase == Phase::Refusing);
        let deadline =
            asked.map(|mark| mark.at.duration().saturating_add(self.grace));
        for mark in phases.iter().skip(self.phases) {
            self.counters.push_back(LogLine::Phase { mark: *mark, deadline });
        }
        self.phases = self.phases.max(phases.len());
        self.phase_at = None;
    }

    /// Nothing more will come: tells everything that is left.
    pub fn finish(&mut self) {
        let entries = self.book.finish();
        self.admit(entries);
        self.second += 1;
        self.report_left_out(ThreadId(0));
        self.tell_all(Duration::MAX);
    }

    /// Returns the lines that were added since the last call.
    pub fn take(&mut self) -> Vec<LogLine> {
        std::mem::take(&mut self.lines)
    }
}

impl LogFold {
    /// Admits a limited number of entries for each second and counts the
    /// others. The seconds are those of the entries, so that a replay leaves
    /// out the same ones. A change of phase is always admitted.
    fn admit(&mut self, entries: Vec<LogEntry>) {
        for entry in entries {
            if entry.at.as_secs() > self.second {
                (self.second, self.admitted) = (entry.at.as_secs(), 0);
                self.report_left_out(entry.thread);
            }
            let is_exempt = matches!(
                entry.what,
                What::Note(Note::Phase(_) | Note::NeverRetrieved { .. })
            );
            if is_exempt || self.admitted < ENTRIES_A_SECOND {
                self.admitted += u32::from(!is_exempt);
                self.entries.push_back(entry);
            } else {
                self.left_out += 1;
            }
        }
    }

    fn report_left_out(&mut self, thread: ThreadId) {
        let at = Duration::from_secs(self.second);
        let entries = std::mem::take(&mut self.left_out);
        let what = What::NotShown { entries };
        let entry = (entries > 0).then_some(LogEntry { at, thread, what });
        self.entries.extend(entry);
    }

    fn rates(&mut self, at: Duration, lost: u64, to: Counters) {
        let (from_at, from) = &self.counted;
        let time = at.saturating_sub(*from_at);
        let rates = Rates::between(self.loop_call, from, &to, time);
        self.counters.push_back(LogLine::Rates { at, rates, lost });
        self.counted = (at, to);
    }

    /// Tells all entries, and what was counted before this time.
    fn tell_all(&mut self, settled: Duration) {
        while !self.entries.is_empty() {
            self.tell_entry();
        }
        self.tell_counters(settled);
    }

    /// Tells the next entry after what was counted before it. The phases are
    /// those that were counted.
    fn tell_entry(&mut self) {
        let Some(entry) = self.entries.pop_front() else { return };
        if !matches!(entry.what, What::Note(Note::Phase(_))) {
            self.tell_counters(entry.at);
            self.lines.push(LogLine::Entry(entry));
        }
    }

    /// Tells what was counted before this time.
    fn tell_counters(&mut self, time: Duration) {
        while self.counters.front().is_some_and(|it| it.at() < time) {
            self.lines.extend(self.counters.pop_front());
        }
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
