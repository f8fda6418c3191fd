//! What the pseudocode of an event loop loses, taken by its word.

use super::trial::{Trial, instant, ms, now, pass};
use crate::probe::SocketId;
use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::io::ErrorKind;
use std::mem;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::thread;

/// The pseudocode's loop in the smallest terms: what is ready or paused has
/// a number, and what it does when it runs is a function.
#[derive(Default)]
struct Naive {
    paused: Vec<u32>,
    ready: Vec<u32>,
    ran: Vec<u32>,
}

/// What a step of a task does to the loop.
enum Does {
    Pause,
    Wake(u32),
    End,
}

impl Naive {
    /// One turn, word by word. Tells whether it would sleep for ever.
    fn turn(&mut self, step: impl Fn(u32) -> Does, events: &[u32]) -> bool {
        // paused, new_sockets = run_ready_tasks(ready)
        let (mut paused, mut woken) = (Vec::new(), Vec::new());
        for &task in &self.ready {
            self.ran.push(task);
            match step(task) {
                Does::Pause => paused.push(task),
                Does::Wake(other) => woken.push(other),
                Does::End => {}
            }
        }
        self.paused = paused;
        self.ready.extend(woken);
        // timeout = calculate_timeout(); events = selector.select(timeout)
        let sleeps_for_ever = events.is_empty();
        // ready = process_events(events)
        self.ready = events.to_vec();
        sleeps_for_ever
    }
}

#[test]
fn what_becomes_ready_while_tasks_run_is_not_lost() {
    let step = |task| if task == 0 { Does::Wake(7) } else { Does::End };
    let mut naive = Naive { ready: vec![0], ..Naive::default() };
    naive.turn(step, &[1]);
    naive.turn(step, &[]);
    assert_eq!(naive.ran, [0, 1], "7 is overwritten");

    let it = Trial::new();
    let (tasks, write) = (it.tasks.clone(), it.writer());
    let read = it.read(1);
    it.arrives(1, ms(0));
    it.spawn(async move {
        let (ends, end) = (write.clone(), write.clone());
        let spawned = tasks.spawn(async move { ends("7") });
        let reads = tasks.spawn(async move {
            read.await.unwrap();
            end("1");
        });
        spawned.join().await.unwrap();
        reads.join().await.unwrap();
    });
    it.run().unwrap();
    assert_eq!(it.lines(), ["0 7", "0 1"]);
}

#[test]
fn who_is_paused_stays_so_through_any_number_of_turns() {
    let step = |task| if task == 0 { Does::Pause } else { Does::End };
    let mut naive = Naive { ready: vec![0], ..Naive::default() };
    naive.turn(step, &[1]);
    assert_eq!(naive.paused, [0]);
    naive.turn(step, &[]);
    assert!(naive.paused.is_empty(), "paused is overwritten");

    let it = Trial::new();
    let (write, slow, quick) = (it.writer(), it.read(1), it.read(2));
    it.arrives(1, ms(50));
    (0..5).for_each(|n| it.arrives(2, ms(n * 10)));
    it.spawn(async move {
        slow.await.unwrap();
        write("the slow one");
    });
    let (tasks, write) = (it.tasks.clone(), it.writer());
    let net = it.net.clone();
    it.spawn(async move {
        quick.await.unwrap();
        for _ in 0..4 {
            tasks.sleep(ms(1)).await.unwrap();
        }
        assert_eq!(net.borrow().watched, [SocketId(1)].into());
        write("the quick one");
    });
    it.run().unwrap();
    assert_eq!(it.lines(), ["4 the quick one", "50 the slow one"]);
}

#[test]
fn a_timer_is_not_lost_to_the_events_of_sockets() {
    let mut naive = Naive { ready: vec![0], ..Naive::default() };
    // 0 pauses until a time; the selector returns then, and names nobody.
    naive.turn(|_| Does::Pause, &[]);
    naive.turn(|_| Does::End, &[]);
    assert_eq!(naive.ran, [0], "0 is never run again");

    let it = Trial::new();
    let (tasks, write) = (it.tasks.clone(), it.writer());
    let reads: Vec<_> = (0..4).map(|_| it.read(1)).collect();
    (0..4).for_each(|n| it.arrives(1, ms(n * 4)));
    it.spawn(async move {
        let (asleep, end) = (tasks.clone(), write.clone());
        let sleeper = tasks.spawn(async move {
            asleep.sleep(ms(10)).await.unwrap();
            end("timer");
        });
        for read in reads {
            read.await.unwrap();
            write("socket");
        }
        sleeper.join().await.unwrap();
    });
    it.run().unwrap();
    let lines = ["0 socket", "4 socket", "8 socket", "10 timer", "12 socket"];
    assert_eq!(it.lines(), lines);
}

#[test]
fn a_timer_that_is_due_while_tasks_run_is_not_lost_either() {
    let it = Trial::new();
    let (tasks, write) = (it.tasks.clone(), it.writer());
    it.spawn(async move {
        let (asleep, end) = (tasks.clone(), write.clone());
        let sleeper = tasks.spawn(async move {
            asleep.sleep(ms(10)).await.unwrap();
            end("timer");
        });
        tasks.sleep(ms(5)).await.unwrap();
        pass(ms(30));
        write("busy until then");
        sleeper.join().await.unwrap();
    });
    it.run().unwrap();
    assert_eq!(it.lines(), ["35 busy until then", "35 timer"]);
}

#[test]
fn a_loop_in_which_nothing_can_happen_ends_instead_of_sleeping_for_ever() {
    let mut naive = Naive { ready: vec![0], ..Naive::default() };
    assert!(naive.turn(|_| Does::Pause, &[]), "it would sleep for ever");

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
fn it_sleeps_exactly_until_the_next_timer() {
    let it = Trial::new();
    let tasks = it.tasks.clone();
    it.spawn(async move {
        let long = tasks.sleep(ms(70));
        tasks.timeout(ms(30), long).await.unwrap();
        tasks.sleep_until(instant(ms(50))).await.unwrap();
        tasks.sleep(ms(0)).await.unwrap();
    });
    it.run().unwrap();
    let until = [Some(ms(30)), Some(ms(50)), Some(ms(50))];
    assert_eq!(it.log.asked(), until);
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
