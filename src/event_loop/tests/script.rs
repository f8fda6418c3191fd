//! Tasks that do anything, and say what they do.

use super::record::{Probe, Said};
use super::trial::{Read, Trial, ms, now, pass};
use crate::event_loop::tasks::Tasks;
use crate::event_loop::{JoinHandle, is_cancelled};
use crate::probe::TaskId;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

/// What a task does next. Times are in milliseconds; a number names one of
/// the tasks spawned so far, or a signal.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Wakes itself, and pauses; it knows of no cancelling.
    Yield,
    /// Keeps the thread for this time.
    Work(u64),
    Sleep(u64),
    /// Waits for a signal, in a way that knows of no cancelling.
    Wait(usize),
    /// Gives a signal, for ever.
    Fire(usize),
    /// Has another thread give it.
    FireFromThread(usize),
    /// Reads its socket, on which something arrives after this time.
    Read(u64),
    Spawn(Script),
    Cancel(u32),
    Join(u32),
    /// Drops the handle.
    Forget(u32),
    /// Does this for the first time at most, then cleans up for the second.
    TimeOut(u64, Box<Act>, u64),
    Fail,
}

/// What a task does, one after the other; and for how long it cleans up if
/// it is cancelled.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) acts: Vec<Act>,
    pub(super) clean_up: u64,
}

type Done = Pin<Box<dyn Future<Output = io::Result<()>>>>;
type Waiters = Vec<(TaskId, Waker)>;

/// What the tasks of a trial share.
pub(super) struct World {
    trial: Trial,
    signals: RefCell<[(bool, Waiters); 3]>,
    handles: RefCell<HashMap<TaskId, JoinHandle<io::Result<()>, Probe>>>,
    timers: Cell<u64>,
}

/// Says that a timer is gone.
struct Gone<'a>(&'a World, u64);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.say(Said::TimerGone(self.1));
    }
}

impl World {
    pub(super) fn new(trial: Trial) -> Rc<Self> {
        let (signals, handles) = (RefCell::default(), RefCell::default());
        Rc::new(Self { trial, signals, handles, timers: Cell::default() })
    }

    pub(super) fn trial(&self) -> &Trial {
        &self.trial
    }

    /// Begins with this script, and turns until every task has ended and
    /// every handle is dropped.
    pub(super) fn run(self: &Rc<Self>, script: Script) -> io::Result<()> {
        self.spawn(script);
        let rescuer = self.clone();
        let ended = self.trial.run_with(move || rescuer.rescue());
        let handles = self.handles.take();
        drop(handles);
        let timers = self.tasks().state().timers.len();
        assert!(ended.is_err() || timers == 0, "{timers} timers are left");
        ended
    }

    fn say(&self, said: Said) {
        self.trial.log.say(said);
    }

    fn tasks(&self) -> &Tasks<Probe> {
        &self.trial.tasks
    }

    fn me(&self) -> TaskId {
        self.tasks().with_current(|it| it.task).unwrap()
    }

    fn any(&self, number: u32) -> TaskId {
        TaskId(number % self.tasks().state().spawned)
    }

    fn spawn(self: &Rc<Self>, script: Script) {
        let done: Done = Box::pin(perform(self.clone(), script));
        let handle = self.tasks().spawn(done);
        self.say(Said::Spawned(handle.id()));
        self.handles.borrow_mut().insert(handle.id(), handle);
    }

