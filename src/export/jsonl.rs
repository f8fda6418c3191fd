//! A recording as lines of JSON, for programs.
//!
//! Each line is an object with a `kind` ([`Line`]):
//!
//! | kind | what it is | how many |
//! | --- | --- | --- |
//! | `recording` | what was run: a [`RecordingLine`] | the first line |
//! | `event` | an event: a [`EventRow`], as in CSV | any |
//! | `counters` | what the exact counters had counted: [`CountersLine`] | any |
//! | `measured` | what was measured beside: [`MeasuredLine`] | any |
//! | `holds` | who is held at the gate: [`HoldsLine`] | any |
//! | `named` | what the client at an address is called: [`NamedLine`] | any |
//! | `payload` | the first bytes of a transfer: [`PayloadLine`] | any |
//! | `complete` | how the run ended: a [`CompleteLine`] | the last line, or |
//! | `truncated` | where it ends and why: a [`TruncatedLine`] | the last line |
//!
//! Lines stand in the order of the recording, which is that of time but for
//! what several threads did within microseconds. Field names end in their
//! unit; one without is a count or a name. Times count from the start of the
//! recording's clock. What does not apply, or is not known, is missing; it is
//! never zero. Control characters in texts are escaped as JSON has it, also
//! those for which JSON does not ask.
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
//! The first line tells it: `schema_version` is [`JSONL_VERSION`]. It is
//! raised when a field goes away, changes its name, its unit or its meaning,
//! or may be missing where it never was. New fields and kinds of lines do not
//! raise it: readers pass over what they do not know. [`jsonl_schema`] is the
//! JSON Schema of a line, which `tests/outside/exports/jsonl.schema.json`
//! holds as a file; a test keeps the two equal.

use super::event_row::{EventRow, Item, for_each_item};
use super::{ExportFailure, ExportSubject, Out};
use crate::net::ServerOptions;
use crate::probe::{Before, Kind, ThreadAtGate};
use crate::recording::{self, Ending};
use crate::run::conditions::Conditions;
use crate::run::report::{RunReport, ServerReport, server_report};
use crate::text::steers;
use crate::units::nanoseconds;
use crate::view::{Observation, ObservedState};
use schemars::JsonSchema;
use serde::{Deserialize as _, Serialize};
use serde_json::ser::Formatter;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

/// The version of the form of the lines; see above for when it changes.
pub const JSONL_VERSION: u32 = 2;

/// The JSON Schema of a line.
///
/// # Errors
/// What serialization reports; plain values give it no cause.
pub fn jsonl_schema() -> Result<String, serde_json::Error> {
    let schema = schemars::schema_for!(Line);
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}

/// Writes what was run, the records in the window, and how it ended.
///
/// # Errors
/// See [`ExportFailure`].
pub fn jsonl(it: &ExportSubject, out: Out) -> Result<(), ExportFailure> {
    put(out, &Line::Recording(Box::new(head(it))))?;
    let went = records(it, out);
    let ending = match (&went, it.recording.ending()) {
        (Err(ExportFailure::Write(_)), _) => return went,
        (Err(ExportFailure::Read(error)), _) => {
            cut(it, error.offset(), error.to_string())
        }
        (Ok(()), Ending::Truncated { at, why }) => cut(it, *at, why.clone()),
        (Ok(()), Ending::Complete(closing)) => {
            let report = closing.report.as_ref();
            Line::Complete(Box::new(CompleteLine {
                at_ns: closing.at_ns,
                events: closing.events,
                events_lost: closing.lost,
                payloads_lost: closing.payloads_lost,
                failure: closing.failure.clone(),
                report: report.and_then(RunReport::from_json),
            }))
        }
    };
    put(out, &ending)?;
    went
}

fn put(out: Out, line: &Line) -> Result<(), ExportFailure> {
    let form = TerminalSafe;
    let mut json = serde_json::Serializer::with_formatter(&mut *out, form);
    line.serialize(&mut json).map_err(io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}

fn cut(it: &ExportSubject, at_byte: u64, why: String) -> Line<'static> {
    let (events, events_lost) = (it.recording.events(), it.recording.lost());
    Line::Truncated(TruncatedLine { at_byte, why, events, events_lost })
}

