//! `timeout` waits for the clean-up, and swallows no cancelling from outside.

use super::record::Probe;
use super::trial::{Trial, ms, now};
use crate::event_loop::{Tasks, is_cancelled};
use crate::probe::{Note, TaskId, TaskNow};
use std::future::{pending, ready};
use std::io;

/// Sleeps for a second; when cancelled, cleans up for 0.3 s.
async fn slow_to_clean(tasks: Tasks<Probe>) -> io::Result<()> {
    let slept = tasks.sleep(ms(1_000)).await;
    if slept.is_err() {
        tasks.sleep(ms(300)).await?;
    }
    slept
}

#[test]
fn a_tenth_around_a_clean_up_of_three_is_over_after_four() {
    let it = Trial::of(|tasks| async move {
        let slow = slow_to_clean(tasks.clone());
        assert!(tasks.timeout(ms(100), slow).await.unwrap().is_none());
        assert_eq!(now(), ms(400));
        tasks.sleep(ms(10)).await
    });
    assert_eq!(it.log.end_of(TaskId(0)), Some(TaskNow::Done));
}

#[test]
fn what_is_in_time_is_returned_and_leaves_no_timer() {
    Trial::of(|tasks| async move {
        let quick = tasks.sleep(ms(50));
        assert!(tasks.timeout(ms(100), quick).await.unwrap().is_some());
        assert_eq!(tasks.timeout(ms(0), ready(7)).await.unwrap(), Some(7));
        assert_eq!(tasks.state().timers.len(), 0);
    });
    assert_eq!(now(), ms(50));
}

#[test]
fn what_knows_of_no_cancelling_is_dropped_at_the_time() {
    Trial::of(|tasks| async move {
        let never = tasks.timeout(ms(100), pending::<()>());
        assert!(never.await.unwrap().is_none());
        let none = tasks.timeout(ms(0), pending::<()>());
        assert!(none.await.unwrap().is_none());
        assert_eq!(now(), ms(100));
    });
}

#[test]
fn the_shorter_of_two_around_each_other_counts() {
    Trial::of(|tasks| async move {
        let inner = tasks.timeout(ms(20), pending::<()>());
        let outer = tasks.timeout(ms(50), inner);
        assert!(matches!(outer.await, Ok(Some(Ok(None)))));
        assert_eq!(now(), ms(20));
        let inner = tasks.timeout(ms(50), pending::<()>());
        let outer = tasks.timeout(ms(20), inner);
        assert!(matches!(outer.await, Ok(None)));
        assert_eq!(now(), ms(40));
    });
}

#[test]
fn an_inner_one_in_its_clean_up_does_not_swallow_the_outer_ones_time() {
    Trial::of(|tasks| async move {
        let inside = tasks.clone();
        let inner = async move {
            let slow = slow_to_clean(inside.clone());
            let inner = inside.timeout(ms(100), slow).await;
            assert!(inner.is_err_and(|it| is_cancelled(&it)));
            now()
        };
        assert!(tasks.timeout(ms(200), inner).await.unwrap().is_none());
        assert_eq!(now(), ms(200));
    });
}

/// A task in a time-out of 100 ms, cancelled after this time in milliseconds:
/// how it ends, when, and how many errors were never retrieved.
fn cancelled_after(time: u64) -> (Option<TaskNow>, u128, usize) {
    let it = Trial::of(|tasks| async move {
        let inside = tasks.clone();
        let other = tasks.spawn(async move {
            let slow = slow_to_clean(inside.clone());
            if let Some(slept) = inside.timeout(ms(100), slow).await? {
                return slept;
            }
            inside.sleep(ms(5_000)).await
        });
        tasks.sleep(ms(time)).await.unwrap();
        other.cancel();
        other.join().await.unwrap();
    });
    let lost = |note: &Note| matches!(note, Note::NeverRetrieved { .. });
    let notes = it.log.notes();
    let lost = notes.iter().filter(|(_, note)| lost(note)).count();
    (it.log.end_of(TaskId(1)), now().as_millis(), lost)
}

#[test]
fn a_task_that_is_cancelled_inside_one_ends() {
    let end = Some(TaskNow::Cancelled);
    // Before the time: it cleans up, until that is cut at the time.
    assert_eq!(cancelled_after(10), (end, 100, 0));
    // In the clean-up that the time has begun.
    assert_eq!(cancelled_after(150), (end, 150, 0));
    // Both at once.
    assert_eq!(cancelled_after(100).0, end);
}
