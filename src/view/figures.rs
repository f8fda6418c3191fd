//! What a server did, in figures.

use crate::probe::{
    Class, Concerned, End, KEPT_SOCKETS, Kind, LineCount, SocketCount,
    TallySnapshot,
};
use std::collections::BTreeMap;
use std::mem;
use std::time::Duration;

/// The figures of one server at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Connections accepted.
    pub connections: u64,
    /// Calls of each kind, in the order of [`Kind::OF_MODES`].
    pub calls: [KindCount; 5],
    /// Turns of the server's loop, each counted when its first call is over;
    /// a view also counts the one whose first call goes on.
    pub iterations: u64,
    /// Returns of the selector's wait; `None` in a mode without one.
    pub wake_ups: Option<u64>,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Messages that were sent back whole; see
    /// [`Exit::echoed`](crate::probe::Exit::echoed).
    pub echoes: u64,
    /// Threads that made calls.
    pub threads: u64,
    /// The most bytes of pending output one connection had.
    pub pending_peak_bytes: u64,
    /// The longest time that a write which may sleep took; `None` without
    /// such a write.
    pub longest_write: Option<Duration>,
    /// Bytes received and never sent back, on connections that have ended.
    pub unsent_bytes: u64,
    /// On which connections they were.
    pub unsent_on: Option<Concerned>,
    /// Which connections ended in which way.
    pub ends: BTreeMap<End, Concerned>,
    /// Whose handlers failed and have handled that themselves.
    pub errors_handled: Option<Concerned>,
    /// Whose handlers failed and left the error to somebody else.
    pub errors_unhandled: Option<Concerned>,
    /// Tasks that failed and were never asked how they ended.
    pub never_retrieved: u64,
    /// How often a task kept the thread for too long, and the longest time.
    pub long_runs: (u64, Duration),
    /// How often accepting paused at the limit of connections.
    pub connection_pauses: u64,
    /// How often accepting paused for want of descriptors.
    pub descriptor_pauses: u64,
    /// A row a socket, the listener first; none without rows to begin with.
    pub sockets: Vec<SocketCount>,
    /// A row a call site, in the order of files and lines.
    pub lines: Vec<LineCount>,
    /// Connections that have no row because there were too many.
    pub sockets_not_kept: u64,
}

/// The calls of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindCount {
    /// Which call.
    pub kind: Kind,
    /// How often it was made.
    pub calls: u64,
    /// How often it would have blocked.
    pub would_blocks: u64,
}

impl Figures {
    /// The figures in a snapshot; `loop_call` is the first call of the
    /// mode's loop, whose hits are the iterations.
    #[must_use]
    pub fn of(snapshot: &TallySnapshot, loop_call: Kind) -> Self {
        Self::taken_from(&mut snapshot.clone(), loop_call)
    }

    /// The same, taking the rows of the sockets out of the snapshot.
    #[must_use]
    pub fn taken_from(snapshot: &mut TallySnapshot, loop_call: Kind) -> Self {
        let (total, sums) = (|kind| snapshot.total(kind), &snapshot.sums);
        Self {
            connections: snapshot.connections,
            calls: Kind::OF_MODES.map(|kind| KindCount::of(snapshot, kind)),
            iterations: total(loop_call).hits,
            wake_ups: wake_ups(snapshot, loop_call),
            bytes_in: total(Kind::Read).bytes,
            bytes_out: total(Kind::Write).bytes,
            echoes: sums.echoes,
            threads: snapshot.threads.len() as u64,
            pending_peak_bytes: sums.pending_peak.into(),
            longest_write: sums.longest_write,
            unsent_bytes: sums.unsent_bytes,
            unsent_on: sums.unsent_on,
            ends: sums.ends.clone(),
            errors_handled: sums.handled,
            errors_unhandled: sums.failed,
            never_retrieved: snapshot.never_retrieved,
            long_runs: snapshot.long_runs,
            connection_pauses: snapshot.connection_pauses,
            descriptor_pauses: snapshot.descriptor_pauses,
            sockets_not_kept: not_kept(snapshot.connections),
            sockets: mem::take(&mut snapshot.sockets),
            lines: snapshot.lines.clone(),
        }
    }

    /// The calls of this kind.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> KindCount {
        let none = KindCount { kind, calls: 0, would_blocks: 0 };
        self.calls.iter().copied().find(|c| c.kind == kind).unwrap_or(none)
    }

    /// All calls.
    #[must_use]
    pub fn all_calls(&self) -> u64 {
        let calls = self.calls.iter().map(|count| count.calls);
        calls.fold(0, u64::saturating_add)
    }

    /// All calls that would have blocked.
    #[must_use]
    pub fn would_blocks(&self) -> u64 {
        let calls = self.calls.iter().map(|count| count.would_blocks);
        calls.fold(0, u64::saturating_add)
    }

    /// All calls that did not find that they would have to wait.
    #[must_use]
    pub fn useful_calls(&self) -> u64 {
        self.all_calls().saturating_sub(self.would_blocks())
    }

    /// Connections that have not ended.
    #[must_use]
    pub fn open(&self) -> u64 {
        let ended = self.ends.values().map(|it| it.connections);
        let ended = ended.fold(0, u64::saturating_add);
        self.connections.saturating_sub(ended)
    }

    /// How many calls would have blocked for each one that did not; `None`
    /// without one.
    #[must_use]
    pub fn would_blocks_a_useful_call(&self) -> Option<f64> {
        ratio(self.would_blocks(), self.useful_calls())
    }

    /// How many calls were made for each echo; `None` without one.
    #[must_use]
    pub fn calls_an_echo(&self) -> Option<f64> {
        ratio(self.all_calls(), self.echoes)
    }
}

