//! The selector: the system reports which of many sockets are ready.
//!
//! Built on the `polling` crate (epoll, kqueue, IOCP), level-triggered: a
//! socket is reported for as long as it is ready. The only `unsafe` of the
//! project is here.

use super::listener::{Listener, ListenerShared};
use super::observed;
use super::registration::{
    Interest, Registration, Source, WatchRequest, Watched,
};
use super::retry::{Nap, Retry};
use super::stop::Stop;
use super::system::ONE_EVENT_EACH;
use super::transfer::small;
use crate::probe::{
    Call, ErrorNumber, Exit, Kind, LISTENER, Moment, Note, Operation, Outcome,
    Phase, Probe, SocketId,
};
use crate::system::lock;
use polling::{Event, Events, PollMode, Poller};
use socket2::{Domain, Socket, Type};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::io;
use std::panic::Location;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

/// The shortest time for which a wait is repeated that ended early because the
/// program's clock stood: it may stand for hours.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// The sockets that a wait has reported.
#[derive(Default)]
pub struct Ready {
    sockets: Vec<SocketId>,
    named: HashSet<SocketId>,
}

impl Ready {
    /// Creates an empty list, which [`Selector::wait`] fills.
    pub fn new() -> Self {
        Self::default()
    }

    /// Removes duplicates: a socket is named twice if its deadline has come,
    /// too, or if input and room are separate events; see kqueue(2).
    fn keep_each_once(&mut self, events: usize) {
        let twice = !ONE_EVENT_EACH || self.sockets.len() > events;
        if twice && self.sockets.len() > 1 {
            self.named.clear();
            self.sockets.retain(|id| self.named.insert(*id));
        }
    }

    /// Each socket once, in the order in which they were reported.
    pub fn iter(&self) -> impl Iterator<Item = SocketId> + '_ {
        self.sockets.iter().copied()
    }
}

/// The key of the [`Alarm`] in its selector; no socket has such a number.
const ALARM: usize = u32::MAX as usize;

/// Ends a selector's wait, or its pause after a failed wait.
///
/// `Poller::notify` writes to an eventfd(2) and does not report if that fails:
/// a stop would go unheard for ever. So a socket that is always writable is
/// watched for that once instead, and the eventfd is what remains if this
/// fails.
#[derive(Default)]
struct Alarm {
    socket: Mutex<Option<Socket>>,
    nap: Nap,
}

impl Alarm {
    fn ring(&self, poller: &Poller) {
        self.nap.end();
        if self.watch(poller).is_err() {
            // An error means that it is awake already.
            let _ = poller.notify();
        }
    }

    #[expect(unsafe_code, reason = "polling's contract, upheld by `stop`")]
    fn watch(&self, poller: &Poller) -> io::Result<()> {
        let mut socket = lock(&self.socket);
        if let Some(socket) = &*socket {
            let event = Event::writable(ALARM);
            return poller.modify_with_mode(socket, event, PollMode::Oneshot);
        }
        // Never connected: it can always be written to.
        let made = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
        // SAFETY: the socket must be deleted from the poller before it is
        // closed. It is closed in `stop` alone, which deletes it first.
        unsafe {
            poller.add_with_mode(
                &made,
                Event::writable(ALARM),
                PollMode::Oneshot,
            )?;
        }
        *socket = Some(made);
        Ok(())
    }

    fn stop(&self, poller: &Poller) {
        if let Some(socket) = lock(&self.socket).take() {
            // It is closed next, which takes it out in any case.
            let _ = poller.delete(&socket);
        }
    }
}

/// A handle to a selector, for other threads and paused operations; it does not
/// keep the selector alive.
#[derive(Clone)]
pub struct SelectorHandle {
    poller: Weak<Poller>,
    alarm: Weak<Alarm>,
}

impl SelectorHandle {
    /// Has the selector's present or next wait return at once.
    pub fn notify(&self) {
        if let (Some(poller), Some(alarm)) =
            (self.poller.upgrade(), self.alarm.upgrade())
        {
            alarm.ring(&poller);
        }
    }

