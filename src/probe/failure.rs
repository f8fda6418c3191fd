//! System calls that failed: which, with which error, and how often.

use crate::error::in_plain_words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use strum::IntoStaticStr;

/// How many pairs of a call and an error are counted; further ones are not.
pub const MOST_FAILED_CALLS: usize = 64;

/// A system call of the server that can fail without ending the server.
#[derive(Clone, Copy, Debug, Default)]
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Serialize, Deserialize, JsonSchema, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// accept(2).
    #[default]
    Accept,
    /// fcntl(2), ioctl(2) or setsockopt(2) on a connection that was accepted.
    SetOption,
    /// recv(2).
    Read,
    /// send(2).
    Write,
    /// The selector's wait: `epoll_wait(2)` and what belongs to it, such as
    /// `timerfd_settime(2)`; kevent(2) or IOCP.
    Wait,
    /// A change of what the selector watches: `epoll_ctl(2)`.
    Watch,
    /// The creation of a selector: `epoll_create1(2)`.
    CreateSelector,
}

impl Operation {
    /// The name used in logs and reports, such as `accept`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The number of an error of the system; see errno(3).
#[derive(Clone, Copy, Debug, Default)]
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ErrorNumber(pub i32);

impl ErrorNumber {
    /// The number of this error; `None` if it is not one of the system.
    pub fn of(error: &io::Error) -> Option<Self> {
        error.raw_os_error().map(Self)
    }
}

/// The system's own words: `too many open files`.
impl fmt::Display for ErrorNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = io::Error::from_raw_os_error(self.0).to_string();
        f.write_str(&in_plain_words(&error))
    }
}

/// How often a system call failed with one error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize)]
pub struct FailedCalls {
    /// The call that failed.
    pub operation: Operation,
    /// The error that it reported.
    pub error: ErrorNumber,
    /// How often that happened.
    pub count: u64,
}
