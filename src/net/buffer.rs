//! What a connection has received and not yet sent back.

use super::options::{Framing, ServerOptions};
use std::cell::RefCell;
use std::mem;

/// Bytes in the order in which they came. The framed ones are pending
/// output; behind them, in `lines` framing, is the start of a line whose
/// end has not come yet.
///
/// ```text
///   bytes  |......|ppppppppppppppp|uuuuu|......|
///               start          framed  end
/// ```
///
/// Memory is held only while there are bytes: an empty buffer leaves its
/// memory to the next one that is filled in the same thread.
pub(super) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    framed: usize,
    end: usize,
    failed: bool,
    /// In `bytes` framing: number of reads whose bytes are not all sent.
    reads: u32,
    /// How many echoes the last sending completed.
    pub(super) echoed: u32,
    framing: Framing,
    boom: bool,
    recv_size: usize,
    limit: usize,
}

thread_local! {
    static SPARE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Buffer {
    pub(super) fn new(options: &ServerOptions) -> Self {
        Self {
            bytes: Vec::new(),
            start: 0,
            framed: 0,
            end: 0,
            failed: false,
            reads: 0,
            echoed: 0,
            framing: options.framing(),
            boom: options.boom(),
            recv_size: options.recv_size(),
            limit: options.buffer_limit(),
        }
    }

    /// How many bytes are held, framed or not.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether more may be read: less than the limit is held, and the handler
    /// has not failed.
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        !self.failed && self.len() < self.limit
    }

    /// The framed bytes, which are to be sent.
    #[inline]
    pub(super) fn pending(&self) -> &[u8] {
        &self.bytes[self.start..self.framed]
    }

    /// The bytes received last, at most `count`.
    #[inline]
    pub(super) fn newest(&self, count: usize) -> &[u8] {
        &self.bytes[self.end - count.min(self.len())..self.end]
    }

    /// Where the next bytes go: as many as one read may ask for.
    #[inline]
    pub(super) fn space(&mut self) -> &mut [u8] {
        let room = self.limit - self.len();
        let want = self.recv_size.min(room);
        if self.bytes.is_empty() {
            self.bytes = SPARE.take();
        }
        if self.end + want > self.bytes.len() {
            self.bytes.copy_within(self.start..self.end, 0);
            self.framed -= self.start;
            self.end -= self.start;
            self.start = 0;
        }
        if self.end + want > self.bytes.len() {
            self.bytes.resize(self.end + want, 0);
        }
        &mut self.bytes[self.end..self.end + want]
    }

    /// Frames `count` bytes in [`space`](Self::space); `count` may be 0.
    #[inline]
    pub(super) fn filled(&mut self, count: usize) {
        let new = self.end;
        self.end += count;
        self.reads += u32::from(count > 0);
        match self.framing {
            Framing::Bytes => self.framed = self.end,
            Framing::Lines => self.frame_lines(new),
        }
        self.release_if_empty();
    }

    /// At the end of the input: makes an unfinished line pending output.
    pub(super) fn finish(&mut self) {
        if !self.failed && self.framed < self.end {
            self.take_line(self.end);
        }
        self.release_if_empty();
    }

    /// Frames the lines that end in what came at `from` or later.
    fn frame_lines(&mut self, from: usize) {
        let mut next = from;
        while !self.failed
            && let Some(length) = line_length(&self.bytes[next..self.end])
        {
            next += length;
            self.take_line(next);
        }
    }

    /// Frames one line, unless it is the one that fails.
    fn take_line(&mut self, end: usize) {
        let line = &self.bytes[self.framed..end];
        if self.boom && is_boom(line) {
            self.failed = true;
        } else {
            self.framed = end;
        }
    }

    /// Whether there is something to send.
    ///
    /// # Errors
    /// When everything before it is sent: the line `boom`, or a line that is
    /// longer than the limit.
    #[inline]
    pub(super) fn has_output(&self) -> Result<bool, BufferRefusal> {
        match self.pending() {
            [] if self.failed => Err(BufferRefusal::Boom),
            [] if !self.has_room() => Err(BufferRefusal::TooLong),
            pending => Ok(!pending.is_empty()),
        }
    }

    /// Counts the echoes that are complete once `count` bytes of the pending
    /// output are sent; to be called before [`sent`](Self::sent), and only if a
    /// probe is enabled.
    pub(super) fn count_echoes(&mut self, count: usize) {
        let (sent, left) = self.pending().split_at(count);
        self.echoed = match self.framing {
            Framing::Bytes if left.is_empty() => mem::take(&mut self.reads),
            Framing::Bytes => 0,
            Framing::Lines => lines_in(sent, left.is_empty()),
        };
    }

    /// Removes `count` bytes of the pending output, which were sent.
    #[inline]
    pub(super) fn sent(&mut self, count: usize) {
        self.start += count;
        self.release_if_empty();
    }

    #[inline]
    fn release_if_empty(&mut self) {
        if self.start < self.end {
            return;
        }
        (self.start, self.framed, self.end) = (0, 0, 0);
        let bytes = mem::take(&mut self.bytes);
        SPARE.with_borrow_mut(|spare| {
            if spare.len() < bytes.len() {
                *spare = bytes;
            }
        });
    }
}

