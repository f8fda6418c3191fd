//! States that are reported while they last, and the worst of each kind.

use super::{Finding, sockets_in_words};
use crate::probe::{Kind, SocketId};
use crate::units::{show_count, show_time};
use crate::view::ThreadView;
use crate::view::rows::Rows;
use crate::view::sockets::Row;
use std::mem::discriminant;
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

/// A state that is reported while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::view) enum Live {
    /// The only thread sleeps in a call on one connection.
    OnlyThreadAsleep(SleepOfOnlyThread),
    /// Sockets are watched for room for output while they have none.
    WriteInterest { first: SocketId, sockets: u64, wake_ups_per_s: u64 },
    /// Pending output is at its limit and nothing is sent.
    OutputStuck { first: SocketId, sockets: u64 },
    /// Sockets are watched for input after their end of file, the first of
    /// them for this time.
    EndOfFileWatched { first: SocketId, sockets: u64, time: Duration },
}

/// The only thread sleeps in a call on one connection, while this number of
/// other connections is open and this number of clients waits to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::view) struct SleepOfOnlyThread {
    pub(in crate::view) thread: ThreadView,
    others: u64,
    pub(in crate::view) waiting: u64,
}

/// What the checks look at.
pub(in crate::view) struct Moment<'a> {
    pub(in crate::view) now: Duration,
    pub(in crate::view) rows: &'a Rows,
    /// Threads that are not over.
    pub(in crate::view) threads: usize,
    /// Those of them that are in a call which puts them to sleep.
    pub(in crate::view) sleepers: &'a [ThreadView],
    /// Connections that have not ended.
    pub(in crate::view) open: u64,
    /// Clients that wait to be accepted, as far as that is known.
    pub(in crate::view) waiting: u64,
    /// Whether the listener is open.
    pub(in crate::view) listens: bool,
    pub(in crate::view) wake_ups_per_s: u64,
    /// The high-water mark of pending output, if one read cannot fill it.
    pub(in crate::view) limit: Option<u32>,
}

/// The states that are reported at this moment.
pub(in crate::view) fn live(moment: &Moment) -> Vec<Live> {
    let checks =
        [only_thread_asleep, write_interest, output_stuck, end_of_file_watched];
    checks.iter().filter_map(|check| check(moment)).collect()
}

/// Reported even if no client waits, because one that connects would have to.
/// Not reported once the listener is closed, because no client can connect.
fn only_thread_asleep(moment: &Moment) -> Option<Live> {
    let [thread] = moment.sleepers else { return None };
    let on_one = matches!(thread.kind, Kind::Read | Kind::Write);
    let alone = moment.threads == 1 && moment.listens;
    let sleep = SleepOfOnlyThread {
        thread: *thread,
        others: moment.open.saturating_sub(1),
        waiting: moment.waiting,
    };
    (alone && on_one && thread.since >= LONG_SLEEP)
        .then_some(Live::OnlyThreadAsleep(sleep))
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
        let unsent_for = moment.now.saturating_sub(row.sent_at());
        row.pending() >= limit && unsent_for >= LONG_UNSENT
    };
    let (first, sockets) = open_rows(moment, stuck)?;
    Some(Live::OutputStuck { first: first.0, sockets })
}

