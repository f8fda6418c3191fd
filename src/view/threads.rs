//! Where each thread is, and since when.

use super::ThreadView;
use crate::probe::{
    Before, Counters, Event, ThreadAtGate, ThreadId, ThreadNow,
};
use crate::view::{Kind, Site, SocketId};
use std::collections::HashMap;
use std::time::Duration;

/// A thread whose last call was on a socket that has ended counts as over if it
/// has made no call for this time: no event reports the end of a thread.
const OVER_AFTER: Duration = Duration::from_millis(100);

/// A call that was entered and has not returned, as far as events tell.
#[derive(Clone, Copy)]
struct Entered {
    at: Duration,
    call: (Kind, SocketId, Site),
}

/// Remembers since when each thread has been where it is.
///
/// Where it is comes from the registers of the tally alone. Since when: from
/// the event of its entering, if that has come and none was lost since; else
/// from the first view that found it there.
#[derive(Clone, Default)]
pub(super) struct Threads {
    entered: HashMap<ThreadId, Entered>,
    seen: HashMap<ThreadId, (u64, Duration)>,
    lost: u64,
}

impl Threads {
    pub(super) fn take(&mut self, event: &Event) {
        match *event {
            Event::Enter { at, thread, kind, socket, site } => {
                let call = (kind, socket, site);
                self.entered
                    .insert(thread, Entered { at: at.duration(), call });
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
        for thread in &snapshot.threads {
            let same = before.get(&thread.thread);
            let same = same.filter(|(calls, _)| *calls == thread.calls);
            let seen = same.map_or(now, |(_, since)| *since);
            self.seen.insert(thread.thread, (thread.calls, seen));
            let since = now.saturating_sub(self.since(thread, seen));
            if !is_over(snapshot, thread, since) {
                views.push(view_of(thread, since));
            }
        }
        views
    }

    fn since(&self, thread: &ThreadNow, seen: Duration) -> Duration {
        let call = (thread.kind, thread.socket, thread.site);
        let entered = self.entered.get(&thread.thread);
        entered
            .filter(|entered| thread.in_call && entered.call == call)
            .map_or(seen, |entered| entered.at.min(seen))
    }
}

const fn view_of(thread: &ThreadNow, since: Duration) -> ThreadView {
    let ThreadNow { thread, site, kind, socket, in_call, .. } = *thread;
    ThreadView { thread, site, kind, socket, in_call, since }
}

fn is_over(snapshot: &Counters, thread: &ThreadNow, since: Duration) -> bool {
    let rows = &snapshot.sockets;
    let ended = || {
        let row = rows.binary_search_by_key(&thread.socket, |row| row.id);
        row.is_ok_and(|row| rows[row].end.is_some())
    };
    !thread.in_call && since >= OVER_AFTER && ended()
}

/// Puts each thread that is held where it is held. Its time there takes none
/// of the run's, whose clock stands.
pub(super) fn place(
    holds: &[ThreadAtGate],
    threads: &mut Vec<ThreadView>,
    now: Duration,
) {
    for hold in holds {
        let ThreadAtGate { thread, before, since } = *hold;
        let since = now.saturating_sub(since.duration());
        let in_call = false;
        let known = threads.iter_mut().find(|it| it.thread == thread);
        let held = match before {
            Before::Call { kind, socket, site } => {
                Some(ThreadView { thread, site, kind, socket, in_call, since })
            }
            Before::Step(_) | Before::Task(_) => None,
        };
        match (known, held) {
            (Some(view), Some(held)) => *view = held,
            (Some(view), None) => {
                (view.in_call, view.since) = (false, since);
            }
            (None, held) => threads.extend(held),
        }
    }
}
