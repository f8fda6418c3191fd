//! Where each thread is, and since when.

use super::ThreadView;
use crate::probe::{
    Before, Counters, Event, Kind, Site, SocketId, ThreadAtGate, ThreadId,
    ThreadNow,
};
use std::collections::HashMap;
use std::time::Duration;

/// A thread whose last call was on a socket that has ended counts as over if it
/// has made no call for this time: no event reports the end of a thread.
const OVER_AFTER: Duration = Duration::from_millis(100);

/// Remembers since when each thread has been where it is.
///
/// Where it is comes from the registers of the tally alone. Since when: from
/// the event of its entering, if that has come and none was lost since; else
/// from the first view that found it there.
#[derive(Clone, Default)]
pub(super) struct Threads {
    /// Calls that were entered and have not returned, as far as events say.
    entered: HashMap<ThreadId, (Duration, (Kind, SocketId, Site))>,
    /// How many calls each had made, and the first view that found it so.
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
            Event::Exit { thread, .. } => {
                self.entered.remove(&thread);
            }
            Event::Idle { .. } | Event::Note { .. } => {}
        }
    }

    /// Where they are; those that are over are left out.
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
                let view =
                    ThreadView { thread, site, kind, socket, in_call, since };
                views.push(view);
            }
        }
        self.place_held(&mut views, now);
        views
    }

    /// Puts each thread that is held where it is held. Its time there takes
    /// none of the run's, whose clock stands.
    fn place_held(&self, threads: &mut Vec<ThreadView>, now: Duration) {
        for &ThreadAtGate { thread, before, since } in &self.held {
            let since = now.saturating_sub(since.duration());
            let mut known = threads.iter_mut().find(|it| it.thread == thread);
            if let Before::Call { kind, socket, site } = before {
                let in_call = false;
                let held =
                    ThreadView { thread, site, kind, socket, in_call, since };
                match known {
                    Some(view) => *view = held,
                    None => threads.push(held),
                }
            } else if let Some(view) = &mut known {
                (view.in_call, view.since) = (false, since);
            }
        }
    }
}
