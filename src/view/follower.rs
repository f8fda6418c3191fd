//! The fold of everything that is observed of a run, live or recorded.

use super::scene::in_backlog;
use super::{
    Cell, Finding, LANE_CELLS, LogEntry, Observation, ObservedState, Scene,
    Scope, ScopeSettings, SocketView, View,
};
use crate::load::HandClient;
use crate::probe::{Event, Kind, SocketCount, SocketId, Transfer};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// After this time without exact counters a replay's view is brought up to
/// date all the same, then after twice as long, and so on: lasting states are
/// noticed.
const BEAT: Duration = Duration::from_millis(150);

/// Exact counters that come sooner after a view than this bring no other one.
const TOO_SOON: Duration = Duration::from_millis(10);

/// How many observations may come before their time, at most: those of a tick
/// of the recorder.
const EARLY: usize = 64;

/// How many sockets are known by what they read last.
const PREVIEWS: usize = 4_096;

/// How many bytes of that are kept.
const PREVIEWED: usize = 96;

/// How many marks are kept.
const MARKS: usize = 1_000;

/// What is known of a run after some observations: a value that depends on
/// nothing else.
///
/// Of a live run [`take_live`](Self::take_live) takes the events as they
/// come, what else is [known](Self::known) is set before it is
/// [shown](Self::show), and what is noticed in a view is remembered. Of a
/// recording [`take`](Self::take) takes the records in their order, and makes
/// views with all exact counters and, while there are none, at times that the
/// records alone decide. So a place in a recording looks the same however one
/// gets there.
#[derive(Clone, Default)]
pub struct Follower {
    /// What the program does.
    pub scope: Scope,
    /// The counters, what was measured, who is held, and names.
    pub known: ObservedState,
    /// The clients by hand, of which a recording has none.
    pub hand: Vec<HandClient>,
    /// How many events have been taken.
    pub event: u64,
    /// The latest time of an event or of counters that were taken.
    pub at: Duration,
    /// When the last view was made, and when the next one is due.
    viewed: Duration,
    due: Duration,
    /// Where findings began, in order.
    pub marks: Arc<Vec<Mark>>,
    /// The kinds of the findings that the last view had.
    current: Vec<String>,
    previews: Arc<HashMap<SocketId, Vec<u8>>>,
    /// What was recorded before its time.
    early: VecDeque<Observation>,
}

/// The place where a finding begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// When a view first had it.
    pub at: Duration,
    /// What was found.
    pub finding: Finding,
}

impl Follower {
    /// Of a run of which nothing has been observed yet.
    pub fn new(settings: ScopeSettings) -> Self {
        let scope = Scope::new(settings);
        Self { scope, due: BEAT, ..Self::default() }
    }

    /// Takes an event of a live run. It is not added to the counters, which
    /// are read exactly before each view.
    pub fn take_live(&mut self, event: &Event) {
        self.event += 1;
        self.scope.take(event);
    }

    /// Takes what is so now.
    pub fn observe(&mut self, observation: &Observation) {
        self.known.take(observation);
        match observation {
            Observation::Event(event) => self.take_live(event),
            Observation::Control(control) => self.scope.hold(&control.held),
            Observation::Payload(payload) => self.preview(payload),
            _ => {}
        }
    }

    /// Takes the next record of a recording.
    pub fn take(&mut self, record: &Observation) {
        match (record.in_order_at(), record.at()) {
            (Some(at), _) => {
                self.advance(at);
                self.at = self.at.max(at);
            }
            (None, Some(at)) if at > self.at => {
                self.early.push_back(record.clone());
                if self.early.len() > EARLY {
                    // A writer is never this far ahead: the file is damaged.
                    if let Some(first) = self.early.pop_front() {
                        self.observe(&first);
                    }
                }
                return;
            }
            _ => {}
        }
        self.observe(record);
        if matches!(record, Observation::Counters(_))
            && self.at.saturating_sub(self.viewed) >= TOO_SOON
        {
            self.look(self.at);
            self.due = self.at.saturating_add(BEAT);
        }
    }

    /// Time goes on, and no event or counter is recorded.
    fn advance(&mut self, now: Duration) {
        while self.early.front().is_some_and(|it| it.at() <= Some(now)) {
            let Some(early) = self.early.pop_front() else { break };
            self.observe(&early);
        }
        while self.due <= now {
            let last = self.due.saturating_sub(self.viewed);
            self.look(self.due);
            self.due = self.viewed.saturating_add(last.saturating_mul(2));
        }
    }

    /// Makes a view, and marks those of its findings that are new.
    fn look(&mut self, now: Duration) {
        self.viewed = now;
        let mut findings = self.view(now).findings;
        // One that is over was marked when it began.
        findings.retain(|finding| !finding.is_over);
        let kinds = findings.iter().map(|it| it.kind.clone()).collect();
        let before = std::mem::replace(&mut self.current, kinds);
        for finding in findings {
            if !before.contains(&finding.kind) && self.marks.len() < MARKS {
                let mark = Mark { at: now, finding };
                Arc::make_mut(&mut self.marks).push(mark);
            }
        }
    }

    /// What there is to see at this moment.
    pub fn view(&mut self, now: Duration) -> View {
        let ObservedState { measured, counters, lost, .. } = &self.known;
        let (phase, accepted) = (self.scope.phase.0, counters.connections);
        self.scope.waiting = in_backlog(phase, accepted, measured, &self.hand);
        self.scope.view(counters, now, *lost)
    }

    /// The same run at a later moment, if nothing more is recorded until
    /// then.
    pub fn later(&self, now: Duration) -> Self {
        let mut later = self.clone();
        later.advance(now);
        later.scope.entries.settle(now);
        later
    }

    /// Puts all that is known at this moment into a scene, and all that is
    /// known of the socket whose detail is open.
    pub fn show(
        &mut self,
        scene: &mut Scene,
        now: Duration,
        detail: Option<SocketId>,
    ) {
        scene.view = self.view(now);
        self.show_state(scene);
        let history = detail.map(|socket| self.scope.entries.history(socket));
        scene.history = history.unwrap_or_default();
        let preview = detail.and_then(|socket| self.previews.get(&socket));
        scene.preview = preview.cloned().unwrap_or_default();
    }

    /// The same without what the program does.
    pub fn show_state(&self, scene: &mut Scene) {
        scene.control.clone_from(&self.known.control);
        scene.measured.clone_from(&self.known.measured);
        scene.names = self.known.names.clone();
        scene.hand.clone_from(&self.hand);
    }

    /// Adds the entries of the events so far that are held back, as what
    /// comes next may be a long time away.
    pub fn settle(&mut self, now: Duration) {
        self.scope.entries.settle(now);
    }

    /// About how many bytes of memory it takes.
    pub fn memory(&self) -> usize {
        let counters = &self.known.counters;
        let counts = counters.sockets.len() + counters.tasks.len();
        let row = size_of::<SocketView>() + LANE_CELLS * size_of::<Cell>();
        size_of::<Self>()
            + self.scope.rows.by_id.len() * row
            + self.scope.entries.len() * size_of::<LogEntry>()
            + 3 * counts * size_of::<SocketCount>()
    }

    /// The beginning of what the socket's last read brought.
    fn preview(&mut self, payload: &Transfer) {
        let known = self.previews.contains_key(&payload.socket);
        let room = known || self.previews.len() < PREVIEWS;
        if payload.kind == Kind::Read && room {
            let length = payload.bytes.len().min(PREVIEWED);
            let bytes = payload.bytes[..length].to_vec();
            Arc::make_mut(&mut self.previews).insert(payload.socket, bytes);
        }
    }
}
