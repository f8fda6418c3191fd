//! The log of a run, live or recorded: one line per event, per phase, and per
//! second with the counters.

use super::live::LiveRuns;
use super::output::print;
use super::record::introduction;
use super::replay::unreadable;
use crate::error::Error;
use crate::probe::Counters;
use crate::recording::Recording;
use crate::view::{LogFold, Observation, ObservedState};
use std::mem;
use std::path::Path;
use std::time::Duration;

/// How many events the log may lag behind before it misses some.
pub(super) const LOG_ROOM: usize = 65_536;

/// How often the log is brought up to date.
const TICK: Duration = Duration::from_millis(20);

/// How many events are taken at once, at most: under a flood they come as
/// fast as they are taken.
const EVENTS_AT_ONCE: usize = 65_536;

/// The lines of a recorded log are printed when this many bytes of them have
/// gathered.
const PRINTED: usize = 64 * 1024;

/// Prints the log of the first run while it lasts.
pub(super) fn follow(runs: &mut LiveRuns) -> Result<(), Error> {
    let setup = runs.session.setup.clone();
    let mode = runs.session.runs[0].mode;
    let mut fold = LogFold::new(mode.loop_call(), setup.settings.grace());
    let mut introduction =
        setup.plan.as_ref().map(|plan| introduction(plan, mode));
    loop {
        let is_over = runs.session.is_over();
        let run = &runs.session.runs[0];
        // The address and the introduction come first.
        if run.address.is_some() {
            if let Some(text) = introduction.take() {
                print(&text)?;
            }
            if let Some(tap) = &run.watch {
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
        }
        if is_over {
            fold.finish();
        }
        let text = lines_from(Duration::ZERO, &mut fold);
        if !text.is_empty() {
            print(&text)?;
        }
        if is_over {
            return Ok(());
        }
        runs.attend(TICK)?;
    }
}

/// Prints the log of a recorded run from a moment on.
pub(super) fn print_recorded(
    path: &Path,
    recording: &Recording,
    from: Duration,
) -> Result<(), Error> {
    let header = recording.header();
    let settings = header.settings;
    let mut fold = LogFold::new(settings.loop_call, settings.options.grace());
    let mut known = ObservedState::default();
    let mut text = header.introduction.clone();
    for place in 0..recording.blocks().len() {
        let records = match recording.block(place) {
            Ok(records) => records,
            Err(error) => {
                print(&text)?;
                return Err(unreadable(path, error));
            }
        };
        for record in &*records {
            match record {
                Observation::Event(event) => {
                    fold.event(event);
                    fold.flow();
                }
                // Between two of them the log needs no counters.
                Observation::Counters(update) => {
                    known.take(record);
                    let counters = &known.counters;
                    let (at, lost) = (update.at.duration(), update.lost);
                    let totals = || Counters::clone(counters);
                    fold.counted(at, &counters.phases, lost, totals);
                }
                _ => {}
            }
        }
        text += &lines_from(from, &mut fold);
        if text.len() >= PRINTED {
            print(&mem::take(&mut text))?;
        }
    }
    fold.finish();
    print(&(text + &lines_from(from, &mut fold)))
}

/// The lines that have gathered, from a moment on.
fn lines_from(from: Duration, fold: &mut LogFold) -> String {
    let lines = fold.take().into_iter().filter(|it| it.at() >= from);
    lines.map(|it| it.to_string() + "\n").collect()
}
