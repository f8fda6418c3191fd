//! Standard output and standard error, written by a thread each, so that
//! a reader that does not read holds up nothing else.
//!
//! [`print`] is for results: it waits for the reader as long as the user wants.
//! Once the end of the program [was requested](is_stop_requested), it gives up
//! on a reader that takes nothing for a second. [`log`] and [`note`] never
//! wait: what does not fit into the queue is counted, and the number is printed
//! when there is room again.

use super::lock;
use super::signals::{self, is_stop_requested};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many bytes may wait for a reader, beside a result.
const ROOM: usize = 256 * 1024;

/// How many bytes are written at once: what a slow reader takes is progress.
const PIECE: usize = 4096;

/// How many bytes of a long result are handed over at once.
const HANDFUL: usize = 64 * 1024;

/// How long the last output waits for a reader that takes nothing, once the end
/// of the program was requested.
pub(super) const LAST_CALL: Duration = Duration::from_secs(1);

/// How long a line for one stream waits for the other one, so that both keep
/// their order on a terminal.
const IN_ORDER: Duration = Duration::from_millis(100);

/// How often a wait looks whether the end of the program was requested.
pub(super) const LOOK: Duration = Duration::from_millis(20);

/// A standard stream and what waits to be written to it.
struct Outlet {
    is_error: bool,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    queue: VecDeque<Vec<u8>>,
    /// How many bytes are in the queue, or are being written.
    waiting: usize,
    /// How many bytes were written.
    written: u64,
    has_thread: bool,
    /// Whether a wait for the reader was in vain, and it took nothing since.
    is_stalled: bool,
    /// How many lines were left out for want of room.
    left_out: u64,
    failure: Option<StreamFailure>,
}

/// The error that ended a stream, to be returned more than once.
#[derive(Clone, Copy)]
enum StreamFailure {
    System(i32),
    Other(ErrorKind),
}

impl From<io::Error> for StreamFailure {
    fn from(error: io::Error) -> Self {
        let kind = error.kind();
        error.raw_os_error().map_or(Self::Other(kind), Self::System)
    }
}

impl From<StreamFailure> for io::Error {
    fn from(failure: StreamFailure) -> Self {
        match failure {
            StreamFailure::System(code) => Self::from_raw_os_error(code),
            StreamFailure::Other(ErrorKind::TimedOut) => {
                Self::new(ErrorKind::TimedOut, "it was not read")
            }
            StreamFailure::Other(kind) => kind.into(),
        }
    }
}

static OUTPUT: Outlet = Outlet::new(false);
static ERROR: Outlet = Outlet::new(true);

/// Writes a result to standard output, with colours if the user wants them and
/// the output shows them, and waits until it is written.
///
/// # Errors
/// The error of writing; `TimedOut` if the end of the program was requested and
/// the output is not read.
pub fn print(text: &str) -> io::Result<()> {
    let _ = ERROR.flush(IN_ORDER);
    OUTPUT.push(OUTPUT.painted(text));
    OUTPUT.flush(Duration::MAX)
}

/// Adds lines of a log to standard output, or to standard error, without
/// waiting.
///
/// # Errors
/// If standard output failed before, even if there is no text.
pub fn log(text: &str, beside: bool) -> io::Result<()> {
    if beside {
        ERROR.offer(text);
        return Ok(());
    }
    OUTPUT.offer(text);
    OUTPUT.check()
}

/// Adds lines to standard error. It waits, but only for a moment, until they
/// are written, as earlier lines are to be: on a terminal, both streams keep
/// their order.
pub fn note(lines: &str) {
    let _ = OUTPUT.flush(IN_ORDER);
    ERROR.offer(lines);
    let _ = ERROR.flush(IN_ORDER);
}

/// Adds bytes that show progress to standard error, which is a terminal. What
/// it is too slow for is left out.
pub fn progress(text: &str) {
    if ERROR.state().waiting < HANDFUL {
        ERROR.push(text.as_bytes().to_vec());
    }
}

/// Waits until all is written, as [`print`] does.
pub fn finish() {
    let _ = OUTPUT.flush(Duration::MAX);
    let left_out = std::mem::take(&mut OUTPUT.state().left_out);
    if left_out > 0 {
        ERROR.offer(&format!("sockscope: {}", words(left_out, "output")));
    }
    let _ = ERROR.flush(Duration::MAX);
}

fn words(lines: u64, stream: &str) -> String {
    let lines = match lines {
        1 => "1 line".to_owned(),
        lines => format!("{lines} lines"),
    };
    format!("{lines} not printed: standard {stream} was not read\n")
}

/// Bytes for standard output, a buffer at a time: a frame of the screen, or a
/// piece of an export.
#[derive(Debug, Default)]
pub struct OutputWriter {
    buffer: Vec<u8>,
    /// Whether to wait for the reader at each piece, as for a result.
    waits: bool,
}

impl OutputWriter {
    /// One that waits for the reader, as [`print`] does.
    pub const fn of_result() -> Self {
        Self { buffer: Vec::new(), waits: true }
    }

    /// Whether standard output has taken all that it was given.
    pub fn is_idle() -> bool {
        OUTPUT.state().waiting == 0
    }

    /// Waits until all is written, for at most this time.
    ///
    /// # Errors
    /// If standard output has failed.
    pub fn settle(limit: Duration) -> io::Result<()> {
        match OUTPUT.flush(limit) {
            Err(error) if error.kind() == ErrorKind::TimedOut => Ok(()),
            other => other,
        }
    }
}

impl Write for OutputWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.waits && self.buffer.len() >= HANDFUL {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        OUTPUT.push(std::mem::take(&mut self.buffer));
        if self.waits {
            return OUTPUT.flush(Duration::MAX);
        }
        OUTPUT.check()
    }
}

