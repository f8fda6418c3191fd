//! The system calls that move bytes, how each went, and how it ends a
//! connection.

use super::buffer::Buffer;
use crate::probe::{End, Exit, Outcome, Probe, SocketId};
use socket2::Socket;
use std::io::{self, ErrorKind, Read as _, Write as _};

/// One recv(2) into the buffer, framed. Into a full one none is made: it
/// would return zero, as at an end of file.
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
        probe.sent(id, &buffer.pending()[..count]);
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
    let echoed = if READ { 0 } else { buffer.echoed() };
    let pending = buffer.pending().len();
    Exit {
        outcome,
        pending: small(pending),
        unframed: small(buffer.len() - pending),
        echoed,
    }
}

pub(super) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A system call that may sleep returns with "would block" after its
/// time-out.
pub(super) fn idle_if_would_block(error: io::Error) -> io::Error {
    match (error.kind(), error.raw_os_error()) {
        (ErrorKind::WouldBlock, Some(_)) => ErrorKind::TimedOut.into(),
        _ => error,
    }
}

pub(super) fn end_by(kind: ErrorKind) -> End {
    match kind {
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => End::Reset,
        ErrorKind::TimedOut => End::Idle,
        kind => End::Failed(kind),
    }
}
