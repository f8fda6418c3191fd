//! What each socket is doing: the rules of its state, and its row.

use super::lane::LaneTrack;
use super::{Cell, Lane, SocketState, SocketView};
use crate::probe::{LISTENER, SocketCount};
use crate::view::{End, Kind, Outcome, Phase, Readiness, SocketId};
use std::net::SocketAddr;
use std::time::Duration;

/// How long a report of readiness is shown after it was dealt with.
pub const READY_SHOWN: Duration = Duration::from_secs(1);

/// How a mode asks its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitMethod {
    /// A thread sleeps in each call.
    Sleeps,
    /// A busy loop asks each of them in each turn.
    Polls,
    /// A selector tells which are ready.
    Selects,
}

impl SocketState {
    /// Whether nothing can happen to such a socket.
    const fn is_over(self) -> bool {
        matches!(self, Self::ClosedListener | Self::Closed | Self::Reset)
    }
}

/// What is remembered of a socket that is shown.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) peer: Option<SocketAddr>,
    pub(super) interest: Option<Readiness>,
    /// Since when it is watched so.
    pub(super) watched_at: Duration,
    /// What it was last reported ready for, and when.
    pub(super) reported: Option<(Readiness, Duration)>,
    /// In which round of the selector that was, and what of it has not been
    /// dealt with.
    unhandled: (u64, Readiness),
    /// When the end of file was read.
    pub(super) half_closed: Option<Duration>,
    pub(super) end: Option<End>,
    pub(super) failed: bool,
    pub(super) last: Option<(Kind, Outcome)>,
    pub(super) active_at: Duration,
    pub(super) track: LaneTrack,
    /// What was counted of it by the last view.
    count: SocketCount,
    /// Bytes sent by the last view, and the time of the first view with that
    /// count.
    sent: (u64, Duration),
}

impl Row {
    pub(super) fn new(socket: SocketId, at: Duration) -> Self {
        let mut track = LaneTrack::of_socket();
        track.put(at, Cell::Open);
        Self {
            peer: None,
            interest: None,
            watched_at: at,
            reported: None,
            unhandled: (0, Readiness { readable: false, writable: false }),
            half_closed: None,
            end: None,
            failed: false,
            last: None,
            active_at: at,
            track,
            count: SocketCount::new(socket, None),
            sent: (0, at),
        }
    }

    /// A call on it has returned.
    pub(super) fn called(
        &mut self,
        (entered, at): (Duration, Duration),
        kind: Kind,
        outcome: Outcome,
    ) {
        if entered < at {
            self.track.fill(entered, at, Cell::Asleep);
        }
        self.handled(kind);
        if outcome == Outcome::EndOfFile {
            self.half_closed = Some(at);
        }
        self.last = Some((kind, outcome));
        if !matches!(outcome, Outcome::WouldBlock | Outcome::Paused) {
            self.active_at = self.active_at.max(at);
            self.track.put(at, cell(kind, outcome));
        }
    }

    /// A call like this has dealt with what it was reported ready for.
    const fn handled(&mut self, kind: Kind) {
        match kind {
            Kind::Read | Kind::Accept => self.unhandled.1.readable = false,
            Kind::Write => self.unhandled.1.writable = false,
            _ => {}
        }
    }

    /// The selector named it, in this round.
    pub(super) fn report(
        &mut self,
        at: Duration,
        ready: Readiness,
        round: u64,
    ) {
        self.reported = Some((ready, at));
        self.unhandled = (round, ready);
        self.active_at = self.active_at.max(at);
        self.track.put(at, Cell::Ready);
    }

    pub(super) fn watched(&mut self, at: Duration, interest: Readiness) {
        self.interest = Some(interest);
        self.unhandled.1.readable &= interest.readable;
        self.unhandled.1.writable &= interest.writable;
        self.watched_at = at;
    }

    pub(super) fn ended(&mut self, at: Duration, end: End) {
        self.end = Some(end);
        self.active_at = self.active_at.max(at);
        self.track.put(at, Cell::Ended);
        self.track.end();
    }

