//! Pause, single step and slow motion: the only probe that may wait.

use super::clock::Clock;
use super::event::{Call, Exit, Kind, Note, Outcome, SocketId};
use super::source::{Site, ThreadId};
use super::task::{Step, TaskId, TaskNow};
use super::{SharedProbe, Speed};
use crate::units::Nanos;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How far the clock is advanced after a call that found nothing to do, so
/// that the world goes on while a busy loop is stepped.
const FOUND_NOTHING: Duration = Duration::from_millis(10);

/// A selector's wait that took less than this has not slept.
const AT_ONCE: Duration = Duration::from_millis(1);

/// Holds the studied threads before their next call; one that runs an event
/// loop, also before each step of a turn and before each task that it runs.
///
/// It stands first in a tuple of probes, `(Arc<Gate>, (Arc<Tally>,
/// Arc<Tap>))`: a held thread has not made its call yet, and the probes
/// behind it see the call when it passes. At full speed the gate costs one
/// relaxed load a call, a step and a run of a task.
///
/// A call that is asleep in the kernel already cannot be held: its thread
/// is held at its next call.
///
/// The gate drives the program's [`clock`](Self::clock). It stands while any
/// thread waits here, and while the program is paused unless a step lasts:
/// from the grant until a thread waits here again. A call that was let
/// through and neither slept nor moved anything (it would have blocked, or a
/// wait returned at once) advances it by 10 ms.
pub struct Gate {
    /// Whether a call has to look at the state at all.
    shut: AtomicBool,
    state: Mutex<GateState>,
    changed: Condvar,
    clock: Clock,
}

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that the others do not decide"
)]
struct GateState {
    paused: bool,
    over: bool,
    speed: Speed,
    /// What may pass although it is paused.
    grant: Option<Grant>,
    /// A step that was granted has been taken, and no thread has come back.
    step_lasts: bool,
    /// A call that was let through has found nothing to do. The clock is
    /// advanced when the next thread comes: by then the probes behind have
    /// noted when the call ended.
    found_nothing: bool,
    /// The threads that wait, the longest first: one entry a thread.
    waiting: VecDeque<QueuedThread>,
    next: Ticket,
    /// How long it was paused, before it last was not.
    paused_for: Duration,
    paused_at: Option<Instant>,
    was_slow: bool,
}

type Ticket = u64;

struct QueuedThread {
    ticket: Ticket,
    held: ThreadAtGate,
}

/// A thread that waits at the gate, and what it is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadAtGate<S = Site> {
    /// Which thread.
    pub thread: ThreadId,
    /// What it will do when it passes.
    pub before: Before<S>,
    /// When it came here, by the program's clock.
    pub since: Nanos,
}

/// What a thread is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before<S = Site> {
    /// To make a call.
    Call {
        /// Which call.
        kind: Kind,
        /// On which socket.
        socket: SocketId,
        /// The line that makes it.
        site: S,
    },
    /// To begin a step of the event loop's turn.
    Step(Step),
    /// To run a task of the event loop.
    Task(TaskId),
}

/// What was granted to the threads of a program that is paused.
#[derive(Clone, Copy)]
enum Grant {
    /// One call, of the thread that has waited longest or comes first.
    Call,
    /// Every call, until the loop's first call is about to be made (again,
    /// if a thread waits to make it).
    Turn { loop_call: Kind, is_before: bool },
    /// Everything, until the next step of the event loop's turn would begin;
    /// that one, too, if a thread waits to begin it.
    Part { is_before: bool },
    /// Everything, until a task has run and the next task or step would
    /// begin; in the middle of a task, the rest of it.
    Task { is_in_task: bool },
}

/// What a thread at the gate is to do.
enum Verdict {
    Pass,
    Wait,
    WaitFor(Duration),
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            shut: AtomicBool::new(false),
            state: Mutex::default(),
            changed: Condvar::new(),
            clock: Clock::steered(),
        }
    }
}

impl Gate {
    /// An open gate that slows every thread down to this speed.
    pub fn new(speed: Speed) -> Self {
        let gate = Self::default();
        gate.set_speed(speed);
        gate
    }

