//! A recording as lanes on one axis of time, of a size that is bounded.
//!
//! Each thing that happened is a [`TimelineMark`] on the lane of its thread and
//! on that of its socket. As long as they are few, each mark is one call or one
//! note. When there are more than [`Bounds::marks`], marks of the same kind
//! that begin within the same [step](Timeline::step) of a lane become one,
//! which counts them, and the step doubles until they fit: where little
//! happens, single calls stay what they are.

mod gather;

pub(super) use gather::gather;

use super::ExportSubject;
use crate::probe::{Phase, Site};
use crate::units::nanoseconds;
use std::collections::HashSet;

/// Limit on the different threads or sockets without a lane that are counted.
const MOST_COUNTED: usize = 65_536;

/// Limit on the different words or lines of source that are kept.
const MOST_NAMES: usize = 1_024;

/// How large a timeline may be.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// Marks on all lanes together.
    pub(super) marks: usize,
    /// Lanes of threads.
    pub(super) threads: usize,
    /// Lanes of sockets.
    pub(super) sockets: usize,
}

/// The part of a run that is shown. Times are in nanoseconds of the
/// recording's clock.
pub(super) struct Timeline {
    /// Where it begins.
    pub(super) from: u64,
    /// Where it ends.
    pub(super) until: u64,
    /// Marks that begin in the same step of a lane may be one; 0 if each is
    /// on its own.
    pub(super) step: u64,
    /// How many events are in it.
    pub(super) events: u64,
    pub(super) threads: Vec<TimelineLane>,
    pub(super) sockets: Vec<TimelineLane>,
    /// What was done a second.
    pub(super) rates: TimelineRates,
    /// When each phase began.
    pub(super) phases: Vec<(u64, Phase)>,
    /// Words of marks; the first is none.
    pub(super) words: Vec<String>,
    /// Lines of source of marks, from 1 on.
    pub(super) sites: Vec<Site>,
    /// How long threads slept on each of them.
    pub(super) asleep: Vec<u64>,
    bounds: Bounds,
    marks: usize,
    without: [HashSet<u32>; 2],
}

impl Timeline {
    fn new(subject: &ExportSubject, bounds: Bounds) -> Self {
        let end = nanoseconds(subject.recording.duration());
        let until = nanoseconds(subject.until).min(end);
        let from = nanoseconds(subject.from).min(until);
        Self {
            from,
            until,
            step: 0,
            events: 0,
            threads: Vec::new(),
            sockets: Vec::new(),
            rates: TimelineRates::new(from, until),
            phases: Vec::new(),
            words: vec![String::new()],
            sites: Vec::new(),
            asleep: Vec::new(),
            bounds,
            marks: 0,
            without: [HashSet::new(), HashSet::new()],
        }
    }

    /// How many marks there are.
    pub(super) const fn marks(&self) -> usize {
        self.marks
    }

    /// How many threads and how many sockets have no lane.
    pub(super) fn without_lanes(&self) -> (usize, usize) {
        (self.without[0].len(), self.without[1].len())
    }

    /// The lane of this thread or socket, if there is room for one.
    fn lane(&mut self, owner: Owner) -> Option<&mut TimelineLane> {
        let (lanes, most, without) = match owner {
            Owner::Thread(_) => {
                (&mut self.threads, self.bounds.threads, &mut self.without[0])
            }
            Owner::Socket(_) => {
                (&mut self.sockets, self.bounds.sockets, &mut self.without[1])
            }
        };
        match lanes.binary_search_by_key(&owner, |lane| lane.owner) {
            Ok(at) => Some(&mut lanes[at]),
            Err(at) if lanes.len() < most => {
                lanes.insert(at, TimelineLane::new(owner));
                Some(&mut lanes[at])
            }
            Err(_) => {
                if without.len() < MOST_COUNTED {
                    without.insert(owner.number());
                }
                None
            }
        }
    }

