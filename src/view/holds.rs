//! Threads that are held at a gate, and the time that they were.

use super::ThreadView;
use super::ring::nanoseconds;
use crate::probe::ThreadId;
use crate::view::{Kind, Site, SocketId};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// Of so many times that a thread was held is known when.
const KEPT: usize = 64;

/// And of none that is longer past than a lane shows.
const REMEMBERED: Duration = Duration::from_secs(20);

/// A thread that is held at something it has not done yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Which thread.
    pub thread: ThreadId,
    /// The call, its socket and the line that makes it; `None` if it is held
    /// at a step of an event loop or at a task.
    pub call: Option<(Kind, SocketId, Site)>,
    /// When it came there, from the start of the run.
    pub since: Duration,
    /// How long it had been held by then, all in all.
    pub earlier: Duration,
}

/// A stretch of time, and how much of it a thread was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) since: Duration,
    pub(super) until: Duration,
    pub(super) held: Duration,
}

impl Span {
    fn is_whole(&self) -> bool {
        self.held >= self.length()
    }

    fn length(&self) -> Duration {
        self.until.saturating_sub(self.since)
    }

    /// Whether the thread was held for most of it.
    pub(super) fn is_mostly_held(&self) -> bool {
        self.held.saturating_mul(2) >= self.length()
    }

    /// The part of it between two times, held in proportion.
    fn within(&self, since: Duration, until: Duration) -> Option<Self> {
        let (from, to) = (self.since.max(since), self.until.min(until));
        let length = to.checked_sub(from).filter(|it| !it.is_zero())?;
        let held = u128::from(nanoseconds(self.held)) * length.as_nanos();
        let held = held.checked_div(self.length().as_nanos())?;
        let held = Duration::from_nanos(u64::try_from(held).ok()?);
        Some(Self { since: from, until: to, held })
    }
}

/// Who is held, and when whoever makes calls again was.
///
/// How long in all is exact; when, as exact as it is told.
#[derive(Clone, Default)]
pub(super) struct Holds {
    now: Vec<Hold>,
    told: Duration,
    waited: HashMap<ThreadId, Duration>,
    /// The earliest first.
    spans: HashMap<ThreadId, VecDeque<Span>>,
}

impl Holds {
    /// These are held at this moment, and no others; each thread has been
    /// held for so long in all.
    pub(super) fn tell(
        &mut self,
        held: Vec<Hold>,
        waited: HashMap<ThreadId, Duration>,
        now: Duration,
    ) {
        self.now = held;
        for (thread, sum) in &waited {
            let before = self.waited.get(thread).copied().unwrap_or_default();
            self.keep(*thread, sum.saturating_sub(before), now);
        }
        (self.waited, self.told) = (waited, now);
    }

    /// The thread was held for so long since the last time it was told.
    fn keep(&mut self, thread: ThreadId, held: Duration, now: Duration) {
        let current = self.now.iter().find(|it| it.thread == thread);
        let since = current.map_or(now, |it| it.since.clamp(self.told, now));
        let last = now.saturating_sub(since);
        let before = held.saturating_sub(last);
        let spans = self.spans.entry(thread).or_default();
        spans.retain(|span| span.until.saturating_add(REMEMBERED) > now);
        push(spans, Span { since: self.told, until: since, held: before });
        push(spans, Span { since, until: now, held: last });
    }

    pub(super) fn now(&self) -> &[Hold] {
        &self.now
    }

    /// The threads that have been held.
    pub(super) fn threads(&self) -> impl Iterator<Item = ThreadId> {
        self.spans.keys().copied()
    }

    /// When this was last told.
    pub(super) const fn told(&self) -> Duration {
        self.told
    }

    /// When the thread was held between these times.
    pub(super) fn between(
        &self,
        thread: ThreadId,
        since: Duration,
        until: Duration,
    ) -> Vec<Span> {
        let spans = self.spans.get(&thread).into_iter().flatten();
        spans.filter_map(|span| span.within(since, until)).collect()
    }

    /// Puts who is held where it is held.
    pub(super) fn place(&self, threads: &mut Vec<ThreadView>, now: Duration) {
        for hold in &self.now {
            let Hold { thread, call, since, .. } = *hold;
            let since = now.saturating_sub(since);
            let in_call = false;
            let known = threads.iter_mut().find(|it| it.thread == thread);
            let held = call.map(|(kind, socket, site)| ThreadView {
                thread,
                site,
                kind,
                socket,
                in_call,
                since,
            });
            match (known, held) {
                (Some(view), Some(held)) => *view = held,
                (Some(view), None) => {
                    (view.in_call, view.since) = (false, since);
                }
                (None, held) => threads.extend(held),
            }
        }
    }
}

/// Adds a span, one with the last one if the thread was held all the time.
fn push(spans: &mut VecDeque<Span>, span: Span) {
    if span.held.is_zero() || span.since >= span.until {
        return;
    }
    match spans.back_mut() {
        Some(last)
            if last.until == span.since
                && last.is_whole()
                && span.is_whole() =>
        {
            last.until = span.until;
            last.held = last.held.saturating_add(span.held);
        }
        _ => spans.push_back(span),
    }
    if spans.len() > KEPT {
        spans.pop_front();
    }
}