    /// The program's clock, which this gate drives.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Every thread is held at its next call. A step that lasts ends.
    pub fn pause(&self) {
        self.change(|state| {
            (state.paused, state.grant) = (true, None);
            state.step_lasts = false;
            if !state.over {
                state.paused_at.get_or_insert_with(Instant::now);
            }
        });
    }

    /// No thread is held any more, slow motion aside.
    pub fn resume(&self) {
        self.change(|state| {
            (state.paused, state.grant) = (false, None);
            state.step_lasts = false;
            state.end_pause();
        });
    }

    /// Whether it is paused; so it is while a step is made.
    pub fn is_paused(&self) -> bool {
        let state = self.lock();
        state.paused && !state.over
    }

    /// Lets exactly one call pass, and returns at once: the one of the
    /// thread that has waited longest, or else the next one to come, and what
    /// an event loop has to do before it. Returns whether it does: not if it
    /// is not paused, or if no thread has come yet to take an earlier step.
    pub fn step_call(&self) -> bool {
        self.grant(|_| Grant::Call)
    }

    /// Lets one turn of the loop pass, and returns at once: every call until
    /// the next hit of the loop's first call would be made. In mid-turn that
    /// is the rest of the turn. Returns whether it does, as
    /// [`step_call`](Self::step_call).
    pub fn step_iteration(&self, loop_call: Kind) -> bool {
        self.grant(|state| {
            let is_before = state.holds(|it| it.is_call(loop_call));
            Grant::Turn { loop_call, is_before }
        })
    }

    /// Lets one step of the event loop's turn pass, and returns at once:
    /// everything until the next one would begin. In the middle of a step
    /// that is the rest of it. Returns whether it does, as
    /// [`step_call`](Self::step_call).
    pub fn step_loop(&self) -> bool {
        self.grant(|state| {
            let is_before = state.holds(Before::is_step);
            Grant::Part { is_before }
        })
    }

    /// Lets the event loop run one task, and returns at once: everything
    /// until it has run and the loop would do something else. In the middle
    /// of a task that is the rest of its run. Returns whether it does, as
    /// [`step_call`](Self::step_call).
    pub fn step_task(&self) -> bool {
        self.grant(|state| {
            let is_in_task = state.holds(Before::is_in_task);
            Grant::Task { is_in_task }
        })
    }

    /// Whether a step is under way or waits for a thread to take it.
    pub fn owes_step(&self) -> bool {
        self.lock().grant.is_some()
    }

    /// Whether a step lasts: from its grant until a thread waits here again,
    /// however long it sleeps in the kernel meanwhile.
    pub fn step_lasts(&self) -> bool {
        self.lock().step_lasts()
    }

    /// Has each thread wait before each call as the speed says.
    pub fn set_speed(&self, speed: Speed) {
        self.change(|state| {
            state.speed = speed;
            state.was_slow |= speed != Speed::FULL;
        });
    }

    /// The same by the time that each thread waits; `None`: full speed.
    pub fn set_delay(&self, delay: Option<Duration>) {
        self.set_speed(Speed::of_delay(delay));
    }

    /// The speed that was set.
    pub fn speed(&self) -> Speed {
        self.lock().speed
    }

    /// The run ends: no thread is held any more, and later calls change
    /// nothing.
    pub fn open_for_good(&self) {
        self.change(|state| {
            state.over = true;
            state.end_pause();
        });
    }

    /// How many threads wait here right now.
    pub fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// The threads that wait here right now, for a step or for their time in
    /// slow motion; the one that has waited longest first.
    pub fn held(&self) -> Vec<ThreadAtGate> {
        self.lock().waiting.iter().map(|waiting| waiting.held).collect()
    }

    /// For how long it was paused altogether, by the system's clock. A pause
    /// ends at [`open_for_good`](Self::open_for_good) at the latest.
    pub fn paused_for(&self) -> Duration {
        let state = self.lock();
        let now = state.paused_at.map(|at| at.elapsed());
        state.paused_for.saturating_add(now.unwrap_or_default())
    }

    /// Whether there ever was slow motion.
    pub fn was_slow(&self) -> bool {
        self.lock().was_slow
    }

