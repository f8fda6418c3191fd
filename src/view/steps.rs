//! What each step of the event loop's turn did when it was last made.
//!
//! The counters hold the times of the steps, and the events their results: a
//! live tap leaves out the notes of the steps themselves, but each step is
//! known by what only it does.

use super::Readiness;
use crate::probe::{
    Before, Event, Kind, Note, SocketId, Step, TaskId, TaskNow, ThreadAtGate,
    TurnCount,
};
use crate::units::{Nanos, plural, show_count, show_elapsed};
use std::fmt::{self, Display};
use std::time::Duration;

/// How many tasks or sockets of one step are named; the others are counted.
const NAMED: usize = 6;

/// A step of the event loop's turn, and how it went when it was last made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    pub step: Step,
    pub state: StepState,
    /// How long it took; so far, while it is being made.
    pub time: Duration,
    /// What it did, in words: the full words first, then shorter ones. Empty
    /// if that is not known, or not yet.
    pub results: Vec<String>,
}

/// Where a step is in relation to the turn that is being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// It has not been made yet.
    Never,
    /// It was last made in the turn before.
    LastTurn,
    /// It has been made in this turn.
    Done,
    /// It is being made.
    Now,
    /// The thread is held before it.
    Next,
}

/// The first few of some things, and how many there were.
#[derive(Clone, Debug, PartialEq)]
struct Counted<T> {
    first: Vec<T>,
    count: u64,
}

impl<T> Default for Counted<T> {
    fn default() -> Self {
        Self { first: Vec::new(), count: 0 }
    }
}

impl<T> Counted<T> {
    fn push(&mut self, it: T) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(it);
        }
    }
}

impl<T: Display> Display for Counted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, it) in self.first.iter().enumerate() {
            write!(f, "{}{it}", if at > 0 { ", " } else { "" })?;
        }
        let is_all = self.count == self.first.len() as u64;
        f.write_str(if is_all { "" } else { ", …" })
    }
}

/// A socket, and what it is watched `for ` or ready for: `#1 for readable`.
#[derive(Clone, Debug, PartialEq)]
struct SocketReadiness(SocketId, &'static str, Readiness);

impl Display for SocketReadiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(socket, how, readiness) = self;
        if *readiness == Readiness::default() {
            write!(f, "{socket} no more")
        } else {
            write!(f, "{socket} {how}{readiness}")
        }
    }
}

/// Folds events into the results of the steps. A result is `None` while it is
/// not known: before the first turn, and after events were lost.
#[derive(Clone, Default)]
pub(super) struct Steps {
    /// The step that the latest event belongs to.
    at: Option<Step>,
    /// The tasks that ran.
    ran: Option<Counted<TaskId>>,
    /// The sockets whose interest has changed.
    watched: Option<Counted<SocketReadiness>>,
    /// The sockets that the selector reported.
    events: Option<Counted<SocketReadiness>>,
    /// The tasks that were made ready.
    woken: Option<Counted<TaskId>>,
    lost: u64,
}

impl Steps {
    pub(super) fn take(&mut self, event: &Event) {
        match *event {
            Event::Enter { kind: Kind::Wait, .. } => self.begin(Step::Select),
            Event::Exit { kind: Kind::Wait, .. } => {
                self.begin(Step::ProcessEvents);
            }
            Event::Exit { kind: Kind::Watch, .. } => self.begin(Step::Register),
            Event::Note { note, .. } => self.note(&note),
            _ => {}
        }
    }

    fn note(&mut self, note: &Note) {
        match *note {
            Note::Task { task, now: TaskNow::Running } => {
                self.begin(Step::RunReadyTasks);
                push(&mut self.ran, task);
            }
            Note::Task { task, now: TaskNow::Ready }
                if self.at == Some(Step::ProcessEvents) =>
            {
                push(&mut self.woken, task);
            }
            Note::Interest { socket, readable, writable } => {
                let interest = Readiness { readable, writable };
                push(
                    &mut self.watched,
                    SocketReadiness(socket, "for ", interest),
                );
            }
            Note::Ready { socket, readable, writable } => {
                let ready = Readiness { readable, writable };
                push(&mut self.events, SocketReadiness(socket, "", ready));
            }
            _ => {}
        }
    }

