//! An event as one flat row: a line of CSV, an object of JSON.

use super::{ExportFailure, ExportSubject, state_at_end};
use crate::probe::{
    Class, End, Event, KEPT_SOCKETS, Kind, Note, Outcome, Site, SocketId,
    TaskNow,
};
use crate::units::Nanos;
use crate::view::{Observation, ObservedState};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;
use std::net::SocketAddr;

/// An event. What does not apply to it is missing. Times count from the
/// start of the recording's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct EventRow<'a> {
    /// The number of the event in the recording, from 0.
    pub number: u64,
    /// When it was complete: for a call, when it returned.
    pub at_ns: u64,
    /// On which thread: a small number, used again when a thread has ended.
    pub thread: u16,
    /// What it is: `enter` and `exit` of a call, `idle` for a run of calls
    /// that would have blocked, or what is not a call: `opened`, `closed`,
    /// `handled`, `failed`, `ready`, `interest`, `paused`, `phase`, `task`,
    /// `step`, `timers`, `long_run`, `never_retrieved`.
    pub event: Cow<'static, str>,
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
    pub outcome: Option<Class>,
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
    /// How a connection or a task ended: `end_of_file`, `reset`, `idle`,
    /// `too_long`, `boom`, `stopped`, `failed`.
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
    pub joined_task: Option<u32>,
}

impl<'a> EventRow<'a> {
    /// The event with this number.
    fn new(number: u64, event: &Event, peers: &'a Peers) -> Self {
        let at_ns = event.at().0;
        let mut row = Self { number, at_ns, ..Self::default() };
        match *event {
            Event::Enter { at, thread, kind, socket, site } => {
                (row.event, row.thread) = ("enter".into(), thread.0);
                row.set_call(kind, socket, site);
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
                echoed,
                ..
            } => {
                (row.event, row.thread) = ("exit".into(), thread.0);
                row.set_call(kind, socket, site);
                if entered != at {
                    row.set_time(entered, at);
                }
                row.set_outcome(outcome);
                row.pending_bytes = Some(pending.into());
                row.echoes = Some(echoed.into());
            }
            Event::Idle { since, at, thread, calls, passes } => {
                (row.event, row.thread) = ("idle".into(), thread.0);
                row.set_time(since, at);
                (row.count, row.passes) = (Some(calls), Some(passes));
            }
            Event::Note { thread, note, .. } => {
                row.thread = thread.0;
                row.set_note(note);
            }
        }
        let socket = row.socket.map(SocketId);
        row.peer = socket.and_then(|it| peers.addresses.get(&it).copied());
        let name = row.peer.and_then(|peer| peers.end.names.get(&peer));
        row.name = name.map(String::as_str);
        row
    }

    fn set_time(&mut self, from: Nanos, to: Nanos) {
        self.entered_ns = Some(from.0);
        self.duration_ns = Some(to.since(from).0);
    }

    fn set_call(&mut self, kind: Kind, socket: SocketId, site: Site) {
        (self.call, self.socket) = (Some(kind), Some(socket.0));
        self.set_site(site);
    }

    fn set_site(&mut self, site: Site) {
        (self.file, self.line) = (Some(site.name()), Some(site.line));
    }

