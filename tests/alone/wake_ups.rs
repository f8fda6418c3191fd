//! Wake-ups from other threads, through every order of their steps: loom runs
//! each model once for each interleaving, and for each value that a load may
//! see under the rules of the memory model.
//!
//! The code is the loop's own; only its locks and atomics are loom's.

mod sync {
    pub(crate) use loom::sync::Mutex;
    pub(crate) use loom::sync::atomic::{AtomicBool, Ordering::SeqCst};
    pub(crate) use std::sync::PoisonError;
}

#[path = "../../src/event_loop/waker.rs"]
mod waker;

use loom::sync::atomic::AtomicUsize as LoomUsize;
use loom::thread;
use sockscope::probe::TaskId;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, PoisonError};
use std::task::Waker;
use waker::{Remote, Runnable, TaskWaker};

/// The loop's end of it, as `turn.rs` has it. A selector's `notify` is
/// modelled by loom's `unpark`, which is as sticky as an eventfd: it ends the
/// sleep of this time or else of the next.
struct Loop {
    remote: Arc<Remote>,
    /// How often the loop was notified.
    notified: Arc<AtomicUsize>,
    sleeps: usize,
}

impl Loop {
    fn new() -> Self {
        let (thread, notified) = (thread::current(), Arc::default());
        let count = Arc::<AtomicUsize>::clone(&notified);
        let remote = Remote::new(move || {
            count.fetch_add(1, Relaxed);
            thread.unpark();
        });
        Self { remote, notified, sleeps: 0 }
    }

    /// `calculate_timeout`, `select` and `process_events` of a turn in which
    /// no task is ready. If nobody ends the sleep loom reports a deadlock.
    fn sleep_and_take(&mut self, ready: &mut Vec<Runnable>) {
        if self.remote.inbox.may_sleep() {
            self.sleeps += 1;
            thread::park();
        }
        self.remote.inbox.take(ready);
    }

    /// The same for a turn in which a task was ready: it does not sleep.
    fn take(&self, ready: &mut Vec<Runnable>) {
        self.remote.inbox.take(ready);
    }

    fn spawn(
        &self,
        send: impl FnOnce(&Remote) + 'static,
    ) -> thread::JoinHandle<()> {
        let remote = self.remote.clone();
        thread::spawn(move || send(&remote))
    }
}

/// Every interleaving.
fn all(model: impl Fn() + Sync + Send + 'static) {
    loom::model(model);
}

