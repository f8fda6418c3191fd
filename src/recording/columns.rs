//! Which column of a row holds what, table by table.

/// Columns of lines.
pub(super) mod line {
    pub(in super::super) const BYTES: usize = 9;
}

/// Columns of sockets: the peer has the first five, calls by kind the next.
pub(super) mod socket {
    pub(in super::super) const CALLS: usize = 5;
    pub(in super::super) const WOULD_BLOCKS: usize = 10;
    pub(in super::super) const BYTES_IN: usize = 11;
    pub(in super::super) const BYTES_OUT: usize = 12;
    pub(in super::super) const ECHOES: usize = 13;
    pub(in super::super) const PENDING: usize = 14;
    pub(in super::super) const PENDING_PEAK: usize = 15;
    pub(in super::super) const LONGEST_WRITE: usize = 16;
    /// The end's number and one; 0 while it is open.
    pub(in super::super) const ENDED: usize = 17;
    pub(in super::super) const UNSENT: usize = 18;
}

/// Columns of tasks.
pub(super) mod task {
    /// The state's number and one, then what it needs: a kind and a number.
    pub(in super::super) const NOW: usize = 0;
    pub(in super::super) const KIND: usize = 1;
    pub(in super::super) const NUMBER: usize = 2;
    pub(in super::super) const SINCE: usize = 3;
    pub(in super::super) const POLLS: usize = 4;
    /// How long it ran, up to when it last began to run if it does.
    pub(in super::super) const RUNNING: usize = 5;
    pub(in super::super) const SOCKET: usize = 6;
    pub(in super::super) const PLACE: usize = 7;
}

/// Columns of threads.
pub(super) mod thread {
    pub(in super::super) const PLACE: usize = 0;
    pub(in super::super) const SOCKET: usize = 1;
    pub(in super::super) const IN_CALL: usize = 2;
    pub(in super::super) const CALLS: usize = 3;
}

/// Columns of the only row of turns.
pub(super) mod turn {
    pub(in super::super) const NOW: usize = 0;
    pub(in super::super) const SINCE: usize = 1;
    pub(in super::super) const LAST: usize = 2;
    pub(in super::super) const TOTAL: usize = 7;
    pub(in super::super) const TURNS: usize = 12;
    pub(in super::super) const READY: usize = 13;
    pub(in super::super) const TIMERS: usize = 14;
    pub(in super::super) const NOT_KEPT: usize = 15;
}

/// Columns of the only row of sums.
pub(super) mod sum {
    pub(in super::super) const ECHOES: usize = 0;
    pub(in super::super) const UNSENT: usize = 1;
    pub(in super::super) const UNSENT_ON: usize = 2;
    pub(in super::super) const PENDING_PEAK: usize = 4;
    pub(in super::super) const LONGEST_WRITE: usize = 5;
    pub(in super::super) const HANDLED: usize = 6;
    pub(in super::super) const FAILED: usize = 8;
    pub(in super::super) const CONNECTIONS: usize = 10;
    pub(in super::super) const CONNECTION_PAUSES: usize = 11;
    pub(in super::super) const DESCRIPTOR_PAUSES: usize = 12;
    pub(in super::super) const NEVER_RETRIEVED: usize = 13;
    pub(in super::super) const LONG_RUNS: usize = 14;
    pub(in super::super) const LONGEST_RUN: usize = 15;
}
