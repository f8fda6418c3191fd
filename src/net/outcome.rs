//! How a read or write went, and how it ends a connection.

use super::buffer::Buffer;
use crate::probe::{End, Exit, Outcome};
use std::io::{self, ErrorKind};

/// What a probe is told of a read or write and the output it left pending.
/// What the client did not do, but our own shutdown at a cut, is told apart.
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
