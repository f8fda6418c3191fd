//! Tasks of the event loop, and the steps of its turn.

use super::event::{End, Kind, SocketId};
use super::source::Site;
use std::fmt;
use std::time::Duration;

/// The number of a task in one run: the first is 0, the others follow in the
/// order in which they were spawned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u32);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t{}", self.0)
    }
}

/// What a task of the event loop does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskNow {
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
        site: Site,
    },
    /// It is paused until a time, or until something else happens first.
    Sleeping {
        /// How much later.
        time: Duration,
        /// The line of the `await`.
        site: Site,
    },
    /// It is paused until another task has ended.
    Joining {
        /// Which one.
        task: TaskId,
        /// The line of the `await`.
        site: Site,
    },
    /// It is paused until somebody wakes it.
    Waiting,
    /// It has ended.
    Done,
    /// It has ended with an error.
    Failed(End),
    /// It was cancelled and has ended.
    Cancelled,
}

impl TaskNow {
    /// In words, as logs print it.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Ready => "ready".into(),
            Self::Running => "running".into(),
            Self::Paused { kind, socket, .. } => {
                format!("paused on {} of {socket}", kind.name())
            }
            Self::Sleeping { time, .. } => {
                format!("sleeping, at most {} ms", time.as_millis())
            }
            Self::Joining { task, .. } => format!("waiting for {task}"),
            Self::Waiting => "waiting to be woken".into(),
            Self::Done => "done".into(),
            Self::Failed(end) => format!("failed: {}", end.words()),
            Self::Cancelled => "cancelled".into(),
        }
    }

    /// The line of the `await` at which it is paused.
    #[must_use]
    pub const fn site(self) -> Option<Site> {
        match self {
            Self::Paused { site, .. }
            | Self::Sleeping { site, .. }
            | Self::Joining { site, .. } => Some(site),
            _ => None,
        }
    }

    /// Whether it has ended.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Done | Self::Failed(_) | Self::Cancelled)
    }
}

/// The steps of an event loop's turn, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    #[must_use]
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
