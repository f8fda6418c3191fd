//! Who looks on while a server runs: a log, or nobody.

use super::output::try_print;
use crate::model::{Entry, Figures, LogBook, Rates, Throttle, What};
use crate::probe::{Kind, Phase, Tally, TapReceiver};
use crate::report::{counter_line, line, phase_line};
use crate::scenario::engine::{Watcher, Wish};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the log is brought up to date.
const TICK: Duration = Duration::from_millis(20);

/// How many entries a second are shown at most: more than anybody reads. The
/// others are counted, and the count is shown.
const ENTRIES_A_SECOND: u32 = 500;

/// How many events a look at them takes in at most: under a flood they come
/// as fast as they are taken.
const DRAINED: usize = 65_536;

/// How often a line of counters is printed.
const COUNTERS: Duration = Duration::from_secs(1);

/// Nobody: only the address is printed.
pub(super) struct QuietWatcher;

impl Watcher for QuietWatcher {
    fn listening(&mut self, address: SocketAddr) -> io::Result<()> {
        try_print(&format!("listening on {address}\n"))
    }

    fn interval(&self) -> Option<Duration> {
        None
    }

    fn tick(&mut self) -> io::Result<Wish> {
        Ok(Wish::GoOn)
    }
}

/// Another watcher, after telling on standard error which limits a server
/// has because it listens beyond loopback.
pub(super) struct Telling<'a, W> {
    pub(super) limits: Option<String>,
    pub(super) watcher: &'a mut W,
}

impl<W: Watcher> Watcher for Telling<'_, W> {
    fn listening(&mut self, address: SocketAddr) -> io::Result<()> {
        if let Some(limits) = &self.limits {
            // That nobody reads it is no reason to end the run.
            let _ = writeln!(io::stderr(), "{limits}");
        }
        self.watcher.listening(address)
    }

    fn interval(&self) -> Option<Duration> {
        self.watcher.interval()
    }

    fn tick(&mut self) -> io::Result<Wish> {
        self.watcher.tick()
    }
}

/// Prints a line an event, a line of counters a second, and a line a phase:
/// as counted, so that none is missing if events are.
pub(super) struct LogWatcher {
    introduction: String,
    receiver: TapReceiver,
    tally: Arc<Tally>,
    loop_call: Kind,
    origin: Instant,
    book: LogBook,
    throttle: Throttle,
    counted: Duration,
    figures: Figures,
    grace: Duration,
    /// How many phases have been told.
    phases: usize,
    /// Lines of what is counted whose place in the log is not settled.
    counted_lines: VecDeque<Counted>,
}

/// A line of what is counted, and its time.
struct Counted {
    at: Duration,
    line: String,
}

impl LogWatcher {
    /// A log of what the receiver brings, whose times count from `origin`.
    pub(super) fn new(
        introduction: String,
        receiver: TapReceiver,
        origin: Instant,
        tally: Arc<Tally>,
        loop_call: Kind,
        grace: Duration,
    ) -> Self {
        Self {
            introduction,
            receiver,
            origin,
            book: LogBook::default(),
            throttle: Throttle::new(ENTRIES_A_SECOND),
            counted: Duration::ZERO,
            figures: Figures::of(&tally.totals(), loop_call),
            tally,
            loop_call,
            grace,
            phases: 0,
            counted_lines: VecDeque::new(),
        }
    }

    /// Prints what is left and tells how many events were lost.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        self.receiver.finish();
        let mut entries = self.arrived();
        entries.extend(self.book.finish());
        self.tell_phases();
        let mut entries = self.throttle.pass(entries);
        entries.extend(self.throttle.finish());
        try_print(&self.in_order(&entries, Duration::MAX))?;
        Ok(self.receiver.lost())
    }

    fn arrived(&mut self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for event in self.receiver.drain().take(DRAINED) {
            entries.extend(self.book.push(&event));
        }
        entries
    }

    /// Tells what phases have begun since.
    fn tell_phases(&mut self) {
        let phases = self.tally.phases();
        let asked = phases.iter().find(|mark| mark.phase == Phase::Refusing);
        let deadline = asked.map(|mark| mark.at + self.grace);
        for mark in phases.iter().skip(self.phases) {
            let (at, line) = (mark.at, phase_line(mark, deadline));
            self.counted_lines.push_back(Counted { at, line });
        }
        self.phases = phases.len();
    }

    /// Counts, if a second is over.
    fn count(&mut self, now: Duration) {
        let time = now.saturating_sub(self.counted);
        if time < COUNTERS {
            return;
        }
        let figures = Figures::of(&self.tally.totals(), self.loop_call);
        let rates = Rates::between(&self.figures, &figures, time);
        let line = counter_line(now, &rates, self.receiver.lost());
        self.counted_lines.push_back(Counted { at: now, line });
        self.counted = now;
        self.figures = figures;
    }

    /// The entries as lines, and between them, each in its place, those of
    /// what is counted before which nothing more can come.
    fn in_order(&mut self, entries: &[Entry], settled: Duration) -> String {
        let mut text = String::new();
        let of_tap = |it: &&Entry| !matches!(it.what, What::Phase(_));
        for entry in entries.iter().filter(of_tap) {
            self.add_counted(&mut text, entry.at);
            let _ = writeln!(text, "{}", line(entry));
        }
        self.add_counted(&mut text, settled);
        text
    }

    /// Adds what was counted before this time.
    fn add_counted(&mut self, text: &mut String, time: Duration) {
        while self.counted_lines.front().is_some_and(|it| it.at < time) {
            let Some(counted) = self.counted_lines.pop_front() else { return };
            let _ = writeln!(text, "{}", counted.line);
        }
    }
}

impl Watcher for LogWatcher {
    fn listening(&mut self, address: SocketAddr) -> io::Result<()> {
        try_print(&format!("listening on {address}\n{}", self.introduction))
    }

    fn interval(&self) -> Option<Duration> {
        Some(TICK)
    }

    fn tick(&mut self) -> io::Result<Wish> {
        let now = self.origin.elapsed();
        let mut entries = self.arrived();
        entries.extend(self.book.tick(now));
        let entries = self.throttle.pass(entries);
        self.tell_phases();
        self.count(now);
        let text = self.in_order(&entries, self.book.settled());
        if !text.is_empty() {
            try_print(&text)?;
        }
        Ok(Wish::GoOn)
    }
}
