//! The fold: events and counters in, views out.

use super::findings::live::{LONG_SLEEP, SleepOfOnlyThread, WorstStates};
use super::lines::Lines;
use super::log::RecentEntries;
use super::sockets::Rows;
use super::steps::Steps;
use super::tasks;
use super::threads::Threads;
use super::turns::LoopTurns;
use super::{
    Evidence, Finding, LineView, ThreadView, Unhandled, View, findings,
};
use crate::net::ServerOptions;
use crate::probe::{
    Counters, Event, Kind, LISTENER, Note, Phase, ThreadAtGate,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// With at most this many sockets, each view has the findings of its own
/// counters; with more, only one view a second.
const FOUND_AT_ONCE: usize = 500;

/// From this share of the last second on, a busy loop spins.
pub(super) const SPINS: f32 = 0.5;

/// The properties of a run on which its fold depends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct ScopeSettings {
    /// The first call of the mode's loop.
    pub loop_call: Kind,
    /// Whether that loop is a busy one, which tries each socket in each turn.
    pub polls: bool,
    /// The options of the server.
    pub options: ServerOptions,
    /// How an error that leaves a handler is treated; `None` if none leaves
    /// one.
    pub unhandled: Option<Unhandled>,
}

impl ScopeSettings {
    /// Whether this call puts its thread to sleep in this mode.
    pub(super) fn sleeps(&self, kind: Kind) -> bool {
        match kind {
            Kind::Wait | Kind::Poll | Kind::Select => true,
            Kind::Watch | Kind::Handle | Kind::Close | Kind::Shutdown => false,
            Kind::Accept | Kind::Read | Kind::Write | Kind::Connect => {
                !self.polls && self.loop_call != Kind::Wait
            }
        }
    }
}

/// Folds the events and counters of one run into views.
///
/// Memory is bounded, each event costs about the same however many came
/// before, and everything is decided from the times of events and views, so
/// that a replay shows the same.
#[derive(Clone, Default)]
pub struct Scope {
    pub settings: ScopeSettings,
    /// The phase of the server's life, and since when.
    pub(super) phase: (Phase, Duration),
    deadline: Option<Duration>,
    lost: u64,
    pub(super) rows: Rows,
    turns: LoopTurns,
    steps: Steps,
    threads: Threads,
    lines: Lines,
    /// The last entries of the log.
    pub(super) entries: RecentEntries,
    /// The findings of the exact counters, and the second in which they were
    /// looked for.
    counted: (Option<u64>, Vec<Finding>),
    worst: WorstStates,
    /// Whether a view showed that a busy loop spent most of a second in calls
    /// that would have blocked. It is found only when views are made.
    pub has_spun: bool,
    /// Clients that are connected and wait to be accepted, as far as that is
    /// known. No event reports it.
    pub waiting: u64,
    /// The sleep that views report while it lasts, and when it began: with the
    /// largest number of clients that waited meanwhile.
    sleep: Option<(Duration, SleepOfOnlyThread)>,
}

impl Scope {
    /// The scope of a run in which nothing has happened yet.
    pub fn new(settings: ScopeSettings) -> Self {
        let turns = LoopTurns::new(settings.loop_call, settings.polls);
        Self { settings, turns, ..Self::default() }
    }

