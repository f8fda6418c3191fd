//! Calls that have returned, as marks.

use super::Timeline;
use super::gather::Gather;
use super::lane::Owner;
use super::mark::{Mark, What};
use crate::probe::{Kind, Outcome, SocketId, ThreadId};

/// A call that has returned.
pub(super) struct Returned {
    pub(super) entered: u64,
    pub(super) at: u64,
    pub(super) thread: ThreadId,
    pub(super) socket: SocketId,
    pub(super) kind: Kind,
    pub(super) outcome: Outcome,
    pub(super) mark: Mark,
}

impl Gather {
    pub(super) fn returned(&mut self, call: &Returned) {
        if !matches!(call.outcome, Outcome::Paused) {
            let interval = self.timeline.rates.at(call.at);
            let in_vain = call.outcome == Outcome::WouldBlock;
            interval.returned(call.mark.echoes, in_vain);
        }
        let owner = Owner::Thread(call.thread.0);
        let mut mark =
            Mark { other: call.socket.0.saturating_add(1), ..call.mark };
        if call.entered < call.at {
            self.works_until(call.thread, call.entered);
            self.slept(&mark);
            mark.what = What::Sleep;
            self.timeline.add(owner, mark);
            self.thread(call.thread).works_since = Some(call.at);
        } else {
            let known = self.thread(call.thread);
            known.asleep = None;
            known.works_since.get_or_insert(call.entered);
            self.timeline.add(owner, mark);
        }
        self.on_socket(call);
    }

    /// The time is that of its line.
    pub(super) fn slept(&mut self, mark: &Mark) {
        let Some(at) = mark.site.checked_sub(1) else { return };
        let Timeline { from, until, .. } = self.timeline;
        let taken = mark.within(from, until).map_or(0, |it| it.taken);
        if let Some(time) = self.timeline.asleep.get_mut(at as usize) {
            *time = time.saturating_add(taken);
        }
    }

    /// A selector's wait is on no socket.
    fn on_socket(&mut self, call: &Returned) {
        if call.kind == Kind::Wait {
            return;
        }
        let owner = Owner::Socket(call.socket.0);
        let other = u32::from(call.thread.0) + 1;
        if call.entered < call.at {
            let what = What::Sleep;
            let mark = Mark { what, other, echoes: 0, ..call.mark };
            self.timeline.add(owner, mark);
        }
        let Some(what) = what(call) else { return };
        let at = Mark::new(what, call.at, call.at);
        let Mark { figure, echoes, call, word, site, .. } = call.mark;
        let mark = Mark { figure, echoes, call, word, site, other, ..at };
        self.timeline.add(owner, mark);
    }

    /// An outcome in words, and its figure.
    pub(super) fn outcome(&mut self, outcome: Outcome) -> (u32, u64) {
        let (words, figure) = match outcome {
            Outcome::Bytes(bytes) => ("bytes", bytes.into()),
            Outcome::EndOfFile => ("end of file", 0),
            Outcome::WouldBlock => ("would block", 0),
            Outcome::Accepted(socket) => ("accepted", socket.0.into()),
            Outcome::Ready(sockets) => ("ready", sockets.into()),
            Outcome::Done => ("done", 0),
            Outcome::Paused => ("paused: no call was made", 0),
            Outcome::Closed => ("closed by the server itself", 0),
            Outcome::Failed(kind) => {
                let words = format!("failed: {kind}");
                return (self.timeline.word(&words), 0);
            }
        };
        (self.timeline.word(words), figure)
    }
}

/// What a call's return is on its socket's lane, if it is anything there.
fn what(call: &Returned) -> Option<What> {
    Some(match (call.kind, call.outcome) {
        (_, Outcome::WouldBlock) => What::Block,
        (_, Outcome::Failed(_)) => What::Fail,
        (Kind::Accept, Outcome::Accepted(_)) => What::Accept,
        (Kind::Read, Outcome::Bytes(_) | Outcome::EndOfFile) => What::Read,
        (Kind::Write, Outcome::Bytes(_)) if call.mark.echoes > 0 => What::Echo,
        (Kind::Write, Outcome::Bytes(_)) => What::Write,
        _ => return None,
    })
}
