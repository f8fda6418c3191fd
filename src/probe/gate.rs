//! Pause, single step and slow motion: the only probe that may wait.

use super::Probe;
use super::clock::{Clock, Moment};
use super::event::{
    Call, Exit, Kind, Note, Outcome, SocketId, Step, TaskId, TaskNow,
};
use super::source::{Site, ThreadId};
use crate::system::lock;
use crate::system::stops::UnstoppedTime;
use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How far the clock is advanced after a call that found nothing to do, so
/// that time passes while a busy loop is stepped.
const FOUND_NOTHING: Duration = Duration::from_millis(10);

/// A selector's wait that took less than this did not sleep.
const AT_ONCE: Duration = Duration::from_millis(1);

/// Holds the studied threads before their next call; a thread that runs an
/// event loop, also before each step of a turn and before each run of a task.
///
/// It comes first in a tuple of probes, `(Arc<Gate>, (Arc<Tally>, Arc<Tap>))`:
/// a held thread has not made its call yet, and the probes behind the gate see
/// the call when it passes. At full speed the gate costs one relaxed load per
/// call, per step and per run of a task.
///
/// A call that is already asleep in the kernel cannot be held: its thread is
/// held at its next call.
///
/// The gate drives the program's [`clock`](Self::clock). The clock stands while
/// any thread waits here, and while the program is paused, except during a
/// step: from the grant until a thread waits here again. A call that was let
/// through and neither slept nor transferred anything (it would have blocked,
/// or a wait returned at once) advances it by 10 ms if the program is idle: the
/// same call found nothing before, and nothing was transferred since. A program
/// that has work to do takes no more time in steps than it takes at full speed.
pub struct Gate {
    /// Whether a call has to lock the state at all.
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
    /// The step that may be made although the program is paused.
    grant: Option<Grant>,
    /// A granted step was taken, and no thread has come back since.
    step_lasts: bool,
    /// A call that was let through found nothing to do. The clock is advanced
    /// when the next thread arrives: by then the probes behind the gate have
    /// noted when the call ended.
    found_nothing: bool,
    /// The first call that found nothing after the last one that found
    /// something.
    first_in_vain: Option<(Kind, SocketId)>,
    /// Whether that call has found nothing again, with nothing found in
    /// between.
    is_idle: bool,
    /// The threads that wait, longest first: at most one entry per thread.
    waiting: VecDeque<ThreadAtGate>,
    /// The total length of the pauses that are over.
    paused_for: Duration,
    paused_at: Option<UnstoppedTime>,
    was_slow: bool,
}

/// A thread that waits at the gate, and what it will do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct ThreadAtGate {
    /// The thread that waits.
    pub thread: ThreadId,
    /// What it will do when it passes.
    pub before: Before,
    /// When it arrived, by the program's clock.
    #[serde(rename = "since_ns")]
    pub since: Nanos,
}

/// What a thread will do when it passes the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// Make a call.
    Call {
        /// The operation, such as `accept`.
        kind: Kind,
        /// The socket concerned; the listener (0) for a selector's wait.
        socket: SocketId,
        /// The line that makes the call.
        #[schemars(with = "String")]
        site: Site,
    },
    /// Begin a step of the event loop's turn.
    Step(Step),
    /// Run a task of the event loop.
    Task(TaskId),
}

/// How far a step goes that the user asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stride {
    /// In a recording, to the next event of any kind; at the gate, a call.
    Event,
    /// To the next moment at which a call that may sleep has begun, or any call
    /// has returned. Calls in a row that would have blocked count as one. At
    /// the gate: one call, of the thread that has waited longest or arrives
    /// first, and what an event loop has to do before it.
    Call,
    /// To the next moment at which the first call of the mode's loop has
    /// returned, or, at the gate, is about to be made.
    Iteration,
    /// To the next step of the event loop's turn, in `tasks`.
    LoopStep,
    /// To the next moment at which a task begins to run, in `tasks`; in the
    /// middle of a run, also to the next step of the turn.
    Task,
}

/// A step that was granted to the threads of a paused program.
#[derive(Clone, Copy)]
struct Grant {
    stride: Stride,
    loop_call: Kind,
    /// A thread already waited before the end of such a step at the grant:
    /// the step ends when a thread arrives there for the second time.
    is_before: bool,
}

impl Grant {
    fn is_one_call(self) -> bool {
        matches!(self.stride, Stride::Event | Stride::Call)
    }

    fn ends(self, before: Before) -> bool {
        match self.stride {
            Stride::Event | Stride::Call => false,
            Stride::Iteration => before.is_call(self.loop_call),
            Stride::LoopStep => before.is_step(),
            Stride::Task => {
                let runs = matches!(before, Before::Task(_));
                runs || !self.is_before && before.is_step()
            }
        }
    }
}

