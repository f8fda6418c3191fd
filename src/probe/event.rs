//! Everything that a probe can observe: calls, their outcomes, and notes.

use super::failure::{ErrorNumber, Operation};
use super::serialized::{address, error_kind};
use super::source::{Site, ThreadId};
use crate::error::kind_in_words;
use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use strum::{EnumDiscriminants, IntoStaticStr, VariantArray};

/// The number of a socket in one run: the listener is 0, the connections
/// are numbered from 1 in the order in which they were accepted.
#[derive(Clone, Copy, Debug, Default)]
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SocketId(pub u32);

/// The id of the listening socket in every run.
pub const LISTENER: SocketId = SocketId(0);

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// The kinds of instrumented calls: system calls, and a client's handler.
#[derive(Clone, Copy, Debug, Default)]
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[derive(VariantArray, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// accept(2) on the listener.
    #[default]
    Accept,
    /// recv(2) on a connection.
    Read,
    /// send(2) on a connection.
    Write,
    /// The selector's wait: `epoll_wait(2)`, kevent(2) or IOCP.
    Wait,
    /// A change of what the selector watches: `epoll_ctl(2)`.
    Watch,
    /// The server's own handler of a client's input, between reading and
    /// writing.
    Handle,
    /// poll(2), in a program that is watched from outside.
    Poll,
    /// select(2), in a program that is watched from outside.
    Select,
    /// close(2), in a program that is watched from outside.
    Close,
    /// connect(2), in a program that is watched from outside.
    Connect,
    /// shutdown(2), in a program that is watched from outside.
    Shutdown,
}

impl Kind {
    /// The system calls of the modes, in the order of reports.
    pub const OF_MODES: [Self; 5] =
        [Self::Accept, Self::Read, Self::Write, Self::Wait, Self::Watch];

    /// Every kind, in the order of reports.
    pub const ALL: [Self; Self::COUNT] = all(Self::VARIANTS);

    /// The number of kinds.
    pub const COUNT: usize = Self::VARIANTS.len();

    /// The name used in logs and reports, such as `accept`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The variants of an enum as an array.
const fn all<T: Copy, const N: usize>(variants: &[T]) -> [T; N] {
    match variants.first_chunk() {
        Some(all) => *all,
        None => panic!("an array that is longer than there are variants"),
    }
}

/// One instrumented call, as known before it is made.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The operation, such as accept(2).
    pub kind: Kind,
    /// The socket concerned; for a selector's wait [`LISTENER`] by convention.
    pub socket: SocketId,
    /// Whether the call may put its thread to sleep.
    pub may_sleep: bool,
    /// The line of source that makes it, in a mode file or `turn.rs`.
    pub location: &'static Location<'static>,
}

/// The result of a call. A [`Class`] is the same without the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[derive(EnumDiscriminants)]
#[strum_discriminants(name(Class), doc = "How calls went, as counters say it.")]
#[strum_discriminants(derive(PartialOrd, Ord, Hash, VariantArray))]
#[strum_discriminants(derive(Serialize, Deserialize, JsonSchema))]
#[strum_discriminants(serde(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// This number of bytes was read or written.
    Bytes(u32),
    /// A read found the end of file: the other side sends no more.
    EndOfFile,
    /// The call would have blocked (`EWOULDBLOCK`).
    WouldBlock,
    /// A connection was accepted and has this number.
    Accepted(SocketId),
    /// The selector reported this number of ready sockets.
    Ready(u32),
    /// The call succeeded and returned no value.
    Done,
    /// No call was made: accepting pauses, at a limit of connections or
    /// descriptors. Counted as a turn of the loop, not as a call.
    Paused,
    /// The server itself closed the listener, or the connection at the end
    /// of the grace period, while or before the call waited.
    Closed,
    /// The call failed with an error of this kind.
    Failed(#[serde(with = "error_kind")] io::ErrorKind),
}

impl Outcome {
    /// Bytes read or written; `None` if nothing was transferred. An end of
    /// file counts as 0 bytes, because it also ends the last line.
    pub(super) const fn transferred(self) -> Option<u32> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::EndOfFile => Some(0),
            _ => None,
        }
    }
}