    /// Counters tell what events did not: calls that would have blocked, the
    /// end if its event was lost, and since when nothing was sent.
    pub(super) fn count(&mut self, count: &SocketCount, now: Duration) {
        let calls = count.calls().saturating_sub(self.count.calls());
        let in_vain =
            count.would_blocks.saturating_sub(self.count.would_blocks);
        if calls > 0 && in_vain == calls {
            self.last = Some((asked_last(count), Outcome::WouldBlock));
        }
        if count.bytes_out != self.sent.0 {
            self.sent = (count.bytes_out, now);
        }
        if let (Some(end), None) = (count.end, self.end) {
            self.end = Some(end);
            self.track.end();
        }
        self.peer = self.peer.or(count.peer);
        self.count = count.clone();
    }

    /// What it is doing; the first rule that applies decides.
    pub(super) fn state(
        &self,
        id: SocketId,
        way: WaitMethod,
        phase: Phase,
        in_call: Option<Kind>,
    ) -> SocketState {
        let sleeps = way == WaitMethod::Sleeps;
        match (self.end, in_call) {
            _ if id == LISTENER && phase <= Phase::Refusing => {
                SocketState::Listening
            }
            _ if id == LISTENER => SocketState::ClosedListener,
            (Some(End::Reset), _) => SocketState::Reset,
            (Some(_), _) => SocketState::Closed,
            // Its handler has failed, and the holder of the error keeps it
            // open.
            _ if self.failed => SocketState::Failed,
            (_, Some(Kind::Read)) if sleeps => SocketState::AsleepInRead,
            (_, Some(Kind::Write)) if sleeps => SocketState::AsleepInWrite,
            _ if self.half_closed.is_some() => SocketState::HalfClosed,
            // A thread of its own sends at once what it has: there it is no
            // state.
            _ if self.pending() > 0 && !sleeps => SocketState::OutputPending,
            _ if way == WaitMethod::Polls => SocketState::Polled,
            (_, Some(_)) => SocketState::Served,
            _ if self.interest.is_some_and(|it| it.readable) => {
                SocketState::WaitingForReadable
            }
            _ => SocketState::Served,
        }
    }

    /// Bytes of pending output.
    pub(super) const fn pending(&self) -> u32 {
        self.count.pending_bytes
    }

    /// Since when nothing was sent, as far as views tell.
    pub(super) const fn sent_at(&self) -> Duration {
        self.sent.1
    }

    /// The readiness that the selector reported in this round and that no call
    /// has dealt with yet.
    fn ready_in(&self, round: Option<u64>) -> Option<Readiness> {
        let (reported, ready) = self.unhandled;
        let any = ready.readable || ready.writable;
        (any && Some(reported) == round).then_some(ready)
    }

    /// Its row in that state; `limit` is that of its pending output, `round`
    /// the selector's, if its thread is not asleep in it.
    pub(super) fn view(
        &self,
        state: SocketState,
        lane: Lane,
        limit: u32,
        round: Option<u64>,
        now: Duration,
    ) -> SocketView {
        let is_open = !state.is_over();
        let shown = |at: Duration| now.saturating_sub(at) < READY_SHOWN;
        let ready = self.ready_in(round).filter(|_| is_open);
        let was = self.reported.filter(|(_, at)| shown(*at) && is_open);
        let was = was.filter(|_| ready.is_none());
        SocketView {
            count: SocketCount { peer: self.peer, ..self.count.clone() },
            state,
            interest: self.interest.filter(|_| self.end.is_none()),
            ready,
            was_ready: was.map(|(ready, _)| ready),
            pending_limit: limit,
            last: self.last,
            active_at: self.active_at,
            lane,
        }
    }
}

const fn cell(kind: Kind, outcome: Outcome) -> Cell {
    match (kind, outcome) {
        (Kind::Read, Outcome::Bytes(_)) => Cell::Read,
        (Kind::Write, Outcome::Bytes(_)) => Cell::Written,
        (_, Outcome::Accepted(_)) => Cell::Accepted,
        _ => Cell::Working,
    }
}

/// A socket with output to send is asked for room last, after being read.
fn asked_last(count: &SocketCount) -> Kind {
    match count.id {
        LISTENER => Kind::Accept,
        _ if count.pending_bytes > 0 => Kind::Write,
        _ => Kind::Read,
    }
}
