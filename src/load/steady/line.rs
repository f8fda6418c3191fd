//! What one client has said and heard: counts and places.

use super::pattern::Pattern;
use crate::net::Client;
use std::io;

/// Bytes that came back and were not those that had been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WrongBytes {
    pub(super) bytes: u64,
}

/// One client's conversation.
#[derive(Clone, Copy, Debug)]
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
    /// Messages said that have not come back whole.
    pub(super) under_way: u32,
    /// Messages that have come back whole.
    pub(super) echoed: u64,
    /// Whether one of those came within the window.
    pub(super) served: bool,
}

impl ClientLine {
    pub(super) fn new(beginning: usize, size: usize) -> Self {
        Self {
            next_out: beginning,
            next_in: beginning,
            unsent: 0,
            out: 0,
            missing: size,
            under_way: 0,
            echoed: 0,
            served: false,
        }
    }

    /// How many messages were said so far.
    pub(super) fn said(&self) -> u64 {
        self.echoed + u64::from(self.under_way)
    }

    pub(super) fn has_unsent(&self) -> bool {
        self.unsent > 0
    }

    /// Whether bytes are to come back.
    pub(super) fn awaits(&self) -> bool {
        self.out > 0
    }

    /// Adds `messages` messages to those that are to be sent.
    #[inline]
    pub(super) fn say(&mut self, messages: u32, size: usize) {
        self.unsent += messages as usize * size;
        self.under_way += messages;
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

    /// Takes what has come back, and tells how many messages are whole now.
    #[inline]
    pub(super) fn hear(
        &mut self,
        bytes: &[u8],
        pattern: &Pattern,
        size: usize,
    ) -> Result<u32, WrongBytes> {
        let expected = pattern.from(self.next_in, bytes.len());
        if bytes.len() > self.out || bytes != expected {
            return Err(self.mismatch(bytes, expected));
        }
        self.next_in = pattern.after(self.next_in, bytes.len());
        self.out -= bytes.len();
        let echoes = self.whole(bytes.len(), size);
        self.under_way -= echoes;
        self.echoed += u64::from(echoes);
        Ok(echoes)
    }

    /// How many messages are complete with `bytes` more bytes.
    #[inline]
    fn whole(&mut self, bytes: usize, size: usize) -> u32 {
        if bytes < self.missing {
            self.missing -= bytes;
            return 0;
        }
        if bytes == self.missing {
            self.missing = size;
            return 1;
        }
        let more = bytes - self.missing;
        self.missing = size - more % size;
        // Not more than are under way.
        u32::try_from(1 + more / size).unwrap_or(u32::MAX)
    }

    #[cold]
    fn mismatch(&self, bytes: &[u8], expected: &[u8]) -> WrongBytes {
        let asked = &bytes[..self.out.min(bytes.len())];
        let wrong = asked.iter().zip(expected).filter(|(a, b)| a != b);
        let unasked = bytes.len() - asked.len();
        WrongBytes { bytes: (wrong.count() + unasked) as u64 }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    const SIZE: usize = 10;

    /// A client that has sent so many messages.
    fn sent(messages: u32, pattern: &Pattern) -> ClientLine {
        let mut line = ClientLine::new(pattern.beginning(5), SIZE);
        line.say(messages, SIZE);
        line.out = line.unsent;
        line.unsent = 0;
        line
    }

    fn bytes(pattern: &Pattern, from: usize, to: usize) -> Vec<u8> {
        let all = pattern.from(pattern.beginning(5), to);
        all[from..].to_vec()
    }

    #[test]
    fn echoes_are_counted_however_they_are_cut() {
        let pattern = Pattern::new(SIZE);
        for cut in 1..=60 {
            let mut line = sent(6, &pattern);
            let (mut at, mut echoes) = (0, 0);
            while at < 60 {
                let end = (at + cut).min(60);
                let piece = bytes(&pattern, at, end);
                echoes += line.hear(&piece, &pattern, SIZE).unwrap();
                assert_eq!(echoes as usize, end / SIZE, "{cut}");
                at = end;
            }
            assert_eq!((line.under_way, line.echoed), (0, 6));
            assert!(!line.awaits());
        }
    }

    #[test]
    fn a_wrong_byte_a_lost_one_and_one_too_many_are_seen() {
        let pattern = Pattern::new(SIZE);
        let mut wrong = bytes(&pattern, 0, 20);
        wrong[13] ^= 1;
        let heard = sent(2, &pattern).hear(&wrong, &pattern, SIZE);
        assert_eq!(heard, Err(WrongBytes { bytes: 1 }));
        let late = bytes(&pattern, 1, 20);
        assert!(sent(2, &pattern).hear(&late, &pattern, SIZE).is_err());
        let next = bytes(&pattern, 10, 20);
        assert!(sent(2, &pattern).hear(&next, &pattern, SIZE).is_err());
        let more = bytes(&pattern, 0, 22);
        let heard = sent(2, &pattern).hear(&more, &pattern, SIZE);
        assert_eq!(heard, Err(WrongBytes { bytes: 2 }));
    }
}
