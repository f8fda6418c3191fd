//! An event loop at the gate: held before steps, tasks and calls.

use super::{Studied, make};
use crate::support::patience::wait_for;
use sockscope::probe::{Gate, Kind, Note, Probe, Speed, Step, TaskId, TaskNow};
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

    /// Waits until the step is taken, and tells before what the only thread
    /// is held then.
    fn next_stop(&self) -> String {
        self.calls_after_step();
        self.gate.held()[0].before.to_string()
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
    let held = || studied.gate.held()[0].before.to_string();
    assert_eq!(held(), "step run_ready_tasks");
    for (stop, calls) in [
        ("write of #1", 1),
        ("t2 runs", 2),
        ("step calculate_timeout", 3),
        ("step process_events", 4),
    ] {
        studied.step(calls);
        assert_eq!(held(), stop);
    }
}

#[test]
fn one_step_of_the_turn_passes() {
    let studied = Studied::of_a_paused_loop();
    // In the middle of a step it is the rest of it.
    assert!(studied.gate.step_call());
    assert_eq!(studied.next_stop(), "write of #1");
    for _ in 0..20 {
        for step in [1, 2, 3, 4, 0] {
            assert!(studied.gate.step_loop());
            let expected = format!("step {}", Step::ALL[step].name());
            assert_eq!(studied.next_stop(), expected);
        }
    }
    assert_eq!(studied.calls(), 20 * 4);
}

#[test]
fn one_task_passes() {
    let studied = Studied::of_a_paused_loop();
    let ran = |task| studied.polls(task);
    for turn in 1..=20 {
        // In the middle of a task it is the rest of its run; otherwise the
        // first press also passes what stands before the task.
        if turn == 1 {
            assert!(studied.gate.step_call());
            assert_eq!(studied.next_stop(), "write of #1");
        }
        assert!(studied.gate.step_task());
        assert_eq!(studied.next_stop(), "t2 runs");
        assert_eq!((ran(1), ran(2)), (turn, turn - 1));
        assert!(studied.gate.step_task());
        assert_eq!(studied.next_stop(), "step register");
        assert_eq!((ran(1), ran(2)), (turn, turn));
    }
}

#[test]
fn in_slow_motion_steps_and_tasks_wait_too() {
    let delay = Duration::from_millis(5);
    let start = Instant::now();
    let studied = Studied::of_a_loop(Gate::new(Speed::of_delay(delay)));
    wait_for("a turn", || studied.tally.snapshot().turns.turns >= 2);
    // Six notes and four calls have waited before the second turn began.
    assert!(start.elapsed() >= delay * 11);
}

#[test]
fn the_time_at_the_gate_is_no_time_of_a_step_or_a_task() {
    let studied = Studied::of_a_paused_loop();
    let held = Duration::from_millis(50);
    // Held in t1, before its write, and before the next step.
    for stop in ["write of #1", "t2 runs", "step calculate_timeout"] {
        assert!(studied.gate.step_call());
        assert_eq!(studied.next_stop(), stop);
        thread::sleep(held);
    }
    assert!(studied.gate.step_loop());
    studied.next_stop();
    let snapshot = studied.tally.snapshot();
    for step in [Step::RunReadyTasks, Step::Register] {
        let took = snapshot.turns.last[step as usize].duration();
        assert!(took < held, "{took:?} in {}", step.name());
    }
    assert!(snapshot.tasks[0].running.duration() < held);
}