impl Class {
    /// Every class, in the order of their declaration.
    pub const ALL: [Self; Self::COUNT] = all(Self::VARIANTS);

    /// The number of classes.
    pub const COUNT: usize = Self::VARIANTS.len();
}

/// The outcome of a call, and the state of its socket afterwards.
#[derive(Clone, Copy, Debug)]
pub struct Exit {
    /// The result of the call.
    pub outcome: Outcome,
    /// Bytes of pending output on the socket after the call.
    pub pending: u32,
    /// Bytes received of a line whose end has not come yet; see
    /// [`Framing::Lines`](crate::net::Framing::Lines).
    pub unframed: u32,
    /// Echoes that the call completed: messages of which it handed the last
    /// byte to the system. A message is a line in `lines` framing and what
    /// one read brought in `bytes` framing, where reads that wait for each
    /// other are complete together, when nothing is pending any more.
    pub echoed: u32,
}

impl Exit {
    /// The exit of a call after which no output or unfinished line is left.
    pub const fn new(outcome: Outcome) -> Self {
        Self { outcome, pending: 0, unframed: 0, echoed: 0 }
    }
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The client sent its end of file and has its whole echo.
    EndOfFile,
    /// The client reset the connection (`ECONNRESET`, `EPIPE`).
    Reset,
    /// No byte was transferred for as long as the idle time-out.
    Idle,
    /// The client sent a line longer than the buffer limit.
    TooLong,
    /// Its handler failed on `boom`.
    Boom,
    /// The server closed it because it was asked to stop, at the latest at
    /// the end of the grace period.
    Stopped,
    /// No thread could be started for its handler (`EAGAIN`): the server closed
    /// it at once; see `pthread_create(3)`.
    NoThread,
    /// It failed with another error, of this kind.
    Failed(
        #[serde(with = "error_kind")]
        #[schemars(with = "String")]
        io::ErrorKind,
    ),
}

impl End {
    /// The words for kinds of errors that have no name.
    const ANOTHER_ERROR: &str = "another error";

    /// Every variant but [`Failed`](Self::Failed).
    pub(super) const WITHOUT_FAILURES: [Self; 7] = [
        Self::EndOfFile,
        Self::Reset,
        Self::Idle,
        Self::TooLong,
        Self::Boom,
        Self::Stopped,
        Self::NoThread,
    ];

    /// The description that reports print.
    pub fn words(self) -> String {
        match self {
            Self::EndOfFile => "end of file".into(),
            Self::Reset => "reset".into(),
            Self::Idle => "idle time-out".into(),
            Self::TooLong => "line over the buffer limit".into(),
            Self::Boom => "its handler failed (boom)".into(),
            Self::Stopped => "grace period over".into(),
            Self::NoThread => "no thread for it".into(),
            Self::Failed(kind) => kind_in_words(kind)
                .unwrap_or_else(|| Self::ANOTHER_ERROR.into()),
        }
    }

    /// The end with these words.
    pub(super) fn of_words(words: &str) -> Option<Self> {
        let failed = || match words {
            Self::ANOTHER_ERROR => Some(io::ErrorKind::Other),
            words => error_kind::named(words),
        };
        let mut ends = Self::WITHOUT_FAILURES.into_iter();
        let end = ends.find(|end| end.words() == words);
        end.or_else(|| failed().map(Self::Failed))
    }
}

/// The phases of a server's life, in order; some may be left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[derive(VariantArray, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Clients are accepted and served.
    #[default]
    Running,
    /// The server was asked to stop; the listener may not be closed yet.
    Refusing,
    /// New clients are refused; the others may finish within the grace
    /// period.
    Finishing,
    /// The grace period is over: every connection is closed.
    Cancelling,
    /// The function that runs the server has returned.
    Ended,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; Self::COUNT] = all(Self::VARIANTS);

    /// The number of phases.
    pub const COUNT: usize = Self::VARIANTS.len();

    /// The word for it on screens, in logs and in reports.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The description that screens and logs print.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Running => "clients are served",
            Self::Refusing => "a second signal cancels",
            Self::Finishing => "no new clients",
            Self::Cancelling => "every connection is closed",
            Self::Ended => "the server has returned",
        }
    }
}

