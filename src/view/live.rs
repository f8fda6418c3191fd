//! Observations of this very moment, each with advice.

use super::rows::Rows;
use super::sockets::Row;
use super::threads::Sleeper;
use crate::units::{nanoseconds, show_count, show_time};
use crate::view::{Kind, Site, SocketId};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// How long the only thread must have slept to be reported.
const LONG_SLEEP: Duration = Duration::from_secs(1);

/// How long write interest must have been on with nothing to write to be
/// reported.
const LONG_INTEREST: Duration = Duration::from_millis(250);

/// How long output at its limit must have stayed unsent to be reported.
const LONG_UNSENT: Duration = Duration::from_millis(500);

/// How long a socket at its end of file must have been watched to be reported.
const LONG_END: Duration = Duration::from_secs(1);

/// Something worth telling while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    /// The only thread sleeps on one connection.
    OnlyThreadAsleep {
        /// In which call.
        kind: Kind,
        /// On which connection.
        socket: SocketId,
        /// The line that makes the call.
        site: Site,
        /// For how long.
        time: Duration,
        /// How many other connections are open.
        others: u64,
        /// How many clients wait to be accepted.
        waiting: u64,
    },
    /// Sockets are watched for room for output while they have none.
    WriteInterest {
        /// The first of them.
        first: SocketId,
        /// How many.
        sockets: u64,
        /// Wake-ups a second, lately.
        wake_ups_per_s: u64,
    },
    /// Pending output is at its limit and nothing is sent.
    OutputStuck {
        /// The first such connection.
        first: SocketId,
        /// How many.
        sockets: u64,
    },
    /// Sockets are watched for input after their end of file.
    EndOfFileWatched {
        /// The first of them.
        first: SocketId,
        /// How many.
        sockets: u64,
        /// For how long the first.
        time: Duration,
    },
}

impl Live {
    /// What kind of finding it is and its figures, for programs.
    pub(super) fn kind_and_values(
        self,
    ) -> (&'static str, Vec<(&'static str, Value)>) {
        match self {
            Self::OnlyThreadAsleep {
                socket, time, others, waiting, ..
            } => {
                let values = [
                    ("socket", socket.0.into()),
                    ("time_ns", nanoseconds(time).into()),
                    ("others", others.into()),
                    ("waiting", waiting.into()),
                ];
                ("only_thread_asleep", values.into())
            }
            Self::WriteInterest { first, sockets, wake_ups_per_s } => {
                let values = [
                    ("first", first.0.into()),
                    ("sockets", sockets.into()),
                    ("wake_ups_per_s", wake_ups_per_s.into()),
                ];
                ("write_interest", values.into())
            }
            Self::OutputStuck { first, sockets } => {
                let first = ("first", first.0.into());
                ("output_stuck", vec![first, ("sockets", sockets.into())])
            }
            Self::EndOfFileWatched { first, sockets, time } => {
                let values = [
                    ("first", first.0.into()),
                    ("sockets", sockets.into()),
                    ("time_ns", nanoseconds(time).into()),
                ];
                ("end_of_file_watched", values.into())
            }
        }
    }
}

/// What the checks look at.
pub(super) struct Moment<'a> {
    pub(super) now: Duration,
    pub(super) rows: &'a Rows,
    /// Threads that are not over.
    pub(super) threads: usize,
    pub(super) sleepers: &'a [Sleeper],
    /// Connections that have not ended.
    pub(super) open: u64,
    /// Clients that wait to be accepted, as far as that is known.
    pub(super) waiting: u64,
    /// Whether the listener is open.
    pub(super) listens: bool,
    pub(super) wake_ups_per_s: u64,
    /// The high-water mark of pending output, if one read cannot fill it.
    pub(super) limit: Option<u32>,
}

type Check = fn(&Moment) -> Option<Live>;

const CHECKS: [Check; 4] =
    [only_thread_asleep, write_interest, output_stuck, end_of_file_watched];

/// What is worth telling right now.
pub(super) fn live(moment: &Moment) -> Vec<Live> {
    CHECKS.iter().filter_map(|check| check(moment)).collect()
}

/// Reported even if no client waits, because one that connects would have to.
/// Not reported once the listener is closed, because no client can connect.
fn only_thread_asleep(moment: &Moment) -> Option<Live> {
    let [sleeper] = moment.sleepers else { return None };
    let Sleeper { kind, socket, site, since, .. } = *sleeper;
    let time = moment.now.saturating_sub(since);
    let on_one = matches!(kind, Kind::Read | Kind::Write);
    let alone = moment.threads == 1 && moment.listens;
    let tells = alone && on_one && time >= LONG_SLEEP;
    let others = moment.open.saturating_sub(1);
    tells.then_some(Live::OnlyThreadAsleep {
        kind,
        socket,
        site,
        time,
        others,
        waiting: moment.waiting,
    })
}

