//! An event loop at the gate: held before steps, tasks and calls.

use super::{Studied, make};
use crate::support::patience::wait_for;
use sockscope::probe::{
    Gate, Kind, Note, Probe, Speed, Step, Stride, TaskId, TaskNow,
};
use std::thread;
use std::time::{Duration, Instant};

impl Studied {
    /// One thread that turns an event loop, held at its first step: see
    /// [`turn`].
    fn of_a_loop(gate: Gate) -> Self {
        let mut studied = Self::new(gate);
        studied.repeat(|probe, _| turn(probe));
        studied.wait_until_held(1);
        studied
    }

    fn of_a_paused_loop() -> Self {
        let gate = Gate::default();
        gate.pause();
        Self::of_a_loop(gate)
    }

    /// How often the loop has run this task.
    fn polls(&self, task: u32) -> u64 {
        let tasks = self.tally.snapshot().tasks;
        let own = tasks.iter().find(|it| it.task.0 == task);
        own.map_or(0, |it| it.polls)
    }

    /// Makes steps, each of which ends with the only thread held before this.
    fn steps<const N: usize>(&self, steps: [(Stride, &str); N]) {
        for (stride, stop) in steps {
            assert!(self.gate.step(stride, Kind::Wait));
            self.calls_after_step();
            assert_eq!(self.held(), [stop]);
        }
    }
}

/// Five steps: in the first, two tasks run, of which t1 reads and writes; the
/// second watches, the fourth waits.
fn turn(probe: &impl Probe) {
    for step in Step::ALL {
        probe.note(&Note::Step(step));
        match step {
            Step::RunReadyTasks => {
                run(probe, 1, &[Kind::Read, Kind::Write]);
                run(probe, 2, &[]);
            }
            Step::Register => make(probe, Kind::Watch, 1),
            Step::Select => make(probe, Kind::Wait, 0),
            Step::CalculateTimeout | Step::ProcessEvents => {}
        }
    }
}

fn run(probe: &impl Probe, task: u32, calls: &[Kind]) {
    let task = TaskId(task);
    let tell = |now| probe.note(&Note::Task { task, now });
    tell(TaskNow::Ready);
    tell(TaskNow::Running);
    for kind in calls {
        make(probe, *kind, task.0);
    }
    tell(TaskNow::Waiting);
}

#[test]
fn a_paused_loop_is_held_before_steps_tasks_and_calls() {
    let studied = Studied::of_a_paused_loop();
    assert_eq!(studied.held(), ["step run_ready_tasks"]);
    studied.steps([
        (Stride::Call, "write of #1"),
        (Stride::Call, "t2 runs"),
        (Stride::Call, "step calculate_timeout"),
        (Stride::Call, "step process_events"),
    ]);
    assert_eq!(studied.calls(), 4);
}

#[test]
fn one_step_of_the_turn_passes() {
    let studied = Studied::of_a_paused_loop();
    // In the middle of a step it is the rest of it.
    studied.steps([(Stride::Call, "write of #1")]);
    for _ in 0..20 {
        studied.steps([
            (Stride::LoopStep, "step register"),
            (Stride::LoopStep, "step calculate_timeout"),
            (Stride::LoopStep, "step select"),
            (Stride::LoopStep, "step process_events"),
            (Stride::LoopStep, "step run_ready_tasks"),
        ]);
    }
    assert_eq!(studied.calls(), 20 * 4);
}

#[test]
fn one_task_passes() {
    let studied = Studied::of_a_paused_loop();
    // In the middle of a task it is the rest of its run; otherwise the first
    // press also passes what stands before the task.
    studied.steps([(Stride::Call, "write of #1")]);
    for turn in 1..=20 {
        studied.steps([(Stride::Task, "t2 runs")]);
        assert_eq!([1, 2].map(|it| studied.polls(it)), [turn, turn - 1]);
        studied.steps([(Stride::Task, "step register")]);
        assert_eq!([1, 2].map(|it| studied.polls(it)), [turn, turn]);
    }
}

#[test]
fn in_slow_motion_calls_steps_and_tasks_wait_their_time() {
    let speed = Speed::of_factor(0.2).unwrap();
    let start = Instant::now();
    let studied = Studied::of_a_loop(Gate::new(speed));
    wait_for("a turn", || studied.tally.snapshot().turns.turns >= 2);
    // Six notes and four calls have waited before the second turn began.
    assert!(start.elapsed() >= speed.delay().unwrap() * 11);
    studied.gate.set_speed(Speed::SLOWEST);
    studied.wait_until_held(1);
    studied.gate.set_speed(Speed::FULL);
    wait_for("many calls", || studied.calls() > 1000);
    assert!(studied.gate.was_slow());
}

#[test]
fn the_time_at_the_gate_is_no_time_of_a_step_or_a_task() {
    let studied = Studied::of_a_paused_loop();
    let held = Duration::from_millis(50);
    // Held in t1, before its write, and before the next step.
    for stop in ["write of #1", "t2 runs", "step calculate_timeout"] {
        studied.steps([(Stride::Call, stop)]);
        thread::sleep(held);
    }
    studied.steps([(Stride::LoopStep, "step select")]);
    let snapshot = studied.tally.snapshot();
    for step in [Step::RunReadyTasks, Step::Register] {
        let took = snapshot.turns.last[step as usize].duration();
        assert!(took < held, "{took:?} in {}", step.name());
    }
    assert!(snapshot.tasks[0].running.duration() < held);
}