/// Something that happened and is not a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// A connection was accepted, or the listener was opened.
    Opened {
        /// The connection, or [`LISTENER`].
        socket: SocketId,
        /// The address of the client; `None` for the listener.
        #[serde(with = "address")]
        peer: Option<SocketAddr>,
    },
    /// A connection ended.
    Closed {
        /// The connection that ended.
        socket: SocketId,
        /// Why it ended.
        end: End,
        /// Bytes received and never sent back.
        unsent: u32,
    },
    /// A connection's handler failed and has handled that itself: the error
    /// ends this connection alone.
    Handled {
        /// The connection of the handler.
        socket: SocketId,
        /// How the connection ends because of the error.
        end: End,
    },
    /// A connection's handler failed, and the error has left it. The
    /// connection stays open until the error, which owns it, is dropped.
    Failed {
        /// The connection of the handler.
        socket: SocketId,
        /// How the connection ends once the error is dropped.
        end: End,
    },
    /// The selector reported a socket ready.
    Ready {
        /// The socket that is ready.
        socket: SocketId,
        /// It has input, an end of file, or a client to accept.
        readable: bool,
        /// It has room for output.
        writable: bool,
    },
    /// What the selector is asked to watch a socket for has changed.
    Interest {
        /// The watched socket.
        socket: SocketId,
        /// Whether it is watched for input from now on.
        readable: bool,
        /// Whether it is watched for room for output from now on.
        writable: bool,
    },
    /// A system call failed with an error that did not end the server.
    CallFailed {
        /// The call that failed.
        operation: Operation,
        /// The connection that it was made for, or [`LISTENER`].
        socket: SocketId,
        /// The error that it reported.
        error: ErrorNumber,
    },
    /// Accepting pauses because this limit is reached.
    Paused(Limit),
    /// The listener closes while clients wait to be accepted: the kernel resets
    /// their connections.
    LeftWaiting {
        /// How many clients were in the backlog.
        clients: u32,
    },
    /// The process of the server was stopped (SIGTSTP, SIGSTOP) and goes on: an
    /// intervention. The program's clock stood meanwhile.
    Stopped {
        /// How long it was stopped, by the system's clock.
        time: Nanos,
    },
    /// The server entered this phase.
    Phase(Phase),
    /// A task changed its state; see [`TaskNow`].
    Task {
        /// The task whose state changed.
        task: TaskId,
        /// Its new state.
        now: TaskNow,
    },
    /// The event loop began this step of its turn.
    Step(Step),
    /// The timers of the event loop, as tasks and events change them.
    Timers {
        /// The number of timers that are set.
        set: u32,
        /// Before the loop selects: how long the selector may sleep. Zero if
        /// a task is ready; without a limit if no timer is set.
        wait: Option<Nanos>,
    },
    /// A task ran for longer than 100 ms without a pause, while all others
    /// had to wait.
    LongRun {
        /// The task that ran.
        task: TaskId,
        /// How long it ran.
        time: Nanos,
    },
    /// A task failed, and its handle was dropped without retrieving the error.
    NeverRetrieved {
        /// The task that failed.
        task: TaskId,
        /// The line where it was spawned.
        site: Site,
        /// The socket that it served; `None` if it served none.
        socket: Option<SocketId>,
        /// The error that was never retrieved.
        end: End,
    },
}

