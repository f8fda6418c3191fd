//! The whole log: events and counters folded into the content of its lines.

use super::{LogBook, LogEntry};
use crate::probe::{Counters, Event, Kind, Note, Phase, PhaseMark};
use crate::view::{Narration, Rates};
use std::collections::VecDeque;
use std::time::Duration;

/// Limit on the entries logged for each second, above what a person can read.
/// The others are counted, and one line reports the count.
const ENTRIES_A_SECOND: u32 = 500;

/// The interval between lines with counters.
const COUNTERS: Duration = Duration::from_secs(1);

/// The content of one line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogLine {
    Entry(LogEntry),
    /// Entries that were left out because there were too many.
    NotShown {
        /// A whole second that is later than all of them.
        at: Duration,
        entries: u64,
    },
    /// The server entered a phase of its life.
    Phase {
        mark: PhaseMark,
        /// When the grace period is over, if the server was asked to stop.
        deadline: Option<Duration>,
    },
    /// What the server did per second.
    Rates {
        /// The end of the time that the rates are about.
        at: Duration,
        /// Averages over the time since the last such line.
        rates: Rates,
        /// How many events have been lost so far, for lack of room.
        lost: u64,
    },
    /// A client has begun to wait: what the screen's narration says of it.
    Waits {
        at: Duration,
        words: String,
    },
}

impl LogLine {
    /// Its time from the start of the run.
    pub const fn at(&self) -> Duration {
        match self {
            Self::Entry(entry) => entry.at(),
            Self::Phase { mark, .. } => mark.at.duration(),
            Self::NotShown { at, .. }
            | Self::Rates { at, .. }
            | Self::Waits { at, .. } => *at,
        }
    }
}

/// Folds events and exact counters into the lines of the log, in the order of
/// their times.
///
/// It uses no clock: the same events and counters in the same order make the
/// same log, in a run as in its replay. Phases and rates come from the
/// counters, so that none is missing if events are lost.
#[derive(Default)]
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
    /// When a client last began to wait, and whether it still does.
    waits: (Option<Duration>, bool),
    /// How many phases have been logged.
    phases: usize,
    /// The first phase among the events that the counters do not include yet.
    phase_at: Option<Duration>,
    /// Lines of events that are complete.
    complete: VecDeque<LogLine>,
    /// Lines made from counters that are not yet placed among those.
    counters: VecDeque<LogLine>,
    lines: Vec<LogLine>,
}

impl LogFold {
    /// The log of a run of which nothing is known yet. `loop_call` is the first
    /// call of its mode's loop, whose hits are the iterations.
    pub fn new(loop_call: Kind, grace: Duration) -> Self {
        Self { loop_call, grace, ..Self::default() }
    }

    /// Takes the next event.
    pub fn event(&mut self, event: &Event) {
        if let Event::Note { at, note: Note::Phase(_), .. } = event {
            self.phase_at.get_or_insert(at.duration());
        }
        let entries = self.book.push(event);
        self.admit(entries);
    }

    /// Adds the lines of complete entries without waiting for the next
    /// counters, up to a phase: only the counters include how many clients were
    /// left then. This is for recordings, where events and counters come in
    /// order.
    pub fn flow(&mut self) {
        let until = self.phase_at.unwrap_or(Duration::MAX);
        while self.complete.front().is_some_and(|it| it.at() < until) {
            let Some(line) = self.complete.pop_front() else { break };
            self.add_counters(line.at());
            // Phases are logged from the counters instead.
            let of_phase = matches!(
                &line,
                LogLine::Entry(LogEntry {
                    event: Event::Note { note: Note::Phase(_), .. },
                    ..
                })
            );
            self.lines.extend((!of_phase).then_some(line));
        }
    }

    /// Takes what was counted at a moment: all phases until then, how many
    /// events had been lost, and, if rates are due, the counters.
    pub fn counted(
        &mut self,
        at: Duration,
        phases: &[PhaseMark],
        lost: u64,
        counters: impl FnOnce() -> Counters,
    ) {
        let entries = self.book.tick(at);
        self.admit(entries);
        let asked = phases.iter().find(|mark| mark.phase == Phase::Refusing);
        let deadline =
            asked.map(|mark| mark.at.duration().saturating_add(self.grace));
        let new = phases.iter().skip(self.phases);
        self.counters
            .extend(new.map(|&mark| LogLine::Phase { mark, deadline }));
        self.phases = self.phases.max(phases.len());
        let (since, before) = &self.counted;
        let time = at.saturating_sub(*since);
        if time >= COUNTERS {
            let now = counters();
            let rates = Rates::between(self.loop_call, before, &now, time);
            self.counters.push_back(LogLine::Rates { at, rates, lost });
            self.counted = (at, now);
        }
        self.flow_all(self.book.settled());
    }

    /// Adds a line when a client begins to wait, at most one a second.
    pub fn narrate(&mut self, at: Duration, narration: Narration) {
        let (last, goes_on) = self.waits;
        let is_new = last.is_none_or(|it| at >= it.saturating_add(COUNTERS));
        let begins = narration.waits.filter(|_| is_new && !goes_on);
        let begins = begins.map(|it| format!("{} {it}", narration.now));
        // A wait that began too soon after the last line is logged later, if
        // it lasts.
        let waits =
            narration.waits_short.is_some() && (goes_on || begins.is_some());
        self.waits = (begins.as_ref().map_or(last, |_| Some(at)), waits);
        let line = begins.map(|words| LogLine::Waits { at, words });
        self.counters.extend(line);
    }

    /// Adds everything that is left, as nothing more will come.
    pub fn finish(&mut self) {
        let entries = self.book.finish();
        self.admit(entries);
        self.second += 1;
        self.report_left_out();
        self.flow_all(Duration::MAX);
    }

    /// Returns the lines that were added since the last call.
    pub fn take(&mut self) -> Vec<LogLine> {
        std::mem::take(&mut self.lines)
    }

    /// Admits a limited number of entries for each second and counts the
    /// others. The seconds are those of the entries, so that a replay leaves
    /// out the same ones. A change of phase and a stop are always admitted.
    fn admit(&mut self, entries: Vec<LogEntry>) {
        for entry in entries {
            if entry.at().as_secs() > self.second {
                (self.second, self.admitted) = (entry.at().as_secs(), 0);
                self.report_left_out();
            }
            let is_exempt = matches!(
                entry.event,
                Event::Note {
                    note: Note::Phase(_)
                        | Note::Stopped { .. }
                        | Note::NeverRetrieved { .. },
                    ..
                }
            );
            if is_exempt || self.admitted < ENTRIES_A_SECOND {
                self.admitted += u32::from(!is_exempt);
                self.complete.push_back(LogLine::Entry(entry));
            } else {
                self.left_out += 1;
            }
        }
    }

    fn report_left_out(&mut self) {
        let at = Duration::from_secs(self.second);
        let entries = std::mem::take(&mut self.left_out);
        let line = LogLine::NotShown { at, entries };
        self.complete.extend((entries > 0).then_some(line));
    }

    /// Adds the lines of all complete entries, and of what was counted before
    /// this time.
    fn flow_all(&mut self, settled: Duration) {
        self.phase_at = None;
        self.flow();
        self.add_counters(settled);
    }

    /// Adds the lines of what was counted before this time.
    fn add_counters(&mut self, time: Duration) {
        while self.counters.front().is_some_and(|it| it.at() < time) {
            self.lines.extend(self.counters.pop_front());
        }
    }
}