    fn set_outcome(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome.into());
        match outcome {
            Outcome::Bytes(bytes) => self.bytes = Some(bytes.into()),
            Outcome::Accepted(socket) => self.accepted = Some(socket.0),
            Outcome::Ready(sockets) => self.count = Some(sockets.into()),
            Outcome::Failed(kind) => self.error = Some(kind.to_string()),
            _ => {}
        }
    }

    fn set_end(&mut self, end: End) {
        self.end = Some(variant(&end));
        if let End::Failed(kind) = end {
            self.error = Some(kind.to_string());
        }
    }

    fn set_note(&mut self, note: Note) {
        self.event = variant(&note).into();
        self.socket = note.socket().map(|it| it.0);
        match note {
            Note::Opened { .. } => {}
            Note::Closed { end, unsent, .. } => {
                self.pending_bytes = Some(unsent.into());
                self.set_end(end);
            }
            Note::Handled { end, .. } | Note::Failed { end, .. } => {
                self.set_end(end);
            }
            Note::Ready { readable, writable, .. }
            | Note::Interest { readable, writable, .. } => {
                self.readable = Some(readable);
                self.writable = Some(writable);
            }
            Note::Paused(limit) => {
                self.socket = None;
                self.detail = Some(variant(&limit));
            }
            Note::Phase(phase) => self.detail = Some(phase.name().into()),
            Note::Step(step) => self.detail = Some(step.name().into()),
            Note::Timers(timers) => self.count = Some(timers.into()),
            Note::Task { task, now } => {
                self.task = Some(task.0);
                self.set_task(now);
            }
            Note::LongRun { task, time } => {
                self.task = Some(task.0);
                self.duration_ns = Some(time.0);
            }
            Note::NeverRetrieved { task, site, end, .. } => {
                self.task = Some(task.0);
                self.set_site(site);
                self.set_end(end);
            }
        }
    }

    fn set_task(&mut self, now: TaskNow) {
        self.detail = Some(variant(&now));
        if let Some(site) = now.site() {
            self.set_site(site);
        }
        match now {
            TaskNow::Paused { kind, .. } => self.call = Some(kind),
            TaskNow::Sleeping { time, .. } => self.duration_ns = Some(time.0),
            TaskNow::Joining { task, .. } => self.joined_task = Some(task.0),
            TaskNow::Failed(end) => self.set_end(end),
            _ => {}
        }
    }
}

/// Where each socket's other end is, and what the clients are called.
pub(super) struct Peers {
    addresses: HashMap<SocketId, SocketAddr>,
    /// The state at the end of the recording: a client's name is recorded a
    /// little after its connection.
    end: ObservedState,
}

/// What is written of a recording, in its order.
pub(super) enum Item<'a> {
    Event(Box<EventRow<'a>>),
    /// Anything else, and what was known with it.
    Other(&'a Observation, &'a ObservedState),
}

/// Reads the part of a recording that is wanted. The names that are known
/// where it begins come first.
pub(super) fn for_each_item(
    subject: &ExportSubject,
    mut begin: impl FnMut(&ObservedState) -> Result<(), ExportFailure>,
    mut put: impl FnMut(Item) -> Result<(), ExportFailure>,
) -> Result<(), ExportFailure> {
    let ExportSubject { recording, from, until, .. } = *subject;
    let mut cursor = subject.cursor()?;
    begin(cursor.known())?;
    let sockets = cursor.known().counters.sockets.iter();
    let open = sockets.filter(|it| it.end.is_none());
    let addresses = open.filter_map(|it| Some((it.id, it.peer?)));
    let addresses = addresses.collect();
    let mut peers = Peers { addresses, end: state_at_end(recording) };
    loop {
        let number = cursor.event();
        let Some(record) = cursor.step()? else { return Ok(()) };
        let Observation::Event(event) = &record else {
            let at = record.at();
            if at.is_none_or(|at| from <= at && at <= until) {
                put(Item::Other(&record, cursor.known()))?;
            }
            continue;
        };
        if let Event::Note { note: Note::Opened { socket, peer }, .. } = event
            && let Some(peer) = peer
            && peers.addresses.len() < KEPT_SOCKETS
        {
            peers.addresses.insert(*socket, *peer);
        }
        let since = match *event {
            Event::Exit { entered, .. } => entered,
            Event::Idle { since, .. } => since,
            Event::Enter { at, .. } | Event::Note { at, .. } => at,
        };
        if event.at().duration() >= from && since.duration() <= until {
            let row = EventRow::new(number, event, &peers);
            put(Item::Event(Box::new(row)))?;
        }
        if let Event::Note { note: Note::Closed { socket, .. }, .. } = event {
            peers.addresses.remove(socket);
        }
    }
}

/// The name of an enum's variant as it is serialised.
fn variant(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name,
        Ok(Value::Object(fields)) => {
            fields.into_iter().next().map(|(name, _)| name).unwrap_or_default()
        }
        _ => String::new(),
    }
}