impl Note {
    /// The socket concerned; [`LISTENER`] if accepting pauses or ends.
    pub const fn socket(&self) -> Option<SocketId> {
        match *self {
            Self::Opened { socket, .. }
            | Self::Closed { socket, .. }
            | Self::Handled { socket, .. }
            | Self::Failed { socket, .. }
            | Self::CallFailed { socket, .. }
            | Self::Ready { socket, .. }
            | Self::Interest { socket, .. }
            | Self::Task { now: TaskNow::Paused { socket, .. }, .. } => {
                Some(socket)
            }
            Self::Paused(_) | Self::LeftWaiting { .. } => Some(LISTENER),
            Self::NeverRetrieved { socket, .. } => socket,
            _ => None,
        }
    }
}

/// A limit at which accepting pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// As many connections are open as `--max-connections` allows.
    Connections,
    /// accept(2) failed for lack of descriptors or memory (`EMFILE`).
    Descriptors,
}

impl Limit {
    /// The description that logs and reports print.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Connections => "the limit of connections is reached",
            Self::Descriptors => "out of file descriptors",
        }
    }
}

/// The number of a task in one run: the first is 0, the others follow in the
/// order in which they were spawned.
#[derive(Clone, Copy, Debug, Default)]
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct TaskId(pub u32);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t{}", self.0)
    }
}

/// The state of a task of the event loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskNow {
    /// It is queued to be run.
    Ready,
    /// The loop is polling it.
    Running,
    /// It is paused until a socket is ready for a call.
    Paused {
        /// The call that would have blocked.
        kind: Kind,
        /// The socket that it waits for.
        socket: SocketId,
        /// The line of the `await`.
        site: Site,
    },
    /// It is paused until a time, or until something else happens first.
    Sleeping {
        /// How long it sleeps at most, from when it paused.
        time: Nanos,
        /// The line of the `await`.
        site: Site,
    },
    /// It is paused until another task has ended.
    Joining {
        /// The task that it joins.
        task: TaskId,
        /// The line of the `await`.
        site: Site,
    },
    /// It is paused until its waker is called.
    #[default]
    Waiting,
    /// It has ended without an error.
    Done,
    /// It has ended with an error.
    Failed(End),
    /// It was cancelled and has ended.
    Cancelled,
}

impl TaskNow {
    /// The description that logs print.
    pub fn words(&self) -> String {
        match self {
            Self::Ready => "ready".into(),
            Self::Running => "running".into(),
            Self::Paused { kind, socket, .. } => {
                format!("paused on {} of {socket}", kind.name())
            }
            Self::Sleeping { time, .. } => {
                format!("sleeping, at most {} ms", time.duration().as_millis())
            }
            Self::Joining { task, .. } => format!("waiting for {task}"),
            Self::Waiting => "waiting to be woken".into(),
            Self::Done => "done".into(),
            Self::Failed(end) => format!("failed: {}", end.words()),
            Self::Cancelled => "cancelled".into(),
        }
    }

    /// The line of the `await` at which it is paused, if that is known.
    pub fn site(mut self) -> Option<Site> {
        self.site_mut().copied()
    }

    /// As [`site`](Self::site), to be changed.
    pub const fn site_mut(&mut self) -> Option<&mut Site> {
        match self {
            Self::Paused { site, .. }
            | Self::Sleeping { site, .. }
            | Self::Joining { site, .. } => Some(site),
            _ => None,
        }
    }

    /// Whether it is done, has failed or was cancelled.
    pub const fn has_ended(&self) -> bool {
        matches!(self, Self::Done | Self::Failed(_) | Self::Cancelled)
    }
}

/// The steps of an event loop's turn, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[derive(VariantArray, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Runs every task that is ready, until its next `await` that pauses.
    RunReadyTasks,
    /// Has the selector watch what the paused tasks wait for.
    Register,
    /// Calculates how long the selector may sleep.
    CalculateTimeout,
    /// Sleeps until a socket is ready, a timer is due or another thread wakes
    /// the loop.
    Select,
    /// Makes ready the tasks whose sockets, timers or wakers have fired.
    ProcessEvents,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; Self::COUNT] = all(Self::VARIANTS);

    /// The number of steps.
    pub const COUNT: usize = Self::VARIANTS.len();

    /// The name of the step's function in `turn.rs`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What a tap passes on to the screen, the log or a recording. Times count
