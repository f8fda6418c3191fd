//! The program's clock: the time of a run, which stands while the gate holds
//! the program, and while the process is stopped (Ctrl-Z).
//!
//! Everything that measures, schedules or limits something in a run reads
//! this clock and not the system's: the server's time-outs, the clients'
//! script, the times of events. A scenario therefore takes the same course at
//! full speed, in slow motion and step by step.

use super::Probe;
use crate::system::lock;
use crate::system::stops::UnstoppedTime;
use crate::units::Nanos;
use std::cell::Cell;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long to wait before a clock that stands is read again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The clock of one run; its clones show the same time.
///
/// The gate's clock ([`Gate::clock`](super::Gate::clock)) can stand and can
/// be advanced. Without a gate a run has a [`wall`](Self::wall) clock, which
/// is `Instant::now` without the stops of the process.
#[derive(Clone)]
pub struct Clock {
    time: UnstoppedTime,
    steered: Option<Arc<Steered>>,
}

/// The moment of an observation: a time of the program's clock, or else the
/// time when the first probe needs it, which reads the clock that all probes
/// of a run share; the others get the same time.
#[derive(Debug, Default)]
pub struct Moment {
    now: Option<Instant>,
    known: Cell<Option<Nanos>>,
}

impl From<Option<Instant>> for Moment {
    fn from(now: Option<Instant>) -> Self {
        Self { now, known: Cell::default() }
    }
}

impl Moment {
    #[inline]
    pub(super) fn by(&self, clock: &Clock) -> Nanos {
        self.known.get().unwrap_or_else(|| {
            let now = self.now.map_or_else(
                || clock.elapsed(),
                |it| it.saturating_duration_since(clock.time.origin()).into(),
            );
            self.known.set(Some(now));
            now
        })
    }
}

/// What the gate changes and all clones of the clock read.
#[derive(Default)]
struct Steered {
    /// The state as a [word](ClockState::word), so that a plain load reads it.
    state: AtomicI64,
    sleepers: Mutex<Vec<Waker>>,
}

/// The two states of a steered clock, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ClockState {
    /// It runs, and is behind the system's clock by this much; negative if it
    /// was advanced by more than it stood.
    Behind(i64),
    /// It stands at this time after its origin.
    StandsAt(i64),
}

impl ClockState {
    /// The state in one word; the lowest bit is set if the clock stands.
    const fn word(self) -> i64 {
        match self {
            Self::Behind(ns) => ns << 1,
            Self::StandsAt(ns) => ns << 1 | 1,
        }
    }

    const fn from_word(word: i64) -> Self {
        let ns = word >> 1;
        if word & 1 == 0 { Self::Behind(ns) } else { Self::StandsAt(ns) }
    }
}

/// A clock is a probe that observes nothing and knows the time.
impl Probe for Clock {
    const HAS_CLOCK: bool = true;
    type Mark = ();

    #[inline]
    fn now(&self) -> Instant {
        self.now()
    }
}

type Waker = Box<dyn Fn() + Send + Sync>;

impl Clock {
    /// The system's monotonic clock, with its origin at this moment, without
    /// stops of this process.
    pub fn wall() -> Self {
        Self { time: UnstoppedTime::new(), steered: None }
    }

    /// A clock that a gate stops and advances; it runs at first.
    pub(super) fn steered() -> Self {
        Self { steered: Some(Arc::default()), ..Self::wall() }
    }

    /// The current time of the program. If this process may have been stopped,
    /// the call waits up to 0.1 s until that is decided.
    #[inline]
    pub fn now(&self) -> Instant {
        self.time.origin() + self.elapsed().duration()
    }

    /// The time since the clock's origin.
    #[inline]
    pub fn elapsed(&self) -> Nanos {
        let Some(steered) = &self.steered else {
            return self.time.elapsed().into();
        };
        loop {
            let state = steered.state();
            let ns = match state {
                ClockState::StandsAt(ns) => ns,
                ClockState::Behind(ns) => {
                    let wall = nanoseconds(self.time.elapsed());
                    // If the clock was stopped meanwhile, `wall` is too late.
                    if steered.state() != state {
                        continue;
                    }
                    wall - ns
                }
            };
            return Nanos(u64::try_from(ns).unwrap_or(0));
        }
    }

    /// How long the process was stopped since the clock's origin.
    pub fn stopped(&self) -> Duration {
        self.time.stopped()
    }

    /// Whether the clock stands at this moment.
    pub fn stands(&self) -> bool {
        let state = self.steered.as_ref().map(|it| it.state());
        matches!(state, Some(ClockState::StandsAt(_)))
    }

    /// The time of the system's clock at which a sleeper should check again
    /// whether this clock has reached `moment`. It may have to sleep again, as
    /// this clock may stand; [`on_advance`](Self::on_advance) wakes it early.
    pub fn look_at(&self, moment: Instant) -> Instant {
        let state = self.steered.as_ref().map(|it| it.state());
        match state.unwrap_or(ClockState::Behind(0)) {
            ClockState::Behind(ns) => {
                let stopped = nanoseconds(self.time.stopped());
                shifted(moment, ns.saturating_add(stopped))
            }
            ClockState::StandsAt(ns) => {
                let stood = shifted(self.time.origin(), ns);
                let left = moment.saturating_duration_since(stood);
                let now = Instant::now();
                if left.is_zero() { now } else { now + left.max(LOOK_AGAIN) }
            }
        }
    }

