//! Cancelling: once, at the `await`, and the clean-up runs to its end.

use super::trial::{Trial, ms, now};
use crate::event_loop::is_cancelled;
use crate::net::{ServerOptions, Shutdown, Stop};
use crate::probe::{Note, TaskId, TaskNow};
use std::future::pending;
use std::io;

const OTHER: TaskId = TaskId(1);

/// A task that sleeps for a second and when cancelled cleans up for 30 ms.
fn sleeper(it: &Trial) -> impl Future<Output = io::Result<()>> + 'static {
    let (tasks, write) = (it.tasks.clone(), it.writer());
    async move {
        let slept = tasks.sleep(ms(1_000)).await;
        if slept.as_ref().is_err_and(is_cancelled) {
            write("told");
            tasks.sleep(ms(30)).await?;
            write("clean");
        }
        slept
    }
}

fn reported(it: &Trial) -> usize {
    let notes = it.log.notes();
    let is_it = |note: &Note| matches!(note, Note::NeverRetrieved { .. });
    notes.iter().filter(|(_, note)| is_it(note)).count()
}

#[test]
fn it_is_told_once_at_its_await_and_its_clean_up_runs_to_its_end() {
    let it = Trial::new();
    let (tasks, sleeps, write) = (it.tasks.clone(), sleeper(&it), it.writer());
    it.spawn(async move {
        let other = tasks.spawn(sleeps);
        tasks.sleep(ms(10)).await.unwrap();
        other.cancel();
        assert!(!other.is_finished());
        assert!(other.join().await.unwrap().is_none());
        write("joined");
    });
    it.run().unwrap();
    assert_eq!(it.lines(), ["10 told", "40 clean", "40 joined"]);
    assert_eq!(it.log.end_of(OTHER), Some(TaskNow::Cancelled));
    assert_eq!(reported(&it), 0);
}

#[test]
fn who_does_not_end_when_told_goes_on() {
    let it = Trial::new();
    let (tasks, write) = (it.tasks.clone(), it.writer());
    it.spawn(async move {
        let sleeps = tasks.clone();
        let other = tasks.spawn(async move {
            assert!(sleeps.sleep(ms(50)).await.is_err());
            sleeps.sleep(ms(50)).await.unwrap();
        });
        tasks.sleep(ms(10)).await.unwrap();
        other.cancel();
        assert!(other.join().await.unwrap().is_some());
        write("done");
    });
    it.run().unwrap();
    assert_eq!(it.lines(), ["60 done"]);
    assert_eq!(it.log.end_of(OTHER), Some(TaskNow::Done));
}

#[test]
fn an_error_of_its_clean_up_is_news() {
    let it = Trial::new();
    let tasks = it.tasks.clone();
    it.spawn(async move {
        let sleeps = tasks.clone();
        let other = tasks.spawn(async move {
            assert!(sleeps.sleep(ms(50)).await.is_err());
            sleeps.sleep(ms(5)).await?;
            io::Result::<()>::Err(io::ErrorKind::BrokenPipe.into())
        });
        tasks.sleep(ms(1)).await.unwrap();
        other.cancel();
        tasks.sleep(ms(10)).await.unwrap();
    });
    it.run().unwrap();
    assert!(matches!(it.log.end_of(OTHER), Some(TaskNow::Failed(_))));
    assert_eq!(reported(&it), 1);
}

#[test]
fn one_that_is_paused_on_what_knows_of_no_cancelling_is_dropped() {
    let it = Trial::new();
    let tasks = it.tasks.clone();
    it.spawn(async move {
        let other = tasks.spawn(pending::<()>());
        tasks.sleep(ms(10)).await.unwrap();
        other.cancel();
        assert!(other.join().await.unwrap().is_none());
    });
    it.run().unwrap();
    assert_eq!(now(), ms(10));
    assert_eq!(it.log.end_of(OTHER), Some(TaskNow::Cancelled));
}

#[test]
fn cancelled_before_it_began_it_finds_out_at_its_first_await() {
    let it = Trial::new();
    let (tasks, sleeps) = (it.tasks.clone(), sleeper(&it));
    it.spawn(async move {
        let other = tasks.spawn(sleeps);
        other.cancel();
        other.cancel();
        assert!(other.join().await.unwrap().is_none());
    });
    it.run().unwrap();
    assert_eq!(it.lines(), ["0 told", "30 clean"]);
}

#[test]
fn whoever_joins_can_be_cancelled_and_the_joined_one_goes_on() {
    let it = Trial::new();
    let (tasks, sleeps) = (it.tasks.clone(), sleeper(&it));
    it.spawn(async move {
        let other = tasks.spawn(sleeps);
        let joiner = tasks.spawn(async move {
            assert!(other.join().await.is_err_and(|it| is_cancelled(&it)));
        });
        tasks.sleep(ms(10)).await.unwrap();
        joiner.cancel();
        joiner.join().await.unwrap();
        tasks.sleep(ms(2_000)).await.unwrap();
    });
    it.run().unwrap();
    assert!(it.lines().is_empty());
    assert_eq!(it.log.end_of(OTHER), Some(TaskNow::Done));
}

#[test]
fn the_end_of_the_first_task_cancels_the_others_in_the_same_turn() {
    let it = Trial::new();
    let (tasks, sleeps) = (it.tasks.clone(), sleeper(&it));
    it.spawn(async move {
        tasks.spawn(sleeps);
        tasks.sleep(ms(10)).await.unwrap();
    });
    it.run().unwrap();
    assert_eq!(it.lines(), ["10 told", "40 clean"]);
    assert_eq!(now(), ms(40), "and none is waited for");
}

/// A server that is asked to stop, and whose grace period is over.
fn finishes(shutdown: Shutdown) -> Vec<String> {
    let shutdown = Some(shutdown);
    let options = ServerOptions { shutdown, ..ServerOptions::default() };
    let stop = Stop::new();
    let it = Trial::with(options, Some(stop.clone()));
    let (tasks, sleeps) = (it.tasks.clone(), [sleeper(&it), sleeper(&it)]);
    let write = it.writer();
    it.spawn(async move {
        for sleeps in sleeps {
            tasks.spawn(sleeps);
        }
        tasks.finish().await.unwrap();
        write("finished");
    });
    // As `run` does: the loop hears of every phase, and so of its own.
    it.hear(&stop);
    stop.request(ms(0));
    it.run().unwrap();
    assert_eq!(reported(&it), 0);
    it.lines()
}

#[test]
fn at_the_end_of_the_grace_period_it_is_told_once_too() {
    let lines = ["0 told", "0 told", "30 clean", "30 clean", "30 finished"];
    assert_eq!(finishes(Shutdown::Shared), lines);
}

#[test]
fn one_by_one_each_is_cancelled_after_the_one_before_has_ended() {
    let lines = ["0 told", "30 clean", "30 told", "60 clean", "60 finished"];
    assert_eq!(finishes(Shutdown::Sequential), lines);
}