    /// Takes the next event, in about the order of their times.
    pub fn take(&mut self, event: &Event) {
        self.end_sleep(event);
        self.rows.take(event);
        self.turns.take(event);
        self.steps.take(event);
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
            if self.phase.0 < Phase::Finishing && phase >= Phase::Finishing {
                self.rows.close_listener(at);
            }
            self.phase = (phase, at);
        }
    }

    /// Sets the threads that are held at a gate at this moment. It must be
    /// called often, before the events that have come since are taken.
    pub fn hold(&mut self, held: &[ThreadAtGate]) {
        self.turns.hold(held);
        held.clone_into(&mut self.threads.held);
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
        self.worst.take(sleep.state());
        self.sleep = None;
    }

    /// Findings that held at the moment of some view, each at its worst, for
    /// the report after the run.
    pub fn seen(&self) -> Vec<Finding> {
        self.worst.over(&[])
    }

    /// The view of a moment. `now` counts from the same start as the times of
    /// the events; `lost` is how many of those were lost.
    pub fn view(
        &mut self,
        figures: &Arc<Counters>,
        now: Duration,
        lost: u64,
    ) -> View {
        self.catch_up(figures, now, lost);
        let ScopeSettings { loop_call, .. } = self.settings;
        let threads = self.threads.view(figures, now, lost);
        let asleep =
            |it: &&ThreadView| it.in_call && self.settings.sleeps(it.kind);
        let sleepers: Vec<_> = threads.iter().filter(asleep).copied().collect();
        let turns =
            self.turns.view(&sleepers, now, figures.echoes, self.phase.0);
        self.has_spun |= turns.shares.spinning >= SPINS;
        let (rates, lines) = self.lines.view(loop_call, figures, &threads, now);
        let (phase, asked) = (self.phase, self.turns.asked());
        let (settings, held) = (&self.settings, &self.threads.held);
        let sockets =
            self.rows.view(settings, phase.0, (&threads, held), asked, now);
        let shown = sockets.iter().filter(|it| it.count.id != LISTENER).count();
        let tasks = figures.tasks.iter();
        let paused = tasks.clone().filter(|it| tasks::is_paused(it.now));
        let alive = tasks.filter(|it| !it.now.has_ended());
        View {
            at: now,
            phase,
            deadline: self.deadline,
            figures: Arc::clone(figures),
            iterations: figures.iterations(loop_call),
            calls_sleep: self.settings.sleeps(Kind::Read),
            wake_ups: figures.wake_ups(loop_call),
            rates,
            turns,
            steps: self.steps.view(
                &figures.turns,
                &self.threads.held,
                now,
                lost,
            ),
            tasks: tasks::rows(&figures.tasks, now),
            tasks_paused: paused.count() as u64,
            tasks_alive: alive.count() as u64,
            awaits: tasks::awaits(&figures.tasks, now),
            events: self.entries.view(now),
            events_lost: lost,
            findings: self.findings(figures, &sleepers, &threads, &lines, now),
            threads,
            lines,
            in_backlog: None,
            backlog: Vec::new(),
            sockets_not_shown: figures.connections.saturating_sub(shown as u64),
            sockets,
        }
    }

    /// Takes from the counters what events did not report, or have not yet.
    fn catch_up(&mut self, figures: &Counters, now: Duration, lost: u64) {
        for mark in &figures.phases {
            self.enter(mark.phase, mark.at.duration());
        }
        if lost > self.lost {
            self.lost = lost;
            self.rows.find_lost(figures, now);
            self.turns.has_gaps = true;
        }
        self.rows.count(figures, now);
    }

    /// The states that hold now, then those that held earlier, then the
    /// findings of the counters.
    fn findings(
        &mut self,
        figures: &Counters,
        sleepers: &[ThreadView],
        threads: &[ThreadView],
        lines: &[LineView],
        now: Duration,
    ) -> Vec<Finding> {
        let ScopeSettings { options, unhandled, .. } = self.settings;
        let second = Some(now.as_secs());
        let is_cheap = figures.sockets.len() <= FOUND_AT_ONCE;
        if is_cheap || self.counted.0 != second {
            let evidence = Evidence {
                figures,
                options,
                waiting: None,
                unhandled,
                has_spun: self.has_spun,
                events_lost: self.lost,
            };
            self.counted = (second, findings(&evidence));
        }
        let mut found = Vec::new();
        // The program does not cause states that last because threads are held.
        if self.threads.held.is_empty() {
            let waits = lines.iter().filter(|line| line.kind == Kind::Wait);
            let wake_ups = waits.map(|line| line.hits_per_s);
            // A limit that a single read can reach shows no slow client.
            let limit = options.buffer_limit();
            let limit = (options.recv_size() < limit).then_some(limit);
            let limit = limit.and_then(|limit| u32::try_from(limit).ok());
            let wake_ups = wake_ups.fold(0, u64::saturating_add);
            let mut states = self.rows.states(now, wake_ups, limit);
            // Once the listener is closed, no client can connect.
            if let ([thread], 1, Phase::Running) =
                (sleepers, threads.len(), self.phase.0)
            {
                let sleep = self.sleep(*thread, figures.open(), now);
                states.splice(..0, sleep.map(SleepOfOnlyThread::state));
            }
            for state in states {
                found.push(state.finding.clone());
                self.worst.take(state);
            }
        }
        found.extend(self.worst.over(&found));
        found.extend_from_slice(&self.counted.1);
        found
    }

    /// The sleep of the only thread, if it is to be reported: even if no client
    /// waits, because one that connects would have to.
    fn sleep(
        &mut self,
        thread: ThreadView,
        open: u64,
        now: Duration,
    ) -> Option<SleepOfOnlyThread> {
        let (others, waiting) = (open.saturating_sub(1), self.waiting);
        let sleep = SleepOfOnlyThread { thread, others, waiting };
        let on_one = matches!(thread.kind, Kind::Read | Kind::Write);
        if !on_one || thread.since < LONG_SLEEP {
            return None;
        }
        let begun = thread.begun(now);
        let before = self.sleep.filter(|(it, _)| *it == begun);
        let most = before.map_or(0, |(_, before)| before.waiting);
        let waiting = waiting.max(most);
        self.sleep = Some((begun, SleepOfOnlyThread { waiting, ..sleep }));
        Some(sleep)
    }
}