/// from the origin of the tap's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A call that may sleep has begun.
    Enter {
        /// When the call was entered.
        at: Nanos,
        /// The calling thread.
        thread: ThreadId,
        /// See [`Call::kind`].
        kind: Kind,
        /// See [`Call::socket`].
        socket: SocketId,
        /// The line that makes the call.
        site: Site,
    },
    /// A call has returned.
    Exit {
        /// When the call returned.
        at: Nanos,
        /// When it was entered; the same as `at` if it could not sleep.
        entered: Nanos,
        /// The calling thread.
        thread: ThreadId,
        /// See [`Call::kind`].
        kind: Kind,
        /// See [`Call::socket`].
        socket: SocketId,
        /// The line that made the call.
        site: Site,
        /// The result of the call.
        outcome: Outcome,
        /// Bytes of pending output on the socket after the call.
        pending: u32,
        /// Bytes of an unfinished line after the call; see
        /// [`Exit::unframed`].
        unframed: u32,
        /// Echoes that the call completed; see [`Exit::echoed`].
        echoed: u32,
    },
    /// Several calls in a row that would have blocked, with no other event
    /// between.
    Idle {
        /// When the run was reported.
        at: Nanos,
        /// When the first of the calls was made.
        since: Nanos,
        /// The thread that made the first of them.
        thread: ThreadId,
        /// The number of calls in the run.
        calls: u64,
        /// Turns of a busy loop, including those in which accepting paused.
        passes: u64,
    },
    /// Something that is not a call.
    Note {
        /// When it was reported.
        at: Nanos,
        /// The thread that reported it.
        thread: ThreadId,
        /// See [`Note`].
        note: Note,
    },
}

impl Event {
    /// The return of a call, which was entered and returned at these times.
    pub const fn exit(
        [entered, at]: [Nanos; 2],
        thread: ThreadId,
        (kind, socket, site): (Kind, SocketId, Site),
        exit: Exit,
    ) -> Self {
        let Exit { outcome, pending, unframed, echoed } = exit;
        Self::Exit {
            at,
            entered,
            thread,
            kind,
            socket,
            site,
            outcome,
            pending,
            unframed,
            echoed,
        }
    }

    /// When it was complete, from the origin of the tap's clock.
    pub const fn at(&self) -> Nanos {
        match *self {
            Self::Enter { at, .. }
            | Self::Exit { at, .. }
            | Self::Idle { at, .. }
            | Self::Note { at, .. } => at,
        }
    }

    /// Its call site, if it has one.
    pub const fn site_mut(&mut self) -> Option<&mut Site> {
        match self {
            Self::Enter { site, .. } | Self::Exit { site, .. } => Some(site),
            Self::Idle { .. } => None,
            Self::Note { note, .. } => match note {
                Note::Task { now, .. } => now.site_mut(),
                Note::NeverRetrieved { site, .. } => Some(site),
                _ => None,
            },
        }
    }

    /// Its times, the earlier one first.
    pub fn times_mut(&mut self) -> impl Iterator<Item = &mut Nanos> {
        let (earlier, at) = match self {
            Self::Enter { at, .. } | Self::Note { at, .. } => (None, at),
            Self::Exit { at, entered, .. } => (Some(entered), at),
            Self::Idle { at, since, .. } => (Some(since), at),
        };
        earlier.into_iter().chain([at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_is_read_from_its_words() {
        let kinds = [io::ErrorKind::TimedOut, io::ErrorKind::Other];
        let failed = kinds.into_iter().map(End::Failed);
        for end in End::WITHOUT_FAILURES.into_iter().chain(failed) {
            assert_eq!(End::of_words(&end.words()), Some(end));
        }
        assert_eq!(End::of_words("no words of an end"), None);
        // ENOBUFS has no kind of its own.
        let unnamed = io::Error::from_raw_os_error(105).kind();
        assert_eq!(End::Failed(unnamed).words(), "another error");
    }
}