/// The duration of a wait that only a change ends.
const UNTIL_CHANGED: Duration = Duration::MAX;

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

    /// Holds every thread at its next call. A step that lasts ends.
    pub fn pause(&self) {
        self.change(|state| {
            (state.paused, state.grant) = (true, None);
            state.step_lasts = false;
            if !state.over {
                state.paused_at.get_or_insert_with(UnstoppedTime::new);
            }
        });
    }

    /// Releases every thread; slow motion still delays it.
    pub fn resume(&self) {
        self.change(|state| {
            (state.paused, state.grant) = (false, None);
            state.step_lasts = false;
            state.end_pause();
        });
    }

    /// Whether the program is paused; it also is while a step is made.
    pub fn is_paused(&self) -> bool {
        let state = self.lock();
        state.paused && !state.over
    }

    /// Lets one step pass, and returns at once. If begun in the middle of an
    /// iteration, a loop's step or a task's run, the step is the rest of it.
    /// Returns false, without effect, if the program is not paused or an
    /// earlier step is still [owed](Self::owes_step).
    pub fn step(&self, stride: Stride, loop_call: Kind) -> bool {
        let mut granted = false;
        self.change(|state| {
            granted = state.paused && !state.over && state.grant.is_none();
            if granted {
                let mut held = state.waiting.iter().map(|it| it.before);
                let is_before = match stride {
                    Stride::Event | Stride::Call => false,
                    Stride::Iteration => held.any(|it| it.is_call(loop_call)),
                    Stride::LoopStep => held.any(Before::is_step),
                    Stride::Task => !held.any(Before::is_in_task),
                };
                state.grant = Some(Grant { stride, loop_call, is_before });
            }
        });
        granted
    }

    /// Whether a step is under way, or waits for a thread to take it.
    pub fn owes_step(&self) -> bool {
        self.lock().grant.is_some()
    }

    /// Whether a step lasts: from its grant until a thread waits here again,
    /// however long the step sleeps in the kernel meanwhile.
    pub fn step_lasts(&self) -> bool {
        self.lock().step_lasts()
    }

    /// Makes each thread wait before each call for the delay of this speed.
    pub fn set_speed(&self, speed: Speed) {
        self.change(|state| {
            state.speed = speed;
            state.was_slow |= speed != Speed::FULL;
        });
    }

    /// The speed that was set last.
    pub fn speed(&self) -> Speed {
        self.lock().speed
    }

    /// Ends the run: no thread is held any more, and later calls have no
    /// effect.
    pub fn open_for_good(&self) {
        self.change(|state| {
            state.over = true;
            state.end_pause();
        });
    }

    /// The threads that wait here now, for a step or for the delay of slow
    /// motion; the one that has waited longest comes first.
    pub fn held(&self) -> Vec<ThreadAtGate> {
        self.lock().waiting.iter().copied().collect()
    }

    /// The total length of all pauses so far, by the system's clock and without
    /// stops of the process. A pause
    /// ends at [`open_for_good`](Self::open_for_good) at the latest.
    pub fn paused_for(&self) -> Duration {
        let state = self.lock();
        let now = state.paused_at.map(|at| at.elapsed());
        state.paused_for + now.unwrap_or_default()
    }

    /// Whether a speed below full speed was ever set.
    pub fn was_slow(&self) -> bool {
        self.lock().was_slow
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

    fn lock(&self) -> MutexGuard<'_, GateState> {
        lock(&self.state)
    }

    /// Waits if the thread is held. What it is held before happens at the
    /// moment of its arrival: by the program's clock, the wait takes no time.
    #[cold]
    fn wait(&self, before: Before, moment: &Moment) {
        let mut state = self.lock();
        if std::mem::take(&mut state.found_nothing) {
            self.clock.advance(FOUND_NOTHING);
        }
        let since = moment.by(&self.clock);
        let (thread, arrived) = (ThreadId::current(), Instant::now());
        let held = ThreadAtGate { thread, before, since };
        state.waiting.push_back(held);
        loop {
            let time = state.judge(held, arrived);
            if time.is_zero() {
                break;
            }
            // Not earlier: a thread that passes at once must not stop the
            // clock, which would wake the clients when it runs on.
            self.clock.stand(state.stops_clock());
            let waited = self.changed.wait_timeout(state, time);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.waiting.retain(|it| it.thread != thread);
        self.clock.stand(state.stops_clock());
    }
}

impl Probe for Arc<Gate> {
    /// When the call was let through; `None` if the gate was open.
    type Mark = Option<Instant>;
    const HAS_CLOCK: bool = true;

