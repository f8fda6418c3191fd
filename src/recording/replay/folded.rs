//! All records up to a place, folded.

use super::marks::{FindingMarks, Mark};
use crate::probe::Before;
use crate::recording::{
    Error, Header, HeldThread, Measured, Record, RecordedPayload, State,
};
use crate::view::{Hold, ROWS_KEPT, Scope, ScopeSettings, View};
use crate::view::{Kind, LogEntry, Phase, SocketId, Unhandled};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// After this time without exact counters the view is brought up to date all
/// the same, then after twice as long, and so on: lasting states are noticed.
const BEAT: Duration = Duration::from_millis(150);

/// Exact counters that come sooner after a view than this bring no other one.
const TOO_SOON: Duration = Duration::from_millis(10);

/// How many records may come before their time, at most: those of a tick.
const EARLY: usize = 64;

/// How many sockets are known by what they read last.
const PREVIEWS: usize = 4_096;

/// How many bytes of that are kept.
const PREVIEWED: usize = 96;

/// What is known of a run after some of its records: a value that depends on
/// nothing else. Its views are those of the live screen, from the same fold.
///
/// A live view is taken whenever there is something to draw, and what is
/// noticed in one is remembered. Here one is taken with all exact counters
/// and, while there are none, at times that the records alone decide.
#[derive(Clone)]
pub struct Folded {
    scope: Scope,
    state: State,
    /// How many events have been taken.
    event: u64,
    /// The latest time of anything that was taken.
    at: Duration,
    /// When the last view was taken, and when the next one is due.
    beaten: Duration,
    due: Duration,
    marks: FindingMarks,
    previews: Arc<HashMap<SocketId, Vec<u8>>>,
    /// What was written before its time.
    early: VecDeque<Record>,
}

impl Folded {
    /// Before the first record.
    ///
    /// # Errors
    /// If the header names what this program does not know.
    pub fn new(header: &Header) -> Result<Self, Error> {
        Ok(Self {
            scope: Scope::new(settings(header)?),
            state: State::new(),
            event: 0,
            at: Duration::ZERO,
            beaten: Duration::ZERO,
            due: BEAT,
            marks: FindingMarks::default(),
            previews: Arc::default(),
            early: VecDeque::new(),
        })
    }

    /// Takes the next record.
    pub fn take(&mut self, record: &Record) {
        match (record.in_order_at(), record.at()) {
            (Some(at), _) => {
                self.advance(at);
                self.at = self.at.max(at);
            }
            (None, Some(at)) if at > self.at => {
                self.early.push_back(record.clone());
                if self.early.len() <= EARLY {
                    return;
                }
                // A writer is never this far ahead: the file is damaged.
                let Some(first) = self.early.pop_front() else { return };
                return self.take_now(&first);
            }
            (None, _) => {}
        }
        self.take_now(record);
    }

    fn take_now(&mut self, record: &Record) {
        self.state.take(record);
        match record {
            Record::Event(_) => self.event += 1,
            Record::Counters(_) => self.beat(self.at),
            Record::Holds(_) => self.hold(),
            Record::Payload(payload) => self.preview(payload),
            Record::Measured(_) | Record::Named(_) => {}
        }
        if let Some(event) = record.is_for_scope() {
            self.scope.take(event);
        }
    }

    /// Time goes on, and no event or counter is recorded.
    pub fn advance(&mut self, now: Duration) {
        while self.early.front().is_some_and(|it| it.at() <= Some(now)) {
            let Some(record) = self.early.pop_front() else { break };
            self.take_now(&record);
        }
        while self.due <= now {
            let last = self.due.saturating_sub(self.beaten);
            self.look(self.due);
            self.due = self.beaten.saturating_add(last.saturating_mul(2));
        }
    }

    /// A view that is due because of what was recorded.
    fn beat(&mut self, now: Duration) {
        if now.saturating_sub(self.beaten) < TOO_SOON {
            return;
        }
        self.look(now);
        self.due = now.saturating_add(BEAT);
    }

    fn look(&mut self, now: Duration) {
        self.beaten = now;
        self.hold();
        let view = self.view_now(now);
        self.marks.look(&view.findings, now);
    }

    /// Tells the view who is held and who waits.
    fn hold(&mut self) {
        let holds = self.state.holds();
        let held = holds.held.iter().map(hold).collect();
        self.scope.hold(held);
    }

