//! The fold: events and counters in, views out.

use super::findings::live::{Live, Moment, SleepOfOnlyThread, Worst, live};
use super::lane::LaneTrack;
use super::lines::Lines;
use super::recent_entries::RecentEntries;
use super::rows::Rows;
use super::sockets::{Row, WaitMethod};
use super::tasks;
use super::threads::{Threads, place};
use super::turns::LoopTurns;
use super::{Lane, LineView, SocketView, ThreadView, View};
use crate::net::ServerOptions;
use crate::probe::{Counters, Event, LISTENER, Note, TaskNow, ThreadAtGate};
use crate::view::{
    Evidence, Finding, Kind, LogEntry, Phase, SocketId, Unhandled, findings,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Duration;

/// How many connections a screen has a row for.
pub const ROWS_KEPT: usize = 2_000;

/// What a fold must know of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct ScopeSettings {
    /// The first call of the mode's loop.
    pub loop_call: Kind,
    /// Whether that loop is a busy one, asking each socket in each turn.
    pub polls: bool,
    /// The options of the server.
    pub options: ServerOptions,
    /// How an error that leaves a handler is treated; `None` if none leaves
    /// one.
    pub unhandled: Option<Unhandled>,
    /// How many connections have a row at most.
    #[serde(skip, default = "rows_kept")]
    pub rows_kept: usize,
}

const fn rows_kept() -> usize {
    ROWS_KEPT
}

impl ScopeSettings {
    pub(super) const fn way(&self) -> WaitMethod {
        match (self.polls, self.loop_call) {
            (true, _) => WaitMethod::Polls,
            (false, Kind::Wait) => WaitMethod::Selects,
            (false, _) => WaitMethod::Sleeps,
        }
    }

    /// Whether this call puts its thread to sleep in this mode.
    pub(super) fn sleeps(&self, kind: Kind) -> bool {
        match kind {
            Kind::Wait | Kind::Poll | Kind::Select => true,
            Kind::Watch | Kind::Handle | Kind::Close | Kind::Shutdown => false,
            Kind::Accept | Kind::Read | Kind::Write | Kind::Connect => {
                self.way() == WaitMethod::Sleeps
            }
        }
    }
}

/// Folds the events and counters of one run into views.
///
/// Memory is bounded, each event costs about the same however many came
/// before, and everything is decided from the times of events and views, so
/// that a replay shows the same.
#[derive(Clone)]
pub struct Scope {
    settings: ScopeSettings,
    phase: (Phase, Duration),
    deadline: Option<Duration>,
    lost: u64,
    rows: Rows,
    turns: LoopTurns,
    threads: Threads,
    lines: Lines,
    entries: RecentEntries,
    /// What the exact counters tell, found out once a second.
    found: (u64, Vec<Finding>),
    seen: Worst,
    /// Clients that wait to be accepted.
    waiting: u64,
    /// The sleep that views report while it lasts, and when it began: with the
    /// largest number of clients that waited meanwhile.
    sleep: Option<(Duration, SleepOfOnlyThread)>,
}

impl Scope {
    /// Of a run in which nothing has happened yet.
    pub fn new(settings: ScopeSettings) -> Self {
        Self {
            settings,
            phase: (Phase::Running, Duration::ZERO),
            deadline: None,
            lost: 0,
            rows: Rows::new(settings.rows_kept),
            turns: LoopTurns::new(settings.loop_call, settings.polls),
            threads: Threads::default(),
            lines: Lines::default(),
            entries: RecentEntries::default(),
            found: (u64::MAX, Vec::new()),
            seen: Worst::default(),
            waiting: 0,
            sleep: None,
        }
    }

    /// What it knows of the run.
    pub const fn settings(&self) -> &ScopeSettings {
        &self.settings
    }

    /// About how many bytes of memory it takes.
    pub fn memory(&self) -> usize {
        size_of::<Self>() + self.rows.memory() + self.entries.memory()
    }

    /// Takes the next event, in about the order of their times.
    pub fn take(&mut self, event: &Event) {
        self.end_sleep(event);
        self.rows.take(event);
        self.turns.take(event);
        self.threads.take(event);
        self.lines.take(event);
        self.entries.take(event);
        if let Event::Note { at, note: Note::Phase(phase), .. } = *event {
            self.enter(phase, at.duration());
        }
    }

    /// Ignores a phase that is not later than the current one: a phase may be
    /// reported more than once, and by several sources.
    fn enter(&mut self, phase: Phase, at: Duration) {
        if phase == Phase::Refusing {
            self.deadline.get_or_insert(at + self.settings.options.grace());
        }
        if phase > self.phase.0 {
            self.phase = (phase, at);
        }
    }

