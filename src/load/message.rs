//! A message: its bytes by offset, none of them kept twice.

use super::script::Payload;
use std::sync::LazyLock;
use std::time::Duration;

/// A time, since the start of the run.
pub(super) type Time = Duration;

/// How much is written or read in one call, at most.
pub(super) const CHUNK: usize = 64 * 1024;

/// The length of the pattern in bytes, after which it repeats. It is a prime,
/// so that a lost, doubled or exchanged block of a usual size is noticed.
const PERIOD: usize = 65_521;

/// One period and what a chunk that begins at its end needs.
static PATTERN: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut bytes = Vec::with_capacity(PERIOD + CHUNK);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    while bytes.len() < PERIOD {
        // xorshift64, Marsaglia 2003.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(PERIOD);
    for place in 0..CHUNK {
        bytes.push(bytes[place]);
    }
    bytes
});

/// A message on its way to the server and back.
#[derive(Debug)]
pub(super) struct EchoMessage<'s> {
    body: Body<'s>,
    /// When it was due; echo times count from here.
    pub(super) due: Time,
}

#[derive(Debug)]
enum Body<'s> {
    Text(&'s [u8]),
    Pattern(u64),
    Pieces { pieces: &'s [Vec<u8>], released: usize },
}

impl<'s> EchoMessage<'s> {
    pub(super) fn new(payload: &'s Payload, due: Time) -> Self {
        let body = match payload {
            Payload::Text(text) => Body::Text(text),
            Payload::Pattern(length) => Body::Pattern(*length),
        };
        Self { body, due }
    }

    /// A message of which the first piece may be sent.
    pub(super) fn in_pieces(pieces: &'s [Vec<u8>], due: Time) -> Self {
        Self { body: Body::Pieces { pieces, released: 1 }, due }
    }

    /// Lets the next piece be sent.
    pub(super) fn release(&mut self, now_due: Time) {
        if let Body::Pieces { released, .. } = &mut self.body {
            *released += 1;
            self.due = now_due;
        }
    }

    /// Whether some pieces may not be sent yet.
    pub(super) fn is_held(&self) -> bool {
        match &self.body {
            Body::Pieces { pieces, released } => *released < pieces.len(),
            Body::Text(_) | Body::Pattern(_) => false,
        }
    }

    pub(super) fn length(&self) -> u64 {
        match self.body {
            Body::Text(text) => text.len() as u64,
            Body::Pattern(length) => length,
            Body::Pieces { pieces, .. } => {
                pieces.iter().map(|piece| piece.len() as u64).sum()
            }
        }
    }

    /// Some of the bytes from this offset on, at most [`CHUNK`]; none at the
    /// end, or if the piece may not be sent yet.
    pub(super) fn bytes(&self, offset: u64) -> &'s [u8] {
        let bytes = match self.body {
            Body::Text(text) => text.get(small(offset)..).unwrap_or(&[]),
            Body::Pattern(length) => {
                let start = small(offset % PERIOD as u64);
                let rest = small(length.saturating_sub(offset)).min(CHUNK);
                &PATTERN[start..start + rest]
            }
            Body::Pieces { pieces, released } => {
                piece_at(&pieces[..released.min(pieces.len())], offset)
            }
        };
        &bytes[..bytes.len().min(CHUNK)]
    }
}

fn piece_at(pieces: &[Vec<u8>], offset: u64) -> &[u8] {
    let mut offset = small(offset);
    for piece in pieces {
        if offset < piece.len() {
            return &piece[offset..];
        }
        offset -= piece.len();
    }
    &[]
}

fn small(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(message: &EchoMessage<'_>) -> Vec<u8> {
        let mut all = Vec::new();
        while !message.bytes(all.len() as u64).is_empty() {
            all.extend_from_slice(message.bytes(all.len() as u64));
        }
        all
    }

    #[test]
    fn a_pattern_is_the_same_from_every_offset() {
        let length = 3 * CHUNK as u64 + 17;
        let payload = Payload::Pattern(length);
        let message = EchoMessage::new(&payload, Time::ZERO);
        let all = gather(&message);
        assert_eq!(all.len() as u64, length);
        for offset in [0, 1, 65_520, 65_521, 65_522, 100_000, 196_000] {
            let bytes = message.bytes(offset as u64);
            assert_eq!(bytes, &all[offset..offset + bytes.len()], "{offset}");
        }
        assert!(message.bytes(length).is_empty());
        assert!(message.bytes(u64::MAX).is_empty());
    }

    #[test]
    fn a_pattern_uses_every_byte_about_equally() {
        let mut counts = [0_u32; 256];
        PATTERN[..PERIOD].iter().for_each(|b| counts[*b as usize] += 1);
        assert!(counts.iter().all(|count| (150..400).contains(count)));
    }

    #[test]
    fn pieces_come_when_they_are_released() {
        let pieces = [b"ab".to_vec(), b"c".to_vec(), b"def".to_vec()];
        let mut message = EchoMessage::in_pieces(&pieces, Time::ZERO);
        assert_eq!((gather(&message), message.length()), (b"ab".to_vec(), 6));
        message.release(Time::from_secs(1));
        assert_eq!(gather(&message), b"abc");
        assert!(message.is_held());
        message.release(Time::from_secs(2));
        assert_eq!(gather(&message), b"abcdef");
        assert!(!message.is_held());
        assert_eq!(message.due, Time::from_secs(2));
    }
}
