//! The system calls that move bytes, how a thread sleeps in them, what each
//! returned, and how it ends a connection.
//!
//! Where shutdown(2) does not wake a thread that sleeps on a connection, which
//! is so under Windows, the thread checks from time to time.

use super::buffer::Buffer;
use super::listener::ListenerShared;
use crate::probe::{End, Exit, Kind, Outcome, Probe, SocketId};
use socket2::Socket;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::thread;
use std::time::{Duration, Instant};

/// One recv(2) into the buffer, and framing. With a full buffer no call is
/// made: it would return zero, as at an end of file.
#[inline]
pub(super) fn receive(
    mut socket: &Socket,
    buffer: &mut Buffer,
) -> io::Result<usize> {
    let space = buffer.space();
    if space.is_empty() {
        return Err(ErrorKind::WouldBlock.into());
    }
    let result = socket.read(space);
    match result {
        Ok(0) => buffer.finish(),
        Ok(count) => buffer.filled(count),
        Err(_) => buffer.filled(0),
    }
    result
}

/// One send(2) of the pending output, whose bytes the probe sees.
#[inline]
pub(super) fn send<P: Probe>(
    mut socket: &Socket,
    buffer: &mut Buffer,
    (probe, id): (&P, SocketId),
) -> io::Result<usize> {
    let result = socket.write(buffer.pending());
    let count = *result.as_ref().unwrap_or(&0);
    if P::ENABLED {
        probe.moved(Kind::Write, id, &buffer.pending()[..count]);
        buffer.count_echoes(count);
    }
    buffer.sent(count);
    result
}

/// The result of a read or write and the output it left pending, for the
/// probe. The effect of our own shutdown at the end of the grace period is
/// distinguished from what the client did.
#[inline]
pub(super) fn exit<const READ: bool>(
    buffer: &Buffer,
    result: &io::Result<usize>,
    is_cut: impl FnOnce() -> bool,
) -> Exit {
    let outcome = match result.as_ref().map_err(io::Error::kind) {
        Ok(&count) if count > 0 || !READ => Outcome::Bytes(small(count)),
        Err(ErrorKind::WouldBlock) => Outcome::WouldBlock,
        _ if is_cut() => Outcome::Closed,
        Ok(_) => Outcome::EndOfFile,
        Err(kind) => Outcome::Failed(kind),
    };
    let echoed = if READ { 0 } else { buffer.echoed };
    let pending = buffer.pending().len();
    Exit {
        outcome,
        pending: small(pending),
        unframed: small(buffer.len() - pending),
        echoed,
    }
}

#[inline]
pub(super) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Turns "would block" of a system call that may sleep into `TimedOut`: the
/// call reports its time-out like this.
pub(super) fn idle_if_would_block(
    error: io::Error,
    last_moved: Option<Instant>,
) -> io::Error {
    match (error.kind(), error.raw_os_error()) {
        (ErrorKind::WouldBlock, Some(_)) if last_moved.is_some() => {
            ErrorKind::TimedOut.into()
        }
        _ => error,
    }
}

/// How an error of a read or write ends its connection. An idle time-out is
/// known by having no number: the system's own `ETIMEDOUT` is a failure.
pub(super) fn end_by(error: &io::Error) -> End {
    match error.kind() {
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => End::Reset,
        ErrorKind::TimedOut if error.raw_os_error().is_none() => End::Idle,
        kind => End::Failed(kind),
    }
}

/// The longest sleep before the thread checks whether to give up; the read
/// time-out of the socket.
pub(super) const LOOK_UP: Duration = Duration::from_millis(50);

/// Sleeps until there is something to read, or until it is given up. Nothing is
/// read yet: a time-out may lose what a read has begun.
pub(super) fn until_readable(
    socket: &Socket,
    given_up: impl Fn() -> Option<ErrorKind>,
) -> io::Result<()> {
    let mut byte = [MaybeUninit::uninit()];
    loop {
        match socket.peek(&mut byte).map_err(|error| (error.kind(), error)) {
            Ok(_) => return Ok(()),
            Err((ErrorKind::TimedOut | ErrorKind::WouldBlock, _)) => {
                if let Some(kind) = given_up() {
                    return Err(kind.into());
                }
            }
            Err((ErrorKind::Interrupted, _)) => {}
            Err((_, error)) => return Err(error),
        }
    }
}

