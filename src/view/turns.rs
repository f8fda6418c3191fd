//! How the server's threads spend their time, and the lane of its loop.

use super::lane::{LANE_CELLS, LaneTrack, bucket};
use super::ring::{Ring, number, spread};
use super::{BUCKET, Cell, Lane, LoopView, Shares, ThreadView};
use crate::probe::{
    Before, Event, Note, Outcome, Phase, ThreadAtGate, ThreadId,
};
use crate::units::nanoseconds;
use crate::view::Kind;
use std::collections::HashMap;
use std::time::Duration;

/// The number of buckets over which the shares are computed: one second.
const SHARED_BUCKETS: usize = 20;

/// The number of past seconds for which echoes are kept.
pub const SECONDS_KEPT: usize = 60;

const SECOND: Duration = Duration::from_secs(1);

/// A call that takes longer has put its thread to sleep: copying as much as a
/// socket holds takes less. One that is over before may have slept or not.
pub const BRIEF: Duration = Duration::from_micros(100);

/// Between two calls a server does next to nothing. Once events are lost, a
/// longer time of which none tells is not known to be work.
const BETWEEN_CALLS: Duration = Duration::from_millis(1);

/// What time was spent on, as far as events tell.
#[derive(Clone, Copy)]
enum Use {
    Asleep,
    Brief,
    Working,
    Spinning,
}

/// How many uses there are.
const USES: usize = 4;

impl Use {
    /// What a call that may sleep was, by the time it took.
    fn of_call(took: Duration) -> Self {
        if took < BRIEF { Self::Brief } else { Self::Asleep }
    }
}

/// Folds events into the view of the loop.
#[derive(Clone)]
pub(super) struct LoopTurns {
    loop_call: Kind,
    polls: bool,
    lane: LaneTrack,
    loop_thread: Option<ThreadId>,
    /// How often a busy loop asked each of its sockets, a bucket.
    asked: Ring<u32>,
    /// Nanoseconds of each [`Use`], a bucket, of all threads together.
    spent: Ring<[u64; USES]>,
    /// Events were lost: not all of the time is known.
    has_gaps: bool,
    /// Up to when it is known how a thread spent its time.
    known: HashMap<ThreadId, Duration>,
    echoes: Ring<u64>,
    counted: (Duration, u64),
    holds: Vec<ThreadAtGate>,
}

impl LoopTurns {
    pub(super) fn new(loop_call: Kind, polls: bool) -> Self {
        Self {
            loop_call,
            polls,
            lane: LaneTrack::of_loop(),
            loop_thread: None,
            asked: Ring::new(LANE_CELLS, 0),
            spent: Ring::new(SHARED_BUCKETS + 1, [0; USES]),
            has_gaps: false,
            known: HashMap::new(),
            echoes: Ring::new(SECONDS_KEPT + 1, 0),
            counted: (Duration::ZERO, 0),
            holds: Vec::new(),
        }
    }

    /// These threads are held at this moment, and no others.
    pub(super) fn hold(&mut self, held: &[ThreadAtGate]) {
        for hold in held {
            let is_loop = match hold.before {
                Before::Call { kind, .. } => kind == self.loop_call,
                Before::Step(_) | Before::Task(_) => true,
            };
            self.find_loop(hold.thread, is_loop);
        }
        held.clone_into(&mut self.holds);
    }

    /// Events have been lost.
    pub(super) const fn has_gaps(&mut self) {
        self.has_gaps = true;
    }

    pub(super) fn holds(&self) -> &[ThreadAtGate] {
        &self.holds
    }

    pub(super) fn take(&mut self, event: &Event) {
        match *event {
            Event::Enter { at, thread, kind, .. } => {
                self.find_loop(thread, kind == self.loop_call);
                self.spend(thread, at.duration(), Use::Working);
            }
            Event::Exit { entered, at, thread, kind, outcome, .. } => {
                self.find_loop(thread, kind == self.loop_call);
                self.spend(thread, entered.duration(), Use::Working);
                let took = at.since(entered).duration();
                self.spend(thread, at.duration(), Use::of_call(took));
                if self.loop_thread == Some(thread) {
                    self.draw(entered.duration(), at.duration(), kind, outcome);
                }
            }
            Event::Idle { since, at, thread, calls, passes } => {
                self.find_loop(thread, passes > 0);
                self.spend(thread, since.duration(), Use::Working);
                self.found_nothing(
                    thread,
                    (since.duration(), at.duration()),
                    calls,
                    passes,
                );
            }
            Event::Note { note: Note::Phase(_), .. } => {}
            Event::Note { at, thread, note } => {
                self.spend(thread, at.duration(), Use::Working);
                self.end_thread(thread, &note);
            }
        }
    }

    fn find_loop(&mut self, thread: ThreadId, is_loop: bool) {
        if is_loop && self.loop_thread.is_none() {
            self.loop_thread = Some(thread);
        }
    }

