//! What each line of the mode's source does.

use super::{LineView, ThreadView};
use crate::probe::Event;
use crate::view::rates::per_second;
use crate::view::{Class, Counters, Kind, LineCount, Outcome, Rates, Site};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// Rates are taken over about this time.
const RATED: Duration = Duration::from_secs(1);

/// Samples for them are taken at most this often.
const SAMPLED: Duration = Duration::from_millis(100);

/// Limit on the samples that are kept.
const SAMPLES: usize = 12;

type Line = (Site, Kind);

/// Folds events and counters into rates and views of lines.
#[derive(Clone, Default)]
pub(super) struct Lines {
    last: HashMap<Line, Outcome>,
    /// Hits at the last view, and those that would have blocked.
    counted: HashMap<Line, (u64, u64)>,
    samples: VecDeque<(Duration, Counters)>,
}

impl Lines {
    pub(super) fn take(&mut self, event: &Event) {
        if let Event::Exit { kind, site, outcome, .. } = *event {
            self.last.insert((site, kind), outcome);
        }
    }

    /// The rates and the rows, from counters that are never lost.
    pub(super) fn view(
        &mut self,
        loop_call: Kind,
        figures: &Counters,
        threads: &[ThreadView],
        now: Duration,
    ) -> (Rates, Vec<LineView>) {
        let (since, before) = self.base(now);
        let time = now.saturating_sub(since);
        let rates = Rates::between(loop_call, &before, figures, time);
        let lines = figures.lines.iter();
        let recent = |line| hits_since(&before, line);
        let all = lines.clone().map(recent).fold(0, u64::saturating_add);
        let row = |line| self.row(line, (recent(line), all), time);
        let rows = lines.map(row).map(|row| with_threads(row, threads));
        let rows = rows.collect();
        self.sample(figures, now);
        (rates, rows)
    }

    fn row(
        &mut self,
        line: &LineCount,
        (recent, all): (u64, u64),
        time: Duration,
    ) -> LineView {
        LineView {
            site: line.site,
            kind: line.kind,
            hits: line.hits(),
            hits_per_s: per_second(recent, time),
            heat: share(recent, all),
            threads: 0,
            longest: Duration::ZERO,
            last: self.last_outcome(line),
        }
    }

    /// A call that would block makes no event of its own; that a line did
    /// nothing else since the last view tells that it was the last.
    fn last_outcome(&mut self, line: &LineCount) -> Option<Outcome> {
        let key = (line.site, line.kind);
        let counts = (line.hits(), line.of(Class::WouldBlock));
        let before = self.counted.insert(key, counts).unwrap_or_default();
        let hits = counts.0.saturating_sub(before.0);
        if hits > 0 && counts.1.saturating_sub(before.1) == hits {
            self.last.insert(key, Outcome::WouldBlock);
        }
        self.last.get(&key).copied()
    }

    /// What was counted about a second ago: the latest sample that is old
    /// enough, or the oldest, or the zeros of the start.
    fn base(&self, now: Duration) -> (Duration, Counters) {
        let mut earlier = self.samples.iter().filter(|(at, _)| *at < now);
        let old = |at: Duration| at.saturating_add(RATED) <= now;
        let enough = earlier.clone().rev().find(|(at, _)| old(*at));
        let oldest = earlier.next().filter(|_| now >= RATED);
        let base = enough.or(oldest).cloned();
        base.unwrap_or_default()
    }

    fn sample(&mut self, figures: &Counters, now: Duration) {
        let latest = self.samples.back().map(|(at, _)| *at);
        if latest.is_some_and(|at| now < at.saturating_add(SAMPLED)) {
            return;
        }
        self.samples.push_back((now, figures.without_rows()));
        if self.samples.len() > SAMPLES {
            self.samples.pop_front();
        }
    }
}

fn with_threads(mut row: LineView, threads: &[ThreadView]) -> LineView {
    let here = |it: &&ThreadView| {
        it.in_call && (it.site, it.kind) == (row.site, row.kind)
    };
    for thread in threads.iter().filter(here) {
        row.threads += 1;
        row.longest = row.longest.max(thread.since);
    }
    row
}

fn hits_since(before: &Counters, line: &LineCount) -> u64 {
    let same = |it: &&LineCount| (it.site, it.kind) == (line.site, line.kind);
    let earlier = before.lines.iter().find(same).map_or(0, LineCount::hits);
    line.hits().saturating_sub(earlier)
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn share(part: u64, all: u64) -> f32 {
    if all == 0 { 0.0 } else { part as f32 / all as f32 }
}