fn end_of_file_watched(moment: &Moment) -> Option<Live> {
    let waits = |row: &Row| {
        let watched = row.interest.is_some_and(|it| it.readable);
        let ended = row.half_closed.filter(|_| watched);
        let since = ended.map(|ended| ended.max(row.watched_at));
        moment.now.saturating_sub(since.unwrap_or(moment.now))
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

impl Live {
    /// The finding, in the past tense if it is over.
    pub(in crate::view) fn finding(self, is_over: bool) -> Finding {
        let found = match self {
            Self::OnlyThreadAsleep(sleep) => sleep.finding(is_over),
            Self::WriteInterest { first, sockets, wake_ups_per_s } => {
                let who = sockets_in_words(first, sockets);
                let (is, wakes, up_to) = if is_over {
                    ("was", "woke", "up to ")
                } else {
                    ("is", "wakes", "")
                };
                let times = show_count(wake_ups_per_s);
                let seen = format!(
                    "write interest {is} on for {who} while nothing {is} \
                     pending: the selector {wakes} at once, {up_to}{times} \
                     times a second"
                );
                let advice = "A socket has room for output almost always: \
                              ask for it only while there is something to \
                              send.";
                Finding::new("write_interest", seen, advice)
                    .with("first", first.0)
                    .with("sockets", sockets)
                    .with("wake_ups_per_s", wake_ups_per_s)
            }
            Self::OutputStuck { first, sockets } => {
                let who = sockets_in_words(first, sockets);
                let state = match (is_over, sockets) {
                    (false, 1) => "is at its limit: it is not reading",
                    (false, _) => "is at its limit: they are not reading",
                    (true, _) => "was at its limit and not read",
                };
                let seen = format!("output for {who} {state}");
                let advice = "The server reads no more from it until it \
                              reads: that is back-pressure, and keeps memory \
                              bounded.";
                Finding::new("output_stuck", seen, advice)
                    .with("first", first.0)
                    .with("sockets", sockets)
            }
            Self::EndOfFileWatched { first, sockets, time } => {
                let seen = end_in_words(first, sockets, time, is_over);
                let advice = "A level-triggered selector reports it again \
                              and again: drop the interest in input, or \
                              close the socket.";
                Finding::new("end_of_file_watched", seen, advice)
                    .with("first", first.0)
                    .with("sockets", sockets)
                    .with_time("time_ns", time)
            }
        };
        Finding { is_over, ..found }
    }

    fn is_like(&self, other: &Self) -> bool {
        discriminant(self) == discriminant(other)
    }

    /// How bad it is, beside others of its kind.
    const fn weight(&self) -> u128 {
        match self {
            // A sleep that makes a client wait outweighs any that does not.
            Self::OnlyThreadAsleep(sleep) => {
                let SleepOfOnlyThread { thread, others, waiting } = sleep;
                let delays_clients = (*waiting > 0 || *others > 0) as u128;
                thread.since.as_nanos() + (delays_clients << 100)
            }
            Self::EndOfFileWatched { time, .. } => time.as_nanos(),
            Self::WriteInterest { wake_ups_per_s, .. } => {
                *wake_ups_per_s as u128
            }
            Self::OutputStuck { sockets, .. } => *sockets as u128,
        }
    }
}

impl SleepOfOnlyThread {
    fn finding(self, is_over: bool) -> Finding {
        let Self { thread, others, waiting } = self;
        let ThreadView { kind, socket, site, since: slept_for, .. } = thread;
        let (n, more) = (show_count(waiting), show_count(others));
        let who = match (others, waiting, is_over) {
            (0, 0, false) => "a client that connects now has to wait".into(),
            (0, 0, true) => {
                "a client that had connected would have waited".into()
            }
            (_, 1, false) => "1 client waits to be accepted".into(),
            (_, 1, true) => "1 client waited to be accepted".into(),
            (_, 2.., false) => format!("{n} clients wait to be accepted"),
            (_, 2.., true) => format!("{n} clients waited to be accepted"),
            (1, 0, false) => "1 other client is not served".into(),
            (1, 0, true) => "1 other client was not served".into(),
            (_, 0, false) => format!("{more} other clients are not served"),
            (_, 0, true) => format!("{more} other clients were not served"),
        };
        let (call, time) = (kind.name(), show_time(slept_for));
        let on = if kind == Kind::Read || is_over { "of" } else { "to" };
        let slept = if is_over {
            format!("slept in a {call} {on} {socket} for up to {time}")
        } else {
            format!("has slept in a {call} {on} {socket} for {time}")
        };
        let seen = format!("{who}: the only thread {slept} ({site})");
        let advice = "A client that connects meanwhile waits in the backlog; \
                      a thread each (blocking) or one sleep on all \
                      (selector) would serve it.";
        Finding::new("only_thread_asleep", seen, advice)
            .with("socket", socket.0)
            .with_time("time_ns", slept_for)
            .with("others", others)
            .with("waiting", waiting)
    }
}

/// That sockets are watched at their end of file.
fn end_in_words(
    first: SocketId,
    sockets: u64,
    time: Duration,
    is_over: bool,
) -> String {
    let (who, t) = (sockets_in_words(first, sockets), show_time(time));
    let is = match (is_over, sockets) {
        (false, 1) => "is",
        (false, _) => "are",
        (true, 1) => "was",
        (true, _) => "were",
    };
    let how_long = if is_over {
        format!(", longest {t}, and")
    } else {
        format!(" for {t} and")
    };
    format!(
        "{who} {is} readable at end of file{how_long} still \
         watched"
    )
}

/// Of each kind of observation the worst so far.
#[derive(Clone, Default)]
pub(in crate::view) struct Worst(Vec<Live>);

impl Worst {
    pub(in crate::view) fn take(&mut self, right_now: &[Live]) {
        for live in right_now {
            match self.0.iter_mut().find(|it| it.is_like(live)) {
                Some(worst) if worst.weight() > live.weight() => {}
                Some(worst) => *worst = *live,
                None => self.0.push(*live),
            }
        }
    }

    /// The findings that are over, as none of their kind is so right now.
    /// Output that was stuck is left out: the exact counters show it.
    pub(in crate::view) fn over(&self, right_now: &[Live]) -> Vec<Finding> {
        let is_over = |it: &&Live| {
            !matches!(it, Live::OutputStuck { .. })
                && !right_now.iter().any(|live| it.is_like(live))
        };
        let over = self.0.iter().filter(is_over);
        over.map(|live| live.finding(true)).collect()
    }
}
