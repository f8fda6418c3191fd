//! The fold of everything that is observed of a run, live or recorded.

use super::scene::in_backlog;
use super::{
    BACKLOG_SHOWN, BacklogClient, Cell, Finding, LANE_CELLS, LogEntry,
    Observation, ObservedState, Scene, Scope, ScopeSettings, SocketView, View,
};
use crate::load::HandClient;
use crate::probe::{
    Event, Kind, Phase, Preview, ReceivedTail, SocketCount, SocketId, Transfer,
};
use crate::system::queues::{KernelQueue, KernelQueues, QUEUES_KEPT};
use crate::units::Nanos;
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// If no exact counters come for this time, a replay makes a view all the same,
/// then after twice as long, and so on, so that lasting states are noticed.
const BEAT: Duration = Duration::from_millis(150);

/// Exact counters that follow a view sooner than this cause no other view.
const TOO_SOON: Duration = Duration::from_millis(10);

/// Limit on the observations that are recorded before their time: those of one
/// tick of the recorder.
const EARLY: usize = 64;

/// Limit on the sockets of which the last bytes received are kept.
const PREVIEWS: usize = 4_096;

/// Limit on the marks that are kept.
const MARKS: usize = 1_000;

/// What is known of a run after some observations: a value that depends on
/// nothing else.
///
/// In a live run, [`take_live`](Self::take_live) takes the events as they come,
/// everything else that is [known](Self::known) is set before it is
/// [shown](Self::show), and each view remembers what it notices. In a
/// recording, [`take`](Self::take) takes the records in order, and makes views
/// with all exact counters and, while there are none, at times that depend on
/// the records alone. So a place in a recording looks the same, however it was
/// reached.
#[derive(Clone, Default)]
pub struct Follower {
    pub scope: Scope,
    /// The counters, measurements, held threads and names.
    pub known: ObservedState,
    /// The clients driven by hand; a recording has none.
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
    /// The last bytes that the sockets of a live run received; `None` if they
    /// are not kept, and of a recording, which has them in itself.
    pub previews: Option<Arc<Preview>>,
    recorded: Arc<HashMap<SocketId, ReceivedTail>>,
    /// Observations that were recorded before their time.
    early: VecDeque<Observation>,
}

/// The place where a finding begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The time of the view that first had it.
    pub at: Duration,
    pub finding: Finding,
}

impl Follower {
    /// The state of a run of which nothing has been observed yet.
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

