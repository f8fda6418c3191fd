//! What asyncio does in the same way, or not: as `mod.rs` says.

use super::trial::{Trial, ms, pass};
use crate::probe::{Note, Step, TaskId, TaskNow};
use std::future::poll_fn;
use std::task::Poll;

#[test]
fn timers_of_the_same_time_are_due_in_the_order_in_which_they_were_set() {
    let it = Trial::new();
    let (tasks, write) = (it.tasks.clone(), it.writer());
    it.spawn(async move {
        for n in 0..12 {
            let (asleep, write) = (tasks.clone(), write.clone());
            tasks.spawn(async move {
                asleep.sleep(ms(10)).await.unwrap();
                write(&n.to_string());
            });
        }
        tasks.sleep(ms(20)).await.unwrap();
    });
    it.run().unwrap();
    let lines: Vec<_> = (0..12).map(|n| format!("10 {n}")).collect();
    assert_eq!(it.lines(), lines);
}

#[test]
fn a_task_runs_once_a_turn_however_often_it_is_woken() {
    let it = Trial::new();
    let tasks = it.tasks.clone();
    it.spawn(async move {
        let woken = tasks.spawn(poll_fn({
            let mut polls = 0;
            move |with| {
                polls += 1;
                (0..3).for_each(|_| with.waker().wake_by_ref());
                if polls < 5 { Poll::Pending } else { Poll::Ready(()) }
            }
        }));
        woken.join().await.unwrap();
    });
    it.run().unwrap();
    assert_eq!(it.log.polls(TaskId(1)), 5);
    let turns = it.log.asked().len();
    // The first task spawns it in the first turn, and has one at the end.
    assert_eq!(turns, 1 + 5 + 1);
}

#[test]
fn work_that_is_added_in_a_turn_waits_for_the_next() {
    let it = Trial::new();
    let tasks = it.tasks.clone();
    it.spawn(async move {
        let inner = tasks.clone();
        let other = tasks.spawn(async move {
            inner.spawn(async {});
        });
        other.join().await.unwrap();
    });
    it.run().unwrap();
    let mut turn = 0;
    let mut ran = Vec::new();
    for (_, note) in it.log.notes() {
        match note {
            Note::Step(Step::RunReadyTasks) => turn += 1,
            Note::Task { task, now: TaskNow::Running } => {
                ran.push((turn, task.0));
            }
            _ => {}
        }
    }
    assert_eq!(ran, [(1, 0), (2, 1), (3, 2), (3, 0)]);
}

#[test]
fn in_a_turn_come_those_of_sockets_then_of_timers_then_those_woken() {
    let it = Trial::new();
    let (tasks, write) = (it.tasks.clone(), it.writer());
    let read = it.read(1);
    it.arrives(1, ms(10));
    it.spawn(async move {
        let (slept, end) = (tasks.clone(), write.clone());
        tasks.spawn(async move {
            slept.sleep(ms(10)).await.unwrap();
            end("timer");
        });
        let end = write.clone();
        tasks.spawn(async move {
            read.await.unwrap();
            end("socket");
        });
        let (busy, end) = (tasks.clone(), write.clone());
        tasks.spawn(async move {
            busy.sleep(ms(5)).await.unwrap();
            pass(ms(5));
            let mut is_woken = false;
            poll_fn(|with| {
                with.waker().wake_by_ref();
                let was = std::mem::replace(&mut is_woken, true);
                if was { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            end("woken");
        });
        tasks.sleep(ms(20)).await.unwrap();
    });
    it.run().unwrap();
    assert_eq!(it.lines(), ["10 socket", "10 timer", "10 woken"]);
}

#[test]
fn who_was_ready_before_comes_before_the_events() {
    let it = Trial::new();
    let (tasks, write) = (it.tasks.clone(), it.writer());
    let read = it.read(1);
    it.arrives(1, ms(10));
    it.spawn(async move {
        let end = write.clone();
        tasks.spawn(async move {
            read.await.unwrap();
            end("socket");
        });
        tasks.sleep(ms(5)).await.unwrap();
        pass(ms(5));
        tasks.spawn(async move { write("spawned") });
        tasks.sleep(ms(10)).await.unwrap();
    });
    it.run().unwrap();
    assert_eq!(it.lines(), ["10 spawned", "10 socket"]);
}

#[test]
fn a_long_run_is_reported_and_one_of_a_tenth_of_a_second_is_not() {
    let it = Trial::new();
    let tasks = it.tasks.clone();
    it.spawn(async move {
        pass(ms(100));
        tasks.sleep(ms(200)).await.unwrap();
        pass(ms(101));
    });
    it.run().unwrap();
    let long = |(_, note): (_, Note)| match note {
        Note::LongRun { task, time } => Some((task, time.duration())),
        _ => None,
    };
    let long: Vec<_> = it.log.notes().into_iter().filter_map(long).collect();
    assert_eq!(long, [(TaskId(0), ms(101))]);
}

#[test]
fn a_sleep_that_is_over_does_not_pause() {
    let it = Trial::new();
    let tasks = it.tasks.clone();
    it.spawn(async move {
        for _ in 0..9 {
            tasks.sleep(ms(0)).await.unwrap();
        }
    });
    it.run().unwrap();
    assert_eq!(it.log.polls(TaskId(0)), 1);
}
