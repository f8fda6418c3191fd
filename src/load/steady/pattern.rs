//! What the clients say: a few lines that differ, again and again, so that
//! what comes back is compared at the speed of memory and an echo that is
//! lost, doubled or another client's is seen.

/// How many lines differ, at most; a prime, so that no power of two of them
/// can be lost without being seen.
const LINES: usize = 31;

/// The most bytes that the differing lines may have together; there are fewer
/// of them if lines are long.
const MOST_BYTES: usize = 128 << 10;

/// The pattern can be read from any place in pieces of at least this many
/// bytes.
pub(super) const PIECE: usize = 64 << 10;

/// The bytes that are said, endlessly.
pub(super) struct Pattern {
    /// One period, and then the beginning of the next, for pieces that
    /// begin at its end.
    bytes: Vec<u8>,
    period: usize,
    size: usize,
}

impl Pattern {
    /// Of lines of this size.
    pub(super) fn new(size: usize) -> Self {
        let lines = (MOST_BYTES / size).clamp(2, LINES);
        let period = lines * size;
        let mut bytes = Vec::with_capacity(period + PIECE.max(size));
        let mut state = 0x2545_f491_u32;
        for at in 0..period {
            let ends_line = (at + 1) % size == 0;
            bytes.push(if ends_line { b'\n' } else { letter(&mut state) });
        }
        while bytes.len() < bytes.capacity() {
            let missing = bytes.capacity() - bytes.len();
            bytes.extend_from_within(..missing.min(period));
        }
        Self { bytes, period, size }
    }

    /// Where a client begins: not where its neighbours do.
    pub(super) fn beginning(&self, client: usize) -> usize {
        (client * self.size) % self.period
    }

    /// At most `length` bytes of the pattern from a place on. It may return
    /// fewer if `length` exceeds both a piece and a line.
    #[inline]
    pub(super) fn from(&self, place: usize, length: usize) -> &[u8] {
        let rest = &self.bytes[place..];
        &rest[..length.min(rest.len())]
    }

    /// The place `length` bytes after another. `length` is at most that of a
    /// piece or a line.
    #[inline]
    pub(super) fn after(&self, place: usize, length: usize) -> usize {
        let mut place = place + length;
        while place >= self.period {
            place -= self.period;
        }
        place
    }
}

/// A printable character; see "xorshift".
fn letter(state: &mut u32) -> u8 {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    b'!' + (*state % 94).to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_a_line_and_not_its_neighbour() {
        for size in [1, 2, 128, 4_096, 100_000, 1 << 20] {
            let pattern = Pattern::new(size);
            let mut place = pattern.beginning(3);
            let mut before = Vec::new();
            for _ in 0..40 {
                let line = pattern.from(place, size);
                assert_eq!(line.len(), size);
                let end = line.iter().position(|byte| *byte == b'\n');
                assert_eq!(end, Some(size - 1));
                assert!(size < 3 || before != line, "{size}");
                before = line.to_vec();
                place = pattern.after(place, size);
            }
        }
    }

    #[test]
    fn a_piece_at_the_end_goes_on_at_the_beginning() {
        for size in [1, 1_000, 100_000] {
            let pattern = Pattern::new(size);
            let last = pattern.period - 1;
            let piece = pattern.from(last, PIECE);
            assert_eq!(piece.len(), PIECE);
            let begun = pattern.after(last, 1);
            assert_eq!(begun, 0);
            assert_eq!(&piece[1..], pattern.from(0, PIECE - 1));
        }
    }
}
