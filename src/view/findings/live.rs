//! States that are reported while they last, and the worst of each kind.

use super::Finding;
use crate::probe::Kind;
use crate::units::{show_count, show_time};
use crate::view::ThreadView;
use crate::view::sockets::{Row, Rows};
use std::time::Duration;

/// How long the only thread must have slept to be reported.
pub(in crate::view) const LONG_SLEEP: Duration = Duration::from_secs(1);

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
    /// How severe it is, compared with others of its kind.
    weight: u128,
}

impl LastingState {
    /// A state of some sockets: the first of them and how many there are.
    fn new(
        kind: &str,
        (first, sockets): (&Row, u64),
        [present, past]: [String; 2],
        weight: u128,
    ) -> Self {
        let finding = Finding::new(kind, present)
            .with("first", first.count.id.0)
            .with("sockets", sockets);
        Self { finding, past: Some(past), weight }
    }
}

impl Rows {
    /// The states of sockets that are reported at this moment. `limit` is the
    /// high-water mark of pending output, if one read cannot fill it.
    pub(in crate::view) fn states(
        &self,
        now: Duration,
        wake_ups_per_s: u64,
        limit: Option<u32>,
    ) -> Vec<LastingState> {
        let interest = self.write_interest(now, wake_ups_per_s);
        let stuck = limit.and_then(|limit| self.output_stuck(now, limit));
        interest.into_iter().chain(stuck).chain(self.watched_end(now)).collect()
    }

    /// The report of being writable proves that the interest is still on.
    fn write_interest(
        &self,
        now: Duration,
        wake_ups_per_s: u64,
    ) -> Option<LastingState> {
        let (rows, who) = self.open(|row| {
            let on = row.interest.is_some_and(|interest| interest.writable);
            let since = row.watched_at.max(row.sent_at);
            let reported = row.reported.is_some_and(|(ready, at)| {
                ready.writable
                    && at.saturating_sub(since) >= LONG_INTEREST
                    && now.saturating_sub(at) <= LONG_INTEREST
            });
            on && reported && row.count.pending_bytes == 0
        })?;
        let times = show_count(wake_ups_per_s);
        let seen = [("is", "wakes", ""), ("was", "woke", "up to ")].map(
            |(is, wakes, up_to)| {
                format!(
                    "write interest {is} on for {who} while nothing {is} \
                     pending: the selector {wakes} at once, {up_to}{times} \
                     times a second"
                )
            },
        );
        let weight = wake_ups_per_s.into();
        let mut state = LastingState::new("write_interest", rows, seen, weight);
        state.finding = state.finding.with("wake_ups_per_s", wake_ups_per_s);
        Some(state)
    }

    fn output_stuck(&self, now: Duration, limit: u32) -> Option<LastingState> {
        let (rows, who) = self.open(|row| {
            let unsent_for = now.saturating_sub(row.sent_at);
            row.count.pending_bytes >= limit && unsent_for >= LONG_UNSENT
        })?;
        let it_is = if rows.1 == 1 { "it is" } else { "they are" };
        let seen =
            format!("output for {who} is at its limit: {it_is} not reading");
        let (seen, weight) = ([seen, String::new()], rows.1.into());
        let state = LastingState::new("output_stuck", rows, seen, weight);
        Some(LastingState { past: None, ..state })
    }

    fn watched_end(&self, now: Duration) -> Option<LastingState> {
        let waits = |row: &Row| {
            let watched = row.interest.is_some_and(|it| it.readable);
            let ended = row.half_closed.filter(|_| watched);
            let since = ended.map(|ended| ended.max(row.watched_at));
            now.saturating_sub(since.unwrap_or(now))
        };
        let (rows, who) = self.open(|row| waits(row) >= LONG_END)?;
        let time = waits(rows.0);
        let t = show_time(time);
        let [is, was] =
            if rows.1 == 1 { ["is", "was"] } else { ["are", "were"] };
        let seen =
            [(is, format!(" for {t}")), (was, format!(", longest {t},"))].map(
                |(is, long)| {
                    let what = "readable at end of file";
                    format!("{who} {is} {what}{long} and still watched")
                },
            );
        let kind = "end_of_file_watched";
        let mut state = LastingState::new(kind, rows, seen, time.as_nanos());
        state.finding = state.finding.with_time("time_ns", time);
        Some(state)
    }

    /// The first open socket for which `holds` is true and how many there are;
    /// the same in words.
    fn open(
        &self,
        holds: impl Fn(&Row) -> bool,
    ) -> Option<((&Row, u64), String)> {
        let rows = self.by_id.values();
        let mut such = rows.filter(|it| it.count.end.is_none() && holds(it));
        let (first, more) = (such.next()?, such.count() as u64);
        let who = match more {
            0 => first.count.id.to_string(),
            _ => format!("{} and {} more", first.count.id, show_count(more)),
        };
        Some(((first, 1 + more), who))
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
        let finding = Finding::new("only_thread_asleep", seen)
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

/// The worst state of each kind so far.
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

    /// The findings that are over: none of their kind is among `right_now`.
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
