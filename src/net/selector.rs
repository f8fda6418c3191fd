//! The selector: the system tells which of many sockets are ready.
//!
//! Built on the `polling` crate (epoll, kqueue, IOCP), level-triggered: a
//! socket is reported for as long as it is ready. The only `unsafe` of the
//! project is here.

use super::listener::Listener;
use super::observed;
use super::registration::{
    Interest, Registrar, RegistrationEntry, Source, Watched,
};
use super::system::ONE_EVENT_EACH;
use crate::probe::{
    Call, Exit, Kind, LISTENER, NoProbe, Note, Outcome, Probe, SocketId,
};
use polling::{Event, Events, PollMode, Poller};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::io;
use std::panic::Location;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How long a wait lasts at least that is repeated because the program's
/// clock stood: it may stand for hours.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// The sockets that a wait has named.
#[derive(Default)]
pub struct Ready {
    sockets: Vec<SocketId>,
    named: HashSet<SocketId>,
}

impl Ready {
    /// None yet; it is filled by [`Selector::wait`].
    pub fn new() -> Self {
        Self::default()
    }

    /// A socket is named twice if its deadline has come, too, or if input
    /// and room for output are separate events; see kqueue(2).
    fn keep_each_once(&mut self, events: usize) {
        let twice = !ONE_EVENT_EACH || self.sockets.len() > events;
        if twice && self.sockets.len() > 1 {
            self.named.clear();
            self.sockets.retain(|id| self.named.insert(*id));
        }
    }

    /// Each of them, once, in the order in which they were named.
    pub fn iter(&self) -> impl Iterator<Item = SocketId> + '_ {
        self.sockets.iter().copied()
    }
}

/// Wakes a selector from another thread; it does not keep it alive.
#[derive(Clone)]
pub struct Notifier {
    poller: Weak<Poller>,
}

impl Notifier {
    /// Has the selector's present or next wait return at once.
    pub fn notify(&self) {
        if let Some(poller) = self.poller.upgrade() {
            // An error means that it is awake already.
            let _ = poller.notify();
        }
    }

    /// Whether the selector still exists.
    pub fn is_live(&self) -> bool {
        self.poller.strong_count() > 0
    }
}

/// Watches many sockets at once; see epoll(7), kqueue(2).
pub struct Selector<P: Probe> {
    poller: Arc<Poller>,
    events: Events,
    deadlines: BinaryHeap<Reverse<(Instant, SocketId)>>,
    probe: P,
}

impl Selector<NoProbe> {
    /// A selector for clients, without a probe.
    ///
    /// # Errors
    /// What `epoll_create1(2)` refuses.
    pub fn unobserved() -> io::Result<Self> {
        Self::with_probe(NoProbe)
    }
}

impl<P: Probe> Selector<P> {
    /// A selector for a server's sockets, woken when the server is to stop.
    ///
    /// # Errors
    /// What `epoll_create1(2)` refuses.
    pub fn new(listener: &Listener<P>) -> io::Result<Self> {
        let selector = Self::of(listener)?;
        let poller = Arc::downgrade(&selector.poller);
        listener.stop().on_change(move || {
            // Neither is there any more when the server has ended.
            let _ = poller.upgrade().map(|poller| poller.notify());
        });
        Ok(selector)
    }

    /// A selector for a server's sockets, to be woken by its
    /// [`notifier`](Self::notifier) alone.
    ///
    /// # Errors
    /// What `epoll_create1(2)` refuses.
    pub fn of(listener: &Listener<P>) -> io::Result<Self> {
        Self::with_probe(listener.probe().clone())
    }

    fn with_probe(probe: P) -> io::Result<Self> {
        Ok(Self {
            poller: Arc::new(Poller::new()?),
            events: Events::new(),
            deadlines: BinaryHeap::new(),
            probe,
        })
    }

    /// What wakes this selector from another thread.
    pub fn notifier(&self) -> Notifier {
        Notifier { poller: Arc::downgrade(&self.poller) }
    }

    /// What gives sockets an entry in this selector.
    pub fn registrar(&self) -> Registrar {
        Registrar::new(&self.poller)
    }

    /// Has the source watched for what it wants right now: adds it, or
    /// changes its entry if that differs. Makes no call if nothing changed.
    ///
    /// # Errors
    /// What `epoll_ctl(2)` refuses.
    #[track_caller]
    pub fn watch<S: Source>(&mut self, source: &mut S) -> io::Result<()> {
        // In this order: a delay that ends in between is an interest then.
        let (deadline, interest) = (source.deadline(), source.interest());
        let id = source.id();
        // After most steps nothing has changed.
        if deadline.is_none()
            && let Some(made) = source.registration()
            && made.is_for(interest)
        {
            return Ok(());
        }
        let Some(entry) = RegistrationEntry::of(&self.poller, source) else {
            return Ok(());
        };
        self.update(&entry, id, Some(interest), deadline)
    }

