//! Cancelling: once, at the `await`, and the clean-up runs to its end.

use super::trial::{Trial, ms, now};
use crate::event_loop::{Ending, is_cancelled};
use crate::net::{ServerOptions, Shutdown, Stop};
use crate::probe::{Note, TaskId, TaskNow};
use std::cell::Cell;
use std::future::pending;
use std::io;
use std::rc::Rc;
use std::time::Duration;

const OTHER: TaskId = TaskId(1);

/// A task that sleeps for a second and when cancelled cleans up for 30 ms.
fn sleeper(it: &Trial) -> impl Future<Output = io::Result<()>> + 'static {
    let (tasks, write) = (it.tasks.clone(), it.writer());
    async move {
        let slept = tasks.sleep(ms(1_000)).await;
        if slept.as_ref().is_err_and(is_cancelled) {
            write("cancelled");
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

/// Cancels this task at this time, twice, and joins it: whether there was a
/// result, when, and how the task ended.
fn cancelled_at<T: Ending + 'static>(
    it: &Trial,
    time: u64,
    other: impl Future<Output = T> + 'static,
) -> (bool, Duration, Option<TaskNow>) {
    let has_result = Rc::new(Cell::new(false));
    let (tasks, result) = (it.tasks.clone(), has_result.clone());
    it.spawn(async move {
        let other = tasks.spawn(other);
        tasks.sleep(ms(time)).await.unwrap();
        other.cancel();
        other.cancel();
        result.set(other.join().await.unwrap().is_some());
    });
    it.run().unwrap();
    (has_result.get(), now(), it.log.end_of(OTHER))
}

#[test]
fn a_task_is_cancelled_once_at_its_await_and_cleans_up_to_the_end() {
    // At once: it finds out at its first `await`.
    for (time, lines) in
        [(10, ["10 cancelled", "40 clean"]), (0, ["0 cancelled", "30 clean"])]
    {
        let it = Trial::new();
        let found = cancelled_at(&it, time, sleeper(&it));
        let end = Some(TaskNow::Cancelled);
        assert_eq!(found, (false, ms(time + 30), end));
        assert_eq!(
            (it.lines(), reported(&it)),
            (lines.map(String::from).to_vec(), 0)
        );
    }
}

#[test]
fn a_task_that_does_not_end_when_cancelled_goes_on() {
    let it = Trial::new();
    let tasks = it.tasks.clone();
    let goes_on = async move {
        assert!(tasks.sleep(ms(50)).await.is_err());
        tasks.sleep(ms(50)).await.unwrap();
    };
    let found = cancelled_at(&it, 10, goes_on);
    assert_eq!(found, (true, ms(60), Some(TaskNow::Done)));
}

#[test]
fn a_task_paused_on_what_knows_of_no_cancelling_is_dropped() {
    let found = cancelled_at(&Trial::new(), 10, pending::<()>());
    assert_eq!(found, (false, ms(10), Some(TaskNow::Cancelled)));
}

#[test]
fn an_error_of_its_clean_up_is_news() {
    let it = Trial::of(|tasks| async move {
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
    assert!(matches!(it.log.end_of(OTHER), Some(TaskNow::Failed(_))));
    assert_eq!(reported(&it), 1);
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
fn when_the_grace_period_is_over_all_are_cancelled_together_or_one_by_one() {
    for (shutdown, lines) in [
        (
            Shutdown::Shared,
            [
                "0 cancelled",
                "0 cancelled",
                "30 clean",
                "30 clean",
                "30 finished",
            ],
        ),
        (
            Shutdown::Sequential,
            [
                "0 cancelled",
                "30 clean",
                "30 cancelled",
                "60 clean",
                "60 finished",
            ],
        ),
    ] {
        assert_eq!(finishes(shutdown), lines);
    }
}
