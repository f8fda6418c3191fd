//! Threads that are held at a gate.

use super::ThreadView;
use crate::probe::{Before, ThreadAtGate};
use std::time::Duration;

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