fn records(it: &ExportSubject, out: Out) -> Result<(), ExportFailure> {
    let out = RefCell::new(out);
    let put = |line: &Line| put(&mut **out.borrow_mut(), line);
    let loop_call = it.recording.header().settings.loop_call;
    // What was said before the window and still holds, in a fixed order.
    let begin = |state: &ObservedState| {
        let names: BTreeMap<_, _> = state.names.iter().collect();
        let mut names = names.into_iter();
        names.try_for_each(|(address, name)| put(&named(*address, name)))
    };
    for_each_item(it, begin, |item| match item {
        Item::Event(row) => put(&Line::Event(row)),
        Item::Other(record, state) => match line(record, state, loop_call) {
            Some(line) => put(&line),
            None => Ok(()),
        },
    })
}

const fn named(address: SocketAddr, name: &str) -> Line<'_> {
    Line::Named(NamedLine { address, name })
}

/// The line of a record that is no event. `state` is what was known after it.
fn line<'a>(
    record: &'a Observation,
    state: &ObservedState,
    loop_call: Kind,
) -> Option<Line<'a>> {
    Some(match record {
        Observation::Event(_) => return None,
        Observation::Counters(update) => {
            Line::Counters(Box::new(CountersLine {
                at_ns: update.at.0,
                events_lost: update.lost,
                server: server_report(&state.counters, loop_call),
            }))
        }
        Observation::Payload(it) => Line::Payload(PayloadLine {
            at_ns: it.at.0,
            thread: it.thread.0,
            call: it.kind,
            socket: it.socket.0,
            moved_bytes: it.moved,
            escaped: it.bytes.escape_ascii().to_string(),
        }),
        Observation::Measured(it) => {
            let load = it.echoes();
            let time = load.map(|load| load.echo_time);
            Line::Measured(MeasuredLine {
                at_ns: it.at.0,
                cpu_cores: it.cpu.filter(|cpu| cpu.is_finite()),
                connected: it.load.as_ref().map(|load| load.connected),
                waiting: it.waiting,
                clients_done: it.clients_done,
                echo_p50_ns: time.map(|time| time.p50_ns),
                echo_p99_ns: time.map(|time| time.p99_ns),
                echo_histogram: load
                    .map_or_else(Vec::new, |load| load.classes.clone()),
            })
        }
        Observation::Control(holds) => Line::Holds(HoldsLine {
            at_ns: holds.at.0,
            paused: holds.paused,
            delay_ns: holds.speed.delay().map(nanoseconds),
            held: holds.held.iter().map(held).collect(),
        }),
        Observation::Named(it) => named(it.address, &it.name),
    })
}

fn head<'a>(it: &ExportSubject<'a>) -> RecordingLine<'a> {
    let (recording, header) = (it.recording, it.recording.header());
    let scenario = header.facts.scenario.as_ref();
    let until = (it.until != Duration::MAX).then_some(it.until);
    RecordingLine {
        schema_version: JSONL_VERSION,
        recording_version: recording::VERSION,
        file: it.name,
        sockscope_version: &header.sockscope,
        mode: &header.facts.mode,
        mechanism: &header.facts.mechanism,
        address: header.facts.address,
        started_at: &header.started_at,
        scenario: scenario.map(|it| it.name.as_str()),
        scenario_title: scenario.map(|it| it.title.as_str()),
        options: &header.options,
        server: header.settings.options,
        conditions: Conditions::deserialize(&header.conditions).ok(),
        duration_limit_ns: header.duration_ns,
        clients_apart: header.facts.clients_apart,
        payload_limit_bytes: header.payload_limit,
        source_file: &header.facts.source.path,
        is_complete: recording.closing().is_some(),
        duration_ns: nanoseconds(recording.duration()),
        events: recording.events(),
        events_lost: recording.lost(),
        from_ns: (!it.from.is_zero()).then(|| nanoseconds(it.from)),
        until_ns: until.map(nanoseconds),
    }
}

