//! Where each thread is, and since when.

use super::ThreadView;
use crate::probe::{
    Before, Counters, Event, Kind, Site, SocketId, ThreadAtGate, ThreadId,
    ThreadNow,
};
use std::collections::HashMap;
use std::time::Duration;

/// A thread whose last call was on a socket that has ended counts as ended if
/// it has made no call for this time: no event reports the end of a thread.
const OVER_AFTER: Duration = Duration::from_millis(100);

/// Remembers since when each thread has been where it is.
///
/// The place comes from the exact counters alone. The time comes from the
/// event of entering the call, if that has arrived and none was lost since;
/// else from the first view that found it there.
#[derive(Clone, Default)]
pub(super) struct Threads {
    /// Calls that were entered and have not returned, as far as events show.
    entered: HashMap<ThreadId, (Duration, (Kind, SocketId, Site))>,
    /// When the last call of each returned, as far as events show.
    returned: HashMap<ThreadId, Duration>,
    /// How many calls each had made, and the time of the first view of that.
    seen: HashMap<ThreadId, (u64, Duration)>,
    lost: u64,
    /// The threads that are held at a gate.
    pub(super) held: Vec<ThreadAtGate>,
}

impl Threads {
    pub(super) fn take(&mut self, event: &Event) {
        match *event {
            Event::Enter { at, thread, kind, socket, site } => {
                let entered = (at.duration(), (kind, socket, site));
                self.entered.insert(thread, entered);
            }
            Event::Exit { thread, at, .. } => {
                self.entered.remove(&thread);
                self.returned.insert(thread, at.duration());
            }
            Event::Idle { .. } | Event::Note { .. } => {}
        }
    }

    /// Where the threads are; those that have ended are left out.
    pub(super) fn view(
        &mut self,
        snapshot: &Counters,
        now: Duration,
        lost: u64,
    ) -> Vec<ThreadView> {
        if lost > self.lost {
            self.entered.clear();
            self.lost = lost;
        }
        let before = std::mem::take(&mut self.seen);
        let mut views = Vec::with_capacity(snapshot.threads.len());
        for now_at in &snapshot.threads {
            let ThreadNow { thread, site, kind, socket, in_call, calls } =
                *now_at;
            let same = before.get(&thread).filter(|it| it.0 == calls);
            let seen = same.map_or(now, |(_, since)| *since);
            self.seen.insert(thread, (calls, seen));
            let entered = self
                .entered
                .get(&thread)
                .filter(|(_, call)| in_call && *call == (kind, socket, site));
            let since = entered.map_or(seen, |(at, _)| seen.min(*at));
            let since = now.saturating_sub(since);
            let is_over =
                || snapshot.socket(socket).is_some_and(|it| it.end.is_some());
            if in_call || since < OVER_AFTER || !is_over() {
                let is_held = false;
                views.push(ThreadView {
                    thread,
                    site,
                    kind,
                    socket,
                    in_call,
                    is_held,
                    since,
                });
            }
        }
        self.place_held(&mut views, now);
        views
    }

    /// Puts each held thread at the call before which it is held. Its time
    /// there is not part of the run's, whose clock is stopped.
    fn place_held(&self, threads: &mut Vec<ThreadView>, now: Duration) {
        for &ThreadAtGate { thread, before, since } in &self.held {
            let began = since.duration();
            let since = now.saturating_sub(began);
            let mut known = threads.iter_mut().find(|it| it.thread == thread);
            let entered = self.entered.get(&thread).map(|it| it.0);
            if entered.max(self.returned.get(&thread).copied()) > Some(began) {
                // It has been let through since.
                continue;
            }
            if let Before::Call { kind, socket, site } = before {
                let held = ThreadView {
                    thread,
                    site,
                    kind,
                    socket,
                    in_call: false,
                    is_held: true,
                    since,
                };
                match known {
                    Some(view) => *view = held,
                    None => threads.push(held),
                }
            } else if let Some(view) = &mut known {
                (view.in_call, view.is_held) = (false, true);
                view.since = since;
            }
        }
    }
}
