//! The system calls that move bytes.

use super::buffer::Buffer;
use crate::probe::{Probe, SocketId};
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

/// One send(2) of the pending output, of whose bytes the probe is told.
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
