//! A run told in milliseconds: events for the fold, and what a tally would
//! have counted of them.

use crate::net::ServerOptions;
use crate::probe::{Before, ThreadAtGate};
use crate::probe::{
    Concerned, Counters, Event, LISTENER, Note, PhaseMark, ThreadId, ThreadNow,
};
use crate::units::Size;
use crate::view::{
    Class, End, Kind, LineCount, Outcome, Phase, Site, SocketCount, SocketId,
};
use crate::view::{Scope, ScopeSettings, SocketView, View};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) const LIMIT: usize = 1_000;

pub(super) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The line of a call: one a kind.
pub(super) fn site(kind: Kind) -> Site {
    let line = Kind::ALL.iter().position(|it| *it == kind).unwrap_or(9);
    Site { file: "src/modes/some.rs", line: 10 + line as u32 }
}

pub(super) struct Run {
    pub(super) scope: Scope,
    pub(super) counted: Counters,
    pub(super) lost: u64,
    thread: ThreadId,
}

impl Run {
    /// A mode whose threads sleep in each call.
    pub(super) fn sleeping() -> Self {
        Self::of(Kind::Accept, false, 100)
    }

    pub(super) fn polling() -> Self {
        Self::of(Kind::Accept, true, 100)
    }

    pub(super) fn selecting() -> Self {
        Self::of(Kind::Wait, false, 100)
    }

    /// The listener is open; connections beyond `rows_kept` have no row.
    pub(super) fn of(loop_call: Kind, polls: bool, rows_kept: usize) -> Self {
        let settings = ScopeSettings {
            loop_call,
            polls,
            options: ServerOptions {
                buffer_limit: Some(Size(LIMIT as u64)),
                recv_size: Some(Size(16)),
                ..ServerOptions::default()
            },
            unhandled: None,
            rows_kept,
        };
        let mut run = Self {
            scope: Scope::new(settings),
            counted: Counters::default(),
            lost: 0,
            thread: ThreadId(0),
        };
        run.opened(0, 0);
        run
    }

    /// What follows happens on this thread.
    pub(super) fn on_thread(&mut self, thread: u16) -> &mut Self {
        self.thread = ThreadId(thread);
        self
    }

    pub(super) fn opened(&mut self, at: u64, id: u32) -> &mut Self {
        self.count_opened(id);
        let peer = None;
        self.note(at, Note::Opened { socket: SocketId(id), peer })
    }

    pub(super) fn count_opened(&mut self, id: u32) -> &mut Self {
        self.counted.sockets.push(row(id));
        self.counted.connections += u64::from(id > 0);
        self
    }

    /// Accepts the client after asking for it since `since`.
    pub(super) fn accepted(&mut self, since: u64, at: u64, id: u32) {
        let outcome = Outcome::Accepted(SocketId(id));
        self.slept(since, at, Kind::Accept, 0, outcome).opened(at, id);
    }

    pub(super) fn enters(&mut self, at: u64, kind: Kind, id: u32) {
        let (at, thread, socket) = (ms(at), self.thread, SocketId(id));
        self.register(kind, id, true);
        let site = site(kind);
        self.scope.take(&Event::Enter {
            at: at.into(),
            thread,
            kind,
            socket,
            site,
        });
    }

    /// A call that may sleep, from its entry to its return.
    pub(super) fn slept(
        &mut self,
        since: u64,
        at: u64,
        kind: Kind,
        id: u32,
        outcome: Outcome,
    ) -> &mut Self {
        self.enters(since, kind, id);
        self.returns((ms(since), ms(at)), kind, id, outcome)
    }

    /// The same, over within so many microseconds.
    pub(super) fn took_us(
        &mut self,
        since: u64,
        us: u64,
        kind: Kind,
        id: u32,
        outcome: Outcome,
    ) -> &mut Self {
        self.enters(since, kind, id);
        let at = ms(since) + Duration::from_micros(us);
        self.returns((ms(since), at), kind, id, outcome)
    }

