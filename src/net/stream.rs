//! A connection: reads, frames, writes, and knows how it ended.

use super::buffer::{Buffer, BufferRefusal};
use super::listener::{ConnectionPlace, ListenerShared};
use super::observed;
use super::options::ServerOptions;
use super::registration::{Interest, Registration, Source, WatchRequest};
use super::retry::Retry;
use super::system::SHUTDOWN_WAKES;
use super::transfer::{
    LOOK_UP, end_by, exit, given_up, idle_at, idle_if_would_block, receive,
    send, small, until_idle, until_readable, until_written,
};
use crate::probe::{Call, End, Kind, Note, Operation, Phase, Probe, SocketId};
use socket2::Socket;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How often a call that does not sleep may be interrupted.
const MOST_INTERRUPTS: u8 = 16;

/// One client's connection. Every read and write is reported to the probe.
///
/// What was received is pending output as soon as the framing allows it;
/// dropping the connection closes it.
pub struct Stream<P: Probe> {
    registration: Option<Arc<Registration>>,
    socket: Arc<Socket>,
    id: SocketId,
    buffer: Buffer,
    input_ended: bool,
    end: Option<End>,
    is_settled: bool,
    last_moved: Option<Instant>,
    sleeper: bool,
    /// How often a call that does not sleep was interrupted.
    interrupts: u8,
    pub(super) shared: Arc<ListenerShared<P>>,
    // Declared last, so that the place is freed after the socket is closed.
    _place: ConnectionPlace,
}

impl<P: Probe> Stream<P> {
    pub(super) fn new(
        id: SocketId,
        socket: Socket,
        peer: Option<SocketAddr>,
        nonblocking: bool,
        shared: &Arc<ListenerShared<P>>,
    ) -> io::Result<Self> {
        let idle = shared.options.idle_timeout();
        let place = shared.open.enter();
        shared.probe.note(&Note::Opened { socket: id, peer });
        let mut stream = Self {
            registration: None,
            socket: Arc::new(socket),
            id,
            buffer: Buffer::new(&shared.options),
            input_ended: false,
            end: None,
            is_settled: false,
            last_moved: idle.map(|_| shared.probe.now()),
            sleeper: !nonblocking,
            interrupts: 0,
            shared: shared.clone(),
            _place: place,
        };
        if let Err(error) = stream.set_options(idle) {
            stream.failed(Operation::SetOption, &error);
            return Err(error);
        }
        if stream.sleeper {
            stream.shared.stop.add_sleeper(id, &stream.socket);
        }
        Ok(stream)
    }

    fn set_options(&self, idle: Option<Duration>) -> io::Result<()> {
        self.socket.set_nonblocking(!self.sleeper)?;
        // Else the last piece of a long echo waits for a delayed ACK, 40 ms:
        // Nagle's algorithm, RFC 896; see TCP_NODELAY in tcp(7).
        self.socket.set_tcp_nodelay(true)?;
        if self.sleeper {
            let idle = idle.map(|time| time.max(ServerOptions::SHORTEST_IDLE));
            let time_out = if SHUTDOWN_WAKES { idle } else { Some(LOOK_UP) };
            self.socket.set_read_timeout(time_out)?;
            self.socket.set_write_timeout(idle)?;
        }
        Ok(())
    }

    /// Its number in this run.
    pub const fn id(&self) -> SocketId {
        self.id
    }

    /// Reads what has arrived, asleep until something has. Zero: the client
    /// will send no more.
    ///
    /// # Errors
    /// What recv(2) reports; `TimedOut` after the idle time-out;
    /// `WouldBlock` if there is no [room](Self::has_room) for what may come.
    #[track_caller]
    #[inline]
    pub fn read(&mut self) -> io::Result<usize> {
        self.asleep::<true>(Location::caller())
    }

    /// Reads what has arrived. `None`: nothing has, it would block, or there
    /// is no [room](Self::has_room) for it.
    ///
    /// # Errors
    /// What recv(2) reports; `TimedOut` after the idle time-out.
    #[track_caller]
    #[inline]
    pub fn try_read(&mut self) -> io::Result<Option<usize>> {
        self.try_read_at(Location::caller())
    }

    /// As [`try_read`](Self::try_read), reported as made by this line: a future
    /// passes the line that created it, not the one that polls it.
    ///
    /// # Errors
    /// As [`try_read`](Self::try_read).
    #[inline]
    pub fn try_read_at(
        &mut self,
        location: &'static Location<'static>,
    ) -> io::Result<Option<usize>> {
        let result = self.transfer::<true>(false, location);
        self.none_if_would_block::<true>(result)
    }

    /// Writes pending output, asleep until there is room for some of it.
    ///
    /// # Errors
    /// What send(2) reports; `TimedOut` after the idle time-out.
    #[track_caller]
    #[inline]
    pub fn write(&mut self) -> io::Result<usize> {
        self.asleep::<false>(Location::caller())
    }

