//! What each socket is doing: the rules of its state, and the rows of those
//! that are shown.

use super::lane::AskedRing;
use super::{Cell, Lane, ScopeSettings, SocketState, SocketView};
use super::{Readiness, ThreadView};
use crate::probe::{
    Before, Counters, End, Event, Kind, LISTENER, Note, Outcome, Phase,
    SocketCount, SocketId, ThreadAtGate,
};
use crate::system::queues::KernelQueue;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Limit on the connections that have a row.
pub const ROWS_KEPT: usize = 2_000;

/// What is remembered of a socket that is shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Its counters as of the last view; its peer and its end are set as soon
    /// as an event reports them.
    pub(super) count: SocketCount,
    pub(super) interest: Option<Readiness>,
    /// Since when `interest` has been as it is.
    pub(super) watched_at: Duration,
    /// What it was last reported ready for, and when.
    pub(super) reported: Option<(Readiness, Duration)>,
    /// The round of the selector in which that was, and the part of it that no
    /// call has dealt with.
    unhandled: (u64, Readiness),
    /// When end of file was read; `None` before.
    pub(super) half_closed: Option<Duration>,
    failed: bool,
    last: Option<(Kind, Outcome)>,
    read_at: Duration,
    pub(super) active_at: Duration,
    lane: Lane,
    /// The time of the view that first had its current count of bytes sent.
    pub(super) sent_at: Duration,
}

impl Row {
    fn new(socket: SocketId, at: Duration) -> Self {
        Self {
            count: SocketCount::new(socket, None),
            watched_at: at,
            active_at: at,
            sent_at: at,
            lane: Lane::open(at),
            ..Self::default()
        }
    }

    /// Records something that happened on it.
    fn put(&mut self, at: Duration, cell: Cell) {
        self.active_at = self.active_at.max(at);
        self.lane.put(at, cell);
    }

    /// Records a call on it that has returned.
    fn called(
        &mut self,
        (entered, at): (Duration, Duration),
        kind: Kind,
        outcome: Outcome,
    ) {
        if entered < at {
            self.lane.fill(entered, at, Cell::Asleep);
        }
        // The call has dealt with what the socket was reported ready for.
        match kind {
            Kind::Read | Kind::Accept => {
                self.unhandled.1.readable = false;
                self.read_at = self.read_at.max(at);
            }
            Kind::Write => self.unhandled.1.writable = false,
            _ => {}
        }
        self.last = Some((kind, outcome));
        match (kind, outcome) {
            (_, Outcome::WouldBlock | Outcome::Paused) => {}
            (Kind::Read, Outcome::Bytes(_)) => self.put(at, Cell::Read),
            (Kind::Write, Outcome::Bytes(_)) => self.put(at, Cell::Written),
            (_, Outcome::Accepted(_)) => self.put(at, Cell::Accepted),
            _ => self.put(at, Cell::Working),
        }
        if outcome == Outcome::EndOfFile {
            self.half_closed = Some(at);
        }
    }

    /// Records a note about it; `round` is the selector's current round.
    fn noted(&mut self, at: Duration, note: &Note, round: u64) {
        match *note {
            Note::Opened { peer, .. } => self.count.peer = peer,
            Note::Closed { end, .. } => {
                self.count.end = Some(end);
                self.put(at, Cell::Ended);
                self.lane.end();
            }
            Note::Ready { readable, writable, .. } => {
                let ready = Readiness { readable, writable };
                self.reported = Some((ready, at));
                self.unhandled = (round, ready);
                self.put(at, Cell::Ready);
            }
            Note::Interest { readable, writable, .. } => {
                self.interest = Some(Readiness { readable, writable });
                self.unhandled.1.readable &= readable;
                self.unhandled.1.writable &= writable;
                self.watched_at = at;
            }
            Note::Failed { .. } => self.failed = true,
            _ => {}
        }
    }

    /// Takes from the counters what events do not report: calls that would
    /// have blocked, the end if its event was lost, and since when nothing
    /// was sent.
    fn count(&mut self, count: &SocketCount, now: Duration) {
        let calls = count.calls().saturating_sub(self.count.calls());
        let in_vain =
            count.would_blocks.saturating_sub(self.count.would_blocks);
        if calls > 0 && in_vain == calls {
            // A loop writes pending output after it has read the socket.
            let asked_last = match count.id {
                LISTENER => Kind::Accept,
                _ if count.pending_bytes > 0 => Kind::Write,
                _ => Kind::Read,
            };
            self.last = Some((asked_last, Outcome::WouldBlock));
        }
        if count.bytes_out != self.count.bytes_out {
            self.sent_at = now;
        }
        if count.end.is_some() && self.count.end.is_none() {
            self.lane.end();
        }
        let peer = self.count.peer.or(count.peer);
        let end = self.count.end.or(count.end);
        self.count = SocketCount { peer, end, ..count.clone() };
    }

