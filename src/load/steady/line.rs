//! What the clients send, and what one of them has sent and received.
//!
//! They send a few lines that differ, again and again, so that what comes back
//! is compared at the speed of memory and an echo that is lost, doubled or
//! another client's is noticed.

use crate::load::exchange::noise;
use crate::net::Client;
use std::collections::VecDeque;
use std::io;

/// How many lines differ, at most; a prime, so that no power of two of them can
/// be lost without being noticed.
const LINES: usize = 31;

/// The most bytes that the differing lines may have together; there are fewer
/// of them if lines are long.
const MOST_BYTES: usize = 128 << 10;

/// The pattern can be read from any place in pieces of at least this many
/// bytes.
pub(super) const PIECE: usize = 64 << 10;

/// The bytes that the clients send, repeated without end.
pub(super) struct Pattern {
    /// One period, and then the beginning of the next, for pieces that
    /// begin at its end.
    bytes: Vec<u8>,
    period: usize,
    /// The length of a line, its `\n` included.
    size: usize,
}

impl Pattern {
    /// Creates a pattern of lines of `size` bytes.
    pub(super) fn new(size: usize) -> Self {
        let lines = (MOST_BYTES / size).clamp(2, LINES);
        let period = lines * size;
        let noise = noise().iter().map(|byte| b'!' + byte % 94).cycle();
        let mut bytes: Vec<u8> = noise.take(period).collect();
        for line in bytes.chunks_mut(size) {
            line[size - 1] = b'\n';
        }
        let begin = bytes.clone();
        bytes.extend(begin.iter().cycle().take(PIECE.max(size)));
        Self { bytes, period, size }
    }

    /// At most `length` bytes of the pattern from a place on. It may return
    /// fewer if `length` exceeds both a piece and a line.
    #[inline]
    fn from(&self, place: usize, length: usize) -> &[u8] {
        let rest = &self.bytes[place..];
        &rest[..length.min(rest.len())]
    }

    /// The place `length` bytes after another. `length` is at most that of a
    /// piece or a line.
    #[inline]
    fn after(&self, place: usize, length: usize) -> usize {
        let mut place = place + length;
        while place >= self.period {
            place -= self.period;
        }
        place
    }
}

/// Why a connection is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// It failed, or the server closed it.
    Lost,
    /// This many bytes came back that were not those that had been sent.
    WrongBytes(u64),
}

/// How far one client is in the pattern, and its messages under way.
#[derive(Debug)]
pub(super) struct ClientLine {
    /// The place in the pattern of the next byte to be sent.
    next_out: usize,
    /// The place in the pattern of the next byte to come back.
    next_in: usize,
    /// Bytes that are to be sent and that there was no room for yet.
    unsent: usize,
    /// Bytes that were sent and have not come back.
    out: usize,
    /// How many bytes of the message that comes back are missing.
    missing: usize,
    /// The start time in ns of each message that has not come back whole.
    pub(super) under_way: VecDeque<u64>,
    /// How many messages were queued so far.
    pub(super) said: u64,
    /// Open loop: how many messages are due and not queued, because too many
    /// others are under way.
    pub(super) held: usize,
    /// Whether a message came back within the window.
    pub(super) served: bool,
}

impl ClientLine {
    /// A client that begins elsewhere in the pattern than its neighbours.
    pub(super) fn new(client: usize, pattern: &Pattern) -> Self {
        let beginning = client * pattern.size % pattern.period;
        Self {
            next_out: beginning,
            next_in: beginning,
            unsent: 0,
            out: 0,
            missing: pattern.size,
            under_way: VecDeque::new(),
            said: 0,
            held: 0,
            served: false,
        }
    }

    pub(super) fn has_unsent(&self) -> bool {
        self.unsent > 0
    }

    /// Whether bytes are to come back.
    pub(super) fn awaits(&self) -> bool {
        self.out > 0
    }

    /// Adds a message to those that are to be sent; it is timed from then.
    #[inline]
    pub(super) fn say(&mut self, pattern: &Pattern, from_ns: u64) {
        self.unsent += pattern.size;
        self.said += 1;
        self.under_way.push_back(from_ns);
    }

    /// Sends what there is room for.
    ///
    /// # Errors
    /// What send(2) reports.
    #[inline]
    pub(super) fn send(
        &mut self,
        client: &Client,
        pattern: &Pattern,
    ) -> io::Result<()> {
        while self.unsent > 0 {
            let piece = pattern.from(self.next_out, self.unsent);
            let Some(sent) = client.write(piece)? else { break };
            let full = sent < piece.len();
            self.next_out = pattern.after(self.next_out, sent);
            self.unsent -= sent;
            self.out += sent;
            if full {
                break;
            }
        }
        Ok(())
    }

    /// Compares what has come back, and returns how many messages it completes.
    /// They are under way until the caller has timed them.
    #[inline]
    pub(super) fn hear(
        &mut self,
        bytes: &[u8],
        pattern: &Pattern,
    ) -> Result<usize, Gone> {
        let expected = pattern.from(self.next_in, bytes.len());
        if bytes.len() > self.out || bytes != expected {
            return Err(self.mismatch(bytes, expected));
        }
        self.next_in = pattern.after(self.next_in, bytes.len());
        self.out -= bytes.len();
        if bytes.len() < self.missing {
            self.missing -= bytes.len();
            return Ok(0);
        }
        let more = bytes.len() - self.missing;
        self.missing = pattern.size - more % pattern.size;
        Ok(1 + more / pattern.size)
    }

    #[cold]
    fn mismatch(&self, bytes: &[u8], expected: &[u8]) -> Gone {
        let asked = &bytes[..self.out.min(bytes.len())];
        let wrong = asked.iter().zip(expected).filter(|(a, b)| a != b);
        let unasked = bytes.len() - asked.len();
        Gone::WrongBytes((wrong.count() + unasked) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_however_they_are_cut() {
        let pattern = Pattern::new(10);
        for cut in 1..=60 {
            let mut it = ClientLine { out: 60, ..ClientLine::new(0, &pattern) };
            let (mut read, mut whole) = (0, 0);
            for piece in pattern.from(0, 60).chunks(cut) {
                whole += it.hear(piece, &pattern).unwrap_or(99);
                read += piece.len();
                assert_eq!(whole, read / 10, "{cut}");
            }
        }
    }

    #[test]
    fn a_message_is_a_line_and_not_its_neighbour() {
        for size in [1, 2, 128, 4_096, 100_000, 1 << 20] {
            let pattern = Pattern::new(size);
            let mut place = ClientLine::new(3, &pattern).next_out;
            let mut before = Vec::new();
            for _ in 0..40 {
                let line = pattern.from(place, size);
                let end = line.iter().position(|byte| *byte == b'\n');
                assert_eq!((line.len(), end), (size, Some(size - 1)));
                assert!(size < 3 || before != line, "{size}");
                before = line.to_vec();
                place = pattern.after(place, size);
            }
            let last = pattern.period - 1;
            let piece = pattern.from(last, PIECE);
            assert_eq!(piece.len(), PIECE);
            assert_eq!(pattern.after(last, 1), 0);
            assert_eq!(&piece[1..], pattern.from(0, PIECE - 1));
        }
    }
}
