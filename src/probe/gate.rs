//! Pause, single step and slow motion: the only probe that may wait.

mod held;
mod judge;

pub use held::{Before, Held, held_here};

use super::event::{Call, Exit, Kind, Note};
use super::source::ThreadId;
use super::task::TaskNow;
use super::{SharedProbe, Speed};
use judge::{Step, Verdict};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Holds the studied threads before their next call; one that runs an event
/// loop, also before each step of a turn and before each task that it runs.
///
/// It stands first in a tuple of probes, `(Arc<Gate>, (Arc<Tally>,
/// Arc<Tap>))`: a held thread has not made its call yet, the probes behind
/// are told when it passes, and no waiting here counts as time in a call, a
/// step or a task ([`held_here`]). Where it is held tells
/// [`held`](Self::held). At full speed the gate costs one relaxed load a call,
/// a step and a run of a task.
///
/// A call that is asleep in the kernel already cannot be held: its thread
/// is held at its next call. Clocks are not: clients, time-outs and the
/// run's duration go on while the server's threads are held.
#[derive(Default)]
pub struct Gate {
    /// Whether a call has to look at the state at all.
    shut: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    paused: bool,
    over: bool,
    speed: Speed,
    /// What may pass although it is paused.
    step: Option<Step>,
    /// Who waits, the longest first: one entry a thread.
    waiting: VecDeque<(Ticket, Held)>,
    next: Ticket,
    /// How long each thread has waited here, before it last passed.
    waited: HashMap<ThreadId, Duration>,
    /// How long it was paused, before it last was not.
    paused_for: Duration,
    paused_at: Option<Instant>,
    was_slow: bool,
}

type Ticket = u64;

impl Gate {
    /// An open gate that slows every thread down to this speed.
    #[must_use]
    pub fn new(speed: Speed) -> Self {
        let gate = Self::default();
        gate.set_speed(speed);
        gate
    }

    /// Every thread is held at its next call.
    pub fn pause(&self) {
        self.change(|state| {
            (state.paused, state.step) = (true, None);
            if !state.over {
                state.paused_at.get_or_insert_with(Instant::now);
            }
        });
    }

    /// Nobody is held any more, slow motion aside.
    pub fn resume(&self) {
        self.change(|state| {
            (state.paused, state.step) = (false, None);
            state.end_pause();
        });
    }