    /// The source's entry, created if needed; `None` once it is closed.
    pub fn entry<S: Source>(&self, source: &mut S) -> Option<Watched> {
        let source = source.request();
        let id = source.id;
        let entry = Registration::of(&self.poller.upgrade()?, source)?;
        Some(Watched { id, entry: Arc::downgrade(&entry) })
    }
}

/// Watches many sockets at once; see epoll(7), kqueue(2).
pub struct Selector<P: Probe> {
    poller: Arc<Poller>,
    events: Events,
    deadlines: BinaryHeap<Reverse<(Instant, SocketId)>>,
    probe: P,
    alarm: Arc<Alarm>,
    /// Where outages are reported; `None` for a selector of clients, whose
    /// errors are returned.
    stop: Option<Arc<Stop>>,
    waiting: Retry,
    has_waited: bool,
    watching: Retry,
    /// When to try again to watch the listener.
    watch_again: Option<Instant>,
}

impl<P: Probe> Selector<P> {
    /// A selector for a server's sockets, woken when the server is to stop.
    ///
    /// A wait that fails is noted and returns no sockets, after a pause; so is
    /// a failure to watch the listener, which is tried again. Both pauses grow
    /// from 0.1 s to 1 s, and end early at a stop.
    ///
    /// # Errors
    /// What `epoll_create1(2)` refuses.
    pub fn new(listener: &Listener<P>) -> io::Result<Self> {
        let selector = Self::for_loop(&listener.shared)?;
        let handle = selector.handle();
        listener.shared.stop.on_change(move || handle.notify());
        Ok(selector)
    }

    /// As [`new`](Self::new), woken by its [`handle`](Self::handle) alone.
    pub(crate) fn for_loop(shared: &ListenerShared<P>) -> io::Result<Self> {
        let selector = Self::with_probe(shared.probe.clone());
        let selector = selector.inspect_err(|error| {
            shared.note_failed(Operation::CreateSelector, LISTENER, error);
        })?;
        Ok(selector.with_stop(shared.stop.clone()))
    }

    fn with_stop(mut self, stop: Arc<Stop>) -> Self {
        self.stop = Some(stop);
        self
    }

    /// A selector that is woken by its [`handle`](Self::handle) alone, and
    /// returns all errors.
    ///
    /// # Errors
    /// What `epoll_create1(2)` refuses.
    pub fn with_probe(probe: P) -> io::Result<Self> {
        Ok(Self {
            poller: Arc::new(Poller::new()?),
            events: Events::new(),
            deadlines: BinaryHeap::new(),
            probe,
            alarm: Arc::default(),
            stop: None,
            waiting: Retry::default(),
            has_waited: false,
            watching: Retry::default(),
            watch_again: None,
        })
    }

    /// A handle that wakes this selector, and gives sockets an entry in it.
    pub fn handle(&self) -> SelectorHandle {
        let poller = Arc::downgrade(&self.poller);
        SelectorHandle { poller, alarm: Arc::downgrade(&self.alarm) }
    }

    /// Has the source watched for what it wants right now: adds it, or
    /// changes its entry if that differs. Makes no call if nothing changed.
    ///
    /// # Errors
    /// What `epoll_ctl(2)` refuses.
    #[track_caller]
    pub fn watch<S: Source>(&mut self, source: &mut S) -> io::Result<()> {
        let source = source.request();
        let WatchRequest { id, interest, deadline, .. } = source;
        // After most steps nothing has changed.
        if deadline.is_none()
            && let Some(made) = &*source.registration
            && made.interest.load() == Some(interest)
        {
            return Ok(());
        }
        let Some(entry) = Registration::of(&self.poller, source) else {
            return Ok(());
        };
        self.update(&entry, id, Some(interest), deadline)
    }

    /// As [`watch`](Self::watch), for a socket that is owned elsewhere, which
    /// is also reported at the deadline. An interest of `None` removes it: one
    /// that stays in without any interest is reported for ever once it is
    /// reset.
    ///
    /// # Errors
    /// What `epoll_ctl(2)` refuses.
    #[track_caller]
    pub fn watch_for(
        &mut self,
        watched: &Watched,
        interest: Option<Interest>,
        deadline: Option<Instant>,
    ) -> io::Result<()> {
        let Some(entry) = watched.entry.upgrade() else { return Ok(()) };
        self.update(&entry, watched.id(), interest, deadline)
    }

