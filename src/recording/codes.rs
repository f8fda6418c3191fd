//! The numbers that stand for words in a file. They never change; a new word
//! gets a new number.

use crate::probe::{End, Kind, Limit, Phase, Step};
use std::io::{self, ErrorKind};

/// The kinds of errors in the order of their numbers, from 1; 0 is a kind
/// that has no name.
const ERRORS: [ErrorKind; 39] = [
    ErrorKind::NotFound,
    ErrorKind::PermissionDenied,
    ErrorKind::ConnectionRefused,
    ErrorKind::ConnectionReset,
    ErrorKind::HostUnreachable,
    ErrorKind::NetworkUnreachable,
    ErrorKind::ConnectionAborted,
    ErrorKind::NotConnected,
    ErrorKind::AddrInUse,
    ErrorKind::AddrNotAvailable,
    ErrorKind::NetworkDown,
    ErrorKind::BrokenPipe,
    ErrorKind::AlreadyExists,
    ErrorKind::WouldBlock,
    ErrorKind::NotADirectory,
    ErrorKind::IsADirectory,
    ErrorKind::DirectoryNotEmpty,
    ErrorKind::ReadOnlyFilesystem,
    ErrorKind::StaleNetworkFileHandle,
    ErrorKind::InvalidInput,
    ErrorKind::InvalidData,
    ErrorKind::TimedOut,
    ErrorKind::WriteZero,
    ErrorKind::StorageFull,
    ErrorKind::NotSeekable,
    ErrorKind::QuotaExceeded,
    ErrorKind::FileTooLarge,
    ErrorKind::ResourceBusy,
    ErrorKind::ExecutableFileBusy,
    ErrorKind::Deadlock,
    ErrorKind::CrossesDevices,
    ErrorKind::TooManyLinks,
    ErrorKind::InvalidFilename,
    ErrorKind::ArgumentListTooLong,
    ErrorKind::Interrupted,
    ErrorKind::Unsupported,
    ErrorKind::UnexpectedEof,
    ErrorKind::OutOfMemory,
    ErrorKind::Other,
];

pub(super) fn error_code(kind: ErrorKind) -> u8 {
    let place = ERRORS.iter().position(|it| *it == kind);
    place.map_or(0, |place| u8::try_from(place + 1).unwrap_or(0))
}

pub(super) fn error_kind(code: u64) -> Option<ErrorKind> {
    match usize::try_from(code).ok()?.checked_sub(1) {
        // What the standard library calls uncategorized, as EMFILE.
        None => Some(io::Error::from_raw_os_error(i32::MAX).kind()),
        Some(place) => ERRORS.get(place).copied(),
    }
}

/// From here on an end's number is that of an error.
const FAILED: u32 = 16;

const ENDS: [End; 6] = [
    End::EndOfFile,
    End::Reset,
    End::Idle,
    End::TooLong,
    End::Boom,
    End::Stopped,
];

pub(super) fn end_code(end: End) -> u32 {
    if let End::Failed(kind) = end {
        return FAILED + u32::from(error_code(kind));
    }
    let place = ENDS.iter().position(|it| *it == end);
    place.and_then(|it| u32::try_from(it).ok()).unwrap_or(FAILED)
}

pub(super) fn end(code: u64) -> Option<End> {
    match code.checked_sub(FAILED.into()) {
        Some(error) => error_kind(error).map(End::Failed),
        None => ENDS.get(usize::try_from(code).ok()?).copied(),
    }
}

pub(super) fn kind(code: u64) -> Option<Kind> {
    Kind::ALL.get(usize::try_from(code).ok()?).copied()
}

pub(super) fn step(code: u64) -> Option<Step> {
    Step::ALL.get(usize::try_from(code).ok()?).copied()
}

pub(super) fn phase(code: u64) -> Option<Phase> {
    Phase::ALL.get(usize::try_from(code).ok()?).copied()
}

pub(super) fn limit(code: u64) -> Option<Limit> {
    match code {
        0 => Some(Limit::Connections),
        1 => Some(Limit::Descriptors),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_and_end_has_a_number_of_its_own() {
        for code in 0..=ERRORS.len() as u64 {
            let error = error_kind(code);
            assert_eq!(error.map(|it| u64::from(error_code(it))), Some(code));
            let failed = error.map(End::Failed);
            let back = failed.map(end_code).and_then(|it| end(it.into()));
            assert_eq!(back, failed);
        }
        for known in ENDS {
            assert_eq!(end(end_code(known).into()), Some(known));
        }
        assert_eq!(end(ENDS.len() as u64), None);
        assert_eq!(error_kind(1 + ERRORS.len() as u64), None);
    }
}