    /// Whether it is paused; so it is while a step is made.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        let state = self.lock();
        state.paused && !state.over
    }

    /// Lets exactly one call pass, and returns at once: the one of the
    /// thread that has waited longest, or else the next one to come, and what
    /// an event loop has to do before it. Tells whether it does: not if it is
    /// not paused, or if an earlier step is still owed because nobody has
    /// come to take it.
    pub fn step_call(&self) -> bool {
        self.step(|_| Step::Call)
    }

    /// Lets one turn of the loop pass, and returns at once: every call until
    /// the next hit of the loop's first call would be made. In mid-turn that
    /// is the rest of the turn. Tells whether it does, as
    /// [`step_call`](Self::step_call).
    pub fn step_iteration(&self, loop_call: Kind) -> bool {
        self.step(|state| {
            let is_before = state.holds(|it| it.is_call(loop_call));
            Step::Turn { loop_call, is_before }
        })
    }

    /// Lets one step of the event loop's turn pass, and returns at once:
    /// everything until the next one would begin. In the middle of a step
    /// that is the rest of it. Tells whether it does, as
    /// [`step_call`](Self::step_call).
    pub fn step_loop(&self) -> bool {
        self.step(|state| {
            let is_before = state.holds(Before::is_step);
            Step::Part { is_before }
        })
    }

    /// Lets the event loop run one task, and returns at once: everything
    /// until it has run and the loop would do something else. In the middle
    /// of a task that is the rest of its run. Tells whether it does, as
    /// [`step_call`](Self::step_call).
    pub fn step_task(&self) -> bool {
        self.step(|state| {
            let is_in_task = state.holds(Before::is_in_task);
            Step::Task { is_in_task }
        })
    }

    /// Whether a step is under way or waits for a thread to take it.
    #[must_use]
    pub fn owes_step(&self) -> bool {
        self.lock().step.is_some()
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
    #[must_use]
    pub fn speed(&self) -> Speed {
        self.lock().speed
    }

    /// The run ends: nobody is held any more, whatever is asked for later.
    pub fn open_for_good(&self) {
        self.change(|state| {
            state.over = true;
            state.end_pause();
        });
    }

    /// How many threads wait here right now.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// The threads that wait here right now, for a step or for their time in
    /// slow motion; the one that has waited longest first.
    #[must_use]
    pub fn held(&self) -> Vec<Held> {
        self.lock().waiting.iter().map(|(_, held)| *held).collect()
    }

    /// How long each thread has waited here so far, those that wait right
    /// now up to this moment; a thread that never did is not named.
    #[must_use]
    pub fn waited(&self) -> HashMap<ThreadId, Duration> {
        let state = self.lock();
        let mut waited = state.waited.clone();
        for (_, held) in &state.waiting {
            let sum = waited.entry(held.thread).or_default();
            *sum = sum.saturating_add(held.since.elapsed());
        }
        waited
    }

    /// For how long it was paused so far, until it was opened for good.
    #[must_use]
    pub fn paused_for(&self) -> Duration {
        let state = self.lock();
        let now = state.paused_at.map(|at| at.elapsed());
        state.paused_for.saturating_add(now.unwrap_or_default())
    }

    /// Whether there ever was slow motion.
    #[must_use]
    pub fn was_slow(&self) -> bool {
        self.lock().was_slow
    }

    fn step(&self, step: impl FnOnce(&State) -> Step) -> bool {
        let mut granted = false;
        self.change(|state| {
            granted = state.paused && !state.over && state.step.is_none();
            if granted {
                state.step = Some(step(state));
            }
        });
        granted
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        self.shut.store(state.is_shut(), Relaxed);
        drop(state);
        self.changed.notify_all();
    }

    /// The state, also after a panic elsewhere: it is always whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn wait(&self, before: Before) {
        let mut state = self.lock();
        let (ticket, held) = state.take_ticket(before);
        loop {
            state = match state.judge(ticket, &held) {
                Verdict::Pass => break,
                Verdict::Wait => whole(self.changed.wait(state)),
                Verdict::WaitFor(time) => {
                    whole(self.changed.wait_timeout(state, time)).0
                }
            };
        }
        state.waiting.retain(|(other, _)| *other != ticket);
        let time = held.since.elapsed();
        let waited = state.waited.entry(held.thread).or_default();
        *waited = waited.saturating_add(time);
        drop(state);
        held::was_held(time);
    }
}

fn whole<T>(result: Result<T, PoisonError<T>>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn is_shut(&self) -> bool {
        !self.over && (self.paused || self.speed != Speed::FULL)
    }

    fn end_pause(&mut self) {
        let paused = self.paused_at.take().map(|at| at.elapsed());
        self.paused_for =
            self.paused_for.saturating_add(paused.unwrap_or_default());
    }

    /// Whether a thread waits to do such a thing.
    fn holds(&self, such: impl Fn(Before) -> bool) -> bool {
        self.waiting.iter().any(|(_, held)| such(held.before))
    }

    fn take_ticket(&mut self, before: Before) -> (Ticket, Held) {
        let (thread, since) = (ThreadId::current(), Instant::now());
        let held = Held { thread, before, since, earlier: held_here() };
        let ticket = self.next;
        self.next += 1;
        self.waiting.push_back((ticket, held));
        (ticket, held)
    }
}

impl SharedProbe for Gate {
    type Mark = ();

    #[inline]
    fn enter(&self, call: &Call) {
        if self.shut.load(Relaxed) {
            let Call { kind, socket, location, .. } = *call;
            self.wait(Before::Call { kind, socket, site: location.into() });
        }
    }

    fn exit(&self, _: &Call, (): (), _: Exit) {}

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
