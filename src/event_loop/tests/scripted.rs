//! What given tasks come to: how one of them ends, and when all is over.

use super::replay::Replay;
use super::script::Act::{self, Cancel, Join, Sleep, Spawn, TimeOut, Wait};
use super::script::{Script, World};
use super::trial::{Trial, now};
use crate::event_loop::tasks::FIRST;
use crate::probe::{TaskId, TaskNow};

/// How this task has ended, and after how many milliseconds all was over.
fn outcome(task: TaskId, acts: Vec<Act>) -> (Option<TaskNow>, u128) {
    let world = World::new(Trial::new());
    let ended = world.run(Script { acts, clean_up: 0 });
    let log = &world.trial().log;
    Replay::check(log.entries(), &ended);
    ended.unwrap();
    (log.end_of(task), now().as_millis())
}

fn spawn<const N: usize>(acts: [Act; N], clean_up: u64) -> Act {
    Spawn(Script { acts: acts.into(), clean_up })
}

/// In this time, with this clean-up if it is over.
fn limited(time: u64, act: Act, clean_up: u64) -> Act {
    TimeOut(time, Box::new(act), clean_up)
}

#[test]
fn a_task_that_is_cancelled_cleans_up_or_is_dropped_where_it_is_paused() {
    let sleeper = || spawn([Sleep(1_000)], 30);
    let in_time = || spawn([limited(100, Sleep(1_000), 300), Sleep(5_000)], 0);
    for (other, cancelled, over) in [
        (sleeper(), 10, 40),
        // It finds out at its first await.
        (sleeper(), 0, 30),
        // What it is paused on knows of no cancelling.
        (spawn([Wait(0)], 0), 10, 10),
        // It cleans up, until that is cut when its time is over.
        (in_time(), 10, 100),
        // In the clean-up that the time has begun, and both at once.
        (in_time(), 150, 150),
        (in_time(), 100, 100),
    ] {
        let acts = vec![other, Sleep(cancelled), Cancel(1), Cancel(1), Join(1)];
        let expected = (Some(TaskNow::Cancelled), over);
        assert_eq!(outcome(TaskId(1), acts), expected, "at {cancelled}");
    }
}

#[test]
fn a_time_out_waits_for_the_clean_up_and_the_shorter_of_two_counts() {
    let clean_up = || limited(100, Sleep(1_000), 300);
    for (acts, over) in [
        (vec![clean_up(), Sleep(10)], 410),
        (vec![limited(100, Sleep(50), 0)], 50),
        // What knows of no cancelling is dropped.
        (vec![limited(100, Wait(0), 0), limited(0, Wait(0), 0)], 100),
        (vec![limited(50, limited(20, Wait(0), 0), 0)], 20),
        (vec![limited(20, limited(50, Wait(0), 0), 0)], 20),
        // The inner one, in its clean-up, does not swallow the outer time.
        (vec![limited(200, clean_up(), 0)], 200),
    ] {
        let case = format!("{acts:?}");
        assert_eq!(outcome(FIRST, acts), (Some(TaskNow::Done), over), "{case}");
    }
}
