//! How the server's threads spend their time, and the lane of its loop.

use super::lane::{AskedRing, LANE_CELLS, bucket};
use super::ring::{Ring, number, spread};
use super::{BUCKET, Cell, Lane, LoopView, Shares, ThreadView};
use crate::probe::{
    Before, Event, Kind, Note, Outcome, Phase, ThreadAtGate, ThreadId,
};
use crate::units::nanoseconds;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The number of buckets over which the shares are computed: one second.
const SHARED_BUCKETS: usize = 20;

/// The number of past seconds for which echoes are kept.
pub const SECONDS_KEPT: usize = 60;

const SECOND: Duration = Duration::from_secs(1);

/// A call that takes longer has put its thread to sleep: copying as much as a
/// socket holds takes less. A shorter one may or may not have slept.
pub const BRIEF: Duration = Duration::from_micros(100);

/// A server does almost nothing between two calls. Once events have been lost,
/// a longer time without events is not counted as work.
const BETWEEN_CALLS: Duration = Duration::from_millis(1);

/// What time was spent on, as far as events show; in the order of [`Shares`].
#[derive(Clone, Copy, PartialEq)]
enum TimeUse {
    Asleep,
    Brief,
    Working,
    Spinning,
}

/// The number of variants of [`TimeUse`].
const USES: usize = 4;

/// Folds events into the view of the loop.
#[derive(Clone, Default)]
pub(super) struct LoopTurns {
    loop_call: Kind,
    polls: bool,
    lane: Lane,
    loop_thread: Option<ThreadId>,
    asked: Arc<AskedRing>,
    /// For each bucket the nanoseconds of each [`TimeUse`], over all threads.
    spent: Ring<[u64; USES], { SHARED_BUCKETS + 1 }>,
    /// Whether events were lost, so that not all of the time is known.
    pub(super) has_gaps: bool,
    /// The time up to which it is known how a thread spent its time, and what
    /// it spends the time from then on.
    known: HashMap<ThreadId, (Duration, TimeUse)>,
    echoes: Ring<u64, { SECONDS_KEPT + 1 }>,
    /// When echoes were counted last, and how many there were.
    counted: (Duration, u64),
}

impl LoopTurns {
    pub(super) fn new(loop_call: Kind, polls: bool) -> Self {
        Self { loop_call, polls, ..Self::default() }
    }

    /// Takes the threads that are held at this moment.
    pub(super) fn hold(&mut self, held: &[ThreadAtGate]) {
        for hold in held {
            let is_other = matches!(hold.before, Before::Call { kind, .. }
                if kind != self.loop_call);
            self.find_loop(hold.thread, !is_other);
        }
    }

    pub(super) fn take(&mut self, event: &Event) {
        match *event {
            Event::Enter { at, thread, kind, .. } => {
                self.find_loop(thread, kind == self.loop_call);
                self.spend(thread, at.duration(), TimeUse::Working);
            }
            Event::Exit { entered, at, thread, kind, outcome, .. } => {
                let (entered, at) = (entered.duration(), at.duration());
                self.find_loop(thread, kind == self.loop_call);
                if self.polls && outcome == Outcome::WouldBlock {
                    let passes = (kind == self.loop_call).into();
                    self.spend(thread, at, TimeUse::Working);
                    self.spin((at, at), 1, passes);
                    self.known.insert(thread, (at, TimeUse::Spinning));
                    return;
                }
                self.spend(thread, entered, TimeUse::Working);
                let is_brief = at.saturating_sub(entered) < BRIEF;
                let on =
                    if is_brief { TimeUse::Brief } else { TimeUse::Asleep };
                self.spend(thread, at, on);
                if self.loop_thread == Some(thread) {
                    self.draw((entered, at), kind, outcome);
                }
            }
            Event::Idle { since, at, thread, calls, passes } => {
                let (since, at) = (since.duration(), at.duration());
                self.find_loop(thread, passes > 0);
                self.spend(thread, since, TimeUse::Working);
                if self.polls {
                    self.spend(thread, at, TimeUse::Spinning);
                    self.spin((since, at), calls, passes);
                } else {
                    self.spend(thread, at, TimeUse::Working);
                }
            }
            // The tap of a live screen leaves the steps of a loop out.
            Event::Note {
                note: Note::Phase(_) | Note::Step(_) | Note::Timers { .. },
                ..
            } => {}
            Event::Note { at, thread, note } => {
                self.spend(thread, at.duration(), TimeUse::Working);
                // A connection's own thread ends with it; the time until the
                // thread's number is used again belongs to no thread.
                let is_over = matches!(note, Note::Closed { .. });
                if is_over && self.loop_thread != Some(thread) {
                    self.known.remove(&thread);
                }
            }
        }
    }

