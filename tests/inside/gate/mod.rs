//! The gate: who may make a call, and when.

mod turns;

use crate::support::patience::wait_for;
use sockscope::probe::{
    Call, Exit, Gate, Kind, Outcome, Probe, SocketId, Speed, Stride, Tally,
};
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::{self, JoinHandle};
use std::time::Duration;

type Probes = (Arc<Gate>, Arc<Tally>);

/// Threads that make calls without end; behind the gate stands a tally.
struct Studied {
    gate: Arc<Gate>,
    tally: Arc<Tally>,
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Studied {
    fn new(gate: Gate) -> Self {
        Self {
            tally: Arc::new(Tally::new(gate.clock().clone())),
            gate: Arc::new(gate),
            over: Arc::default(),
            threads: Vec::new(),
        }
    }

    /// None yet, and the first call will be held.
    fn paused() -> Self {
        let studied = Self::new(Gate::default());
        studied.gate.pause();
        studied
    }

    /// This many threads that only read, each held at its first call, in the
    /// order of their numbers.
    fn readers(count: usize) -> Self {
        let mut studied = Self::paused();
        for _ in 0..count {
            studied.start_reader();
        }
        studied
    }

    /// One more thread, which does this again and again with its number,
    /// from 1.
    fn repeat(&mut self, work: impl Fn(&Probes, u32) + Send + 'static) {
        let number = u32::try_from(self.threads.len() + 1).unwrap();
        let probe = (self.gate.clone(), self.tally.clone());
        let over = self.over.clone();
        self.threads.push(thread::spawn(move || {
            while !over.load(SeqCst) {
                work(&probe, number);
            }
        }));
    }

    /// A thread that only reads, held at its first call.
    fn start_reader(&mut self) {
        self.repeat(|probe, number| make(probe, Kind::Read, number));
        self.wait_until_held(self.threads.len());
    }

    fn wait_until_held(&self, threads: usize) {
        wait_for("threads are held", || self.gate.held().len() == threads);
    }

    /// What each thread that is held is about to do.
    fn held(&self) -> Vec<String> {
        self.gate.held().iter().map(|it| it.before.to_string()).collect()
    }

    /// Calls that have passed.
    fn calls(&self) -> u64 {
        self.tally.snapshot().threads.iter().map(|it| it.calls).sum()
    }

    /// Waits until the step is taken and everybody is held again, and tells
    /// how many calls have been made until then.
    fn calls_after_step(&self) -> u64 {
        let threads = self.threads.len();
        wait_for("the step is made", || {
            !self.gate.owes_step() && self.gate.held().len() == threads
        });
        self.calls()
    }

    /// One call more is made, which makes this many.
    #[track_caller]
    fn step(&self, calls: u64) {
        assert!(self.gate.step(Stride::Call, Kind::Accept));
        assert_eq!(self.calls_after_step(), calls);
    }
}

impl Drop for Studied {
    /// The run ends; every thread must notice.
    fn drop(&mut self) {
        self.over.store(true, SeqCst);
        self.gate.open_for_good();
        for thread in self.threads.drain(..) {
            assert!(thread.join().is_ok() || thread::panicking());
        }
    }
}

fn make(probe: &impl Probe, kind: Kind, socket: u32) {
    make_with(probe, kind, socket, Outcome::Done);
}

#[track_caller]
fn make_with(probe: &impl Probe, kind: Kind, socket: u32, outcome: Outcome) {
    let location = Location::caller();
    let call =
        Call { kind, socket: SocketId(socket), may_sleep: false, location };
    let mark = probe.enter(&call);
    probe.exit(&call, mark, Exit::new(outcome));
}

#[test]
fn a_step_lets_one_call_happen_of_the_thread_that_has_waited_longest() {
    let studied = Studied::readers(1);
    assert_eq!(studied.held(), ["read of #1"]);
    (1..=100).for_each(|calls| studied.step(calls));
    let studied = Studied::readers(3);
    let orders = [[2, 3, 1], [3, 1, 2], [1, 2, 3], [2, 3, 1]];
    for (order, calls) in orders.into_iter().zip(1..) {
        studied.step(calls);
        assert_eq!(studied.held(), order.map(|it| format!("read of #{it}")));
    }
}

#[test]
fn a_step_that_no_thread_takes_is_owed_once_until_the_next_pause() {
    let mut studied = Studied::new(Gate::default());
    assert!(!studied.gate.step(Stride::Call, Kind::Accept), "it is not paused");
    studied.gate.pause();
    assert!(studied.gate.step(Stride::Call, Kind::Accept));
    studied.gate.pause();
    assert!(!studied.gate.owes_step());
    assert!(studied.gate.step(Stride::Call, Kind::Accept));
    assert!(!studied.gate.step(Stride::Call, Kind::Accept));
    studied.repeat(|probe, _| make(probe, Kind::Read, 1));
    assert_eq!(studied.calls_after_step(), 1);
}

#[test]
fn an_iteration_is_one_whole_turn_of_the_loop() {
    let mut studied = Studied::paused();
    studied.repeat(|probe, _| {
        for kind in [Kind::Accept, Kind::Read, Kind::Write] {
            make(probe, kind, 1);
        }
    });
    studied.wait_until_held(1);
    for turns in 1..=20 {
        // In the middle of a turn it is the rest of it.
        if turns % 2 == 0 {
            studied.step(3 * turns - 2);
        }
        if turns == 20 {
            let slow = Speed { delay: Duration::from_millis(5) };
            studied.gate.set_speed(slow);
        }
        assert!(studied.gate.step(Stride::Iteration, Kind::Accept));
        assert_eq!(studied.calls_after_step(), 3 * turns);
        assert_eq!(studied.held(), ["accept of #1"]);
    }
}

#[test]
fn resumed_threads_go_on_and_can_be_paused_again() {
    let studied = Studied::readers(2);
    studied.gate.resume();
    assert!(!studied.gate.is_paused());
    wait_for("many calls", || studied.calls() > 1000);
    studied.gate.pause();
    studied.wait_until_held(2);
    studied.step(studied.calls() + 1);
}

#[test]
fn opened_for_good_it_holds_nobody_any_more() {
    let studied = Studied::readers(4);
    studied.gate.open_for_good();
    studied.gate.pause();
    studied.gate.set_speed(Speed::SLOWEST);
    assert!(!studied.gate.is_paused());
    assert!(!studied.gate.step(Stride::Call, Kind::Accept));
    wait_for("many calls", || studied.calls() > 10_000);
    // A thread may be slow to wake; it must not be held again.
    wait_for("nobody held", || studied.gate.held().is_empty());
}

/// The clock's time between two moments, in which `act` is done.
fn passes(gate: &Gate, act: impl FnOnce()) -> Duration {
    let before = gate.clock().now();
    act();
    gate.clock().now().saturating_duration_since(before)
}

const BRIEF: Duration = Duration::from_millis(5);

/// By how much a call that finds nothing to do advances the clock.
const FOUND_NOTHING: Duration = Duration::from_millis(10);

#[test]
fn the_clock_stands_while_a_thread_waits_and_while_it_is_paused() {
    let gate = Gate::default();
    assert!(passes(&gate, || thread::sleep(BRIEF)) >= BRIEF);
    gate.pause();
    assert_eq!(passes(&gate, || thread::sleep(BRIEF)), Duration::ZERO);
    gate.resume();
    let paused = gate.paused_for();
    assert!(passes(&gate, || thread::sleep(BRIEF)) >= BRIEF);
    assert!(paused >= BRIEF && gate.paused_for() == paused);
    let mut slow = Studied::new(Gate::new(Speed::SLOWEST));
    slow.start_reader();
    let pass = passes(&slow.gate, || thread::sleep(BRIEF));
    assert_eq!(pass, Duration::ZERO, "in slow motion, too");
    slow.gate.open_for_good();
    assert!(passes(&slow.gate, || thread::sleep(BRIEF)) >= BRIEF);
}

#[test]
fn a_step_lasts_until_a_thread_waits_again_or_the_next_pause() {
    let mut studied = Studied::paused();
    let gate = studied.gate.clone();
    assert!(gate.step(Stride::Call, Kind::Accept) && gate.step_lasts());
    let pass = passes(&gate, || thread::sleep(BRIEF));
    assert!(pass >= BRIEF, "no thread has come yet");
    studied.start_reader();
    assert_eq!(studied.calls_after_step(), 1);
    assert!(!gate.step_lasts());
    assert_eq!(passes(&gate, || thread::sleep(BRIEF)), Duration::ZERO);
    let held = gate.held()[0];
    assert!(held.since <= gate.clock().elapsed());

    let gate = Gate::default();
    gate.pause();
    assert!(gate.step(Stride::Call, Kind::Accept));
    gate.pause();
    assert!(gate.is_paused() && !gate.step_lasts());
    assert_eq!(passes(&gate, || thread::sleep(BRIEF)), Duration::ZERO);
}

/// What one step of a thread that makes this call again and again adds, on
/// average over ten steps. There is one step more: at the first call the gate
/// cannot know yet that the thread is idle.
fn step_of(call: Kind, outcome: Outcome) -> Duration {
    let mut studied = Studied::paused();
    studied.repeat(move |probe, _| make_with(probe, call, 1, outcome));
    studied.wait_until_held(1);
    let steps = || (1..=11).for_each(|calls| studied.step(calls));
    passes(&studied.gate, steps) / 10
}

#[test]
fn a_call_that_finds_nothing_to_do_advances_the_clock() {
    for (call, outcome, finds_nothing) in [
        (Kind::Read, Outcome::WouldBlock, true),
        (Kind::Accept, Outcome::Paused, true),
        (Kind::Wait, Outcome::Ready(1), true),
        (Kind::Read, Outcome::Bytes(1), false),
        (Kind::Read, Outcome::EndOfFile, false),
        (Kind::Accept, Outcome::Accepted(SocketId(1)), false),
        (Kind::Watch, Outcome::Done, false),
    ] {
        let advances = step_of(call, outcome) >= FOUND_NOTHING;
        assert_eq!(advances, finds_nothing, "{outcome:?}");
    }
}