    /// What it is doing; the first rule that applies decides.
    fn state(
        &self,
        settings: &ScopeSettings,
        phase: Phase,
        in_call: Option<Kind>,
    ) -> SocketState {
        let sleeps = settings.sleeps(Kind::Read);
        match (self.count.end, in_call) {
            _ if self.count.id == LISTENER && phase <= Phase::Refusing => {
                SocketState::Listening
            }
            _ if self.count.id == LISTENER => SocketState::ClosedListener,
            (Some(End::Reset), _) => SocketState::Reset,
            (Some(_), _) => SocketState::Closed,
            // Its handler has failed, and the holder of the error keeps it
            // open.
            _ if self.failed => SocketState::Failed,
            (_, Some(Kind::Read)) if sleeps => SocketState::AsleepInRead,
            (_, Some(Kind::Write)) if sleeps => SocketState::AsleepInWrite,
            _ if self.half_closed.is_some() => SocketState::HalfClosed,
            // Where a thread may sleep in a write, it writes its output at
            // once: pending output is no state there.
            _ if self.count.pending_bytes > 0 && !sleeps => {
                SocketState::OutputPending
            }
            _ if settings.polls => SocketState::Polled,
            (_, Some(_)) => SocketState::Served,
            _ if self.interest.is_some_and(|it| it.readable) => {
                SocketState::WaitingForReadable
            }
            _ => SocketState::Served,
        }
    }
}

/// Rows by socket number, at most [`ROWS_KEPT`] besides the listener's.
///
/// A new socket takes the row of the one that was closed first; while all are
/// open, further sockets have no row.
#[derive(Clone, Default)]
pub(super) struct Rows {
    pub(super) by_id: BTreeMap<SocketId, Row>,
    closed: VecDeque<SocketId>,
    /// How often the selector's wait has returned, as far as events show. A
    /// socket is ready only if it was reported in the latest round.
    round: u64,
}

impl Rows {
    pub(super) fn take(&mut self, event: &Event) {
        match *event {
            Event::Exit { kind: Kind::Wait, .. } => self.round += 1,
            Event::Exit { entered, at, kind, socket, outcome, .. } => {
                let (entered, at) = (entered.duration(), at.duration());
                if let Some(row) = self.row(socket, at) {
                    row.called((entered, at), kind, outcome);
                }
                if let Outcome::Accepted(client) = outcome
                    && let Some(row) = self.row(client, at)
                {
                    row.lane.put(at, Cell::Accepted);
                }
            }
            Event::Note { at, note, .. } => {
                let Some(socket) = note.socket() else { return };
                let (at, round) = (at.duration(), self.round);
                let Some(row) = self.row(socket, at) else { return };
                let was_open = row.count.end.is_none();
                row.noted(at, &note, round);
                let closes = was_open && row.count.end.is_some();
                if closes && socket != LISTENER {
                    self.closed.push_back(socket);
                }
            }
            Event::Enter { .. } | Event::Idle { .. } => {}
        }
    }

    /// Records that the server has closed its listener.
    pub(super) fn close_listener(&mut self, at: Duration) {
        if let Some(row) = self.row(LISTENER, at) {
            row.lane.put(at, Cell::Ended);
            row.lane.end();
        }
    }

    /// The socket's row, added if it is missing; `None` if there is no room.
    fn row(&mut self, socket: SocketId, at: Duration) -> Option<&mut Row> {
        if !self.by_id.contains_key(&socket) {
            let listens = self.by_id.contains_key(&LISTENER);
            let connections = self.by_id.len() - usize::from(listens);
            if socket != LISTENER && connections >= ROWS_KEPT {
                self.by_id.remove(&self.closed.pop_front()?)?;
            }
            self.by_id.insert(socket, Row::new(socket, at));
        }
        self.by_id.get_mut(&socket)
    }

    /// Gives rows to open sockets whose events were lost.
    pub(super) fn find_lost(&mut self, now: &Counters, at: Duration) {
        for count in now.sockets.iter().filter(|count| count.end.is_none()) {
            let _ = self.row(count.id, at);
        }
    }