/// Every interleaving in which at most three of the switches happen where a
/// thread could have gone on; without a limit there are too many to wait for.
fn most(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

fn join(threads: impl IntoIterator<Item = thread::JoinHandle<()>>) {
    for thread in threads {
        assert!(thread.join().is_ok());
    }
}

fn task(number: u32) -> Runnable {
    Runnable::Task(TaskId(number))
}

#[test]
fn whatever_is_sent_arrives_once_and_the_loop_is_woken_for_it() {
    all(|| {
        let mut it = Loop::new();
        let senders = [task(1), Runnable::Stop]
            .map(|runnable| it.spawn(move |remote| remote.send(runnable)));
        let mut ready = Vec::new();
        while ready.len() < 2 {
            it.sleep_and_take(&mut ready);
        }
        join(senders);
        it.take(&mut ready);
        let both = ready == [task(1), Runnable::Stop];
        assert!(both || ready == [Runnable::Stop, task(1)]);
    });
}

#[test]
fn what_one_thread_sends_arrives_in_its_order_however_turns_fall() {
    all(|| {
        let mut it = Loop::new();
        let sender = it.spawn(|remote| {
            (1..=3).for_each(|number| remote.send(task(number)));
        });
        let mut ready = Vec::new();
        it.take(&mut ready);
        while ready.len() < 3 {
            it.sleep_and_take(&mut ready);
        }
        join([sender]);
        assert_eq!(ready, [task(1), task(2), task(3)]);
    });
}

#[test]
fn of_all_that_comes_during_a_sleep_only_the_first_notifies() {
    all(|| {
        let mut it = Loop::new();
        let sleeps = it.remote.inbox.may_sleep();
        let senders = [1, 2]
            .map(|number| it.spawn(move |remote| remote.send(task(number))));
        assert!(sleeps);
        thread::park();
        join(senders);
        assert_eq!(it.notified.load(Relaxed), 1);
        let mut ready = Vec::new();
        it.take(&mut ready);
        assert_eq!(ready.len(), 2);
        // Nobody is asleep: nobody has to be woken.
        it.remote.send(task(3));
        assert_eq!(it.notified.load(Relaxed), 1);
        it.sleep_and_take(&mut ready);
        assert_eq!((ready.len(), it.sleeps), (3, 0));
    });
}

/// Runs a task until it has seen `all` of what others have written, each
/// with a wake-up after it; as the loop runs one, but for the coroutine. It
/// begins among the ready ones.
fn run_until(all: usize, it: &mut Loop, task: &TaskWaker, seen: &LoomUsize) {
    let mut ready = vec![self::task(1)];
    loop {
        assert!(ready.len() <= 1, "it is ready twice: {ready:?}");
        if ready.pop().is_some() {
            task.runs();
            if seen.load(Relaxed) == all {
                break;
            }
        }
        it.sleep_and_take(&mut ready);
    }
}

#[test]
fn a_task_that_is_woken_sees_whatever_came_before_the_wake_up() {
    most(|| {
        let mut it = Loop::new();
        let waker = TaskWaker::new(TaskId(1), &it.remote);
        assert!(waker.becomes_ready());
        let written = Arc::new(LoomUsize::new(0));
        let others = [(); 2].map(|()| {
            let waker = Waker::from(waker.clone());
            let written = written.clone();
            thread::spawn(move || {
                written.fetch_add(1, Relaxed);
                waker.wake();
            })
        });
        run_until(2, &mut it, &waker, &written);
        join(others);
    });
}

#[test]
fn woken_by_the_loop_and_by_a_thread_at_once_it_is_ready_once() {
    all(|| {
        let it = Loop::new();
        let waker = TaskWaker::new(TaskId(1), &it.remote);
        let other = Waker::from(waker.clone());
        let other = thread::spawn(move || other.wake());
        let mut ready = Vec::new();
        if waker.becomes_ready() {
            ready.push(task(1));
        }
        it.take(&mut ready);
        assert!(ready.len() <= 1);
        join([other]);
        it.take(&mut ready);
        assert_eq!(ready, [task(1)]);
        assert!(waker.is_ready());
        waker.runs();
        assert!(!waker.is_ready());
    });
}

/// An inbox whose two steps before a sleep are in the wrong order.
struct WrongOrder {
    is_empty: sync::Mutex<bool>,
    asleep: sync::AtomicBool,
}

impl WrongOrder {
    fn put(&self) -> bool {
        *self.is_empty.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.asleep.swap(false, sync::SeqCst)
    }

    fn may_sleep(&self) -> bool {
        let lock = self.is_empty.lock();
        let is_empty = *lock.unwrap_or_else(PoisonError::into_inner);
        self.asleep.swap(true, sync::SeqCst);
        is_empty
    }
}

/// A test of these tests: loom finds the order that loses a wake-up.
#[test]
#[should_panic(expected = "deadlock")]
fn a_flag_that_is_raised_after_the_look_loses_a_wake_up() {
    all(|| {
        let is_empty = sync::Mutex::new(true);
        let asleep = sync::AtomicBool::new(false);
        let inbox = Arc::new(WrongOrder { is_empty, asleep });
        let (it, sender) = (thread::current(), inbox.clone());
        thread::spawn(move || {
            if sender.put() {
                it.unpark();
            }
        });
        if inbox.may_sleep() {
            thread::park();
        }
    });
}

/// Another: what a waker's `runs` is not. A store does not look at what it
/// overwrites, so that the task may not see what came before that wake-up.
#[test]
#[should_panic(expected = "lost")]
fn a_ready_flag_that_is_only_stored_loses_what_came_before_the_wake_up() {
    all(|| {
        let is_ready = Arc::new(sync::AtomicBool::new(true));
        let written = Arc::new(LoomUsize::new(0));
        let (flag, write) = (is_ready.clone(), written.clone());
        let other = thread::spawn(move || {
            write.store(1, Relaxed);
            // It is ready already: nothing has to be sent.
            flag.swap(true, sync::SeqCst)
        });
        is_ready.store(false, sync::SeqCst);
        let is_seen = written.load(Relaxed) == 1;
        let was_ready = other.join().unwrap_or_default();
        assert!(is_seen || !was_ready, "a wake-up is lost");
    });
}
