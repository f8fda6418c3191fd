//! Marks: what is drawn on the lanes of a timeline.

use crate::probe::{
    Before, Event, Kind, Note, Outcome, Site, Speed, TaskNow, ThreadId,
};
use std::borrow::Cow;
use strum::IntoStaticStr;

/// What a mark shows; the order is that in which marks are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum MarkKind {
    /// A thread: it was not asleep. Not in a detailed timeline.
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
    // The kinds below are only in a detailed timeline.
    /// A thread: a call whose return was lost.
    Lost,
    /// A thread: a step of the event loop's turn.
    Step,
    /// A thread: a task ran too long, or its error was never retrieved.
    Finding,
    /// A task: what it did or waited for. The run: a phase.
    State,
    /// A task: it has ended.
    Ended,
    /// A thread: it was held at the gate.
    Held,
    /// The run: the settings of the gate changed.
    Gate,
}

/// What a mark was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkSource {
    /// No single event, but the time between events.
    Between,
    /// An event; for a call without a recorded return, that of its start.
    Event(Event),
    /// The gate held a thread, which was about to do this.
    Held(Before),
    /// Whether the server is paused, and its speed.
    Gate(bool, Speed),
}

/// What is known of a mark. When several are merged, figures are added up, and
/// other values are kept only if they are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct MarkFacts {
    /// Bytes, calls or ready sockets; the socket of a single accept; or
    /// directions: 1 for readable, 2 for writable.
    pub(crate) figure: u64,
    pub(crate) echoes: u64,
    pub(crate) call: Option<Kind>,
    pub(crate) site: Option<Site>,
    pub(crate) thread: Option<ThreadId>,
    /// The number of the socket or the task that it is about.
    pub(crate) subject: Option<u32>,
    /// The outcome, without its figure.
    pub(crate) word: Cow<'static, str>,
}

/// One thing that happened on a lane, or several of the same kind. Times are
/// in nanoseconds.
#[derive(Clone, Debug)]
pub(crate) struct TimelineMark {
    pub(crate) what: MarkKind,
    /// When the first of them began.
    pub(crate) start: u64,
    /// When the last of them ended.
    pub(crate) end: u64,
    /// The number of marks that this one stands for.
    pub(crate) count: u64,
    /// The sum of their durations; less than from start to end if there
    /// was something else between.
    pub(crate) taken: u64,
    /// The duration of the longest.
    pub(crate) longest: u64,
    /// What the first of them was made from.
    pub(crate) source: MarkSource,
    pub(crate) facts: MarkFacts,
}

impl TimelineMark {
    pub(crate) fn new(
        what: MarkKind,
        (start, end): (u64, u64),
        source: MarkSource,
    ) -> Self {
        // A recording may hold times that go back.
        let end = end.max(start);
        let (count, taken, longest) = (1, end - start, end - start);
        let facts = match source {
            MarkSource::Event(event) => MarkFacts::from_event(&event),
            _ => MarkFacts::default(),
        };
        Self { what, start, end, count, taken, longest, source, facts }
    }

    /// The part between these times; `None` if all of it is outside.
    pub(super) fn within(self, from: u64, until: u64) -> Option<Self> {
        if self.end < from || self.start > until {
            return None;
        }
        let start = self.start.max(from);
        let end = self.end.min(until).max(start);
        let taken = end - start;
        Some(Self { start, end, taken, longest: taken, ..self })
    }

    /// Merges a later mark of the same kind into this one.
    pub(super) fn join(&mut self, next: &Self) {
        self.start = self.start.min(next.start);
        self.end = self.end.max(next.end);
        self.count += next.count;
        self.taken = self.taken.saturating_add(next.taken);
        self.longest = self.longest.max(next.longest);
        let (mine, its) = (&mut self.facts, &next.facts);
        mine.figure = match self.what {
            MarkKind::Ready | MarkKind::Interest => mine.figure | its.figure,
            _ => mine.figure.saturating_add(its.figure),
        };
        mine.echoes = mine.echoes.saturating_add(its.echoes);
        mine.call = mine.call.filter(|it| its.call == Some(*it));
        mine.site = mine.site.filter(|it| its.site == Some(*it));
        mine.thread = mine.thread.filter(|it| its.thread == Some(*it));
        mine.subject = mine.subject.filter(|it| its.subject == Some(*it));
        if mine.word != its.word {
            mine.word = "".into();
        }
    }
}

impl MarkFacts {
    fn from_event(event: &Event) -> Self {
        let mut facts = Self::default();
        match *event {
            Event::Enter { thread, kind, socket, site, .. }
            | Event::Exit { thread, kind, socket, site, .. } => {
                (facts.call, facts.site) = (Some(kind), Some(site));
                (facts.thread, facts.subject) = (Some(thread), Some(socket.0));
                facts.word = "goes on".into();
                if let Event::Exit { outcome, echoed, .. } = *event {
                    facts.echoes = echoed.into();
                    facts.word = outcome_word(outcome);
                    facts.figure = match outcome {
                        Outcome::Bytes(n) | Outcome::Ready(n) => n.into(),
                        Outcome::Accepted(socket) => socket.0.into(),
                        _ => 0,
                    };
                }
            }
            Event::Idle { thread, calls, .. } => {
                (facts.thread, facts.figure) = (Some(thread), calls);
            }
            Event::Note { thread, note, .. } => {
                facts.thread = Some(thread);
                facts.set_note(note);
            }
        }
        facts
    }

    fn set_note(&mut self, note: Note) {
        self.subject = note.socket().map(|socket| socket.0);
        let word = match note {
            Note::Closed { end, unsent, .. } => {
                self.figure = unsent.into();
                end.words()
            }
            Note::Handled { end, .. } | Note::Failed { end, .. } => {
                format!("its handler failed: {}", end.words())
            }
            Note::Ready { readable, writable, .. }
            | Note::Interest { readable, writable, .. } => {
                self.figure = u64::from(readable) | u64::from(writable) << 1;
                return;
            }
            Note::CallFailed { operation, error, .. } => {
                format!("{} failed: {error}", operation.name())
            }
            Note::Paused(limit) => {
                format!("accepting pauses: {}", limit.words())
            }
            Note::LeftWaiting { clients } => {
                self.figure = clients.into();
                "clients waited to be accepted: reset".to_owned()
            }
            Note::Stopped { time } => {
                format!("the process was stopped for {time}")
            }
            Note::Task { task, now } => {
                (self.subject, self.site) = (Some(task.0), now.site());
                let begins = now == TaskNow::Running;
                if begins { String::new() } else { now.words() }
            }
            _ => return,
        };
        self.word = word.into();
    }
}

/// How a call ended, without its figure.
pub(crate) fn outcome_word(outcome: Outcome) -> Cow<'static, str> {
    match outcome {
        Outcome::Bytes(_) => "bytes",
        Outcome::EndOfFile => "end of file",
        Outcome::WouldBlock => "would block",
        Outcome::Accepted(_) => "accepted",
        Outcome::Ready(_) => "ready",
        Outcome::Done => "done",
        Outcome::Paused => "paused: no call was made",
        Outcome::Closed => "closed by the server itself",
        Outcome::Failed(kind) => return format!("failed: {kind}").into(),
    }
    .into()
}
