//! An event as one flat row: a line of CSV, an object of JSON.

use super::window::Peers;
use super::words::{Ending, Happening, Way};
use crate::probe::{Event, Note};
use crate::units::nanoseconds;
use crate::view::{Kind, Outcome, Site, SocketId, TaskNow};
use schemars::JsonSchema;
use serde::Serialize;
use std::net::SocketAddr;
use std::time::Duration;

/// An event. What does not apply to it is missing. Times count from the
/// start of the recording's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Row<'a> {
    /// The number of the event in the recording, from 0.
    pub number: u64,
    /// When it was complete: for a call, when it returned.
    pub at_ns: u64,
    /// On which thread: a small number, used again when a thread has ended.
    pub thread: u16,
    /// What it is.
    pub event: Happening,
    /// Which call it is, or which one a task is paused on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Kind>,
    /// On which socket: 0 is the listener, and the selector's wait counts as
    /// its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket: Option<u32>,
    /// Who is at the other end of that socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub peer: Option<SocketAddr>,
    /// What the scenario calls that client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// Which task of the event loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<u32>,
    /// The source file of the call or the `await`, without its folders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<&'a str>,
    /// The line there, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// How a call went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Way>,
    /// The socket that was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<u32>,
    /// The bytes that a call moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// When it began: a call that may sleep, or a run of idle calls. Missing
    /// for a call that cannot sleep, which is not timed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entered_ns: Option<u64>,
    /// How long that took; how long a task ran without a pause; how long it
    /// will sleep at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ns: Option<u64>,
    /// Bytes of pending output on the socket after a call; of a connection
    /// that is closed, bytes received and never sent back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_bytes: Option<u64>,
    /// Echoes that a call completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echoes: Option<u64>,
    /// How many: calls of an idle run, sockets that a wait named, timers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// How many of the calls of an idle run asked the listener: turns of a
    /// busy loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passes: Option<u64>,
    /// Whether the socket is ready, or watched, for input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readable: Option<bool>,
    /// Whether the socket is ready, or watched, for room to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writable: Option<bool>,
    /// How a connection or a task ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Ending>,
    /// The error that a call or a connection failed with, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The phase that begins, the limit that is reached, the step that the
    /// event loop has come to, or what a task does from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'static str>,
    /// The task that a task waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_task: Option<u32>,
}

impl<'a> Row<'a> {
    /// The event with this number.
    pub(super) fn of(number: u64, event: &Event, peers: &'a Peers) -> Self {
        let mut row = Self { number, ..Self::default() };
        row.at(event.at().duration());
        match *event {
            Event::Enter { at, thread, kind, socket, site } => {
                row.begins(Happening::Enter, thread.0);
                row.call(kind, socket, site);
                row.entered_ns = Some(at.0);
            }
            Event::Exit {
                entered,
                at,
                thread,
                kind,
                socket,
                site,
                outcome,
                pending,
                unframed: _,
                echoed,
            } => {
                row.begins(Happening::Exit, thread.0);
                row.call(kind, socket, site);
                if entered != at {
                    row.took(entered.duration(), at.duration());
                }
                row.went(outcome);
                row.pending_bytes = Some(pending.into());
                row.echoes = Some(echoed.into());
            }
            Event::Idle { since, at, thread, calls, passes } => {
                row.begins(Happening::Idle, thread.0);
                row.took(since.duration(), at.duration());
                (row.count, row.passes) = (Some(calls), Some(passes));
            }
            Event::Note { thread, note, .. } => {
                row.thread = thread.0;
                row.noted(note);
            }
        }
        row.peer = row.socket.and_then(|it| peers.address(SocketId(it)));
        row.name = row.peer.and_then(|peer| peers.name(peer));
        row
    }

    const fn begins(&mut self, event: Happening, thread: u16) {
        (self.event, self.thread) = (event, thread);
    }

    fn at(&mut self, at: Duration) {
        self.at_ns = nanoseconds(at);
    }

    fn took(&mut self, from: Duration, to: Duration) {
        self.entered_ns = Some(nanoseconds(from));
        self.duration_ns = Some(nanoseconds(to.saturating_sub(from)));
    }

    fn call(&mut self, kind: Kind, socket: SocketId, site: Site) {
        (self.call, self.socket) = (Some(kind), Some(socket.0));
        self.site(site);
    }

    fn site(&mut self, site: Site) {
        (self.file, self.line) = (Some(site.name()), Some(site.line));
    }

    fn went(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome.into());
        match outcome {
            Outcome::Bytes(bytes) => self.bytes = Some(bytes.into()),
            Outcome::Accepted(socket) => self.accepted = Some(socket.0),
            Outcome::Ready(sockets) => self.count = Some(sockets.into()),
            Outcome::Failed(kind) => self.error = Some(kind.to_string()),
            _ => {}
        }
    }

    fn ended(&mut self, end: crate::view::End) {
        self.end = Some(end.into());
        if let crate::view::End::Failed(kind) = end {
            self.error = Some(kind.to_string());
        }
    }

    fn noted(&mut self, note: Note) {
        self.event = Happening::of(&note);
        match note {
            Note::Opened { socket, .. } => self.socket = Some(socket.0),
            Note::Closed { socket, end, unsent } => {
                self.socket = Some(socket.0);
                self.pending_bytes = Some(unsent.into());
                self.ended(end);
            }
            Note::Handled { socket, end } | Note::Failed { socket, end } => {
                self.socket = Some(socket.0);
                self.ended(end);
            }
            Note::Ready { socket, readable, writable }
            | Note::Interest { socket, readable, writable } => {
                self.socket = Some(socket.0);
                self.readable = Some(readable);
                self.writable = Some(writable);
            }
            Note::Paused(limit) => {
                self.detail = Some(super::words::limit(limit));
            }
            Note::Phase(phase) => self.detail = Some(phase.name()),
            Note::Step(step) => self.detail = Some(step.name()),
            Note::Timers(timers) => self.count = Some(timers.into()),
            Note::Task { task, now } => {
                self.task = Some(task.0);
                self.does(now);
            }
            Note::LongRun { task, time } => {
                self.task = Some(task.0);
                self.duration_ns = Some(time.0);
            }
            Note::NeverRetrieved { task, site, socket, end } => {
                self.task = Some(task.0);
                self.socket = socket.map(|it| it.0);
                self.site(site);
                self.ended(end);
            }
        }
    }

    fn does(&mut self, now: TaskNow) {
        self.detail = Some(super::words::task(now));
        if let Some(site) = now.site() {
            self.site(site);
        }
        match now {
            TaskNow::Paused { kind, socket, .. } => {
                self.call = Some(kind);
                self.socket = Some(socket.0);
            }
            TaskNow::Sleeping { time, .. } => {
                self.duration_ns = Some(time.0);
            }
            TaskNow::Joining { task, .. } => self.joined_task = Some(task.0),
            TaskNow::Failed(end) => self.ended(end),
            _ => {}
        }
    }
}
