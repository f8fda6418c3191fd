//! Events as a table for spreadsheets: RFC 4180, one row per event. Records
//! that are not events, such as the kernel's queues, are left out.
//!
//! # The columns
//!
//! The first row names the columns: [`COLUMNS`]. Each is the field of
//! [`EventRow`] with that name, whose documentation has its meaning and unit.
//! Their order does not change, and new ones are added at the end. A cell is
//! empty where its column does not apply. Booleans are `true` and `false`.
//!
//! The text of a cell that comes from the recording has its control
//! characters escaped, and an apostrophe before it if a spreadsheet would take
//! it for a formula, as it begins with `=`, `+`, `-` or `@`.

use super::event_row::{EventRow, Item, for_each_item};
use super::{ExportFailure, ExportSubject, Out};
use crate::text::foreign;
use serde_json::Value;
use std::io;

/// The columns in their order, with commas between them.
pub const COLUMNS: &str = "number,at_ns,thread,event,call,socket,peer,name,\
    task,file,line,outcome,accepted,bytes,entered_ns,duration_ns,\
    pending_bytes,echoes,count,passes,readable,writable,end,error,detail,\
    joined_task";

/// Writes the events in the window.
///
/// # Errors
/// See [`ExportFailure`].
pub fn csv(it: &ExportSubject, out: Out) -> Result<(), ExportFailure> {
    let mut sheet = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(out);
    sheet.write_record(COLUMNS.split(',')).map_err(unwritable)?;
    let written = for_each_item(it, it.cursor()?, |item| {
        if let Item::Event(row) = item {
            sheet.write_record(cells(&row)?).map_err(unwritable)?;
        }
        Ok(())
    });
    sheet.flush()?;
    written
}

/// The cells of a row, taken from its JSON.
fn cells(row: &EventRow) -> io::Result<impl Iterator<Item = String>> {
    let row = serde_json::to_value(row)?;
    Ok(COLUMNS.split(',').map(move |column| match &row[column] {
        Value::Null => String::new(),
        Value::String(text) => foreign::csv(text),
        value => value.to_string(),
    }))
}

fn unwritable(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
