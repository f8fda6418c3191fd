//! Threads that are held at a gate.

use super::ThreadView;
use crate::probe::ThreadId;
use crate::view::{Kind, Site, SocketId};
use std::time::Duration;

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
}

/// Puts each thread that is held where it is held. Its time there takes none
/// of the run's, whose clock stands.
pub(super) fn place(
    holds: &[Hold],
    threads: &mut Vec<ThreadView>,
    now: Duration,
) {
    for hold in holds {
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
