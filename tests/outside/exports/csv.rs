//! A row an event, for spreadsheets.

use super::language::{exported, lines, of_kind};
use crate::support::process::MODES;
use crate::support::process::{Folder, record};
use serde_json::Value;
use sockscope::export::COLUMNS;

/// Rows by the names of their columns.
fn rows(text: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().unwrap().clone();
    assert!(names.iter().eq(COLUMNS.split(',')));
    let with_names = |row: csv::StringRecord| {
        let pairs = names.iter().zip(row.iter());
        pairs.map(|(name, cell)| (name.into(), cell.into())).collect()
    };
    reader.records().map(|row| with_names(row.unwrap())).collect()
}

/// A value of JSON as a cell.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Each row is the event of the lines of JSON, no more and no less.
#[test]
fn the_rows_are_the_events() {
    let folder = Folder::new("csv-rows");
    for mode in MODES {
        let file = record(&folder, mode, "two-clients", &[]);
        for window in [&[][..], &["--from", "500ms", "--until", "1s"]] {
            let json = lines(&exported(&file, "jsonl", window));
            let events = of_kind(&json, "event");
            let rows = rows(&exported(&file, "csv", window));
            assert_eq!(rows.len(), events.len(), "{mode}");
            for (row, event) in rows.iter().zip(events) {
                for (name, found) in row {
                    assert_eq!(*found, cell(&event[name]), "{name}: {event}");
                }
                let some = row.iter().filter(|(_, cell)| !cell.is_empty());
                let kind = 1;
                let fields = event.as_object().unwrap().len() - kind;
                assert_eq!(some.count(), fields, "{event}");
            }
        }
    }
}

#[test]
fn lines_end_as_the_rfc_says() {
    let folder = Folder::new("csv-ends");
    let file = record(&folder, "serial", "half-close", &[]);
    let text = exported(&file, "csv", &[]);
    assert!(text.ends_with("\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
}
