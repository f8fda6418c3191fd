//! The whole log: events and counters folded into what its lines tell.

use super::{LogBook, LogEntry, Throttle, What};
use crate::probe::{Counters, Event, Kind, Note, Phase, PhaseMark};
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
    #[must_use]
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
    throttle: Throttle,
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
    #[must_use]
    pub fn new(loop_call: Kind, grace: Duration) -> Self {
        Self {
            loop_call,
            grace,
            book: LogBook::default(),
            throttle: Throttle::new(ENTRIES_A_SECOND),
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
        self.entries.extend(self.throttle.pass(entries));
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
        self.entries.extend(self.throttle.pass(entries));
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
        self.entries.extend(self.throttle.pass(entries));
        self.entries.extend(self.throttle.finish());
        self.tell_all(Duration::MAX);
    }

    /// Returns the lines that were added since the last call.
    #[must_use]
    pub fn take(&mut self) -> Vec<LogLine> {
        std::mem::take(&mut self.lines)
    }
}

impl LogFold {
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
        if !matches!(entry.what, What::Phase(_)) {
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