    fn view_now(&mut self, now: Duration) -> View {
        let counters = self.state.counters();
        let snapshot = counters.snapshot();
        let (lost, accepted) = (counters.lost(), snapshot.connections);
        let running =
            snapshot.phases.iter().all(|it| it.phase == Phase::Running);
        let waiting = in_backlog(self.state.measured(), accepted);
        self.scope.wait_in_backlog(if running { waiting } else { 0 });
        self.scope.view(&snapshot, now, lost)
    }

    /// What there is to see at a moment of the run, at which nothing more has
    /// been recorded.
    pub fn view(&self, now: Duration) -> View {
        let mut copy = self.clone();
        copy.advance(now);
        copy.hold();
        copy.scope.settle(now);
        copy.view_now(now)
    }

    /// Of the same run, before the first record.
    pub fn anew(&self) -> Self {
        Self {
            scope: Scope::new(*self.scope.settings()),
            state: State::new(),
            event: 0,
            at: Duration::ZERO,
            beaten: Duration::ZERO,
            due: BEAT,
            marks: FindingMarks::default(),
            previews: Arc::default(),
            early: VecDeque::new(),
        }
    }

    /// The first call of the mode's loop.
    pub(super) const fn loop_call(&self) -> Kind {
        self.scope.settings().loop_call
    }

    /// About how many bytes of memory it takes.
    pub(super) fn memory(&self) -> usize {
        self.scope.memory() + self.state.counters().memory()
    }

    /// How many events have been taken.
    pub const fn event(&self) -> u64 {
        self.event
    }

    /// The latest time of an event or of counters that were taken.
    pub const fn at(&self) -> Duration {
        self.at
    }

    /// The counters, what was measured, who was held, and names, at a moment
    /// at which nothing more has been recorded.
    pub fn state(&self, now: Duration) -> State {
        let mut state = self.state.clone();
        let early = self.early.iter().take_while(|it| it.at() <= Some(now));
        early.for_each(|record| state.take(record));
        state
    }

    /// Where something worth telling came up so far, in order.
    pub const fn marks(&self) -> &Arc<Vec<Mark>> {
        self.marks.all()
    }

    /// The last entries about a socket, oldest first.
    pub fn history(&self, socket: SocketId) -> Vec<LogEntry> {
        let mut scope = self.scope.clone();
        scope.settle(self.at);
        scope.history(socket)
    }

    /// The beginning of what the socket's last read brought, if the
    /// recording has it.
    pub fn preview_of(&self, socket: SocketId) -> &[u8] {
        self.previews.get(&socket).map_or(&[], Vec::as_slice)
    }

    fn preview(&mut self, payload: &RecordedPayload) {
        let known = self.previews.contains_key(&payload.socket);
        let room = known || self.previews.len() < PREVIEWS;
        if payload.kind == Kind::Read && room {
            let length = payload.bytes.len().min(PREVIEWED);
            let bytes = payload.bytes[..length].to_vec();
            Arc::make_mut(&mut self.previews).insert(payload.socket, bytes);
        }
    }
}

/// As a live screen finds it out.
fn in_backlog(measured: &Measured, accepted: u64) -> u64 {
    let unknown = || measured.connected.unwrap_or(0).saturating_sub(accepted);
    measured.waiting.unwrap_or_else(unknown)
}

fn hold(held: &HeldThread) -> Hold {
    let HeldThread { thread, before, since } = *held;
    let call = match before {
        Before::Call { kind, socket, site } => Some((kind, socket, site)),
        Before::Step(_) | Before::Task(_) => None,
    };
    Hold { thread, call, since }
}

fn settings(header: &Header) -> Result<ScopeSettings, Error> {
    let shape = &header.shape;
    let unknown = |what: &str, word: &str| {
        let what = format!("the header names a {what} {word:?}");
        Error::damaged(0, what)
    };
    let mut calls = Kind::ALL.into_iter();
    let loop_call = calls.find(|kind| kind.name() == shape.loop_call);
    let fate = |word: &String| {
        let mut all = Unhandled::ALL.into_iter();
        let found = all.find(|it| it.name() == word);
        found.ok_or_else(|| unknown("fate of errors", word))
    };
    Ok(ScopeSettings {
        loop_call: loop_call
            .ok_or_else(|| unknown("call", &shape.loop_call))?,
        polls: shape.polls,
        options: header.server,
        unhandled: shape.unhandled.as_ref().map(fate).transpose()?,
        rows_kept: ROWS_KEPT,
    })
}
