//! A loop of a test's own: its clock, its selector, and all that it reports.

use super::record::{Probe, Said};
use crate::event_loop::state::WatchChange;
use crate::event_loop::tasks::{LoopContext, Tasks};
use crate::event_loop::turn::{EventLoop, LoopSelector};
use crate::event_loop::waker::{Remote, Runnable};
use crate::event_loop::{Ending, JoinHandle};
use crate::net::{Interest, ServerOptions, Stop, Watched, Yield};
use crate::probe::{Kind, Site, SocketId, TaskNow};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

thread_local! {
    /// When the trial began, and how long ago that is by its clock. An hour
    /// ahead of the real one: what that has set is past.
    static CLOCK: (Instant, Cell<Duration>) =
        (Instant::now() + Duration::from_secs(3_600), Cell::default());
}

/// The time since the trial began.
pub(super) fn now() -> Duration {
    CLOCK.with(|(_, now)| now.get())
}

/// The clock goes on by so much.
pub(super) fn pass(time: Duration) {
    CLOCK.with(|(_, now)| now.set(now.get() + time));
}

pub(super) fn instant(time: Duration) -> Instant {
    CLOCK.with(|(start, _)| *start + time)
}

pub(super) const fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// The other ends of the sockets, and what the selector watches.
#[derive(Default)]
pub(super) struct Net {
    /// What can be read right now.
    pub(super) bytes: BTreeMap<SocketId, usize>,
    /// What comes later.
    pub(super) arrivals: BTreeMap<Duration, Vec<SocketId>>,
    pub(super) watched: BTreeSet<SocketId>,
    /// What the selector refuses to watch.
    pub(super) refused: BTreeSet<SocketId>,
}

impl Net {
    fn arrive(&mut self) {
        let later = self.arrivals.split_off(&(now() + Duration::from_nanos(1)));
        let come = std::mem::replace(&mut self.arrivals, later);
        for socket in come.into_values().flatten() {
            *self.bytes.entry(socket).or_default() += 1;
        }
    }

    fn named(&self) -> Vec<SocketId> {
        let all = self.watched.iter().copied();
        all.filter(|id| self.bytes.get(id).is_some_and(|n| *n > 0)).collect()
    }
}

/// What ends a sleep that nothing else would end; `None` if nothing can,
/// else whether it has woken the loop.
type Rescue = Box<dyn FnMut() -> Option<bool>>;

/// A selector, level-triggered, whose sleep takes no time.
pub(super) struct Model {
    net: Rc<RefCell<Net>>,
    log: Probe,
    alarm: Arc<AtomicBool>,
    rescue: Rescue,
    waits: usize,
}

impl LoopSelector for Model {
    fn watch(
        &mut self,
        socket: &Watched,
        interest: Option<Interest>,
        _: Option<Instant>,
    ) -> io::Result<()> {
        let mut net = self.net.borrow_mut();
        if net.refused.contains(&socket.id()) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        match interest {
            Some(_) => net.watched.insert(socket.id()),
            None => net.watched.remove(&socket.id()),
        };
        Ok(())
    }

    fn wait(
        &mut self,
        until: Option<Instant>,
        events: &mut Vec<SocketId>,
    ) -> io::Result<()> {
        self.waits += 1;
        assert!(self.waits < 10_000, "it turns for ever");
        let until = until.map(|until| until - instant(Duration::ZERO));
        self.log.say(Said::Asked(until));
        self.net.borrow_mut().arrive();
        let is_ready = !self.net.borrow().named().is_empty();
        if !is_ready && !self.alarm.swap(false, SeqCst) {
            self.sleep(until);
        }
        for socket in self.net.borrow().named() {
            self.log.say(Said::Named(socket));
            events.push(socket);
        }
        Ok(())
    }
}

impl Model {
    fn sleep(&mut self, until: Option<Duration>) {
        let arrival = self.net.borrow().arrivals.keys().next().copied();
        if let Some(end) = until.into_iter().chain(arrival).min() {
            pass(end.saturating_sub(now()));
            self.net.borrow_mut().arrive();
            return;
        }
        let is_woken = (self.rescue)();
        assert!(is_woken.is_some(), "asleep for ever");
        let has_rung = self.alarm.swap(false, SeqCst);
        assert!(has_rung || is_woken == Some(false), "its sleep does not end");
    }
}

/// A loop with its surroundings.
pub(super) struct Trial {
    pub(super) tasks: Tasks<Probe>,
    pub(super) net: Rc<RefCell<Net>>,
    pub(super) log: Probe,
    remote: Arc<Remote>,
    alarm: Arc<AtomicBool>,
}

/// Options with which a task yields after this many calls, or never.
pub(super) fn yielding_after(calls: Option<u32>) -> ServerOptions {
    let calls = calls.and_then(NonZeroU32::new);
    let yield_after = Some(calls.map_or(Yield::Never, Yield::After));
    ServerOptions { yield_after, ..ServerOptions::default() }
}

