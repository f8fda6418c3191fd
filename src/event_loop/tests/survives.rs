//! What a loop must survive, and how it treats errors, floods and long runs,
//! beside what `replay` checks of every run.

use super::trial::{Trial, ms, now, pass, yielding_after};
use crate::probe::{Note, SocketId, TaskId};
use std::cell::Cell;
use std::future::pending;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

#[test]
fn a_loop_in_which_nothing_can_happen_ends_instead_of_sleeping_for_ever() {
    let it = Trial::new();
    it.spawn(pending::<()>());
    assert_eq!(it.run().unwrap_err().kind(), ErrorKind::Deadlock);

    let it = Trial::new();
    let dropped = Rc::new(());
    let (tasks, held) = (it.tasks.clone(), dropped.clone());
    it.spawn(async move {
        let other = tasks.spawn(pending::<()>());
        other.join().await.unwrap();
        drop(held);
    });
    assert_eq!(it.run().unwrap_err().kind(), ErrorKind::Deadlock);
    let held = Rc::strong_count(&dropped);
    assert_eq!(held, 1, "its tasks are dropped with it");
}

#[test]
fn a_socket_that_cannot_be_watched_fails_its_task_and_no_other() {
    let it = Trial::new();
    it.net.borrow_mut().refused.insert(SocketId(1));
    let (refused, fine) = (it.read(1), it.read(2));
    it.arrives(2, ms(5));
    let tasks = it.tasks.clone();
    it.spawn(async move {
        let other = tasks.spawn(fine);
        let failed = refused.await.unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::PermissionDenied);
        assert!(other.join().await.unwrap().unwrap().is_ok());
    });
    it.run().unwrap();
    assert_eq!(now(), ms(5));
}

/// A client that floods, and one that says one thing: after how many reads
/// of the flood that is read.
fn flood(calls_before_yield: Option<u32>) -> usize {
    let it = Trial::with(yielding_after(calls_before_yield), None);
    it.net.borrow_mut().bytes.insert(SocketId(1), 100);
    it.arrives(2, ms(0));
    let floods: Vec<_> = (0..100).map(|_| it.read(1)).collect();
    let (other, tasks) = (it.read(2), it.tasks.clone());
    let (count, before) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (counted, at) = (count.clone(), before.clone());
    it.spawn(async move {
        let flood = tasks.spawn(async move {
            for read in floods {
                read.await.unwrap();
                counted.update(|it| it + 1);
            }
        });
        let other = tasks.spawn(async move {
            other.await.unwrap();
            at.set(count.get());
        });
        flood.join().await.unwrap();
        other.join().await.unwrap();
    });
    it.run().unwrap();
    before.get()
}

#[test]
fn it_lets_others_run_after_this_number_of_calls_or_starves_them() {
    assert_eq!([1, 16, 99].map(|most| flood(Some(most))), [1, 16, 99]);
    assert_eq!(flood(None), 100);
}

#[test]
fn a_long_run_is_reported_and_one_of_a_tenth_of_a_second_is_not() {
    let it = Trial::of(|tasks| async move {
        pass(ms(100));
        tasks.sleep(ms(200)).await.unwrap();
        pass(ms(101));
    });
    let long = |(_, note): (_, Note)| match note {
        Note::LongRun { task, time } => Some((task, time.duration())),
        _ => None,
    };
    let long: Vec<_> = it.log.notes().into_iter().filter_map(long).collect();
    assert_eq!(long, [(TaskId(0), ms(101))]);
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