    fn timer(&self, at: Duration) -> Gone<'_> {
        let number = self.timers.replace(self.timers.get() + 1);
        if at > now() {
            self.say(Said::Timer(number, self.me(), at));
        }
        Gone(self, number)
    }

    /// Nothing is ready and no timer is set: other threads give all signals.
    /// `None` if no task waits for one, else whether one can still run.
    fn rescue(&self) -> Option<bool> {
        let wakers: Vec<_> = (0..3).flat_map(|n| self.fire(n)).collect();
        let alive = |(id, _): &(TaskId, _)| self.tasks().is_alive(*id);
        let any = wakers.iter().any(alive);
        let count = wakers.len();
        thread::spawn(move || wake(wakers)).join().unwrap();
        (count > 0).then_some(any)
    }

    /// The tasks that wait for the signal and are to be woken now.
    fn fire(&self, signal: usize) -> Waiters {
        let (is_fired, waiters) = &mut self.signals.borrow_mut()[signal];
        *is_fired = true;
        let waiters = std::mem::take(waiters);
        for (task, _) in &waiters {
            self.say(Said::Woke(*task));
        }
        waiters
    }

    async fn wait(&self, signal: usize) {
        poll_fn(|with| {
            let (is_fired, waiters) = &mut self.signals.borrow_mut()[signal];
            if *is_fired {
                return Poll::Ready(());
            }
            waiters.push((self.me(), with.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    async fn yields(&self) {
        let mut is_woken = false;
        poll_fn(|with| {
            if std::mem::replace(&mut is_woken, true) {
                return Poll::Ready(());
            }
            self.say(Said::Woke(self.me()));
            with.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    async fn sleep(&self, time: u64) -> io::Result<()> {
        let at = now() + ms(time);
        let _gone = self.timer(at);
        self.tasks().sleep(ms(time)).await?;
        self.say(Said::Resumed(self.me(), at));
        Ok(())
    }

    /// A sleep after a cancellation; that it goes on then is no news.
    async fn clean_up(
        &self,
        done: io::Result<()>,
        time: u64,
    ) -> io::Result<()> {
        if done.as_ref().is_err_and(is_cancelled) && time > 0 {
            self.say(Said::CleansUp(self.me()));
            let _gone = self.timer(now() + ms(time));
            self.tasks().sleep(ms(time)).await?;
            self.say(Said::Cleaned(self.me()));
        }
        done
    }

    async fn read(&self, after: u64) -> io::Result<()> {
        let socket = self.me().0;
        self.trial.arrives(socket, ms(after));
        let read: Read = self.trial.read(socket);
        read.await?;
        self.say(Said::Resumed(self.me(), Duration::ZERO));
        Ok(())
    }

    async fn join(&self, task: TaskId) -> io::Result<()> {
        let handle = self.handles.borrow_mut().remove(&task);
        let Some(handle) = handle else { return Ok(()) };
        let mut join = pin!(handle.join());
        let joined = poll_fn(|with| {
            // However often it is polled: the result comes once.
            let mut polled = join.as_mut().poll(with);
            if polled.is_pending() {
                polled = join.as_mut().poll(with);
                self.say(Said::Joins(self.me(), task));
            }
            polled
        });
        let joined = joined.await?;
        self.say(Said::Joined(task, joined.map(|result| result.is_ok())));
        self.say(Said::Resumed(self.me(), Duration::ZERO));
        Ok(())
    }

    async fn in_time(
        self: &Rc<Self>,
        time: u64,
        act: Act,
        clean_up: u64,
    ) -> io::Result<()> {
        let at = now() + ms(time);
        self.say(Said::Limited(self.me()));
        let mut timer = None;
        let inner = async {
            self.clean_up(do_it(self.clone(), act).await, clean_up).await
        };
        let mut inner = pin!(inner);
        // The loop's timer is set when the inner future has first paused.
        let noted = poll_fn(|with| {
            let polled = inner.as_mut().poll(with);
            if polled.is_pending() && timer.is_none() {
                timer = Some(self.timer(at));
            }
            polled
        });
        if let Some(done) = self.tasks().timeout(ms(time), noted).await? {
            return done;
        }
        self.say(Said::Resumed(self.me(), at));
        Ok(())
    }
}

fn wake(waiters: Waiters) {
    for (_, waker) in waiters {
        waker.wake();
    }
}

async fn perform(world: Rc<World>, script: Script) -> io::Result<()> {
    for act in script.acts {
        let done = do_it(world.clone(), act).await;
        if done.is_err() {
            return world.clean_up(done, script.clean_up).await;
        }
    }
    Ok(())
}

fn do_it(world: Rc<World>, act: Act) -> Done {
    Box::pin(async move {
        match act {
            Act::Yield => world.yields().await,
            Act::Work(time) => pass(ms(time)),
            Act::Sleep(time) => world.sleep(time).await?,
            Act::Wait(signal) => world.wait(signal).await,
            Act::Fire(signal) => wake(world.fire(signal)),
            Act::FireFromThread(signal) => {
                let waiters = world.fire(signal);
                thread::spawn(move || wake(waiters)).join().unwrap();
            }
            Act::Read(after) => world.read(after).await?,
            Act::Spawn(script) => world.spawn(script),
            Act::Cancel(number) => {
                let task = world.any(number);
                world.tasks().cancel(task);
                world.say(Said::Cancelled(task));
            }
            Act::Join(number) => world.join(world.any(number)).await?,
            Act::Forget(number) => {
                let handle =
                    world.handles.borrow_mut().remove(&world.any(number));
                drop(handle);
            }
            Act::TimeOut(time, act, clean_up) => {
                world.in_time(time, *act, clean_up).await?;
            }
            Act::Fail => return Err(ErrorKind::InvalidData.into()),
        }
        Ok(())
    })
}