    /// The step begins, unless it has begun. The steps between it and the last
    /// one that is known have been made, too, and nothing happened in them.
    fn begin(&mut self, step: Step) {
        let before = self.at.replace(step);
        if before == Some(step) {
            return;
        }
        let mut at = before.map_or(step as usize, |it| it as usize + 1);
        loop {
            at %= Step::COUNT;
            match Step::ALL[at] {
                Step::RunReadyTasks => self.ran = Some(Counted::default()),
                Step::Register => self.watched = Some(Counted::default()),
                Step::CalculateTimeout => {}
                Step::Select => self.events = Some(Counted::default()),
                Step::ProcessEvents => self.woken = Some(Counted::default()),
            }
            if at == step as usize {
                return;
            }
            at += 1;
        }
    }

    /// The steps at this moment; `lost` is how many events were lost so far.
    pub(super) fn view(
        &mut self,
        turns: &TurnCount,
        held: &[ThreadAtGate],
        now: Duration,
        lost: u64,
    ) -> Vec<StepView> {
        if lost > self.lost {
            *self = Self { lost, ..Self::default() };
        }
        let before = held.iter().find_map(|it| match it.before {
            Before::Step(step) => Some((step, it.since)),
            _ => None,
        });
        let next = before.map(|(step, _)| step);
        let Some(current) = next.or(turns.now) else { return Vec::new() };
        let view = |step: Step| {
            let state = match step.cmp(&current) {
                _ if step == current && next.is_some() => StepState::Next,
                _ if step == current => StepState::Now,
                _ if step < current => StepState::Done,
                _ if turns.last[step as usize].0 == 0
                    && turns.now != Some(step) =>
                {
                    StepState::Never
                }
                _ => StepState::LastTurn,
            };
            // Held before another step, the one before has just ended.
            let until = before.map_or(now, |(_, since)| since.duration());
            let lasts = turns.now == Some(step);
            let time = if lasts {
                until.saturating_sub(turns.since.duration())
            } else {
                turns.last[step as usize].duration()
            };
            let results = self.results(step, state, current, turns);
            StepView { step, state, time, results }
        };
        Step::ALL.map(view).to_vec()
    }

    fn results(
        &self,
        step: Step,
        state: StepState,
        current: Step,
        turns: &TurnCount,
    ) -> Vec<String> {
        // The wait of the turn before ends in its last step.
        let at = self.at.filter(|at| {
            *at != Step::ProcessEvents || current == Step::ProcessEvents
        });
        let is_now = state == StepState::Now;
        // No event of the turn came from this step: it did nothing.
        let is_idle = state == StepState::Done && at < Some(step);
        match step {
            _ if matches!(state, StepState::Never | StepState::Next) => {
                Vec::new()
            }
            Step::CalculateTimeout if !is_now => timeout(turns),
            Step::Select if is_now && at == Some(step) => vec!["asleep".into()],
            _ if is_now && (at != Some(step) || step == Step::Select) => {
                Vec::new()
            }
            Step::RunReadyTasks => {
                words(self.ran.as_ref(), is_idle, "no task", |n| {
                    format!("{} ran", show_count(n))
                })
            }
            Step::Register => {
                let watched = self.watched.as_ref();
                words(watched, is_idle, "no change", |n| {
                    format!("{} watched", show_count(n))
                })
            }
            Step::CalculateTimeout => Vec::new(),
            Step::Select => {
                words(self.events.as_ref(), is_idle, "no event", |n| {
                    plural(n, "event")
                })
            }
            Step::ProcessEvents => {
                words(self.woken.as_ref(), is_idle, "none", |n| {
                    format!("{} ready", show_count(n))
                })
            }
        }
    }
}

/// How long the selector may sleep.
fn timeout(turns: &TurnCount) -> Vec<String> {
    let texts = match turns.timeout.map(Nanos::duration) {
        None => ["until an event".into(), "no limit".into()],
        Some(Duration::ZERO) => ["0: a task is ready".into(), "0".into()],
        Some(time) => {
            let time = show_elapsed(time);
            [format!("at most {time}"), time]
        }
    };
    texts.to_vec()
}

/// How many things and which, then only which, then only how many.
fn words<T: Display>(
    list: Option<&Counted<T>>,
    is_idle: bool,
    none: &str,
    count: fn(u64) -> String,
) -> Vec<String> {
    match list {
        None => Vec::new(),
        Some(list) if is_idle || list.count == 0 => vec![none.into()],
        Some(list) => {
            let short = count(list.count);
            vec![format!("{short}: {list}"), list.to_string(), short]
        }
    }
}

fn push<T>(list: &mut Option<Counted<T>>, it: T) {
    if let Some(list) = list {
        list.push(it);
    }
}
