//! Cancelling, as far as scripts cannot say it.

use super::trial::{Trial, ms, now};
use crate::net::{ServerOptions, Shutdown, Stop};
use crate::probe::{Note, TaskId, TaskNow};
use std::io;
use std::time::Duration;

const OTHER: TaskId = TaskId(1);

fn reported(it: &Trial) -> usize {
    let notes = it.log.notes();
    let is_it = |note: &Note| matches!(note, Note::NeverRetrieved { .. });
    notes.iter().filter(|(_, note)| is_it(note)).count()
}

#[test]
fn a_task_that_does_not_end_when_cancelled_goes_on() {
    let it = Trial::of(|tasks| async move {
        let sleeps = tasks.clone();
        let other = tasks.spawn(async move {
            assert!(sleeps.sleep(ms(50)).await.is_err());
            sleeps.sleep(ms(50)).await.unwrap();
        });
        tasks.sleep(ms(10)).await.unwrap();
        other.cancel();
        assert!(other.join().await.unwrap().is_some());
        assert_eq!(now(), ms(60));
    });
    assert_eq!(it.log.end_of(OTHER), Some(TaskNow::Done));
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

/// A server that is asked to stop, whose grace period is over, and whose tasks
/// clean up for 30 ms: which of them end, and when.
fn finishes(shutdown: Shutdown) -> Vec<(u32, u128)> {
    let shutdown = Some(shutdown);
    let options = ServerOptions { shutdown, ..ServerOptions::default() };
    let stop = Stop::new();
    let it = Trial::with(options, Some(stop.clone()));
    let tasks = it.tasks.clone();
    it.spawn(async move {
        for _ in 0..2 {
            let sleeps = tasks.clone();
            tasks.spawn(async move {
                let slept = sleeps.sleep(ms(1_000)).await;
                sleeps.sleep(ms(30)).await?;
                slept
            });
        }
        tasks.finish().await.unwrap();
    });
    // As `run` does: the loop hears of every phase, and so of its own.
    it.hear(&stop);
    stop.request(ms(0));
    it.run().unwrap();
    assert_eq!(reported(&it), 0);
    let ends = |(at, note): (Duration, Note)| match note {
        Note::Task { task, now } if now.has_ended() => {
            Some((task.0, at.as_millis()))
        }
        _ => None,
    };
    it.log.notes().into_iter().filter_map(ends).collect()
}

#[test]
fn when_the_grace_period_is_over_all_are_cancelled_together_or_one_by_one() {
    let together = finishes(Shutdown::Shared);
    assert_eq!(together, [(1, 30), (2, 30), (0, 30)]);
    let one_by_one = finishes(Shutdown::Sequential);
    assert_eq!(one_by_one, [(1, 30), (2, 60), (0, 60)]);
}
