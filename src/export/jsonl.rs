//! A recording as lines of JSON, for programs.
//!
//! Each line is an object with a `kind` ([`Line`]):
//!
//! | kind | what it is | how many |
//! | --- | --- | --- |
//! | `recording` | what was run: a [`RecordingLine`] | the first line |
//! | `event` | an event: a [`EventRow`], as in CSV | any |
//! | `counters` | what the exact counters had counted: [`CountersLine`] | any |
//! | `measured` | what was measured besides: [`Measured`] | any |
//! | `queues` | what the kernel held for the server: [`QueuesLine`] | any |
//! | `holds` | which threads the gate holds: [`HoldsLine`] | any |
//! | `named` | the name of the client at an address: [`Named`] | any |
//! | `payload` | the first bytes of a transfer: [`PayloadLine`] | any |
//! | `complete` | how the run ended: a [`Closing`] | the last line, or |
//! | `truncated` | where and why it ends: a [`TruncatedLine`] | the last line |
//!
//! Lines are in the order of the recording, which is that of time except for
//! what several threads did within microseconds. Field names end in their
//! unit; one without is a count or a name. Times count from the start of the
//! recording's clock. What does not apply to an event is missing, and what is
//! not known is `null`; neither is ever zero. All control characters in texts
//! are escaped as in JSON, even those for which JSON does not require it.
//!
//! ```python
//! import json, sys
//! for line in map(json.loads, sys.stdin):
//!     if line["kind"] == "event" and line.get("outcome") == "would_block":
//!         print(line["at_ns"], line["call"], line["socket"])
//! ```
//!
//! # The version
//!
//! The first line has it: `schema_version` is [`JSONL_VERSION`]. It is raised
//! when a field is removed, changes its name, its unit or its meaning, or
//! becomes optional. New fields and kinds of lines do not raise it: readers
//! skip what they do not know. [`jsonl_schema`] is the JSON Schema of a line,
//! which is also in the file `tests/outside/exports/jsonl.schema.json`; a test
//! keeps the two equal.

use super::event_row::{EventRow, Item, for_each_item};
use super::{ExportFailure, ExportSubject, Out};
use crate::probe::{Kind, SocketId, ThreadAtGate, ThreadId};
use crate::recording::{self, Closing, Ending, Header};
use crate::report::{ReportError, schema_of};
use crate::run::report::{ServerReport, server_report};
use crate::system::queues::KernelQueues;
use crate::text::foreign;
use crate::units::{Nanos, nanoseconds};
use crate::view::{Measured, Named, Observation};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

/// The version of the format of the lines; see above for when it changes.
pub const JSONL_VERSION: u32 = 2;

/// The JSON Schema of a line.
///
/// # Errors
/// If serialisation fails, which does not happen for plain values.
pub fn jsonl_schema() -> Result<String, ReportError> {
    schema_of::<Line>()
}

/// Writes what was run, the records in the window, and how it ended.
///
/// # Errors
/// See [`ExportFailure`].
pub fn jsonl(it: &ExportSubject, out: Out) -> Result<(), ExportFailure> {
    let recording = it.recording;
    let head = RecordingLine {
        schema_version: JSONL_VERSION,
        recording_version: recording::VERSION,
        file: it.name,
        header: recording.header(),
        is_complete: recording.is_whole(),
        duration_ns: recording.duration().into(),
        events: recording.events(),
        events_lost: recording.lost(),
        from_ns: (!it.from.is_zero()).then(|| it.from.into()),
        until_ns: (it.until != Duration::MAX).then(|| it.until.into()),
    };
    put(out, &Line::Recording(head))?;
    let went = records(it, out);
    let (at_byte, why) = match (&went, recording.ending()) {
        (Err(ExportFailure::Write(_)), _) => return went,
        (Err(ExportFailure::Read(error)), _) => {
            (error.offset(), error.to_string())
        }
        (Ok(()), Ending::Truncated { at, why }) => (*at, why.clone()),
        (Ok(()), Ending::Complete(closing)) => {
            return put(out, &Line::Complete(closing));
        }
    };
    let (events, events_lost) = (recording.events(), recording.lost());
    let line = TruncatedLine { at_byte, why, events, events_lost };
    put(out, &Line::Truncated(line))?;
    went
}

fn put(out: Out, line: &Line) -> Result<(), ExportFailure> {
    let json = serde_json::to_string(line).map_err(io::Error::from)?;
    Ok(writeln!(out, "{}", foreign::json(&json))?)
}

