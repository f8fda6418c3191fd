//! An event as one flat row: a line of CSV, an object of JSON.

use super::{ExportFailure, ExportSubject, state_at_end};
use crate::load::Names;
use crate::probe::{
    Class, End, Event, Kind, Note, Outcome, SocketId, TaskId, TaskNow, ThreadId,
};
use crate::recording::Cursor;
use crate::units::Nanos;
use crate::view::{Observation, ObservedState};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::net::SocketAddr;

/// An event. Fields that do not apply to it are missing. Times count from the
/// start of the recording's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct EventRow<'a> {
    /// The number of the event in the recording, from 0.
    pub number: u64,
    /// When it was complete: for a call, when it returned.
    pub at_ns: Nanos,
    /// The thread: a small number, which is reused after a thread has ended.
    pub thread: ThreadId,
    /// The kind: `enter` and `exit` of a call, `idle` for a run of calls that
    /// would have blocked, or what is not a call: `opened`, `closed`,
    /// `handled`, `failed`, `ready`, `interest`, `paused`,
    /// `left_waiting`, `stopped`, `phase`, `task`, `step`, `timers`,
    /// `long_run`, `never_retrieved`.
    pub event: Cow<'static, str>,
    /// The call, or the one that a task is paused on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Kind>,
    /// The socket. 0 is the listener, to which the selector's wait is
    /// assigned, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket: Option<SocketId>,
    /// The address of the other end of that socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub peer: Option<SocketAddr>,
    /// The name of that client in the scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The task of the event loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskId>,
    /// The source file of the call or the `await`, without its folders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<&'a str>,
    /// The line in that file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The kind of a call's outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Class>,
    /// The socket that was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<SocketId>,
    /// The bytes that a call moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u32>,
    /// When a call that may sleep, or a run of idle calls, began. Missing for
    /// a call that cannot sleep, which is not timed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entered_ns: Option<Nanos>,
    /// How long the call or the run of calls took, how long a task ran without
    /// a pause, or how long it will sleep at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ns: Option<Nanos>,
    /// Bytes of pending output on the socket after a call; for a connection
    /// that is closed, bytes received and never sent back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_bytes: Option<u32>,
    /// Echoes that a call completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echoes: Option<u32>,
    /// The number of calls in an idle run, of ready sockets, of timers, or of
    /// clients left waiting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// How many calls of an idle run were on the listener: the iterations of a
    /// polling loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passes: Option<u64>,
    /// Whether the socket is ready, or watched, for input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readable: Option<bool>,
    /// Whether the socket is ready, or watched, for room to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writable: Option<bool>,
    /// How a connection or a task ended: `end_of_file`, `reset`, `idle`,
    /// `too_long`, `boom`, `stopped`, `no_thread`, `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// The error that a call or a connection failed with, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The phase that begins, the limit that is reached, the step that the
    /// event loop has come to, or what a task does from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The task that a task waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_task: Option<TaskId>,
}

impl<'a> EventRow<'a> {
    /// The row of an event. `known` is the state after it, but `names` those at
    /// the end: a client's name is recorded a little after its connection.
    fn new(
        number: u64,
        event: &Event,
        known: &ObservedState,
        names: &'a Names,
    ) -> Self {
        let (Event::Enter { thread, .. }
        | Event::Exit { thread, .. }
        | Event::Idle { thread, .. }
        | Event::Note { thread, .. }) = *event;
        let at_ns = event.at();
        let mut row = Self { number, at_ns, thread, ..Self::default() };
        match *event {
            Event::Enter { at, kind, socket, .. } => {
                (row.event, row.entered_ns) = ("enter".into(), Some(at));
                (row.call, row.socket) = (Some(kind), Some(socket));
            }
            Event::Exit { kind, socket, outcome, pending, echoed, .. } => {
                row.event = "exit".into();
                (row.call, row.socket) = (Some(kind), Some(socket));
                (row.pending_bytes, row.echoes) = (Some(pending), Some(echoed));
                row.outcome = Some(outcome.into());
                match outcome {
                    Outcome::Bytes(bytes) => row.bytes = Some(bytes),
                    Outcome::Accepted(socket) => row.accepted = Some(socket),
                    Outcome::Ready(count) => row.count = Some(count.into()),
                    Outcome::Failed(kind) => row.error = Some(kind.to_string()),
                    _ => {}
                }
            }
            Event::Idle { calls, passes, .. } => {
                row.event = "idle".into();
                (row.count, row.passes) = (Some(calls), Some(passes));
            }
            Event::Note { note, .. } => row.set_note(note),
        }
        let (since, mut event) = (began(event), *event);
        let is_run = matches!(event, Event::Idle { .. });
        if is_run || since < at_ns {
            row.entered_ns = Some(since);
            row.duration_ns = Some(at_ns.since(since));
        }
        if let Some(site) = event.site_mut() {
            (row.file, row.line) = (Some(site.name()), Some(site.line));
        }
        let socket = row.socket.and_then(|it| known.counters.socket(it));
        row.peer = socket.and_then(|it| it.peer);
        let name = row.peer.and_then(|peer| names.get(&peer));
        row.name = name.map(String::as_str);
        row
    }

