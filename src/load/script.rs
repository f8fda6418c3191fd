//! What the clients do: groups of clients, each following the same steps.

use std::time::Duration;

/// A number of clients that behave alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What the group is called in reports and expectations.
    pub name: String,
    /// How many clients there are.
    pub count: usize,
    /// When the first of them starts, from the start of the run.
    pub start: Duration,
    /// How long after one client the next one starts.
    pub stagger: Duration,
    /// `SO_SNDBUF` of each of them; the kernel doubles it, see socket(7).
    pub send_buffer: Option<usize>,
    /// `SO_RCVBUF` of each of them; the kernel doubles it, see socket(7).
    pub receive_buffer: Option<usize>,
    /// What each of them does, in order.
    pub steps: Vec<Step>,
}

/// One step of a client. A step that queues output does not wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Connects; the next step begins when the connection is established.
    Connect,
    /// Queues one message and goes on; each message's echo is compared byte
    /// for byte and timed, from the moment its first byte was due.
    Say(Payload),
    /// Sends one message in pieces with a pause between two of them; the
    /// next step begins when the last piece was queued. The echo is timed
    /// from the moment the last piece was due.
    SayInPieces {
        /// The pieces, in order.
        pieces: Vec<Vec<u8>>,
        /// The pause between two pieces.
        gap: Duration,
    },
    /// Waits until everything said has come back.
    AwaitEcho,
    /// Waits until the server ends the connection (end of file or reset).
    AwaitEnd,
    /// Does nothing for so long (what arrives is still read and compared).
    Pause(Duration),
    /// Does the steps again and again.
    Repeat {
        /// When it ends.
        until: Until,
        /// When a turn begins.
        pacing: Pacing,
        /// What one turn does; never another `Repeat` or `Connect`.
        steps: Vec<Step>,
    },
    /// How the client reads from here on.
    Reading(Reading),
    /// Shuts down the sending side once all that was queued is sent.
    HalfClose,
    /// Closes once all that was queued is sent; echoes still missing are
    /// counted as such.
    Close,
    /// Closes with a reset (`SO_LINGER` of zero), at once.
    Reset,
}

/// What a message consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// These bytes.
    Text(Vec<u8>),
    /// So many bytes of a fixed pseudo-random pattern, never kept in memory
    /// as a whole.
    Pattern(u64),
}

/// When a repetition ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// After so many turns.
    Times(u64),
    /// When so much time has passed.
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
    /// Not at all.
    Stopped,
    /// At most `bytes` at a time, then nothing for `every`.
    Slow {
        /// How much a read takes at most.
        bytes: usize,
        /// The time between two reads.
        every: Duration,
    },
}
