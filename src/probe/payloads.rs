//! Bytes that were transferred: the first of each transfer, for a recording,
//! and the last that each client has sent, for the screen.

use super::Probe;
use super::clock::Clock;
use super::event::{Kind, SocketId};
use super::registers::{Chunks, Count};
use super::source::ThreadId;
use crate::system::lock;
use crate::units::Nanos;
use serde::{Deserialize, Serialize};
use std::hint::spin_loop;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

/// How many bytes wait to be taken, at most.
const ROOM: usize = 4 << 20;

/// How many transfers wait to be taken, at most.
const MOST_TRANSFERS: usize = 64 * 1024;

/// How often a thread tries to take the lock before it gives up.
const LOOKS: u32 = 200;

/// The first bytes of each read and each write, up to a limit. It never
/// sleeps: a transfer for which there is no room, or whose thread does not get
/// the lock soon, is counted as lost. The limit 0 switches it off.
pub struct Payloads {
    clock: Clock,
    /// How many bytes of each transfer are kept, at most.
    pub limit: usize,
    waiting: Mutex<Transfers>,
    lost: Count,
}

/// The first bytes of a transfer: of a read, the last one of its thread on
/// that socket that returned at this time or before; of a write, the first
/// one that returned at this time or later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// When the bytes were copied, by the program's clock.
    pub at: Nanos,
    /// The thread that made the call.
    pub thread: ThreadId,
    /// [`Kind::Read`] or [`Kind::Write`].
    pub kind: Kind,
    /// The connection on which they were transferred.
    pub socket: SocketId,
    /// How many bytes were transferred in all.
    pub moved: u32,
    /// The first bytes, at most [`Payloads::limit`].
    pub bytes: Vec<u8>,
}

/// Transfers in two buffers that do not grow: the bytes of all transfers are
/// stored one after the other, apart from the other fields.
#[derive(Default)]
pub struct Transfers {
    heads: Vec<(Transfer, usize)>,
    bytes: Vec<u8>,
}

impl Payloads {
    /// Keeps at most `limit` bytes of each transfer, until they are taken.
    pub fn new(limit: usize, clock: Clock) -> Self {
        let mut waiting = Transfers::default();
        waiting.make_room(limit);
        let (waiting, lost) = (Mutex::new(waiting), Count::default());
        Self { clock, limit, waiting, lost }
    }

    /// How many transfers were lost, because of no room or no lock.
    pub fn lost(&self) -> u64 {
        self.lost.get()
    }

    /// Takes the waiting transfers, and reuses the memory of `taken`.
    pub fn take(&self, taken: &mut Transfers) {
        taken.make_room(self.limit);
        std::mem::swap(&mut *lock(&self.waiting), taken);
    }

    /// Spins, because another thread holds the lock only for as long as it
    /// takes to copy a few bytes.
    fn lock_soon(&self) -> Option<MutexGuard<'_, Transfers>> {
        (0..LOOKS).find_map(|_| match self.waiting.try_lock() {
            Ok(waiting) => Some(waiting),
            Err(TryLockError::Poisoned(it)) => Some(it.into_inner()),
            Err(TryLockError::WouldBlock) => {
                spin_loop();
                None
            }
        })
    }
}

impl Transfers {
    fn make_room(&mut self, limit: usize) {
        self.heads.clear();
        self.bytes.clear();
        if limit > 0 {
            self.heads.reserve_exact(MOST_TRANSFERS);
            self.bytes.reserve_exact(ROOM);
        }
    }

    /// The transfers, oldest first, each with its bytes.
    pub fn iter(&self) -> impl Iterator<Item = Transfer> {
        let mut rest = &self.bytes[..];
        self.heads.iter().map(move |(head, length)| {
            let (bytes, others) = rest.split_at(*length);
            rest = others;
            Transfer { bytes: bytes.to_vec(), ..head.clone() }
        })
    }
}

impl Probe for Arc<Payloads> {
    type Mark = ();

    fn moved(&self, kind: Kind, socket: SocketId, bytes: &[u8]) {
        if self.limit == 0 || bytes.is_empty() {
            return;
        }
        let first = &bytes[..bytes.len().min(self.limit)];
        let has_room = |it: &MutexGuard<Transfers>| {
            it.heads.len() < MOST_TRANSFERS
                && it.bytes.capacity() - it.bytes.len() >= first.len()
        };
        let Some(mut waiting) = self.lock_soon().filter(has_room) else {
            return self.lost.add(1_u32);
        };
        let head = Transfer {
            at: self.clock.elapsed(),
            thread: ThreadId::current(),
            kind,
            socket,
            moved: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            bytes: Vec::new(),
        };
        waiting.heads.push((head, first.len()));
        waiting.bytes.extend_from_slice(first);
    }
}

/// The last bytes that a client has sent, of one read or of several.
#[derive(Clone, Copy, Debug)]
pub struct ReceivedTail {
    bytes: [u8; Self::MOST],
    length: usize,
    /// How many bytes had been received with the last of them.
    end: u64,
    /// How many bytes have been received; those after `end` are not known.
    total: u64,
}

impl Default for ReceivedTail {
    fn default() -> Self {
        Self { bytes: [0; Self::MOST], length: 0, end: 0, total: 0 }
    }
}

impl ReceivedTail {
    /// How many bytes are kept, at most.
    pub const MOST: usize = 96;

