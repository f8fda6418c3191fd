//! The selector: the system reports which of many sockets are ready.
//!
//! Built on the `polling` crate (epoll, kqueue, IOCP), level-triggered: a
//! socket is reported for as long as it is ready. The only `unsafe` of the
//! project is here.

use super::listener::Listener;
use super::observed;
use super::registration::{
    Interest, Registration, Source, WatchRequest, Watched,
};
use super::system::ONE_EVENT_EACH;
use super::transfer::small;
use crate::probe::{
    Call, Exit, Kind, LISTENER, Moment, Note, Outcome, Probe, SocketId,
};
use crate::system::lock;
use polling::{Event, Events, PollMode, Poller};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::io;
use std::panic::Location;
use std::sync::{Arc, Weak};
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

/// A handle to a selector, for other threads and paused operations; it does not
/// keep the selector alive.
#[derive(Clone)]
pub struct SelectorHandle(Weak<Poller>);

impl SelectorHandle {
    /// Has the selector's present or next wait return at once.
    pub fn notify(&self) {
        // An error means that it is awake already.
        let _ = self.0.upgrade().map(|poller| poller.notify());
    }

    /// The source's entry, created if needed; `None` once it is closed.
    pub fn entry<S: Source>(&self, source: &mut S) -> Option<Watched> {
        let source = source.request();
        let id = source.id;
        let entry = Registration::of(&self.0.upgrade()?, source)?;
        Some(Watched { id, entry: Arc::downgrade(&entry) })
    }
}

/// Watches many sockets at once; see epoll(7), kqueue(2).
pub struct Selector<P: Probe> {
    poller: Arc<Poller>,
    events: Events,
    deadlines: BinaryHeap<Reverse<(Instant, SocketId)>>,
    probe: P,
}

impl<P: Probe> Selector<P> {
    /// A selector for a server's sockets, woken when the server is to stop.
    ///
    /// # Errors
    /// What `epoll_create1(2)` refuses.
    pub fn new(listener: &Listener<P>) -> io::Result<Self> {
        let selector = Self::with_probe(listener.shared.probe.clone())?;
        let handle = selector.handle();
        listener.shared.stop.on_change(move || handle.notify());
        Ok(selector)
    }

    /// A selector that is woken by its [`handle`](Self::handle) alone.
    ///
    /// # Errors
    /// What `epoll_create1(2)` refuses.
    pub fn with_probe(probe: P) -> io::Result<Self> {
        Ok(Self {
            poller: Arc::new(Poller::new()?),
            events: Events::new(),
            deadlines: BinaryHeap::new(),
            probe,
        })
    }

    /// A handle that wakes this selector, and gives sockets an entry in it.
    pub fn handle(&self) -> SelectorHandle {
        SelectorHandle(Arc::downgrade(&self.poller))
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
        if entry.interest.load() != interest {
            let (kind, location) = (Kind::Watch, Location::caller());
            let call = Call { kind, socket: id, may_sleep: false, location };
            let change = |(): &mut ()| register(entry, id, interest);
            let exit =
                |(): &(), done: &io::Result<()>| exit(done, |()| Outcome::Done);
            observed(&self.probe, &call, &mut (), change, exit)?;
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
        observed(
            probe,
            &call,
            &mut self.events,
            |events| wait_until(poller, events, deadline, probe),
            |_, it| exit(it, |count| Outcome::Ready(small(*count))),
        )?;
        ready.sockets.clear();
        // One time for all, as the wait has reported them at once.
        let moment = Moment::default();
        for Event { key, readable, writable, .. } in self.events.iter() {
            let socket = SocketId(small(key));
            let note = Note::Ready { socket, readable, writable };
            probe.note_at(&note, &moment);
            ready.sockets.push(socket);
        }
        let events = ready.sockets.len();
        // Without a deadline the clock is not read.
        let now = (!self.deadlines.is_empty()).then(|| probe.now());
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

/// Adds the socket, changes its entry, or takes it out.
#[expect(unsafe_code, reason = "polling's contract, upheld by a guard")]
fn register(
    entry: &Registration,
    id: SocketId,
    interest: Option<Interest>,
) -> io::Result<()> {
    let Some(wanted) = interest else {
        entry.take_out();
        return Ok(());
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
        let ready = poller.wait(events, limit)?;
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