/// The report of being writable proves that the interest is still on.
fn write_interest(moment: &Moment) -> Option<Live> {
    let in_vain = |row: &Row| {
        let on = row.interest.is_some_and(|interest| interest.writable);
        let since = row.watched_at.max(row.sent_at());
        let reported = row.reported.is_some_and(|(ready, at)| {
            ready.writable
                && at.saturating_sub(since) >= LONG_INTEREST
                && moment.now.saturating_sub(at) <= LONG_INTEREST
        });
        on && reported && row.pending() == 0
    };
    let wake_ups_per_s = moment.wake_ups_per_s;
    let (first, sockets) = open_rows(moment, in_vain)?;
    Some(Live::WriteInterest { first: first.0, sockets, wake_ups_per_s })
}

fn output_stuck(moment: &Moment) -> Option<Live> {
    let limit = moment.limit?;
    let stuck = |row: &Row| {
        row.pending() >= limit && row.unsent_for(moment.now) >= LONG_UNSENT
    };
    let (first, sockets) = open_rows(moment, stuck)?;
    Some(Live::OutputStuck { first: first.0, sockets })
}

fn end_of_file_watched(moment: &Moment) -> Option<Live> {
    let since = |row: &Row| {
        let ended = row.half_closed?;
        let watched = row.interest.is_some_and(|it| it.readable);
        watched.then(|| ended.max(row.watched_at))
    };
    let waits = |row: &Row| {
        since(row).map_or(Duration::ZERO, |at| moment.now.saturating_sub(at))
    };
    let (first, sockets) = open_rows(moment, |row| waits(row) >= LONG_END)?;
    let time = waits(first.1);
    Some(Live::EndOfFileWatched { first: first.0, sockets, time })
}

/// The first open socket of which this is so, and how many there are.
fn open_rows<'a>(
    moment: &Moment<'a>,
    holds: impl Fn(&Row) -> bool,
) -> Option<((SocketId, &'a Row), u64)> {
    let open = moment.rows.iter().filter(|(_, row)| row.end.is_none());
    let mut such = open.filter(|(_, row)| holds(row));
    let first = such.next()?;
    Some((first, 1 + such.count() as u64))
}

/// What is seen, in one line.
impl fmt::Display for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::OnlyThreadAsleep {
                kind,
                socket,
                site,
                time,
                others,
                waiting,
            } => {
                let (call, time) = (kind.name(), show_time(time));
                let on = if kind == Kind::Read { "of" } else { "to" };
                f.write_str(&who_waits(others, waiting))?;
                write!(f, ": the only thread has slept in a {call} {on} ")?;
                write!(f, "{socket} for {time} ({site})")
            }
            Self::WriteInterest { first, sockets, wake_ups_per_s } => {
                let who = who(first, sockets);
                let times = show_count(wake_ups_per_s);
                write!(f, "write interest is on for {who} while nothing is ")?;
                write!(
                    f,
                    "pending: the selector wakes at once, {times} times "
                )?;
                f.write_str("a second")
            }
            Self::OutputStuck { first, sockets } => {
                let who = who(first, sockets);
                write!(f, "output for {who} is at its limit: ")?;
                f.write_str(if sockets == 1 {
                    "it is not reading"
                } else {
                    "they are not reading"
                })
            }
            Self::EndOfFileWatched { first, sockets, time: t } => {
                let (who, t) = (who(first, sockets), show_time(t));
                let is = if sockets == 1 { "is" } else { "are" };
                write!(f, "{who} {is} readable at end of file for {t} ")?;
                f.write_str("and still watched")
            }
        }
    }
}

/// Of whom it is known that they wait; else who would.
fn who_waits(others: u64, waiting: u64) -> String {
    match (others, waiting) {
        (0, 0) => "whoever connects now has to wait".into(),
        (_, 1) => "1 client waits to be accepted".into(),
        (_, 2..) => {
            format!("{} clients wait to be accepted", show_count(waiting))
        }
        (1, 0) => "1 other client is not served".into(),
        (n, 0) => format!("{} other clients are not served", show_count(n)),
    }
}

impl Live {
    /// The same finding for a sleep of length `slept`, while at least `at_most`
    /// clients waited at some time.
    pub(super) const fn slept(self, slept: Duration, at_most: u64) -> Self {
        match self {
            Self::OnlyThreadAsleep { kind, socket, site, others, .. } => {
                let (time, waiting) = (slept, at_most);
                Self::OnlyThreadAsleep {
                    kind,
                    socket,
                    site,
                    time,
                    others,
                    waiting,
                }
            }
            other => other,
        }
    }
}

pub(super) fn who(first: SocketId, sockets: u64) -> String {
    match sockets.saturating_sub(1) {
        0 => first.to_string(),
        more => format!("{first} and {} more", show_count(more)),
    }
}

impl Live {
    /// What to make of it, or to do about it.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::OnlyThreadAsleep { .. } => {
                "A client that connects meanwhile waits in the backlog; a \
                 thread each (blocking) or one sleep on all (selector) would \
                 serve it."
            }
            Self::WriteInterest { .. } => {
                "A socket has room for output almost always: ask for it only \
                 while there is something to send."
            }
            Self::OutputStuck { .. } => {
                "The server reads no more from it until it reads: that is \
                 back-pressure, and keeps memory bounded."
            }
            Self::EndOfFileWatched { .. } => {
                "A level-triggered selector reports it again and again: drop \
                 the interest in input, or close the socket."
            }
        }
    }
}
