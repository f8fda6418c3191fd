//! epoll(7) and a timerfd; see `timerfd_create(2)`.

use super::super::Client;
use super::{BATCH, ReadyClient};
use crate::probe::SocketId;
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{
    self, CreateFlags, Event, EventData, EventFlags, add, create,
};
use rustix::io::Errno;
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags,
    Timespec, clock_gettime, timerfd_create, timerfd_settime,
};
use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// The key of the timer's entry; no client has this number.
const TIMER: u64 = u64::MAX;

/// The events of a client's entry, which is never changed.
const EVERYTHING: EventFlags = EventFlags::IN
    .union(EventFlags::OUT)
    .union(EventFlags::RDHUP)
    .union(EventFlags::ET);

/// A client reported with one of these is not reported again.
const ENDED: EventFlags =
    EventFlags::RDHUP.union(EventFlags::HUP).union(EventFlags::ERR);

const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// Waits for many clients' sockets.
pub struct ClientPoller {
    epoll: OwnedFd,
    timer: OwnedFd,
    /// The time that the timer is set to.
    set_to: Option<Instant>,
    /// The same moment as an `Instant` and on `CLOCK_MONOTONIC`, for the
    /// standard library does not convert between them.
    origin: (Instant, Duration),
    events: Vec<Event>,
}

impl ClientPoller {
    /// Creates a poller that watches nothing.
    ///
    /// # Errors
    /// What `epoll_create1(2)` and `timerfd_create(2)` refuse.
    pub fn new() -> io::Result<Self> {
        let epoll = create(CreateFlags::CLOEXEC)?;
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        add(&epoll, &timer, EventData::new_u64(TIMER), EventFlags::IN)?;
        let clock = clock_gettime(ClockId::Monotonic);
        let origin = (Instant::now(), since_boot(clock));
        let events = Vec::with_capacity(BATCH);
        Ok(Self { epoll, timer, set_to: None, origin, events })
    }

    /// Watches a client that begins to connect, until it is dropped.
    ///
    /// # Errors
    /// What `epoll_ctl(2)` refuses.
    pub fn add(&mut self, client: &mut Client) -> io::Result<()> {
        let data = EventData::new_u64(client.id.0.into());
        Ok(add(&self.epoll, client.socket.as_ref(), data, EVERYTHING)?)
    }

    /// Notes that the client is connected, and whether it has unsent output.
    /// Does nothing here: a client is always watched for all events.
    ///
    /// # Errors
    /// It never fails.
    pub fn follow(&mut self, _: &mut Client, _unsent: bool) -> io::Result<()> {
        Ok(())
    }

    /// Collects the pending events, without waiting.
    ///
    /// # Errors
    /// What `epoll_wait(2)` reports.
    pub fn look(&mut self) -> io::Result<()> {
        self.take(Some(&AT_ONCE))
    }

    /// Waits for events, until this time at the latest.
    ///
    /// # Errors
    /// What `epoll_wait(2)` and `timerfd_settime(2)` report.
    pub fn wait_until(&mut self, time: Instant) -> io::Result<()> {
        if self.set_to != Some(time) {
            self.set(time)?;
        }
        self.take(None)
    }

    fn set(&mut self, time: Instant) -> io::Result<()> {
        let (instant, clock) = self.origin;
        let at = clock + time.saturating_duration_since(instant);
        let value = Itimerspec {
            it_interval: AT_ONCE,
            it_value: Timespec {
                tv_sec: at.as_secs().try_into().unwrap_or(i64::MAX),
                tv_nsec: at.subsec_nanos().into(),
            },
        };
        timerfd_settime(&self.timer, TimerfdTimerFlags::ABSTIME, &value)?;
        self.set_to = Some(time);
        Ok(())
    }

    fn take(&mut self, limit: Option<&Timespec>) -> io::Result<()> {
        self.events.clear();
        let room = spare_capacity(&mut self.events);
        match epoll::wait(&self.epoll, room, limit) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The number of events of the last wait.
    pub fn count(&self) -> usize {
        self.events.len()
    }

    /// The client of the event at this index; `None` if it is the timer.
    pub fn news(&self, at: usize) -> Option<ReadyClient> {
        let Event { data, flags } = *self.events.get(at)?;
        let id = SocketId(u32::try_from(data.u64()).ok()?);
        Some(ReadyClient { id, ended: flags.intersects(ENDED) })
    }
}

fn since_boot(clock: Timespec) -> Duration {
    let seconds = u64::try_from(clock.tv_sec).unwrap_or(0);
    let nanoseconds = u32::try_from(clock.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanoseconds)
}
