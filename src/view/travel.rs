//! Ways through a recorded run.

/// Which way one goes in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Direction {
    /// As time went.
    #[default]
    Forwards,
    /// Against it.
    Backwards,
}

impl Direction {
    /// The other one.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Forwards => Self::Backwards,
            Self::Backwards => Self::Forwards,
        }
    }
}

/// How far one step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stride {
    /// To the next event of any kind.
    Event,
    /// To the next moment at which a call has begun that may sleep, or has
    /// returned. Calls in a row that would have blocked are one.
    Call,
    /// To the next moment at which the first call of the mode's loop has
    /// returned.
    Iteration,
    /// To the next step of the event loop's turn, in `tasks`.
    LoopStep,
    /// To the next moment at which a task begins to run, in `tasks`.
    Task,
}