    fn set_note(&mut self, note: Note) {
        self.event = variant(&note).into();
        self.socket = note.socket();
        let mut ended = None;
        match note {
            Note::Opened { .. } => {}
            Note::Closed { end, unsent, .. } => {
                (self.pending_bytes, ended) = (Some(unsent), Some(end));
            }
            Note::Handled { end, .. } | Note::Failed { end, .. } => {
                ended = Some(end);
            }
            Note::Ready { readable, writable, .. }
            | Note::Interest { readable, writable, .. } => {
                self.readable = Some(readable);
                self.writable = Some(writable);
            }
            Note::CallFailed { operation, error, .. } => {
                self.detail = Some(operation.name().into());
                self.error = Some(error.to_string());
            }
            Note::Paused(limit) => self.detail = Some(variant(&limit)),
            Note::LeftWaiting { clients } => self.count = Some(clients.into()),
            Note::Stopped { time } => self.duration_ns = Some(time),
            Note::Phase(phase) => self.detail = Some(phase.name().into()),
            Note::Step(step) => self.detail = Some(step.name().into()),
            Note::Timers { set, .. } => self.count = Some(set.into()),
            Note::LongRun { task, time } => {
                (self.task, self.duration_ns) = (Some(task), Some(time));
            }
            Note::NeverRetrieved { task, end, .. } => {
                (self.task, ended) = (Some(task), Some(end));
            }
            Note::Task { task, now } => {
                (self.task, self.detail) = (Some(task), Some(variant(&now)));
                match now {
                    TaskNow::Paused { kind, .. } => self.call = Some(kind),
                    TaskNow::Sleeping { time, .. } => {
                        self.duration_ns = Some(time);
                    }
                    TaskNow::Joining { task, .. } => {
                        self.joined_task = Some(task);
                    }
                    TaskNow::Failed(end) => ended = Some(end),
                    _ => {}
                }
            }
        }
        self.end = ended.as_ref().map(variant);
        if let Some(End::Failed(kind)) = ended {
            self.error = Some(kind.to_string());
        }
    }
}

/// When the call or the run of calls of an event began.
const fn began(event: &Event) -> Nanos {
    match *event {
        Event::Exit { entered, .. } => entered,
        Event::Idle { since, .. } => since,
        Event::Enter { at, .. } | Event::Note { at, .. } => at,
    }
}

/// A record that is to be exported.
pub(super) enum Item<'a> {
    Event(Box<EventRow<'a>>),
    /// Any other record, and the state after it.
    Other(&'a Observation, &'a ObservedState),
}

/// Passes the records in the window of time to `put`, from the cursor on.
pub(super) fn for_each_item(
    subject: &ExportSubject,
    mut cursor: Cursor,
    mut put: impl FnMut(Item) -> Result<(), ExportFailure>,
) -> Result<(), ExportFailure> {
    let ExportSubject { recording, from, until, .. } = *subject;
    let names = state_at_end(recording).names;
    loop {
        let number = cursor.event();
        let Some(record) = cursor.step()? else { return Ok(()) };
        let known = cursor.known();
        let since = record.event().map(|it| began(it).duration());
        let (since, at) = (since.or(record.at()), record.at());
        if at.is_some_and(|at| at < from) || since > Some(until) {
            continue;
        }
        if let Observation::Event(event) = &record {
            let row = EventRow::new(number, event, known, &names);
            put(Item::Event(Box::new(row)))?;
        } else {
            put(Item::Other(&record, known))?;
        }
    }
}

/// The name of an enum's variant as it is serialised.
pub(super) fn variant(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name,
        Ok(Value::Object(fields)) => {
            fields.into_iter().next().map(|(name, _)| name).unwrap_or_default()
        }
        _ => String::new(),
    }
}
