//! States that are reported while they last, and the worst of each kind.

use super::Finding;
use crate::probe::Kind;
use crate::units::{show_count, show_time};
use crate::view::ThreadView;
use crate::view::sockets::{Row, Rows};
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
#[derive(Clone, Debug)]
pub(in crate::view) struct LastingState {
    pub(in crate::view) finding: Finding,
    /// What is reported when it is over; `None` if the exact counters show
    /// that it was so.
    past: Option<String>,
    /// How bad it is, beside others of its kind.
    weight: u128,
}

/// What the checks look at.
pub(in crate::view) struct Moment<'a> {
    pub(in crate::view) now: Duration,
    pub(in crate::view) rows: &'a Rows,
    pub(in crate::view) wake_ups_per_s: u64,
    /// The high-water mark of pending output, if one read cannot fill it.
    pub(in crate::view) limit: Option<u32>,
}

impl Moment<'_> {
    /// The states of sockets that are reported at this moment.
    pub(in crate::view) fn states(&self) -> Vec<LastingState> {
        let checks =
            [Self::write_interest, Self::output_stuck, Self::watched_end];
        checks.iter().filter_map(|check| check(self)).collect()
    }

    /// The report of being writable proves that the interest is still on.
    fn write_interest(&self) -> Option<LastingState> {
        let in_vain = |row: &Row| {
            let on = row.interest.is_some_and(|interest| interest.writable);
            let since = row.watched_at.max(row.sent_at);
            let reported = row.reported.is_some_and(|(ready, at)| {
                ready.writable
                    && at.saturating_sub(since) >= LONG_INTEREST
                    && self.now.saturating_sub(at) <= LONG_INTEREST
            });
            on && reported && row.count.pending_bytes == 0
        };
        let (first, sockets, who) = self.open_rows(in_vain)?;
        let times = show_count(self.wake_ups_per_s);
        let seen = |is, wakes, up_to| {
            format!(
                "write interest {is} on for {who} while nothing {is} \
                 pending: the selector {wakes} at once, {up_to}{times} times \
                 a second"
            )
        };
        let advice = "A socket has room for output almost always: ask for it \
                      only while there is something to send.";
        let present = seen("is", "wakes", "");
        let finding = Finding::new("write_interest", present, advice)
            .with("first", first.count.id.0)
            .with("sockets", sockets)
            .with("wake_ups_per_s", self.wake_ups_per_s);
        let past = Some(seen("was", "woke", "up to "));
        let weight = self.wake_ups_per_s.into();
        Some(LastingState { finding, past, weight })
    }

    fn output_stuck(&self) -> Option<LastingState> {
        let limit = self.limit?;
        let (first, sockets, who) = self.open_rows(|row| {
            let unsent_for = self.now.saturating_sub(row.sent_at);
            row.count.pending_bytes >= limit && unsent_for >= LONG_UNSENT
        })?;
        let it_is = if sockets == 1 { "it is" } else { "they are" };
        let seen =
            format!("output for {who} is at its limit: {it_is} not reading");
        let advice = "The server reads no more from it until it reads: that \
                      is back-pressure, and keeps memory bounded.";
        let finding = Finding::new("output_stuck", seen, advice)
            .with("first", first.count.id.0)
            .with("sockets", sockets);
        Some(LastingState { finding, past: None, weight: sockets.into() })
    }

    fn watched_end(&self) -> Option<LastingState> {
        let waits = |row: &Row| {
            let watched = row.interest.is_some_and(|it| it.readable);
            let ended = row.half_closed.filter(|_| watched);
            let since = ended.map(|ended| ended.max(row.watched_at));
            self.now.saturating_sub(since.unwrap_or(self.now))
        };
        let (first, sockets, who) =
            self.open_rows(|row| waits(row) >= LONG_END)?;
        let time = waits(first);
        let t = show_time(time);
        let [is, was] =
            if sockets == 1 { ["is", "was"] } else { ["are", "were"] };
        let seen = |is: &str, how_long| {
            format!(
                "{who} {is} readable at end of file{how_long} and still watched"
            )
        };
        let present = seen(is, format!(" for {t}"));
        let past = Some(seen(was, format!(", longest {t},")));
        let advice = "A level-triggered selector reports it again and again: \
                      drop the interest in input, or close the socket.";
        let finding = Finding::new("end_of_file_watched", present, advice)
            .with("first", first.count.id.0)
            .with("sockets", sockets)
            .with_time("time_ns", time);
        Some(LastingState { finding, past, weight: time.as_nanos() })
    }

    /// The first open socket of which this is so, how many there are, and
    /// both in words.
    fn open_rows(
        &self,
        holds: impl Fn(&Row) -> bool,
    ) -> Option<(&Row, u64, String)> {
        let rows = self.rows.by_id.values();
        let mut such = rows.filter(|it| it.count.end.is_none() && holds(it));
        let (first, more) = (such.next()?, such.count() as u64);
        let who = match more {
            0 => first.count.id.to_string(),
            _ => format!("{} and {} more", first.count.id, show_count(more)),
        };
        Some((first, 1 + more, who))
    }
}