    /// A call that cannot sleep.
    pub(super) fn called(
        &mut self,
        at: u64,
        kind: Kind,
        id: u32,
        outcome: Outcome,
    ) -> &mut Self {
        self.register(kind, id, true);
        self.returns((ms(at), ms(at)), kind, id, outcome)
    }

    /// The thread is held at a write to #1.
    pub(super) fn held(&mut self, since: u64) -> &mut Self {
        let (kind, socket) = (Kind::Write, SocketId(1));
        let hold = ThreadAtGate {
            thread: self.thread,
            before: Before::Call { kind, socket, site: site(kind) },
            since: ms(since).into(),
        };
        self.scope.hold(&[hold]);
        self
    }

    pub(super) fn returns(
        &mut self,
        (entered, at): (Duration, Duration),
        kind: Kind,
        id: u32,
        outcome: Outcome,
    ) -> &mut Self {
        self.register(kind, id, false);
        self.count(kind, id, outcome, 1);
        let pending = self.row(id).pending_bytes;
        self.scope.take(&Event::Exit {
            entered: entered.into(),
            at: at.into(),
            thread: self.thread,
            kind,
            socket: SocketId(id),
            site: site(kind),
            outcome,
            pending,
            unframed: 0,
            echoed: 0,
        });
        self
    }

    /// Reads so much and writes it back.
    pub(super) fn echoed(&mut self, at: u64, id: u32) -> &mut Self {
        self.called(at, Kind::Read, id, Outcome::Bytes(2));
        self.called(at, Kind::Write, id, Outcome::Bytes(2))
    }

    /// A busy loop asks the listener and these clients so often in vain.
    pub(super) fn idle(
        &mut self,
        since: u64,
        at: u64,
        clients: &[u32],
        passes: u64,
    ) -> &mut Self {
        self.count(Kind::Accept, 0, Outcome::WouldBlock, passes);
        for id in clients {
            self.register(Kind::Read, *id, true);
            self.count(Kind::Read, *id, Outcome::WouldBlock, passes);
        }
        let calls = passes * (1 + clients.len() as u64);
        let (since, at, thread) = (ms(since), ms(at), self.thread);
        self.scope.take(&Event::Idle {
            since: since.into(),
            at: at.into(),
            thread,
            calls,
            passes,
        });
        self
    }

    pub(super) fn ready(&mut self, at: u64, id: u32, how: &str) -> &mut Self {
        let (readable, writable) = (how.contains('R'), how.contains('W'));
        let socket = SocketId(id);
        self.note(at, Note::Ready { socket, readable, writable })
    }

    pub(super) fn watched(&mut self, at: u64, id: u32, how: &str) -> &mut Self {
        let (readable, writable) = (how.contains('R'), how.contains('W'));
        let socket = SocketId(id);
        self.note(at, Note::Interest { socket, readable, writable })
    }

    pub(super) fn closed(&mut self, at: u64, id: u32, end: End) -> &mut Self {
        self.row(id).end = Some(end);
        self.row(id).pending_bytes = 0;
        let (socket, unsent) = (SocketId(id), 0);
        self.note(at, Note::Closed { socket, end, unsent })
    }

    /// Its handler failed, and nobody has handled that.
    pub(super) fn failed(&mut self, at: u64, id: u32, end: End) -> &mut Self {
        let socket = SocketId(id);
        self.note(at, Note::Failed { socket, end })
    }

    pub(super) fn enters_phase(&mut self, at: u64, phase: Phase) -> &mut Self {
        let (at_ms, left) = (ms(at), 0);
        self.counted.phases.push(PhaseMark { phase, at: at_ms.into(), left });
        self.note(at, Note::Phase(phase))
    }

    fn note(&mut self, at: u64, note: Note) -> &mut Self {
        let (at, thread) = (ms(at), self.thread);
        self.scope.take(&Event::Note { at: at.into(), thread, note });
        self
    }

    pub(super) fn row(&mut self, id: u32) -> &mut SocketCount {
        let rows = &mut self.counted.sockets;
        rows.iter_mut().find(|it| it.id.0 == id).unwrap()
    }