    #[track_caller]
    fn update(
        &mut self,
        entry: &Registration,
        id: SocketId,
        interest: Option<Interest>,
        deadline: Option<Instant>,
    ) -> io::Result<()> {
        if entry.interest.load() != interest && self.may_watch(id) {
            let (kind, location) = (Kind::Watch, Location::caller());
            let call = Call { kind, socket: id, may_sleep: false, location };
            let change = |(): &mut ()| register(entry, id, interest);
            let exit =
                |(): &(), done: &io::Result<()>| exit(done, |()| Outcome::Done);
            let done = observed(&self.probe, &call, &mut (), change, exit);
            if let Err(error) = done {
                return self.watch_failed(id, error);
            }
            self.can_watch(id);
            let Interest { readable, writable } = interest.unwrap_or_default();
            let socket = id;
            self.probe.note(&Note::Interest { socket, readable, writable });
        }
        if let Some(deadline) = deadline {
            // An earlier one suffices: the source is reported, and queued anew.
            let mut queued = lock(&entry.queued);
            let now = self.probe.now();
            if queued.is_none_or(|at| at <= now || at > deadline) {
                *queued = Some(deadline);
                self.deadlines.push(Reverse((deadline, id)));
            }
        }
        Ok(())
    }

    /// Whether the socket may be watched now: not the listener during the pause
    /// after that has failed.
    fn may_watch(&self, id: SocketId) -> bool {
        let again = self.watch_again.filter(|_| id == LISTENER);
        again.is_none_or(|at| self.probe.now() >= at)
    }

    /// The error of a connection ends that connection. The listener is reported
    /// after a pause as if it were ready, and watched again.
    #[cold]
    fn watch_failed(
        &mut self,
        socket: SocketId,
        error: io::Error,
    ) -> io::Result<()> {
        let Some(stop) = &self.stop else { return Err(error) };
        let number = ErrorNumber::of(&error);
        if let Some(error) = number {
            let operation = Operation::Watch;
            self.probe.note(&Note::CallFailed { operation, socket, error });
        }
        if socket != LISTENER {
            return Err(error);
        }
        let again = self.probe.now() + self.watching.failed();
        if self.watching.keeps_failing() {
            stop.set_outage(Operation::Watch, number);
        }
        self.watch_again = Some(again);
        self.deadlines.push(Reverse((again, LISTENER)));
        Ok(())
    }

    fn can_watch(&mut self, id: SocketId) {
        if id == LISTENER && self.watching.is_failing() {
            self.watching.succeeded();
            self.watch_again = None;
            if let Some(stop) = &self.stop {
                stop.set_outage(Operation::Watch, None);
            }
        }
    }

    /// Pauses after a wait that has failed: the next one may fail at once, too.
    #[cold]
    fn wait_failed(&mut self, error: io::Error) -> io::Result<()> {
        let Some(stop) = &self.stop else { return Err(error) };
        let pause = self.waiting.failed();
        if let Some(error) = ErrorNumber::of(&error) {
            let (operation, socket) = (Operation::Wait, LISTENER);
            self.probe.note(&Note::CallFailed { operation, socket, error });
            if !self.has_waited || self.waiting.keeps_failing() {
                stop.set_outage(Operation::Wait, Some(error));
            }
        }
        self.events.clear();
        if stop.phase() < Phase::Cancelling {
            self.alarm.nap.sleep(pause);
        }
        Ok(())
    }

    fn has_waited(&mut self) {
        self.has_waited = true;
        if self.waiting.is_failing() {
            self.waiting.succeeded();
            if let Some(stop) = &self.stop {
                stop.set_outage(Operation::Wait, None);
            }
        }
    }

    /// Sleeps until a watched socket is ready, a deadline is reached or the
    /// server is to stop, and names the sockets concerned.
    ///
    /// # Errors
    /// What `epoll_wait(2)` reports.
    #[track_caller]
    pub fn wait(&mut self, ready: &mut Ready) -> io::Result<()> {
        self.wait_until(ready, None)
    }

