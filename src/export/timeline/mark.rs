//! What stands on a lane.

/// What a mark tells; the order is that in which marks are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// A thread: it was not asleep.
    Work,
    /// A thread: the event loop ran a task on it.
    Task,
    /// A thread or a socket: a thread slept in a call.
    Sleep,
    /// A thread: calls in a row that would have blocked.
    Spin,
    /// A thread: a call that returned at once.
    Call,
    /// A socket: it was open.
    Open,
    /// A socket: what the selector watches it for has changed.
    Interest,
    /// A socket: the selector reported it ready.
    Ready,
    /// The listener: a connection was accepted.
    Accept,
    /// A socket: bytes or the end of file came.
    Read,
    /// A socket: bytes were sent, and no echo was complete.
    Write,
    /// A socket: bytes were sent that completed an echo.
    Echo,
    /// A socket: a call would have blocked.
    Block,
    /// A socket: something failed, or accepting paused.
    Fail,
    /// A socket: it was closed.
    Closed,
    /// A socket: the client reset it.
    Reset,
}

impl What {
    /// Every one, in order.
    pub(crate) const ALL: [Self; 16] = [
        Self::Work,
        Self::Task,
        Self::Sleep,
        Self::Spin,
        Self::Call,
        Self::Open,
        Self::Interest,
        Self::Ready,
        Self::Accept,
        Self::Read,
        Self::Write,
        Self::Echo,
        Self::Block,
        Self::Fail,
        Self::Closed,
        Self::Reset,
    ];

    /// The word for it in files.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Task => "task",
            Self::Sleep => "sleep",
            Self::Spin => "spin",
            Self::Call => "call",
            Self::Open => "open",
            Self::Interest => "interest",
            Self::Ready => "ready",
            Self::Accept => "accept",
            Self::Read => "read",
            Self::Write => "write",
            Self::Echo => "echo",
            Self::Block => "block",
            Self::Fail => "fail",
            Self::Closed => "closed",
            Self::Reset => "reset",
        }
    }

    /// Whether the figure is a set of directions: 1 input, 2 output.
    const fn is_of_directions(self) -> bool {
        matches!(self, Self::Ready | Self::Interest)
    }
}

/// One thing that happened on a lane, or several of the same kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) what: What,
    /// When the first one began.
    pub(crate) start: u64,
    /// When the last one ended.
    pub(crate) end: u64,
    /// How many they are.
    pub(crate) count: u64,
    /// How long they took together; less than from start to end if there
    /// was something else between.
    pub(crate) taken: u64,
    /// The longest of them.
    pub(crate) longest: u64,
    /// Bytes, calls or directions; of one alone also a number of a socket.
    pub(crate) figure: u64,
    /// Echoes that they completed.
    pub(crate) echoes: u64,
    /// Which call, from 1; 0 if it is none or they differ. As `word`, the
    /// outcome; `site`, the line; `other`, the thread of what is on a
    /// socket's lane and the socket or task of what is on a thread's.
    pub(crate) call: u32,
    pub(crate) word: u32,
    pub(crate) site: u32,
    pub(crate) other: u32,
}

impl Mark {
    /// One thing from one moment to another, of which nothing else is known.
    pub(crate) const fn new(what: What, start: u64, end: u64) -> Self {
        let taken = end.saturating_sub(start);
        Self {
            what,
            start,
            end,
            count: 1,
            taken,
            longest: taken,
            figure: 0,
            echoes: 0,
            call: 0,
            word: 0,
            site: 0,
            other: 0,
        }
    }

    /// The part of one thing that lies in this time.
    pub(super) fn within(self, from: u64, until: u64) -> Option<Self> {
        if self.end < from || self.start > until {
            return None;
        }
        let start = self.start.max(from);
        let end = self.end.min(until).max(start);
        let taken = end - start;
        Some(Self { start, end, taken, longest: taken, ..self })
    }

    /// Takes in one of the same kind that came later.
    pub(super) fn join(&mut self, other: &Self) {
        let same = |mine: u32, its: u32| if mine == its { mine } else { 0 };
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
        self.count += other.count;
        self.taken = self.taken.saturating_add(other.taken);
        self.longest = self.longest.max(other.longest);
        self.figure = if self.what.is_of_directions() {
            self.figure | other.figure
        } else {
            self.figure.saturating_add(other.figure)
        };
        self.echoes += other.echoes;
        self.call = same(self.call, other.call);
        self.word = same(self.word, other.word);
        self.site = same(self.site, other.site);
        self.other = same(self.other, other.other);
    }
}