    /// Takes from the counters what events did not report.
    pub(super) fn count(&mut self, snapshot: &Counters, now: Duration) {
        for (id, row) in &mut self.by_id {
            let Some(count) = snapshot.socket(*id) else { continue };
            let was_open = row.count.end.is_none();
            row.count(count, now);
            if was_open && row.count.end.is_some() && *id != LISTENER {
                self.closed.push_back(*id);
            }
        }
    }

    /// All rows, given where the threads are, which of them are held, and how
    /// often a busy loop tried each socket.
    pub(super) fn view(
        &self,
        settings: &ScopeSettings,
        phase: Phase,
        (threads, held): (&[ThreadView], &[ThreadAtGate]),
        asked: Option<&Arc<AskedRing>>,
        now: Duration,
    ) -> Vec<SocketView> {
        let in_call = threads.iter().filter(|it| it.in_call);
        let waits = in_call.clone().any(|it| it.kind == Kind::Wait);
        let calls = in_call.filter(|it| it.kind != Kind::Wait);
        let calls: HashMap<_, _> = calls.map(|it| (it.socket, it)).collect();
        let is_held = threads.iter().filter(|it| it.is_held);
        let is_held: HashSet<_> = is_held.map(|it| it.thread).collect();
        let held = held.iter().filter(|it| is_held.contains(&it.thread));
        let next: HashMap<_, _> = held.filter_map(next_call).collect();
        let limit = settings.options.buffer_limit();
        let pending_limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let selects = settings.loop_call == Kind::Wait;
        let asked_for =
            |row: &Row| row.interest.or(selects.then(Readiness::default));
        let view = |row: &Row| {
            let call = calls.get(&row.count.id).copied();
            let state = row.state(settings, phase, call.map(|it| it.kind));
            let slept = call.filter(|it| settings.sleeps(it.kind));
            let slept = slept.map(|it| it.begun(now));
            // A selector that sleeps again has found nothing ready.
            let (round, ready) = row.unhandled;
            let is_ready = !waits && round == self.round;
            let is_ready = is_ready && ready != Readiness::default();
            let mut view = SocketView {
                count: row.count.clone(),
                state,
                call: call.map(|it| it.kind),
                next: next.get(&row.count.id).copied(),
                interest: asked_for(row).filter(|_| !state.is_over()),
                ready: (is_ready && !state.is_over()).then_some(ready),
                pending_limit,
                queue: None,
                partial: Vec::new(),
                last: row.last,
                read_at: row.read_at,
                active_at: row.active_at,
                lane: row.lane.seen(slept, asked),
            };
            view.find_ready();
            view
        };
        self.by_id.values().map(view).collect()
    }
}

/// The socket and the kind of the call that a thread is held before. The wait
/// of a selector is a call on none.
const fn next_call(held: &ThreadAtGate) -> Option<(SocketId, Kind)> {
    match held.before {
        Before::Call { kind, socket, .. } if !matches!(kind, Kind::Wait) => {
            Some((socket, kind))
        }
        _ => None,
    }
}

impl SocketState {
    /// Whether the socket is closed.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::ClosedListener | Self::Closed | Self::Reset)
    }
}

impl SocketView {
    /// Adds what the kernel held for it at a time. Received bytes are left out
    /// if they cannot be there any more: a read has returned since and may have
    /// taken them, or a thread sleeps until something arrives, in a read of the
    /// socket or in a selector that watches it.
    pub fn put_queue(
        &mut self,
        queue: KernelQueue,
        at: Duration,
        selector_sleeps: bool,
    ) {
        let is_watched = self.interest.is_some_and(|it| it.readable);
        let is_gone = self.read_at > at
            || self.state == SocketState::AsleepInRead
            || selector_sleeps && is_watched;
        let received_bytes = if is_gone { 0 } else { queue.received_bytes };
        self.queue = Some(KernelQueue { received_bytes, ..queue });
        self.find_ready();
    }

    /// Whether a read would find something: as the selector reported, or as
    /// the kernel's queue shows.
    pub fn is_readable(&self) -> bool {
        self.ready.is_some_and(|it| it.readable) || self.arrived() > 0
    }

    /// Bytes that have arrived and were not read, as far as the system
    /// provides them.
    pub fn arrived(&self) -> u32 {
        self.queue.map_or(0, |it| it.received_bytes)
    }

    /// A socket whose input has arrived waits for the program, not for the
    /// client.
    fn find_ready(&mut self) {
        use SocketState::{AsleepInRead, Ready, WaitingForReadable};
        let waits = matches!(self.state, AsleepInRead | WaitingForReadable);
        if waits && (self.is_readable() || self.ready.is_some()) {
            self.state = Ready;
        }
    }
}