    /// As [`wait`](Self::wait), but not longer than until this time.
    ///
    /// # Errors
    /// What `epoll_wait(2)` reports.
    #[track_caller]
    pub fn wait_until(
        &mut self,
        ready: &mut Ready,
        time: Option<Instant>,
    ) -> io::Result<()> {
        let first = self.deadlines.peek().map(|Reverse((first, _))| *first);
        let deadline = first.into_iter().chain(time).min();
        let (poller, probe) = (&self.poller, &self.probe);
        self.events.clear();
        let limit = deadline.map(|at| time_until(at, probe));
        let call = Call {
            kind: Kind::Wait,
            socket: LISTENER,
            may_sleep: limit != Some(Duration::ZERO),
            location: Location::caller(),
        };
        let waited = observed(
            probe,
            &call,
            &mut self.events,
            |events| wait_until(poller, events, deadline, probe),
            |_, it| exit(it, |count| Outcome::Ready(small(*count))),
        );
        match waited {
            Ok(_) => self.has_waited(),
            Err(error) => self.wait_failed(error)?,
        }
        ready.sockets.clear();
        // One time for all, as the wait has reported them at once.
        let moment = Moment::default();
        for Event { key, readable, writable, .. } in sockets(&self.events) {
            let socket = SocketId(small(key));
            let note = Note::Ready { socket, readable, writable };
            self.probe.note_at(&note, &moment);
            ready.sockets.push(socket);
        }
        let events = ready.sockets.len();
        // Without a deadline the clock is not read.
        let now = (!self.deadlines.is_empty()).then(|| self.probe.now());
        while let Some(&Reverse((deadline, id))) = self.deadlines.peek()
            && now.is_some_and(|now| deadline <= now)
        {
            self.deadlines.pop();
            ready.sockets.push(id);
        }
        ready.keep_each_once(events);
        Ok(())
    }
}

impl<P: Probe> Drop for Selector<P> {
    fn drop(&mut self) {
        self.alarm.stop(&self.poller);
    }
}

/// The events of sockets, without the alarm.
fn sockets(events: &Events) -> impl Iterator<Item = Event> + '_ {
    events.iter().filter(|it| it.key != ALARM)
}

/// Adds the socket, changes its entry, or takes it out.
#[expect(unsafe_code, reason = "polling's contract, upheld by a guard")]
fn register(
    entry: &Registration,
    id: SocketId,
    interest: Option<Interest>,
) -> io::Result<()> {
    let Some(wanted) = interest else {
        return entry.take_out();
    };
    let event = Event::new(id.0 as usize, wanted.readable, wanted.writable);
    let (poller, socket) = (&entry.poller, &*entry.socket);
    let _changing = lock(&entry.queued);
    if entry.interest.load().is_none() {
        // SAFETY: the socket must be deleted from the poller before it is
        // closed. The entry shares its ownership, and deletes it when it is
        // dropped itself, before it gives up its share.
        unsafe {
            poller.add_with_mode(socket, event, PollMode::Level)?;
        }
    } else {
        poller.modify_with_mode(socket, event, PollMode::Level)?;
    }
    entry.interest.store(interest);
    Ok(())
}

fn time_until<P: Probe>(deadline: Instant, probe: &P) -> Duration {
    deadline.saturating_duration_since(probe.now())
}

/// One wait, repeated if it timed out before the deadline of the program's
/// clock, which may have stood meanwhile.
fn wait_until<P: Probe>(
    poller: &Poller,
    events: &mut Events,
    deadline: Option<Instant>,
    probe: &P,
) -> io::Result<usize> {
    let mut limit = deadline.map(|at| time_until(at, probe));
    loop {
        let begun = P::HAS_CLOCK.then(Instant::now);
        poller.wait(events, limit)?;
        let ready = sockets(events).count();
        let (Some(begun), Some(deadline), Some(waited)) =
            (begun, deadline, limit)
        else {
            return Ok(ready);
        };
        let left = time_until(deadline, probe);
        if ready > 0 || left.is_zero() || begun.elapsed() < waited {
            return Ok(ready);
        }
        limit = Some(left.max(LOOK_AGAIN));
    }
}

/// The outcome of a call, for the probe.
fn exit<T>(result: &io::Result<T>, done: impl FnOnce(&T) -> Outcome) -> Exit {
    Exit::new(match result {
        Ok(value) => done(value),
        Err(error) => Outcome::Failed(error.kind()),
    })
}
