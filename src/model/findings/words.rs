//! The findings in words: what was seen, and what to make of it.

use super::Finding;
use crate::model::format::{bytes, count, time};
use std::fmt;

/// What was seen, in one line.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spinning { asked, answered } => {
                let (asked, answered) = (count(*asked), count(*answered));
                write!(f, "asked {asked} times, answered {answered}: spinning")
            }
            Self::Starved { group, time: waited } => {
                let waited = time(*waited);
                write!(f, "a client of {group} waited {waited} for its echo")
            }
            Self::OutputAtLimit { first, connections, limit } => {
                let who = match connections {
                    1 => format!("client {first}"),
                    n => format!("{} clients, first {first},", count(*n)),
                };
                let limit = bytes(*limit as u64);
                write!(f, "output for {who} reached its limit of {limit}: ")?;
                f.write_str(if *connections == 1 {
                    "it was not reading"
                } else {
                    "they were not reading"
                })
            }
            Self::AcceptPaused { at, times } => {
                let (times, why) = (plural(*times, "time"), at.words());
                write!(f, "accepting paused {times}: {why}")
            }
            Self::EventsLost { events } => {
                let events = plural(*events, "event");
                write!(f, "{events} found no room and are not shown")
            }
            Self::Live(live) => live.fmt(f),
            ended => ended.fmt_ended(f),
        }
    }
}

impl Finding {
    /// The findings about how connections ended.
    fn fmt_ended(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = |n: u64| plural(n, "connection");
        match *self {
            Self::Reset { connections } => {
                write!(f, "{} reset by the client", were(connections))
            }
            Self::IdleTimeout { connections } => {
                let closed = were(connections);
                write!(f, "{closed} closed by the idle time-out")
            }
            Self::LineTooLong { connections, limit } => {
                let limit = bytes(limit as u64);
                let many = many(connections);
                write!(f, "{many} sent a line longer than {limit}")
            }
            Self::HandlerFailed { connections } => {
                let many = many(connections);
                write!(f, "the handler of {many} failed on the line boom")
            }
            Self::NeverEchoed { bytes: unsent, connections } => {
                let (unsent, many) =
                    (plural(unsent, "byte"), many(connections));
                write!(f, "{unsent} of {many} came in and were never echoed")
            }
            _ => Ok(()),
        }
    }

    /// What to make of it, or to do about it.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Spinning { .. } => {
                "A selector asks once and sleeps until a socket is ready."
            }
            Self::Starved { .. } => {
                "The only thread serves one client at a time; a thread each \
                 (blocking) or one sleep on all (selector) serves the others \
                 meanwhile."
            }
            Self::OutputAtLimit { .. } => {
                "Back-pressure at work: the server stops reading from such a \
                 client, so its memory stays bounded (--buffer-limit)."
            }
            Self::Reset { .. } => {
                "Expected if the client closed with unread data or a linger \
                 time of zero; only that connection may be affected."
            }
            Self::IdleTimeout { .. } => {
                "Raise --idle-timeout if these clients were only slow."
            }
            Self::LineTooLong { .. } => {
                "Raise --buffer-limit, or use --framing bytes, which echoes \
                 without waiting for the end of a line."
            }
            Self::HandlerFailed { .. } => {
                "Asked for by --boom: the failure ends its own connection \
                 and no other."
            }
            Self::AcceptPaused { .. } => {
                "Clients wait in the backlog until connections end; accepting \
                 resumes by itself."
            }
            Self::NeverEchoed { .. } => {
                "See how these connections ended: a reset, a failure or the \
                 end of the grace period leaves output unsent."
            }
            Self::Live(live) => live.advice(),
            Self::EventsLost { .. } => {
                "The counters are exact all the same: only the list of events \
                 has gaps."
            }
        }
    }
}

fn plural(n: u64, word: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {word}{s}", count(n))
}

fn were(connections: u64) -> String {
    let were = if connections == 1 { "was" } else { "were" };
    format!("{} {were}", plural(connections, "connection"))
}
