//! The findings in words: what was seen, and what to make of it.

use super::{Finding, Unhandled};
use crate::probe::{Limit, SocketId};
use crate::units::{nanoseconds, plural, show_count, show_size, show_time};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// What was seen, in one line.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spinning { asked, answered } => {
                let (asked, answered) =
                    (show_count(*asked), show_count(*answered));
                write!(f, "asked {asked} times, answered {answered}: spinning")
            }
            Self::Starved { group, time: waited } => {
                let waited = show_time(*waited);
                write!(f, "a client of {group} waited {waited} for its echo")
            }
            Self::OutputAtLimit { first, connections, limit } => {
                let who = match connections {
                    1 => format!("client {first}"),
                    n => format!("{} clients, first {first},", show_count(*n)),
                };
                let limit = show_size(*limit as u64);
                write!(f, "output for {who} reached its limit of {limit}: ")?;
                f.write_str(if *connections == 1 {
                    "it was not reading"
                } else {
                    "they were not reading"
                })
            }
            Self::WriteSlept { socket, time } => {
                let time = show_time(*time);
                write!(f, "a write to client {socket} had to wait {time}: ")?;
                f.write_str("it was not reading")
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
            Self::Seen(live) => live.fmt_past(f),
            ended => ended.fmt_ended(f),
        }
    }
}

impl Finding {
    /// What kind of finding it is, for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind_and_values().0
    }

    /// The figures of the observation by name, for programs; times in
    /// nanoseconds.
    #[must_use]
    pub fn values(&self) -> Vec<(&'static str, Value)> {
        self.kind_and_values().1
    }

    fn kind_and_values(&self) -> (&'static str, Vec<(&'static str, Value)>) {
        let concerned = |first: SocketId, connections: u64| {
            vec![("first", first.0.into()), ("connections", connections.into())]
        };
        let ns = |time: Duration| Value::from(nanoseconds(time));
        match *self {
            Self::Spinning { asked, answered } => {
                let values = [("asked", asked), ("answered", answered)];
                ("spinning", values.map(|(name, it)| (name, it.into())).into())
            }
            Self::Starved { ref group, time } => {
                let group = ("group", group.clone().into());
                ("starved", vec![group, ("time_ns", ns(time))])
            }
            Self::OutputAtLimit { first, connections, limit } => {
                let mut values = concerned(first, connections);
                values.push(("limit_bytes", limit.into()));
                ("output_at_limit", values)
            }
            Self::WriteSlept { socket, time } => {
                let socket = ("socket", socket.0.into());
                ("write_slept", vec![socket, ("time_ns", ns(time))])
            }
            Self::Reset { first, connections } => {
                ("reset", concerned(first, connections))
            }
            Self::IdleTimeout { first, connections } => {
                ("idle_timeout", concerned(first, connections))
            }
            Self::LineTooLong { first, connections, limit } => {
                let mut values = concerned(first, connections);
                values.push(("limit_bytes", limit.into()));
                ("line_too_long", values)
            }
            Self::HandlerFailed { first, connections } => {
                ("handler_failed", concerned(first, connections))
            }
            Self::LongRun { times, longest } => {
                let longest = ("longest_ns", ns(longest));
                ("long_run", vec![("times", times.into()), longest])
            }
            Self::ErrorUnhandled { first, connections, fate } => {
                let mut values = concerned(first, connections);
                values.push(("fate", fate.name().into()));
                ("error_unhandled", values)
            }
            Self::AcceptPaused { at, times } => {
                let kind = match at {
                    Limit::Connections => "paused_at_connection_limit",
                    Limit::Descriptors => "paused_without_descriptors",
                };
                (kind, vec![("times", times.into())])
            }
            Self::NeverEchoed { bytes, first, connections } => {
                let mut values = concerned(first, connections);
                values.push(("bytes", bytes.into()));
                ("never_echoed", values)
            }
            Self::EventsLost { events } => {
                ("events_lost", vec![("events", events.into())])
            }
            Self::Live(live) | Self::Seen(live) => live.kind_and_values(),
        }
    }

    /// The findings about how connections ended.
    fn fmt_ended(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Reset { first, connections } => {
                let who = who_was(first, connections);
                write!(f, "{who} reset by the client")
            }
            Self::IdleTimeout { first, connections } => {
                let who = who_was(first, connections);
                write!(f, "{who} closed by the idle time-out")
            }
            Self::LineTooLong { first, connections, limit } => {
                let limit = show_size(limit as u64);
                let who = who(first, connections);
                write!(f, "{who} sent a line longer than {limit}")
            }
            Self::HandlerFailed { first, connections } => {
                let who = who(first, connections);
                write!(f, "the handler of {who} failed on the line boom")
            }
            Self::LongRun { times, longest } => {
                let (times, longest) =
                    (plural(times, "time"), show_time(longest));
                write!(
                    f,
                    "a task kept the thread for up to {longest} without a \
                     pause ({times} above 0.1 s): all others had to wait"
                )
            }
            Self::ErrorUnhandled { first, connections, fate } => {
                let (who, unhandled) = (
                    who(first, connections),
                    match fate {
                        Unhandled::EndsServer => "nobody handled it",
                        Unhandled::Reported => {
                            "its exception was never retrieved"
                        }
                        Unhandled::Dropped => "nobody was told",
                        Unhandled::Kept => "nobody was told while it ran",
                    },
                );
                write!(f, "the handler of {who} failed and {unhandled}")
            }
            Self::NeverEchoed { bytes: unsent, first, connections } => {
                let unsent = plural(unsent, "byte");
                let who = who(first, connections);
                write!(f, "{unsent} of {who} came in and were never echoed")
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
            Self::WriteSlept { .. } => {
                "Back-pressure at work: the thread sleeps until the client \
                 reads, and whoever else it serves waits, too. In tasks it \
                 is the client's own task that is paused."
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
            Self::LongRun { .. } => {
                "Have it yield after some calls (--yield), and let nothing in \
                 a task block the thread."
            }
            Self::ErrorUnhandled { fate, .. } => fate.advice(),
            Self::AcceptPaused { .. } => {
                "Clients wait in the backlog until connections end; accepting \
                 resumes by itself."
            }
            Self::NeverEchoed { .. } => {
                "See how these connections ended: a reset, a failure or the \
                 end of the grace period leaves output unsent."
            }
            Self::Live(live) | Self::Seen(live) => live.advice(),
            Self::EventsLost { .. } => {
                "The counters are exact all the same: only the list of events \
                 has gaps."
            }
        }
    }
}

impl Unhandled {
    const fn advice(self) -> &'static str {
        match self {
            Self::EndsServer => {
                "One client's error left its handler and ended the server \
                 for everybody: handle it there (--errors handled)."
            }
            Self::Dropped => {
                "Its handle was dropped, and the error with it: the client \
                 saw its connection end, and nobody knows why."
            }
            Self::Reported => {
                "Its handle was dropped, and the error with it: the loop \
                 said so at once. Join tasks, or handle errors in them."
            }
            Self::Kept => {
                "Its handle was kept and never joined, and with it the error \
                 and the open connection: the client waits for ever. Join \
                 handles, or handle errors in the handler."
            }
        }
    }
}

/// The connection concerned, or the first of them.
fn who(first: SocketId, connections: u64) -> String {
    match connections {
        1 => format!("connection {first}"),
        n => format!("{}, first {first},", plural(n, "connection")),
    }
}

fn who_was(first: SocketId, connections: u64) -> String {
    let was = if connections == 1 { "was" } else { "were" };
    format!("{} {was}", who(first, connections))
}