fn held(it: &ThreadAtGate) -> Held {
    let mut held =
        Held { thread: it.thread.0, since_ns: it.since.0, ..Held::default() };
    match it.before {
        Before::Call { kind, socket, site } => {
            held.call = Some(kind);
            held.socket = Some(socket.0);
            held.file = Some(site.name());
            held.line = Some(site.line);
        }
        Before::Step(step) => held.step = Some(step.name()),
        Before::Task(task) => held.task = Some(task.0),
    }
    held
}

/// A line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Line<'a> {
    /// The first line: what was run.
    Recording(Box<RecordingLine<'a>>),
    /// Something that happened.
    Event(Box<EventRow<'a>>),
    /// What the exact counters had counted at a moment.
    Counters(Box<CountersLine>),
    /// What was measured beside the counters, if it has changed.
    Measured(MeasuredLine),
    /// Who is held at the gate, and what is asked of it, if that has changed.
    Holds(HoldsLine),
    /// What the client at an address is called.
    Named(NamedLine<'a>),
    /// The first bytes of a transfer.
    Payload(PayloadLine),
    /// The last line of a recording that has its end.
    Complete(Box<CompleteLine>),
    /// The last line of one that has not.
    Truncated(TruncatedLine),
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct RecordingLine<'a> {
    /// The version of the form of these lines.
    pub schema_version: u32,
    /// The newest format of recordings that the exporting program reads.
    pub recording_version: u16,
    /// The recording's file, without its folders.
    pub file: &'a str,
    /// The version of sockscope that made the recording.
    pub sockscope_version: &'a str,
    /// The mode: `selector`.
    pub mode: &'a str,
    /// What it waits with: `epoll`, `read(2)`, `nothing`.
    pub mechanism: &'a str,
    /// Where the server listened.
    #[schemars(with = "String")]
    pub address: SocketAddr,
    /// When the run began, as RFC 3339 has it.
    pub started_at: &'a str,
    /// The scenario's name; missing without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<&'a str>,
    /// The scenario's title: a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario_title: Option<&'a str>,
    /// The words of the command line, without the mode.
    pub options: &'a [String],
    /// The server's options, with the defaults filled in.
    pub server: ServerOptions,
    /// Under what conditions it ran, as in a report; missing if a program
    /// that knows others made the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Conditions>,
    /// When the run was to end by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_limit_ns: Option<u64>,
    /// Whether the clients ran in a process of their own.
    pub clients_apart: bool,
    /// How many bytes of each transfer were kept, at most.
    pub payload_limit_bytes: u32,
    /// The mode's source file, with its folders.
    pub source_file: &'a str,
    /// Whether the recording has its end.
    pub is_complete: bool,
    /// The latest time in the recording.
    pub duration_ns: u64,
    /// How many events the recording has, also outside of the window.
    pub events: u64,
    /// How many events found no room in it, as far as it tells.
    pub events_lost: u64,
    /// The beginning of the window; missing if it is that of the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_ns: Option<u64>,
    /// The end of the window; missing if it is that of the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_ns: Option<u64>,
}

/// What the exact counters had counted from the start of the run to a
/// moment.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct CountersLine {
    /// When they were read.
    pub at_ns: u64,
    /// How many events had found no room by then.
    pub events_lost: u64,
    /// The same figures as in a report, but for those of the system.
    #[serde(flatten)]
    pub server: ServerReport,
}

/// What was measured beside the counters.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct MeasuredLine {
    /// When.
    pub at_ns: u64,
    /// Processor time a second of run, from 0 to the number of cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_cores: Option<f32>,
    /// How many clients of the scenario have had their connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connected: Option<u64>,
    /// How many clients wait in the backlog.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<u64>,
    /// Whether all clients of the scenario have ended.
    pub clients_done: bool,
    /// Half of the echoes took no longer, as the clients saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echo_p50_ns: Option<u64>,
    /// 99 in a hundred echoes took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echo_p99_ns: Option<u64>,
    /// How many echoes took how long: a class for each doubling, from that
    /// of the shortest on.
    pub echo_histogram: Vec<u64>,
}