/// The only thread sleeps in a call on one connection, while this number of
/// other connections is open and this number of clients waits to be accepted.
#[derive(Clone, Copy, Debug)]
pub(in crate::view) struct SleepOfOnlyThread {
    pub(in crate::view) thread: ThreadView,
    pub(in crate::view) others: u64,
    pub(in crate::view) waiting: u64,
}

impl SleepOfOnlyThread {
    /// Reported even if no client waits, because one that connects would have
    /// to.
    pub(in crate::view) fn is_reported(&self) -> bool {
        let on_one = matches!(self.thread.kind, Kind::Read | Kind::Write);
        on_one && self.thread.since >= LONG_SLEEP
    }

    pub(in crate::view) fn state(self) -> LastingState {
        let Self { thread, others, waiting } = self;
        let ThreadView { kind, socket, site, since, .. } = thread;
        let (n, more) = (show_count(waiting), show_count(others));
        let [now, then] = match (others, waiting) {
            (0, 0) => [
                "a client that connects now has to wait".into(),
                "a client that had connected would have waited".into(),
            ],
            (_, 1) => ["waits", "waited"]
                .map(|waits| format!("1 client {waits} to be accepted")),
            (_, 2..) => ["wait", "waited"]
                .map(|wait| format!("{n} clients {wait} to be accepted")),
            (1, 0) => ["is", "was"]
                .map(|is| format!("1 other client {is} not served")),
            (_, 0) => ["are", "were"]
                .map(|are| format!("{more} other clients {are} not served")),
        };
        let (call, time) = (kind.name(), show_time(since));
        let on = if kind == Kind::Read { "of" } else { "to" };
        let seen = format!(
            "{now}: the only thread has slept in a {call} {on} {socket} for \
             {time} ({site})"
        );
        let past = format!(
            "{then}: the only thread slept in a {call} of {socket} for up to \
             {time} ({site})"
        );
        let advice = "A client that connects meanwhile waits in the backlog; \
                      a thread each (blocking) or one sleep on all \
                      (selector) would serve it.";
        let finding = Finding::new("only_thread_asleep", seen, advice)
            .with("socket", socket.0)
            .with_time("time_ns", since)
            .with("others", others)
            .with("waiting", waiting);
        // A sleep that makes a client wait outweighs any that does not.
        let delays_clients = u128::from(waiting > 0 || others > 0);
        let weight = since.as_nanos() + (delays_clients << 100);
        LastingState { finding, past: Some(past), weight }
    }
}

/// Of each kind of state the worst so far.
#[derive(Clone, Default)]
pub(in crate::view) struct WorstStates(Vec<LastingState>);

impl WorstStates {
    pub(in crate::view) fn take(&mut self, state: LastingState) {
        let mut worst = self.0.iter_mut();
        match worst.find(|it| it.finding.kind == state.finding.kind) {
            Some(worst) if worst.weight > state.weight => {}
            Some(worst) => *worst = state,
            None => self.0.push(state),
        }
    }

    /// The findings that are over, as none of their kind is among these.
    pub(in crate::view) fn over(&self, right_now: &[Finding]) -> Vec<Finding> {
        let over = self.0.iter().filter_map(
            |LastingState { finding, past, .. }| {
                let lasts = right_now.iter().any(|it| it.kind == finding.kind);
                let observation = past.clone().filter(|_| !lasts)?;
                Some(Finding { observation, is_over: true, ..finding.clone() })
            },
        );
        over.collect()
    }
}
