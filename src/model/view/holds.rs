//! Threads that are held at a gate, and the time that they were.

use super::ThreadView;
use crate::model::{Kind, Site, SocketId};
use crate::probe::ThreadId;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// Of so many times that a thread was held is known when.
const KEPT: usize = 64;

/// A thread that is held at a call it has not made yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Which thread.
    pub thread: ThreadId,
    /// The line that makes the call.
    pub site: Site,
    /// Which call.
    pub kind: Kind,
    /// On which socket.
    pub socket: SocketId,
    /// When it came there, from the start of the run.
    pub since: Duration,
}

/// Who is held, and when whoever makes calls again was.
#[derive(Default)]
pub(super) struct Holds {
    now: Vec<Hold>,
    /// From when to when, the earliest first.
    times: HashMap<ThreadId, VecDeque<(Duration, Duration)>>,
}

impl Holds {
    /// These are held at this moment, and no others.
    pub(super) fn tell(&mut self, held: Vec<Hold>, now: Duration) {
        for hold in &held {
            let times = self.times.entry(hold.thread).or_default();
            match times.back_mut() {
                Some((since, until)) if *since == hold.since => *until = now,
                _ => times.push_back((hold.since, now)),
            }
            if times.len() > KEPT {
                times.pop_front();
            }
        }
        self.now = held;
    }

    pub(super) fn now(&self) -> &[Hold] {
        &self.now
    }

    /// When the thread was held between these times; what was before is
    /// forgotten.
    pub(super) fn between(
        &mut self,
        thread: ThreadId,
        since: Duration,
        until: Duration,
    ) -> Vec<(Duration, Duration)> {
        let Some(times) = self.times.get_mut(&thread) else {
            return Vec::new();
        };
        times.retain(|(_, end)| *end > since);
        let parts = times
            .iter()
            .map(|(from, to)| ((*from).max(since), (*to).min(until)));
        parts.filter(|(from, to)| from < to).collect()
    }

    /// Puts who is held where it is held.
    pub(super) fn place(&self, threads: &mut Vec<ThreadView>, now: Duration) {
        for hold in &self.now {
            let Hold { thread, site, kind, socket, since } = *hold;
            let since = now.saturating_sub(since);
            let in_call = false;
            let held =
                ThreadView { thread, site, kind, socket, in_call, since };
            match threads.iter_mut().find(|it| it.thread == thread) {
                Some(view) => *view = held,
                None => threads.push(held),
            }
        }
    }
}
