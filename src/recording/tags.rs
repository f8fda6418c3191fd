//! The first byte of each record, and other numbers of the format.

pub(super) const PLACE: u8 = 1;
pub(super) const ENTER: u8 = 2;
/// A call that was over at once: its two times are equal.
pub(super) const EXIT: u8 = 3;
/// A call with two times.
pub(super) const SLEPT: u8 = 4;
pub(super) const IDLE: u8 = 5;

pub(super) const OPENED: u8 = 16;
pub(super) const CLOSED: u8 = 17;
pub(super) const HANDLED: u8 = 18;
pub(super) const FAILED: u8 = 19;
/// With what it is ready for in the two lowest bits: readable 1, writable 2.
pub(super) const READY: u8 = 20;
pub(super) const INTEREST: u8 = 24;
pub(super) const PAUSED: u8 = 28;
pub(super) const PHASE: u8 = 29;
pub(super) const TASK: u8 = 30;
pub(super) const STEP: u8 = 31;
pub(super) const TIMERS: u8 = 32;
pub(super) const LONG_RUN: u8 = 33;
pub(super) const NEVER_RETRIEVED: u8 = 34;

pub(super) const COUNTERS: u8 = 64;
pub(super) const PAYLOAD: u8 = 65;
pub(super) const MEASURED: u8 = 66;
pub(super) const HOLDS: u8 = 67;
pub(super) const NAMED: u8 = 68;

/// Ends the rows of counters.
pub(super) const NO_TABLE: u8 = 255;

/// How a task is, in the order of [`TaskNow`](crate::probe::TaskNow).
pub(super) mod task {
    pub(in super::super) const READY: u8 = 0;
    pub(in super::super) const RUNNING: u8 = 1;
    pub(in super::super) const PAUSED: u8 = 2;
    pub(in super::super) const SLEEPING: u8 = 3;
    pub(in super::super) const JOINING: u8 = 4;
    pub(in super::super) const WAITING: u8 = 5;
    pub(in super::super) const DONE: u8 = 6;
    pub(in super::super) const FAILED: u8 = 7;
    pub(in super::super) const CANCELLED: u8 = 8;
}

/// How a call went, in the order of [`Outcome`](crate::probe::Outcome).
pub(super) mod outcome {
    pub(in super::super) const BYTES: u8 = 0;
    pub(in super::super) const END_OF_FILE: u8 = 1;
    pub(in super::super) const WOULD_BLOCK: u8 = 2;
    pub(in super::super) const ACCEPTED: u8 = 3;
    pub(in super::super) const READY: u8 = 4;
    pub(in super::super) const DONE: u8 = 5;
    pub(in super::super) const PAUSED: u8 = 6;
    pub(in super::super) const CLOSED: u8 = 7;
    pub(in super::super) const FAILED: u8 = 8;
}

/// What a held thread is about to do.
pub(super) mod before {
    pub(in super::super) const CALL: u8 = 0;
    pub(in super::super) const STEP: u8 = 1;
    pub(in super::super) const TASK: u8 = 2;
}
