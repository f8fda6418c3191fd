//! Tasks and the turn of the event loop.

use super::language::{Run, ms};
use crate::view::{ENDED_SHOWN, ENDED_SHOWN_FOR, TASKS_SHOWN, View};
use crate::view::{
    End, Kind, Site, SocketId, Step, TaskCount, TaskId, TaskNow,
};

const READ: Site = Site { file: "src/modes/tasks.rs", line: 34 };
const ACCEPT: Site = Site { file: "src/modes/tasks.rs", line: 16 };

/// When they are looked at, in milliseconds.
const AT: u64 = 100_000;

/// A task that has done this for this many milliseconds.
fn task(id: u32, now: TaskNow, since: u64) -> TaskCount {
    let (task, running) = (TaskId(id), ms(2).into());
    let since = ms(AT - since).into();
    let (socket, site) = match now {
        TaskNow::Paused { socket, site, .. } => (Some(socket), Some(site)),
        _ => (None, None),
    };
    TaskCount { task, now, since, polls: 3, running, socket, site }
}

fn reads(id: u32, since: u64) -> TaskCount {
    let (kind, socket, site) = (Kind::Read, SocketId(id), READ);
    task(id, TaskNow::Paused { kind, socket, site }, since)
}

fn accepts(since: u64) -> TaskCount {
    let (kind, socket, site) = (Kind::Accept, SocketId(0), ACCEPT);
    task(0, TaskNow::Paused { kind, socket, site }, since)
}

/// What is seen of these tasks.
fn seen(tasks: Vec<TaskCount>) -> View {
    let mut run = Run::selecting();
    run.counted.tasks = tasks;
    run.view(AT)
}

fn ids(view: &View) -> Vec<u32> {
    view.tasks.iter().map(|it| it.task.0).collect()
}

#[test]
fn a_task_is_called_after_its_client_once_that_is_known() {
    let ready = task(2, TaskNow::Ready, 1);
    let runs = task(3, TaskNow::Running, 7);
    let view = seen(vec![accepts(9), reads(1, 5), ready, runs]);
    let names: Vec<_> = view.tasks.iter().map(TaskCount::name).collect();
    assert_eq!(names, ["serve", "echo #1", "echo", "echo"]);
    assert_eq!(view.tasks[3].running, ms(9).into(), "and goes on");
    assert_eq!(view.tasks[1].site, Some(READ));
    assert_eq!((view.tasks[1].polls, view.tasks[1].running), (3, ms(2).into()));
}

#[test]
fn paused_tasks_are_counted_at_their_line() {
    let mut ended = reads(3, 5);
    ended.now = TaskNow::Done;
    let running = task(4, TaskNow::Running, 1);
    let tasks = vec![accepts(9), reads(1, 5), reads(2, 1_200), ended, running];
    let view = seen(tasks);
    let awaits = view.awaits.iter().map(|it| (it.site, it.tasks, it.longest));
    let expected = [(ACCEPT, 1, ms(9)), (READ, 2, ms(1_200))];
    assert_eq!(awaits.collect::<Vec<_>>(), expected);
    assert_eq!((view.tasks_paused, view.tasks_alive), (3, 4));
}

#[test]
fn the_last_ones_that_ended_stay_a_while_and_failed_ones_longer() {
    let long = u64::try_from(ENDED_SHOWN_FOR.as_millis()).unwrap();
    let tasks = vec![
        task(1, TaskNow::Done, 10),
        task(2, TaskNow::Cancelled, long),
        task(3, TaskNow::Failed(End::Boom), long * 9),
    ];
    assert_eq!(ids(&seen(tasks)), [1, 3]);
    let ended = |id| task(id, TaskNow::Done, 100 - u64::from(id));
    let view = seen((1..=20).map(ended).collect());
    let last = 20 - ENDED_SHOWN as u32;
    assert_eq!(ids(&view), (last + 1..=20).collect::<Vec<_>>());
}

#[test]
fn among_too_many_those_that_are_not_paused_have_rows() {
    let many = TASKS_SHOWN as u32 * 2;
    let mut tasks: Vec<_> = (0..many).map(|id| reads(id, 5)).collect();
    tasks[many as usize - 1].now = TaskNow::Ready;
    let view = seen(tasks);
    assert!(view.tasks.len() <= TASKS_SHOWN);
    assert_eq!(ids(&view).last(), Some(&(many - 1)));
    assert_eq!(view.tasks_paused, u64::from(many) - 1);
    assert_eq!(view.tasks_alive, u64::from(many));
    assert_eq!(view.awaits[0].tasks, u64::from(many) - 1);
}

/// The last result of each step, and where it is in the turn.
fn steps(run: &mut Run, at: u64) -> String {
    let steps = run.view(at).steps;
    let words = steps.iter().map(|it| {
        let result = it.results.first().map_or("", String::as_str);
        format!("{:?} {} {:?}", it.state, result, it.time)
    });
    words.collect::<Vec<_>>().join(" | ")
}

#[test]
fn each_step_shows_what_it_did_when_it_was_last_made() {
    let mut run = Run::selecting();
    assert_eq!(steps(&mut run, 1), "");
    run.play("10 step 0; 10 runs 0; 10 runs 1; 12 step 1; 12 watch 0");
    run.play("12 interest 0 R; 12 watch 1; 12 interest 1; 13 step 2");
    run.play("14 timers 0; 14 step 3; 14 enter wait 0");
    let asleep = "Done 2 ran: t0, t1 2ms \
                  | Done 2 watched: #0 for readable, #1 no more 1ms \
                  | Done until an event 1ms | Now asleep 6ms | Never  0ns";
    assert_eq!(steps(&mut run, 20), asleep);
    run.play("14-30 wait 0 1; 30 ready 1 R; 30 step 4; 31 wakes 1");
    run.play("32 step 0; 32 runs 1");
    let second = "Now 1 ran: t1 3ms \
                  | LastTurn 2 watched: #0 for readable, #1 no more 1ms \
                  | LastTurn until an event 1ms \
                  | LastTurn 1 event: #1 readable 16ms \
                  | LastTurn 1 ready: t1 2ms";
    assert_eq!(steps(&mut run, 35), second);
    run.play("36 step 1; 36 step 2");
    run.held(37, Some(Step::Select));
    let held = "Done 1 ran: t1 4ms | Done no change 0ns \
                | Done until an event 1ms | Next  16ms \
                | LastTurn 1 ready: t1 2ms";
    assert_eq!(steps(&mut run, 99), held, "times stand still");
    run.lose("36 runs 2");
    assert!(steps(&mut run, 99).starts_with("Done  4ms | Done  0ns"));
}

#[test]
fn a_thread_held_before_a_step_is_past_its_last_call() {
    let mut run = Run::selecting();
    run.play("1 enter wait 0").held(40, Some(Step::Select));
    let thread = run.view(100).threads[0];
    assert_eq!((thread.kind, thread.in_call), (Kind::Wait, false));
    assert_eq!(thread.since, ms(60));
}