impl Trial {
    /// Runs this coroutine and every task that it spawns to their ends.
    pub(super) fn of<F>(first: impl FnOnce(Tasks<Probe>) -> F) -> Self
    where
        F: Future<Output: Ending + 'static> + 'static,
    {
        let it = Self::new();
        it.spawn(first(it.tasks.clone()));
        it.run().unwrap();
        it
    }

    pub(super) fn new() -> Self {
        Self::with(ServerOptions::default(), None)
    }

    pub(super) fn with(
        options: ServerOptions,
        stop: Option<Arc<Stop>>,
    ) -> Self {
        CLOCK.with(|(_, now)| now.set(Duration::ZERO));
        let alarm = Arc::new(AtomicBool::new(false));
        let bell = alarm.clone();
        let log = Probe::default();
        let remote = Remote::new(move || bell.store(true, SeqCst));
        let tasks = Tasks::new(LoopContext {
            state: RefCell::default(),
            remote: remote.clone(),
            selector: None,
            stop,
            options,
            probe: log.clone(),
            moment: Cell::default(),
        });
        Self { tasks, net: Rc::default(), log, remote, alarm }
    }

    /// Turns until every task has ended.
    pub(super) fn run(&self) -> io::Result<()> {
        self.run_with(|| None)
    }

    /// The same with what ends a sleep that nothing else would end.
    pub(super) fn run_with(
        &self,
        rescue: impl FnMut() -> Option<bool> + 'static,
    ) -> io::Result<()> {
        let (net, log) = (self.net.clone(), self.log.clone());
        let (alarm, rescue) = (self.alarm.clone(), Box::new(rescue));
        let model = Model { net, log, alarm, rescue, waits: 0 };
        EventLoop::new(self.tasks.clone(), model).run()
    }

    /// Has the loop answer to the stop's phases, as `run` does.
    pub(super) fn hear(&self, stop: &Stop) {
        let remote = self.remote.clone();
        stop.on_change(move || remote.send(Runnable::Stop));
    }

    #[track_caller]
    pub(super) fn spawn<T: Ending + 'static>(
        &self,
        coroutine: impl Future<Output = T> + 'static,
    ) -> JoinHandle<T, Probe> {
        self.tasks.spawn(coroutine)
    }

    /// Something can be read on the socket after this time.
    pub(super) fn arrives(&self, socket: u32, after: Duration) {
        let Net { arrivals, bytes, .. } = &mut *self.net.borrow_mut();
        let at = now() + after;
        // It is there already.
        if after.is_zero() {
            *bytes.entry(SocketId(socket)).or_default() += 1;
            return;
        }
        arrivals.entry(at).or_default().push(SocketId(socket));
    }

    /// A read of the socket.
    pub(super) fn read(&self, socket: u32) -> Read {
        Read {
            tasks: self.tasks.clone(),
            net: self.net.clone(),
            log: self.log.clone(),
            socket: SocketId(socket),
            is_paused: false,
        }
    }
}

/// A read of a socket that is a model, in the steps of the real one.
pub(super) struct Read {
    tasks: Tasks<Probe>,
    net: Rc<RefCell<Net>>,
    log: Probe,
    socket: SocketId,
    is_paused: bool,
}

impl Read {
    fn leave(&mut self) {
        if std::mem::take(&mut self.is_paused) {
            self.log.say(Said::Left(self.socket));
            self.tasks.state().leave(self.socket);
        }
    }

    fn pause(&mut self) {
        let (kind, socket) = (Kind::Read, self.socket);
        let site = Site { file: file!(), line: line!() };
        let task = self.tasks.pauses(TaskNow::Paused { kind, socket, site });
        let change = WatchChange {
            socket: Watched::nothing(socket),
            interest: Some(Interest { readable: true, writable: false }),
            deadline: None,
        };
        self.tasks.state().pause_on(change, task.unwrap());
        self.log.say(Said::Paused(socket, task.unwrap()));
        self.is_paused = true;
    }
}

impl Future for Read {
    type Output = io::Result<()>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Self::Output> {
        self.leave();
        self.tasks.find_cancelled()?;
        if let Some(error) = self.tasks.state().failure(self.socket) {
            return Poll::Ready(Err(error));
        }
        if !self.tasks.may_go_on() {
            let task = self.tasks.with_current(|it| it.task).unwrap();
            self.log.say(Said::Yielded(task));
            return Poll::Pending;
        }
        let net = self.net.clone();
        if let Some(bytes @ 1..) = net.borrow_mut().bytes.get_mut(&self.socket)
        {
            *bytes -= 1;
            return Poll::Ready(Ok(()));
        }
        self.pause();
        Poll::Pending
    }
}

impl Drop for Read {
    fn drop(&mut self) {
        self.leave();
    }
}