    /// Adds what was received next: its first bytes, and how many there were.
    pub fn add(&mut self, first: &[u8], moved: u64) {
        if self.end != self.total {
            self.length = 0;
        }
        let new = &first[first.len().saturating_sub(Self::MOST)..];
        let kept = self.length.min(Self::MOST - new.len());
        self.bytes.copy_within(self.length - kept..self.length, 0);
        self.bytes[kept..kept + new.len()].copy_from_slice(new);
        self.length = kept + new.len();
        self.end = self.total.saturating_add(first.len() as u64);
        self.total = self.total.saturating_add(moved);
    }

    /// The bytes that are kept.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// The last `count` bytes of the first `received` ones, or as many of them
    /// as are kept.
    pub fn before(&self, received: u64, count: usize) -> &[u8] {
        let later = self.end.checked_sub(received);
        let later = later.and_then(|it| usize::try_from(it).ok());
        let until = later.and_then(|it| self.length.checked_sub(it));
        let until = until.unwrap_or(0);
        &self.bytes[until.saturating_sub(count)..until]
    }
}

/// The number of sockets that have a preview.
const PREVIEWS: usize = 4_096;

/// The last bytes that each of the first connections has sent.
///
/// A read does not wait for a thread that is copying the preview of its
/// connection: its bytes are then missing here.
pub struct Preview {
    /// Beside each: how many bytes of later reads are missing.
    sockets: Chunks<(Mutex<ReceivedTail>, Count)>,
}

impl Default for Preview {
    fn default() -> Self {
        Self { sockets: Chunks::new(PREVIEWS, Default::default) }
    }
}

impl Preview {
    /// The last bytes that the socket's client has sent; `None` before any.
    pub fn of(&self, socket: SocketId) -> Option<ReceivedTail> {
        let (tail, _) = self.sockets.get(socket.0 as usize)?;
        Some(*lock(tail))
    }
}

impl Probe for Arc<Preview> {
    type Mark = ();

    fn moved(&self, kind: Kind, socket: SocketId, bytes: &[u8]) {
        if kind == Kind::Read
            && let Some((tail, missing)) = self.sockets.make(socket.0 as usize)
        {
            let Ok(mut tail) = tail.try_lock() else {
                return missing.add(bytes.len() as u64);
            };
            if missing.get() > 0 {
                tail.add(b"", missing.replace(0));
            }
            tail.add(bytes, bytes.len() as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(payloads: &Arc<Payloads>) -> Vec<(Kind, u32, Vec<u8>)> {
        let mut taken = Transfers::default();
        payloads.take(&mut taken);
        taken.iter().map(|it| (it.kind, it.moved, it.bytes)).collect()
    }

    #[test]
    fn the_first_bytes_of_each_transfer_are_kept() {
        let payloads = Arc::new(Payloads::new(3, Clock::wall()));
        payloads.moved(Kind::Read, SocketId(1), b"hello");
        payloads.moved(Kind::Write, SocketId(2), b"hi");
        payloads.moved(Kind::Read, SocketId(1), b"");
        let expected = [
            (Kind::Read, 5, b"hel".to_vec()),
            (Kind::Write, 2, b"hi".to_vec()),
        ];
        assert_eq!(taken(&payloads), expected);
        assert_eq!(taken(&payloads), []);
        let none = Arc::new(Payloads::new(0, Clock::wall()));
        none.moved(Kind::Read, SocketId(1), b"hello");
        assert_eq!((taken(&none), none.lost()), (vec![], 0));
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let payloads = Arc::new(Payloads::new(1 << 20, Clock::wall()));
        let much = vec![7; 1 << 20];
        for _ in 0..6 {
            payloads.moved(Kind::Read, SocketId(1), &much);
        }
        assert_eq!((taken(&payloads).len(), payloads.lost()), (4, 2));
        payloads.moved(Kind::Read, SocketId(1), &much);
        assert_eq!((taken(&payloads).len(), payloads.lost()), (1, 2));
    }

    #[test]
    fn the_end_of_what_a_client_has_sent_is_kept() {
        let (preview, socket) = (Arc::new(Preview::default()), SocketId(3));
        let kept = || {
            let tail = preview.of(socket);
            tail.map_or(Vec::new(), |it| it.bytes().to_vec())
        };
        assert_eq!(kept(), b"");
        preview.moved(Kind::Read, socket, b"a line\n");
        preview.moved(Kind::Write, socket, b"not this");
        preview.moved(Kind::Read, socket, b"hi");
        assert_eq!(kept(), b"a line\nhi");
        let long: Vec<u8> = (0..=255).collect();
        preview.moved(Kind::Read, socket, &long);
        assert_eq!(kept(), &long[256 - ReceivedTail::MOST..]);
        preview.moved(Kind::Read, socket, b"end");
        assert_eq!(kept()[92..], [255, b'e', b'n', b'd']);
        preview.moved(Kind::Read, SocketId(u32::MAX), b"no room for it");
    }

    #[test]
    fn a_part_of_what_was_received_is_found_by_its_place() {
        let mut tail = ReceivedTail::default();
        tail.add(b"one\ntw", 6);
        tail.add(b"o", 1);
        assert_eq!(tail.before(7, 3), b"two");
        // One byte was received after the moment that is asked for.
        assert_eq!(tail.before(6, 2), b"tw");
        assert_eq!(tail.before(7, 99), b"one\ntwo");
        assert_eq!(tail.before(8, 4), b"", "the last one is missing");
        // Of a long transfer only the beginning is known.
        tail.add(b"!", 2);
        assert_eq!(tail.before(9, 5), b"");
        tail.add(b"end", 3);
        assert_eq!(tail.before(12, 5), b"end");
    }
}