/// Who is held at the gate, and what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct HoldsLine {
    /// When this was so.
    pub at_ns: u64,
    /// Whether the server is paused.
    pub paused: bool,
    /// How long each thread waits before each call; missing at full speed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ns: Option<u64>,
    /// Who is held, the longest first.
    pub held: Vec<Held>,
}

/// A thread that is held, and what it will do when it passes: a call, a step
/// of the event loop, or a run of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Held {
    /// Which thread.
    pub thread: u16,
    /// Since when.
    pub since_ns: u64,
    /// The call that it will make.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Kind>,
    /// The socket of that call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket: Option<u32>,
    /// The source file of that call, without its folders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<&'static str>,
    /// The line there, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The step that the event loop will come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<&'static str>,
    /// The task that the event loop will run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<u32>,
}

/// What the client at an address is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct NamedLine<'a> {
    /// Its end of the connection: the peer of the server's socket.
    #[schemars(with = "String")]
    pub address: SocketAddr,
    /// Its name.
    pub name: &'a str,
}

/// The first bytes of a transfer: of a read, the last one of its thread on
/// that socket that returned at this time or before; of a write, the first
/// one that returned at this time or later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct PayloadLine {
    /// When they were copied.
    pub at_ns: u64,
    /// The thread that made the call.
    pub thread: u16,
    /// Read or write.
    pub call: Kind,
    /// The socket.
    pub socket: u32,
    /// How many bytes were moved in all.
    pub moved_bytes: u32,
    /// The first of them: printable ASCII as it is, a backslash before `\`,
    /// `'` and `"`, `\t`, `\r`, `\n`, and `\x` with two hexadecimal digits
    /// for every other byte. In Python:
    /// `text.encode().decode("unicode_escape").encode("latin-1")`.
    pub escaped: String,
}

/// How the run ended.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct CompleteLine {
    /// When the recording ended.
    pub at_ns: u64,
    /// How many events it holds, also outside of the window.
    pub events: u64,
    /// How many events found no room.
    pub events_lost: u64,
    /// How many payloads found no room.
    pub payloads_lost: u64,
    /// Why the run failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The report of the whole run, as `--report json` writes it; missing if
    /// the run failed before it had one, or if it is in a form that the
    /// exporting program does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<RunReport>,
}

/// Where the recording ends, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct TruncatedLine {
    /// Behind the last byte of the recording that could be used.
    pub at_byte: u64,
    /// What is wrong there.
    pub why: String,
    /// How many events it has up to there, also outside of the window.
    pub events: u64,
    /// How many events found no room, as far as it tells.
    pub events_lost: u64,
}

/// Writes JSON in one line; what could steer a terminal is escaped, also
/// where JSON does not ask for it.
pub(super) struct TerminalSafe;

impl Formatter for TerminalSafe {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let mut plain = 0;
        for (at, c) in text.char_indices().filter(|(_, c)| steers(*c)) {
            out.write_all(&text.as_bytes()[plain..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            plain = at + c.len_utf8();
        }
        out.write_all(&text.as_bytes()[plain..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_read_back_and_have_no_control_characters() {
        let said = "é\u{9b}2J\u{7f}\n\"\\\u{202e}x\u{1f600}";
        let mut bytes = Vec::new();
        let mut json =
            serde_json::Serializer::with_formatter(&mut bytes, TerminalSafe);
        assert!(said.serialize(&mut json).is_ok());
        let json = String::from_utf8_lossy(&bytes);
        assert!(!json.contains(steers), "{json}");
        let back: Result<String, _> = serde_json::from_str(&json);
        assert_eq!(back.ok().as_deref(), Some(said));
    }
}