impl KindCount {
    fn of(snapshot: &TallySnapshot, kind: Kind) -> Self {
        let total = snapshot.total(kind);
        Self { kind, calls: total.calls, would_blocks: total.would_blocks }
    }
}

fn wake_ups(snapshot: &TallySnapshot, loop_call: Kind) -> Option<u64> {
    let waits = snapshot.lines.iter().any(|line| line.kind == Kind::Wait);
    (waits || loop_call == Kind::Wait)
        .then(|| snapshot.count(Kind::Wait, Class::Ready))
}

/// The listener has the first row.
fn not_kept(connections: u64) -> u64 {
    connections.saturating_add(1).saturating_sub(KEPT_SOCKETS as u64)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio for people: 53 bits are more than they can read"
)]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::probe::{Call, Exit, Note, Outcome, Probe, SocketId, Tally};
    use std::panic::Location;
    use std::sync::Arc;

    #[track_caller]
    fn made(tally: &Arc<Tally>, kind: Kind, socket: u32, outcome: Outcome) {
        let echoed = u32::from(kind == Kind::Write);
        let location = Location::caller();
        let socket = SocketId(socket);
        let call = Call { kind, socket, may_sleep: false, location };
        let mark = tally.enter(&call);
        tally.exit(&call, mark, Exit { echoed, ..Exit::new(outcome) });
    }

    fn opened(tally: &Arc<Tally>, socket: u32) {
        let socket = SocketId(socket);
        tally.note(&Note::Opened { socket, peer: None });
    }

    /// A busy loop with one client that says two bytes and leaves.
    fn busy_loop() -> Arc<Tally> {
        let tally = Arc::new(Tally::default());
        opened(&tally, 0);
        made(&tally, Kind::Accept, 0, Outcome::Accepted(SocketId(1)));
        opened(&tally, 1);
        for _ in 0..4 {
            made(&tally, Kind::Accept, 0, Outcome::WouldBlock);
            made(&tally, Kind::Read, 1, Outcome::WouldBlock);
        }
        made(&tally, Kind::Accept, 0, Outcome::Paused);
        made(&tally, Kind::Read, 1, Outcome::Bytes(2));
        made(&tally, Kind::Write, 1, Outcome::Bytes(2));
        let socket = SocketId(1);
        tally.note(&Note::Closed { socket, end: End::Reset, unsent: 3 });
        tally
    }

    #[test]
    fn a_snapshot_becomes_figures() {
        let figures = Figures::of(&busy_loop().snapshot(), Kind::Accept);
        assert_eq!(figures.connections, 1);
        assert_eq!(figures.iterations, 6, "a paused turn is a turn");
        assert_eq!(figures.of_kind(Kind::Accept).calls, 5);
        assert_eq!(figures.of_kind(Kind::Accept).would_blocks, 4);
        assert_eq!((figures.bytes_in, figures.bytes_out), (2, 2));
        assert_eq!((figures.echoes, figures.unsent_bytes), (1, 3));
        let once = Concerned { connections: 1, first: SocketId(1) };
        assert_eq!(figures.ends.get(&End::Reset), Some(&once));
        assert_eq!(figures.open(), 0);
        let [listener, client] = &figures.sockets[..] else { panic!() };
        assert_eq!(listener.calls_by_kind[..5], [5, 0, 0, 0, 0]);
        assert_eq!(client.calls_by_kind[..5], [0, 5, 1, 0, 0]);
    }

    #[test]
    fn connections_without_a_row_are_in_the_sums() {
        let tally = busy_loop();
        for n in 0..9 {
            let socket = u32::try_from(KEPT_SOCKETS).unwrap() + n;
            opened(&tally, socket);
            made(&tally, Kind::Write, socket, Outcome::Bytes(2));
            let socket = SocketId(socket);
            tally.note(&Note::Closed { socket, end: End::Idle, unsent: 5 });
        }
        let figures = Figures::of(&tally.totals(), Kind::Accept);
        assert_eq!((figures.echoes, figures.unsent_bytes), (10, 48));
        assert_eq!(figures.ends[&End::Idle].connections, 9);
        assert_eq!(figures.open(), 0);
        assert!(figures.sockets.is_empty());
    }

    #[test]
    fn ratios_count_what_was_asked_in_vain() {
        let figures = Figures::of(&busy_loop().snapshot(), Kind::Accept);
        let in_vain = figures.would_blocks_a_useful_call().unwrap();
        assert!((in_vain - 8.0 / 3.0).abs() < 1e-9, "{in_vain}");
        let calls = figures.calls_an_echo().unwrap();
        assert!((calls - 11.0).abs() < 1e-9, "{calls}");
    }

    #[test]
    fn only_a_mode_with_a_selector_has_wake_ups() {
        let snapshot = busy_loop().snapshot();
        assert_eq!(Figures::of(&snapshot, Kind::Accept).wake_ups, None);
        assert_eq!(Figures::of(&snapshot, Kind::Wait).wake_ups, Some(0));
    }

    #[test]
    fn nothing_done_has_no_ratios() {
        let empty = Tally::default().snapshot();
        let figures = Figures::of(&empty, Kind::Accept);
        assert_eq!(figures.would_blocks_a_useful_call(), None);
        assert_eq!(figures.calls_an_echo(), None);
    }
}