    fn now(&self) -> Instant {
        self.clock.now()
    }

    #[inline]
    fn enter(&self, call: &Call) -> Option<Instant> {
        self.shut.load(Relaxed).then(|| {
            let Call { kind, socket, location, .. } = *call;
            let site = location.into();
            let before = Before::Call { kind, socket, site };
            self.wait(before, &Moment::default());
            self.clock.now()
        })
    }

    #[inline]
    fn exit(&self, call: &Call, passed: Option<Instant>, exit: Exit) {
        if let Some(passed) = passed {
            let took = self.clock.now().saturating_duration_since(passed);
            if let Some(found) = found_anything(call, exit.outcome, took) {
                self.lock().returned(call, found);
            }
        }
    }

    #[inline]
    fn note_at(&self, note: &Note, moment: &Moment) {
        let before = match *note {
            Note::Step(step) => Before::Step(step),
            Note::Task { task, now: TaskNow::Running } => Before::Task(task),
            _ => return,
        };
        if self.shut.load(Relaxed) {
            self.wait(before, moment);
        }
    }
}

/// Whether a call slept or transferred anything; `None` for calls that say
/// nothing about whether the program has work.
fn found_anything(
    call: &Call,
    outcome: Outcome,
    took: Duration,
) -> Option<bool> {
    match outcome {
        Outcome::WouldBlock => Some(false),
        Outcome::Paused => Some(call.may_sleep),
        Outcome::Ready(_) => Some(took >= AT_ONCE),
        Outcome::Bytes(_) | Outcome::EndOfFile | Outcome::Accepted(_) => {
            Some(true)
        }
        Outcome::Done | Outcome::Closed | Outcome::Failed(_) => None,
    }
}

impl GateState {
    fn is_shut(&self) -> bool {
        !self.over && (self.paused || self.speed != Speed::FULL)
    }

    /// Takes whether a call that was let through found anything.
    fn returned(&mut self, call: &Call, found: bool) {
        if found {
            (self.first_in_vain, self.is_idle) = (None, false);
            return;
        }
        let call = (call.kind, call.socket);
        self.is_idle |= self.first_in_vain == Some(call);
        self.first_in_vain.get_or_insert(call);
        self.found_nothing = self.is_idle && self.is_shut();
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
        self.paused_for += paused.unwrap_or_default();
    }

    /// How long the thread has to wait unless something changes. If the time
    /// is zero, the thread passes and takes the step that was granted.
    fn judge(&mut self, held: ThreadAtGate, arrived: Instant) -> Duration {
        if self.over {
            return Duration::ZERO;
        }
        let slow = self.speed.delay.saturating_sub(arrived.elapsed());
        let before = held.before;
        let is_first = self.waiting.front() == Some(&held);
        let is_call = matches!(before, Before::Call { .. });
        let time = match self.grant.filter(|_| self.paused) {
            None if self.paused => UNTIL_CHANGED,
            None => slow,
            Some(grant) if grant.is_one_call() && !is_call => slow,
            Some(grant) if grant.is_one_call() && is_first => {
                (self.grant, self.step_lasts) = (None, true);
                Duration::ZERO
            }
            Some(grant) if grant.is_one_call() => UNTIL_CHANGED,
            Some(grant) if grant.ends(before) && !grant.is_before => {
                self.grant = None;
                UNTIL_CHANGED
            }
            Some(grant) => {
                if grant.ends(before) && slow.is_zero() {
                    self.grant = Some(Grant { is_before: false, ..grant });
                }
                slow
            }
        };
        self.step_lasts &= time != UNTIL_CHANGED;
        time
    }
}

impl Before {
    /// The line of the call; `None` if this is not a call.
    pub const fn site_mut(&mut self) -> Option<&mut Site> {
        if let Self::Call { site, .. } = self { Some(site) } else { None }
    }

    const fn is_call(self, of: Kind) -> bool {
        matches!(self, Self::Call { kind, .. } if kind as u8 == of as u8)
    }

    /// Whether it is a task's own call, not one of the loop.
    const fn is_in_task(self) -> bool {
        matches!(self, Self::Call { kind, .. }
            if !matches!(kind, Kind::Wait | Kind::Watch))
    }

    const fn is_step(self) -> bool {
        matches!(self, Self::Step(_))
    }
}

/// `read of #1`, `step select`, `t2 runs`: follows the word "before".
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

/// How fast each thread may make calls: at full speed, or slowed down by a
/// delay before each of them (in an event loop also before each step of a turn
/// and each run of a task).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Serialize, Deserialize)]
pub struct Speed {
    /// How long each thread waits before each call; zero at full speed.
    pub delay: Duration,
}

