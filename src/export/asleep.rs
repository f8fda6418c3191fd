//! How long threads slept in which line.

use super::Subject;
use crate::probe::{Event, ThreadId};
use crate::view::{Kind, Site};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// How many lines are told apart.
const MOST_LINES: usize = 4_096;

/// Calls that may sleep, by their line.
pub(super) struct Asleep {
    from: Duration,
    until: Duration,
    lines: BTreeMap<(Site, Kind), Slept>,
    /// Calls that go on.
    open: HashMap<ThreadId, (Site, Kind, Duration)>,
}

/// What was slept in one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slept {
    /// How often.
    pub(super) times: u64,
    /// How long in all, over all threads.
    pub(super) time: Duration,
    /// The longest time.
    pub(super) longest: Duration,
}

impl Asleep {
    /// As far as it was in the window.
    pub(super) fn new(it: &Subject) -> Self {
        let (lines, open) = (BTreeMap::new(), HashMap::new());
        Self { from: it.from, until: it.until, lines, open }
    }

    pub(super) fn take(&mut self, event: &Event) {
        match *event {
            Event::Enter { at, thread, kind, site, .. } => {
                self.open.insert(thread, (site, kind, at.duration()));
            }
            Event::Exit { entered, at, thread, kind, site, .. } => {
                self.open.remove(&thread);
                if entered != at {
                    self.add((site, kind), entered.duration(), at.duration());
                }
            }
            Event::Idle { .. } | Event::Note { .. } => {}
        }
    }

    /// What goes on at the end was slept up to there.
    pub(super) fn end(&mut self, at: Duration) {
        for (site, kind, since) in std::mem::take(&mut self.open).into_values()
        {
            self.add((site, kind), since, at);
        }
    }

    fn add(&mut self, line: (Site, Kind), from: Duration, to: Duration) {
        let known = self.lines.contains_key(&line);
        let (from, to) = (from.max(self.from), to.min(self.until));
        let is_room = known || self.lines.len() < MOST_LINES;
        if from >= to || !is_room {
            return;
        }
        let slept = self.lines.entry(line).or_default();
        let time = to.saturating_sub(from);
        slept.times += 1;
        slept.time = slept.time.saturating_add(time);
        slept.longest = slept.longest.max(time);
    }

    pub(super) fn of(&self, site: Site, kind: Kind) -> Slept {
        self.lines.get(&(site, kind)).copied().unwrap_or_default()
    }
}