/// Writes as soon as there is room, unless it is given up. A write that slept
/// and timed out could not report how much it had sent.
pub(super) fn until_written(
    socket: &Socket,
    mut write: impl FnMut() -> io::Result<usize>,
    given_up: impl Fn() -> Option<ErrorKind>,
) -> io::Result<usize> {
    socket.set_nonblocking(true)?;
    let result = loop {
        match write() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            result => break result,
        }
        if let Some(kind) = given_up() {
            break Err(kind.into());
        }
        thread::sleep(LOOK_UP / 10);
    };
    socket.set_nonblocking(false).and(result)
}

/// Makes a call that sleeps in the kernel, and repeats it if it timed out
/// before the deadline of the program's clock, which may have stood meanwhile.
#[inline]
pub(super) fn until_idle<P: Probe>(
    probe: &P,
    idle_at: Option<Instant>,
    set_time_out: impl Fn(Option<Duration>) -> io::Result<()>,
    mut make: impl FnMut() -> io::Result<usize>,
) -> io::Result<usize> {
    let mut result = make();
    let Some(idle_at) = idle_at else { return result };
    while let Err(error) = &result
        && error.kind() == ErrorKind::WouldBlock
        && error.raw_os_error().is_some()
        && let Some(left) = idle_at.checked_duration_since(probe.now())
        && !left.is_zero()
    {
        set_time_out(Some(left.max(LOOK_UP)))?;
        result = make();
    }
    result
}

/// The idle deadline of a connection whose last transfer was then.
#[inline]
pub(super) fn idle_at<P: Probe>(
    shared: &ListenerShared<P>,
    last_moved: Option<Instant>,
) -> Option<Instant> {
    Some(last_moved? + shared.options.idle_timeout()?)
}

/// The reason to give up a sleep that the thread checks by itself.
pub(super) fn given_up<P: Probe>(
    shared: &ListenerShared<P>,
    last: Option<Instant>,
    now: Instant,
) -> Option<ErrorKind> {
    if shared.is_cut() {
        return Some(ErrorKind::BrokenPipe);
    }
    let is_idle = idle_at(shared, last).is_some_and(|at| now >= at);
    is_idle.then_some(ErrorKind::TimedOut)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::net::{TcpListener, TcpStream};

    fn connection() -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let socket = Socket::from(listener.accept().unwrap().0);
        socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        (socket, client.unwrap())
    }

    /// Gives up at the third look.
    fn third_look() -> impl Fn() -> Option<ErrorKind> {
        let looks = Cell::new(0);
        move || {
            looks.set(looks.get() + 1);
            (looks.get() == 3).then_some(ErrorKind::BrokenPipe)
        }
    }

    #[test]
    fn a_sleep_before_a_read_is_given_up() {
        let (socket, _client) = connection();
        let result = until_readable(&socket, third_look());
        assert_eq!(result.unwrap_err().kind(), ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_sleep_before_a_read_ends_with_what_comes_and_takes_nothing() {
        let (socket, client) = connection();
        let said = Cell::new(false);
        let given_up = || {
            if !said.replace(true) {
                (&client).write_all(b"hello").unwrap();
            }
            None
        };
        until_readable(&socket, given_up).unwrap();
        let mut heard = [0; 5];
        (&socket).read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"hello");
        drop(client);
        until_readable(&socket, || panic!("the end is news, too")).unwrap();
    }

    #[test]
    fn a_write_without_room_is_given_up_and_one_with_room_is_made() {
        let (socket, mut client) = connection();
        let chunk = vec![7; 1 << 20];
        let write = || (&socket).write(&chunk);
        let mut sent = 0;
        let error = loop {
            match until_written(&socket, write, third_look()) {
                Ok(count) => sent += count,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        client.read_exact(&mut vec![0; sent]).unwrap();
        let again = until_written(&socket, write, || panic!("there is room"));
        assert!(again.unwrap() > 0);
    }
}
