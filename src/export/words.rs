//! The words for what happens, as programs read them: closed sets.

use crate::probe::Note;
use crate::recording::Header;
use crate::view::{End, Kind, Limit, Outcome, TaskNow};
use schemars::JsonSchema;
use serde::Serialize;

/// Gives each word of a closed set as it stands in JSON.
macro_rules! words {
    (
        $(#[$about:meta])*
        $set:ident { $($(#[$what:meta])* $variant:ident = $word:literal,)* }
    ) => {
        $(#[$about])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema,
        )]
        pub enum $set {$(
            $(#[$what])*
            #[serde(rename = $word)]
            $variant,
        )*}

        impl $set {
            /// The word for it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {$(Self::$variant => $word,)*}
            }
        }
    };
}

words! {
    /// What an event is.
    Happening {
        /// A call that may sleep has begun.
        #[default]
        Enter = "enter",
        /// A call has returned.
        Exit = "exit",
        /// A run of calls that would have blocked, with nothing between.
        Idle = "idle",
        /// A connection began.
        Opened = "opened",
        /// A connection ended.
        Closed = "closed",
        /// A connection's handler failed and has handled that itself.
        Handled = "handled",
        /// A connection's handler failed, and the error has left it.
        Failed = "failed",
        /// The selector reported a socket ready.
        Ready = "ready",
        /// What the selector watches a socket for has changed.
        Interest = "interest",
        /// Accepting pauses, at a limit.
        Paused = "paused",
        /// The server's life entered a phase.
        Phase = "phase",
        /// A task has come to do something else.
        Task = "task",
        /// The event loop's turn has come to a step.
        Step = "step",
        /// So many timers wait in the event loop.
        Timers = "timers",
        /// A task kept the thread for so long that all others had to wait.
        LongRun = "long_run",
        /// A task failed and nobody will ask how it ended.
        NeverRetrieved = "never_retrieved",
    }
}

words! {
    /// How a call went.
    Way {
        /// Bytes were read or written.
        #[default]
        Bytes = "bytes",
        /// Read: the other side will send no more.
        EndOfFile = "end_of_file",
        /// It would have had to wait.
        WouldBlock = "would_block",
        /// A connection was accepted.
        Accepted = "accepted",
        /// The selector named ready sockets.
        Ready = "ready",
        /// A change was made.
        Done = "done",
        /// No call was made: accepting pauses, at a limit.
        Paused = "paused",
        /// The server itself closed the socket.
        Closed = "closed",
        /// The call failed.
        Failed = "failed",
    }
}

words! {
    /// How a connection ended.
    Ending {
        /// The client sent its end of file and has its whole echo.
        #[default]
        EndOfFile = "end_of_file",
        /// The client reset it.
        Reset = "reset",
        /// Nothing moved for the idle time-out.
        Idle = "idle",
        /// A line was longer than the buffer limit.
        TooLong = "too_long",
        /// Its handler failed on `boom`.
        Boom = "boom",
        /// The server was to stop and gave it up.
        Stopped = "stopped",
        /// Another error.
        Failed = "failed",
    }
}

impl Happening {
    pub(super) const fn of(note: &Note) -> Self {
        match note {
            Note::Opened { .. } => Self::Opened,
            Note::Closed { .. } => Self::Closed,
            Note::Handled { .. } => Self::Handled,
            Note::Failed { .. } => Self::Failed,
            Note::Ready { .. } => Self::Ready,
            Note::Interest { .. } => Self::Interest,
            Note::Paused(_) => Self::Paused,
            Note::Phase(_) => Self::Phase,
            Note::Task { .. } => Self::Task,
            Note::Step(_) => Self::Step,
            Note::Timers(_) => Self::Timers,
            Note::LongRun { .. } => Self::LongRun,
            Note::NeverRetrieved { .. } => Self::NeverRetrieved,
        }
    }
}

impl From<Outcome> for Way {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Bytes(_) => Self::Bytes,
            Outcome::EndOfFile => Self::EndOfFile,
            Outcome::WouldBlock => Self::WouldBlock,
            Outcome::Accepted(_) => Self::Accepted,
            Outcome::Ready(_) => Self::Ready,
            Outcome::Done => Self::Done,
            Outcome::Paused => Self::Paused,
            Outcome::Closed => Self::Closed,
            Outcome::Failed(_) => Self::Failed,
        }
    }
}

impl From<End> for Ending {
    fn from(end: End) -> Self {
        match end {
            End::EndOfFile => Self::EndOfFile,
            End::Reset => Self::Reset,
            End::Idle => Self::Idle,
            End::TooLong => Self::TooLong,
            End::Boom => Self::Boom,
            End::Stopped => Self::Stopped,
            End::Failed(_) => Self::Failed,
        }
    }
}

pub(super) const fn limit(limit: Limit) -> &'static str {
    match limit {
        Limit::Connections => "connections",
        Limit::Descriptors => "descriptors",
    }
}

pub(super) const fn task(now: TaskNow) -> &'static str {
    match now {
        TaskNow::Ready => "ready",
        TaskNow::Running => "running",
        TaskNow::Paused { .. } => "paused",
        TaskNow::Sleeping { .. } => "sleeping",
        TaskNow::Joining { .. } => "joining",
        TaskNow::Waiting => "waiting",
        TaskNow::Done => "done",
        TaskNow::Failed(_) => "failed",
        TaskNow::Cancelled => "cancelled",
    }
}

/// The first call of the mode's loop.
pub(super) fn loop_call(header: &Header) -> Kind {
    let is_it = |kind: &Kind| kind.name() == header.shape.loop_call;
    Kind::ALL.into_iter().find(is_it).unwrap_or(Kind::Accept)
}