    /// How long to sleep until the time of [`look_at`](Self::look_at).
    pub fn sleep_for(&self, until: Instant) -> Duration {
        self.look_at(until).saturating_duration_since(Instant::now())
    }

    /// Registers `wake`, which is called whenever the clock begins to run or is
    /// advanced, as a sleep measured by the system's clock may then be too
    /// long. It must return at once. A wall clock never calls it.
    pub fn on_advance(&self, wake: impl Fn() + Send + Sync + 'static) {
        if let Some(steered) = &self.steered {
            lock(&steered.sleepers).push(Box::new(wake));
        }
    }

    /// Stops the clock, or lets it run on from where it stood.
    pub(super) fn stand(&self, stands: bool) {
        let Some(steered) = &self.steered else { return };
        let wall = nanoseconds(self.time.elapsed());
        match (steered.state(), stands) {
            (ClockState::Behind(ns), true) => {
                steered.set(ClockState::StandsAt(wall - ns));
            }
            (ClockState::StandsAt(ns), false) => {
                steered.set(ClockState::Behind(wall - ns));
                steered.wake();
            }
            _ => {}
        }
    }

    /// Advances the clock by this much at once.
    pub(super) fn advance(&self, time: Duration) {
        let Some(steered) = &self.steered else { return };
        let time = nanoseconds(time);
        steered.set(match steered.state() {
            ClockState::Behind(ns) => ClockState::Behind(ns - time),
            ClockState::StandsAt(ns) => ClockState::StandsAt(ns + time),
        });
        steered.wake();
    }
}

impl Steered {
    fn state(&self) -> ClockState {
        ClockState::from_word(self.state.load(SeqCst))
    }

    fn set(&self, state: ClockState) {
        self.state.store(state.word(), SeqCst);
    }

    fn wake(&self) {
        lock(&self.sleepers).iter().for_each(|wake| wake());
    }
}

fn shifted(moment: Instant, ns: i64) -> Instant {
    let time = Duration::from_nanos(ns.unsigned_abs());
    let back = ns < 0;
    let to =
        if back { moment.checked_sub(time) } else { moment.checked_add(time) };
    to.unwrap_or(moment)
}

fn nanoseconds(time: Duration) -> i64 {
    // Leaves room for the bit of the state, and for sums.
    let most = i64::MAX >> 2;
    i64::try_from(time.as_nanos()).map_or(most, |ns| ns.min(most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::thread::sleep;

    const SHORT: Duration = Duration::from_millis(2);
    const LONG: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_wall_clock_is_the_systems() {
        let clock = Clock::wall();
        let before = Instant::now();
        let now = clock.now();
        assert!(before <= now && now <= Instant::now());
        clock.stand(true);
        clock.advance(LONG);
        assert!(!clock.stands() && clock.elapsed().duration() < LONG);
    }

    #[test]
    fn a_clock_stands_and_runs_on_from_where_it_stood() {
        let clock = Clock::steered();
        clock.stand(true);
        let stood = clock.now();
        sleep(SHORT);
        assert_eq!(clock.now(), stood);
        clock.stand(true);
        assert_eq!(clock.now(), stood);
        let real = Instant::now();
        clock.stand(false);
        let passed = clock.now() - stood;
        assert!(passed <= real.elapsed(), "the stop does not count");
        sleep(SHORT);
        assert!(clock.now() - stood >= SHORT);
    }

    #[test]
    fn a_clock_is_advanced_whether_it_stands_or_runs() {
        let clock = Clock::steered();
        clock.advance(LONG);
        assert!(clock.elapsed().duration() >= LONG);
        clock.stand(true);
        let stood = clock.now();
        clock.advance(SHORT);
        assert_eq!(clock.now(), stood + SHORT);
        clock.stand(false);
        assert!(clock.now() >= stood + SHORT);
    }

    #[test]
    fn sleepers_are_woken_by_whatever_makes_their_sleep_too_long() {
        let clock = Clock::steered();
        let woken = Arc::new(AtomicUsize::new(0));
        let count = woken.clone();
        clock.on_advance(move || {
            count.fetch_add(1, SeqCst);
        });
        clock.stand(true);
        assert_eq!(woken.load(SeqCst), 0);
        clock.advance(SHORT);
        clock.stand(false);
        clock.stand(false);
        assert_eq!(woken.load(SeqCst), 2);
    }

    #[test]
    fn a_sleep_towards_a_clock_that_stands_does_not_spin() {
        let clock = Clock::steered();
        clock.stand(true);
        let now = clock.now();
        assert_eq!(clock.sleep_for(now), Duration::ZERO);
        let real = Instant::now();
        assert!(clock.look_at(now + SHORT) >= real + LOOK_AGAIN);
        assert!(clock.look_at(now + LONG) >= real + LONG);
        clock.stand(false);
        assert!(clock.sleep_for(now + SHORT) <= SHORT);
    }
}
