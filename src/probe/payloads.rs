//! The first bytes of each transfer, for a recording.

use super::SharedProbe;
use super::clock::Clock;
use super::event::{Call, Exit, Kind, Note, SocketId};
use super::source::ThreadId;
use std::hint::spin_loop;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

/// How many bytes wait to be taken, at most.
const ROOM: usize = 4 << 20;

/// How often a thread looks whether another one is done here.
const LOOKS: u32 = 200;

/// What stands before the bytes of a transfer.
const HEAD: usize = 8 + 2 + 1 + 4 + 4 + 4;

/// The first bytes of each read and each write, with a limit. Never waits:
/// what finds no room is counted as lost. With a limit of 0 nothing is ever
/// looked at.
pub struct Payloads {
    clock: Clock,
    limit: usize,
    waiting: Mutex<Vec<u8>>,
    lost: AtomicU64,
}

/// The first bytes of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer<'a> {
    /// When they were copied: after a read has returned, and before the
    /// probe sees the exit of a write.
    pub at: Duration,
    /// The calling thread.
    pub thread: ThreadId,
    /// Read or write.
    pub kind: Kind,
    /// The socket.
    pub socket: SocketId,
    /// How many bytes were moved in all.
    pub moved: u32,
    /// The first of them.
    pub bytes: &'a [u8],
}

impl Payloads {
    /// Keeps at most `limit` bytes of each transfer, until they are taken.
    pub fn new(limit: usize, clock: Clock) -> Self {
        let room = if limit == 0 { 0 } else { ROOM };
        let waiting = Mutex::new(Vec::with_capacity(room));
        Self { clock, limit, waiting, lost: AtomicU64::new(0) }
    }

    /// How many bytes of each transfer are kept.
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// How many transfers found no room.
    pub fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }

    /// Takes what is waiting and leaves the memory of `taken` for more.
    pub fn take(&self, taken: &mut Vec<u8>) {
        taken.clear();
        if self.limit > 0 {
            taken.reserve_exact(ROOM);
            let waiting = self.waiting.lock();
            let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
            mem::swap(&mut *waiting, taken);
        }
    }

    fn add(&self, kind: Kind, socket: SocketId, moved: &[u8]) {
        let bytes = &moved[..moved.len().min(self.limit)];
        let waiting = self.lock_soon();
        let needed = HEAD + bytes.len();
        let Some(mut waiting) =
            waiting.filter(|it| it.capacity() - it.len() >= needed)
        else {
            self.lost.fetch_add(1, Relaxed);
            return;
        };
        let at = u64::try_from(self.clock.elapsed().as_nanos());
        let length = |length| u32::try_from(length).unwrap_or(u32::MAX);
        waiting.extend(at.unwrap_or(u64::MAX).to_le_bytes());
        waiting.extend(ThreadId::current().0.to_le_bytes());
        waiting.push(kind as u8);
        waiting.extend(socket.0.to_le_bytes());
        waiting.extend(length(moved.len()).to_le_bytes());
        waiting.extend(length(bytes.len()).to_le_bytes());
        waiting.extend_from_slice(bytes);
    }

    /// Spins, because another thread holds the lock only for as long as it
    /// takes to copy a few bytes.
    fn lock_soon(&self) -> Option<MutexGuard<'_, Vec<u8>>> {
        for _ in 0..LOOKS {
            match self.waiting.try_lock() {
                Ok(waiting) => return Some(waiting),
                Err(TryLockError::Poisoned(it)) => {
                    return Some(it.into_inner());
                }
                Err(TryLockError::WouldBlock) => spin_loop(),
            }
        }
        None
    }
}

impl<'a> Transfer<'a> {
    /// The transfers in what was [taken](Payloads::take).
    pub fn all(mut taken: &'a [u8]) -> impl Iterator<Item = Self> {
        std::iter::from_fn(move || {
            let (transfer, rest) = Self::split(taken)?;
            taken = rest;
            Some(transfer)
        })
    }

    fn split(taken: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (at, rest) = taken.split_first_chunk::<8>()?;
        let (thread, rest) = rest.split_first_chunk::<2>()?;
        let (kind, rest) = rest.split_first()?;
        let (socket, rest) = rest.split_first_chunk::<4>()?;
        let (moved, rest) = rest.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let (bytes, rest) = rest.split_at_checked(length)?;
        let transfer = Self {
            at: Duration::from_nanos(u64::from_le_bytes(*at)),
            thread: ThreadId(u16::from_le_bytes(*thread)),
            kind: *Kind::ALL.get(usize::from(*kind))?,
            socket: SocketId(u32::from_le_bytes(*socket)),
            moved: u32::from_le_bytes(*moved),
            bytes,
        };
        Some((transfer, rest))
    }
}

impl SharedProbe for Payloads {
    type Mark = ();

    fn enter(&self, _: &Call) {}
    fn exit(&self, _: &Call, (): (), _: Exit) {}
    fn note(&self, _: &Note) {}

    fn received(&self, socket: SocketId, bytes: &[u8]) {
        if self.limit > 0 && !bytes.is_empty() {
            self.add(Kind::Read, socket, bytes);
        }
    }

    fn sent(&self, socket: SocketId, bytes: &[u8]) {
        if self.limit > 0 && !bytes.is_empty() {
            self.add(Kind::Write, socket, bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(payloads: &Payloads) -> Vec<(Kind, u32, Vec<u8>)> {
        let mut taken = Vec::new();
        payloads.take(&mut taken);
        let all = Transfer::all(&taken);
        all.map(|it| (it.kind, it.moved, it.bytes.to_vec())).collect()
    }

    #[test]
    fn the_first_bytes_of_each_transfer_are_kept() {
        let payloads = Payloads::new(3, Clock::wall());
        payloads.received(SocketId(1), b"hello");
        payloads.sent(SocketId(2), b"hi");
        payloads.received(SocketId(1), b"");
        let expected = [
            (Kind::Read, 5, b"hel".to_vec()),
            (Kind::Write, 2, b"hi".to_vec()),
        ];
        assert_eq!(taken(&payloads), expected);
        assert_eq!(taken(&payloads), []);
    }

    #[test]
    fn with_a_limit_of_zero_nothing_is_kept() {
        let payloads = Payloads::new(0, Clock::wall());
        payloads.received(SocketId(1), b"hello");
        assert_eq!(taken(&payloads), []);
        assert_eq!(payloads.lost(), 0);
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let payloads = Payloads::new(1 << 20, Clock::wall());
        let much = vec![7; 1 << 20];
        for _ in 0..6 {
            payloads.received(SocketId(1), &much);
        }
        assert_eq!(payloads.lost(), 3);
        assert_eq!(taken(&payloads).len(), 3);
        payloads.received(SocketId(1), &much);
        assert_eq!((taken(&payloads).len(), payloads.lost()), (1, 3));
    }
}