    /// The thread has spent its time so, since it was last heard of.
    fn spend(&mut self, thread: ThreadId, until: Duration, on: Use) {
        let since = self.known.insert(thread, until);
        let Some(since) = since else { return };
        let time = until.saturating_sub(since);
        if matches!(on, Use::Working) && self.has_gaps && time > BETWEEN_CALLS {
            return;
        }
        self.add((since, until), on);
    }

    /// All of this time was spent so.
    fn add(&mut self, (since, until): (Duration, Duration), on: Use) {
        let ns = nanoseconds(until.saturating_sub(since));
        if ns == 0 {
            return;
        }
        let parts = spread((since, until), BUCKET, ns, SHARED_BUCKETS);
        for (bucket, ns) in parts {
            if let Some(slot) = self.spent.slot(bucket) {
                let sum = &mut slot[on as usize];
                *sum = sum.saturating_add(ns);
            }
        }
    }

    /// A thread of its own ends with its connection; the time until its
    /// number is used again belongs to no thread.
    fn end_thread(&mut self, thread: ThreadId, note: &Note) {
        let over = matches!(note, Note::Closed { .. });
        if over && self.loop_thread != Some(thread) {
            self.known.remove(&thread);
        }
    }

    fn draw(
        &mut self,
        entered: Duration,
        at: Duration,
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

    /// A run of calls that would have blocked; a busy loop spins in it.
    fn found_nothing(
        &mut self,
        thread: ThreadId,
        (since, at): (Duration, Duration),
        calls: u64,
        passes: u64,
    ) {
        if !self.polls {
            return self.spend(thread, at, Use::Working);
        }
        self.spend(thread, at, Use::Spinning);
        for (bucket, calls) in by_bucket((since, at), calls) {
            self.lane.put_into(bucket, Cell::WouldBlock(calls));
        }
        for (bucket, asked) in by_bucket((since, at), passes) {
            if let Some(slot) = self.asked.slot(bucket) {
                *slot = slot.saturating_add(asked);
            }
        }
    }

    /// How often each socket was asked, in buckets that end now.
    pub(super) fn asked(&self, now: Duration) -> Vec<u32> {
        self.asked.up_to(bucket(now))
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
        LoopView {
            shares: self.shares(sleepers, now),
            echoes_per_s: self.count(now, echoes),
            lane: self.lane_now(sleepers, now, phase),
        }
    }

    fn lane_now(
        &self,
        sleepers: &[ThreadView],
        now: Duration,
        phase: Phase,
    ) -> Lane {
        let of_loop = |it: &&ThreadView| Some(it.thread) == self.loop_thread;
        match sleepers.iter().find(of_loop) {
            Some(it) if phase < Phase::Cancelling => {
                self.lane.lane_asleep(it.begun(now), now)
            }
            _ => self.lane.lane(now),
        }
    }

    fn shares(&self, sleepers: &[ThreadView], now: Duration) -> Shares {
        let last = bucket(now);
        let mut sum = [0; USES];
        for bucket in self.spent.up_to(last) {
            for (sum, ns) in sum.iter_mut().zip(bucket) {
                *sum += u128::from(ns);
            }
        }
        let first = last.saturating_sub(SHARED_BUCKETS as u64);
        let first = u32::try_from(first).unwrap_or(u32::MAX);
        let window = BUCKET.saturating_mul(first);
        sum[Use::Asleep as usize] += sleepers
            .iter()
            .map(|it| it.since.min(now.saturating_sub(window)).as_nanos())
            .sum::<u128>();
        shares_of(sum)
    }

    /// Echoes are counted exactly; in which second they happened is known
    /// as finely as views are taken.
    fn count(&mut self, now: Duration, echoes: u64) -> Vec<u64> {
        let (since, before) = self.counted;
        if now >= since {
            let new = echoes.saturating_sub(before);
            let parts = spread((since, now), SECOND, new, SECONDS_KEPT);
            for (second, echoes) in parts {
                if let Some(slot) = self.echoes.slot(second) {
                    *slot = slot.saturating_add(echoes);
                }
            }
            self.counted = (now, before.max(echoes));
        }
        let complete = number(now, SECOND).checked_sub(1);
        complete.map_or_else(Vec::new, |second| self.echoes.up_to(second))
    }
}

/// Divides a number of calls among the buckets, spread evenly over the time.
fn by_bucket((since, at): (Duration, Duration), calls: u64) -> Vec<(u64, u32)> {
    if since >= at {
        return vec![(bucket(at), small(calls))];
    }
    let parts = spread((since, at), BUCKET, calls, LANE_CELLS);
    let parts = parts.into_iter().filter(|(_, calls)| *calls > 0);
    parts.map(|(bucket, calls)| (bucket, small(calls))).collect()
}

fn small(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "shares for people")]
fn shares_of(spent: [u128; USES]) -> Shares {
    let all: u128 = spent.iter().sum();
    let share = |on: Use| {
        let part = spent[on as usize] as f32;
        if all == 0 { 0.0 } else { part / all as f32 }
    };
    Shares {
        asleep: share(Use::Asleep),
        brief: share(Use::Brief),
        working: share(Use::Working),
        spinning: share(Use::Spinning),
    }
}