    /// Writes what there is room for. `None`: there is none, it would block.
    ///
    /// # Errors
    /// What send(2) reports; `TimedOut` after the idle time-out.
    #[track_caller]
    #[inline]
    pub fn try_write(&mut self) -> io::Result<Option<usize>> {
        self.try_write_at(Location::caller())
    }

    /// As [`try_write`](Self::try_write), reported as made by this line.
    ///
    /// # Errors
    /// As [`try_write`](Self::try_write).
    #[inline]
    pub fn try_write_at(
        &mut self,
        location: &'static Location<'static>,
    ) -> io::Result<Option<usize>> {
        let result = self.transfer::<false>(false, location);
        self.none_if_would_block::<false>(result)
    }

    /// Whether more may be read: less than the buffer limit is held, the
    /// client has not ended its side, and its handler has not failed.
    #[inline]
    pub fn has_room(&self) -> bool {
        !self.input_ended && self.buffer.has_room()
    }

    /// Whether there is something to send.
    ///
    /// # Errors
    /// The handler fails on the line `boom` if the options say so, and on a
    /// line longer than the buffer limit; what came before is sent first.
    #[inline]
    pub fn has_output(&mut self) -> io::Result<bool> {
        self.buffer.has_output().map_err(|refusal| {
            self.end = Some(match refusal {
                BufferRefusal::Boom => End::Boom,
                BufferRefusal::TooLong => End::TooLong,
            });
            io::Error::other(refusal)
        })
    }

    /// Whether the client has ended its side and has its whole echo.
    #[inline]
    pub fn is_done(&self) -> bool {
        self.input_ended && self.buffer.has_output() == Ok(false)
    }

    /// A read or write that sleeps if it must.
    #[inline]
    fn asleep<const READ: bool>(
        &mut self,
        location: &'static Location<'static>,
    ) -> io::Result<usize> {
        let mut retry = Retry::default();
        loop {
            let result = self.transfer::<READ>(true, location);
            match result.map_err(|it| idle_if_would_block(it, self.last_moved))
            {
                Err(error)
                    if error.kind() == ErrorKind::Interrupted
                        && self.goes_on_after_interrupt(&mut retry) => {}
                result => return self.note_failure::<READ, _>(result),
            }
        }
    }

    /// A signal interrupts a call now and then. One that is interrupted again
    /// and again must not become a busy loop, and ends with the grace period.
    #[cold]
    fn goes_on_after_interrupt(&self, retry: &mut Retry) -> bool {
        let pause = retry.failed();
        if retry.keeps_failing() {
            self.shared.open.sleep_while(|| !self.shared.is_cut(), pause);
        }
        !retry.keeps_failing() || !self.shared.is_cut()
    }

    /// Makes one read or write, and reports it to the probe.
    #[inline]
    fn transfer<const READ: bool>(
        &mut self,
        may_sleep: bool,
        location: &'static Location<'static>,
    ) -> io::Result<usize> {
        let kind = if READ { Kind::Read } else { Kind::Write };
        let call = Call { kind, socket: self.id, may_sleep, location };
        let idle_at = self.idle_at_if_asleep();
        let (id, socket, shared) = (self.id, &*self.socket, &*self.shared);
        let probe = &shared.probe;
        let once = |buffer: &mut Buffer| {
            if READ {
                receive(socket, buffer)
            } else {
                send(socket, buffer, (probe, id))
            }
        };
        let make = |buffer: &mut Buffer| {
            if !SHUTDOWN_WAKES && self.sleeper {
                let given_up =
                    || given_up(shared, self.last_moved, probe.now());
                if !READ {
                    return until_written(socket, || once(buffer), given_up);
                }
                until_readable(socket, given_up)?;
            }
            let set = |limit| {
                if READ {
                    socket.set_read_timeout(limit)
                } else {
                    socket.set_write_timeout(limit)
                }
            };
            until_idle(probe, idle_at, set, || once(buffer))
        };
        let cut = || self.sleeper && shared.is_cut();
        let exit = |b: &Buffer, result: &_| exit::<READ>(b, result, cut);
        let result = observed(probe, &call, &mut self.buffer, make, exit);
        if READ
            && P::ENABLED
            && let Ok(count) = result
        {
            probe.moved(kind, id, self.buffer.newest(count));
        }
        self.note_moved::<READ>(result)
    }

    #[inline]
    fn note_moved<const READ: bool>(
        &mut self,
        result: io::Result<usize>,
    ) -> io::Result<usize> {
        match result {
            Ok(0) if READ => self.input_ended = true,
            Ok(_) => {
                if let Some(last) = &mut self.last_moved {
                    *last = self.shared.probe.now();
                }
            }
            Err(_) => {}
        }
        result
    }