    fn register(&mut self, kind: Kind, id: u32, in_call: bool) {
        let (thread, socket) = (self.thread, SocketId(id));
        let threads = &mut self.counted.threads;
        let old = threads.iter().position(|it| it.thread == thread);
        let calls = old.map_or(0, |old| threads.remove(old).calls);
        let (site, calls) = (site(kind), calls + u64::from(in_call));
        let now = ThreadNow { thread, site, kind, socket, in_call, calls };
        threads.push(now);
        threads.sort_by_key(|it| it.thread);
    }

    pub(super) fn count(
        &mut self,
        kind: Kind,
        id: u32,
        outcome: Outcome,
        times: u64,
    ) {
        let lines = &mut self.counted.lines;
        let place = lines.iter().position(|line| line.kind == kind);
        let place = place.unwrap_or_else(|| {
            lines.push(LineCount::new(site(kind), kind));
            lines.len() - 1
        });
        lines[place].counts[class(outcome) as usize] += times;
        lines.sort_by_key(|line| line.site);
        let row = self.row(id);
        row.calls_by_kind[kind as usize] += times;
        match (kind, outcome) {
            (_, Outcome::WouldBlock) => row.would_blocks += times,
            (Kind::Read, Outcome::Bytes(bytes)) => {
                row.bytes_in += u64::from(bytes);
                row.pending_bytes += bytes;
            }
            (Kind::Write, Outcome::Bytes(bytes)) => {
                row.bytes_out += u64::from(bytes);
                row.pending_bytes = row.pending_bytes.saturating_sub(bytes);
                row.echoes += u64::from(row.pending_bytes == 0);
            }
            _ => {}
        }
    }

    pub(super) fn view(&mut self, at: u64) -> View {
        add_sums(&mut self.counted);
        self.scope.view(&self.counted, ms(at), self.lost)
    }

    /// The lane of a socket, as text.
    pub(super) fn lane(&mut self, at: u64, id: u32) -> String {
        self.socket(at, id).lane.drawn()
    }

    /// The lane of the loop, as text.
    pub(super) fn loop_lane(&mut self, at: u64) -> String {
        self.view(at).turns.lane.drawn()
    }

    pub(super) fn socket(&mut self, at: u64, id: u32) -> SocketView {
        let rows = self.view(at).sockets;
        rows.into_iter().find(|row| row.count.id.0 == id).unwrap()
    }

    /// What is found, in words.
    pub(super) fn found(&mut self, at: u64) -> Vec<String> {
        let found = self.view(at).findings;
        assert!(found.iter().all(|it| !it.advice.is_empty()));
        found.into_iter().map(|it| it.observation).collect()
    }
}

/// As a tally would have them: over all rows.
fn add_sums(counters: &mut Counters) {
    (counters.echoes, counters.pending_peak_bytes) = (0, 0);
    (counters.unsent_bytes, counters.ends) = (0, BTreeMap::new());
    for socket in &counters.sockets {
        counters.echoes += socket.echoes;
        let peak = counters.pending_peak_bytes.max(socket.pending_peak_bytes);
        counters.pending_peak_bytes = peak;
        counters.unsent_bytes += socket.unsent_bytes;
        if let Some(end) = socket.end {
            let first = socket.id;
            let none = Concerned { connections: 0, first };
            counters.ends.entry(end).or_insert(none).connections += 1;
        }
    }
}

pub(super) fn row(id: u32) -> SocketCount {
    let peer = (id > LISTENER.0).then(|| ([127, 0, 0, 1], 40_001).into());
    SocketCount::new(SocketId(id), peer)
}

fn class(outcome: Outcome) -> Class {
    match outcome {
        Outcome::Bytes(_) => Class::Bytes,
        Outcome::EndOfFile => Class::EndOfFile,
        Outcome::WouldBlock => Class::WouldBlock,
        Outcome::Accepted(_) => Class::Accepted,
        Outcome::Ready(_) => Class::Ready,
        Outcome::Done => Class::Done,
        Outcome::Paused => Class::Paused,
        Outcome::Closed => Class::Closed,
        Outcome::Failed(_) => Class::Failed,
    }
}
