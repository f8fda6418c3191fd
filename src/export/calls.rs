//! Calls put together from their events: an enter, and the exit that belongs
//! to it.

use crate::probe::{Event, Kind, Outcome, Site, SocketId, ThreadId};
use std::collections::BTreeMap;

/// A call of a thread, from its enter to the moment until which it lasted as
/// far as the recording shows. Times are in nanoseconds of the recording's
/// clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CallSpan {
    pub(super) thread: ThreadId,
    pub(super) kind: Kind,
    pub(super) socket: SocketId,
    pub(super) site: Site,
    pub(super) since: u64,
    pub(super) until: u64,
    pub(super) result: CallResult,
}

/// What is known of how a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallResult {
    Returned {
        outcome: Outcome,
        /// Bytes of pending output on the socket after the call.
        pending: u32,
        /// Echoes that the call completed.
        echoed: u32,
    },
    /// The event of its return was lost: the thread did something else next.
    NotRecorded,
    /// It had not returned when the recording ended.
    InProgress,
}

/// Calls whose exit has not come yet, at most one for each thread.
#[derive(Default)]
pub(super) struct OpenCalls(BTreeMap<ThreadId, CallSpan>);

impl OpenCalls {
    /// Takes the next event. Returns the calls that are over with it: one
    /// whose return was lost, if the event shows that, then the one that the
    /// event itself is the return of.
    pub(super) fn take(
        &mut self,
        event: &Event,
    ) -> impl Iterator<Item = CallSpan> + use<> {
        let mut over = [None; 2];
        match *event {
            Event::Enter { at, thread, kind, socket, site } => {
                over[0] = self.enter(CallSpan {
                    thread,
                    kind,
                    socket,
                    site,
                    since: at.0,
                    until: at.0,
                    result: CallResult::InProgress,
                });
            }
            Event::Exit {
                entered,
                at,
                thread,
                kind,
                socket,
                site,
                outcome,
                pending,
                echoed,
                ..
            } => {
                let (since, until) = (entered.0, at.0);
                let open = self.0.remove(&thread);
                let lost = open.filter(|call| call.since != since);
                over[0] = lost.map(|call| call.lost_before(since));
                let result = CallResult::Returned { outcome, pending, echoed };
                over[1] = Some(CallSpan {
                    thread,
                    kind,
                    socket,
                    site,
                    since,
                    until,
                    result,
                });
            }
            Event::Idle { since, thread, .. } => {
                let lost = self.0.remove(&thread);
                over[0] = lost.map(|call| call.lost_before(since.0));
            }
            Event::Note { .. } => {}
        }
        over.into_iter().flatten()
    }

    /// A thread is in this call from now on. Returns the one before it, if
    /// the return of that was lost.
    pub(super) fn enter(&mut self, call: CallSpan) -> Option<CallSpan> {
        let before = self.0.insert(call.thread, call)?;
        Some(before.lost_before(call.since))
    }

    /// The recording ends here. Returns the calls in progress, by thread.
    pub(super) fn finish(
        &mut self,
        at: u64,
    ) -> impl Iterator<Item = CallSpan> + use<> {
        let open = std::mem::take(&mut self.0).into_values();
        open.map(move |call| CallSpan { until: at.max(call.since), ..call })
    }
}

impl CallSpan {
    fn lost_before(self, next: u64) -> Self {
        let result = CallResult::NotRecorded;
        Self { until: next.max(self.since), result, ..self }
    }

    /// How the call ended, for the legend of a mark or slice.
    pub(super) fn result_text(&self) -> String {
        match self.result {
            CallResult::NotRecorded => "not recorded: events were lost".into(),
            CallResult::InProgress => {
                "it had not returned when the recording ended".into()
            }
            CallResult::Returned { outcome, .. } => match outcome {
                Outcome::Bytes(_) => "bytes".into(),
                Outcome::EndOfFile => "end of file".into(),
                Outcome::WouldBlock => "would block".into(),
                Outcome::Accepted(socket) => format!("accepted {socket}"),
                Outcome::Ready(ready) => format!("{ready} ready"),
                Outcome::Done => "done".into(),
                Outcome::Paused => "paused: no call was made".into(),
                Outcome::Closed => "closed by the server itself".into(),
                Outcome::Failed(kind) => format!("failed: {kind}"),
            },
        }
    }
}
