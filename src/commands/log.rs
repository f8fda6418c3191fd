//! The log of a run: a line an event, a line of counters a second, a line a
//! phase.

use super::live::LiveRuns;
use super::output::print;
use super::summary;
use crate::error::Error;
use crate::view::log::log_line;
use crate::view::{LogFold, LogLine};
use std::time::Duration;

/// How many events the log may lag behind before it misses some.
pub(super) const LOG_ROOM: usize = 65_536;

/// How often the log is brought up to date.
const TICK: Duration = Duration::from_millis(20);

/// How many events are taken at once, at most: under a flood they come as
/// fast as they are taken.
const EVENTS_AT_ONCE: usize = 65_536;

/// Prints the log of the first run while it lasts.
pub(super) fn follow(runs: &mut LiveRuns) -> Result<(), Error> {
    let setup = runs.session.setup();
    let mode = runs.session.runs()[0].mode;
    let mut fold = LogFold::new(mode.loop_call(), setup.settings.grace());
    let introduction = setup.plan.as_ref();
    let mut introduction =
        introduction.map(|plan| summary::introduction(plan, mode));
    loop {
        let is_over = runs.session.is_over();
        let run = &runs.session.runs()[0];
        if run.address.is_some()
            && let Some(text) = introduction.take()
        {
            print(&text)?;
        }
        // The address and the introduction come first.
        if let Some(tap) = run.watch.as_ref().filter(|_| run.address.is_some())
        {
            let now = run.now();
            if is_over {
                tap.finish();
            }
            for event in tap.drain().take(EVENTS_AT_ONCE) {
                fold.event(&event);
            }
            let phases = run.tally.phases();
            let lost = tap.lost();
            fold.counted(now, &phases, lost, || run.tally.totals());
        }
        if is_over {
            fold.finish();
        }
        let text = lines(&fold.take());
        if !text.is_empty() {
            print(&text)?;
        }
        if is_over {
            return Ok(());
        }
        runs.attend(TICK)?;
    }
}

/// The lines of the log.
pub(super) fn lines(entries: &[LogLine]) -> String {
    entries.iter().map(|it| log_line(it) + "\n").collect()
}
