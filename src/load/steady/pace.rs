//! The two rhythms: whose turn it is, and from when a message is timed.

use super::schedule::Schedule;
use super::workload::{Rhythm, Workload};
use std::ops::Range;

/// When messages are sent.
pub(super) enum SteadyPace {
    Closed(Stamps),
    Open(DueTurns),
}

impl SteadyPace {
    pub(super) fn new(workload: &Workload) -> Self {
        match workload.pacing {
            Rhythm::Closed => Self::Closed(Stamps::new(workload)),
            Rhythm::Open { rate_per_s } => {
                Self::Open(DueTurns::new(workload, rate_per_s))
            }
        }
    }
}

/// Closed loop: when each message that is under way was said.
pub(super) struct Stamps {
    pipeline: usize,
    /// A ring for each client, one after the other.
    said_ns: Vec<u64>,
    /// Where in its ring the oldest message of each client is.
    oldest: Vec<u32>,
}

impl Stamps {
    fn new(workload: &Workload) -> Self {
        let clients = workload.clients as usize;
        let pipeline = workload.pipeline as usize;
        Self {
            pipeline,
            said_ns: vec![0; clients * pipeline],
            oldest: vec![0; clients],
        }
    }

    /// Records that the client sends `messages` messages now, in addition to
    /// those under way.
    #[inline]
    pub(super) fn say(
        &mut self,
        client: usize,
        under_way: u32,
        messages: u32,
        now_ns: u64,
    ) {
        let ring = client * self.pipeline;
        let mut place = (self.oldest[client] + under_way) as usize;
        for _ in 0..messages {
            if place >= self.pipeline {
                place -= self.pipeline;
            }
            self.said_ns[ring + place] = now_ns;
            place += 1;
        }
    }

    /// The client's oldest message is back: when it was said.
    #[inline]
    pub(super) fn hear(&mut self, client: usize) -> u64 {
        let oldest = self.oldest[client] as usize;
        let next = if oldest + 1 == self.pipeline { 0 } else { oldest + 1 };
        // A pipeline has fewer messages than a `u32` can count.
        self.oldest[client] = u32::try_from(next).unwrap_or(0);
        self.said_ns[client * self.pipeline + oldest]
    }
}

/// Open loop: whose message is due next, and who is held up.
pub(super) struct DueTurns {
    schedule: Schedule,
    clients: u64,
    /// The next message that is due, and when.
    next: u64,
    next_due_ns: u64,
    /// Whose it is.
    client: usize,
    /// How many messages of each client are due and not said, as too many
    /// others are under way.
    held: Vec<u64>,
    /// Messages that are due in it are measured.
    window_ns: Range<u64>,
}

impl DueTurns {
    fn new(workload: &Workload, rate_per_s: f64) -> Self {
        let begin_ns = workload.warm_up_ns;
        let end_ns = begin_ns + workload.time_ns;
        Self {
            schedule: Schedule::new(rate_per_s),
            clients: workload.clients.into(),
            next: 0,
            next_due_ns: 0,
            client: 0,
            held: vec![0; workload.clients as usize],
            window_ns: begin_ns..end_ns,
        }
    }

    pub(super) fn clients(&self) -> usize {
        self.held.len()
    }

    pub(super) fn next_due_ns(&self) -> u64 {
        self.next_due_ns
    }

    /// When a client's message is due, by its number among those of the
    /// client.
    #[inline]
    pub(super) fn due_ns(&self, client: usize, number: u64) -> u64 {
        self.schedule.due_ns(client as u64 + number * self.clients)
    }

    /// Whether a message that is due then is measured.
    #[inline]
    pub(super) fn counts(&self, due_ns: u64) -> bool {
        self.window_ns.contains(&due_ns)
    }

    pub(super) fn end_ns(&self) -> u64 {
        self.window_ns.end
    }

    /// How many messages are measured.
    pub(super) fn due(&self) -> u64 {
        let first = |time_ns| self.schedule.first_from(time_ns);
        first(self.window_ns.end) - first(self.window_ns.start)
    }

    /// The next message is due: whose it is.
    pub(super) fn take_turn(&mut self) -> usize {
        let client = self.client;
        self.client += 1;
        if self.client == self.held.len() {
            self.client = 0;
        }
        self.next += 1;
        self.next_due_ns = self.schedule.due_ns(self.next);
        client
    }

    /// The client cannot say its message now.
    pub(super) fn hold(&mut self, client: usize) {
        self.held[client] += 1;
    }

    /// Takes up to `most` held messages of the client, which may be sent now,
    /// and returns their number.
    pub(super) fn release(&mut self, client: usize, most: u32) -> u32 {
        let held = u32::try_from(self.held[client]).unwrap_or(u32::MAX);
        let released = held.min(most);
        self.held[client] -= u64::from(released);
        released
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(pipeline: u32) -> Workload {
        Workload {
            clients: 3,
            idle: 0,
            size_bytes: 1,
            pipeline,
            pacing: Rhythm::Closed,
            warm_up_ns: 1_000_000_000,
            time_ns: 2_000_000_000,
        }
    }

    #[test]
    fn a_message_is_timed_from_when_it_was_said() {
        let mut stamps = Stamps::new(&workload(4));
        stamps.say(1, 0, 4, 10);
        stamps.say(2, 0, 1, 11);
        assert_eq!([stamps.hear(1), stamps.hear(1)], [10, 10]);
        stamps.say(1, 2, 2, 20);
        let heard = [(); 4].map(|()| stamps.hear(1));
        assert_eq!(heard, [10, 10, 20, 20]);
        assert_eq!(stamps.hear(2), 11);
    }

    #[test]
    fn clients_take_turns_and_are_due_whatever_holds_them_up() {
        let mut turns = DueTurns::new(&workload(1), 1_000.0);
        let ms = 1_000_000;
        for message in 0..9 {
            assert_eq!(turns.next_due_ns(), message * ms);
            let client = turns.take_turn();
            assert_eq!(client as u64, message % 3);
            assert_eq!(turns.due_ns(client, message / 3), message * ms);
        }
        turns.hold(2);
        turns.hold(2);
        turns.hold(2);
        assert_eq!([turns.release(2, 2), turns.release(1, 2)], [2, 0]);
        assert_eq!([turns.release(2, 2), turns.release(2, 2)], [1, 0]);
        assert_eq!(turns.due(), 2_000);
        assert!(turns.counts(1_000 * ms) && !turns.counts(3_000 * ms));
    }
}