    fn grant(&self, grant: impl FnOnce(&GateState) -> Grant) -> bool {
        let mut granted = false;
        self.change(|state| {
            granted = state.paused && !state.over && state.grant.is_none();
            if granted {
                state.grant = Some(grant(state));
            }
        });
        granted
    }

    fn change(&self, change: impl FnOnce(&mut GateState)) {
        let mut state = self.lock();
        change(&mut state);
        let is_shut = state.is_shut();
        state.found_nothing &= is_shut;
        self.shut.store(is_shut, Relaxed);
        self.clock.stand(state.stops_clock());
        drop(state);
        self.changed.notify_all();
    }

    /// The state, also after a panic elsewhere: it is always whole.
    fn lock(&self) -> MutexGuard<'_, GateState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn wait(&self, before: Before) {
        let mut state = self.lock();
        if std::mem::take(&mut state.found_nothing) {
            self.clock.advance(FOUND_NOTHING);
        }
        let since = self.clock.elapsed().into();
        let thread = ThreadId::current();
        let held = ThreadAtGate { thread, before, since };
        let (ticket, arrived) = (state.take_ticket(held), Instant::now());
        loop {
            let verdict = state.judge(ticket, before, arrived);
            if matches!(verdict, Verdict::Pass) {
                break;
            }
            self.clock.stand(state.stops_clock());
            state = match verdict {
                Verdict::WaitFor(time) => {
                    whole(self.changed.wait_timeout(state, time)).0
                }
                _ => whole(self.changed.wait(state)),
            };
        }
        state.waiting.retain(|waiting| waiting.ticket != ticket);
        self.clock.stand(state.stops_clock());
    }
}

fn whole<T>(result: Result<T, PoisonError<T>>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}

impl SharedProbe for Gate {
    /// When a call was let through; `None` if the gate was open.
    type Mark = Option<Instant>;
    const HAS_CLOCK: bool = true;

    fn now(&self) -> Instant {
        self.clock.now()
    }

    #[inline]
    fn enter(&self, call: &Call) -> Option<Instant> {
        self.shut.load(Relaxed).then(|| {
            let Call { kind, socket, location, .. } = *call;
            self.wait(Before::Call { kind, socket, site: location.into() });
            self.clock.now()
        })
    }

    #[inline]
    fn exit(&self, call: &Call, passed: Option<Instant>, exit: Exit) {
        if let Some(passed) = passed {
            let took = self.clock.now().saturating_duration_since(passed);
            if found_nothing(call, exit.outcome, took) {
                let mut state = self.lock();
                state.found_nothing = state.is_shut();
            }
        }
    }

    #[inline]
    fn note(&self, note: &Note) {
        let before = match *note {
            Note::Step(step) => Before::Step(step),
            Note::Task { task, now: TaskNow::Running } => Before::Task(task),
            _ => return,
        };
        if self.shut.load(Relaxed) {
            self.wait(before);
        }
    }
}

/// Whether a call neither slept nor moved anything.
fn found_nothing(call: &Call, outcome: Outcome, took: Duration) -> bool {
    match outcome {
        Outcome::WouldBlock => true,
        Outcome::Paused => !call.may_sleep,
        Outcome::Ready(_) => took < AT_ONCE,
        _ => false,
    }
}

impl GateState {
    fn is_shut(&self) -> bool {
        !self.over && (self.paused || self.speed != Speed::FULL)
    }

    fn step_lasts(&self) -> bool {
        self.grant.is_some() || self.step_lasts
    }

    fn stops_clock(&self) -> bool {
        let is_paused = self.paused && !self.step_lasts();
        !self.over && (!self.waiting.is_empty() || is_paused)
    }

    fn end_pause(&mut self) {
        let paused = self.paused_at.take().map(|at| at.elapsed());
        self.paused_for =
            self.paused_for.saturating_add(paused.unwrap_or_default());
    }

    /// Whether a thread waits to do such a thing.
    fn holds(&self, such: impl Fn(Before) -> bool) -> bool {
        self.waiting.iter().any(|waiting| such(waiting.held.before))
    }