    /// Adds a mark; what lies outside the part that is shown is cut off.
    fn add(&mut self, owner: Owner, mark: TimelineMark) {
        let (from, until, step) = (self.from, self.until, self.step);
        let Some(mark) = mark.within(from, until) else { return };
        let Some(lane) = self.lane(owner) else { return };
        if lane.add(mark, step) {
            self.marks += 1;
        }
        while self.marks > self.bounds.marks && self.coarsen() {}
    }

    /// Doubles the step until a quarter of the marks is gone; false if it
    /// is as large as makes sense.
    pub(super) fn coarsen(&mut self) -> bool {
        let goal = self.marks - self.marks.div_ceil(4);
        let before = self.marks;
        while self.marks > goal {
            if self.step > self.until - self.from {
                break;
            }
            self.step = self.step.saturating_mul(2).max(1_000);
            let lanes = self.threads.iter_mut().chain(&mut self.sockets);
            self.marks = lanes.map(|lane| lane.coarsen(self.step)).sum();
        }
        self.marks < before
    }

    /// The number of these words; 0 for none, and when there are too many.
    fn word(&mut self, words: &str) -> u32 {
        let known = self.words.iter().position(|it| it == words);
        let at = known.unwrap_or_else(|| {
            if self.words.len() >= MOST_NAMES {
                return 0;
            }
            self.words.push(words.to_owned());
            self.words.len() - 1
        });
        u32::try_from(at).unwrap_or(0)
    }

    /// The number of this line, from 1; 0 when there are too many.
    fn site(&mut self, site: Site) -> u32 {
        let known = self.sites.iter().position(|it| *it == site);
        let at = known.unwrap_or_else(|| {
            if self.sites.len() < MOST_NAMES {
                self.sites.push(site);
                self.asleep.push(0);
            }
            self.sites.len()
        });
        let at = if known.is_some() { at + 1 } else { at };
        u32::try_from(at).unwrap_or(0)
    }
}

/// What a mark tells; the order is that in which marks are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum MarkKind {
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

