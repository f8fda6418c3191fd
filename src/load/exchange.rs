//! What one client has sent, and what of it has come back. Messages are not
//! copied: their bytes are found by their offsets.

use std::collections::VecDeque;
use std::sync::LazyLock;
use std::time::Duration;

/// How many messages of one client may be without their echo at once. A
/// client that has reached it goes on when an echo is back; in an open loop
/// the turns that wait for that are still timed from when they were due.
pub const MAX_OUTSTANDING: usize = 4096;

/// How many bytes are written or read in one call, at most.
pub(super) const CHUNK: usize = 64 * 1024;

/// The length of the pattern in bytes, after which it repeats. It is a prime,
/// so that a lost, doubled or exchanged block of a usual size is noticed.
const PERIOD: usize = 65_521;

/// One period, and enough of the next for a chunk that begins at its end.
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
    let period = bytes.clone();
    bytes.extend(period.iter().cycle().take(CHUNK));
    bytes
});

/// One period of the pattern.
pub(super) fn noise() -> &'static [u8] {
    &PATTERN[..PERIOD]
}

/// A message on its way to the server and back.
#[derive(Debug)]
pub(super) struct EchoMessage<'s> {
    body: Body<'s>,
    /// When it was due; echo times count from here.
    due: Duration,
}

#[derive(Debug)]
enum Body<'s> {
    Pattern(u64),
    /// Pieces, of which the first `released` may be sent.
    Pieces {
        pieces: &'s [String],
        released: usize,
    },
}

impl<'s> EchoMessage<'s> {
    /// A message of this many bytes of the pattern.
    pub(super) fn pattern(length: u64, due: Duration) -> Self {
        Self { body: Body::Pattern(length), due }
    }

    /// A message of which the first piece may be sent.
    pub(super) fn in_pieces(pieces: &'s [String], due: Duration) -> Self {
        Self { body: Body::Pieces { pieces, released: 1 }, due }
    }

    fn length(&self) -> u64 {
        match self.body {
            Body::Pattern(length) => length,
            Body::Pieces { pieces, .. } => {
                pieces.iter().map(|piece| piece.len() as u64).sum()
            }
        }
    }

