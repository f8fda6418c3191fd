//! Who looks on while a server runs: a log, or nobody.

use super::output::try_print;
use crate::model::{Entry, Figures, LogBook, Rates};
use crate::probe::{Kind, Tally, TapReceiver};
use crate::report::{counter_line, line};
use crate::scenario::engine::{Watcher, Wish};
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the log is brought up to date.
const TICK: Duration = Duration::from_millis(20);

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

/// Prints a line an event, and a line of counters a second.
pub(super) struct LogWatcher {
    introduction: String,
    receiver: TapReceiver,
    tally: Arc<Tally>,
    loop_call: Kind,
    origin: Instant,
    book: LogBook,
    counted: Duration,
    figures: Figures,
}

impl LogWatcher {
    /// A log of what the receiver brings, whose times count from `origin`.
    pub(super) fn new(
        introduction: String,
        receiver: TapReceiver,
        origin: Instant,
        tally: Arc<Tally>,
        loop_call: Kind,
    ) -> Self {
        Self {
            introduction,
            receiver,
            origin,
            book: LogBook::default(),
            counted: Duration::ZERO,
            figures: Figures::of(&tally.snapshot(), loop_call),
            tally,
            loop_call,
        }
    }

    /// Prints what is left and tells how many events were lost.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        self.receiver.finish();
        let mut entries = self.arrived();
        entries.extend(self.book.finish());
        try_print(&lines(&entries))?;
        Ok(self.receiver.lost())
    }

    fn arrived(&mut self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for event in self.receiver.drain() {
            entries.extend(self.book.push(&event));
        }
        entries
    }

    /// The line of counters, if a second is over.
    fn counters(&mut self, now: Duration) -> Option<String> {
        let time =
            now.checked_sub(self.counted).filter(|it| *it >= COUNTERS)?;
        let figures = Figures::of(&self.tally.snapshot(), self.loop_call);
        let rates = Rates::between(&self.figures, &figures, time);
        self.counted = now;
        self.figures = figures;
        Some(counter_line(now, &rates, self.receiver.lost()) + "\n")
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
        let mut text = lines(&entries);
        text.extend(self.counters(now));
        if !text.is_empty() {
            try_print(&text)?;
        }
        Ok(Wish::GoOn)
    }
}

fn lines(entries: &[Entry]) -> String {
    entries.iter().fold(String::new(), |mut text, entry| {
        let _ = writeln!(text, "{}", line(entry));
        text
    })
}