/// How long the first line is, its `\n` included; `None` without an end.
fn line_length(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|&byte| byte == b'\n').map(|end| end + 1)
}

/// How many lines end in these bytes; the last line of all may have no `\n`.
fn lines_in(bytes: &[u8], are_last: bool) -> u32 {
    let lines = bytes.split_inclusive(|&byte| byte == b'\n').count();
    let is_cut = !are_last && bytes.last().is_some_and(|&byte| byte != b'\n');
    u32::try_from(lines - usize::from(is_cut)).unwrap_or(u32::MAX)
}

/// Whether the line is exactly `boom`, however it ends.
fn is_boom(line: &[u8]) -> bool {
    matches!(line, b"boom" | b"boom\n" | b"boom\r\n")
}

/// Why a connection's handler gives up on what the client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BufferRefusal {
    /// The client sent the line `boom`.
    #[error("boom")]
    Boom,
    /// The buffer is full of one line without its end.
    #[error("a line is longer than the buffer limit")]
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Size;

    /// A buffer of eight bytes into which these reads have been made.
    fn buffer(framing: Framing, reads: &[&str]) -> Buffer {
        let options = ServerOptions {
            framing: Some(framing),
            boom: Some(framing == Framing::Lines),
            recv_size: Some(Size(4)),
            buffer_limit: Some(Size(8)),
            ..ServerOptions::default()
        };
        let mut buffer = Buffer::new(&options);
        for read in reads {
            receive(&mut buffer, read);
        }
        buffer
    }

    fn receive(buffer: &mut Buffer, bytes: &str) {
        buffer.space()[..bytes.len()].copy_from_slice(bytes.as_bytes());
        buffer.filled(bytes.len());
    }

    #[test]
    fn bytes_are_pending_at_once_up_to_the_limit() {
        let mut buffer = buffer(Framing::Bytes, &["abcd"]);
        assert_eq!(buffer.pending(), b"abcd");
        buffer.sent(1);
        receive(&mut buffer, "efgh");
        assert_eq!(buffer.space().len(), 1);
        receive(&mut buffer, "i");
        assert_eq!(buffer.pending(), b"bcdefghi");
        assert!(!buffer.has_room());
        buffer.sent(8);
        assert_eq!(buffer.bytes.capacity(), 0, "it holds no memory");
    }

    #[test]
    fn a_line_is_pending_when_its_end_has_come() {
        let mut buffer = buffer(Framing::Lines, &["te"]);
        assert_eq!(buffer.has_output(), Ok(false));
        receive(&mut buffer, "\nxy");
        assert_eq!(buffer.pending(), b"te\n");
        buffer.finish();
        assert_eq!(buffer.pending(), b"te\nxy");
    }

    #[test]
    fn a_line_over_the_limit_is_refused_and_boom_fails_in_its_turn() {
        let long = buffer(Framing::Lines, &["abcd", "efgh"]).has_output();
        assert_eq!(long, Err(BufferRefusal::TooLong));
        let full = buffer(Framing::Lines, &["abcd", "efg\n"]);
        assert_eq!(full.has_output(), Ok(true), "as long as the limit");
        let mut late = buffer(Framing::Lines, &["a\nbc", "defg"]);
        assert_eq!(late.has_output(), Ok(true), "what came before is sent");
        late.sent(2);
        receive(&mut late, "hi");
        assert_eq!(late.has_output(), Err(BufferRefusal::TooLong));
        let mut boom = buffer(Framing::Lines, &["x\nbo"]);
        assert!(boom.has_room());
        receive(&mut boom, "om\r\n");
        assert!(!boom.has_room(), "nothing more is read");
        assert_eq!(boom.pending(), b"x\n");
        boom.sent(2);
        assert_eq!(boom.has_output(), Err(BufferRefusal::Boom));
        for line in ["boom", "boom\n", "boom\r\n"] {
            assert!(is_boom(line.as_bytes()), "{line:?}");
        }
        for line in [" boom\n", "boom \n", "boom\r\r\n", "Boom\n", ""] {
            assert!(!is_boom(line.as_bytes()), "{line:?}");
        }
    }

    fn echoes(buffer: &mut Buffer, count: usize) -> u32 {
        buffer.count_echoes(count);
        buffer.sent(count);
        buffer.echoed
    }

    #[test]
    fn a_line_is_an_echo_when_its_end_is_sent() {
        let mut buffer = buffer(Framing::Lines, &["a\nb\n", "c\nde"]);
        assert_eq!([3, 1, 2].map(|sent| echoes(&mut buffer, sent)), [1; 3]);
        buffer.finish();
        assert_eq!(echoes(&mut buffer, 1), 0);
        assert_eq!(echoes(&mut buffer, 1), 1, "the end of file ends it");
    }

    #[test]
    fn what_a_read_brought_is_an_echo_when_all_is_sent() {
        let mut buffer = buffer(Framing::Bytes, &["ab", "", "c\n"]);
        assert_eq!([3, 1].map(|sent| echoes(&mut buffer, sent)), [0, 2]);
        receive(&mut buffer, "d");
        assert_eq!([1, 0].map(|sent| echoes(&mut buffer, sent)), [1, 0]);
    }
}
