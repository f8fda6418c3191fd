//! Who is held, before what, and for how long it has been.

use crate::probe::event::{Kind, SocketId};
use crate::probe::source::{Site, ThreadId};
use crate::probe::task::{self, TaskId};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::fmt;
use std::time::{Duration, Instant};

/// A thread that waits at the gate, and what it is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which thread.
    pub thread: ThreadId,
    /// What it will do when it passes.
    pub before: Before,
    /// When it came here.
    pub since: Instant,
    /// How long it had been held by then, all in all.
    pub earlier: Duration,
}

/// What a thread is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before<S = Site> {
    /// To make a call.
    Call {
        /// Which call.
        kind: Kind,
        /// On which socket.
        socket: SocketId,
        /// The line that makes it.
        site: S,
    },
    /// To begin a step of the event loop's turn.
    Step(task::Step),
    /// To run a task of the event loop.
    Task(TaskId),
}

impl<S> Before<S> {
    /// The same with its call site replaced.
    pub fn map<T>(self, site: impl FnOnce(S) -> T) -> Before<T> {
        match self {
            Self::Call { kind, socket, site: line } => {
                Before::Call { kind, socket, site: site(line) }
            }
            Self::Step(step) => Before::Step(step),
            Self::Task(task) => Before::Task(task),
        }
    }
}

impl Before {
    pub(super) const fn is_call(self, of: Kind) -> bool {
        matches!(self, Self::Call { kind, .. } if kind as u8 == of as u8)
    }

    /// What a task does: not the loop's own calls.
    pub(super) const fn is_in_task(self) -> bool {
        matches!(self, Self::Call { kind, .. }
            if !matches!(kind, Kind::Wait | Kind::Watch))
    }

    pub(super) const fn is_step(self) -> bool {
        matches!(self, Self::Step(_))
    }
}

/// `the call`, `step select`, `t2 runs`: after the word "before".
impl fmt::Display for Before {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { kind: Kind::Wait, .. } => f.write_str("the wait"),
            Self::Call { kind, socket, .. } => {
                write!(f, "{} of {socket}", kind.name())
            }
            Self::Step(step) => write!(f, "step {}", step.name()),
            Self::Task(task) => write!(f, "{task} runs"),
        }
    }
}

thread_local! {
    static HELD: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// How long the calling thread has been held at gates so far: to be taken
/// off from what it measures.
#[must_use]
pub fn held_here() -> Duration {
    HELD.get()
}

/// The calling thread was held for so long.
pub(super) fn was_held(time: Duration) {
    HELD.set(HELD.get().saturating_add(time));
}
