//! Handles: a join gives the result once, however often it is polled.

use super::trial::{Trial, ms, now};
use crate::probe::TaskId;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;

#[test]
fn a_task_that_has_ended_is_joined_without_a_pause() {
    let it = Trial::of(|tasks| async move {
        let other = tasks.spawn(async {});
        assert_eq!(other.id(), TaskId(1));
        assert!(!other.is_finished());
        tasks.sleep(ms(1)).await.unwrap();
        assert!(other.is_finished());
        assert_eq!(other.join().await.unwrap(), Some(()));
    });
    assert_eq!(it.log.polls(TaskId(0)), 2);
}

#[test]
fn a_join_may_be_polled_any_number_of_times_before_it_is_ready() {
    let it = Trial::of(|tasks| async move {
        let asleep = tasks.clone();
        let other = tasks.spawn(async move { asleep.sleep(ms(50)).await });
        let mut join = pin!(other.join());
        let mut polls = 0;
        poll_fn(move |with| {
            polls += 1;
            if polls < 9 {
                with.waker().wake_by_ref();
            }
            join.as_mut().poll(with).map(|_| ())
        })
        .await;
        assert_eq!(now(), ms(50));
    });
    assert_eq!(it.log.polls(TaskId(0)), 1 + 8 + 1);
}

#[test]
fn a_task_that_panics_ends_the_loop_and_leaves_no_task_behind() {
    let it = Trial::new();
    let (tasks, held) = (it.tasks.clone(), Rc::new(()));
    let (other, guard) = (it.read(1), held.clone());
    it.spawn(async move {
        tasks.spawn(async move {
            other.await.unwrap();
            drop(guard);
        });
        tasks.sleep(ms(1)).await.unwrap();
        assert!(now() < ms(1), "a panic on purpose");
    });
    assert!(catch_unwind(AssertUnwindSafe(|| it.run())).is_err());
    assert_eq!(Rc::strong_count(&held), 1);
}
