//! What each line of the mode's source does, and how fast the server is.

use super::{LineView, ThreadView};
use crate::probe::{Class, Counters, Event, Kind, LineCount, Outcome, Site};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Rates are taken over about this time.
const RATED: Duration = Duration::from_secs(1);

/// Samples for them are taken at most this often.
const SAMPLED: Duration = Duration::from_millis(100);

/// Limit on the samples that are kept.
const SAMPLES: usize = 12;

/// What a server did per second, over some time, and its state at the end.
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
            // Samples have no threads, in whose calls others have begun.
            iterations: rate(&|it| it.hits(loop_call)),
            calls: rate(&Counters::all_calls),
            would_blocks: rate(&Counters::would_blocks),
            bytes_in: rate(&Counters::bytes_in),
            bytes_out: rate(&Counters::bytes_out),
            open: to.open(),
            threads: to.threads.len() as u64,
        }
    }
}

/// The count per second, rounded to an integer; zero if `time` is zero.
fn per_second(count: u64, time: Duration) -> u64 {
    let scaled = u128::from(count) * 1_000_000_000 + time.as_nanos() / 2;
    let rate = scaled.checked_div(time.as_nanos()).unwrap_or(0);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

/// Folds events and counters into rates and views of lines.
#[derive(Clone, Default)]
pub(super) struct Lines {
    /// The last outcome of each line.
    last: HashMap<(Site, Kind), Outcome>,
    /// The counters of the last view.
    before: Arc<Counters>,
    samples: VecDeque<(Duration, Counters)>,
}

impl Lines {
    pub(super) fn take(&mut self, event: &Event) {
        if let Event::Exit { kind, site, outcome, .. } = *event {
            self.last.insert((site, kind), outcome);
        }
    }

    /// The rates and the rows. The counters are exact even if events are lost.
    pub(super) fn view(
        &mut self,
        loop_call: Kind,
        figures: &Arc<Counters>,
        threads: &[ThreadView],
        now: Duration,
    ) -> (Rates, Vec<LineView>) {
        // What was counted about a second ago: the latest sample that is old
        // enough, or the oldest, or the zeros of the start.
        let start = (Duration::ZERO, Counters::default());
        let mut earlier = self.samples.iter().filter(|(at, _)| *at < now);
        let is_old = |at: Duration| at.saturating_add(RATED) <= now;
        let old_enough = earlier.clone().rev().find(|(at, _)| is_old(*at));
        let oldest = earlier.next().filter(|_| now >= RATED);
        let (since, sample) = old_enough.or(oldest).unwrap_or(&start);
        let time = now.saturating_sub(*since);
        let recent = |line| count_since(sample, line, LineCount::hits);
        let rows = figures.lines.iter().map(|line| {
            let (site, kind) = (line.site, line.kind);
            // A call that would block makes no event of its own. If a line did
            // nothing else since the last view, it was the last outcome.
            let hits = count_since(&self.before, line, LineCount::hits);
            let in_vain =
                count_since(&self.before, line, |it| it.of(Class::WouldBlock));
            if hits > 0 && in_vain == hits {
                self.last.insert((site, kind), Outcome::WouldBlock);
            }
            let here = threads
                .iter()
                .filter(|it| it.in_call && (it.site, it.kind) == (site, kind));
            LineView {
                site,
                kind,
                hits: line.hits().saturating_add(here.count() as u64),
                hits_per_s: per_second(recent(line), time),
                last: self.last.get(&(site, kind)).copied(),
            }
        });
        let rows = rows.collect();
        let rates = Rates::between(loop_call, sample, figures, time);
        let latest = self.samples.back().map(|(at, _)| *at);
        if latest.is_none_or(|at| now >= at.saturating_add(SAMPLED)) {
            self.samples.push_back((now, figures.without_rows()));
            if self.samples.len() > SAMPLES {
                self.samples.pop_front();
            }
        }
        self.before = Arc::clone(figures);
        (rates, rows)
    }
}

/// What was counted of a line since `before`.
fn count_since(
    before: &Counters,
    line: &LineCount,
    count: fn(&LineCount) -> u64,
) -> u64 {
    let same = |it: &&LineCount| (it.site, it.kind) == (line.site, line.kind);
    let earlier = before.lines.iter().find(same).map_or(0, count);
    count(line).saturating_sub(earlier)
}
