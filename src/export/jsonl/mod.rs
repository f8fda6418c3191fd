//! A recording as lines of JSON, for programs.
//!
//! Each line is an object with a `kind` ([`Line`]):
//!
//! | kind | what it is | how many |
//! | --- | --- | --- |
//! | `recording` | what was run: a [`Head`] | the first line |
//! | `event` | an event: a [`EventRow`], as in CSV | any |
//! | `counters` | what the exact counters had counted: [`Counts`] | any |
//! | `measured` | what was measured beside: [`Beside`] | any |
//! | `holds` | who is held at the gate: [`Gated`] | any |
//! | `named` | what the client at an address is called: [`Name`] | any |
//! | `payload` | the first bytes of a transfer: [`Bytes`] | any |
//! | `complete` | how the run ended: a [`Tail`] | the last line, or |
//! | `truncated` | where the recording ends and why: a [`Cut`] | the last line |
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

mod letters;
mod line;
mod of_record;

pub use line::{
    Beside, Bytes, Counts, Cut, Gated, Head, Held, Line, Name, Tail,
};

use super::event_row::EventRow;
use super::window::Peers;
use super::{ExportFailure, ExportSubject, Out};
use crate::recording::{self, Ending, Recording};
use crate::run::conditions::Conditions;
use crate::run::report::RunReport;
use crate::units::nanoseconds;
use crate::view::{Known, Observation};
use letters::Letters;
use of_record::named;
use serde::{Deserialize as _, Serialize as _};
use std::time::Duration;

/// The version of the form of the lines; see above for when it changes.
pub const JSONL_VERSION: u32 = 1;

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
    put(out, &Line::Recording(Box::new(Head::of(it))))?;
    match records(it, out) {
        Ok(()) => put(out, &ending(it.recording)),
        Err(ExportFailure::Read(error)) => {
            let cut = Cut {
                at_byte: error.offset(),
                why: error.to_string(),
                events: it.recording.events(),
                events_lost: it.recording.lost(),
            };
            put(out, &Line::Truncated(cut))?;
            Err(ExportFailure::Read(error))
        }
        failed => failed,
    }
}

fn put(out: Out, line: &Line) -> Result<(), ExportFailure> {
    let mut json = serde_json::Serializer::with_formatter(&mut *out, Letters);
    line.serialize(&mut json).map_err(std::io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}

fn records(it: &ExportSubject, out: Out) -> Result<(), ExportFailure> {
    let mut cursor = it.start()?;
    let mut peers = Peers::known(it.recording, cursor.known());
    for (address, name) in known_names(cursor.known()) {
        put(out, &named(address, name))?;
    }
    loop {
        let number = cursor.event();
        let Some(record) = cursor.step()? else { return Ok(()) };
        if let Observation::Event(event) = &record {
            peers.before(event);
            if it.wants(event) {
                let row = EventRow::new(number, event, &peers);
                put(out, &Line::Event(Box::new(row)))?;
            }
            peers.after(event);
        } else if wants(it, &record) {
            let loop_call = it.recording.header().settings.loop_call;
            let line = of_record::line(&record, cursor.known(), loop_call);
            line.map_or(Ok(()), |line| put(out, &line))?;
        }
    }
}

/// What was said before the window and still holds, in a fixed order.
fn known_names(state: &Known) -> Vec<(std::net::SocketAddr, &str)> {
    let names = state.names.iter();
    let mut names: Vec<_> =
        names.map(|(address, name)| (*address, name.as_str())).collect();
    names.sort_unstable();
    names
}

fn wants(it: &ExportSubject, record: &Observation) -> bool {
    match record.event() {
        Some(event) => it.wants(event),
        None => record.at().is_none_or(|at| it.has(at)),
    }
}

fn ending(recording: &Recording) -> Line<'_> {
    match recording.ending() {
        Ending::Complete(closing) => {
            Line::Complete(Box::new(Tail::of(closing)))
        }
        Ending::Truncated { at, why } => Line::Truncated(Cut {
            at_byte: *at,
            why: why.clone(),
            events: recording.events(),
            events_lost: recording.lost(),
        }),
    }
}

impl Tail {
    fn of(closing: &recording::Closing) -> Self {
        let report = closing.report.as_ref();
        Self {
            at_ns: closing.at_ns,
            events: closing.events,
            events_lost: closing.lost,
            payloads_lost: closing.payloads_lost,
            failure: closing.failure.clone(),
            report: report.and_then(RunReport::from_json),
        }
    }
}

impl<'a> Head<'a> {
    fn of(it: &ExportSubject<'a>) -> Self {
        let (recording, header) = (it.recording, it.recording.header());
        let scenario = header.facts.scenario.as_ref();
        let until = (it.until != Duration::MAX).then_some(it.until);
        Self {
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
}
