//! Who looks on while a server runs: a log, or nobody.

use super::output::try_print;
use crate::probe::{Clock, Tally, TapReceiver};
use crate::run::engine::{Watcher, Wish};
use crate::view::log::told_line;
use crate::view::{LogFold, Told};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How often the log is brought up to date.
pub(super) const TICK: Duration = Duration::from_millis(20);

/// How many events a look at them takes in at most: under a flood they come
/// as fast as they are taken.
const DRAINED: usize = 65_536;

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

/// Prints a line an event, a line of counters a second, and a line a phase.
pub(super) struct LogWatcher {
    introduction: String,
    receiver: TapReceiver,
    tally: Arc<Tally>,
    clock: Clock,
    fold: LogFold,
}

impl LogWatcher {
    /// A log of what the receiver brings, whose times are those of the clock.
    pub(super) const fn new(
        introduction: String,
        receiver: TapReceiver,
        tally: Arc<Tally>,
        clock: Clock,
        fold: LogFold,
    ) -> Self {
        Self { introduction, receiver, tally, clock, fold }
    }

    /// Prints what is left and tells how many events were lost.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        self.receiver.finish();
        self.take_events();
        self.fold.phases(&self.tally.phases());
        self.fold.finish();
        try_print(&lines(&self.fold.take()))?;
        Ok(self.receiver.lost())
    }

    fn take_events(&mut self) {
        for event in self.receiver.drain().take(DRAINED) {
            self.fold.event(&event);
        }
    }
}

/// What the log tells, as its lines.
pub(super) fn lines(told: &[Told]) -> String {
    told.iter().map(|it| told_line(it) + "\n").collect()
}

impl Watcher for LogWatcher {
    fn listening(&mut self, address: SocketAddr) -> io::Result<()> {
        try_print(&beginning(address, &self.introduction))
    }

    fn interval(&self) -> Option<Duration> {
        Some(TICK)
    }

    fn tick(&mut self) -> io::Result<Wish> {
        let now = self.clock.elapsed();
        self.take_events();
        let (tally, lost) = (&self.tally, self.receiver.lost());
        self.fold.counted(now, &tally.phases(), lost, || tally.totals());
        let text = lines(&self.fold.take());
        if !text.is_empty() {
            try_print(&text)?;
        }
        Ok(Wish::GoOn)
    }
}

/// What a log begins with.
pub(super) fn beginning(address: SocketAddr, introduction: &str) -> String {
    format!("listening on {address}\n{introduction}")
}