    /// These threads, and no others, are held at a gate at this moment. To be
    /// called often, before the events that have come since.
    pub fn hold(&mut self, held: &[ThreadAtGate]) {
        self.turns.hold(held);
    }

    /// The phase of the server's life.
    pub const fn phase(&self) -> Phase {
        self.phase.0
    }

    /// Sets how many clients are connected and wait to be accepted, as far as
    /// that is known. No event reports it.
    pub const fn wait_in_backlog(&mut self, clients: u64) {
        self.waiting = clients;
    }

    /// Records a sleep that views have reported, when it is over or when the
    /// listener closes, so that no client can connect. Only the event has its
    /// exact length.
    fn end_sleep(&mut self, event: &Event) {
        let Some((begun, mut sleep)) = self.sleep else { return };
        let asleep = sleep.thread;
        sleep.thread.since = match *event {
            Event::Exit { entered, at, thread, kind, socket, .. }
                if (thread, kind, socket)
                    == (asleep.thread, asleep.kind, asleep.socket) =>
            {
                at.since(entered).duration()
            }
            Event::Note { at, note: Note::Phase(_), .. } => {
                at.duration().saturating_sub(begun)
            }
            _ => return,
        };
        self.seen.take(&[Live::OnlyThreadAsleep(sleep)]);
        self.sleep = None;
    }

    /// Remembers the sleep that views report.
    fn note_sleep(&mut self, right_now: &[Live], now: Duration) {
        let asleep = right_now.iter().find_map(|it| match it {
            Live::OnlyThreadAsleep(sleep) => Some(*sleep),
            _ => None,
        });
        let Some(mut sleep) = asleep else { return };
        let begun = sleep.thread.begun(now);
        let before = self.sleep.filter(|(it, _)| *it == begun);
        let most = before.map_or(0, |(_, before)| before.waiting);
        sleep.waiting = sleep.waiting.max(most);
        self.sleep = Some((begun, sleep));
    }

    /// Adds the entries of the events so far that are held back, even if later
    /// events could have joined them.
    pub fn settle(&mut self, now: Duration) {
        self.entries.settle(now);
    }

    /// The last entries about one socket, oldest first, at most
    /// [`HISTORY_KEPT`](super::HISTORY_KEPT). Only the
    /// [`HISTORIES_KEPT`](super::HISTORIES_KEPT) sockets with the latest
    /// entries have any.
    pub fn history(&self, socket: SocketId) -> Vec<LogEntry> {
        self.entries.history(socket)
    }

    /// Findings that held at the moment of some view, each at its worst, for
    /// the report after the run.
    pub fn seen(&self) -> Vec<Finding> {
        self.seen.over(&[])
    }

    /// What there is to see. `now` counts from the same start as the times
    /// of the events; `lost` is how many of those have not come.
    pub fn view(
        &mut self,
        snapshot: &Counters,
        now: Duration,
        lost: u64,
    ) -> View {
        self.catch_up(snapshot, now, lost);
        let (figures, loop_call) = (snapshot.clone(), self.settings.loop_call);
        let mut threads = self.threads.view(snapshot, now, lost);
        let begun = self.begun(&threads);
        let iterations = figures.iterations(loop_call).saturating_add(begun);
        place(self.turns.holds(), &mut threads, now);
        let sleepers = self.sleepers(&threads);
        let (rates, lines) =
            self.lines.view(loop_call, &figures, &threads, now);
        let sockets = self.sockets(&threads, &sleepers, now);
        let right_now =
            self.right_now(&figures, &threads, &sleepers, &lines, now);
        self.note_sleep(&right_now, now);
        let (phase, echoes) = (self.phase, figures.echoes);
        let tasks = |such: fn(TaskNow) -> bool| {
            let tasks = snapshot.tasks.iter();
            tasks.filter(|task| such(task.now)).count() as u64
        };
        View {
            at: now,
            tasks: tasks::rows(&snapshot.tasks, now),
            awaits: tasks::awaits(&snapshot.tasks, now),
            tasks_paused: tasks(tasks::is_paused),
            tasks_alive: tasks(|now| !now.has_ended()),
            phase,
            deadline: self.deadline,
            rates,
            threads,
            lines,
            sockets_not_shown: without_row(&figures, &sockets),
            sockets,
            turns: self.turns.view(&sleepers, now, echoes, phase.0),
            events: self.entries.view(now),
            events_lost: lost,
            findings: self.findings(right_now, &figures, now, lost),
            iterations,
            wake_ups: figures.wake_ups(loop_call),
            figures,
        }
    }

