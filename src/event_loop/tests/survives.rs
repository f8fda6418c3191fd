//! What a loop must survive beside what `replay` checks of every run.

use super::trial::{Trial, ms, now};
use crate::probe::SocketId;
use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::io::ErrorKind;
use std::mem;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::thread;

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
fn it_sleeps_for_as_long_as_somebody_may_still_wake_it() {
    let it = Trial::new();
    let kept = Rc::<Cell<Option<Waker>>>::default();
    let give = kept.clone();
    let mut is_woken = false;
    it.spawn(poll_fn(move |with| {
        if mem::replace(&mut is_woken, true) {
            return Poll::Ready(());
        }
        give.set(Some(with.waker().clone()));
        Poll::Pending
    }));
    let woken = it.run_with(move || {
        let waker = kept.take();
        let wake = |waker: Waker| thread::spawn(move || waker.wake());
        waker.map(|waker| wake(waker).join().is_ok())
    });
    assert!(woken.is_ok());
    // Asleep for ever, as far as it knew; then not at all, as nobody is left.
    assert_eq!(it.log.asked(), [None, Some(ms(0))]);
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
