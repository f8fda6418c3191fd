//! The parts of counters: numbers and tables that many threads write and read
//! without a lock.

use crate::units::Nanos;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A number that is counted up or replaced.
#[derive(Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    #[inline]
    pub(super) fn add(&self, more: impl Into<u64>) {
        // A locked instruction takes longer than this branch.
        let more = more.into();
        if more > 0 {
            self.0.fetch_add(more, Relaxed);
        }
    }

    /// As [`add`](Self::add), without a locked instruction, for one writer.
    #[inline]
    pub(super) fn add_alone(&self, more: impl Into<u64>) {
        self.set(self.get().wrapping_add(more.into()));
    }

    #[inline]
    pub(super) fn subtract_one(&self) {
        self.0.fetch_sub(1, Relaxed);
    }

    #[inline]
    pub(super) fn raise(&self, least: impl Into<u64>) {
        let least = least.into();
        if least > self.get() {
            self.0.fetch_max(least, Relaxed);
        }
    }

    #[inline]
    pub(super) fn set(&self, number: impl Into<u64>) {
        self.0.store(number.into(), Relaxed);
    }

    pub(super) fn replace(&self, number: u64) -> u64 {
        self.0.swap(number, Relaxed)
    }

    #[inline]
    pub(super) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// The longest of several times; `None` before the first.
#[derive(Default)]
pub(super) struct Longest(Count);

impl Longest {
    #[inline]
    pub(super) fn raise(&self, time: Nanos) {
        // One is added, because zero stands for no time yet.
        self.0.raise(time.0.saturating_add(1));
    }

    pub(super) fn get(&self) -> Option<Nanos> {
        self.0.get().checked_sub(1).map(Nanos)
    }
}

const CHUNK: usize = 256;

/// A table with a fixed limit whose entries never move. They are allocated 256
/// at a time on first use.
pub(super) struct Chunks<T> {
    chunks: Box<[OnceLock<Box<[T]>>]>,
    new: fn() -> T,
}

impl<T> Chunks<T> {
    /// An empty table for `limit` entries, each of which `new` makes.
    pub(super) fn new(limit: usize, new: fn() -> T) -> Self {
        let chunks = (0..limit.div_ceil(CHUNK)).map(|_| OnceLock::new());
        Self { chunks: chunks.collect(), new }
    }

    /// The entry; `None` if it has not been allocated.
    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<&T> {
        self.chunks.get(index / CHUNK)?.get()?.get(index % CHUNK)
    }

    /// The entry, allocated if necessary; `None` above the limit.
    #[inline]
    pub(super) fn make(&self, index: usize) -> Option<&T> {
        let chunk = self.chunks.get(index / CHUNK)?;
        let made =
            chunk.get_or_init(|| (0..CHUNK).map(|_| (self.new)()).collect());
        made.get(index % CHUNK)
    }

    /// Every allocated entry, with its index.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let made = self.chunks.iter().zip((0..).step_by(CHUNK));
        made.filter_map(|(chunk, first)| Some((first.., chunk.get()?)))
            .flat_map(|(indices, chunk)| indices.zip(chunk))
    }
}