    /// Turns of the loop whose first call has not returned: a call is counted
    /// when it is over, a turn begins with it.
    fn begun(&self, threads: &[ThreadView]) -> u64 {
        let loop_call = self.settings.loop_call;
        let first = |it: &&ThreadView| it.in_call && it.kind == loop_call;
        threads.iter().filter(first).count() as u64
    }

    /// What the counters tell before their events have come, or instead.
    fn catch_up(&mut self, snapshot: &Counters, now: Duration, lost: u64) {
        for mark in &snapshot.phases {
            self.enter(mark.phase, mark.at.duration());
        }
        if lost > self.lost {
            self.lost = lost;
            self.rows.find_lost(snapshot, now);
            self.turns.has_gaps();
        }
        self.rows.count(snapshot, now);
    }

    /// The threads that are in a call which puts them to sleep.
    fn sleepers(&self, threads: &[ThreadView]) -> Vec<ThreadView> {
        let asleep = threads
            .iter()
            .filter(|it| it.in_call && self.settings.sleeps(it.kind));
        asleep.copied().collect()
    }

    fn sockets(
        &self,
        threads: &[ThreadView],
        sleepers: &[ThreadView],
        now: Duration,
    ) -> Vec<SocketView> {
        let asked = self.turns.asked(now);
        let called = |it: &ThreadView| {
            (it.in_call && it.kind != Kind::Wait)
                .then_some((it.socket, it.kind))
        };
        let calls: HashMap<_, _> = threads.iter().filter_map(called).collect();
        let slept = |it: &ThreadView| {
            (it.kind != Kind::Wait).then_some((it.socket, it.begun(now)))
        };
        let slept: HashMap<_, _> = sleepers.iter().filter_map(slept).collect();
        let limit = u32::try_from(self.settings.options.buffer_limit());
        let limit = limit.unwrap_or(u32::MAX);
        let asleep =
            threads.iter().any(|it| it.in_call && it.kind == Kind::Wait);
        let round = (!asleep).then_some(self.rows.round());
        let way = self.settings.way();
        let view = |(id, row): (SocketId, &Row)| {
            let call = calls.get(&id).copied();
            let slept = slept.get(&id).copied();
            let state = row.state(id, way, self.phase.0, call);
            let mut lane = lane(&row.track, slept, now);
            lane.add_would_blocks(&asked);
            row.view(state, lane, limit, round, now)
        };
        self.rows.iter().map(view).collect()
    }

    /// A limit that one read fills at once tells nothing of the client.
    fn limit(&self) -> Option<u32> {
        let options = self.settings.options;
        let limit = options.buffer_limit();
        let limit = (options.recv_size() < limit).then_some(limit);
        limit.and_then(|limit| u32::try_from(limit).ok())
    }

    fn right_now(
        &self,
        figures: &Counters,
        threads: &[ThreadView],
        sleepers: &[ThreadView],
        lines: &[LineView],
        now: Duration,
    ) -> Vec<Live> {
        // What lasts because threads are held tells nothing of the program.
        if !self.turns.holds().is_empty() {
            return Vec::new();
        }
        live(&Moment {
            now,
            rows: &self.rows,
            threads: threads.len(),
            sleepers,
            open: figures.open(),
            waiting: self.waiting,
            listens: self.phase.0 == Phase::Running,
            wake_ups_per_s: wake_ups(lines),
            limit: self.limit(),
        })
    }

    /// What is so right now, then what has been so.
    fn findings(
        &mut self,
        right_now: Vec<Live>,
        figures: &Counters,
        now: Duration,
        lost: u64,
    ) -> Vec<Finding> {
        if self.found.0 != now.as_secs() {
            let ScopeSettings { options, unhandled, .. } = self.settings;
            let evidence = Evidence {
                figures,
                options,
                waiting: None,
                unhandled,
                events_lost: lost,
            };
            self.found = (now.as_secs(), findings(&evidence));
        }
        self.seen.take(&right_now);
        let over = self.seen.over(&right_now);
        let lasting = self.found.1.iter().cloned();
        let right_now = right_now.into_iter().map(|it| it.finding(false));
        right_now.chain(over).chain(lasting).collect()
    }
}

fn lane(track: &LaneTrack, slept: Option<Duration>, now: Duration) -> Lane {
    slept.map_or_else(|| track.lane(now), |since| track.lane_asleep(since, now))
}

fn without_row(figures: &Counters, sockets: &[SocketView]) -> u64 {
    let shown = sockets.iter().filter(|row| row.count.id != LISTENER).count();
    figures.connections.saturating_sub(shown as u64)
}

fn wake_ups(lines: &[LineView]) -> u64 {
    let waits = lines.iter().filter(|line| line.kind == Kind::Wait);
    waits.map(|line| line.hits_per_s).fold(0, u64::saturating_add)
}