impl MarkKind {
    /// Every one, in order.
    pub(super) const ALL: [Self; 16] = [
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
    pub(super) const fn name(self) -> &'static str {
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
pub(super) struct TimelineMark {
    pub(super) what: MarkKind,
    /// When the first one began.
    pub(super) start: u64,
    /// When the last one ended.
    pub(super) end: u64,
    /// How many they are.
    pub(super) count: u64,
    /// How long they took together; less than from start to end if there
    /// was something else between.
    pub(super) taken: u64,
    /// The longest of them.
    pub(super) longest: u64,
    /// Bytes, calls or directions; of one alone also a number of a socket.
    pub(super) figure: u64,
    /// Echoes that they completed.
    pub(super) echoes: u64,
    /// Which call, from 1; 0 if it is none or they differ. As `word`, the
    /// outcome; `site`, the line; `other`, the thread of what is on a
    /// socket's lane and the socket or task of what is on a thread's.
    pub(super) call: u32,
    pub(super) word: u32,
    pub(super) site: u32,
    pub(super) other: u32,
}

impl TimelineMark {
    /// One thing from one moment to another, of which nothing else is known.
    pub(super) const fn new(what: MarkKind, start: u64, end: u64) -> Self {
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

/// Whose lane it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// A thread.
    Thread(u16),
    /// A socket; 0 is the listener.
    Socket(u32),
}

impl Owner {
    pub(super) fn number(self) -> u32 {
        match self {
            Self::Thread(number) => number.into(),
            Self::Socket(number) => number,
        }
    }
}

/// The marks of one thread or socket.
pub(super) struct TimelineLane {
    pub(super) owner: Owner,
    /// Who is at the other end of a socket.
    pub(super) peer: String,
    /// Since when a socket is open.
    pub(super) open: Option<u64>,
    marks: [Vec<TimelineMark>; MarkKind::ALL.len()],
}

impl TimelineLane {
    pub(super) fn new(owner: Owner) -> Self {
        let marks = [const { Vec::new() }; MarkKind::ALL.len()];
        Self { owner, peer: String::new(), open: None, marks }
    }

    /// Its marks of each kind, in the order in which they were added.
    pub(super) fn marks(
        &self,
    ) -> impl Iterator<Item = (MarkKind, &[TimelineMark])> {
        let marks = self.marks.iter().map(Vec::as_slice);
        MarkKind::ALL.into_iter().zip(marks).filter(|(_, it)| !it.is_empty())
    }

    /// Adds a mark; false if an earlier one has taken it in.
    pub(super) fn add(&mut self, mark: TimelineMark, step: u64) -> bool {
        let marks = &mut self.marks[mark.what as usize];
        if let Some(last) = marks.last_mut()
            && are_one(last, &mark, step)
        {
            last.join(&mark);
            return false;
        }
        marks.push(mark);
        true
    }

    /// Makes one of those that begin in the same step; returns how many
    /// are left.
    pub(super) fn coarsen(&mut self, step: u64) -> usize {
        for marks in &mut self.marks {
            marks.dedup_by(|mark, last| {
                let are_one = are_one(last, mark, step);
                if are_one {
                    last.join(mark);
                }
                are_one
            });
        }
        self.marks.iter().map(Vec::len).sum()
    }
}

/// Work goes on where it was left, whatever the step is.
fn are_one(last: &TimelineMark, next: &TimelineMark, step: u64) -> bool {
    let goes_on = next.what == MarkKind::Work && last.end == next.start;
    let of = |at: u64| at.checked_div(step);
    goes_on || step > 0 && of(last.start) == of(next.start)
}

/// How many intervals a timeline has at most.
const INTERVALS: u64 = 1_000;

/// The shortest interval.
const SHORTEST: u64 = 10_000;

/// One interval.
#[derive(Clone, Copy, Default)]
pub(super) struct Interval {
    /// Echoes completed.
    pub(super) echoes: u64,
    /// Calls returned.
    pub(super) calls: u64,
    /// Calls that would have blocked.
    pub(super) would_blocks: u64,
    /// Connections accepted, less those that ended.
    pub(super) opened: i64,
}

impl Interval {
    /// A call has returned. Nothing overflows, whatever was counted before.
    pub(super) const fn count_call(&mut self, echoes: u64, would_block: bool) {
        self.calls = self.calls.saturating_add(1);
        self.echoes = self.echoes.saturating_add(echoes);
        let would_block = if would_block { 1 } else { 0 };
        self.would_blocks = self.would_blocks.saturating_add(would_block);
    }
}

/// Counts by interval, from events alone: those that found no room are
/// missing.
pub(super) struct TimelineRates {
    from: u64,
    /// How long an interval is, in nanoseconds.
    pub(super) length: u64,
    pub(super) intervals: Vec<Interval>,
    /// Connections open at the beginning.
    pub(super) open: u64,
}

impl TimelineRates {
    pub(super) fn new(from: u64, until: u64) -> Self {
        let time = (until - from).max(1);
        let length = time.div_ceil(INTERVALS).max(SHORTEST);
        let count = usize::try_from(time.div_ceil(length)).unwrap_or(1);
        let intervals = vec![Interval::default(); count];
        Self { from, length, intervals, open: 0 }
    }

    /// The interval of this moment.
    pub(super) fn at(&mut self, at: u64) -> &mut Interval {
        let place = at.saturating_sub(self.from) / self.length;
        let last = self.intervals.len() - 1;
        let place = usize::try_from(place).unwrap_or(last).min(last);
        &mut self.intervals[place]
    }

    /// Spreads calls that would have blocked evenly over their time.
    pub(super) fn add_would_blocks(&mut self, since: u64, at: u64, n: u64) {
        let first = since.max(self.from);
        let parts = (at.saturating_sub(first) / self.length + 1)
            .min(self.intervals.len() as u64);
        let mut left = n;
        for part in 0..parts {
            let count = left / (parts - part);
            left -= count;
            let interval = self.at(first + part * self.length);
            interval.calls = interval.calls.saturating_add(count);
            interval.would_blocks = interval.would_blocks.saturating_add(count);
        }
    }
}