/// The speeds between which the user switches, in milliseconds per call.
const STEPS_MS: [u64; 11] = [0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];

/// The calls per second of each thread that a factor just below 1 allows.
const CALLS_PER_S: f64 = 1000.0;

impl Speed {
    /// Full speed: no call is delayed.
    pub const FULL: Self = Self { delay: Duration::ZERO };

    /// One call in two seconds, for each thread.
    pub const SLOWEST: Self = Self { delay: Duration::from_secs(2) };

    /// The factor that gives [`SLOWEST`](Self::SLOWEST).
    pub const SMALLEST_FACTOR: f64 = 0.0005;

    /// At most `factor` × 1000 calls per second of each thread; 1 is full
    /// speed. `None` if it is not between
    /// [`SMALLEST_FACTOR`](Self::SMALLEST_FACTOR) and 1.
    pub fn of_factor(factor: f64) -> Option<Self> {
        if factor >= 1.0 {
            return (factor <= 1.0).then_some(Self::FULL);
        }
        (factor >= Self::SMALLEST_FACTOR).then(|| Self {
            delay: Duration::from_secs_f64(1.0 / (CALLS_PER_S * factor)),
        })
    }

    /// The factor that gives this speed; 1 at full speed.
    pub fn factor(self) -> f64 {
        self.delay().map_or(1.0, |it| 1.0 / (CALLS_PER_S * it.as_secs_f64()))
    }

    /// How long a thread waits before each call; `None` at full speed.
    pub fn delay(self) -> Option<Duration> {
        Some(self.delay).filter(|delay| !delay.is_zero())
    }

    /// The next slower of the switchable speeds; at most the slowest.
    pub fn slower(self) -> Self {
        let slower = steps().find(|step| *step > self);
        slower.unwrap_or(Self::SLOWEST)
    }

    /// The next faster of the switchable speeds; at most full speed.
    pub fn faster(self) -> Self {
        let faster = steps().rev().find(|step| *step < self);
        faster.unwrap_or(Self::FULL)
    }
}

fn steps() -> impl DoubleEndedIterator<Item = Speed> {
    let delays = STEPS_MS.iter().copied().map(Duration::from_millis);
    delays.map(|delay| Speed { delay })
}

/// `full speed`, `50 calls/s`, `1 call in 2 s`: the limit of each thread, not
/// of all.
impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.delay.as_secs_f64();
        match () {
            () if self.delay.is_zero() => f.write_str("full speed"),
            () if seconds < 0.667 => write!(f, "{:.0} calls/s", 1.0 / seconds),
            () if seconds < 1.05 => f.write_str("1 call/s"),
            () if seconds > 1.95 => f.write_str("1 call in 2 s"),
            () => write!(f, "1 call in {seconds:.1} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_a_thousandth_of_the_calls_a_second() {
        let delay = |factor| Speed::of_factor(factor)?.delay();
        assert_eq!(delay(0.1), Some(Duration::from_millis(10)));
        assert_eq!(delay(0.001), Some(Duration::from_secs(1)));
        assert_eq!(Speed::of_factor(1.0), Some(Speed::FULL));
        let slowest = Speed::of_factor(Speed::SMALLEST_FACTOR);
        assert_eq!(slowest, Some(Speed::SLOWEST));
        for wrong in [0.0, -1.0, 0.0004, 1.01, f64::NAN, f64::INFINITY] {
            assert_eq!(Speed::of_factor(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_step_is_met_on_the_way_down_and_up() {
        let mut speed = Speed::FULL;
        let mut labels = vec![speed.to_string()];
        while speed != Speed::SLOWEST {
            let slower = speed.slower();
            assert_eq!(slower.faster(), speed);
            speed = slower;
            labels.push(speed.to_string());
        }
        let expected = [
            "full speed",
            "500 calls/s",
            "200 calls/s",
            "100 calls/s",
            "50 calls/s",
            "20 calls/s",
            "10 calls/s",
            "5 calls/s",
            "2 calls/s",
            "1 call/s",
            "1 call in 2 s",
        ];
        assert_eq!(labels, expected);
        assert_eq!(speed.slower(), Speed::SLOWEST);
        assert_eq!(Speed::FULL.faster(), Speed::FULL);
        // A speed between two of the table moves to the next one.
        let speed = Speed::of_factor(0.03).unwrap_or_default();
        let labels = [speed, speed.slower(), speed.faster()];
        let expected = ["30 calls/s", "20 calls/s", "50 calls/s"];
        assert_eq!(labels.map(|it| it.to_string()), expected);
        let slow = Speed::of_factor(0.0007).unwrap_or_default();
        assert_eq!(slow.to_string(), "1 call in 1.4 s");
    }
}