    fn find_loop(&mut self, thread: ThreadId, is_loop: bool) {
        if is_loop && self.loop_thread.is_none() {
            self.loop_thread = Some(thread);
        }
    }

    /// Adds the time since the thread's last event to this use. What follows a
    /// single call of a busy loop that would have blocked is spinning, too.
    fn spend(&mut self, thread: ThreadId, until: Duration, on: TimeUse) {
        let working = TimeUse::Working;
        let known = self.known.insert(thread, (until, working));
        let (since, was) = known.unwrap_or((until, working));
        let on = if on == working { was } else { on };
        let time = until.saturating_sub(since);
        let is_unknown = on == TimeUse::Working && self.has_gaps;
        if time.is_zero() || is_unknown && time > BETWEEN_CALLS {
            return;
        }
        let ns = nanoseconds(time);
        for (bucket, ns) in spread((since, until), BUCKET, ns, SHARED_BUCKETS) {
            if let Some(slot) = self.spent.slot(bucket) {
                let sum = &mut slot[on as usize];
                *sum = sum.saturating_add(ns);
            }
        }
    }

    /// Puts a call of the loop's thread into its lane.
    fn draw(
        &mut self,
        (entered, at): (Duration, Duration),
        kind: Kind,
        outcome: Outcome,
    ) {
        if entered < at {
            self.lane.fill(entered, at, Cell::Asleep);
        }
        match (kind, outcome) {
            (Kind::Wait, _) => self.lane.put(at, Cell::Ready),
            (_, Outcome::Paused | Outcome::Closed | Outcome::WouldBlock) => {}
            _ => self.lane.put(at, Cell::Working),
        }
    }

    /// Spreads a busy loop's calls that would have blocked evenly over a time.
    fn spin(&mut self, time: (Duration, Duration), calls: u64, passes: u64) {
        let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        for (bucket, calls) in spread(time, BUCKET, calls, LANE_CELLS) {
            if calls > 0 {
                self.lane.put_into(bucket, Cell::WouldBlock(small(calls)));
            }
        }
        let asked = Arc::make_mut(&mut self.asked);
        for (bucket, passes) in spread(time, BUCKET, passes, LANE_CELLS) {
            if let Some(slot) = asked.slot(bucket).filter(|_| passes > 0) {
                *slot = slot.saturating_add(small(passes));
            }
        }
    }

    /// How often each socket was tried, by bucket; `None` without a busy loop.
    pub(super) fn asked(&self) -> Option<&Arc<AskedRing>> {
        self.polls.then_some(&self.asked)
    }

    /// The loop at this moment, when these threads are asleep; `echoes` is the
    /// exact count so far.
    pub(super) fn view(
        &mut self,
        sleepers: &[ThreadView],
        now: Duration,
        echoes: u64,
        phase: Phase,
    ) -> LoopView {
        let of_loop = |it: &&ThreadView| Some(it.thread) == self.loop_thread;
        let asleep = sleepers.iter().find(of_loop);
        let asleep = asleep.filter(|_| phase < Phase::Cancelling);
        let asleep = asleep.map(|it| it.begun(now));
        LoopView {
            shares: self.shares(sleepers, now),
            echoes_per_s: self.count(now, echoes),
            lane: self.lane.seen(asleep, None),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "shares for people")]
    fn shares(&self, sleepers: &[ThreadView], now: Duration) -> Shares {
        let last = bucket(now);
        let mut sums = [0; USES];
        for spent in self.spent.up_to(last) {
            for (sum, ns) in sums.iter_mut().zip(spent) {
                *sum += u128::from(ns);
            }
        }
        let first = last.saturating_sub(SHARED_BUCKETS as u64);
        let first = u32::try_from(first).unwrap_or(u32::MAX);
        let window = now.saturating_sub(BUCKET.saturating_mul(first));
        let asleep = sleepers.iter().map(|it| it.since.min(window).as_nanos());
        sums[TimeUse::Asleep as usize] += asleep.sum::<u128>();
        let all = sums.iter().sum::<u128>().max(1) as f32;
        let [asleep, brief, working, spinning] =
            sums.map(|sum| sum as f32 / all);
        Shares { asleep, brief, working, spinning }
    }

    /// Echoes are counted exactly; in which second they happened is known
    /// as finely as views are taken.
    fn count(&mut self, now: Duration, echoes: u64) -> Vec<u64> {
        let (since, before) = self.counted;
        if now >= since {
            let new = echoes.saturating_sub(before);
            for (second, echoes) in
                spread((since, now), SECOND, new, SECONDS_KEPT)
            {
                if let Some(slot) = self.echoes.slot(second) {
                    *slot = slot.saturating_add(echoes);
                }
            }
            self.counted = (now, before.max(echoes));
        }
        let complete = number(now, SECOND).checked_sub(1);
        complete.map_or_else(Vec::new, |it| self.echoes.up_to(it).collect())
    }
}
