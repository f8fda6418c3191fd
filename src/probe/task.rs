//! Tasks of the event loop, and the steps of its turn.

use super::event::{End, Kind, SocketId};
use super::source::Site;
use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The number of a task in one run: the first is 0, the others follow in the
/// order in which they were spawned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct TaskId(pub u32);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t{}", self.0)
    }
}

/// What a task of the event loop does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskNow<S = Site> {
    /// It is among those that the next turn runs.
    Ready,
    /// The loop runs it.
    Running,
    /// It is paused until a socket is ready for a call.
    Paused {
        /// For which call.
        kind: Kind,
        /// Which socket.
        socket: SocketId,
        /// The line of the `await`.
        site: S,
    },
    /// It is paused until a time, or until something else happens first.
    Sleeping {
        /// How much later.
        time: Nanos,
        /// The line of the `await`.
        site: S,
    },
    /// It is paused until another task has ended.
    Joining {
        /// Which one.
        task: TaskId,
        /// The line of the `await`.
        site: S,
    },
    /// It is paused until its waker is called.
    Waiting,
    /// It has ended.
    Done,
    /// It has ended with an error.
    Failed(End),
    /// It was cancelled and has ended.
    Cancelled,
}

impl<S> TaskNow<S> {
    /// In words, as logs print it.
    pub fn words(&self) -> String {
        match self {
            Self::Ready => "ready".into(),
            Self::Running => "running".into(),
            Self::Paused { kind, socket, .. } => {
                format!("paused on {} of {socket}", kind.name())
            }
            Self::Sleeping { time, .. } => {
                format!("sleeping, at most {} ms", time.duration().as_millis())
            }
            Self::Joining { task, .. } => format!("waiting for {task}"),
            Self::Waiting => "waiting to be woken".into(),
            Self::Done => "done".into(),
            Self::Failed(end) => format!("failed: {}", end.words()),
            Self::Cancelled => "cancelled".into(),
        }
    }

    /// The line of the `await` at which it is paused.
    pub fn site(self) -> Option<S> {
        match self {
            Self::Paused { site, .. }
            | Self::Sleeping { site, .. }
            | Self::Joining { site, .. } => Some(site),
            _ => None,
        }
    }

    /// The same with its call site replaced.
    pub fn map<T>(self, mut site: impl FnMut(S) -> T) -> TaskNow<T> {
        match self {
            Self::Ready => TaskNow::Ready,
            Self::Running => TaskNow::Running,
            Self::Paused { kind, socket, site: line } => {
                TaskNow::Paused { kind, socket, site: site(line) }
            }
            Self::Sleeping { time, site: line } => {
                TaskNow::Sleeping { time, site: site(line) }
            }
            Self::Joining { task, site: line } => {
                TaskNow::Joining { task, site: site(line) }
            }
            Self::Waiting => TaskNow::Waiting,
            Self::Done => TaskNow::Done,
            Self::Failed(end) => TaskNow::Failed(end),
            Self::Cancelled => TaskNow::Cancelled,
        }
    }

    /// Whether it has ended.
    pub const fn has_ended(&self) -> bool {
        matches!(self, Self::Done | Self::Failed(_) | Self::Cancelled)
    }
}

/// The steps of an event loop's turn, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Runs every task that is ready, until its next `await` that pauses.
    RunReadyTasks,
    /// Has the selector watch what the paused tasks wait for.
    Register,
    /// Finds out how long the selector may sleep.
    CalculateTimeout,
    /// Asleep until a socket is ready, a timer is due or somebody wakes it.
    Select,
    /// Makes ready the tasks that this concerns.
    ProcessEvents,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 5] = [
        Self::RunReadyTasks,
        Self::Register,
        Self::CalculateTimeout,
        Self::Select,
        Self::ProcessEvents,
    ];

    /// The function's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RunReadyTasks => "run_ready_tasks",
            Self::Register => "register",
            Self::CalculateTimeout => "calculate_timeout",
            Self::Select => "select",
            Self::ProcessEvents => "process_events",
        }
    }
}