    /// Some of the bytes from this offset on, at most [`CHUNK`]; none at the
    /// end, or if the next piece may not be sent yet.
    fn bytes(&self, offset: u64) -> &'s [u8] {
        let bytes = match self.body {
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

fn piece_at(pieces: &[String], offset: u64) -> &[u8] {
    let mut offset = small(offset);
    for piece in pieces {
        if offset < piece.len() {
            return &piece.as_bytes()[offset..];
        }
        offset -= piece.len();
    }
    &[]
}

fn small(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The messages of one client that are not back yet.
///
/// Output is taken from the message at `sending`, and those before it are sent
/// as a whole; what arrives is compared with the first.
#[derive(Debug, Default)]
pub(super) struct Exchange<'s> {
    outstanding: VecDeque<EchoMessage<'s>>,
    sending: usize,
    sent: u64,
    echoed: u64,
    completed: u64,
}

impl<'s> Exchange<'s> {
    pub(super) fn say(&mut self, message: EchoMessage<'s>) {
        self.outstanding.push_back(message);
    }

    /// Lets the next piece of the last message be sent; the message is timed
    /// from `now_due`. Returns whether pieces are left.
    pub(super) fn release(&mut self, now_due: Duration) -> bool {
        let Some(EchoMessage { body: Body::Pieces { pieces, released }, due }) =
            self.outstanding.back_mut()
        else {
            return false;
        };
        *released += 1;
        *due = now_due;
        *released < pieces.len()
    }

    /// Whether every message has come back.
    pub(super) fn is_complete(&self) -> bool {
        self.outstanding.is_empty()
    }

    /// Whether another message may be queued.
    pub(super) fn has_room(&self) -> bool {
        self.outstanding.len() < MAX_OUTSTANDING
    }

    /// Whether every message has been sent.
    pub(super) fn is_sent(&self) -> bool {
        self.sending == self.outstanding.len()
    }

    /// The messages of which nothing was sent yet.
    pub(super) fn unsent(&self) -> u64 {
        let begun = self.sending + usize::from(self.sent > 0);
        (self.outstanding.len() - begun) as u64
    }

    /// The messages of which something was sent, and whose echo is not back.
    pub(super) fn missing(&self) -> u64 {
        self.outstanding.len() as u64 - self.unsent()
    }

    /// The messages that have not come back, sent or not.
    pub(super) fn outstanding(&self) -> u64 {
        self.outstanding.len() as u64
    }

    /// The messages that have not come back and were due by this time.
    pub(super) fn due_before(&self, time: Duration) -> u64 {
        let due = self.outstanding.iter().filter(|it| it.due <= time);
        due.count() as u64
    }

    /// The bytes to send next, or some of them; empty if there are none.
    pub(super) fn output(&self) -> &'s [u8] {
        let message = self.outstanding.get(self.sending);
        message.map_or(&[], |message| message.bytes(self.sent))
    }

    /// Records that `count` bytes of the output were sent.
    pub(super) fn sent(&mut self, count: usize) {
        self.sent += count as u64;
        let message = self.outstanding.get(self.sending);
        if message.is_some_and(|message| self.sent == message.length()) {
            self.sending += 1;
            self.sent = 0;
        }
    }

    /// Compares what has arrived with what was sent, and adds the echo times
    /// of the messages that it completes. A message that does not come back
    /// as it was is no longer outstanding.
    ///
    /// # Errors
    /// A message about the first byte that is not the one expected.
    pub(super) fn received(
        &mut self,
        mut bytes: &[u8],
        now: Duration,
        echo_times: &mut Vec<Duration>,
    ) -> Result<(), String> {
        while !bytes.is_empty() {
            let expected = self.expected();
            let comparable = expected.len().min(bytes.len());
            let same = common(&expected[..comparable], &bytes[..comparable]);
            self.echoed += same as u64;
            if comparable == 0 || same < comparable {
                return Err(self.mismatch(bytes[same]));
            }
            bytes = &bytes[same..];
            if let Some(message) = self.outstanding.front()
                && self.echoed == message.length()
            {
                echo_times.push(now.saturating_sub(message.due));
                self.completed += 1;
                self.forget_first();
            }
        }
        Ok(())
    }

    /// The next bytes of the first message's echo, if they were sent.
    fn expected(&self) -> &'s [u8] {
        let Some(message) = self.outstanding.front() else { return &[] };
        let bytes = message.bytes(self.echoed);
        let sent = match self.sending {
            0 => small(self.sent - self.echoed),
            _ => bytes.len(),
        };
        &bytes[..bytes.len().min(sent)]
    }

    fn forget_first(&mut self) {
        self.outstanding.pop_front();
        self.echoed = 0;
        if self.sending == 0 {
            self.sent = 0;
        }
        self.sending = self.sending.saturating_sub(1);
    }

    fn mismatch(&mut self, found: u8) -> String {
        let (message, offset) = (self.completed + 1, self.echoed);
        let place = format!("byte {offset} of the echo of message {message}");
        let Some(expected) = self.expected().first() else {
            return format!("{place} is {found:#04x}, which was never sent");
        };
        self.forget_first();
        format!("{place} is {found:#04x} instead of {expected:#04x}")
    }
}

/// The length of the common beginning of two equally long pieces.
fn common(a: &[u8], b: &[u8]) -> usize {
    if a == b {
        return a.len();
    }
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_millis(5);

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
        let message = EchoMessage::pattern(length, NOW);
        let all = gather(&message);
        assert_eq!(all.len() as u64, length);
        for offset in [0, 1, 65_520, 65_521, 65_522, 100_000, 196_000] {
            let bytes = message.bytes(offset as u64);
            assert_eq!(bytes, &all[offset..offset + bytes.len()], "{offset}");
        }
        assert!(message.bytes(length).is_empty());
        assert!(message.bytes(u64::MAX).is_empty());
        let mut counts = [0_u32; 256];
        PATTERN[..PERIOD].iter().for_each(|b| counts[*b as usize] += 1);
        assert!(counts.iter().all(|count| (150..400).contains(count)));
    }
}