    fn take_ticket(&mut self, held: ThreadAtGate) -> Ticket {
        let ticket = self.next;
        self.next += 1;
        self.waiting.push_back(QueuedThread { ticket, held });
        ticket
    }

    /// What the thread is to do; if it passes, its step is taken.
    fn judge(
        &mut self,
        ticket: Ticket,
        before: Before,
        arrived: Instant,
    ) -> Verdict {
        if self.over {
            return Verdict::Pass;
        }
        let slow = self.slow(arrived);
        let verdict = match self.grant.filter(|_| self.paused) {
            None if self.paused => Verdict::Wait,
            None => slow,
            Some(Grant::Call) => self.judge_call(ticket, before, slow),
            Some(Grant::Turn { loop_call, is_before }) => {
                let is_loop_call = before.is_call(loop_call);
                let next = Grant::Turn { loop_call, is_before: false };
                self.judge_until(is_loop_call, is_before, next, slow)
            }
            Some(Grant::Part { is_before }) => {
                let next = Grant::Part { is_before: false };
                self.judge_until(before.is_step(), is_before, next, slow)
            }
            Some(Grant::Task { is_in_task }) => {
                let runs = matches!(before, Before::Task(_));
                let is_end = runs || is_in_task && before.is_step();
                let next = Grant::Task { is_in_task: true };
                self.judge_until(is_end, !is_in_task, next, slow)
            }
        };
        if matches!(verdict, Verdict::Wait) {
            self.step_lasts = false;
        }
        verdict
    }

    fn judge_call(
        &mut self,
        ticket: Ticket,
        before: Before,
        slow: Verdict,
    ) -> Verdict {
        if !matches!(before, Before::Call { .. }) {
            return slow;
        }
        let first = self.waiting.front().map(|waiting| waiting.ticket);
        if first != Some(ticket) {
            return Verdict::Wait;
        }
        (self.grant, self.step_lasts) = (None, true);
        Verdict::Pass
    }

    /// Everything passes until `is_end`, or until the second time if a thread
    /// waited there when the step was granted (`is_before`); what is then
    /// left of the step is `next`.
    fn judge_until(
        &mut self,
        is_end: bool,
        is_before: bool,
        next: Grant,
        slow: Verdict,
    ) -> Verdict {
        if is_end && !is_before {
            self.grant = None;
            return Verdict::Wait;
        }
        if is_end && matches!(slow, Verdict::Pass) {
            self.grant = Some(next);
        }
        slow
    }

    /// What slow motion alone has a thread do.
    fn slow(&self, arrived: Instant) -> Verdict {
        let delay = self.speed.delay().unwrap_or_default();
        match delay.checked_sub(arrived.elapsed()) {
            None | Some(Duration::ZERO) => Verdict::Pass,
            Some(rest) => Verdict::WaitFor(rest),
        }
    }
}

impl<S> Before<S> {
    /// The same with its call site replaced.
    pub fn map<T>(self, site: impl FnOnce(S) -> T) -> Before<T> {
        match self {
            Self::Call { kind, socket, site: line } => {
                Before::Call { kind, socket, site: site(line) }
            }
            Self::Step(step) => Before::Step(step),
            Self::Task(task) => Before::Task(task),
        }
    }
}

impl Before {
    const fn is_call(self, of: Kind) -> bool {
        matches!(self, Self::Call { kind, .. } if kind as u8 == of as u8)
    }

    /// What a task does: not the loop's own calls.
    const fn is_in_task(self) -> bool {
        matches!(self, Self::Call { kind, .. }
            if !matches!(kind, Kind::Wait | Kind::Watch))
    }

    const fn is_step(self) -> bool {
        matches!(self, Self::Step(_))
    }
}

/// `the call`, `step select`, `t2 runs`: after the word "before".
impl fmt::Display for Before {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { kind: Kind::Wait, .. } => f.write_str("the wait"),
            Self::Call { kind, socket, .. } => {
                write!(f, "{} of {socket}", kind.name())
            }
            Self::Step(step) => write!(f, "step {}", step.name()),
            Self::Task(task) => write!(f, "{task} runs"),
        }
    }
}
