//! What each line of the mode's source does, and how fast the server is.

use super::{LineView, ThreadView};
use crate::probe::Event;
use crate::view::{Class, Counters, Kind, LineCount, Outcome, Site};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// Rates are taken over about this time.
const RATED: Duration = Duration::from_secs(1);

/// Samples for them are taken at most this often.
const SAMPLED: Duration = Duration::from_millis(100);

/// Limit on the samples that are kept.
const SAMPLES: usize = 12;

/// What a server did a second, over some time, and its state at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Rates {
    /// Turns of its loop a second.
    pub iterations: u64,
    /// Calls a second.
    pub calls: u64,
    /// Calls a second that would have blocked.
    pub would_blocks: u64,
    /// Bytes received a second.
    pub bytes_in: u64,
    /// Bytes sent a second.
    pub bytes_out: u64,
    /// Connections open at the end.
    pub open: u64,
    /// Threads that had made calls by the end.
    pub threads: u64,
}

impl Rates {
    /// The rates between an earlier and a later moment, in a mode whose loop
    /// begins with this call.
    pub fn between(
        loop_call: Kind,
        from: &Counters,
        to: &Counters,
        time: Duration,
    ) -> Self {
        let rate = |of: &dyn Fn(&Counters) -> u64| {
            per_second(of(to).saturating_sub(of(from)), time)
        };
        Self {
            iterations: rate(&|it| it.iterations(loop_call)),
            calls: rate(&Counters::all_calls),
            would_blocks: rate(&Counters::would_blocks),
            bytes_in: rate(&Counters::bytes_in),
            bytes_out: rate(&Counters::bytes_out),
            open: to.open(),
            threads: to.threads.len() as u64,
        }
    }
}

/// Rounded to whole ones; zero over no time.
fn per_second(count: u64, time: Duration) -> u64 {
    let Some(scaled) = (u128::from(count) * 1_000_000_000
        + time.as_nanos() / 2)
        .checked_div(time.as_nanos())
    else {
        return 0;
    };
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_count_a_second() {
        assert_eq!(per_second(10, Duration::from_secs(2)), 5);
        assert_eq!(per_second(10, Duration::from_millis(500)), 20);
        assert_eq!(per_second(10, Duration::ZERO), 0);
    }
}
