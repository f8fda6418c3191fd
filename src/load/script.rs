//! What the clients do: groups of clients, each following the same steps.

use std::time::Duration;

/// A number of clients that behave alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// What the group is called in reports and expectations.
    pub name: String,
    /// How many clients there are.
    pub count: usize,
    /// When the first of them starts, from the start of the run.
    pub start: Duration,
    /// How long after one client the next one starts.
    pub stagger: Duration,
    /// `SO_SNDBUF` of each client's socket, in bytes; the kernel doubles it,
    /// see socket(7). `None`: the kernel chooses and adapts it.
    pub send_buffer: Option<usize>,
    /// `SO_RCVBUF` of each client's socket, in bytes; the kernel doubles it,
    /// see socket(7). `None`: the kernel chooses and adapts it.
    pub receive_buffer: Option<usize>,
    /// What each of them does, in order. After the last step a client
    /// closes as by [`Step::Close`]; one that has half-closed first waits
    /// for the server's end of file. [`check`](super::check) refuses what
    /// makes no sense.
    pub steps: Vec<Step>,
}

/// One step of a client. A step that queues output does not wait for it.
///
/// Meanwhile the client reads what arrives and compares it. Whatever the
/// step: the server's end of file or a reset ends the script, and so does
/// the first byte that is not the next one of an echo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Connects; the next step begins when the connection is established.
    Connect,
    /// Queues one message and goes on; each message's echo is compared byte
    /// for byte and timed, from the moment the message was queued, or in an
    /// open loop from the moment its turn made it due.
    ///
    /// A client has at most [`MAX_OUTSTANDING`](super::MAX_OUTSTANDING)
    /// messages whose echo is not back; the step after the one that reaches
    /// the limit waits for an echo.
    Say(Payload),
    /// Sends one message in pieces with a pause between two of them; the
    /// next step begins when the last piece was queued. The echo is timed
    /// from the moment the last piece was due.
    SayInPieces {
        /// The pieces, in order.
        pieces: Vec<Vec<u8>>,
        /// The pause between two pieces; it is never shorter.
        gap: Duration,
    },
    /// Waits until everything said has come back. Inside an open-loop
    /// repetition it does not wait: there a turn begins when it is due.
    AwaitEcho,
    /// Waits until the server ends the connection (end of file or reset).
    AwaitEnd,
    /// Does nothing for this time (what arrives is still read and compared).
    /// It is never shorter, even if an open loop is late.
    Pause(Duration),
    /// Does the steps again and again.
    Repeat {
        /// When it ends.
        until: Until,
        /// When a turn begins.
        pacing: Pacing,
        /// What one turn does: neither another `Repeat` nor what connects
        /// or ends the connection.
        steps: Vec<Step>,
    },
    /// How the client reads from here on.
    Reading(Reading),
    /// Shuts down the sending side once all that was queued is handed to the
    /// kernel.
    HalfClose,
    /// Closes once all that was queued is handed to the kernel; echoes still
    /// missing are counted as such. If some of them have arrived and are not
    /// read yet, the kernel makes this a reset; see RFC 2525, 2.17.
    Close,
    /// Closes with a reset (`SO_LINGER` of zero), at once.
    Reset,
}

/// What a message consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// These bytes.
    Text(Vec<u8>),
    /// This number of bytes of a fixed pseudo-random pattern, which is never
    /// kept in memory as a whole.
    Pattern(u64),
}

/// When a repetition ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// After this number of turns.
    Times(u64),
    /// When so much time has passed since it began: no turn begins, and in
    /// an open loop none is due, at that time or later.
    Elapsed(Duration),
}

/// When the turns of a repetition begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pacing {
    /// Closed loop: a turn begins when the one before is done.
    Closed,
    /// Open loop: a turn is due at fixed intervals, however late the server
    /// is; echo times count from when a turn was due, so that a stall shows
    /// ("coordinated omission" is avoided).
    ///
    /// Turns of one client do not overlap: if the pauses of a turn last
    /// longer than the interval the next one begins late, and is still timed
    /// from when it was due. After the last turn the script goes on at once;
    /// an [`Step::AwaitEcho`] after the repetition waits for what is missing.
    Open {
        /// The interval.
        every: Duration,
    },
}

/// How a client reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Whatever arrives, at once.
    Eager,
    /// Not at all. Such a client does not see an end of file either, unless
    /// it has half-closed and waits for nothing else; it does see a reset.
    Stopped,
    /// At most `bytes` at a time, then nothing for `every`.
    Slow {
        /// How much a read takes at most.
        bytes: usize,
        /// The time between two reads.
        every: Duration,
    },
}