fn records(it: &ExportSubject, out: Out) -> Result<(), ExportFailure> {
    let cursor = it.cursor()?;
    let loop_call = it.recording.header().settings.loop_call;
    // Names from before the window come first, sorted by address.
    let known: BTreeMap<_, _> = cursor.known().names.iter().collect();
    for (address, name) in known {
        let named = Named { address: *address, name: name.clone() };
        put(out, &Line::Named(&named))?;
    }
    for_each_item(it, cursor, |item| {
        let (record, known) = match item {
            Item::Event(row) => return put(out, &Line::Event(row)),
            Item::Other(record, known) => (record, known),
        };
        let line = match record {
            Observation::Event(_) => return Ok(()),
            Observation::Counters(update) => {
                Line::Counters(Box::new(CountersLine {
                    at_ns: update.at,
                    events_lost: update.lost,
                    server: server_report(&known.counters, loop_call),
                }))
            }
            Observation::Payload(it) => Line::Payload(PayloadLine {
                at_ns: it.at,
                thread: it.thread,
                call: it.kind,
                socket: it.socket,
                moved_bytes: it.moved,
                escaped: it.bytes.escape_ascii().to_string(),
            }),
            Observation::Measured(it) => Line::Measured(it),
            Observation::Control(it) => Line::Holds(HoldsLine {
                at_ns: it.at,
                paused: it.paused,
                delay_ns: it.speed.delay().map(nanoseconds),
                held: &it.held,
            }),
            Observation::Named(it) => Line::Named(it),
            Observation::Queues(it) => {
                let Some(queues) = &known.queues else { return Ok(()) };
                Line::Queues(QueuesLine { at_ns: it.at, by_peer: queues })
            }
        };
        put(out, &line)
    })
}

/// A line of the export: an object whose `kind` says what it is.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Line<'a> {
    /// The first line: what was run.
    Recording(RecordingLine<'a>),
    /// A recorded event, such as the return of a call.
    Event(Box<EventRow<'a>>),
    /// What the exact counters had counted at a moment.
    Counters(Box<CountersLine>),
    /// What was measured besides the counters, if it has changed.
    Measured(&'a Measured),
    /// What the kernel held for the server at a moment.
    Queues(QueuesLine<'a>),
    /// Which threads the gate holds, and how it is set, if that has changed.
    Holds(HoldsLine<'a>),
    /// The name of the client at an address.
    Named(&'a Named),
    /// The first bytes of a transfer.
    Payload(PayloadLine),
    /// The last line if the recording has its closing.
    Complete(&'a Closing),
    /// The last line if the recording ends early or is damaged.
    Truncated(TruncatedLine),
}

/// What was run, and which part of the recording follows.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct RecordingLine<'a> {
    /// The version of the format of these lines.
    pub schema_version: u32,
    /// The newest format of recordings that the exporting program reads.
    pub recording_version: u16,
    /// The recording's file, without its folders.
    pub file: &'a str,
    /// What was known of the run when it began.
    pub header: &'a Header,
    /// Whether it has all of its run; else it was cut off, or reached its limit.
    pub is_complete: bool,
    /// The latest time in the recording.
    pub duration_ns: Nanos,
    /// How many events the recording has, also outside of the window.
    pub events: u64,
    /// How many events were lost for lack of room, as far as is known.
    pub events_lost: u64,
    /// The beginning of the window; `null`: the beginning of the recording.
    pub from_ns: Option<Nanos>,
    /// The end of the window; `null`: the end of the recording.
    pub until_ns: Option<Nanos>,
}

/// The exact counters, from the start of the run to a moment.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct CountersLine {
    /// When the counters were read.
    pub at_ns: Nanos,
    /// How many events had been lost for lack of room by then.
    pub events_lost: u64,
    /// The figures of a report, without those that the system provides.
    #[serde(flatten)]
    pub server: ServerReport,
}

/// What the kernel held for the server at a moment. There is no such line if
/// the system does not provide it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct QueuesLine<'a> {
    /// The time just before it was read.
    pub at_ns: Nanos,
    /// By the addresses of the clients: the connections with something in
    /// their queues, and those that the server has not accepted yet; at most
    /// 4,096.
    pub by_peer: &'a KernelQueues,
}

/// Which threads the gate holds, and how it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct HoldsLine<'a> {
    /// When this state was recorded.
    pub at_ns: Nanos,
    /// Whether the server is paused.
    pub paused: bool,
    /// How long each thread waits before each call; `null` at full speed.
    pub delay_ns: Option<u64>,
    /// The threads that are held, the longest first, and what each will do
    /// next.
    pub held: &'a [ThreadAtGate],
}

/// The first bytes of a transfer: of a read, the last one of its thread on
/// that socket that returned at this time or before; of a write, the first
/// one that returned at this time or later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct PayloadLine {
    /// When the bytes were copied.
    pub at_ns: Nanos,
    /// The thread that made the call.
    pub thread: ThreadId,
    /// The call: `read` or `write`.
    pub call: Kind,
    /// The socket of the call.
    pub socket: SocketId,
    /// How many bytes the call moved, including those that are not here.
    pub moved_bytes: u32,
    /// The first bytes: printable ASCII as it is, a backslash before `\`, `'`
    /// and `"`, `\t`, `\r`, `\n`, and `\x` with two hexadecimal digits for
    /// every other byte. In Python:
    /// `text.encode().decode("unicode_escape").encode("latin-1")`.
    pub escaped: String,
}

/// Where the readable part of the recording ends, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct TruncatedLine {
    /// The offset after the last byte of the recording that could be used.
    pub at_byte: u64,
    /// What is wrong at that offset, in words.
    pub why: String,
    /// How many events the recording has, also outside of the window.
    pub events: u64,
    /// How many events were lost for lack of room, as far as is known.
    pub events_lost: u64,
}