    /// Takes an observation whose time has come.
    pub fn observe(&mut self, observation: &Observation) {
        self.known.take(observation);
        match observation {
            Observation::Event(event) => self.take_live(event),
            Observation::Control(control) => self.scope.hold(&control.held),
            Observation::Payload(payload) => self.receive(payload),
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

    /// Lets time pass in which no event or counter is recorded.
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
        // A finding that is over was marked when it began.
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

    /// The view of this moment.
    pub fn view(&mut self, now: Duration) -> View {
        let known = &self.known;
        let read = known.queues.as_ref().map(|it| (it, known.queues_at));
        // What waits now is part of what is found in the view.
        let rows = self.scope.rows.by_id.values();
        let rows = rows.map(|it| (&it.count, it.active_at));
        let before = View {
            phase: self.scope.phase,
            figures: known.counters.clone(),
            in_backlog: read.and_then(|(queues, at)| {
                let waiting = unaccepted(queues, at, rows).len();
                counted(queues, known.measured.waiting, waiting)
            }),
            ..View::default()
        };
        self.scope.waiting = in_backlog(&before, &known.measured, &self.hand);
        let mut view = self.scope.view(&known.counters, now, known.lost);
        view.in_backlog = before.in_backlog;
        if let Some((queues, at)) = read {
            put_queues(&mut view, queues, at);
        }
        self.put_partial_lines(&mut view);
        view
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
        // What is known of the gate may be older than the last events.
        let free = scene.view.threads.iter().filter(|it| !it.is_held);
        let free: HashSet<_> = free.map(|it| it.thread).collect();
        scene.control.held.retain(|it| !free.contains(&it.thread));
        let history = detail.map(|socket| self.scope.entries.history(socket));
        scene.history = history.unwrap_or_default();
        let tail = detail.and_then(|socket| self.received(socket));
        scene.preview = tail.map_or(Vec::new(), |it| it.bytes().to_vec());
    }

    /// The same without the view and the socket's detail.
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
        let queues = self.known.queues.as_ref().map_or(0, |it| it.len());
        let queue = size_of::<(SocketAddr, KernelQueue)>();
        let tail = size_of::<(SocketId, ReceivedTail)>();
        size_of::<Self>()
            + self.scope.rows.by_id.len() * row
            + self.scope.entries.len() * size_of::<LogEntry>()
            + 3 * counts * size_of::<SocketCount>()
            + queues * queue
            + self.recorded.len() * tail
    }

    /// Keeps the last bytes that a socket has received.
    fn receive(&mut self, payload: &Transfer) {
        let known = self.recorded.contains_key(&payload.socket);
        let room = known || self.recorded.len() < PREVIEWS;
        if payload.kind == Kind::Read && room {
            let tails = Arc::make_mut(&mut self.recorded);
            let tail = tails.entry(payload.socket).or_default();
            tail.add(&payload.bytes, payload.moved.into());
        }
    }

    /// The last bytes that a socket has received, as far as they are known.
    fn received(&self, socket: SocketId) -> Option<ReceivedTail> {
        match &self.previews {
            Some(previews) => previews.of(socket),
            None => self.recorded.get(&socket).copied(),
        }
    }

    /// Adds what was received of lines that are not whole yet.
    fn put_partial_lines(&self, view: &mut View) {
        for socket in &mut view.sockets {
            let SocketCount { id, bytes_in, unframed_bytes, .. } = socket.count;
            if unframed_bytes > 0
                && let Some(tail) = self.received(id)
            {
                let part = tail.before(bytes_in, unframed_bytes as usize);
                socket.partial = part.to_vec();
            }
        }
    }
}

/// Adds what the kernel holds for the open connections, and the clients that
/// it holds in the backlog.
pub(super) fn put_queues(
    view: &mut View,
    queues: &KernelQueues,
    read_at: Nanos,
) {
    // A connection without a row has nothing in its queues, unless there were
    // more connections than rows.
    let without = (queues.len() < QUEUES_KEPT).then_some(KernelQueue::EMPTY);
    let mut threads = view.threads.iter();
    let selector_sleeps = threads.any(|it| it.in_call && it.kind == Kind::Wait);
    for socket in &mut view.sockets {
        let open = socket.count.peer.filter(|_| socket.count.end.is_none());
        let queue = open.and_then(|peer| {
            // The kernel's table has no scopes of IPv6 addresses.
            let peer = SocketAddr::new(peer.ip(), peer.port());
            let queue = queues.get(&peer).copied().or(without)?;
            // It may have been accepted after the table was read.
            Some(KernelQueue { is_accepted: true, ..queue })
        });
        if let Some(queue) = queue {
            socket.put_queue(queue, read_at.duration(), selector_sleeps);
        }
    }
    if view.phase.0 == Phase::Running {
        let sockets = view.sockets.iter().map(|it| (&it.count, it.active_at));
        view.backlog = unaccepted(queues, read_at, sockets);
        view.backlog.truncate(BACKLOG_SHOWN);
    }
}

/// The clients that the kernel holds in the backlog, without those that have
/// been accepted after its table was read, as these sockets and the times of
/// their last events show.
fn unaccepted<'a>(
    queues: &KernelQueues,
    read_at: Nanos,
    sockets: impl Iterator<Item = (&'a SocketCount, Duration)>,
) -> Vec<BacklogClient> {
    let waiting = queues.iter().filter(|(_, it)| !it.is_accepted);
    let row = |(peer, queue): (&SocketAddr, &KernelQueue)| BacklogClient {
        peer: *peer,
        received_bytes: queue.received_bytes,
    };
    let mut waiting: Vec<_> = waiting.map(row).collect();
    if !waiting.is_empty() {
        let accepted = sockets.filter(|(count, active_at)| {
            count.end.is_none() || *active_at > read_at.duration()
        });
        let accepted: HashSet<_> =
            accepted.filter_map(|it| it.0.peer).collect();
        waiting.retain(|it| !accepted.contains(&it.peer));
    }
    waiting
}

/// How many clients wait, if the queues have all of them: if the listener, of
/// which there may be a later reading, has as many as they.
fn counted(
    queues: &KernelQueues,
    at_listener: Option<u64>,
    waiting: usize,
) -> Option<u64> {
    let rows = queues.values().filter(|it| !it.is_accepted).count() as u64;
    let has_all = at_listener.is_none_or(|it| it == rows);
    has_all.then_some(waiting as u64)
}
