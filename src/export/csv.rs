//! Events as a table for spreadsheets: RFC 4180, a row an event.
//!
//! # The columns
//!
//! The first row names the columns: [`COLUMNS`], each as the field of
//! [`Row`] with that name, which tells what it holds and in which unit.
//! They keep their order, and new ones are added at the end. A cell is empty
//! where its column does not apply. `true` and `false` are written so.
//!
//! The text of a cell that comes from the recording has its control
//! characters escaped, and an apostrophe before a beginning that a
//! spreadsheet would take for a formula: `=`, `+`, `-`, `@`.

use super::row::Row;
use super::window::Peers;
use super::{Failure, Out, Subject};
use crate::text::clean;
use std::fmt::Display;
use std::io;

/// The columns in their order.
pub const COLUMNS: [&str; 26] = [
    "number",
    "at_ns",
    "thread",
    "event",
    "call",
    "socket",
    "peer",
    "name",
    "task",
    "file",
    "line",
    "outcome",
    "accepted",
    "bytes",
    "entered_ns",
    "duration_ns",
    "pending_bytes",
    "echoes",
    "count",
    "passes",
    "readable",
    "writable",
    "end",
    "error",
    "detail",
    "joined_task",
];

/// Writes the events in the window.
///
/// # Errors
/// See [`Failure`].
pub fn csv(it: &Subject, out: Out) -> Result<(), Failure> {
    let mut sheet = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(out);
    sheet.write_record(COLUMNS).map_err(unwritable)?;
    let went =
        rows(it, &mut |row| sheet.write_record(cells(row)).map_err(unwritable));
    sheet.flush()?;
    went
}

fn rows(
    it: &Subject,
    put: &mut dyn FnMut(&Row) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut cursor = it.start()?;
    let mut peers = Peers::known(it.recording, cursor.state());
    loop {
        let number = cursor.event();
        let Some(record) = cursor.step()? else { return Ok(()) };
        let Some(event) = record.event() else { continue };
        peers.before(event);
        if it.wants(event) {
            put(&Row::of(number, event, &peers))?;
        }
        peers.after(event);
    }
}

fn cells(row: &Row) -> [String; COLUMNS.len()] {
    [
        row.number.to_string(),
        row.at_ns.to_string(),
        row.thread.to_string(),
        row.event.word().into(),
        shown(row.call.map(crate::probe::Kind::name)),
        shown(row.socket),
        shown(row.peer),
        row.name.map(foreign).unwrap_or_default(),
        shown(row.task),
        row.file.map(foreign).unwrap_or_default(),
        shown(row.line),
        shown(row.outcome.map(super::words::Way::word)),
        shown(row.accepted),
        shown(row.bytes),
        shown(row.entered_ns),
        shown(row.duration_ns),
        shown(row.pending_bytes),
        shown(row.echoes),
        shown(row.count),
        shown(row.passes),
        shown(row.readable),
        shown(row.writable),
        shown(row.end.map(super::words::Ending::word)),
        shown(row.error.as_deref()),
        shown(row.detail),
        shown(row.joined_task),
    ]
}

fn shown(value: Option<impl Display>) -> String {
    value.map(|it| it.to_string()).unwrap_or_default()
}

/// Text that neither a terminal nor a spreadsheet takes for more than text.
fn foreign(text: &str) -> String {
    let text = clean(text);
    let computes = text.trim_start().starts_with(['=', '+', '-', '@']);
    if computes { format!("'{text}") } else { text }
}

fn unwritable(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_no_formula() {
        let made = ["=1+1", "+1", "-1", "@a", " =1", "a=1", "", "\u{1b}[2J"];
        let expected =
            ["'=1+1", "'+1", "'-1", "'@a", "' =1", "a=1", "", "\\u{1b}[2J"];
        assert_eq!(made.map(foreign), expected);
    }
}