impl Drop for OutputWriter {
    /// What was written before a failure is kept.
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

impl Outlet {
    const fn new(is_error: bool) -> Self {
        let state = State {
            queue: VecDeque::new(),
            waiting: 0,
            written: 0,
            has_thread: false,
            is_stalled: false,
            left_out: 0,
            failure: None,
        };
        let state = Mutex::new(state);
        Self { is_error, state, changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        limit: Duration,
    ) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, limit);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// The text without colours, unless they are wanted and shown.
    fn painted(&self, text: &str) -> Vec<u8> {
        let choice = if self.is_error {
            anstream::AutoStream::choice(&io::stderr())
        } else {
            anstream::AutoStream::choice(&io::stdout())
        };
        if choice == anstream::ColorChoice::Never {
            anstream::adapter::strip_str(text).to_string().into_bytes()
        } else {
            text.as_bytes().to_vec()
        }
    }

    /// The error that ended the stream, if one did.
    fn check(&self) -> io::Result<()> {
        self.state().failure.map_or(Ok(()), |it| Err(it.into()))
    }

    /// Adds lines, or counts them if too much waits already.
    fn offer(&'static self, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut state = self.state();
        if state.waiting > 0 && state.waiting + text.len() > ROOM {
            state.left_out += text.lines().count() as u64;
            return;
        }
        let left_out = std::mem::take(&mut state.left_out);
        drop(state);
        if left_out > 0 {
            let stream = if self.is_error { "error" } else { "output" };
            self.push(words(left_out, stream).into_bytes());
        }
        self.push(self.painted(text));
    }

    /// Adds bytes to what waits to be written.
    fn push(&'static self, bytes: Vec<u8>) {
        let mut state = self.state();
        if bytes.is_empty() || state.failure.is_some() {
            return;
        }
        state.waiting += bytes.len();
        state.queue.push_back(bytes);
        if !state.has_thread {
            let name = if self.is_error { "stderr" } else { "stdout" };
            let started = signals::spawn(name, || {
                let mut state = self.state();
                loop {
                    state = self.write_next(state);
                    while state.queue.is_empty() {
                        state = self.wait(state, Duration::MAX);
                    }
                }
            });
            state.has_thread = started.is_ok();
        }
        if !state.has_thread {
            // Without a thread this one has to wait for the reader.
            while !state.queue.is_empty() {
                state = self.write_next(state);
            }
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Writes what has waited longest, while the lock is free.
    fn write_next<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
    ) -> MutexGuard<'a, State> {
        let Some(bytes) = state.queue.pop_front() else { return state };
        let mut rest = &bytes[..];
        while !rest.is_empty() && state.failure.is_none() {
            drop(state);
            let (piece, _) = rest.split_at(rest.len().min(PIECE));
            let written = self.write_piece(piece);
            state = self.state();
            match written {
                Ok(0) => {
                    state.failure =
                        Some(StreamFailure::Other(ErrorKind::WriteZero));
                }
                Ok(count) => {
                    rest = &rest[count..];
                    state.written += count as u64;
                    state.waiting = state.waiting.saturating_sub(count);
                    state.is_stalled = false;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => state.failure = Some(error.into()),
            }
            self.changed.notify_all();
        }
        if state.failure.is_some() {
            (state.waiting, state.queue) = (0, VecDeque::new());
        }
        state
    }

    #[cfg(unix)]
    fn write_piece(&self, bytes: &[u8]) -> io::Result<usize> {
        use rustix::event::{PollFd, PollFlags, poll};
        use std::os::fd::AsFd as _;

        // Not through the buffer of the standard library: its lock would be
        // held while a write waits for the reader.
        let (output, error) = (io::stdout(), io::stderr());
        let stream = if self.is_error { error.as_fd() } else { output.as_fd() };
        match rustix::io::write(stream, bytes) {
            // Another program has made the stream non-blocking.
            Err(rustix::io::Errno::AGAIN) => {
                let mut ready = [PollFd::new(&stream, PollFlags::OUT)];
                let _ = poll(&mut ready, None);
                Err(ErrorKind::Interrupted.into())
            }
            other => Ok(other?),
        }
    }

    #[cfg(not(unix))]
    fn write_piece(&self, bytes: &[u8]) -> io::Result<usize> {
        fn write(to: &mut impl Write, bytes: &[u8]) -> io::Result<usize> {
            to.write_all(bytes)?;
            to.flush()?;
            Ok(bytes.len())
        }
        if self.is_error {
            write(&mut anstream::stderr(), bytes)
        } else {
            write(&mut anstream::stdout(), bytes)
        }
    }

    /// Waits until all is written: at most this long, and once the end of the
    /// program was requested only while the reader takes something.
    fn flush(&self, limit: Duration) -> io::Result<()> {
        let start = Instant::now();
        let mut state = self.state();
        if state.is_stalled && limit < Duration::MAX {
            return Err(ErrorKind::TimedOut.into());
        }
        let (mut written, mut taken) = (state.written, start);
        while state.waiting > 0 {
            if state.written > written || !is_stop_requested() {
                (written, taken) = (state.written, Instant::now());
            }
            if taken.elapsed() >= LAST_CALL {
                let rest = std::mem::take(&mut state.queue);
                let lines = rest.iter().flatten().filter(|it| **it == b'\n');
                state.left_out += lines.count() as u64;
                state.waiting = 0;
                state.failure = Some(StreamFailure::Other(ErrorKind::TimedOut));
                break;
            }
            let left = limit.saturating_sub(start.elapsed());
            if left.is_zero() {
                state.is_stalled = true;
                return Err(ErrorKind::TimedOut.into());
            }
            state = self.wait(state, left.min(LOOK));
        }
        state.failure.map_or(Ok(()), |it| Err(it.into()))
    }
}