    /// The same for a socket that is owned elsewhere: it is watched for this
    /// and reported at the deadline even if it is not ready. `None` takes it
    /// out: with no interest, but still in, it would be reported for ever
    /// once it is reset.
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
        let Some(entry) = watched.entry() else { return Ok(()) };
        self.update(&entry, watched.id(), interest, deadline)
    }

    #[track_caller]
    fn update(
        &mut self,
        entry: &Arc<RegistrationEntry>,
        id: SocketId,
        interest: Option<Interest>,
        deadline: Option<Instant>,
    ) -> io::Result<()> {
        if !entry.is_for(interest) {
            self.change(entry, id, interest, Location::caller())?;
        }
        if let Some(deadline) = deadline {
            self.queue(entry, id, deadline);
        }
        Ok(())
    }

    fn change(
        &self,
        entry: &Arc<RegistrationEntry>,
        id: SocketId,
        interest: Option<Interest>,
        location: &'static Location<'static>,
    ) -> io::Result<()> {
        let call =
            Call { kind: Kind::Watch, socket: id, may_sleep: false, location };
        let change = || register(entry, id, interest);
        observed(&self.probe, &call, change, watched)?;
        if P::ENABLED {
            let Interest { readable, writable } = interest.unwrap_or_default();
            let socket = id;
            self.probe.note(&Note::Interest { socket, readable, writable });
        }
        Ok(())
    }

    /// Notes the deadline, unless an earlier one is noted already: then the
    /// source is reported at that one, and asked again.
    fn queue(
        &mut self,
        entry: &RegistrationEntry,
        id: SocketId,
        deadline: Instant,
    ) {
        let mut known = entry.now();
        let now = self.probe.now();
        let waits = known.queued.filter(|queued| *queued > now);
        if waits.is_none_or(|queued| queued > deadline) {
            known.queued = Some(deadline);
            self.deadlines.push(Reverse((deadline, id)));
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
        let deadline = self.first_deadline(time);
        let (poller, probe) = (&self.poller, &self.probe);
        let events = &mut self.events;
        events.clear();
        let limit = deadline.map(|at| time_until(at, probe));
        let wait = || wait_until(poller, events, deadline, probe);
        let call = wait_call(limit != Some(Duration::ZERO));
        observed(probe, &call, wait, waited)?;
        ready.sockets.clear();
        for event in self.events.iter() {
            ready.sockets.push(self.report(&event));
        }
        let events = ready.sockets.len();
        self.report_deadlines(ready);
        ready.keep_each_once(events);
        Ok(())
    }

    fn report(&self, event: &Event) -> SocketId {
        let socket = SocketId(u32::try_from(event.key).unwrap_or(u32::MAX));
        if P::ENABLED {
            let (readable, writable) = (event.readable, event.writable);
            self.probe.note(&Note::Ready { socket, readable, writable });
        }
        socket
    }

    fn first_deadline(&self, time: Option<Instant>) -> Option<Instant> {
        let first = self.deadlines.peek().map(|Reverse((first, _))| *first);
        first.into_iter().chain(time).min()
    }

    /// Names the sockets whose deadline is reached.
    fn report_deadlines(&mut self, ready: &mut Ready) {
        let Some(Reverse(first)) = self.deadlines.peek() else { return };
        let mut next = Some(*first);
        let now = self.probe.now();
        while let Some((deadline, id)) = next
            && deadline <= now
        {
            self.deadlines.pop();
            ready.sockets.push(id);
            next = self.deadlines.peek().map(|Reverse(first)| *first);
        }
    }
}

/// Adds the socket, changes its entry, or takes it out.
#[expect(unsafe_code, reason = "polling's contract, upheld by a guard")]
fn register(
    entry: &Arc<RegistrationEntry>,
    id: SocketId,
    interest: Option<Interest>,
) -> io::Result<()> {
    let Some(wanted) = interest else {
        entry.take_out();
        return Ok(());
    };
    let event = Event::new(id.0 as usize, wanted.readable, wanted.writable);
    let (poller, socket) = (&entry.poller, &*entry.socket);
    let mut now = entry.now();
    if now.interest.is_some() {
        poller.modify_with_mode(socket, event, PollMode::Level)?;
    } else {
        // SAFETY: the socket must be deleted from the poller before it is
        // closed. The entry shares its ownership, and deletes it when it is
        // dropped itself, before it gives up its share.
        unsafe {
            poller.add_with_mode(socket, event, PollMode::Level)?;
        }
    }
    entry.set(&mut now, interest);
    Ok(())
}

fn time_until<P: Probe>(deadline: Instant, probe: &P) -> Duration {
    deadline.saturating_duration_since(probe.now())
}

/// One wait, repeated if the kernel's time is over before the program's: its
/// clock may have stood meanwhile.
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

#[track_caller]
fn wait_call(may_sleep: bool) -> Call {
    Call {
        kind: Kind::Wait,
        socket: LISTENER,
        may_sleep,
        location: Location::caller(),
    }
}

fn watched(result: &io::Result<()>) -> Exit {
    let outcome = match result {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Failed(error.kind()),
    };
    Exit::new(outcome)
}

fn waited(result: &io::Result<usize>) -> Exit {
    let outcome = match result {
        Ok(count) => Outcome::Ready(u32::try_from(*count).unwrap_or(u32::MAX)),
        Err(error) => Outcome::Failed(error.kind()),
    };
    Exit::new(outcome)
}
