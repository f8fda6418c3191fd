//! What one client has said, and what of it has come back.

use super::counts::GroupCounts;
use super::message::{EchoMessage, Time};
use std::collections::VecDeque;
use std::fmt;

/// How many messages of one client may be without their echo at once. A
/// client that has reached it goes on when an echo is back; in an open loop
/// the turns that wait for that are still timed from when they were due.
pub const MAX_OUTSTANDING: usize = 4096;

/// The messages of one client that are not back yet.
///
/// Bytes are sent from the message at `sending`, those before it are sent
/// as a whole; what arrives is compared with the first.
#[derive(Debug, Default)]
pub(super) struct Exchange<'s> {
    outstanding: VecDeque<EchoMessage<'s>>,
    sending: usize,
    sent: u64,
    echoed: u64,
    completed: u64,
}

/// The first byte that is not the one expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    /// The client's message, from 1.
    pub(super) message: u64,
    /// The place in that message's echo.
    pub(super) offset: u64,
    /// What was expected there; `None`: nothing that had been sent.
    pub(super) expected: Option<u8>,
    /// What arrived.
    pub(super) found: u8,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message, offset, expected, found } = self;
        write!(f, "byte {offset} of the echo of message {message} is ")?;
        match expected {
            Some(byte) => write!(f, "{found:#04x} instead of {byte:#04x}"),
            None => write!(f, "{found:#04x}, which was never sent"),
        }
    }
}

impl<'s> Exchange<'s> {
    pub(super) fn say(&mut self, message: EchoMessage<'s>) {
        self.outstanding.push_back(message);
    }

    /// Lets the next piece of the last message be sent; it was due then.
    /// Tells whether pieces are left.
    pub(super) fn release(&mut self, due: Time) -> bool {
        self.outstanding.back_mut().is_some_and(|message| {
            message.release(due);
            message.is_held()
        })
    }

    /// Whether everything said has come back.
    pub(super) fn is_complete(&self) -> bool {
        self.outstanding.is_empty()
    }

    /// Whether another message may be said.
    pub(super) fn has_room(&self) -> bool {
        self.outstanding.len() < MAX_OUTSTANDING
    }

    /// Whether everything said has been sent.
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

    /// Compares what has arrived with what was sent, and counts and times
    /// the echoes that it completes. A message that does not come back as
    /// it was is no longer outstanding.
    pub(super) fn received(
        &mut self,
        mut bytes: &[u8],
        now: Time,
        counts: &mut GroupCounts,
    ) -> Result<(), Mismatch> {
        while !bytes.is_empty() {
            let expected = self.expected();
            let comparable = expected.len().min(bytes.len());
            let same = common(expected, bytes);
            self.echoed += same as u64;
            if comparable == 0 || same < comparable {
                return Err(self.mismatch(bytes[same]));
            }
            bytes = &bytes[same..];
            self.complete(now, counts);
        }
        Ok(())
    }

    /// The next bytes of the first message's echo, if they were sent.
    fn expected(&self) -> &'s [u8] {
        let Some(message) = self.outstanding.front() else { return &[] };
        let bytes = message.bytes(self.echoed);
        if self.sending > 0 {
            return bytes;
        }
        let most = usize::try_from(self.sent - self.echoed);
        &bytes[..bytes.len().min(most.unwrap_or(usize::MAX))]
    }

    fn complete(&mut self, now: Time, counts: &mut GroupCounts) {
        if let Some(message) = self.outstanding.front()
            && self.echoed == message.length()
        {
            counts.echo(now, now.saturating_sub(message.due));
            self.completed += 1;
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        self.outstanding.pop_front();
        self.echoed = 0;
        if self.sending == 0 {
            self.sent = 0;
        }
        self.sending = self.sending.saturating_sub(1);
    }

    fn mismatch(&mut self, found: u8) -> Mismatch {
        let message = self.completed + 1;
        let offset = self.echoed;
        let expected = self.expected().first().copied();
        if expected.is_some() {
            self.forget_first();
        }
        Mismatch { message, offset, expected, found }
    }
}

/// How many bytes are the same from the beginning.
fn common(a: &[u8], b: &[u8]) -> usize {
    let most = a.len().min(b.len());
    if a[..most] == b[..most] {
        return most;
    }
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::super::script::Payload;
    use super::*;

    const NOW: Time = Time::from_millis(5);

    fn text(bytes: &[u8]) -> Payload {
        Payload::Text(bytes.to_vec())
    }

    #[test]
    fn echoes_are_cut_where_the_messages_were() {
        let (one, two) = (text(b"one"), text(b"two"));
        let (mut exchange, mut counts) =
            (Exchange::default(), GroupCounts::new());
        exchange.say(EchoMessage::new(&one, Time::ZERO));
        exchange.say(EchoMessage::new(&two, Time::from_millis(1)));
        assert_eq!(exchange.output(), b"one");
        exchange.sent(3);
        assert_eq!(exchange.output(), b"two");
        exchange.sent(2);
        assert!(!exchange.is_sent());
        assert_eq!(exchange.received(b"onet", NOW, &mut counts), Ok(()));
        assert_eq!((counts.echoes, exchange.missing()), (1, 1));
        exchange.sent(1);
        assert_eq!(exchange.received(b"wo", NOW, &mut counts), Ok(()));
        assert_eq!(counts.echoes, 2);
        assert!(exchange.is_complete() && exchange.is_sent());
    }

    #[test]
    fn a_wrong_byte_is_named() {
        let hello = text(b"hello");
        let (mut exchange, mut counts) =
            (Exchange::default(), GroupCounts::new());
        exchange.say(EchoMessage::new(&hello, Time::ZERO));
        exchange.sent(5);
        let mismatch = exchange.received(b"heLlo", NOW, &mut counts);
        let words = mismatch.map_err(|mismatch| mismatch.to_string());
        assert_eq!(
            words.err().as_deref(),
            Some("byte 2 of the echo of message 1 is 0x4c instead of 0x6c")
        );
        assert_eq!((exchange.missing(), exchange.unsent()), (0, 0));
    }

    #[test]
    fn a_byte_that_was_not_sent_yet_is_a_mismatch() {
        let hello = text(b"hello");
        let (mut exchange, mut counts) =
            (Exchange::default(), GroupCounts::new());
        exchange.say(EchoMessage::new(&hello, Time::ZERO));
        exchange.sent(2);
        let mismatch = exchange.received(b"hel", NOW, &mut counts);
        assert_eq!(mismatch.err().map(|m| m.expected), Some(None));
        assert_eq!(exchange.missing(), 1);
    }

    #[test]
    fn what_was_only_queued_is_unsent_and_not_missing() {
        let hello = text(b"hello");
        let mut exchange = Exchange::default();
        for _ in 0..3 {
            exchange.say(EchoMessage::new(&hello, Time::ZERO));
        }
        exchange.sent(5);
        exchange.sent(1);
        assert_eq!((exchange.missing(), exchange.unsent()), (2, 1));
    }
}
