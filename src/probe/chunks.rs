//! A table that grows without moving: readers and writers need no lock.

use std::sync::OnceLock;

const CHUNK: usize = 256;

/// Up to a fixed number of entries, made 256 at a time on first use.
pub(super) struct Chunks<T> {
    chunks: Box<[OnceLock<Box<[T]>>]>,
}

impl<T: Default> Chunks<T> {
    /// An empty table for at most `limit` entries.
    pub(super) fn with_limit(limit: usize) -> Self {
        let chunks = limit.div_ceil(CHUNK);
        Self { chunks: (0..chunks).map(|_| OnceLock::new()).collect() }
    }

    /// The entry, if it is within what exists so far.
    pub(super) fn get(&self, index: usize) -> Option<&T> {
        self.chunks.get(index / CHUNK)?.get()?.get(index % CHUNK)
    }

    /// The entry, made if need be; `None` above the limit.
    pub(super) fn make(&self, index: usize) -> Option<&T> {
        let chunk = self.chunks.get(index / CHUNK)?;
        let made =
            chunk.get_or_init(|| (0..CHUNK).map(|_| T::default()).collect());
        made.get(index % CHUNK)
    }

    /// Every entry that exists, with its index.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        let made = self.chunks.iter().enumerate();
        made.filter_map(|(n, chunk)| Some((n, chunk.get()?))).flat_map(
            |(n, chunk)| {
                let first = n * CHUNK;
                chunk.iter().enumerate().map(move |(i, t)| (first + i, t))
            },
        )
    }
}
