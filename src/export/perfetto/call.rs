//! A call as a slice.

use super::trace::{Label, Ns};
use crate::probe::{Kind, Outcome, Site, SocketId, ThreadId};
use crate::units::nanoseconds;
use crate::view::BRIEF;
use serde_json::{Value, json};

/// The category of calls that have put their thread to sleep.
const ASLEEP: &str = "asleep";

/// A call, and what is known of its end.
pub(super) struct Made {
    pub(super) thread: ThreadId,
    pub(super) kind: Kind,
    pub(super) socket: SocketId,
    pub(super) site: Site,
    /// When it was entered, and when it returned or was last known to go on.
    pub(super) time: (Ns, Ns),
    pub(super) how: How,
}

/// What is known of a call's end.
pub(super) enum How {
    Returned {
        outcome: Outcome,
        pending: u32,
        echoed: u32,
    },
    /// The event that it returned found no room.
    NotRecorded,
    /// It went on when the recording ended.
    GoesOn,
}

impl Made {
    /// Whether it has put its thread to sleep, as far as is known.
    fn slept(&self) -> bool {
        let (since, until) = self.time;
        let is_known = !matches!(self.how, How::NotRecorded);
        is_known && until.saturating_sub(since) >= nanoseconds(BRIEF)
    }

    /// Whether no call was made, as accepting paused.
    const fn is_pause(&self) -> bool {
        matches!(self.how, How::Returned { outcome: Outcome::Paused, .. })
    }

    /// What it is called, and everything that is known of it.
    pub(super) fn label(&self) -> Label {
        if self.is_pause() {
            return Label::new("paused", "accepting pauses", self.args());
        }
        let name = self.kind.name();
        if self.slept() {
            Label::new(ASLEEP, format!("asleep in {name}"), self.args())
        } else {
            Label::new("call", name, self.args())
        }
    }

    fn args(&self) -> Value {
        let mut args = json!({"line": self.site.to_string()});
        if self.kind != Kind::Wait {
            args["socket"] = self.socket.to_string().into();
        }
        match self.how {
            How::Returned { outcome, pending, echoed } => {
                args["outcome"] = words(outcome).into();
                if let Outcome::Bytes(bytes) = outcome {
                    args["bytes"] = bytes.into();
                    args["pending"] = pending.into();
                    args["echoed"] = echoed.into();
                }
            }
            How::NotRecorded => {
                args["outcome"] = "not recorded: events were lost".into();
            }
            How::GoesOn => {
                let words = "it had not returned when the recording ended";
                args["outcome"] = words.into();
            }
        }
        args
    }
}

/// How a call went.
fn words(outcome: Outcome) -> String {
    match outcome {
        Outcome::Bytes(_) => "bytes".into(),
        Outcome::EndOfFile => "end of file".into(),
        Outcome::WouldBlock => "would block".into(),
        Outcome::Accepted(socket) => format!("accepted {socket}"),
        Outcome::Ready(ready) => format!("{ready} ready"),
        Outcome::Done => "done".into(),
        Outcome::Paused => "paused".into(),
        Outcome::Closed => "closed by the server".into(),
        Outcome::Failed(kind) => format!("failed: {kind}"),
    }
}