    /// [`try_read`](Self::try_read) as it would be without any probes, to
    /// measure what they cost.
    #[doc(hidden)]
    #[inline]
    pub fn try_read_by_hand(&mut self) -> io::Result<Option<usize>> {
        let result = receive(&self.socket, &mut self.buffer);
        let result = self.note_moved::<true>(result);
        self.none_if_would_block::<true>(result)
    }

    #[inline]
    fn deadline(&self) -> Option<Instant> {
        idle_at(&self.shared, self.last_moved)
    }

    /// The idle deadline, if a call sleeps in the kernel until then.
    #[inline]
    fn idle_at_if_asleep(&self) -> Option<Instant> {
        let sleeps = P::HAS_CLOCK && self.sleeper && SHUTDOWN_WAKES;
        if sleeps { self.deadline() } else { None }
    }

    #[inline]
    fn none_if_would_block<const READ: bool>(
        &mut self,
        result: io::Result<usize>,
    ) -> io::Result<Option<usize>> {
        let result = match result.map_err(|error| (error.kind(), error)) {
            Ok(count) => Ok(Some(count)),
            Err((ErrorKind::WouldBlock, _)) if self.is_idle() => {
                Err(ErrorKind::TimedOut.into())
            }
            Err((ErrorKind::WouldBlock, _)) => Ok(None),
            Err((ErrorKind::Interrupted, error)) => self.interrupted(error),
            Err((_, error)) => Err(error),
        };
        self.note_failure::<READ, _>(result)
    }

    /// A call that does not sleep is hardly ever interrupted: one that always
    /// is would be made again at once and for ever, so that it counts as
    /// failed in the end.
    #[cold]
    fn interrupted(&mut self, error: io::Error) -> io::Result<Option<usize>> {
        self.interrupts = self.interrupts.saturating_add(1);
        if self.interrupts > MOST_INTERRUPTS { Err(error) } else { Ok(None) }
    }

    #[inline]
    fn is_idle(&self) -> bool {
        self.deadline()
            .is_some_and(|deadline| self.shared.probe.now() >= deadline)
    }

    /// Remembers an error as the way in which the connection ended.
    #[inline]
    fn note_failure<const READ: bool, T>(
        &mut self,
        result: io::Result<T>,
    ) -> io::Result<T> {
        if let Err(error) = &result {
            let by = if READ { Operation::Read } else { Operation::Write };
            self.failed(by, error);
        }
        result
    }

    /// Sets how the connection ends, and notes the call that failed unless that
    /// is what a client can cause, or our own shutdown at the cut.
    #[cold]
    fn failed(&mut self, operation: Operation, error: &io::Error) {
        let end = end_by(error);
        self.end = Some(end);
        if matches!(end, End::Failed(_)) && !self.shared.is_cut() {
            self.shared.note_failed(operation, self.id, error);
        }
    }

    /// How the connection ended: by the stop, once one is requested, unless it
    /// has an end of its own. The shutdown at a cut looks like one and is none.
    fn final_end(&self) -> End {
        match self.end {
            _ if self.shared.is_cut() && !self.is_settled => End::Stopped,
            None if self.is_done() => End::EndOfFile,
            None if self.shared.stop.phase() > Phase::Running => End::Stopped,
            // A handler with a thread of its own ends with an error or with the
            // end of the file, unless it panics: this one was never run.
            None if self.sleeper && !thread::panicking() => End::NoThread,
            None => End::Failed(ErrorKind::Other),
            Some(end) => end,
        }
    }

    /// Fixes how it ends, whatever comes later; `None` if the stop ended it.
    pub(super) fn settle(&mut self) -> Option<End> {
        let end = self.final_end();
        self.is_settled = end != End::Stopped;
        self.is_settled.then_some(end)
    }
}

impl<P: Probe> Drop for Stream<P> {
    fn drop(&mut self) {
        if P::ENABLED {
            self.shared.probe.note(&Note::Closed {
                socket: self.id,
                end: self.final_end(),
                unsent: small(self.buffer.len()),
            });
        }
        if self.sleeper {
            self.shared.stop.remove_sleeper(self.id);
        }
    }
}

impl<P: Probe> Source for Stream<P> {
    /// Input while there is room for it; output only while it is pending,
    /// or the selector would return at once, again and again. A handler that
    /// is to fail next must not wait for input either.
    #[inline]
    fn request(&mut self) -> WatchRequest<'_> {
        let readable = self.has_room();
        let writable = self.buffer.has_output() != Ok(false);
        WatchRequest {
            id: self.id,
            interest: Interest { readable, writable },
            deadline: self.deadline(),
            socket: Some(&self.socket),
            registration: &mut self.registration,
        }
    }
}
